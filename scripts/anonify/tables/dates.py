"""Dates as tables write them: the day alone counts, as it is where it was written.

A time of day is left out. A zone, too: what somebody wrote down at half past eleven at night in
Berlin is of that day, whatever day it was in Greenwich.
"""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.values import ISO

_ZONE = r"(?:\s?(?:[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?(?:\[[\w/+-]{1,40}\])?$"
_TIME = (
    r"(?:(?:[Tt]|\s{1,3})\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s?[AaPp]\.?[Mm]\.?)?"
    r"|(?<=\d{8})[Tt]\d{4}(?:\d{2})?)"
) + _ZONE


def drop_times(texts: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the texts of dates without their time of day and its zone.

    >>> drop_times(pd.Series(["2024-03-01T23:30:00.5+02:00", "1.3.2024 9:05 pm", "2024"])).tolist()
    ['2024-03-01', '1.3.2024', '2024']
    """
    return texts.str.replace(_TIME, "", regex=True)


def parse_dates(texts: "pd.Series[Any]", form: str) -> "pd.Series[Any]":
    """Return texts as dates, NaT for what is none; ``form`` says how they are written.

    Raises
    ------
    ValueError : the form is none.
    """
    texts = texts.str.strip()
    if re.search("%[HIMSpXc]", form):
        # The form has the time; without its zone, the day is that which was written.
        if "%z" in form:
            form, texts = form.replace("%z", ""), texts.str.replace(_ZONE, "", regex=True)
    else:
        texts = drop_times(texts)
    dates = pd.to_datetime(texts, format=form.strip(), errors="coerce").astype("datetime64[s]")
    # pandas 2 reads no day before 1677 and none after 2262.
    distant = {text: _parse_day(text, form.strip()) for text in texts[dates.isna()].unique()}
    days: pd.Series[Any] = dates.dt.normalize().copy()
    found = texts.map(distant).dropna()
    days[found.index] = found.to_numpy().astype("datetime64[s]")
    return days


def _parse_day(text: str, form: str) -> np.datetime64 | None:
    try:
        return np.datetime64(datetime.strptime(text, form).date(), "s")
    except ValueError:
        return None


def find_listed(texts: "pd.Series[Any]", listed: Collection[str], form: str) -> "pd.Series[bool]":
    """Tell which dates are among those of a list, which are written alike or as ``YYYY-MM-DD``."""
    known = pd.Series([*listed], dtype="str")
    days = pd.concat([parse_dates(known, form), parse_dates(known, ISO)]).dropna()
    return parse_dates(texts, form).isin(days)
