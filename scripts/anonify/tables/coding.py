"""Top and bottom coding: numbers and dates beyond the ends of a column become these ends.

Source: Hundepool et al., Statistical Disclosure Control, 2012, Section 3.
"""

import re
from datetime import date
from typing import Any

import pandas as pd

from anonify.tables.columns import Column

_NUMBER = r"([+-]?[0-9]{1,30}(?:[.,][0-9]{1,30})?)"
_OPEN = re.compile(rf"(?:[<>]=?|[≤≥])\s{{0,9}}{_NUMBER}|{_NUMBER}\s{{0,9}}\+")


def code_ends(values: "pd.Series[Any]", column: Column) -> "pd.Series[Any]":
    """Return numbers, or dates as ``YYYY-MM-DD``, with the ends of the column for those beyond."""
    if column.bottom is not None:
        bottom = spell_end(column.bottom, column)
        values = values.where(values >= bottom, bottom)
    if column.top is not None:
        top = spell_end(column.top, column)
        values = values.where(values <= top, top)
    return values


def close_end(text: str) -> str:
    """Return the number at which what a text stands for is open; other texts as they are.

    >>> close_end("90+"), close_end("<5"), close_end("≥ 7.5"), close_end("-5")
    ('90', '5', '7.5', '-5')
    """
    match = _OPEN.fullmatch(text.strip())
    return match[1] or match[2] if match else text


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
