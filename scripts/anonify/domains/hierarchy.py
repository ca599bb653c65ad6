"""Value generalization hierarchies: build them from rows, look nodes up.

A hierarchy is a tree over the domain of one attribute. Its nodes are numbered: leaves first,
in the order of the domain, the root last. A leaf's ancestors, one for each level, are its
generalizations; level 0 is the leaf itself. All leaves have the same number of levels, as in
ARX; a node may stay the same over several levels.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from anonify.base.errors import UserErrors
from anonify.base.values import MISSING, ROOT, number_of

Nodes = npt.NDArray[np.intp]


class HierarchyError(UserErrors):
    """The mistakes of a hierarchy."""


@dataclass(frozen=True)
class Hierarchy:
    """The tree over one attribute's domain.

    Parameters
    ----------
    attribute : name of the column.
    labels : the node labels, leaves first.
    ancestors : array (leaves, height + 1); entry [i, l] is the node of leaf i at level l.
    least_level : the level at least that a release shows a value at.
    most_level : the level at most; None for the highest one. Suppressed records show the root.
    importance : of the attribute, against that of others; a search for the least loss weighs by it.
    """

    attribute: str
    labels: tuple[str, ...]
    ancestors: Nodes
    least_level: int = 0
    most_level: int | None = None
    importance: float = 1.0

    @property
    def leaf_count(self) -> int:
        """Number of leaves: the size of the attribute's domain."""
        return len(self.ancestors)

    @property
    def height(self) -> int:
        """Number of levels above the leaves."""
        return int(self.ancestors.shape[1]) - 1

    @property
    def last_level(self) -> int:
        """The level at most that a release shows a value at: that of the root without a limit."""
        return self.height if self.most_level is None else self.most_level

    @property
    def shown_height(self) -> int:
        """Number of levels above the least one that a release may show."""
        return self.last_level - self.least_level

    @property
    def is_limited(self) -> bool:
        """Tell whether there are levels that a release may not show."""
        return self.shown_height < self.height

    @property
    def shown(self) -> Nodes:
        """Array (leaves, levels): the ancestors at the levels that a release may show."""
        return self.ancestors[:, self.least_level : self.last_level + 1]

    @property
    def root(self) -> int:
        """The node that covers the whole domain."""
        return len(self.labels) - 1

    @property
    def root_label(self) -> str:
        """What a suppressed record shows."""
        return self.labels[-1]

    @property
    def rows(self) -> npt.NDArray[np.object_]:
        """Array (leaves, height + 1): the labels of each leaf's ancestors, as files have them."""
        return np.array(self.labels, dtype=object)[self.ancestors]

    @cached_property
    def leaves_below(self) -> npt.NDArray[np.int64]:
        """Array (nodes,): number of leaves that each node covers; 1 for a leaf."""
        return self.count_below(np.arange(len(self.labels)), np.ones(self.leaf_count, np.int64))

    @cached_property
    def ncp(self) -> npt.NDArray[np.float64]:
        """Array (nodes,): normalized certainty penalty of each node, 0 to 1.

        0 for a leaf, else leaves below divided by all leaves (Xu et al., Utility-Based
        Anonymization Using Local Recoding, KDD 2006, for categorical attributes).
        """
        share = self.leaves_below / self.leaf_count
        share[: self.leaf_count] = 0.0
        return share

    @cached_property
    def loss(self) -> npt.NDArray[np.float64]:
        """Array (nodes,): what a search minimizes, the NCP times the importance."""
        return self.importance * self.ncp

    @cached_property
    def parent(self) -> Nodes:
        """Array (nodes,): the parent of each node; the root is its own parent."""
        parent = np.full(len(self.labels), self.root, dtype=np.intp)
        for level in range(self.height, 0, -1):
            child, above = self.ancestors[:, level - 1], self.ancestors[:, level]
            differs = child != above
            parent[child[differs]] = above[differs]
        return parent

    @cached_property
    def level_codes(self) -> Nodes:
        """Array (height + 1, leaves): the ancestors, numbered from 0 within each level."""
        return np.stack([np.unique(nodes, return_inverse=True)[1] for nodes in self.ancestors.T])

    @cached_property
    def level_widths(self) -> tuple[int, ...]:
        """How many nodes each level has."""
        return tuple((self.level_codes.max(axis=1) + 1).tolist())

    @cached_property
    def first_leaf(self) -> Nodes:
        """Array (nodes,): one leaf below each node."""
        first = np.zeros(len(self.labels), dtype=np.intp)
        for level in range(self.height, -1, -1):
            first[self.ancestors[::-1, level]] = np.arange(self.leaf_count)[::-1]
        return first

    @cached_property
    def node_of(self) -> dict[str, int]:
        """The node of each label."""
        return {label: node for node, label in enumerate(self.labels)}

    @property
    def is_over_text(self) -> bool:
        """Tell whether a leaf is neither a number nor a date; a missing value may be among them."""
        try:
            self._leaf_numbers()
        except ValueError:
            return True
        return False

    def labels_of(self, nodes: Nodes) -> list[str]:
        """Return the label of each node."""
        return [self.labels[node] for node in nodes.tolist()]

    def find_nodes(self, labels: Sequence[str]) -> Nodes:
        """Return the node of each label, −1 where there is none."""
        return np.array([self.node_of.get(label, -1) for label in labels], dtype=np.intp)

    def ncp_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return the NCP of each node, 0 to 1."""
        return self.ncp[nodes]

    def loss_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return the NCP of each node times the importance."""
        return self.loss[nodes]

    def count_below(self, nodes: Nodes, records: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many records each node covers.

        Parameters
        ----------
        records : array (leaves,), records that have each value.
        """
        counts = np.zeros(len(self.labels), dtype=np.int64)
        for level in self._levels_without_repeats():
            np.add.at(counts, level[level >= 0], records[level >= 0])
        return counts[nodes]

    def level_share_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return how far up each node is: its lowest level divided by the height, 0 to 1."""
        return self._lowest_levels()[nodes] / max(self.height, 1)

    def join(self, nodes: Nodes, others: Nodes) -> Nodes:
        """Return for each pair the lowest node that covers both: the lowest common ancestor."""
        paths, is_above = self._paths(nodes)
        other_paths, is_other_above = self._paths(others)
        meets = paths[..., :, np.newaxis] == other_paths[..., np.newaxis, :]
        meets &= is_above[..., :, np.newaxis] & is_other_above[..., np.newaxis, :]
        lowest = meets.any(axis=-1).argmax(axis=-1)
        return np.take_along_axis(paths, lowest[..., np.newaxis], axis=-1)[..., 0]

    def join_all(self, leaves: Nodes, nodes: Nodes) -> Nodes:
        """Return the lowest node that covers both, of each leaf with each node.

        Returns
        -------
        Array (leaves, nodes); as :meth:`join` of all pairs, in a tenth of the time.
        """
        met = np.full((len(leaves), len(nodes)), self.root)
        lowest = self._lowest_levels()[nodes]
        for level in range(self.height, -1, -1):
            of_leaves = self.ancestors[leaves, level][:, np.newaxis]
            of_nodes = self.ancestors[self.first_leaf[nodes], level]
            is_met = of_leaves == np.where(lowest <= level, of_nodes, -1)
            np.copyto(met, of_leaves, where=is_met)
        return met

    def _paths(self, nodes: Nodes) -> tuple[Nodes, npt.NDArray[np.bool_]]:
        """Return the way to the root through each node, and where on it the node is reached."""
        paths = self.ancestors[self.first_leaf[nodes]]
        return paths, np.logical_or.accumulate(paths == nodes[..., np.newaxis], axis=-1)

    def bounds_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return for each node the smallest and largest number that it covers: array (nodes, 2).

        The hierarchy must be over numbers or dates, which count as days since 1970-01-01. These
        are the numbers of the domain, not the bounds written in the labels. Infinity and minus
        infinity for a missing value.
        """
        values = self._leaf_numbers()
        low = np.full(len(self.labels), np.inf)
        high = np.full(len(self.labels), -np.inf)
        for level in range(self.height + 1):
            np.fmin.at(low, self.ancestors[:, level], values)
            np.fmax.at(high, self.ancestors[:, level], values)
        return np.stack([low, high], axis=1)[nodes]

    def _leaf_numbers(self) -> npt.NDArray[np.float64]:
        leaves = self.labels[: self.leaf_count]
        return np.array([np.nan if label == MISSING else number_of(label) for label in leaves])

    def _lowest_levels(self) -> Nodes:
        """Array (nodes,): the lowest level that each node is on."""
        lowest = np.full(len(self.labels), self.height)
        for level in range(self.height, -1, -1):
            lowest[self.ancestors[:, level]] = level
        return lowest

    def _levels_without_repeats(self) -> list[Nodes]:
        levels = [self.ancestors[:, level].copy() for level in range(self.height + 1)]
        for level in range(self.height, 0, -1):
            levels[level][levels[level] == levels[level - 1]] = -1
        return levels


def hierarchy_from_rows(attribute: str, rows: Sequence[Sequence[str]]) -> Hierarchy:
    """Build a hierarchy from one row for each leaf: the leaf, then its generalizations.

    Raises
    ------
    HierarchyError : rows of different length, a leaf that stands twice, no common root, or a
        label that is generalized in two ways.
    """
    check_mistakes(f"hierarchy of {attribute!r}", find_mistakes(rows))
    return Hierarchy(attribute, *_number_nodes(rows))


def check_mistakes(where: str, mistakes: Sequence[str]) -> None:
    """Raise a :class:`HierarchyError` that says where the mistakes are, if there are any."""
    if mistakes:
        raise HierarchyError(*(f"{where}: {mistake}" for mistake in mistakes))


def find_mistakes(rows: Sequence[Sequence[str]]) -> list[str]:
    """Say what keeps rows from being a hierarchy; see :func:`hierarchy_from_rows`."""
    if not rows:
        return ["it has no leaf; give it at least one value"]
    width = len(rows[0])
    mistakes = [
        f"row {number} has {len(row)} levels where row 1 has {width}; repeat a label so that every "
        "row has the same number"
        for number, row in enumerate(rows, start=1)
        if len(row) != width
    ]
    if mistakes:
        return mistakes
    row_of = {row[0]: row for row in rows}
    if len(row_of) < len(rows):
        leaves = Counter(row[0] for row in rows)
        repeated = [leaf for leaf, count in leaves.items() if count > 1]
        mistakes = [f"the leaf {leaf!r} stands twice; keep one row" for leaf in repeated]
    roots = {row[-1] for row in rows}
    if len(roots) > 1:
        mistakes.append(
            f"the top level has {len(roots)} labels; end every row with one common root, such as "
            f"{ROOT!r}"
        )
        return mistakes
    return [*mistakes, *_find_wrong_parents(*_number_nodes([*row_of.values()]))]


def _number_nodes(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], Nodes]:
    """Return the labels of rows, leaves first and the root last, and the rows as nodes."""
    table = np.array(rows, dtype=object)
    root = table[0, -1]
    labels = [label for label in dict.fromkeys(table.T.ravel().tolist()) if label != root]
    node_of = {label: node for node, label in enumerate([*labels, root])}
    return tuple(node_of), np.vectorize(node_of.__getitem__, otypes=[np.intp])(table)


def _find_wrong_parents(labels: Sequence[str], ancestors: Nodes) -> list[str]:
    mistakes = {}
    for level, (below, above) in enumerate(pairwise(ancestors.T), start=1):
        for node, *parents in _find_splits(below, above):
            first, second = (labels[parent] for parent in parents)
            mistakes[node] = (
                f"{labels[node]!r} stays on level {level} in some rows and is generalized there in "
                "others; let each level nest in the next"
                if node in parents
                else f"{labels[node]!r} lies under both {first!r} and {second!r} of level {level}; "
                "order the levels from narrow to wide, and give different nodes different labels"
            )
    below, above = ancestors[:, :-1].ravel(), ancestors[:, 1:].ravel()
    for node, *parents in _find_splits(below[below != above], above[below != above]):
        first, second = (labels[parent] for parent in parents)
        mistakes.setdefault(
            node,
            f"{labels[node]!r} lies under both {first!r} and {second!r}; every node needs one "
            "parent, so give different nodes different labels",
        )
    for node in _find_values_above(ancestors, root=len(labels) - 1):
        mistakes[node] = (
            f"{labels[node]!r} is a value and generalizes others too; use another label for one "
            "of them"
        )
    return list(mistakes.values())


def _find_splits(below: Nodes, above: Nodes) -> list[tuple[int, int, int]]:
    """Return each node that has several nodes above it, and the first two of those."""
    count = int(max(below.max(initial=0), above.max(initial=0))) + 1
    nodes, parents = np.divmod(np.unique(below * count + above), count)
    repeated = np.flatnonzero(nodes[1:] == nodes[:-1])
    split, first = np.unique(nodes[repeated], return_index=True)
    lower, upper = parents[repeated[first]], parents[repeated[first] + 1]
    return list(zip(split.tolist(), lower.tolist(), upper.tolist(), strict=True))


def _find_values_above(ancestors: Nodes, root: int) -> list[int]:
    """Return the leaves that stand above others, or the root where it is a value."""
    if root and (ancestors[:, 0] == root).any():
        return [root]
    leaves = np.arange(len(ancestors))
    is_other_leaf = (ancestors < len(ancestors)) & (ancestors != leaves[:, np.newaxis])
    found: list[int] = np.unique(ancestors[is_other_leaf]).tolist()
    return found
