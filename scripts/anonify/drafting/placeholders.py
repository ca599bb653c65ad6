"""Dates that stand for no date: what programs write where nobody knew one."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.tables.dates import parse_dates

# First and last days of calendars, of programs and of what people type in to get on.
_USUAL = {
    *("0001-01-01", "1000-01-01", "1001-01-01", "1111-11-11", "1582-10-15", "1600-01-01"),
    *("1601-01-01", "1700-01-01", "1753-01-01", "1800-01-01", "1850-01-01", "1858-11-17"),
    *("1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1901-01-01", "1904-01-01"),
    *("1960-01-01", "1970-01-01", "1980-01-01", "2000-01-01", "2038-01-19", "2050-12-31"),
    *("2078-12-31", "2079-06-06", "2099-01-01", "2099-12-31", "2100-01-01", "2100-12-31"),
    *("2222-02-02", "2262-04-11", "2500-12-31", "2999-01-01", "2999-12-31", "3000-01-01"),
    *("3000-12-31", "4000-12-31", "4712-12-31", "7777-07-07", "8888-08-08", "9000-01-01"),
    *("9998-12-31", "9999-01-01", "9999-09-09", "9999-12-30", "9999-12-31"),
}
_POSSIBLE = range(1850, 2100)
# Days that may be meant are told if they stand apart by years, or in many records.
_APART, _MORE_OFTEN, _OFTEN = pd.Timedelta(days=3650), 10, 3


def find_impossible(counts: "pd.Series[int]", form: str) -> list[str]:
    """Return the texts of a column of dates that are a usual placeholder of an impossible year."""
    days = _parse(counts, form)
    years = days.dt.year
    is_impossible = _is_usual(days) & ~years.isin(_POSSIBLE)
    found = [str(text) for text in counts.index[is_impossible.to_numpy()]]
    return found if len(found) < len(counts) else []


def find_doubtful(counts: "pd.Series[int]", form: str) -> list[str]:
    """Return the texts of usual placeholders that stand apart from other dates of the column."""
    if len(counts) < _OFTEN:
        return []
    days = _parse(counts, form)
    return [
        str(counts.index[place])
        for place in np.flatnonzero(_is_usual(days)).tolist()
        if _stands_apart(counts, days, place)
    ]


def _is_usual(days: "pd.Series[Any]") -> npt.NDArray[np.bool_]:
    return np.isin(days.to_numpy("datetime64[D]").astype(str), [*_USUAL])


def _stands_apart(counts: "pd.Series[int]", days: "pd.Series[Any]", place: int) -> bool:
    others = days.drop(days.index[place])
    distance = (others - days.iloc[place]).abs().min()
    often = int(counts.iloc[place])
    usual = counts.drop(counts.index[place]).median()
    return bool(distance > _APART or (often >= _OFTEN and often >= _MORE_OFTEN * usual))


def _parse(counts: "pd.Series[int]", form: str) -> "pd.Series[Any]":
    return parse_dates(pd.Series(counts.index.astype(object), dtype="str"), form)
