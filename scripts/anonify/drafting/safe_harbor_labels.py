"""What labels of a release tell of places, dates and ages, in the sense of Safe Harbor."""

import re
from functools import cache

from anonify.drafting.names import make_plain, read_words

_ZIP = re.compile(r"([0-9]{1,5})[*xX#.…-]*(?:-[0-9]{4})?")
_ZIP_RANGE = re.compile(r"\[?([0-9]{4,5})(?:-|–|, | to )([0-9]{4,5})[\[\]]?")

_YEAR = r"(?:1[89]|20)[0-9]{2}"
_TO = r"\s*(?:-|–|/|,|to|bis)\s*"
_YEARS = re.compile(
    rf"{_YEAR}(?:\.0)?|{_YEAR}'?s|[\[(]?{_YEAR}{_TO}{_YEAR}[\])\[]?|{_YEAR}\s*\+"
    rf"|(?:[<>≤≥]=?|before|after|since|until|from|vor|nach|ab|bis)\s*{_YEAR}"
    rf"|{_YEAR} (?:or|and) (?:before|earlier|after|later)"
)
# Ranges of days that begin and end with a year.
_WHOLE_YEARS = re.compile(rf"\[?{_YEAR}-01-01\D{{1,4}}{_YEAR}-(?:12-31\]?|01-01\[)")
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH_2, _DAY_2 = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12][0-9]|3[01])"
_FINER = re.compile(
    rf"\b{_YEAR}[-/]{_MONTH}\b|\b{_YEAR}\.{_MONTH}\.{_DAY}\b|\b{_MONTH}[-/.]{_YEAR}\b"
    rf"|\b{_DAY}[-/.]{_MONTH}[-/.](?:{_YEAR}|[0-9]{{2}})\b"
    rf"|\b{_MONTH}[-/.]{_DAY}[-/.](?:{_YEAR}|[0-9]{{2}})\b"
    rf"|\b{_YEAR}[- ]?(?:[qh][1-4]|w[0-9]{{1,2}})\b|\b[qh][1-4][-/ ]?{_YEAR}\b"
    # Without anything between year, month and day.
    rf"|^{_YEAR}{_MONTH_2}(?:{_DAY_2})?$|^(?:{_DAY_2})?{_MONTH_2}{_YEAR}$|^{_MONTH_2}{_DAY_2}{_YEAR}$"
)
_WORD = re.compile(r"[^\W\d_]+")
_WEEKDAYS = {
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
}

_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_BELOW = re.compile(r"[<≤]|\b(?:before|until|earlier|under|below|less|younger|vor|bis)\b")
_FROM = re.compile(r"[>≥+]|\b(?:over|above|older|more|up|after|plus|alter|mehr|uber)\b")
_ABOVE = re.compile(r">(?!=)|\b(?:over|above|after|older than|more than|uber)\b")


@cache
def read_lists() -> dict[str, frozenset[str]]:
    """Return the lists of words of Safe Harbor by what they say."""
    return {key: frozenset(words) for key, words in read_words("safe_harbor.yaml").items()}


def is_wide_place(label: str) -> bool:
    """Tell whether a label is a state of the United States, a group of them, or a country.

    >>> [is_wide_place(label) for label in ("MA", "New York", "Midwest", "Springfield")]
    [True, True, True, False]
    """
    plain = make_plain(label.strip())
    return plain in read_lists()["states"] or plain in read_lists()["countries"]


def read_zip(label: str) -> str | None:
    """Return the digits that a label shows of a ZIP code; None if it is none.

    Of a range it is what all its codes begin with, where that is a whole area of three digits, and
    nothing if it is wider.

    >>> [read_zip(label) for label in ("02139", "021**", "0*", "B3 1")]
    ['02139', '021', '0', None]
    >>> [read_zip(label) for label in ("3600-3700", "[03600, 03899]", "02138-02139")]
    ['036', '', '02138']
    """
    match = _ZIP_RANGE.fullmatch(label.strip())
    if not match:
        match = _ZIP.fullmatch(label.strip())
        return match[1] if match else None
    low, high = int(match[1]), int(match[2])
    if high - low < 99:
        return f"{low:05d}"
    return f"{low // 100:03d}" if low % 100 == 0 and high - low <= 100 else ""


def is_years(label: str) -> bool:
    """Tell whether a label is a year, or years together.

    >>> labels = ["1980", "1980s", "1980-1984", "[1980, 1990[", "<1937", "1980-01-01 - 1984-12-31"]
    >>> all(map(is_years, labels)), is_years("1980-03"), is_years("1980-Q1")
    (True, False, False)
    """
    plain = make_plain(label.strip())
    return bool(_YEARS.fullmatch(plain) or _WHOLE_YEARS.fullmatch(plain))


def is_finer_date(label: str) -> bool:
    """Tell whether a label shows a month, a day or a quarter.

    >>> labels = ["1980-03-01", "1.3.1980", "03/1980", "1980-Q1", "March 1980", "19800301", "Mon"]
    >>> labels += ["198003", "031980", "01311980", "31011980"]
    >>> labels += ["the 1st of March 1980", "1980-W10", "1. Quartal 1980", "1980-03-01 10:30"]
    >>> all(map(is_finer_date, labels)), is_finer_date("1980-1984"), is_finer_date("12.5")
    (True, False, False)
    """
    plain = make_plain(label.strip())
    if is_years(label):
        return False
    words = _WORD.findall(plain)
    is_named = any(word in read_lists()["months"] or word in _WEEKDAYS for word in words)
    is_date = len(words) == 1 or re.search(rf"\b{_YEAR}\b", plain)
    return bool((is_named and is_date) or _FINER.search(plain))


def read_first_year(label: str) -> int:
    """Return the first year in a label of years."""
    return int(re.findall(_YEAR, label)[0])


def read_lowest(label: str) -> float | None:
    """Return the lowest number that a label stands for; None if there is no number in it.

    >>> [read_lowest(label) for label in ("93", "90-100", "[85, 99]", ">89", "<20", "90 or older")]
    [93.0, 90.0, 85.0, 90.0, -inf, 90.0]
    """
    plain = make_plain(label)
    numbers = [float(each.replace(",", ".")) for each in _NUMBER.findall(plain)]
    if len(numbers) != 1:
        return numbers[0] if numbers else None
    if is_open_below(label):
        return float("-inf")
    return numbers[0] + bool(_ABOVE.search(plain))


def is_open_below(label: str) -> bool:
    """Tell whether a label stands for all up to a number or year, such as ``<1937``."""
    return bool(_BELOW.search(make_plain(label)))


def is_open_above(label: str) -> bool:
    """Tell whether a label stands for all from a number on, such as ``90+``."""
    return bool(_FROM.search(make_plain(label)))
