"""How the columns of a table belong together: who has several records, and what tells the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.values import MISSING, Codes
from anonify.datasets.people import CHANCE
from anonify.drafting.looks import RACES, SEXES, find_known_look
from anonify.drafting.names import WORDS, find_identifier_word, find_known_word, find_standard
from anonify.drafting.profile import Profile
from anonify.tables.coding import close_end
from anonify.tables.columns import Role
from anonify.tables.dates import parse_dates

Numbers = npt.NDArray[np.float64]

# Records by which it is mostly seen that a column fixes no other one.
_TRIED = 500
# About as many records are calculated with.
_CALCULATED = 2000
# A key of fewer people is asked for: it may fix what they keep by chance.
_FEWEST_PEOPLE = 20
# In fewer records one column seems to fix another one too often.
_FEWEST_RECORDS = 100
# How probable it may be by chance, of so many pairs of columns.
_RARE = 1e-6
# Of fewer values in order, groups may lie side by side by chance.
_FEWEST_ORDERED = 20
# What a body mass index may differ by from what height and weight give, and in how many records.
_ROUNDED, _NEARLY_ALL = 0.03, 0.95


@dataclass(frozen=True)
class Derived:
    """A column that follows from others.

    Parameters
    ----------
    name : the column.
    sources : the columns that it follows from: a finer one, or several together.
    """

    name: str
    sources: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a table that nobody has described yet.

    Parameters
    ----------
    codes : array (records,), a number for each value, -1 where there is none; in the order of
        numbers and dates.
    values : array (records,), numbers, or days of dates since 1970; NaN where there is none, and
        in columns of texts.
    """

    profile: Profile
    codes: Codes
    values: Numbers

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.profile.name

    def take(self, records: slice | Codes) -> "Column":
        """Return some records of the column."""
        return Column(self.profile, self.codes[records], self.values[records])


def number_columns(profiles: Sequence[Profile], frame: pd.DataFrame, decimal: str) -> list[Column]:
    """Return columns with their values as numbers.

    Parameters
    ----------
    frame : values as text.
    """
    return [_number_column(profile, frame[profile.name], decimal) for profile in profiles]


def _number_column(profile: Profile, texts: "pd.Series[str]", decimal: str) -> Column:
    codes, distinct = pd.factorize(texts.str.strip())
    known = pd.Series(distinct, dtype="str")
    values: npt.NDArray[Any]
    if profile.type == "date":
        days = parse_dates(known, profile.format)
        since = days.to_numpy("datetime64[D]") - np.datetime64(0, "D")
        values = since / np.timedelta64(1, "D")
    else:
        closed = known.map(close_end) if profile.open_ends else known
        numbers = pd.to_numeric(closed.str.replace(decimal, ".", regex=False), errors="coerce")
        values = numbers.to_numpy(np.float64)
    is_absent = ((known == MISSING) | known.isin(profile.absent.index)).to_numpy()
    if np.isnan(values[~is_absent]).any():
        codes = np.where(is_absent[codes], -1, codes)
        return Column(profile, codes, np.full(len(codes), np.nan))
    ranks = pd.factorize(np.where(is_absent, np.nan, values), sort=True)[0]
    return Column(profile, ranks[codes], values.astype(np.float64)[codes])


def take_people(columns: Sequence[Column], person: str | None) -> list[Column]:
    """Return columns with one record of each person; all where none is told."""
    keys = next((column.codes for column in columns if column.name == person), None)
    if keys is None:
        return list(columns)
    first = np.sort(np.unique(keys, return_index=True)[1])
    return [column.take(first) for column in columns]


def find_person(columns: Sequence[Column]) -> str | None:
    """Return the column that tells people who have several records, None without one.

    It is the key of people in a known data model, which fixes one of sex, birth and race if there
    are any, or a key whose value fixes all of these where it repeats, which chance does not
    explain; of several the one with fewest values, and rather one whose name says that it is a key.
    """
    named = [column for column in columns if (find_standard(column.name) or ("",))[0] == "person"]
    if any(column.profile.distinct == len(column.codes) for column in named):
        return None
    lasting = [column for column in columns if _lasts(column.profile)]
    keys = [column for column in columns if _may_be_key(column)]
    for key in keys:
        if key in named and (not lasting or any(fixes(key, column) for column in lasting)):
            return key.name
    fixing = [
        key
        for key in keys
        if lasting
        and all(fixes(key, column) for column in lasting)
        and min(_measure_chance(key, column) for column in lasting) < CHANCE
    ]
    # What is measured once of each person, such as a time of survival, fixes them as well.
    called = [key for key in fixing if find_identifier_word(key.name)]
    return min(called or fixing, key=lambda key: key.profile.distinct).name if fixing else None


def _may_be_key(column: Column) -> bool:
    profile = column.profile
    repeats = _FEWEST_PEOPLE <= profile.distinct < profile.present
    is_key = profile.type in ("category", "integer") and not find_known_word(profile.name)
    return is_key and repeats and not profile.missing and not _lasts(profile)


def _lasts(profile: Profile) -> bool:
    """Tell whether a column has what a person keeps for life."""
    if profile.distinct < 2:
        return False
    is_named = any(word in WORDS["lasting"] for word in profile.words)
    return is_named or find_known_look(profile) in (SEXES, RACES)


def fixes(column: Column, other: Column) -> bool:
    """Tell whether equal values of a column always come with equal values of another one."""
    is_known = (column.codes >= 0) & (other.codes >= 0)
    for part in (slice(_TRIED), slice(None)):
        first, second = column.codes[part][is_known[part]], other.codes[part][is_known[part]]
        if not len(first):
            return False
        # The same in both where each value of the first has one of the second.
        of_value = np.empty(int(first.max()) + 1, dtype=second.dtype)
        of_value[first] = second
        if (of_value[first] != second).any():
            return False
    return True


