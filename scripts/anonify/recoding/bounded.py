"""A search of lattices that are too large to keep account of, within a stated effort.

A transformation has enough where enough records lie in classes that may be allowed. What lies
above one that has enough has so, too; what lies below one that has not, has not. So the search
keeps the highest ones known not to have enough, the walls, and the lowest ones known to have.

Every feasible transformation is higher than each wall in some attribute. From the bottom, what is
not below a wall is tried in the order of its value, and what is below one leads to those that just
rise above it in one attribute: the least-cost hitting sets of all walls. A transformation without
enough is raised as far as it goes, what costs least first, and is a wall then; just above it lie
ones that have enough, and lowering these finds good ones soon. Walls that bar different attributes
have to be paid for one by one, so their sum is a bound, and by it the search goes.

Where no value below the best one is left, that is proven; else the search tells the bound.

Sources: Chandrasekaran, Karp, Moreno-Centeno, Vempala, Algorithms for Implicit Hitting Set
Problems, SODA 2011; Hart, Nilsson, Raphael, 1968 (in the order of a bound); Prasser et al.,
Lightning: Utility-Driven Anonymization of High-Dimensional Data, TDP 2016 (pruned by monotony).
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonify.recoding.effort import Task
from anonify.recoding.lattice import MOST_TRANSFORMATIONS, Transformation
from anonify.recoding.rollup import LiftedTables

# A round that has used up its work still looks at so many in all rounds, to find a feasible one.
LOOKS_BESIDE = 7_000

Values = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int16]

MOST_WORK = 4 * 10**9
"""Tuples times attributes at which a search stops; they take about a minute."""

STEP = 10_000
"""What a step takes as long as, whether anything is looked at or not."""


def count_steps(task: Task) -> dict[str, int]:
    """Return what the work of a search for a transformation grows with, by name."""
    if task.transformations <= MOST_TRANSFORMATIONS:
        return {"distinct tuples": task.rows, "transformations": task.transformations}
    looks = {"looks beside the limit": LOOKS_BESIDE}
    return {"distinct tuples": task.rows, "quasi-identifiers": len(task.domains), **looks}


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Parameters
    ----------
    levels : the best feasible transformation that was looked at; None where there is none.
    value : its value; 0 where there is none.
    bound : no feasible transformation has a smaller value.
    looked_at : how many were.
    is_proven : whether there is no better one.
    """

    levels: Transformation | None
    value: float
    bound: float
    looked_at: int
    is_proven: bool

    @property
    def gap(self) -> float:
        """How far the value is from the bound."""
        return max(self.value - self.bound, 0.0)


@dataclass(frozen=True)
class Objective:
    """What is least.

    Parameters
    ----------
    measure : the value of a transformation.
    floor : what no value at or above a transformation is below; it rises with the levels.
    costs : for each attribute an array (levels,) that rises; zeros where a value is no sum of such.
    bound : no transformation whose costs sum up to this or more has a smaller value.
    """

    measure: Callable[[Transformation], float]
    floor: Callable[[Transformation], float]
    costs: Sequence[Values]
    bound: Callable[[float], float]


Walls = Mapping[Transformation, int]
"""Transformations, none above another one, with the most records that one or what is below has."""

Rank = tuple[float, int, Transformation]


class _Points:
    """Transformations, none of which lies below another one of them, or above it."""

    def __init__(self, attributes: int) -> None:
        self.levels = np.empty((0, attributes), dtype=np.int16)

    def replace(self, is_implied: npt.NDArray[np.bool_], levels: Transformation) -> None:
        """Add one in place of those that it tells as much as."""
        kept = self.levels[~is_implied]
        self.levels = np.vstack([kept, np.array(levels, dtype=np.int16)])


