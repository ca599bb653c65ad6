"""Top and bottom coding: numbers and dates beyond the ends of a column become these ends.

Source: Hundepool et al., Statistical Disclosure Control, 2012, Section 3.
"""

from datetime import date
from typing import Any

import pandas as pd

from anonify.tables.columns import Column


def code_ends(values: "pd.Series[Any]", column: Column) -> "pd.Series[Any]":
    """Return numbers, or dates as ``YYYY-MM-DD``, with the ends of the column for those beyond."""
    if column.bottom is not None:
        bottom = spell_end(column.bottom, column)
        values = values.where(values >= bottom, bottom)
    if column.top is not None:
        top = spell_end(column.top, column)
        values = values.where(values <= top, top)
    return values


def code_given(
    values: "pd.Series[Any]", typed: "pd.Series[Any]", column: Column
) -> "pd.Series[Any]":
    """Return values as somebody gave them, with the ends of the column for those beyond.

    Parameters
    ----------
    values : array (records,) of numbers, dates or texts of any type, which stays.
    typed : what :func:`anonify.tables.typed.convert_column` made of them.
    """
    if values.dtype == "category":
        inner = values.astype(values.cat.categories.dtype)
        coded = code_given(inner, typed, column)
        return values if coded is inner else coded.astype("category")
    for end in (column.bottom, column.top):
        if end is None:
            continue
        is_end = (typed == spell_end(end, column)).fillna(False).to_numpy(bool)
        if is_end.any():
            sample = values[values.notna()].iloc[0]
            values = values.mask(is_end, _write_like(sample, end, column))
    return values


def spell_end(end: float | str, column: Column) -> Any:
    """Return an end of a column as its values are written."""
    if column.type == "date":
        return end
    return int(end) if column.type == "integer" else float(end) + 0


def _write_like(sample: Any, end: float | str, column: Column) -> Any:
    """Return an end of a column in the type of one of its values."""
    if column.type != "date":
        return type(sample)(spell_end(end, column))
    day = date.fromisoformat(str(end))
    if isinstance(sample, pd.Timestamp):
        return pd.Timestamp(day, tz=sample.tz)
    return day.strftime(column.format) if isinstance(sample, str) else day
