"""What is proposed for the columns of a table that nobody has described yet."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import ISO, MISSING, ROOT
from anonify.domains.files import build_domain
from anonify.drafting.names import WORDS
from anonify.drafting.profile import Profile
from anonify.drafting.roles import find_positive
from anonify.drafting.systems import recognize_system
from anonify.tables.coding import close_end
from anonify.tables.columns import Role

Rule = dict[str, Any]

# Fewer distinct numbers than that are no scale to cut into intervals.
FEWEST_NUMBERS = 5
MOST_INTERVALS, MOST_LEVELS = 20, 4
# Part of the records at either end of a scale that its intervals are not made for.
TAIL = 0.05

_ICD_10 = r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?"
_CODE = r"(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z .-]*"
_LONGEST_CODE = 12


@dataclass(frozen=True)
class Proposal:
    """What is proposed for a column.

    Parameters
    ----------
    reason : why it has the role.
    hierarchy : of a quasi-identifier: a rule as :func:`anonify.domains.files.build_domain` has it.
    height : levels of that above the values.
    mistake : why the hierarchy's file in the folder of the table was passed over.
    may_tell_people : whether it may tell people who have several records.
    sources : columns that it follows from, such as a date of birth for its year.
    """

    profile: Profile
    role: Role
    reason: str
    hierarchy: Rule | None = None
    height: int = 0
    mistake: str | None = None
    may_tell_people: bool = False
    sources: tuple[str, ...] = ()

    @cached_property
    def spellings(self) -> list[list[str]]:
        """The values of a text column that mean the same, the most frequent one first."""
        is_text = self.is_used and self.profile.type == "category"
        return self.profile.spellings if is_text else []

    @cached_property
    def missing(self) -> list[str]:
        """What stands for no value; texts only of what is released as it is."""
        is_released = self.role in ("sensitive", "target")
        unknown = self.profile.unknown if is_released else []
        # A target needs two classes.
        unknown = unknown if self.profile.distinct - len(unknown) > 1 else []
        return [*map(str, self.profile.absent.index), *unknown] if self.is_used else []

    @property
    def is_used(self) -> bool:
        """Whether anything but people is made of its values."""
        return self.role not in ("person", "identifier")

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.profile.name

    def describe(self) -> dict[str, Any]:
        """Return what the dataset's description says of the column."""
        column: dict[str, Any] = {"role": self.role, "type": self.profile.type}
        if self.profile.type == "date" and self.profile.format != ISO:
            column["format"] = self.profile.format
        if self.profile.open_ends:
            column["open_ends"] = True
        if self.missing:
            column["missing"] = self.missing
        if self.role == "quasi-identifier" and self.spellings:
            column["normalize"] = True
        if self.role == "target" and self.profile.type == "category" and self.profile.distinct == 2:
            column["positive"] = find_positive(self.profile.values)
        if self.hierarchy is not None:
            column["hierarchy"] = self.hierarchy
        return column


def propose_hierarchy(
    profile: Profile, reason: str, decimal: str, file: Path | None = None
) -> Proposal:
    """Propose a quasi-identifier with the first hierarchy that can be built.

    Parameters
    ----------
    file : a hierarchy as ARX writes it, in ``hierarchies/`` of the table's folder.

    Raises
    ------
    UserError : a value is the root of every hierarchy.
    """
    domain = profile.list_domain(decimal)
    if ROOT in domain:
        raise UserError(
            f"{profile.name!r} has the value {ROOT!r}, which stands for any value in our tables; "
            "write another one"
        )
    mistake = None
    for rule in [*_name_file(file), *_list_rules(profile, domain, decimal), {}]:
        column = {"type": profile.type, "hierarchy": rule}
        try:
            built = build_domain(profile.name, domain, column, file if "file" in rule else None)
        except UserError as error:
            mistake = str(error) if "file" in rule else mistake
            if not rule:
                raise
            continue
        height = getattr(built, "height", 1)
        return Proposal(profile, "quasi-identifier", reason, rule, height, mistake)
    raise AssertionError("the flat hierarchy is the last of the rules")


def find_hierarchy_file(folder: Path, column: str) -> Path | None:
    """Return the CSV in a folder whose name is the column's, or ends in ``_`` and the column's."""
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    fitting = (file for file in files if f"_{file.stem}".endswith(f"_{column}"))
    return next(fitting, None) if column else None


def _name_file(file: Path | None) -> list[Rule]:
    return [{"file": f"{file.parent.name}/{file.name}"}] if file else []


def _list_rules(profile: Profile, domain: Sequence[str], decimal: str) -> list[Rule]:
    if profile.type in ("integer", "decimal"):
        numbers = profile.list_numbers(decimal)
        widths = choose_widths(numbers, is_whole=profile.type == "integer")
        levels = describe_intervals(float(numbers.index.min()), widths) if widths else []
        levels = [open_level(level, profile.open_ends) for level in levels]
        return [{"intervals": levels}] if levels else []
    values = [value for value in domain if value != MISSING]
    if profile.type == "date":
        times = choose_times(values)
        return [{"dates": times}] if times else []
    system = recognize_system(profile)
    lengths = choose_prefixes(profile, values)
    return [{"code": {"system": system}}] * bool(system) + [{"prefixes": lengths}] * bool(lengths)


