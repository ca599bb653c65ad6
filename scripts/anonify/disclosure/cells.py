"""Cells of tables that would tell of a few people, and those that would give them back.

A cell is *small* if it is about fewer than k people, and *dominated* if one person makes most of
its sum. Both are masked, and so is every cell that is small or dominated only beside another
table: a group of the original less the same group of a release is the people whom the release
leaves out. What is masked must not follow from what is shown, so that in each table

- no group that is shown is small or dominated, nor is its difference to the release;
- groups are masked by two or more, for their sum follows from the total of the table;
- all masked groups together differ from the release by k people or more, of whom k or more have
  what is counted, and k or more have not, and whose sum is not dominated.

The last two leave each masked number a range of k or more. Whoever tries to solve the numbers is
taken to know the release itself and all totals.

Programs for cell suppression (τ-ARGUS, sdcTable) take one additive table at a time and know
nothing of a release beside it; these tables have a single dimension, for which the rule above is
enough.

Sources: Hundepool et al., Statistical Disclosure Control, Wiley 2012, Chapter 4 (minimum frequency,
p% rule, secondary suppression, and the protection interval of a masked cell); Hundepool et al.,
Handbook on Statistical Disclosure Control, ESSNet SDC, 2010.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from anonify.disclosure.people import People, count_fewest_people, count_people

Statistic = Literal["mean", "count"]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DOMINANCE = 10
"""Per cent: the p of the p% rule. A sum tells the largest of its numbers if the others, but for the
second largest, whose owner knows it, add up to less than that share of it."""


@dataclass(frozen=True)
class Cell:
    """What a cell is computed from.

    Parameters
    ----------
    values : array (records,); for a count 1 where a record has what is counted, else 0. A record
        without a value has NaN.
    people : array (records,), the person of each; None if each record is a person.
    may_be_of : where it is not known whose the records are, the people of all records that they are
        some of. They count as of the fewest people then.
    """

    values: Numbers
    people: People | None = None
    may_be_of: People | None = None


def is_few(people: int, k: int) -> bool:
    """Tell whether a number of people is one that must not be told: from 1 to k − 1."""
    return 0 < people < k


def is_dominated(values: Numbers) -> bool:
    """Tell whether one number makes most of a sum, by the p% rule (:data:`DOMINANCE`).

    >>> is_dominated(np.array([1000.0, 20.0, 10.0, 10.0]))
    True
    >>> is_dominated(np.array([100.0, 90.0, 80.0]))
    False
    """
    largest = np.sort(np.abs(values))[::-1]
    return bool(len(largest)) and bool(largest[2:].sum() < DOMINANCE / 100 * largest[0])


def is_risky(cell: Cell, statistic: Statistic, k: int) -> bool:
    """Tell whether a cell is small or dominated.

    Of a count, both who has what is counted and who has not are k people or more, or nobody.
    """
    if any(is_few(people, k) for people in _count_parts(cell, statistic)):
        return True
    return statistic == "mean" and is_dominated(_list_contributions(cell))


def _count_parts(cell: Cell, statistic: Statistic) -> list[int]:
    """Return how many people a cell tells of: all, with and without a value, and by the value."""
    is_missing = np.isnan(cell.values)
    parts = [np.ones(len(is_missing), dtype=bool), ~is_missing, is_missing]
    if statistic == "count":
        parts += [cell.values == 1, cell.values == 0]
    return [_count_part(cell, part) for part in parts]


def _count_part(cell: Cell, part: Flags) -> int:
    if cell.may_be_of is not None:
        return count_fewest_people(int(part.sum()), cell.may_be_of)
    return count_people(int(part.sum()), None if cell.people is None else cell.people[part])


def _list_contributions(cell: Cell) -> Numbers:
    """Return what each person makes of the sum of a cell.

    Where it is not known whose a record is, one person is taken to have as many as any has, the
    largest first.
    """
    is_present = ~np.isnan(cell.values)
    sizes = np.abs(cell.values[is_present])
    if cell.may_be_of is not None and len(cell.may_be_of):
        most = int(np.unique(cell.may_be_of, return_counts=True)[1].max())
        return np.add.reduceat(np.sort(sizes)[::-1], np.arange(0, len(sizes), most))
    if cell.people is None:
        return sizes
    _, owners = np.unique(cell.people[is_present], return_inverse=True)
    return np.bincount(owners, weights=sizes).astype(np.float64)


def choose_masked(
    cells: Sequence[Cell],
    released: Sequence[Cell],
    statistic: Statistic,
    k: int,
    *,
    has_secret_total: bool = False,
) -> Flags:
    """Choose which groups of a table are masked.

    Parameters
    ----------
    cells : one for each group of the table.
    released : the same groups of the release, whose records are known; cells without a record
        where there is nothing to compare with.
    has_secret_total : whether nothing may tell what all groups are together, because the release
        lacks fewer than k people.

    Returns
    -------
    Array (groups,). All are masked if that is what it takes.
    """
    pairs = [Pair(cell, known) for cell, known in zip(cells, released, strict=True)]
    sizes = np.array([len(cell.values) for cell in cells])
    masked = np.array(
        [
            is_risky(pair.cell, statistic, k) or is_risky(pair.difference, statistic, k)
            for pair in pairs
        ]
    )
    if not masked.any() and not has_secret_total:
        return masked
    least = 0 if has_secret_total else k
    # What differs from the release protects the others, and of that the fewest records are lost.
    is_equal = np.array([not len(pair.difference.values) for pair in pairs])
    for group in np.lexsort((sizes, is_equal)):
        if _is_protected(pairs, masked & (sizes > 0), statistic, least):
            return masked
        masked[group] |= sizes[group] > 0
    if not _is_protected(pairs, masked & (sizes > 0), statistic, least):
        masked[:] = True
    return masked


class Pair:
    """A cell and the same group of the release.

    ``difference`` is what one of them has and the other has not, and ``unknown`` what of the cell
    does not follow from the release: all that the release lacks if the cell contains its records,
    else the whole cell.
    """

    def __init__(self, cell: Cell, released: Cell) -> None:
        # Which records those are is not known, as releases are shuffled; which values, is.
        both = np.concatenate([cell.values, released.values])
        values, places = np.unique(both, return_inverse=True)
        here, there = (
            np.bincount(part, minlength=len(values))
            for part in np.split(places, [len(cell.values)])
        )
        more, less = (here - there).clip(min=0), (there - here).clip(min=0)
        # If each has some that the other lacks, the more numerous ones hide the others.
        is_more = more.sum() >= less.sum()
        holder = cell if is_more else released
        self.cell = cell
        rest = np.repeat(values, more if is_more else less)
        self.difference = Cell(rest, may_be_of=holder.people)
        if len(rest) == len(holder.values):
            self.difference = holder
        self.unknown = cell if less.any() else self.difference


def _is_protected(pairs: Sequence[Pair], masked: Flags, statistic: Statistic, least: int) -> bool:
    """Tell whether masked groups are two or more that leave each other a range of people."""
    if masked.sum() < 2:
        return False
    for part in ("unknown", "difference"):
        cells = [getattr(pair, part) for pair, is_one in zip(pairs, masked, strict=True) if is_one]
        people = np.sum([_count_parts(cell, statistic) for cell in cells], axis=0)
        # All of them, and of a count those who have what is counted and those who have not.
        if (people[[0, *range(3, len(people))]] < least).any():
            return False
        # Unless the total is secret, what they are together follows from it.
        sums = np.concatenate([_list_contributions(cell) for cell in cells])
        if least and statistic == "mean" and is_dominated(sums):
            return False
    return True