class Search:
    """A search for the feasible transformation of least value.

    Of equal values the lower sum of levels counts, then the one that leaves the first attributes
    lower.

    Parameters
    ----------
    tables : of the tuples; they count the work.
    least : records that must lie in allowed classes.
    objective : what is least.
    walls : as :meth:`list_walls` of an earlier search, of a table that has lost records since; none
        at first.
    """

    def __init__(
        self,
        tables: LiftedTables,
        least: int,
        objective: Objective,
        walls: Walls,
    ) -> None:
        self._tables, self._least, self._objective = tables, least, objective
        self._top = tuple(len(costs) - 1 for costs in objective.costs)
        width = max(self._top) + 1
        self._costs = np.array(
            [np.pad(costs, (0, width - len(costs)), mode="edge") for costs in objective.costs]
        )
        self._attributes = np.arange(len(self._top))
        self._walls, self._enough = _Points(len(self._top)), _Points(len(self._top))
        known = [levels for levels, records in walls.items() if records < least]
        self._walls.levels = np.array(known, dtype=np.int16).reshape(-1, len(self._top))
        self._records = dict(walls)
        # Of each that was looked at: the most records that it, or one below it, has.
        self.records: dict[Transformation, int] = {}
        # Of each that is feasible: the records that it takes.
        self.taken: dict[Transformation, int] = {}
        self._lowered: set[Transformation] = set()
        self._best: Rank | None = None
        self._most = 0

    def run(self, most: int, starts: Sequence[Transformation] = ()) -> Found:
        """Search until the result is proven or the tables have done so much work.

        Parameters
        ----------
        starts : where good ones may be near.
        """
        self._most = most
        bottom = (0,) * len(self._top)
        queue: list[tuple[float, int, Transformation]] = []
        bound = max(self._objective.floor(bottom), self._bound(bottom))
        if self._has_enough(self._top):
            queue = [self._rank(bottom)]
            for levels in starts:
                if not self._has_enough(levels):
                    self._raise(levels)
            if not starts:
                self._lower(self._top)
        seen = {bottom}
        while queue and not self._is_spent():
            self._tables.work += STEP + self._walls.levels.size
            value, height, levels = heapq.heappop(queue)
            bound = max(bound, value)
            if self._best is not None and value > self._best[0]:
                queue = []
                break
            if self._is_no_better(levels):
                continue
            least = self._bound(levels)
            if least > value:
                heapq.heappush(queue, (least, height, levels))
                continue
            for higher in self._list_next(levels):
                if higher not in seen and not self._is_no_better(higher):
                    seen.add(higher)
                    floor = self._objective.floor(higher)
                    heapq.heappush(queue, (max(value, floor), sum(higher), higher))
        is_proven, looked_at = not queue, len(self.records)
        if self._best is None:
            return Found(None, 0.0, bound, looked_at, is_proven)
        value, _, levels = self._best
        return Found(levels, value, value if is_proven else min(bound, value), looked_at, is_proven)

    def _is_spent(self) -> bool:
        return self._tables.work >= self._most

    def list_walls(self) -> Walls:
        """Return the highest transformations without enough, and the most records that one has.

        Where records leave, no more can be: classes only shrink. What the best one takes leaves.
        """
        if self._best is not None:
            best = self._best[2]
            self.records[best] -= self.taken[best]
            self._walls.replace(np.asarray((self._walls.levels <= best).all(axis=1)), best)
        known = self._records | self.records
        return {levels: known[levels] for levels in map(tuple, self._walls.levels.tolist())}

    def _rank(self, levels: Transformation) -> Rank:
        return self._objective.floor(levels), sum(levels), levels

    def _is_no_better(self, levels: Transformation) -> bool:
        """Tell whether neither a transformation nor what lies above it is better than the best."""
        return self._best is not None and self._rank(levels) >= self._best

    def _list_next(self, levels: Transformation) -> list[Transformation]:
        """Find out about a transformation and list what leads to all better ones above it."""
        barring = self._find_walls(levels)
        if not barring.any() and self._look_at(levels) < self._least:
            self._raise(levels)
            barring = self._find_walls(levels)
        if barring.any():
            walls = self._walls.levels[barring]
            wall = walls[np.argmax(self._list_rises(walls, levels).min(axis=1))]
            return [
                (*levels[:place], int(wall[place]) + 1, *levels[place + 1 :])
                for place in np.flatnonzero(wall < self._top).tolist()
            ]
        if levels in self.taken and self._objective.measure(levels) <= self._objective.floor(
            levels
        ):
            return []
        return [
            _step(levels, place, 1) for place in np.flatnonzero(np.less(levels, self._top)).tolist()
        ]

    def _bound(self, levels: Transformation) -> float:
        """Return what no feasible value at or above a transformation is below."""
        walls = self._walls.levels[self._find_walls(levels)]
        rises = self._list_rises(walls, levels)
        prices, bars = rises.min(axis=1, initial=np.inf), np.isfinite(rises)
        total = self._costs[self._attributes, levels].sum()
        while len(prices):
            dearest = np.argmax(prices)
            total += prices[dearest]
            is_apart = ~(bars & bars[dearest]).any(axis=1) & (prices > 0)
            is_apart[dearest] = False
            prices, bars = prices[is_apart], bars[is_apart]
        return self._objective.bound(float(total))

    def _list_rises(self, walls: Levels, levels: Transformation) -> Values:
        """Array (walls, d): what it costs to rise above each in each attribute; ∞ at the top."""
        higher = np.minimum(walls + 1, self._top)
        rises = self._costs[self._attributes, higher] - self._costs[self._attributes, levels]
        return np.where(walls < self._top, rises, np.inf)

    def _find_walls(self, levels: Transformation) -> npt.NDArray[np.bool_]:
        """Array (walls,): whether a transformation lies below each, or is it."""
        return np.asarray((self._walls.levels >= levels).all(axis=1))

    def _has_enough(self, levels: Transformation) -> bool:
        if self._find_walls(levels).any():
            return False
        if (self._enough.levels <= levels).all(axis=1).any():
            return True
        return self._look_at(levels) >= self._least

    def _look_at(self, levels: Transformation) -> int:
        """Return the most records that a transformation or one below it has in allowed classes."""
        if levels in self.records:
            return self.records[levels]
        taken, most = count_allowed(self._tables, levels)
        self.records[levels] = most
        if taken >= self._least:
            self.taken[levels] = taken
            rank = (self._objective.measure(levels), sum(levels), levels)
            self._best = rank if self._best is None else min(self._best, rank)
        if most >= self._least:
            self._enough.replace(np.asarray((self._enough.levels >= levels).all(axis=1)), levels)
        else:
            self._walls.replace(np.asarray((self._walls.levels <= levels).all(axis=1)), levels)
        return most

    def _raise(self, levels: Transformation) -> None:
        """Raise one without enough as far as it goes, what costs least first, to a wall.

        What lies just above has enough, and is lowered.
        """
        base, is_open = levels, np.not_equal(levels, self._top)
        while is_open.any() and not (self._best and self._is_spent()):
            steps = sorted(
                (self._costs[place, level] - self._costs[place, base[place]], int(place))
                for place in np.flatnonzero(is_open)
                for level in range(levels[place] + 1, self._top[place] + 1)
            )
            path = [levels]
            for _, place in steps:
                path.append(_step(path[-1], place, 1))
            low, high = 0, len(path)
            while high - low > 1:
                middle = (low + high) // 2
                if self._has_enough(path[middle]):
                    high = middle
                else:
                    low = middle
            levels = path[low]
            if high == len(path):
                return
            is_open &= np.not_equal(levels, self._top)
            is_open[steps[low][1]] = False
            self._lower(path[high])

    def _lower(self, levels: Transformation) -> None:
        """Lower one that has enough while one below it has, each time to that of least value."""
        while levels not in self._lowered and not self._is_spent():
            self._lowered.add(levels)
            lower = [_step(levels, place, -1) for place in np.flatnonzero(levels).tolist()]
            lower = [each for each in lower if not self._find_walls(each).any()]
            lower.sort(key=self._rank)
            levels = next((each for each in lower if self._has_enough(each)), levels)


def count_allowed(tables: LiftedTables, levels: Transformation) -> tuple[int, int]:
    """Return the records in allowed classes of a transformation, and the most that one below has.

    A finer class of fewer records may be more diverse, but never larger.
    """
    table, members = tables.find_classes(levels)
    counts = table.rules.counts
    taken = int(counts[table.are_allowed(members)].sum())
    if table.rules.hold_when_merged:
        return taken, taken
    return taken, int(counts[table.are_large(members)].sum())


def _step(levels: Transformation, place: int, step: int) -> Transformation:
    """Return the transformation that is so many levels higher in one attribute."""
    return (*levels[:place], levels[place] + step, *levels[place + 1 :])
