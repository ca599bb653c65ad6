"""Small values that every room shares: missing and suppressed ones, numbers and dates of a text."""

import re
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.intp]
AnyCodes = npt.NDArray[np.signedinteger[Any]]

ROOT = "*"
# How released dates are written.
ISO = "%Y-%m-%d"
# A missing value is a value of its own, an empty cell.
MISSING = ""
# The column of a released table that tells suppressed records.
SUPPRESSED = "is_suppressed"
# The column of classes that estimates how many people of the population are like their people.
POPULATION = "estimated_population"
# The column of a table that numbers the people, from 0 without a gap, where a column has the role
# `person`. No table has it that is handed out.
PERSON = "anonify.person"
# The column of a counted table: how many records each of its distinct rows stands for. A table
# without it has one record a row.
RECORDS = "anonify.records"

_INTERVAL = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = date(1970, 1, 1).toordinal()


def parse_interval(label: str) -> tuple[float, float] | None:
    """Return the bounds written in an interval label, or None where it is no interval.

    >>> parse_interval("10-30")
    (10.0, 30.0)
    >>> parse_interval("27.32") is None
    True
    """
    match = _INTERVAL.fullmatch(label.strip())
    return (float(match[1]), float(match[2])) if match else None


def parse_date(text: str) -> date:
    """Read a date that is written as ``YYYY-MM-DD``.

    Raises
    ------
    ValueError : the text is no such date.
    """
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is no date")
    return date.fromisoformat(text)


def number_of(text: str) -> float:
    """Return the number that a value stands for; for a date the days since 1970-01-01.

    >>> number_of("27.5"), number_of("1970-02-01"), number_of("1969-12-31")
    (27.5, 31.0, -1.0)

    Raises
    ------
    ValueError : the text is neither a number nor a date.
    """
    if is_number(text):
        return float(text)
    return float(parse_date(text).toordinal() - _EPOCH)


def is_number(text: str) -> bool:
    """Tell whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def repr_number(number: float) -> str:
    """Write a number as the label of a leaf."""
    return repr(number.item() if hasattr(number, "item") else number)