def choose_widths(numbers: "pd.Series[int]", is_whole: bool) -> list[Fraction]:
    """Choose widths of intervals, each dividing the next, from narrow to wide.

    They are 1, 2 or 5 with zeros, and part most records into 2 to about 20 intervals.

    Parameters
    ----------
    numbers : records of each number, the smallest first.
    """
    if len(numbers) < FEWEST_NUMBERS:
        return []
    low, high = find_span(numbers)
    ladder = _climb(Fraction(high - low) / MOST_INTERVALS)
    narrowest = Fraction(2 if is_whole else 0)
    widths: list[Fraction] = []
    counts = [len(numbers)]
    for width in islice(ladder, 3 * MOST_LEVELS):
        if width < narrowest or (widths and width % widths[-1]):
            continue
        if width > Fraction(high) - Fraction(low):
            break
        occupied = len(np.unique(_number_intervals(numbers.index.to_numpy(float), width)))
        if occupied < counts[-1]:
            widths.append(width)
            counts.append(occupied)
    return widths[:MOST_LEVELS]


def describe_intervals(lowest: float, widths: Sequence[Fraction]) -> list[Rule]:
    """Return the levels of a hierarchy of intervals.

    >>> describe_intervals(23.5, [Fraction(5), Fraction(10)])
    [{'start': 20, 'width': 5}, {'start': 20, 'width': 10}]
    """
    start = math.floor(Fraction(lowest) / widths[-1]) * widths[-1]
    return [{"start": simplify(start), "width": simplify(width)} for width in widths]


def open_level(level: Rule, ends: Sequence[str]) -> Rule:
    """Return a level of intervals that is open where numbers are written as such.

    Parameters
    ----------
    ends : as :func:`anonify.tables.coding.close_end` reads them.

    >>> open_level({"start": 20, "width": 20}, ["90+"])
    {'start': 20, 'width': 20, 'open_above': 80}
    """
    start, width = Fraction(level["start"]), Fraction(level["width"])
    numbers = {text: Fraction(close_end(text).replace(",", ".")) for text in ends}
    below = [number for text, number in numbers.items() if text.strip()[0] in "<≤"]
    above = [number for text, number in numbers.items() if number not in below]
    opened: Rule = dict(level)
    if below:
        opened["open_below"] = simplify(start + math.ceil((max(below) - start) / width) * width)
    if above:
        opened["open_above"] = simplify(start + math.floor((min(above) - start) / width) * width)
    return opened


def choose_times(days: Sequence[str]) -> list[str]:
    """Choose to what dates are generalized by the time that they span.

    Parameters
    ----------
    days : as ``YYYY-MM-DD``, the first one first.
    """
    first, last = days[0], days[-1]
    years = int(last[:4]) - int(first[:4])
    if years >= 15:
        return ["month", "year", "decade"]
    if years >= 2:
        return ["month", "quarter", "year"]
    return ["month", "quarter"] if first[:7] != last[:7] else []


def choose_prefixes(profile: Profile, values: Sequence[str]) -> list[int]:
    """Choose how many first characters of codes are kept, falling; none if there are no codes."""
    if profile.matches(_ICD_10) and max(map(len, values)) > 3:
        lengths = [3, 1]
    elif _are_codes(profile, values):
        longest = min(map(len, values)) - 1
        step = 1 if longest < 6 else 2
        lengths = [*range(longest, 0, -step)][:3]
    else:
        return []
    groups = [len(values), *(len({value[:length] for value in values}) for length in lengths)]
    return [
        length
        for length, (finer, coarser) in zip(lengths, pairwise(groups), strict=True)
        if 1 < coarser < finer
    ]


def _are_codes(profile: Profile, values: Sequence[str]) -> bool:
    lengths = {len(value) for value in values}
    is_postal = not set(WORDS["postal"]).isdisjoint(profile.words)
    is_regular = len(lengths) == 1 or is_postal
    return is_regular and profile.matches(_CODE) and 3 <= min(lengths) <= _LONGEST_CODE


def find_span(numbers: "pd.Series[int]", tail: float = TAIL) -> tuple[float, float]:
    """Return the ends of the numbers that are left without the lowest and the highest records.

    Parameters
    ----------
    tail : share of the records at either end, 0 to 0.5. All numbers are taken where those left
        are the same.
    """
    share = numbers.cumsum() / numbers.sum()
    low = float(numbers.index[int((share > tail).to_numpy().argmax())])
    high = float(numbers.index[int((share >= 1 - tail).to_numpy().argmax())])
    return (low, high) if low < high else (float(numbers.index[0]), float(numbers.index[-1]))


def find_ends(numbers: "pd.Series[int]", k: int) -> dict[str, float]:
    """Return what `bottom` and `top` would leave neither end to fewer than k records.

    An end that k records have already is not among them, and none is where both would meet.

    Parameters
    ----------
    numbers : records of each number, the smallest first.

    >>> find_ends(pd.Series([1, 4, 9, 1, 1], index=[0, 20, 40, 80, 95]), 3)
    {'bottom': 20.0, 'top': 40.0}
    """
    if numbers.sum() < 2 * k:
        return {}
    values = numbers.index.to_numpy(float)
    bottom = float(values[int((numbers.cumsum() >= k).to_numpy().argmax())])
    top = float(values[::-1][int((numbers[::-1].cumsum() >= k).to_numpy().argmax())])
    if bottom >= top:
        return {}
    ends = {"bottom": (bottom, values[0]), "top": (top, values[-1])}
    return {key: end for key, (end, extreme) in ends.items() if end != extreme}


def _climb(least: Fraction) -> Iterator[Fraction]:
    """Give 1, 2 and 5 with zeros, from the first one that is at least as large."""
    exponent = math.floor(math.log10(least))
    while True:
        for digit in (1, 2, 5):
            width = digit * Fraction(10) ** exponent
            if width >= least:
                yield width
        exponent += 1


def _number_intervals(numbers: npt.NDArray[np.float64], width: Fraction) -> npt.NDArray[np.float64]:
    return np.asarray(np.floor(numbers / float(width) + 1e-9))


def simplify(number: Fraction) -> int | float:
    """Return a number as people write it: whole where it is."""
    return int(number) if number.denominator == 1 else float(number)
