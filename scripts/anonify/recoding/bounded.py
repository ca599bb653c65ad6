"""A search of lattices that are too large to keep account of: best first, within a stated effort.

It goes from both ends at once. From the top, where everything is generalized most, it goes down to
what loses less: of the feasible transformations known, the one of the least value comes next, and
those one level below it are looked at. That soon finds a good one. From the bottom transformations
are tried in the order of their value, so that the first feasible one is the best, and the value of
the next one is a bound that none feasible is below. What lies below one that leaves too few records
in large classes is feasible nowhere, and is not looked at.

Where both meet the result is proven, else the search tells the bound. Another bound comes from
pairs of attributes: what is feasible is so, too, where all other attributes are at the top. An
attribute is in d − 1 pairs, so the least values of all pairs, summed up and divided by d − 1, are
no more than any feasible value.

Sources: Prasser, Kohlmayer, Kuhn, Efficient and Effective Pruning Strategies for Health Data
De-Identification, BMC Med Inform Decis Mak 2016, and Prasser et al., Lightning: Utility-Driven
Anonymization of High-Dimensional Data, TDP 2016 (best first, pruned by monotony); Hart, Nilsson,
Raphael, 1968 (in the order of a value that only rises).
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.lattice import Transformation
from anonify.recoding.recoding import Counts
from anonify.tables.classes import group
from anonify.tables.counts import sum_counts

Values = npt.NDArray[np.float64]

MOST_WORK = 5 * 10**9
"""Tuples times attributes at which a search stops; they take about a minute."""

STEP = 10_000
"""What a step takes as long as, whether anything is looked at or not."""


@dataclass(frozen=True)
class Look:
    """What is found out about a transformation.

    Parameters
    ----------
    is_feasible : whether it is.
    may_be_below : whether one below it may be.
    work : what it took to find out, in tuples times attributes.
    """

    is_feasible: bool
    may_be_below: bool
    work: int


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Parameters
    ----------
    levels : the best feasible transformation that was looked at; None where there is none.
    bound : no feasible transformation has a smaller value.
    looked_at : how many were.
    work : what that took, in tuples times attributes.
    is_proven : whether there is no better one.
    """

    levels: Transformation | None
    bound: float
    looked_at: int
    work: int
    is_proven: bool


Rank = tuple[float, int, Transformation]


class _Search:
    """What is known of a lattice.

    Parameters
    ----------
    measure, look_at, infeasible : as :func:`search`.
    """

    def __init__(
        self,
        top: Transformation,
        measure: Callable[[Transformation], float],
        look_at: Callable[[Transformation], Look],
        infeasible: Sequence[Transformation],
    ) -> None:
        self.top = top
        self._measure, self._look_at = measure, look_at
        self._known: dict[Transformation, Look] = {}
        # The highest ones below which nothing is feasible.
        self._infeasible = np.array(infeasible, dtype=np.int16).reshape(-1, len(top))
        self.best: Rank | None = None
        self.work = 0

    @property
    def looked_at(self) -> int:
        return len(self._known)

    def rank(self, levels: Transformation) -> Rank:
        return self._measure(levels), sum(levels), levels

    def visit(self, levels: Transformation) -> bool:
        """Find out about a transformation, and tell whether one below it may be feasible."""
        if (self._infeasible >= levels).all(axis=1).any():
            return False
        if levels not in self._known:
            look = self._known[levels] = self._look_at(levels)
            self.work += look.work
            if look.is_feasible and (self.best is None or self.rank(levels) < self.best):
                self.best = self.rank(levels)
            if not look.may_be_below:
                is_covered = (self._infeasible <= levels).all(axis=1)
                kept = self._infeasible[~is_covered]
                self._infeasible = np.vstack([kept, np.array(levels, dtype=np.int16)])
        return self._known[levels].may_be_below


