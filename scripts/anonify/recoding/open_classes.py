"""Classes that are open while cells are shared out among them, and what each of them has."""

from collections.abc import Sequence

import numpy as np

from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.cells import Allocation, Cells, Remainder, cost_of, list_lineages
from anonify.recoding.recoding import roots
from anonify.tables.classes import group
from anonify.tables.counts import sum_counts


class OpenClasses:
    """Classes, and the portions of the cells that they have; all begin in class 0, the roots.

    Attributes
    ----------
    nodes, costs, sizes : arrays (classes, d), (classes,) and (classes,); an empty class is closed.
    least : array (classes,), the records that a class must have unless it is empty.
    cell, place, records : arrays (portions,), the cell and the class of each, and its records.
    lineages, depths : for each attribute arrays (nodes, depths) and (nodes,), the way from the root
        down to each node, and how deep it is.
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
        self.lineages = [list_lineages(tree) for tree in hierarchies]
        self.depths = [(nodes >= 0).sum(axis=1) - 1 for nodes in self.lineages]
        self.ways = [
            nodes.T[:, column].astype(np.int32)
            for nodes, column in zip(self.lineages, cells.nodes.T, strict=True)
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

    def cheapest_above(self, cells: Codes, other_than: int) -> Codes:
        """Array (cells,): the open class of least NCP that records of each may go to, −1 for none.

        Parameters
        ----------
        cells : some that the class below has, or may have.
        other_than : a class.
        """
        places = np.flatnonzero(self.sizes >= self.least)
        places = places[places != other_than]
        places = places[np.argsort(self.costs[places], kind="stable")]
        # What is above one of its cells is above the class, or below it, in each attribute.
        for attribute, node in enumerate(self.nodes[other_than].tolist()):
            parts = self.nodes[places, attribute]
            lineages, depths = self.lineages[attribute], self.depths[attribute]
            is_above = lineages[node, depths[parts]] == parts
            places = places[is_above | (lineages[parts, depths[node]] == node)]
        is_above = np.ones((len(cells), len(places)), dtype=bool)
        for attribute, (ways, depths) in enumerate(zip(self.ways, self.depths, strict=True)):
            parts = self.nodes[places, attribute]
            is_above &= ways[depths[parts], cells[:, np.newaxis]] == parts
        if not len(places):
            return np.full(len(cells), -1)
        return np.where(is_above.any(axis=1), places[is_above.argmax(axis=1)], -1)

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
