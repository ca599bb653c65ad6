"""Counted tables: distinct rows, and how many records each of them stands for.

What is measured of a table is measured on its counts. A table of records is a counted one in which
every row stands for one (:data:`anonify.base.values.RECORDS`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.sorting import group_keys, pack_columns
from anonify.base.values import PERSON, RECORDS, Codes
from anonify.tables.columns import MARKS

Counts = npt.NDArray[np.int64]

Rows = Callable[[Sequence[str]], pd.DataFrame]
"""Gives some columns of a table and the marks that it has, as records or counted."""


def count_rows(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Count the distinct rows of some columns.

    Parameters
    ----------
    names : of the columns; a missing value is one, too.

    Returns
    -------
    Frame with these columns, of the same types, sorted by them, and :data:`RECORDS`.

    >>> table = pd.DataFrame({"sex": ["m", "f", "m"], "age": [30, 40, 30]})
    >>> count_rows(table, ["sex"]).to_dict("list")
    {'sex': ['f', 'm'], 'anonify.records': [1, 2]}
    """
    names = [*dict.fromkeys(names)]
    keys = pack_columns(len(frame), (number_values(frame[name]) for name in names))
    _, _, members = group_keys(keys)
    return count_numbered(frame, names, members)


def count_numbered(frame: pd.DataFrame, names: Sequence[str], members: Codes) -> pd.DataFrame:
    """Count rows that are numbered, as :func:`count_rows` returns them.

    Parameters
    ----------
    members : array (rows,), the number of each row, from 0 without a gap; those of one number have
        the same values.
    """
    one_of_each = np.empty(int(members.max(initial=-1)) + 1, dtype=np.intp)
    one_of_each[members] = np.arange(len(frame))
    rows = {name: frame[name].array.take(one_of_each) for name in dict.fromkeys(names)}
    return pd.DataFrame({**rows, RECORDS: sum_counts(records_of(frame), members)})


def number_values(column: "pd.Series[Any]") -> Codes:
    """Number values in their order from 1; 0 is a missing one."""
    codes = column.cat.codes if column.dtype == "category" else pd.factorize(column, sort=True)[0]
    return np.asarray(codes, dtype=np.intp) + np.intp(1)


def select_rows(frame: pd.DataFrame) -> Rows:
    """Return what gives columns of a table in memory."""
    marks = [mark for mark in (*MARKS, RECORDS) if mark in frame]
    return lambda names: frame[[*names, *marks]]


def records_of(frame: pd.DataFrame) -> Counts:
    """Array (rows,): how many records each row stands for."""
    if RECORDS not in frame:
        return np.ones(len(frame), dtype=np.int64)
    return frame[RECORDS].to_numpy(np.int64)


def count_records(frame: pd.DataFrame) -> int:
    """Count the records of a table."""
    return int(records_of(frame).sum())


def count_everyone(frame: pd.DataFrame) -> int:
    """Count the people of a table: its records, where each is a person of its own."""
    return int(frame[PERSON].nunique()) if PERSON in frame else count_records(frame)


def sum_counts(counts: Counts, members: Codes, groups: int = 0) -> Counts:
    """Array (groups,): the records of each group.

    Parameters
    ----------
    members : array (rows,), the group of each count.
    groups : how many there are at least.
    """
    return np.bincount(members, weights=counts, minlength=groups).astype(np.int64)
