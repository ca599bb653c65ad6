"""All tuples of nodes that would gain as classes, for the attributes one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.cells import Costs
from anonify.recoding.recoding import Counts
from anonify.tables.counts import sum_counts


@dataclass(frozen=True)
class Rows:
    """Records in rows, and what they may cost to gain.

    Parameters
    ----------
    ways : for each attribute an array (depths, rows), from the root to the row's node; then −1.
    nodes : array (rows, d).
    records : array (rows,).
    limits : array (rows,), the NCP that a record of each must fall below to gain.
    """

    ways: Sequence[npt.NDArray[np.int32]]
    nodes: Codes
    records: Counts
    limits: Costs


@dataclass(frozen=True)
class Found:
    """Tuples of nodes that would gain as classes.

    Parameters
    ----------
    nodes : array (found, d).
    records : array (found,), records below that would gain.
    gains : array (found,), how much they would.
    """

    nodes: Codes
    records: Counts
    gains: Costs


def search_nodes(rows: Rows, hierarchies: Sequence[Hierarchy], least: int) -> Found:
    """Find the tuples of nodes that so many records of the rows would gain from."""
    search = _Search(rows, hierarchies, least)
    count = len(rows.records)
    start = _Branch(np.arange(count), np.zeros(count, np.intp), np.zeros(count))
    nothing = Found(np.zeros((0, len(rows.ways)), np.intp), np.zeros(0, np.int64), np.zeros(0))
    return join_found([nothing, *search.walk(start)])


def join_found(found: Sequence[Found]) -> Found:
    """Return what several searches found as one."""
    return Found(
        np.concatenate([each.nodes for each in found]),
        np.concatenate([each.records for each in found]),
        np.concatenate([each.gains for each in found]),
    )


@dataclass(frozen=True)
class _Branch:
    """Rows whose records would gain, by the nodes of the attributes so far.

    Parameters
    ----------
    rows : array (p,).
    nodes : array (p,), a number for the nodes of these attributes that a row lies below.
    costs : array (p,), NCP of these nodes.
    depths : the depth of these nodes in each attribute's hierarchy.
    """

    rows: Codes
    nodes: Codes
    costs: Costs
    depths: tuple[int, ...] = ()


class _Search:
    """Goes through the depths of the first attribute, for each through those of the second, ….

    Nodes that too few records gain from are left at once: with more attributes these get fewer.
    """

    def __init__(self, rows: Rows, hierarchies: Sequence[Hierarchy], least: int) -> None:
        self.ways = rows.ways
        self.losses = [tree.loss for tree in hierarchies]
        self.records = rows.records
        self.least = least
        own = zip(self.losses, rows.nodes.T, strict=True)
        lowest = np.stack([shares[nodes] for shares, nodes in own])
        # What the attributes up to each may cost, given what the later ones cost at least.
        self.limits = rows.limits - (lowest.sum(axis=0) - lowest.cumsum(axis=0))

    def walk(self, branch: _Branch) -> Iterator[Found]:
        attribute = len(branch.depths)
        if attribute == len(self.ways):
            yield self._sum_up(branch)
            return
        for depth in reversed(range(len(self.ways[attribute]))):
            further = self._extend(branch, attribute, depth)
            if len(further.rows):
                yield from self.walk(further)

    def _extend(self, branch: _Branch, attribute: int, depth: int) -> _Branch:
        nodes = self.ways[attribute][depth, branch.rows]
        costs = branch.costs + self.losses[attribute][nodes]
        gains = (nodes >= 0) & (costs < self.limits[attribute, branch.rows])
        rows = branch.rows[gains]
        keys = branch.nodes[gains] * len(self.losses[attribute]) + nodes[gains]
        _, places = np.unique(keys, return_inverse=True)
        is_enough = (np.bincount(places, weights=self.records[rows]) >= self.least)[places]
        return _Branch(
            rows[is_enough],
            places[is_enough],
            costs[gains][is_enough],
            (*branch.depths, depth),
        )

    def _sum_up(self, branch: _Branch) -> Found:
        _, first, places = np.unique(branch.nodes, return_index=True, return_inverse=True)
        columns = zip(self.ways, branch.depths, strict=True)
        nodes = [ways[depth, branch.rows[first]] for ways, depth in columns]
        records = self.records[branch.rows]
        gains = records * (self.limits[-1, branch.rows] - branch.costs)
        return Found(
            np.stack(nodes, axis=1).astype(np.intp),
            sum_counts(records, places),
            np.asarray(np.bincount(places, weights=gains), dtype=float),
        )
