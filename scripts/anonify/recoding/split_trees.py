"""Split trees: classes that many quasi-identifiers suggest, where not all can be listed.

All cells start in one part. A part is split along the children of one attribute's node, that of
which saves the most NCP with the children that have k records; those with fewer, and the cells at
the node itself, make one part together. It goes on as long as a part has k records. The lowest
common ancestors of each part, the inner ones too, are a candidate for a class: those of k records.

One tree splits by the NCP saved, the others by this times random weights of the attributes, so that
they suggest other classes. Parts do not depend on each other, so all of a level are split at once.

The cheapest candidates come first: each takes all of its cells that are free, if these have k
records. Once a share of the records is taken, new trees are grown of the cells that are free: these
suggest what suits them. The number of trees is fixed, and each looks at every cell once a level.

Source: the splits of LeFevre, DeWitt, Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE
2006, along hierarchies; trees that differ by chance as in Ho, Random Decision Forests, ICDAR 1995.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.cells import Cells, Costs, cost_of, list_lineages
from anonify.recoding.recoding import Counts
from anonify.tables.classes import number_keys, pack

ROUNDS = 5
"""How often trees are grown; all but the last time as many records are taken."""

TREES = 3
"""How many are grown at a time; the first one has weights of 1."""

STEPS = 40
"""Candidates are taken up to a cost that rises in so many steps."""

SPREAD = 0.7
"""Standard deviation of the logarithm of the weights."""


@dataclass(frozen=True)
class Candidates:
    """Candidates for classes, the cheapest first.

    Parameters
    ----------
    nodes, costs : arrays (candidates, d) and (candidates,).
    trees : array (candidates,), the tree that each is of.
    starts, ends : arrays (candidates,), the place of the first of its cells in the order of that
        tree, and the place after its last.
    orders : for each tree its cells in its order.
    """

    nodes: Codes
    costs: Costs
    trees: Codes
    starts: Codes
    ends: Codes
    orders: Sequence[Codes]

    def cells_of(self, candidate: int) -> Codes:
        """Return the cells that a candidate was found with."""
        order = self.orders[self.trees[candidate]]
        return np.asarray(order[self.starts[candidate] : self.ends[candidate]])

    def add_up(self, some: slice, values: npt.NDArray[np.float64]) -> Costs:
        """Array (some,): the sum of the values, array (cells,), over the cells of each."""
        sums = np.zeros(len(self.costs[some]))
        for tree, order in enumerate(self.orders):
            of_tree = np.flatnonzero(self.trees[some] == tree)
            if len(of_tree):
                upto = np.append(0.0, values[order].cumsum())
                rows = of_tree + some.start
                sums[of_tree] = upto[self.ends[rows]] - upto[self.starts[rows]]
        return sums

    def list_steps(self) -> Iterator[slice]:
        """List the candidates in steps of their cost."""
        if len(self.costs):
            limits = np.linspace(0, self.costs[-1], STEPS + 1)[1:]
            bounds = [0, *np.searchsorted(self.costs, limits, side="right").tolist()]
            bounds[-1] = len(self.costs)
            yield from (slice(a, b) for a, b in pairwise(bounds) if a < b)

    def take_cheapest(self, counts: Counts, cells: Codes, k: int) -> Codes:
        """Array (cells,): the candidate that takes each cell, −1 where none does.

        The cheapest one comes first; each takes all of its cells that are free, if these have k
        records.

        Parameters
        ----------
        counts : array (cells,), records of each.
        cells : numbers of those that are free.
        """
        taken_by = np.full(len(counts), -1)
        free = np.zeros(len(counts))
        free[cells] = counts[cells]
        for some in self.list_steps():
            # What is free only gets less, so who has too little now need not be looked at.
            for place in np.flatnonzero(self.add_up(some, free) >= k).tolist():
                own = self.cells_of(some.start + place)
                own = own[taken_by[own] < 0]
                if counts[own].sum() >= k:
                    taken_by[own] = some.start + place
                    free[own] = 0.0
        return taken_by


def share_out(
    cells: Cells, hierarchies: Sequence[Hierarchy], k: int, generator: np.random.Generator
) -> tuple[Candidates, Codes]:
    """Let candidates take cells, round by round.

    Parameters
    ----------
    generator : the weights of the attributes are drawn from it.

    Returns
    -------
    All candidates that were found, and array (cells,), the candidate that takes each cell, −1 where
    none does: these have fewer than k records, or cannot be told apart by the nodes.
    """
    columns = [_Column(tree, nodes) for tree, nodes in zip(hierarchies, cells.nodes.T, strict=True)]
    taken_by = np.full(len(cells.counts), -1)
    rounds: list[Candidates] = []
    for left in range(ROUNDS, 0, -1):
        free = np.flatnonzero(taken_by < 0)
        if cells.counts[free].sum() < k:
            break
        found = _find_candidates(columns, cells.counts, free, hierarchies, k, generator)
        takes = found.take_cheapest(cells.counts, free, k)
        by_cost = free[
            np.argsort(np.where(takes < 0, np.inf, found.costs[takes])[free], kind="stable")
        ]
        upto = cells.counts[by_cost].cumsum()
        last = takes[by_cost[np.searchsorted(upto, upto[-1] / left)]]
        # Candidates stand in the order of their costs: the cheaper ones keep what they took.
        is_kept = (takes >= 0) & (takes <= (last if last >= 0 else len(found.costs)))
        taken_by[is_kept] = takes[is_kept] + sum(len(each.costs) for each in rounds)
        rounds.append(found)
    return _join(rounds, taken_by)


def _join(rounds: Sequence[Candidates], taken_by: Codes) -> tuple[Candidates, Codes]:
    """Return the candidates of all rounds as one, and who takes each cell."""
    costs = np.concatenate([each.costs for each in rounds])
    order = np.argsort(costs, kind="stable")
    places = np.argsort(order)
    before = np.cumsum([0, *(len(each.orders) for each in rounds[:-1])])
    trees = [each.trees + first for each, first in zip(rounds, before, strict=True)]
    joined = Candidates(
        np.concatenate([each.nodes for each in rounds])[order],
        costs[order],
        np.concatenate(trees)[order],
        np.concatenate([each.starts for each in rounds])[order],
        np.concatenate([each.ends for each in rounds])[order],
        [cells for each in rounds for cells in each.orders],
    )
    return joined, np.where(taken_by < 0, -1, places[taken_by])


def _find_candidates(
    columns: Sequence["_Column"],
    counts: Counts,
    free: Codes,
    hierarchies: Sequence[Hierarchy],
    k: int,
    generator: np.random.Generator,
) -> Candidates:
    """Find candidates among some cells; of one tuple of nodes that with the most cells."""
    weights = np.exp(SPREAD * generator.standard_normal((TREES, len(columns))))
    weights[0] = 1.0
    grown = [_grow(columns, counts, free, k, each) for each in weights]
    sizes = [len(tree.starts) for tree in grown]
    nodes = np.concatenate([tree.nodes for tree in grown])
    starts = np.concatenate([tree.starts for tree in grown])
    ends = np.concatenate([tree.ends for tree in grown])
    costs = cost_of(nodes, hierarchies)
    order = np.lexsort((starts - ends, costs))
    order = order[np.sort(np.unique(pack(nodes)[order], return_index=True)[1])]
    return Candidates(
        nodes[order],
        costs[order],
        np.repeat(np.arange(TREES), sizes)[order],
        starts[order],
        ends[order],
        [tree.order for tree in grown],
    )


class _Column:
    """An attribute of the cells.

    Attributes
    ----------
    ways : array (depths, cells), from the root to the node of each cell; then −1.
    loss : array (nodes,).
    """

    def __init__(self, hierarchy: Hierarchy, nodes: Codes) -> None:
        self.ways = list_lineages(hierarchy).T[:, nodes].astype(np.int32)
        self.loss = hierarchy.loss

    def join(self, order: Codes, starts: Codes) -> tuple[Codes, Codes]:
        """Return the lowest common ancestor of each part and its depth, arrays (parts,)."""
        nodes = np.full(len(starts), self.ways[0, 0], dtype=np.intp)
        depths = np.zeros(len(starts), dtype=np.intp)
        for way in self.ways[1:]:
            there = way[order]
            low = np.minimum.reduceat(there, starts)
            is_same = (low >= 0) & (low == np.maximum.reduceat(there, starts))
            nodes[is_same] = low[is_same]
            depths += is_same
        return nodes, depths

    def find_next(self, cells: Codes, depths: Codes) -> Codes:
        """Array (t,): the node of each cell one below a depth, −1 where there is none."""
        padded = np.minimum(depths + 1, len(self.ways) - 1)
        below = self.ways[padded, cells].astype(np.intp)
        below[depths + 1 >= len(self.ways)] = -1
        return below


@dataclass(frozen=True)
class _Tree:
    """A tree of parts, each of which is a run of cells in the order of the tree.

    Parameters
    ----------
    order : array (t,), the cells.
    starts, ends : arrays (parts,), where each part starts and ends in this order.
    nodes : array (parts, d), the lowest common ancestors of each part.
    """

    order: Codes
    starts: Codes
    ends: Codes
    nodes: Codes


def _grow(columns: Sequence[_Column], counts: Counts, free: Codes, k: int, weights: Costs) -> _Tree:
    """Grow a tree of some cells, which have k records together."""
    order = free.copy()
    # Parts that may be split are runs of this order; what lies between them is settled.
    starts, ends = np.array([0]), np.array([len(free)])
    found = []
    while len(starts):
        sizes = ends - starts
        firsts = sizes.cumsum() - sizes
        rows = np.repeat(starts - firsts, sizes) + np.arange(sizes.sum())
        members = np.repeat(np.arange(len(starts)), sizes)
        joined = [column.join(order[rows], firsts) for column in columns]
        found.append((starts, ends, np.stack([nodes for nodes, _ in joined], axis=1)))
        below, is_split = _split(columns, joined, order[rows], members, counts, k, weights)
        is_open = is_split[members]
        rows, members, below = rows[is_open], members[is_open], below[is_open]
        width = max(len(column.loss) for column in columns) + 1
        keys = members * width + below + 1
        _, numbers = number_keys(keys, len(starts) * width)
        again = np.argsort(numbers, kind="stable")
        order[rows] = order[rows[again]]
        numbers = numbers[again]
        is_large = np.bincount(numbers, weights=counts[order[rows]]) >= k
        first = np.flatnonzero(np.diff(numbers, prepend=-1))[is_large]
        last = np.flatnonzero(np.diff(numbers, append=len(is_large)))[is_large]
        starts, ends = rows[first], rows[last] + 1
    return _Tree(order, *(np.concatenate([each[part] for each in found]) for part in range(3)))


def _split(
    columns: Sequence[_Column],
    joined: Sequence[tuple[Codes, Codes]],
    cells: Codes,
    members: Codes,
    counts: Counts,
    k: int,
    weights: Costs,
) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Split each part along the attribute that saves most, times its weight.

    Parameters
    ----------
    joined : for each attribute the node of each part and its depth.
    cells, members : arrays (t,), cells and the part of each, from 0 without a gap.

    Returns
    -------
    Array (t,), the child that each cell goes to, −1 for what goes on together; and array (parts,),
    whether a part is split.
    """
    best = np.zeros(len(joined[0][0]))
    chosen = np.full(len(cells), -1, dtype=np.intp)
    for column, (tops, depths), weight in zip(columns, joined, weights, strict=True):
        below = column.find_next(cells, depths[members])
        own = np.flatnonzero(below >= 0)
        if not len(own):
            continue
        width = len(column.loss)
        present, numbers = number_keys(members[own] * width + below[own], len(best) * width)
        records = np.bincount(numbers, weights=counts[cells[own]])
        parts, children = np.divmod(present, width)
        gains = records * (column.loss[tops[parts]] - column.loss[children]) * (records >= k)
        saved = weight * np.bincount(parts, weights=gains, minlength=len(best))
        below[own[(records < k)[numbers]]] = -1
        is_better = saved > best
        best[is_better] = saved[is_better]
        chosen = np.where(is_better[members], below, chosen)
    return chosen, best > 0
