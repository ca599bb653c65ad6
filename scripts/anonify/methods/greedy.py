"""Greedy local recoding with local search.

The cheapest classes come first: of all tuples of nodes that k records not yet released lie
below, the one of least NCP becomes a class of all of them, until none is left. Then a class is
opened, or widened, wherever that lowers the NCP: it draws records from costlier classes as far
as these keep k, empties such a class if the rest of it can move to others, and fills up to k
with what cheaper classes can spare.

With many attributes there are too many tuples of nodes to look through. Where there are more
combinations of depths than :data:`MOST_LISTED`, the tuples are those that split trees suggest, some
of them drawn at random (:mod:`anonify.recoding.split_trees`).

Unlike ARX, which lifts all records of a round to the same levels, each class is chosen by
itself. NCP is weighted by the importance of the attributes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, prod

import numpy as np

from anonify.base.values import Codes
from anonify.domains.domain import Domain, require_hierarchies
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.cells import (
    Allocation,
    Cells,
    Costs,
    Remainder,
    cost_of,
    group_cells,
    list_lineages,
    recode,
)
from anonify.recoding.effort import Effort, Task
from anonify.recoding.node_search import Found, Rows, search_nodes
from anonify.recoding.recoding import Counts, TupleRecoding, roots
from anonify.recoding.split_trees import ROUNDS, TREES, Candidates, share_out
from anonify.tables.classes import group
from anonify.tables.counts import sum_counts


def _list_factors(task: Task) -> dict[str, int]:
    trees = [domain for domain in task.domains if isinstance(domain, Hierarchy)]
    if prod(list_lineages(tree).shape[1] for tree in trees) <= MOST_LISTED:
        return {"distinct tuples": task.rows, "classes": task.classes}
    return {
        "distinct tuples": task.rows,
        "quasi-identifiers": len(task.domains),
        "split trees": ROUNDS * TREES,
    }


EFFORT = Effort(_list_factors, most=5 * 10**9, instead="choose arx or mondrian, or a larger k")

# Classes are looked for up to an NCP that rises in so many steps, so that there are not too many
# at a time. It hardly matters for which ones are taken.
STEPS = 40
# A class is tried if so large a share of k would gain; the rest must be filled up.
SHARES = (1.0, 0.8, 0.6, 0.4, 0.2)
# The most promising ones tried at each share. With smaller shares there are more, so a large
# table stops at the first share that has more.
MOST_TRIED = 3_000
# Combinations of depths up to which all tuples of nodes are looked through; Adult's eight
# attributes have 6,480. With more, the tuples are those that split trees suggest, and fewer are
# tried.
MOST_LISTED = 50_000
MOST_SUGGESTED = 300
# A smaller gain, in NCP of one record, is rounding.
SMALLEST_GAIN = 1e-7


def anonymize(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    remainder: Remainder = "generalize",
) -> TupleRecoding:
    """Anonymize tuples; the weights of split trees are drawn from the generator.

    With few attributes there are none, and no record can move to a cheaper class that is there
    while its own keeps k. With split trees that is so of nearly all.

    Parameters
    ----------
    tuples : array (m, d) of leaves, distinct.
    counts : array (m,), records of each; n < k in all give one class of n, or n suppressed records.
    k : smallest class allowed.
    remainder : ``generalize`` asks k records of the class at the roots too; ``suppress`` lets
        it have fewer, which are then suppressed.
    """
    hierarchies = require_hierarchies(domains)
    cells = group_cells(tuples, counts, hierarchies, k)
    allocation = allocate(cells, hierarchies, k, remainder, generator)
    return recode(allocation, counts, hierarchies, k, remainder, {})


def allocate(
    cells: Cells,
    hierarchies: Sequence[Hierarchy],
    k: int,
    remainder: Remainder,
    generator: np.random.Generator,
) -> Allocation:
    """Share the records of cells out among classes."""
    classes = _Classes(cells, hierarchies, k, remainder)
    if cells.counts.sum() < k:
        return classes.allocation()
    if prod(len(ways) for ways in classes.ways) <= MOST_LISTED:
        _open_cheapest(classes)
        _fill_up_roots(classes)
        _improve(classes, partial(_search_listed, classes), MOST_TRIED)
        _settle(classes)
    else:
        candidates, taken_by = share_out(cells, hierarchies, k, generator)
        _open_suggested(classes, candidates, taken_by)
        _fill_up_roots(classes)
        _improve(classes, partial(_search_suggested, classes, candidates), MOST_SUGGESTED)
    return classes.allocation()


class _Classes:
    """Classes, and the portions of the cells that they have; all begin in class 0, the roots.

    Attributes
    ----------
    nodes, costs, sizes : arrays (classes, d), (classes,) and (classes,); an empty class is closed.
    least : array (classes,), the records that a class must have unless it is empty.
    cell, place, records : arrays (portions,), the cell and the class of each, and its records.
    ways : for each attribute an array (depths, cells), the lineage of each cell's node.
    below : for each attribute the cells, one array, and two arrays (nodes,): where those below
        each node start and end in it.
    """

    def __init__(
        self, cells: Cells, hierarchies: Sequence[Hierarchy], k: int, remainder: Remainder
    ) -> None:
        self.cells = cells
        self.hierarchies = hierarchies
        self.k = k
        lineages = [list_lineages(tree) for tree in hierarchies]
        self.depths = [(nodes >= 0).sum(axis=1) - 1 for nodes in lineages]
        self.ways = [
            nodes.T[:, column].astype(np.int32)
            for nodes, column in zip(lineages, cells.nodes.T, strict=True)
        ]
        self.below = [
            _list_below(ways.astype(np.intp), len(tree.labels))
            for ways, tree in zip(self.ways, hierarchies, strict=True)
        ]
        self.nodes = roots(hierarchies)[np.newaxis]
        self.costs = cost_of(self.nodes, hierarchies)
        self.sizes = np.array([cells.counts.sum()])
        self.least = np.array([k if remainder == "generalize" else 0])
        self.place_of = {tuple(self.nodes[0].tolist()): 0}
        self.cell = np.arange(len(cells.nodes))
        self.place = np.zeros(len(cells.nodes), dtype=np.intp)
        self.records = cells.counts.copy()

    def allocation(self) -> Allocation:
        return Allocation(self.cells.members, self.cell, self.nodes[self.place], self.records)

    def find(self, node: Codes) -> int:
        """Return the number of the class at a tuple of nodes, a new and empty one if need be."""
        key = tuple(node.tolist())
        if key not in self.place_of:
            self.place_of[key] = len(self.sizes)
            self.nodes = np.concatenate([self.nodes, node[np.newaxis]])
            self.costs = np.append(self.costs, cost_of(node[np.newaxis], self.hierarchies))
            self.sizes = np.append(self.sizes, 0)
            self.least = np.append(self.least, self.k)
        return self.place_of[key]

    def portions_of(self, place: int) -> Codes:
        return np.flatnonzero(self.place == place)

    def open(self, nodes: Codes) -> Codes:
        """Return the numbers of new and empty classes at tuples of nodes, array (rows, d).

        The first class, at the roots, stays what it is.
        """
        is_new = (nodes != self.nodes[0]).any(axis=1)
        made = nodes[is_new]
        places = np.where(is_new, is_new.cumsum() + len(self.sizes) - 1, 0)
        self.place_of |= zip(map(tuple, made.tolist()), places[is_new].tolist(), strict=True)
        self.nodes = np.concatenate([self.nodes, made])
        self.costs = np.append(self.costs, cost_of(made, self.hierarchies))
        self.sizes = np.append(self.sizes, np.zeros(len(made), dtype=self.sizes.dtype))
        self.least = np.append(self.least, np.full(len(made), self.k))
        return places

    def portions_below(self, node: Codes) -> Codes:
        """Return the portions that a class at a tuple of nodes may have."""
        is_below = np.zeros(len(self.cells.nodes), dtype=bool)
        is_below[self.cells_below(node)] = True
        return np.flatnonzero(is_below[self.cell])

    def cells_below(self, node: Codes) -> Codes:
        """Return the cells below a tuple of nodes, the attribute of fewest cells first."""
        parts = node.tolist()
        pairs = zip(self.below, parts, strict=True)
        numbers = [ends[part] - starts[part] for (_, starts, ends), part in pairs]
        order = np.argsort(numbers, kind="stable").tolist()
        cells, starts, ends = self.below[order[0]]
        found = cells[starts[parts[order[0]]] : ends[parts[order[0]]]]
        for attribute in order[1:]:
            part = parts[attribute]
            depth = self.depths[attribute][part]
            if depth and len(found):
                found = found[self.ways[attribute][depth, found] == part]
        return np.asarray(found)

    def cheapest_above(self, cell: int, other_than: int) -> int | None:
        """Return the open class of least NCP that a cell's records may go to."""
        places = np.flatnonzero(self.sizes >= self.least)
        places = places[places != other_than]
        for attribute, (ways, depths) in enumerate(zip(self.ways, self.depths, strict=True)):
            parts = self.nodes[places, attribute]
            places = places[ways[depths[parts], cell] == parts]
        return int(places[self.costs[places].argmin()]) if len(places) else None

    def move(self, portions: Codes, place: int) -> None:
        """Move portions of other classes to a class."""
        np.subtract.at(self.sizes, self.place[portions], self.records[portions])
        self.place[portions] = place
        self.sizes[place] += self.records[portions].sum()

    def move_some(self, portions: Codes, amount: int, place: int) -> None:
        """Move that many records of the portions to a class, the first ones."""
        before = self.records[portions].cumsum() - self.records[portions]
        taken = portions[before < amount]
        left = int(self.records[taken].sum()) - amount
        if left:
            last = taken[-1]
            self.records[last] -= left
            self.cell = np.append(self.cell, self.cell[last])
            self.place = np.append(self.place, self.place[last])
            self.records = np.append(self.records, left)
        self.move(taken, place)

    def join_portions(self) -> None:
        """Make one of the portions of a cell in the same class."""
        joined = group(np.stack([self.cell, self.place], axis=1))
        self.records = sum_counts(self.records, joined.members)
        self.cell, self.place = joined.tuples.T.copy()


