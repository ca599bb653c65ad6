"""What is found in the columns of a table that nobody has described yet.

Everything is judged by the distinct values of a column, so that large tables take no longer than
counting them.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.meanings import list_spellings, list_unknown
from anonify.base.values import ISO, MISSING
from anonify.drafting.names import WORDS, counts_something, is_of_thing, list_words, says_kind
from anonify.drafting.placeholders import find_impossible
from anonify.tables.coding import close_end
from anonify.tables.columns import Column, Type
from anonify.tables.dates import drop_times, parse_dates
from anonify.tables.typed import convert_column

# Tried in this order. Those with the day and the month in the other order come second.
FORMATS = (
    ISO,
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
)
SWAPPED = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%d%m%Y": "%m%d%Y"}

# Whole numbers of eight digits are dates if all of them lie between these years.
COMPACT, FIRST_YEAR, LAST_YEAR = ("%Y%m%d", "%d%m%Y", "%m%d%Y"), 1850, 2100

# Share of the records that must be numbers or dates for the other values to be told.
MOSTLY = 0.5

_NUMBER = r"\s*[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?\s*"
_LEADING_ZERO = r"\s*[+-]?0[0-9].*"
# What a date of any format is, and some texts are that are none.
_DATE = r"[0-9]{1,4}(?:[./-][0-9]{1,2}[./-]|[ -]\w+\.?[ -])[0-9]{1,4}|[0-9]{8}"
# Numbers that stand in the place of dates for why there is none.
_CODE = re.compile(r"-?[0-9]{1,3}")
_NUMERIC: tuple[Type, ...] = ("integer", "decimal")
# Distinct values by which a format is judged before all are read, and a decimal mark.
_TRIED, _FREQUENT = 50, 1000
# Distinct values by which it is judged what a column looks like, and characters of each.
_SAMPLED, _SEEN = 300, 200
_FOUR_DIGITS = r"\s*[A-Za-z-]{0,6}[0-9]{4,}[A-Za-z]?\s*"
# Share of numbers that end in 0 from which on they are amounts.
_ROUNDED = 0.9
# Parts of dates, of which a calendar has no more than the weeks of a year.
_CALENDAR = {
    *("day", "days", "week", "weeks", "month", "months", "hour", "hours", "tag", "tage", "jour"),
    *("jours", "dia", "dias", "giorno", "giorni", "dag", "dagen", "dage", "dagar", "mois", "mes"),
    *("meses", "monat", "monate", "mese", "mesi", "maand", "maned", "manad", "woche", "wochen"),
}
_MOST_OF_A_CALENDAR = 53
# Fewer numbers from 1800 to 2099 may be codes.
_FEWEST_YEARS = 5


@dataclass(frozen=True)
class Profile:
    """What is found in a column.

    Parameters
    ----------
    counts : records of each distinct value as it is written, the most frequent one first, without
        missing values.
    missing : records without a value.
    format : how its dates are written.
    other_format : the other way in which all of them can be read.
    almost : ``numbers`` or ``dates`` where most values are that, and ``odd`` the others.
    open_ends : numbers that are written as the end of what is open, such as ``90+``.
    absent : records of each text that stands for no value in a column of numbers or dates; they
        are among the missing ones.
    """

    name: str
    type: Type
    counts: "pd.Series[int]"
    missing: int
    format: str = ISO
    other_format: str | None = None
    almost: str | None = None
    odd: tuple[str, ...] = ()
    open_ends: tuple[str, ...] = ()
    absent: "pd.Series[int]" = field(default_factory=lambda: pd.Series(dtype="int64"))

    @property
    def distinct(self) -> int:
        """Number of distinct values, a missing one not counted."""
        return len(self.counts)

    @property
    def present(self) -> int:
        """Number of records that have a value."""
        return int(self.counts.sum())

    @property
    def missing_counts(self) -> "pd.Series[int]":
        """Records of each text that may stand for no value."""
        return pd.concat([self.absent, self.counts]) if len(self.absent) else self.counts

    @cached_property
    def spellings(self) -> list[list[str]]:
        """The values that mean the same, together; of each the most frequent one first."""
        return list_spellings(self.values)

    @cached_property
    def unknown(self) -> list[str]:
        """The values of a text that people write where they know nothing."""
        return list_unknown(self.values) if self.type == "category" else []

    @cached_property
    def values(self) -> list[str]:
        """The distinct values as they are written, the most frequent one first."""
        return self.counts.index.astype(object).tolist()

    @cached_property
    def sample(self) -> list[str]:
        """Some distinct values from all over the column, without blanks around them."""
        step = -(-self.distinct // _SAMPLED) or 1
        texts = self.counts.index[::step].astype(object)
        return [str(text).strip()[:_SEEN] for text in texts]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name, in plain lower case."""
        return list_words(self.name)

    def matches(self, pattern: str, share: float = 1.0) -> bool:
        """Tell whether at least a share of the distinct values, 0 to 1, match a pattern."""
        is_match = self.counts.index.str.strip().str.fullmatch(pattern)
        return self.distinct > 0 and float(is_match.mean()) >= share

    def list_domain(self, decimal: str) -> list[str]:
        """Return the distinct values as a quasi-identifier has them, a missing one last."""
        # Of spellings the most frequent one stands for all, as `normalize` has it.
        groups = self.spellings if self.type == "category" else []
        others = {other for group in groups for other in group[1:]}
        values = [value for value in self.values if value not in others]
        values += [MISSING][: self.missing]
        column = Column(
            self.name, "quasi-identifier", self.type, self.format, open_ends=bool(self.open_ends)
        )
        typed = convert_column(pd.Series(values, dtype="str"), column, self.name, decimal)
        return [str(value) for value in typed.cat.categories]

    def list_numbers(self, decimal: str) -> "pd.Series[int]":
        """Return the records of each distinct number, the smallest number first."""
        column = Column(self.name, "sensitive", self.type, open_ends=bool(self.open_ends))
        values = self.counts.index.to_series(index=pd.RangeIndex(self.distinct))
        numbers = convert_column(values, column, self.name, decimal)
        return self.counts.groupby(numbers.to_numpy(float)).sum().sort_index()


