"""The order of records that are handed out: by what they show, and by nothing else."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from anonify.base.sorting import order_keys, pack_columns
from anonify.base.values import Codes


def sort_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return records sorted by what they show, in a new index: column by column in their order.

    Texts are in the order of their characters, numbers and dates by value, missing ones last. Any
    other order could tell which record was which: a shuffle can be undone by whoever knows or
    guesses its seed.

    >>> table = pd.DataFrame({"sex": ["m", "f", "m"], "age": [9, 50, 10]})
    >>> sort_records(table).to_dict("list")
    {'sex': ['f', 'm', 'm'], 'age': [50, 9, 10]}
    """
    return frame.iloc[find_order(frame)].reset_index(drop=True)


def find_order(frame: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Array (records,): the places of the records as :func:`sort_records` sorts them."""
    ranks = (_rank(values) for _, values in frame.items())
    return order_keys(pack_columns(len(frame), ranks))


def find_place(frame: pd.DataFrame, others: pd.DataFrame) -> int:
    """Return before which of sorted records others belong that all show the same; after equal ones.

    Parameters
    ----------
    others : with the same columns, one record at least.
    """
    merged = {
        name: union_categoricals([values, others[name][:1]], ignore_order=True)
        if values.dtype == "category"
        else pd.concat([values, others[name][:1]], ignore_index=True)
        for name, values in frame.items()
    }
    order = find_order(pd.DataFrame(merged))
    return int((order == len(frame)).argmax())


def _rank(values: "pd.Series[Any]") -> Codes:
    """Array (records,): numbers in the order of the values, equal for equal ones."""
    if values.dtype == "category":
        texts = values.cat.categories.astype("str").to_numpy(object)
        rank = np.empty(len(texts) + 1, dtype=np.intp)
        rank[np.argsort(texts, kind="stable")] = np.arange(len(texts))
        rank[-1] = len(texts)
        return rank[values.cat.codes.to_numpy()]
    if values.dtype.kind in "bi" and len(values) and not values.hasnans:
        least = int(values.min())
        if int(values.max()) - least < len(values):
            return values.to_numpy(np.intp) - np.intp(least)
    is_ordered = values.dtype.kind in "biufmM"
    codes, distinct = pd.factorize(values if is_ordered else values.astype("str"), sort=True)
    return np.where(codes < 0, len(distinct), codes)