def _measure_chance(column: Column, other: Column) -> float:
    """Return how probable it is that a column fixes another one by chance."""
    is_known = (column.codes >= 0) & (other.codes >= 0)
    first, second = column.codes[is_known], other.codes[is_known]
    repeats = len(first) - len(np.unique(first))
    agreement = float(((np.bincount(second) / len(second)) ** 2).sum())
    return agreement**repeats


def find_derived(columns: Sequence[Column], roles: Mapping[str, Role]) -> list[Derived]:
    """Return the columns that follow from others, where at least one is a quasi-identifier.

    A column follows from a finer one whose value fixes its own, a part of a date from the date, an
    age from two dates, and a body mass index from height and weight.

    Parameters
    ----------
    columns : with one record of each person, or what somebody keeps would follow from any key.
    roles : of the columns by their names.
    """
    used = [column for column in columns if roles[column.name] in ("quasi-identifier", "sensitive")]
    used = [column for column in used if column.profile.distinct > 1]
    some = [column.take(slice(None, None, 1 + len(column.codes) // _CALCULATED)) for column in used]

    def is_known(*names: str) -> bool:
        return any(roles[name] == "quasi-identifier" for name in names)

    found = {}
    for place, other in permutations(range(len(used)), 2):
        fine, coarse = used[place], used[other]
        if not is_known(fine.name, coarse.name) or coarse.name in found:
            continue
        sizes = fine.profile.distinct, coarse.profile.distinct
        # Of two that say the same the second one follows.
        is_finer = sizes[0] > sizes[1] or (sizes[0] == sizes[1] and place < other)
        if is_finer and (_tells(fine, coarse) or _is_part(some[place], some[other])):
            found[coarse.name] = Derived(coarse.name, (fine.name,))
    for derived in (*_find_ages(some), *_find_mass_indices(some)):
        if derived.name not in found and is_known(derived.name, *derived.sources):
            found[derived.name] = derived
    return list(found.values())


def _tells(fine: Column, coarse: Column) -> bool:
    """Tell whether a column fixes a coarser one, which chance does not explain."""
    if not fixes(fine, coarse):
        return False
    is_sure = len(fine.codes) >= _FEWEST_RECORDS and _measure_chance(fine, coarse) < _RARE
    return is_sure or _has_groups_in_order(fine, coarse)


def _has_groups_in_order(fine: Column, coarse: Column) -> bool:
    """Tell whether the values of a column lie side by side in the order of a finer one."""
    is_known = (fine.codes >= 0) & (coarse.codes >= 0)
    values, first = np.unique(fine.codes[is_known], return_index=True)
    if len(values) < _FEWEST_ORDERED or np.isnan(fine.values).all():
        return False
    groups = coarse.codes[is_known][first]
    runs = 1 + int((groups[1:] != groups[:-1]).sum())
    return 1 < runs == len(np.unique(groups)) < len(values)


def _is_part(day: Column, part: Column) -> bool:
    """Tell whether a column has the years, months or days of dates."""
    if day.profile.type != "date" or part.profile.type == "date":
        return False
    is_known = ~np.isnan(day.values)
    days = day.values[is_known].astype(np.int64).astype("datetime64[D]")
    years, months = (days.astype(f"datetime64[{unit}]") for unit in "YM")
    numbers = (
        1970 + years.astype(np.int64),
        1 + months.astype(np.int64) % 12,
        1 + (days - months.astype("datetime64[D]")).astype(np.int64),
    )
    return any(_agree(each, part.values[is_known], 0) for each in numbers)


def _find_ages(columns: Sequence[Column]) -> Iterator[Derived]:
    """Find numbers of years between two dates, such as birth and admission."""
    numbers = [column for column in columns if column.profile.type == "integer"]
    days = [column for column in columns if column.profile.type == "date"]
    for age, (first, last) in product(numbers, permutations(days, 2)):
        years = (last.values - first.values) / 365.25
        if age.profile.distinct >= _FEWEST_ORDERED and _agree(years - 0.5, age.values, 0.51):
            yield Derived(age.name, (first.name, last.name))


def _find_mass_indices(columns: Sequence[Column]) -> Iterator[Derived]:
    """Find body mass indices beside height and weight in the usual units."""
    sizes = [
        column
        for column in columns
        if column.profile.distinct > 10 and column.profile.type in ("integer", "decimal")
    ]
    heights = [
        (column, column.values / unit)
        for column, (unit, low, high) in product(sizes, [(1, 0.4, 2.5), (100, 40, 250)])
        if _lies_within(column, low, high)
    ]
    weights = [column for column in sizes if _lies_within(column, 2, 300)]
    for index in (column for column in sizes if _lies_within(column, 8, 80)):
        for (height, metres), weight in product(heights, weights):
            if len({index.name, height.name, weight.name}) < 3:
                continue
            given = weight.values / metres**2
            if _agree(given, index.values, _ROUNDED * given + 0.05):
                yield Derived(index.name, (weight.name, height.name))


def _lies_within(column: Column, low: float, high: float) -> bool:
    numbers = column.values[~np.isnan(column.values)]
    return float(((low <= numbers) & (numbers <= high)).mean()) >= _NEARLY_ALL


def _agree(numbers: npt.NDArray[Any], others: Numbers, difference: float | Numbers) -> bool:
    """Tell whether nearly all numbers are those of another column."""
    distance = np.abs(numbers - others)
    is_known = ~np.isnan(distance)
    is_near = (distance <= difference)[is_known]
    return len(is_near) >= _FEWEST_ORDERED and float(is_near.mean()) >= _NEARLY_ALL
