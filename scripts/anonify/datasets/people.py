"""Tell whether people seem to have several records in a table that says nothing of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import MISSING, Codes
from anonify.base.words import quote
from anonify.tables.columns import Role
from anonify.tables.distinct import TextColumn

CHANCE = 0.01
"""How probable it may be that equal values agree in all quasi-identifiers by chance."""


def check_rows(path: object, columns: Mapping[str, TextColumn], roles: Mapping[str, Role]) -> None:
    """Make sure that every record is a person of its own, as far as the table shows.

    Parameters
    ----------
    path : names the table in the message.
    columns, roles : as :func:`find_people`.

    Raises
    ------
    UserError : a column may tell people who have several records.
    """
    found = find_people(columns, roles)
    if found:
        shown = _strip(columns[found[0]])
        raise UserError(
            f"{path}: {quote(found[0])} has {shown.distinct:,} values in {shown.present:,} records "
            "and may stand for people with several records, of which k would count each; give it "
            "the role `person`, or write `rows_are_people: true` in the description if every "
            "record is a person of its own"
        )


@dataclass(frozen=True)
class _Stripped:
    """A column without blanks around its texts.

    Parameters
    ----------
    numbers : array (texts,), the number of what is left of each distinct text.
    blank : the number of what shows nothing; −1 where every record has a value.
    distinct, present : how many values there are, and how many records have one.
    """

    numbers: Codes
    blank: int
    distinct: int
    present: int


def _strip(column: TextColumn) -> _Stripped:
    numbers, values = pd.factorize(column.texts.str.strip())
    blank = [*values].index(MISSING) if MISSING in values else -1
    present = int(column.records.to_numpy()[numbers != blank].sum())
    return _Stripped(numbers.astype(np.intp), blank, len(values) - (blank >= 0), present)


def find_people(columns: Mapping[str, TextColumn], roles: Mapping[str, Role]) -> list[str]:
    """Return the columns that may tell people who have several records.

    These are direct identifiers that have a value twice, unless they are numbers with decimals, and
    other columns, whatever their name, whose value fixes all quasi-identifiers where it repeats,
    which chance does not explain.

    Parameters
    ----------
    columns : values as text.
    roles : of the columns; none is ``person``.
    """
    stripped = {name: _strip(columns[name]) for name in roles}
    names = [name for name, role in roles.items() if role == "quasi-identifier"]
    repeating = {name: each.present - each.distinct for name, each in stripped.items()}
    others = [
        name
        for name, role in roles.items()
        # Without quasi-identifiers there is nothing to fix.
        if role in ("sensitive", "target") and names and repeating[name]
    ]
    fixing, agreement = _find_fixing(columns, stripped, names, others)
    found = []
    for name, role in roles.items():
        if (role == "identifier" and repeating[name] and not _are_measurements(columns[name])) or (
            name in fixing and agreement ** repeating[name] < CHANCE
        ):
            found.append(name)
    return found


def _find_fixing(
    columns: Mapping[str, TextColumn],
    stripped: Mapping[str, _Stripped],
    names: Sequence[str],
    others: Sequence[str],
) -> tuple[set[str], float]:
    """Return which other columns fix the tuple, and how probably two records agree in that."""
    seen = {name: np.full(len(stripped[name].numbers), _NO_TUPLE) for name in others}
    fixing = set(others)
    known: list[pd.Series[int]] = []
    waiting: list[pd.Series[int]] = []
    parts = zip(*(columns[name].read_numbers() for name in [*names, *others]), strict=True)
    for part in _cut(parts) if others else ():
        numbers = {
            name: stripped[name].numbers[of_part]
            for name, of_part in zip([*names, *others], part, strict=True)
        }
        tuples = _hash([numbers[name] for name in names])
        waiting.append(pd.Series(tuples).value_counts())
        if sum(map(len, waiting)) > max(sum(map(len, known)), _AT_ONCE):
            known, waiting = [_sum_up([*known, *waiting])], []
        for name in [*fixing]:
            is_present = numbers[name] != stripped[name].blank
            values, of_values = numbers[name][is_present], tuples[is_present]
            is_new = seen[name][values] == _NO_TUPLE
            seen[name][values[is_new]] = of_values[is_new]
            if (seen[name][values] != of_values).any():
                fixing.remove(name)
        if not fixing:
            break
    if not fixing:
        return fixing, 0.0
    counted = _sum_up([*known, *waiting])
    shares = counted.to_numpy(float) / counted.sum()
    return fixing, float((shares**2).sum())


def _cut(parts: Iterable[Sequence[Codes]]) -> Iterator[list[Codes]]:
    """Cut the columns of parts into shorter ones: mostly the first show that nothing is fixed."""
    for part in parts:
        for start in range(0, len(part[0]), _CUT):
            yield [numbers[start : start + _CUT] for numbers in part]


def _sum_up(counted: Sequence["pd.Series[int]"]) -> "pd.Series[int]":
    return pd.concat(counted).groupby(level=0).sum()


_NO_TUPLE = np.uint64(0)
# Tuples that are counted at once.
_AT_ONCE = 2**20
# Records that are looked at before the next ones.
_CUT = 2**16


def _hash(columns: Sequence[Codes]) -> npt.NDArray[np.uint64]:
    """Array (records,): a number of 64 bits for each tuple, as good as never the same for two.

    Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
    """
    hashes = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + column.astype(np.uint64) + np.uint64(1)
        hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        hashes ^= hashes >> np.uint64(31)
    return np.maximum(hashes, np.uint64(1))


def _are_measurements(column: TextColumn) -> bool:
    """Tell whether values are numbers of which most have decimals, as no key has."""
    texts = column.texts.str.strip()
    is_present = texts != MISSING
    texts, records = texts[is_present], column.records[is_present]
    is_number = texts.str.fullmatch(r"[+-]?[0-9]*[.,]?[0-9]+")
    has_decimals = texts.str.fullmatch(r"[+-]?[0-9]*[.,][0-9]+").to_numpy(bool)
    return bool(is_number.all()) and bool(records[has_decimals].sum() > 0.5 * records.sum())