def guess_separator(lines: Sequence[str]) -> str:
    """Return what parts the columns of a CSV.

    Of ``,``, ``;``, tab and ``|`` it is the one that parts most rows into as many values as the
    header; among equals the one that gives most columns.

    >>> guess_separator(["name;weight", "Ada;50,5", '"Dan; Bea";70,1'])
    ';'
    """

    def judge(mark: str) -> tuple[float, int]:
        header, *rows = [row for row in csv.reader(lines, delimiter=mark) if row] or [[]]
        fitting = sum(len(row) == len(header) for row in rows) / max(len(rows), 1)
        return (fitting if len(header) > 1 else -1.0), len(header)

    return max(",;\t|", key=judge)


def guess_decimal(counts: Mapping[str, "pd.Series[int]"]) -> str:
    """Return the decimal mark of a table: that of most columns which need one.

    It is judged by the most frequent values.

    Parameters
    ----------
    counts : by column, records of each distinct value.
    """
    frequent = [column.head(_FREQUENT) for column in counts.values()]
    needing = {
        mark: sum(
            _share(column, _find_numbers(column, mark)) >= MOSTLY
            and bool(column.index.str.contains(mark, regex=False).any())
            for column in frequent
        )
        for mark in ".,"
    }
    return "," if needing[","] > needing["."] else "."


def count_values(frame: pd.DataFrame) -> dict[str, "pd.Series[int]"]:
    """Return by column the records of each distinct value of a text frame, most frequent first.

    Records without a value are not counted. Equally frequent values come in the order of the text.
    """
    counts = {}
    for name in frame:
        column = frame[name].value_counts(sort=False)
        counts[str(name)] = order_counts(column)
    return counts


def order_counts(column: "pd.Series[int]") -> "pd.Series[int]":
    """Return the records of each text of a column as :func:`count_values` has them."""
    column = column[column.index.str.strip() != MISSING].sort_index()
    return column.sort_values(ascending=False, kind="stable")


def profile_columns(
    counts: Mapping[str, "pd.Series[int]"], records: int, decimal: str
) -> list[Profile]:
    """Return what is found in each column.

    Whole numbers that stand for kinds, such as marital status, are categories.

    Parameters
    ----------
    counts : as :func:`count_values`.
    """
    profiles = [
        _profile_column(name, column, records - int(column.sum()), decimal)
        for name, column in counts.items()
    ]
    return [
        replace(profile, type="category") if _stands_for_kinds(profile) else profile
        for profile in profiles
    ]


def _stands_for_kinds(profile: Profile) -> bool:
    """Tell whether whole numbers are those of kinds, by the name or by how they look."""
    if profile.type != "integer" or profile.open_ends:
        return False
    # Nor are days or months since something.
    is_long = profile.distinct > _MOST_OF_A_CALENDAR and _CALENDAR.intersection(profile.words)
    if is_long:
        return False
    # Years of birth are no codes.
    is_year = profile.matches(r"\s*(?:18|19|20)[0-9]{2}(?:\.0*)?\s*")
    if is_year and profile.distinct >= _FEWEST_YEARS:
        return False
    return says_kind(profile.name) or (not is_year and are_codes(profile))


def are_codes(profile: Profile) -> bool:
    """Tell whether a few values of one length with four digits or more stand for many records.

    Rounded amounts are none, nor are numbers of things, such as drugs.
    """
    is_of_kinds = profile.distinct > 2 and 3 * profile.distinct <= profile.present
    if not is_of_kinds or is_of_thing(profile.name) or counts_something(profile.name):
        return False
    is_regular = len({len(value) for value in profile.values}) == 1
    return is_regular and profile.matches(_FOUR_DIGITS) and not profile.matches(".*0", _ROUNDED)


