"""The order of many whole numbers, and of rows of them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.values import Codes


def order_keys(keys: npt.NDArray[np.integer[Any]]) -> Codes:
    """Return the places of numbers ≥ 0 in rising order, of equal ones in their own order.

    Number and place are joined to one number, where 63 bits do for both. Processors compare many
    numbers at once, so that to sort these takes a tenth of the time of a stable ``argsort``.

    >>> order_keys(np.array([7, 2, 7, 2])).tolist()
    [1, 3, 0, 2]
    """
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)) >= 2 ** (63 - bits):
        return np.argsort(keys, kind="stable")
    joined = keys.astype(np.int64) << bits
    joined |= np.arange(len(keys))
    joined.sort()
    joined &= (1 << bits) - 1
    return joined.astype(np.intp, copy=False)


def group_keys(keys: npt.NDArray[np.integer[Any]]) -> tuple[Codes, Codes, Codes]:
    """Return the order of keys, where in it each distinct one begins, and the number of each."""
    order = order_keys(keys)
    ordered = keys[order]
    is_first = np.diff(ordered, prepend=ordered[:1] - 1) > 0
    members = np.empty(len(keys), dtype=np.intp)
    members[order] = np.cumsum(is_first) - 1
    return order, np.flatnonzero(is_first), members


def pack_columns(records: int, columns: Iterable[Codes]) -> npt.NDArray[np.int64]:
    """Return array (records,): one number for each row, equal where the rows are equal.

    Rows compare as their numbers do. Columns are renumbered where 63 bits would overflow.

    Parameters
    ----------
    columns : arrays (records,) of numbers ≥ 0; they need not be there all at once.
    """
    keys = np.zeros(records, dtype=np.int64)
    span = 1
    for column in columns:
        base = int(column.max(initial=0)) + 1
        if span * base >= 2**62:
            keys = pd.factorize(keys, sort=True)[0].astype(np.int64)
            span = int(keys.max(initial=0)) + 1
        keys = keys * base + column
        span *= base
    return keys
