"""Value generalization hierarchies: build them from rules, look nodes up.

A hierarchy is a tree over the domain of one attribute. Its nodes are numbered: leaves first,
in the order of the domain, the root last. A leaf's ancestors, one for each level, are its
generalizations; level 0 is the leaf itself. All leaves have the same number of levels, as in
ARX; a node may stay the same over several levels.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from anonify.errors import UserError

ROOT = "*"
# A missing value is a value of its own, an empty cell.
MISSING = ""

Nodes = npt.NDArray[np.intp]


_INTERVAL = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Hierarchy:
    """The tree over one attribute's domain.

    Parameters
    ----------
    attribute : name of the column.
    labels : the node labels, leaves first.
    ancestors : array (leaves, height + 1); entry [i, l] is the node of leaf i at level l.
    """

    attribute: str
    labels: tuple[str, ...]
    ancestors: Nodes

    @property
    def leaf_count(self) -> int:
        """Number of leaves: the size of the attribute's domain."""
        return len(self.ancestors)

    @property
    def height(self) -> int:
        """Number of levels above the leaves."""
        return int(self.ancestors.shape[1]) - 1

    @property
    def root(self) -> int:
        """The node that covers the whole domain."""
        return len(self.labels) - 1

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
        """Tell whether a leaf is no number; a missing value may stand among numbers."""
        leaves = self.labels[: self.leaf_count]
        return not all(is_number(label) for label in leaves if label != MISSING)

    def labels_of(self, nodes: Nodes) -> list[str]:
        """Return the label of each node."""
        return [self.labels[node] for node in nodes.tolist()]

    def find_nodes(self, labels: Sequence[str]) -> Nodes:
        """Return the node of each label, −1 where there is none."""
        return np.array([self.node_of.get(label, -1) for label in labels], dtype=np.intp)

    def ncp_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return the NCP of each node, 0 to 1."""
        return self.ncp[nodes]

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
        lowest = np.full(len(self.labels), self.height)
        for level in range(self.height, -1, -1):
            lowest[self.ancestors[:, level]] = level
        return lowest[nodes] / max(self.height, 1)

    def join(self, nodes: Nodes, others: Nodes) -> Nodes:
        """Return for each pair the lowest node that covers both: the lowest common ancestor."""
        paths, is_above = self._paths(nodes)
        other_paths, is_other_above = self._paths(others)
        meets = paths[..., :, np.newaxis] == other_paths[..., np.newaxis, :]
        meets &= is_above[..., :, np.newaxis] & is_other_above[..., np.newaxis, :]
        lowest = meets.any(axis=-1).argmax(axis=-1)
        return np.take_along_axis(paths, lowest[..., np.newaxis], axis=-1)[..., 0]

    def _paths(self, nodes: Nodes) -> tuple[Nodes, npt.NDArray[np.bool_]]:
        """Return the way to the root through each node, and where on it the node is reached."""
        paths = self.ancestors[self.first_leaf[nodes]]
        return paths, np.logical_or.accumulate(paths == nodes[..., np.newaxis], axis=-1)

    def bounds_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return for each node the smallest and largest number that it covers: array (nodes, 2).

        The hierarchy must be over numbers. These are the numbers of the domain, not the
        bounds written in the labels. Infinity and minus infinity for a missing value.
        """
        leaves = self.labels[: self.leaf_count]
        values = np.array([np.nan if label == MISSING else float(label) for label in leaves])
        low = np.full(len(self.labels), np.inf)
        high = np.full(len(self.labels), -np.inf)
        for level in range(self.height + 1):
            np.fmin.at(low, self.ancestors[:, level], values)
            np.fmax.at(high, self.ancestors[:, level], values)
        return np.stack([low, high], axis=1)[nodes]

    def _levels_without_repeats(self) -> list[Nodes]:
        levels = [self.ancestors[:, level].copy() for level in range(self.height + 1)]
        for level in range(self.height, 0, -1):
            levels[level][levels[level] == levels[level - 1]] = -1
        return levels