def _list_below(ways: Codes, nodes: int) -> tuple[Codes, Codes, Codes]:
    """Return the cells below each node, and where those of each start and end."""
    keys = ways.ravel()
    order = np.argsort(keys, kind="stable")
    order = order[np.count_nonzero(keys < 0) :]
    ends = np.bincount(keys[keys >= 0], minlength=nodes).cumsum()
    starts = np.append(0, ends[:-1])
    return order % ways.shape[1], starts, ends


def _open_cheapest(classes: _Classes) -> None:
    for limit in np.linspace(0, classes.costs[0], STEPS + 1)[1:]:
        if classes.sizes[0] < classes.k:
            break
        at_roots = classes.portions_of(0)
        limits = np.full(len(at_roots), limit)
        found = _search(classes, at_roots, limits, classes.k)
        costs = cost_of(found.nodes, classes.hierarchies)
        for node in found.nodes[np.lexsort((-found.records, costs))]:
            portions = classes.portions_below(node)
            portions = portions[classes.place[portions] == 0]
            if classes.records[portions].sum() >= classes.k:
                classes.move(portions, classes.find(node))


def _fill_up_roots(classes: _Classes) -> None:
    """Give the class at the roots as many records as it needs, of the costliest classes."""
    if not classes.sizes[0]:
        return
    costliest = 1 + np.argsort(-classes.costs[1:], kind="stable")
    for can_close in (False, True):
        for place in costliest.tolist():
            missing = int(classes.least[0] - classes.sizes[0])
            spare = int(classes.sizes[place]) - (0 if can_close else classes.k)
            amount = spare if can_close else min(spare, missing)
            if missing > 0 and amount > 0:
                classes.move_some(classes.portions_of(place), amount, 0)


