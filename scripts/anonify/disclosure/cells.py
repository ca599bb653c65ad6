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
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from anonify.disclosure.people import People, count_fewest_people, count_people
from anonify.tables.classes import group
from anonify.tables.counts import Counts, sum_counts

Statistic = Literal["mean", "count"]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DOMINANCE = 10
"""Per cent: the p of the p% rule. A sum tells the largest of its numbers if the others, but for the
second largest, whose owner knows it, add up to less than that share of it."""


@dataclass(frozen=True, eq=False)
class Cell:
    """What a cell is computed from.

    Parameters
    ----------
    values : array (rows,); for a count 1 where a record has what is counted, else 0. A record
        without a value has NaN.
    people : array (rows,), the person of each; None if each record is a person.
    may_be_of : where it is not known whose the records are, array (people,): of all records that
        they are some of, how many each has. They count as of the fewest people then.
    counted : array (rows,), how many records each row stands for; None if one each.
    """

    values: Numbers
    people: People | None = None
    may_be_of: Counts | None = None
    counted: Counts | None = None

    @property
    def records(self) -> Counts:
        """Array (rows,): how many records each row stands for."""
        if self.counted is None:
            return np.ones(len(self.values), dtype=np.int64)
        return self.counted

    @property
    def size(self) -> int:
        """How many records there are."""
        return int(self.records.sum())

    @cached_property
    def contributions(self) -> "Contributions":
        """What people make of the sum of the cell."""
        return _sum_contributions(self)


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
    return _are_dominated([_add_up(np.abs(values), np.ones(len(values), dtype=np.int64))])


def is_risky(cell: Cell, statistic: Statistic, k: int) -> bool:
    """Tell whether a cell is small or dominated.

    Of a count, both who has what is counted and who has not are k people or more, or nobody.
    """
    if any(is_few(people, k) for people in _count_parts(cell, statistic)):
        return True
    return statistic == "mean" and _are_dominated([cell.contributions])


def _count_parts(cell: Cell, statistic: Statistic) -> list[int]:
    """Return how many people a cell tells of: all, with and without a value, and by the value."""
    is_missing = np.isnan(cell.values)
    parts = [np.ones(len(is_missing), dtype=bool), ~is_missing, is_missing]
    if statistic == "count":
        parts += [cell.values == 1, cell.values == 0]
    return [_count_part(cell, part) for part in parts]


def _count_part(cell: Cell, part: Flags) -> int:
    records = int(cell.records[part].sum())
    if cell.may_be_of is not None:
        return count_fewest_people(records, cell.may_be_of)
    return count_people(records, None if cell.people is None else cell.people[part])


Contributions = tuple[float, float, float]
"""What makes a sum: what is of the person with the most, of the next one, and of all others."""


def _sum_contributions(cell: Cell) -> Contributions:
    """Return what people make of the sum of a cell.

    Where it is not known whose a record is, one person is taken to have as many as any has, the
    largest first.
    """
    is_present = ~np.isnan(cell.values)
    sizes, records = np.abs(cell.values[is_present]), cell.records[is_present]
    if cell.may_be_of is not None and len(cell.may_be_of):
        return _add_up(sizes, records, int(cell.may_be_of.max()))
    if cell.people is None:
        return _add_up(sizes, records)
    _, owners = np.unique(cell.people[is_present], return_inverse=True)
    distinct, places = np.unique(sizes, return_inverse=True)
    pairs = group(np.stack([owners, places], axis=1), records)
    people, places = pairs.tuples.T
    of_each = np.bincount(people, weights=distinct[places] * pairs.sizes).astype(float)
    return _add_up(of_each, np.ones(len(of_each), dtype=np.int64))


def _add_up(sizes: Numbers, records: Counts, most: int = 1) -> Contributions:
    """Add up numbers of which so many are of one person, the largest first.

    Parameters
    ----------
    sizes, records : arrays (rows,), numbers from 0, and how often each occurs.
    """
    # Equal ones are counted first, so that how rows are counted is no matter.
    distinct, members = np.unique(-sizes, return_inverse=True)
    counts = sum_counts(records, members)
    ends = counts.cumsum()
    first, second, rest = (
        float(-distinct @ (np.clip(ends, low, high) - np.clip(ends - counts, low, high)))
        for low, high in ((0, most), (most, 2 * most), (2 * most, None))
    )
    return first, second, rest


def _are_dominated(sums: Sequence[Contributions]) -> bool:
    """Tell whether one number makes most of all sums together, by the p% rule."""
    largest = sorted((one for first, second, _ in sums for one in (first, second)), reverse=True)
    rest = sum(largest[2:]) + sum(rest for _, _, rest in sums)
    return rest < DOMINANCE / 100 * largest[0]


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
    sizes = np.array([cell.size for cell in cells])
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
    is_equal = np.array([not pair.difference.size for pair in pairs])
    for place in np.lexsort((sizes, is_equal)):
        if _is_protected(pairs, masked & (sizes > 0), statistic, least):
            return masked
        masked[place] |= sizes[place] > 0
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
            sum_counts(each.records, part, len(values))
            for each, part in zip(
                (cell, released), np.split(places, [len(cell.values)]), strict=True
            )
        )
        more, less = (here - there).clip(min=0), (there - here).clip(min=0)
        # If each has some that the other lacks, the more numerous ones hide the others.
        is_more = more.sum() >= less.sum()
        holder = cell if is_more else released
        self.cell = cell
        rest = more if is_more else less
        of_each = None
        if holder.people is not None:
            _, owners = np.unique(holder.people, return_inverse=True)
            of_each = sum_counts(holder.records, owners)
        self.difference = Cell(values[rest > 0], may_be_of=of_each, counted=rest[rest > 0])
        if self.difference.size == holder.size:
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
        sums = [cell.contributions for cell in cells]
        if least and statistic == "mean" and _are_dominated(sums):
            return False
    return True