def parse_interval(label: str) -> tuple[float, float] | None:
    """Return the bounds written in an interval label, or None where it is no interval.

    >>> parse_interval("10-30")
    (10.0, 30.0)
    >>> parse_interval("27.32") is None
    True
    """
    match = _INTERVAL.fullmatch(label.strip())
    return (float(match[1]), float(match[2])) if match else None


def build_hierarchy(attribute: str, domain: Sequence[str], rule: Mapping[str, Any]) -> Hierarchy:
    """Build the hierarchy of an attribute from a rule of the dataset's configuration.

    Parameters
    ----------
    domain : the distinct values of the attribute as text, in the order of the domain.
    rule : one of
        ``intervals``: a list of levels, narrowest first, each either ``{start, width}`` or
        ``{edges: [...]}``; intervals are closed below and open above and are labelled
        ``low-high``;
        ``tree``: nested lists and mappings whose innermost lists hold the leaves. An empty
        rule gives the flat hierarchy.
        The root ``*`` comes on top of either. A missing value that the tree does not name is
        generalized straight to it.

    Raises
    ------
    UserError : a value lies in no interval or under no leaf of the tree, a level does not
        nest in the next, or a leaf stands twice.
    """
    values = [value for value in domain if value != MISSING]
    if "intervals" in rule:
        levels: list[Sequence[str]] = [values]
        levels += [_label_intervals(attribute, values, level) for level in rule["intervals"]]
        rows = [list(path) for path in zip(*levels, strict=True)]
    elif "tree" in rule:
        paths = _read_tree(attribute, rule["tree"])
        for value in values:
            if value not in paths:
                raise UserError(
                    f"hierarchy of {attribute!r}: the value {value!r} is no leaf of the tree; "
                    "add it under the node that generalizes it"
                )
        rows = [paths[value] for value in domain if value in paths]
    else:
        rows = [[value] for value in values]
    rows = [[*row, ROOT] for row in rows]
    return hierarchy_from_rows(attribute, add_missing(rows, domain))


def add_missing(rows: list[list[str]], domain: Sequence[str]) -> list[list[str]]:
    """Return rows of a hierarchy with one for a missing value, where the domain has it.

    It is generalized straight to the root, unless the rows have it already.
    """
    if MISSING not in domain or any(row[0] == MISSING for row in rows):
        return rows
    width, root = (len(rows[0]), rows[0][-1]) if rows else (2, ROOT)
    return [*rows, [MISSING] * (width - 1) + [root]]


def hierarchy_from_rows(attribute: str, rows: Sequence[Sequence[str]]) -> Hierarchy:
    """Build a hierarchy from one row for each leaf: the leaf, then its generalizations.

    Raises
    ------
    UserError : rows of different length, a leaf that stands twice, no common root, or a
        label that is generalized in two ways.
    """
    if not rows:
        raise UserError(f"hierarchy of {attribute!r}: it has no leaf; give it at least one value")
    width = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise UserError(
                f"hierarchy of {attribute!r}: row {number} has {len(row)} levels where row 1 has "
                f"{width}; repeat a label so that every row has the same number"
            )
    table = np.array(rows, dtype=object)
    leaves, places = np.unique(table[:, 0].astype(str), return_index=True)
    if len(leaves) < len(table):
        duplicate = table[np.setdiff1d(np.arange(len(table)), places)[0], 0]
        raise UserError(
            f"hierarchy of {attribute!r}: the leaf {duplicate!r} stands twice; keep one row"
        )
    if len(set(table[:, -1])) > 1:
        raise UserError(
            f"hierarchy of {attribute!r}: the top level has {len(set(table[:, -1]))} labels; "
            f"end every row with one common root, such as {ROOT!r}"
        )
    root = table[0, -1]
    labels = dict.fromkeys(label for label in table.T.ravel() if label != root)
    node_of = {label: node for node, label in enumerate([*labels, root])}
    ancestors = np.vectorize(node_of.__getitem__, otypes=[np.intp])(table)
    _check_parents(attribute, ancestors, list(node_of))
    return Hierarchy(attribute, tuple(node_of), ancestors)