def _open_suggested(classes: _Classes, candidates: Candidates, taken_by: Codes) -> None:
    """Open the classes that split trees suggest; what is left goes to the cheapest above it."""
    cells = np.flatnonzero(taken_by >= 0)
    opened = group(candidates.nodes[taken_by[cells]])
    classes.place[cells] = classes.open(opened.tuples)[opened.members]
    classes.sizes = sum_counts(classes.records, classes.place, len(classes.sizes))
    if classes.sizes[0] < classes.k:
        for cell in np.flatnonzero(classes.place == 0).tolist():
            place = classes.cheapest_above(cell, 0)
            if place is not None:
                classes.move(np.array([cell]), place)


def _improve(classes: _Classes, search: Callable[[int], Found], most: int) -> None:
    """Draw records from costlier classes as long as that lowers the NCP.

    Parameters
    ----------
    search : finds the tuples of nodes that so many records would gain from.
    most : how many of these are tried at each share of k.
    """
    for share in SHARES:
        classes.join_portions()
        found = search(ceil(share * classes.k))
        for node in found.nodes[np.argsort(-found.gains, kind="stable")[:most]]:
            _draw(classes, node)
        if len(found.nodes) > most:
            break
    classes.join_portions()


def _settle(classes: _Classes) -> None:
    """Let open classes draw until no record can move to a cheaper one."""
    while sum(_draw(classes, node) for node in classes.nodes[classes.sizes > 0]):
        classes.join_portions()