def _profile_column(name: str, counts: "pd.Series[int]", missing: int, decimal: str) -> Profile:
    is_code = not {*WORDS["postal"], *WORDS["code"]}.isdisjoint(list_words(name))
    if counts.empty or is_code:
        return Profile(name, "category", counts, missing)
    form, is_date = _find_format(counts)
    if is_date.all() and form is not None:
        return _profile_dates(name, counts, missing, form)
    is_number = _find_numbers(counts, decimal)
    if is_number.all():
        integer, number = (Profile(name, kind, counts, missing) for kind in _NUMERIC)
        if _is_readable(integer, decimal):
            return integer
        # A whole number with too many digits would lose some of them as a decimal.
        if _is_readable(number, decimal) and not number.matches("[+-]?[0-9]+"):
            return number
        return Profile(name, "category", counts, missing)
    for almost, fits in (("numbers", is_number), ("dates", is_date)):
        if _share(counts, fits) >= MOSTLY:
            unknown = list_unknown(map(str, counts.index[~fits.to_numpy()]))
            if unknown:
                absent = counts[unknown]
                rest = counts.drop(unknown)
                found = _profile_column(name, rest, missing + int(absent.sum()), decimal)
                return replace(found, absent=absent)
            odd = tuple(str(value) for value in counts.index[~fits.to_numpy()])
            if almost == "numbers" and all(close_end(text) != text for text in odd):
                closed = Profile(name, "integer", counts, missing, open_ends=odd)
                kinds = (replace(closed, type=kind) for kind in _NUMERIC)
                readable = (found for found in kinds if _is_readable(found, decimal))
                return next(readable, Profile(name, "category", counts, missing))
            if almost == "dates" and all(map(_CODE.fullmatch, odd)):
                found = _profile_column(name, counts.drop([*odd]), missing, decimal)
                absent = counts[[*odd]]
                return replace(found, absent=absent, missing=missing + int(absent.sum()))
            return Profile(name, "category", counts, missing, almost=almost, odd=odd)
    return Profile(name, "category", counts, missing)


def _profile_dates(name: str, counts: "pd.Series[int]", missing: int, form: str) -> Profile:
    if impossible := find_impossible(counts, form):
        absent = counts[impossible]
        found = _profile_dates(name, counts.drop(impossible), missing + int(absent.sum()), form)
        return replace(found, absent=absent)
    other = SWAPPED.get(form)
    is_ambiguous = other is not None and bool(_find_dates(counts, other).all())
    profile = Profile(name, "date", counts, missing, form, other if is_ambiguous else None)
    return profile if _is_readable(profile, ".") else Profile(name, "category", counts, missing)


def _is_readable(profile: Profile, decimal: str) -> bool:
    """Tell whether the values can be read as the type that was found."""
    try:
        if profile.type == "date":
            profile.list_domain(decimal)
        else:
            profile.list_numbers(decimal)
    except UserError:
        return False
    return True


def _find_numbers(counts: "pd.Series[int]", decimal: str) -> "pd.Series[bool]":
    pattern = _NUMBER.replace(".", decimal)
    is_number = counts.index.to_series().str.fullmatch(pattern)
    if counts.index.str.fullmatch(_LEADING_ZERO).any():
        is_number[:] = False
    return is_number


def _find_format(counts: "pd.Series[int]") -> tuple[str | None, "pd.Series[bool]"]:
    """Return the format that most records are dates by, and which distinct values are."""
    none = pd.Series(False, index=counts.index)
    best: tuple[float, str | None, Any] = (0.0, None, none)
    tried = counts.head(_TRIED).index.to_series().str.strip()
    if not drop_times(tried).str.fullmatch(_DATE).any():
        return best[1], best[2]
    for form in (*FORMATS, *COMPACT):
        if _find_dates(counts.head(_TRIED), form).any():
            is_date = _find_dates(counts, form)
            share = _share(counts, is_date)
            best = max(best, (share, form, is_date), key=lambda found: found[0])
    return best[1], best[2]


def _find_dates(counts: "pd.Series[int]", form: str) -> "pd.Series[bool]":
    texts = counts.index.to_series().str.strip()
    dates = parse_dates(texts, form)
    if form in COMPACT:
        has_digits = texts.str.fullmatch("[0-9]{8}")
        dates = dates.where(has_digits & dates.dt.year.between(FIRST_YEAR, LAST_YEAR))
    return dates.notna()


def _share(counts: "pd.Series[int]", chosen: "pd.Series[bool]") -> float:
    """Return the share of the records whose values are chosen, 0 to 1."""
    return float(counts[chosen.to_numpy()].sum() / max(int(counts.sum()), 1))
