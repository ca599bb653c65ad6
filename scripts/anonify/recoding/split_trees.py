"""Split trees: classes that many quasi-identifiers suggest, where not all can be listed.

All cells start in one part, at the roots. Every cell of a part votes for the child of one of the
part's nodes, of those that it lies below and that have k of the part's records: the one that saves
most NCP there. Each child that has a vote is a part of the next level, of all of the part's cells
below it; those that voted for it vote there again. So each cell has one way down, along what it has
in common with most others, while a part has all that could go with it. A node that all cells of a
part lie below is put in the place of the one above it. The nodes of each part, the inner ones too,
are a candidate for a class: those of k records.

Parts overlap, so there may be too many: a level keeps those of which the largest share of the
records voted, as far as they have no more cells than there are in all. So each level takes so much
work at most, and there are no more levels than all hierarchies together have.

The cheapest candidates come first: each takes all of its cells that are free, if these have k
records. Once a share of the records is taken, a new tree is grown of the cells that are free, which
suggests what suits them.

Where several trees are asked for, each round grows as many: in the first all attributes weigh the
same, in each of the others every attribute weighs from half to twice as much, as it is drawn.

Source: the splits of LeFevre, DeWitt, Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE
2006, along hierarchies; parts that share a way as far as they go together as in Han, Pei, Yin,
Mining Frequent Patterns without Candidate Generation, SIGMOD 2000.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.cells import Costs, cost_of
from anonify.recoding.recoding import Counts
from anonify.tables.classes import number_keys, pack

ROUNDS = 8
"""How often a tree is grown; all but the last time as many records are taken."""

WIDTH = 1.0
"""A level of a tree has at most so many times all cells; with less, a part may have no room.