def _draw(classes: _Classes, node: Codes) -> bool:
    """Open or widen a class with records of others, and tell whether that lowered the NCP."""
    draw = _plan(classes, node)
    _empty_sources(classes, draw)
    _fill_up(classes, draw)
    if not draw.pays(classes):
        return False
    place = classes.find(node)
    for source, amount in zip(draw.sources.tolist(), draw.amounts.tolist(), strict=True):
        if amount:
            portions = draw.portions[classes.place[draw.portions] == source]
            classes.move_some(portions, amount, place)
    for portion, other in draw.evicted:
        classes.move(np.array([portion]), other)
    return True


@dataclass
class _Draw:
    """What a class takes from others.

    Parameters
    ----------
    portions : array (p,), what it may have of the other classes.
    missing : records that it needs to be large enough.
    sources, available : arrays (s,), the classes of these portions, and the records there.
    worth : array (s,), by how much the NCP of a record falls.
    amounts : array (s,), records taken.
    evicted : portions that leave an emptied class for another one, and that class.
    loss : what this costs.
    """

    portions: Codes
    missing: int
    sources: Codes
    available: Counts
    worth: Costs
    amounts: Counts
    evicted: list[tuple[int, int]]
    loss: float = 0.0

    def still_missing(self) -> int:
        return self.missing - int(self.amounts.sum())

    def gain(self) -> float:
        return float(self.worth @ self.amounts) - self.loss

    def pays(self, classes: _Classes) -> bool:
        if self.still_missing() > 0 or self.gain() <= SMALLEST_GAIN:
            return False
        is_closed = np.isin(self.sources, [place for _, place in self.evicted])
        is_closed &= classes.sizes[self.sources] - self.amounts < classes.least[self.sources]
        return not is_closed.any()


def _plan(classes: _Classes, node: Codes) -> _Draw:
    """Take what gains and may go."""
    place = classes.place_of.get(tuple(node.tolist()), -1)
    size = int(classes.sizes[place]) if place >= 0 else 0
    portions = classes.portions_below(node)
    portions = portions[classes.place[portions] != place]
    places = classes.place[portions]
    counts = sum_counts(classes.records[portions], places)
    sources = np.flatnonzero(counts)
    available, sizes = counts[sources], classes.sizes[sources]
    spare = np.clip(sizes - classes.least[sources], 0, available)
    may_go = np.where(available == sizes, available, spare)
    worth = classes.costs[sources] - cost_of(node[np.newaxis], classes.hierarchies)
    amounts = np.where(worth > SMALLEST_GAIN, may_go, 0)
    return _Draw(portions, classes.k - size, sources, available, worth, amounts, [])