def _check_parents(attribute: str, ancestors: Nodes, labels: Sequence[str]) -> None:
    below, above = ancestors[:, :-1].ravel(), ancestors[:, 1:].ravel()
    pairs = np.unique(np.stack([below, above], axis=1)[below != above], axis=0)
    repeated = np.flatnonzero(pairs[1:, 0] == pairs[:-1, 0])
    if len(repeated):
        node = pairs[repeated[0], 0]
        first, second = (labels[parent] for parent in pairs[repeated[0] : repeated[0] + 2, 1])
        raise UserError(
            f"hierarchy of {attribute!r}: {labels[node]!r} lies under both {first!r} and "
            f"{second!r}; every node needs one parent, so let each level nest in the next"
        )
    for level, (nodes, higher) in enumerate(pairwise(ancestors.T)):
        steps = np.unique(np.stack([nodes, higher], axis=1), axis=0)
        repeated = np.flatnonzero(steps[1:, 0] == steps[:-1, 0])
        if len(repeated):
            row = int((nodes == steps[repeated[0], 0]).argmax())
            raise UserError(
                f"hierarchy of {attribute!r}: {labels[nodes[row]]!r} stays on level {level + 1} in "
                "some rows and is generalized there in others; let each level nest in the next"
            )
    leaves = np.arange(len(ancestors))
    is_other_leaf = (ancestors < len(ancestors)) & (ancestors != leaves[:, np.newaxis])
    wrong = ancestors[is_other_leaf][:1].tolist()
    if len(labels) > 1 and (ancestors[:, 0] == len(labels) - 1).any():
        wrong = [len(labels) - 1]
    if wrong:
        raise UserError(
            f"hierarchy of {attribute!r}: {labels[wrong[0]]!r} is a value and generalizes others "
            "too; use another label for one of them"
        )


def _label_intervals(
    attribute: str, domain: Sequence[str], level: Mapping[str, Any]
) -> Sequence[str]:
    try:
        values = np.array([float(value) for value in domain])
    except ValueError:
        text = next(value for value in domain if not is_number(value))
        raise UserError(
            f"hierarchy of {attribute!r}: the value {text!r} is no number, so it lies in no "
            "interval; give the attribute a tree"
        ) from None
    bounds = level.get("edges", [level.get("start"), level.get("width")])
    if not np.isfinite(np.array(bounds, dtype=float)).all():
        raise UserError(
            f"hierarchy of {attribute!r}: the numbers {bounds} are not all finite; give finite ones"
        )
    if "edges" in level:
        edges = np.array(level["edges"], dtype=float)
        if (np.diff(edges) <= 0).any():
            raise UserError(
                f"hierarchy of {attribute!r}: the edges {level['edges']} do not rise; sort them"
            )
        place = np.searchsorted(edges, values, side="right") - 1
        outside = (place < 0) | (place >= len(edges) - 1)
        if outside.any():
            raise UserError(
                f"hierarchy of {attribute!r}: the value {domain[int(outside.argmax())]} lies "
                f"outside the edges {edges[0]:g} to {edges[-1]:g}; add an edge"
            )
        low, high = edges[place], edges[place + 1]
    else:
        # 0.3 begins the interval 0.3-0.4 although 0.3 / 0.1 is a little less than 3.
        step = np.floor((values - level["start"]) / level["width"] + 1e-9)
        low = level["start"] + step * level["width"]
        high = low + level["width"]
    return [f"{a:.12g}-{b:.12g}" for a, b in zip(low, high, strict=True)]


def is_number(text: str) -> bool:
    """Tell whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_tree(attribute: str, tree: Any) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}

    def walk(node: Any, above: list[str]) -> None:
        if isinstance(node, Mapping):
            for label, below in node.items():
                walk(below, [str(label), *above])
            return
        if not isinstance(node, list):
            raise UserError(
                f"hierarchy of {attribute!r}: under {' in '.join(above) or 'the root'} stands "
                f"{node!r} where a list of leaves should be"
            )
        for leaf in node:
            if str(leaf) in paths:
                raise UserError(
                    f"hierarchy of {attribute!r}: the leaf {str(leaf)!r} stands twice in the "
                    "tree; keep it under one node"
                )
            paths[str(leaf)] = [str(leaf), *above]

    walk(tree, [])
    height = max(map(len, paths.values()), default=0)
    return {leaf: [leaf] * (height - len(path)) + path for leaf, path in paths.items()}