Twice as many where there are several trees: who asks for them has time.
"""

STEPS = 40
"""Candidates are taken up to a cost that rises in so many steps."""


Ways = Sequence[npt.NDArray[np.int32]]


@dataclass(frozen=True)
class Candidates:
    """Candidates for classes, the cheapest first.

    Parameters
    ----------
    nodes, costs : arrays (candidates, d) and (candidates,).
    cells : array (t,), the cells of the first candidate, of the second one, ….
    starts : array (candidates + 1,), where those of each start, and the end.
    """

    nodes: Codes
    costs: Costs
    cells: Codes
    starts: Codes

    def cells_of(self, candidate: int) -> Codes:
        """Return the cells that a candidate was found with."""
        return self.cells[self.starts[candidate] : self.starts[candidate + 1]]

    def add_up(self, some: slice, values: npt.NDArray[np.float64]) -> Costs:
        """Array (some,): the sum of the values, array (cells,), over the cells of each."""
        first, last = self.starts[some.start], self.starts[some.stop]
        starts = self.starts[some] - first
        return np.asarray(np.add.reduceat(values[self.cells[first:last]], starts))

    def take_cheapest(self, counts: Counts, k: int, enough: float) -> Codes:
        """Array (cells,): the candidate that takes each cell, −1 where none does.

        The cheapest one comes first; each takes all of its cells that are free, if these have k
        records.

        Parameters
        ----------
        counts : array (cells,), records of each that are free.
        enough : records after which no candidate takes any.
        """
        taken_by = np.full(len(counts), -1)
        free = counts.astype(np.float64)
        for some in self._list_steps():
            # What is free only gets less, so who has too little now need not be looked at.
            for place in np.flatnonzero(self.add_up(some, free) >= k).tolist():
                own = self.cells_of(some.start + place)
                records = free[own].sum()
                if records >= k:
                    taken_by[own[free[own] > 0]] = some.start + place
                    free[own] = 0.0
                    enough -= records
                if enough <= 0:
                    return taken_by
        return taken_by

    def _list_steps(self) -> Iterator[slice]:
        """List the candidates in steps of their cost."""
        limits = np.linspace(0, self.costs[-1], STEPS + 1)[1:]
        bounds = [0, *np.searchsorted(self.costs, limits, side="right").tolist()]
        bounds[-1] = len(self.costs)
        yield from (slice(a, b) for a, b in pairwise(bounds) if a < b)


def share_out(
    ways: Ways,
    hierarchies: Sequence[Hierarchy],
    counts: Counts,
    k: int,
    trees: int,
    generator: np.random.Generator,
) -> tuple[Codes, Codes]:
    """Let candidates take cells, round by round.

    Parameters
    ----------
    ways : for each attribute an array (depths, cells), from the root to the cell's node; then −1.
    counts : array (cells,), records of each.
    trees : how many are grown in a round.
    generator : of the weights of all trees but the first.

    Returns
    -------
    The nodes of candidates, array (candidates, d), and array (cells,): the candidate that takes
    each cell, −1 where none does: these have fewer than k records.
    """
    free = counts.copy()
    taken_by = np.full(len(counts), -1)
    nodes = [np.zeros((0, len(ways)), dtype=np.intp)]
    for left in range(ROUNDS, 0, -1):
        if free.sum() < k:
            break
        weights = np.ones((trees, len(ways)))
        weights[1:] = np.exp2(generator.uniform(-1, 1, (trees - 1, len(ways))))
        found = find_candidates(ways, hierarchies, free, k, weights)
        takes = found.take_cheapest(free, k, free.sum() / left if left > 1 else np.inf)
        taken = np.flatnonzero(takes >= 0)
        taken_by[taken] = takes[taken] + sum(map(len, nodes))
        free[taken] = 0
        nodes.append(found.nodes)
    return np.concatenate(nodes), taken_by


def find_candidates(
    ways: Ways,
    hierarchies: Sequence[Hierarchy],
    counts: Counts,
    k: int,
    weights: Costs,
) -> Candidates:
    """Grow trees of cells, and return their candidates, each tuple of nodes once.

    Parameters
    ----------
    ways : as :func:`share_out`.
    counts : array (cells,), records of each that go in; k or more in all.
    weights : array (trees, d), by which the NCP of each attribute counts in each tree.
    """
    most = int(WIDTH * min(len(weights), 2) * len(counts))
    levels = []
    for of_tree in weights:
        losses = [tree.loss * weight for tree, weight in zip(hierarchies, of_tree, strict=True)]
        level = _Level.start(ways, counts)
        while len(level.sizes):
            children = _split(ways, losses, level, counts, k)
            levels.append(level)
            level = _narrow(children, counts, most)
    return _list_candidates(levels, hierarchies)


@dataclass(frozen=True)
class _Level:
    """Parts of a tree that are equally deep.

    Parameters
    ----------
    cells : array (t,), the cells of the first part, of the second one, ….
    votes : array (t,), whether it is there that the cell votes.
    sizes : array (parts,), cells of each.
    nodes, depths : arrays (parts, d), the nodes of each part and how deep they are.
    """

    cells: Codes
    votes: npt.NDArray[np.bool_]
    sizes: Codes
    nodes: Codes
    depths: Codes

    @classmethod
    def start(cls, ways: Ways, counts: Counts) -> "_Level":
        cells = np.flatnonzero(counts)
        nodes = np.array([[way[0, 0] for way in ways]], dtype=np.intp)
        is_voter = np.ones(len(cells), dtype=bool)
        return cls(cells, is_voter, np.array([len(cells)]), nodes, np.zeros_like(nodes))


def _list_candidates(levels: Sequence[_Level], hierarchies: Sequence[Hierarchy]) -> Candidates:
    """Return the parts of all levels, the cheapest first; of equal ones that of the most cells."""
    nodes = np.concatenate([level.nodes for level in levels])
    sizes = np.concatenate([level.sizes for level in levels])
    cells = np.concatenate([level.cells for level in levels])
    costs = cost_of(nodes, hierarchies)
    order = np.lexsort((-sizes, costs))
    order = order[np.sort(np.unique(pack(nodes)[order], return_index=True)[1])]
    starts = np.append(0, sizes[order].cumsum())
    firsts = sizes.cumsum() - sizes
    rows = np.repeat(firsts[order] - starts[:-1], sizes[order]) + np.arange(starts[-1])
    return Candidates(nodes[order], costs[order], cells[rows], starts)


def _narrow(level: _Level, counts: Counts, most: int) -> _Level:
    """Return the parts of which the largest share voted, as far as they have so many cells."""
    if len(level.cells) <= most:
        return level
    members = np.repeat(np.arange(len(level.sizes)), level.sizes)
    records = counts[level.cells]
    voting = np.bincount(members, weights=records * level.votes)
    shares = voting / np.bincount(members, weights=records)
    order = np.argsort(-shares, kind="stable")
    is_kept = np.zeros(len(order), dtype=bool)
    is_kept[order[level.sizes[order].cumsum() <= most]] = True
    rows = is_kept[members]
    return _Level(
        level.cells[rows],
        level.votes[rows],
        level.sizes[is_kept],
        level.nodes[is_kept],
        level.depths[is_kept],
    )


def _split(
    ways: Ways,
    losses: Sequence[Costs],
    level: _Level,
    counts: Counts,
    k: int,
) -> _Level:
    """Return the children that cells vote for; the nodes of the level are lowered in place."""
    members = np.repeat(np.arange(len(level.sizes)), level.sizes)
    records = counts[level.cells].astype(np.float64)
    splits = [
        _list_children(own_ways, loss, level, attribute, members, records)
        for attribute, (own_ways, loss) in enumerate(zip(ways, losses, strict=True))
    ]
    chosen, children = _vote(splits, level, k)
    parts = []
    for attribute, split in enumerate(splits):
        voters = np.flatnonzero(chosen == attribute)
        if not len(voters):
            continue
        is_chosen = np.zeros(len(split.parts), dtype=bool)
        is_chosen[children[voters]] = True
        own = np.flatnonzero(is_chosen[split.numbers])
        own = own[np.argsort(split.numbers[own], kind="stable")]
        rows = split.rows[own]
        votes = (chosen[rows] == attribute) & (children[rows] == split.numbers[own])
        sizes = np.bincount(split.numbers[own])
        nodes, depths = level.nodes[split.parts[is_chosen]], level.depths[split.parts[is_chosen]]
        nodes[:, attribute] = split.nodes[is_chosen]
        depths[:, attribute] += 1
        parts.append(_Level(level.cells[rows], votes, sizes[sizes > 0], nodes, depths))
    if not parts:
        nothing = level.nodes[:0]
        return _Level(level.cells[:0], level.votes[:0], level.sizes[:0], nothing, nothing)
    return _Level(
        np.concatenate([each.cells for each in parts]),
        np.concatenate([each.votes for each in parts]),
        np.concatenate([each.sizes for each in parts]),
        np.concatenate([each.nodes for each in parts]),
        np.concatenate([each.depths for each in parts]),
    )


def _vote(splits: Sequence["_Children"], level: _Level, k: int) -> tuple[Codes, Codes]:
    """Arrays (t,): the attribute that each cell of a level votes for, −1 for none, and the child.

    Parameters
    ----------
    splits : for each attribute the children of the level's nodes.
    """
    most = np.zeros(len(level.cells))
    chosen = np.full(len(level.cells), -1)
    children = np.zeros(len(level.cells), dtype=np.intp)
    for attribute, split in enumerate(splits):
        saved = np.where(split.records >= k, split.saved, 0.0)
        own = np.flatnonzero(level.votes[split.rows])
        rows, numbers = split.rows[own], split.numbers[own]
        is_better = saved[numbers] > most[rows]
        rows, numbers = rows[is_better], numbers[is_better]
        most[rows] = saved[numbers]
        chosen[rows] = attribute
        children[rows] = numbers
    return chosen, children


@dataclass(frozen=True)
class _Children:
    """The children of the nodes that parts have of an attribute.

    Parameters
    ----------
    rows, numbers : arrays (u,), cells of a level that lie below a child, and its number.
    parts, nodes : arrays (children,), the part of each child and its node.
    records : array (children,), of the cells below it.
    saved : array (children,), the NCP that these save; nothing where they are all of the part.
    """

    rows: Codes
    numbers: Codes
    parts: Codes
    nodes: Codes
    records: Costs
    saved: Costs


def _list_children(
    ways: npt.NDArray[np.int32],
    loss: Costs,
    level: _Level,
    attribute: int,
    members: Codes,
    records: Costs,
) -> _Children:
    """List the children of an attribute's nodes; nodes of a level are lowered to only ones.

    Parameters
    ----------
    loss : array (nodes,), of each node of the attribute.
    members, records : arrays (t,), of each cell of the level the part and the records.
    """
    depths, tops = level.depths[:, attribute], level.nodes[:, attribute]
    totals = np.bincount(members, weights=records, minlength=len(tops))
    found = []
    # What is lowered from one depth is looked at again at the next one.
    for depth, way in enumerate(ways[1:]):
        is_here = depths == depth
        rows = np.flatnonzero(np.repeat(is_here, level.sizes))
        below = way[level.cells[rows]]
        is_there = below >= 0
        rows, below = rows[is_there], below[is_there]
        present, numbers = number_keys(members[rows] * len(loss) + below, len(tops) * len(loss))
        parts, nodes = np.divmod(present, len(loss))
        sums = np.bincount(numbers, weights=records[rows], minlength=len(parts)).astype(float)
        saved = sums * (loss[tops[parts]] - loss[nodes])
        is_only = sums == totals[parts]
        saved[is_only] = 0.0
        tops[parts[is_only]] = nodes[is_only]
        depths[parts[is_only]] += 1
        found.append(_Children(rows, numbers, parts, nodes, sums, saved))
    return _join(found)


def _join(found: Sequence[_Children]) -> _Children:
    """Return the children of several depths as one; there are none of a single value."""
    if len(found) == 1:
        return found[0]
    none = np.zeros(0, dtype=np.intp)
    before = np.cumsum([0, *(len(each.parts) for each in found)])
    numbers = [each.numbers + first for each, first in zip(found, before[:-1], strict=True)]
    return _Children(
        np.concatenate([none, *(each.rows for each in found)]),
        np.concatenate([none, *numbers]),
        np.concatenate([none, *(each.parts for each in found)]),
        np.concatenate([none, *(each.nodes for each in found)]),
        np.concatenate([none.astype(float), *(each.records for each in found)]),
        np.concatenate([none.astype(float), *(each.saved for each in found)]),
    )