def _empty_sources(classes: _Classes, draw: _Draw) -> None:
    """Take all of costlier classes whose rest can move elsewhere, where it pays or is needed."""
    sizes = classes.sizes[draw.sources]
    # Where more would stay than go it hardly ever pays, and takes the most time to find out.
    is_candidate = (draw.worth > SMALLEST_GAIN) & (draw.amounts < draw.available)
    is_candidate &= sizes <= 2 * draw.available
    options = []
    for number in np.flatnonzero(is_candidate).tolist():
        rest = np.setdiff1d(classes.portions_of(draw.sources[number]), draw.portions)
        moves = _find_elsewhere(classes, rest)
        if moves is not None:
            evicted, loss = moves
            more = draw.available[number] - draw.amounts[number]
            options.append((loss - draw.worth[number] * more, number, evicted, loss))
    for change, number, evicted, loss in sorted(options):
        if change < -SMALLEST_GAIN or (draw.still_missing() > 0 and change < draw.gain()):
            draw.amounts[number] = draw.available[number]
            draw.evicted += evicted
            draw.loss += loss


def _find_elsewhere(
    classes: _Classes, portions: Codes
) -> tuple[list[tuple[int, int]], float] | None:
    """Return for each portion the cheapest other class, and the loss; None if one has none."""
    evicted, loss = [], 0.0
    for portion in portions.tolist():
        here = int(classes.place[portion])
        there = classes.cheapest_above(int(classes.cell[portion]), here)
        if there is None:
            return None
        evicted.append((portion, there))
        loss += classes.records[portion] * (classes.costs[there] - classes.costs[here])
    return evicted, loss


def _fill_up(classes: _Classes, draw: _Draw) -> None:
    """Take what is missing from cheaper classes: what they can spare, or a whole class below."""
    sizes, least = classes.sizes[draw.sources], classes.least[draw.sources]
    is_below = draw.available == sizes
    spare = np.where(is_below, sizes, np.clip(sizes - least, 0, draw.available))
    spare[draw.worth > SMALLEST_GAIN] = 0
    order = np.argsort(-draw.worth, kind="stable")
    before = spare[order].cumsum() - spare[order]
    taken = np.zeros_like(spare)
    taken[order] = np.clip(draw.still_missing() - before, 0, spare[order])
    is_too_small = (taken > 0) & (sizes - taken < least)
    draw.amounts += np.where(is_too_small, spare, taken)


def _search_suggested(classes: _Classes, candidates: Candidates, least: int) -> Found:
    """Find the candidates that about so many records would gain from."""
    costs = classes.costs[classes.place]
    records = np.zeros(len(candidates.costs))
    gains = np.zeros(len(candidates.costs))
    for some in candidates.list_steps():
        # Costs within a step are taken for equal.
        gain = (
            np.maximum(costs - candidates.costs[some].mean() - SMALLEST_GAIN, 0) * classes.records
        )
        gaining = np.where(gain > 0, classes.records, 0)
        records[some] = candidates.add_up(some, _sum(classes, gaining))
        gains[some] = candidates.add_up(some, _sum(classes, gain))
    is_enough = records >= least
    return Found(candidates.nodes[is_enough], records[is_enough].astype(np.int64), gains[is_enough])


def _sum(classes: _Classes, values: Costs | Counts) -> Costs:
    """Array (cells,): the sum of the values of the portions of each cell."""
    sums = np.bincount(classes.cell, weights=values, minlength=len(classes.cells.counts))
    return sums.astype(np.float64)


def _search_listed(classes: _Classes, least: int) -> Found:
    """Find all tuples of nodes that so many records would gain from."""
    everything = np.arange(len(classes.cell))
    return _search(classes, everything, classes.costs[classes.place], least)


def _search(classes: _Classes, portions: Codes, limits: Costs, least: int) -> Found:
    """Find all tuples of nodes that so many records of some portions would gain from."""
    rows = Rows(
        [ways[:, classes.cell[portions]] for ways in classes.ways],
        classes.cells.nodes[classes.cell[portions]],
        classes.records[portions],
        limits - SMALLEST_GAIN,
    )
    return search_nodes(rows, classes.hierarchies, least)
