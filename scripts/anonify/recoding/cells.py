"""Cells: what the classes allowed cannot tell apart, and how its records are shared out.

A class of k records can show a node only if k records lie below it. A value with fewer records
is therefore never released: in every class it is generalized at least to its lowest ancestor
with k records, and to put that node in its place at once loses nothing. What is left are few
distinct tuples of nodes, the cells. A cell's records may go to different classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.recoding import Counts, TupleRecoding, divide, roots
from anonify.tables.classes import group
from anonify.tables.counts import sum_counts

Costs = npt.NDArray[np.float64]

# What becomes of the records that no other class takes: a class of k or more at the roots, or,
# where they are fewer, suppressed.
Remainder = Literal["generalize", "suppress"]


@dataclass(frozen=True)
class Cells:
    """Distinct tuples of nodes, and the tuples of leaves that lie below them.

    Parameters
    ----------
    nodes : array (cells, d), sorted.
    counts : array (cells,), records in each cell.
    members : array (m,), the cell of each tuple.
    """

    nodes: Codes
    counts: Counts
    members: Codes


@dataclass(frozen=True)
class Allocation:
    """Which classes the records of the cells are released in.

    Parameters
    ----------
    members : array (m,), the cell of each tuple.
    cells : array (portions,), the cell that each portion is of.
    nodes : array (portions, d), the class that it goes to.
    records : array (portions,), how many records it has.
    """

    members: Codes
    cells: Codes
    nodes: Codes
    records: Counts


def list_lineages(hierarchy: Hierarchy) -> Codes:
    """Array (nodes, depths): the way from the root, of depth 0, down to each node; then −1.

    A depth, unlike a level, is never shared by a node and its parent.
    """
    ways = [np.arange(len(hierarchy.labels))]
    while (ways[-1] != hierarchy.root).any():
        ways.append(hierarchy.parent[ways[-1]])
    upwards = np.stack(ways)
    depths = (upwards != hierarchy.root).sum(axis=0)
    lineages = np.full((len(hierarchy.labels), len(ways)), -1, dtype=np.intp)
    for steps, nodes in enumerate(upwards):
        is_on_way = depths >= steps
        lineages[is_on_way, (depths - steps)[is_on_way]] = nodes[is_on_way]
    return lineages


def cost_of(nodes: Codes, hierarchies: Sequence[Hierarchy]) -> Costs:
    """Array (rows,): loss of each row of an array (rows, d): NCP, weighted and summed up."""
    columns = zip(hierarchies, nodes.T, strict=True)
    return np.asarray(np.sum([tree.loss[column] for tree, column in columns], axis=0))


def group_cells(tuples: Codes, counts: Counts, hierarchies: Sequence[Hierarchy], k: int) -> Cells:
    """Group tuples (m, d), each value lifted to its lowest ancestor with k records or the root.

    Parameters
    ----------
    counts : array (m,), records of each tuple.
    """
    columns = [
        _lift_rare(leaves, counts, tree, k)
        for leaves, tree in zip(tuples.T, hierarchies, strict=True)
    ]
    cells = group(np.stack(columns, axis=1))
    return Cells(cells.tuples, sum_counts(counts, cells.members), cells.members)


def _lift_rare(leaves: Codes, records: Counts, hierarchy: Hierarchy, k: int) -> Codes:
    lineages = list_lineages(hierarchy)
    ways = lineages[: hierarchy.leaf_count]
    counts = np.bincount(leaves, weights=records, minlength=hierarchy.leaf_count)
    below = np.zeros(len(hierarchy.labels))
    for nodes in ways.T:
        np.add.at(below, nodes[nodes >= 0], counts[nodes >= 0])
    is_frequent = (ways >= 0) & (below[ways] >= k)
    is_frequent[:, 0] = True
    deepest = is_frequent.shape[1] - 1 - is_frequent[:, ::-1].argmax(axis=1)
    nodes = np.take_along_axis(ways, deepest[:, np.newaxis], axis=1)[:, 0]
    return np.asarray(nodes[leaves])


def recode(
    allocation: Allocation,
    counts: Counts,
    hierarchies: Sequence[Hierarchy],
    k: int,
    remainder: Remainder,
    facts: Mapping[str, float | int | str],
) -> TupleRecoding:
    """Return the recoding of an allocation; a cell's tuples go to its portions in their order.

    Fewer than k records at the roots are suppressed where the remainder may be.

    Parameters
    ----------
    counts : array (m,), records of each tuple.
    """
    is_at_roots = (allocation.nodes == roots(hierarchies)).all(axis=1)
    is_remainder = remainder == "suppress" and int(allocation.records[is_at_roots].sum()) < k
    of_cells = TupleRecoding(
        allocation.cells,
        allocation.records,
        allocation.nodes,
        is_at_roots & is_remainder,
        facts,
    )
    return divide(of_cells, allocation.members, counts)