def search(
    top: Transformation,
    measure: Callable[[Transformation], float],
    look_at: Callable[[Transformation], Look],
    most: int,
    bound: float = 0.0,
    *,
    is_rising: bool = True,
    infeasible: Sequence[Transformation] = (),
) -> Found:
    """Search for the feasible transformation of least value.

    Of equal values the lower sum of levels counts, then the one that leaves the first attributes
    lower.

    Parameters
    ----------
    top : the highest levels.
    measure : the value of a transformation, not below 0.
    look_at : finds out about a transformation.
    most : the work at which the search stops.
    bound : no feasible transformation has a smaller value, as far as is known before.
    is_rising : whether no value is less than one below it; else the search goes down alone.
    infeasible : transformations that are known not to be feasible, nor is what lies below them.
    """
    known = _Search(top, measure, look_at, infeasible)
    bottom = (0,) * len(top)
    down: list[Rank] = [known.rank(top)] if known.visit(top) else []
    up: list[Rank] = [known.rank(bottom)] if is_rising else []
    seen_down, seen_up = {top}, {bottom}

    def is_proven() -> bool:
        # Going down meets every feasible transformation, going up in the order of their values.
        is_met = known.best is not None and is_rising and (not up or known.best <= up[0])
        return not down or is_met

    while not is_proven() and known.work < most:
        known.work += STEP
        for lower in _list_steps(heapq.heappop(down)[2], -1, top):
            if lower not in seen_down:
                seen_down.add(lower)
                if known.visit(lower):
                    heapq.heappush(down, known.rank(lower))
        if up:
            levels = heapq.heappop(up)[2]
            known.visit(levels)
            bound = max(bound, measure(levels))
            for higher in _list_steps(levels, 1, top):
                if higher not in seen_up:
                    seen_up.add(higher)
                    heapq.heappush(up, known.rank(higher))
    took = known.looked_at, known.work, is_proven()
    if known.best is None:
        return Found(None, bound, *took)
    value, _, levels = known.best
    return Found(levels, value if is_proven() else min(bound, value), *took)


def _list_steps(levels: Transformation, step: int, top: Transformation) -> list[Transformation]:
    """List the transformations that are one level higher, or lower, in one attribute."""
    return [
        (*levels[:place], level + step, *levels[place + 1 :])
        for place, level in enumerate(levels)
        if 0 <= level + step <= top[place]
    ]


def bound_by_pairs(
    tuples: Codes,
    counts: Counts,
    hierarchies: Sequence[Hierarchy],
    values: Sequence[Values],
    k: int,
    least: int,
) -> float:
    """Return what the summed value of every feasible transformation is at least.

    Parameters
    ----------
    tuples : array (m, d) of leaves, distinct.
    counts : array (m,), records of each.
    values : for each attribute an array (levels,), not below 0, whose sum over the attributes is
        the value of a transformation.
    k, least : of a feasible one, so many records at least are in classes of k records.
    """
    if len(hierarchies) == 1:
        return _bound_some(tuples, counts, hierarchies, values, k, least)
    pairs = [*combinations(range(len(hierarchies)), 2)]
    total = sum(
        _bound_some(
            tuples[:, pair],
            counts,
            [hierarchies[place] for place in pair],
            [values[place] for place in pair],
            k,
            least,
        )
        for pair in map(list, pairs)
    )
    return total / (len(hierarchies) - 1)


def _bound_some(
    tuples: Codes,
    counts: Counts,
    hierarchies: Sequence[Hierarchy],
    values: Sequence[Values],
    k: int,
    least: int,
) -> float:
    """Return the least value of one or two attributes with enough records in large classes."""
    groups = group(tuples)
    records = sum_counts(counts, groups.members)
    sums = values[0][:, np.newaxis] + (values[1] if len(values) > 1 else np.zeros(1))
    for place in np.argsort(sums, axis=None, kind="stable"):
        levels = np.unravel_index(place, sums.shape)
        nodes = np.stack(
            [
                tree.shown[leaves, level]
                for leaves, tree, level in zip(groups.tuples.T, hierarchies, levels, strict=False)
            ],
            axis=1,
        )
        sizes = sum_counts(records, group(nodes).members)
        if sizes[sizes >= k].sum() >= least:
            return float(sums[levels])
    return float(sums.max())
