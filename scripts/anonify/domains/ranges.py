"""Ranges: how a numeric quasi-identifier is generalized that has no hierarchy.

A node is a value of the domain or the range between two of them. There are about as many
ranges as pairs of values, so nodes are numbers that are computed, not rows of a table: the D
values come first in their order, then the range from value i to value j as D + i·D + j, and
the root last.

Source: the numeric attributes of Xu et al., Utility-Based Anonymization Using Local Recoding,
KDD 2006, and of LeFevre et al., Mondrian, ICDE 2006.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from anonify.base.values import MISSING, ROOT
from anonify.domains.hierarchy import Nodes

_RANGE = re.compile(r"\[(\S+), (\S+)\]")


@dataclass(frozen=True)
class Ranges:
    """The ranges over one attribute's numbers.

    A missing value is a value of its own at the end of the domain. It lies in no range: with
    anything else it is generalized to the root.

    Parameters
    ----------
    attribute : name of the column.
    values : the domain as text, sorted by number; a missing value last.
    """

    attribute: str
    values: tuple[str, ...]

    @property
    def leaf_count(self) -> int:
        """Number of values in the domain."""
        return len(self.values)

    @property
    def root(self) -> int:
        """The node that covers the whole domain, missing values too."""
        return self.leaf_count + self.leaf_count**2

    @property
    def root_label(self) -> str:
        """What a suppressed record shows."""
        return ROOT

    @property
    def rows(self) -> npt.NDArray[np.object_]:
        """Array (leaves, 1): the values, as files have them."""
        return np.array(self.values, dtype=object)[:, np.newaxis]

    @property
    def is_over_text(self) -> bool:
        """Tell whether a leaf is no number; of ranges none is."""
        return False

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """Array (numbers,): the domain without the missing value."""
        return np.array([float(value) for value in self.values if value != MISSING])

    def ends(self, nodes: Nodes) -> tuple[Nodes, Nodes]:
        """Return for each node its first and last leaf, those of all numbers for the root."""
        pairs = np.clip(nodes - self.leaf_count, 0, None)
        is_leaf = nodes < self.leaf_count
        first = np.where(is_leaf, nodes, pairs // self.leaf_count)
        last = np.where(is_leaf, nodes, pairs % self.leaf_count)
        is_root = nodes == self.root
        return np.where(is_root, 0, first), np.where(is_root, len(self.numbers) - 1, last)

    def join(self, nodes: Nodes, others: Nodes) -> Nodes:
        """Return for each pair the narrowest node that covers both."""
        (first, last), (other_first, other_last) = self.ends(nodes), self.ends(others)
        first, last = np.minimum(first, other_first), np.maximum(last, other_last)
        joined = np.where(first == last, first, self.leaf_count + first * self.leaf_count + last)
        is_whole = (first == 0) & (last == self.leaf_count - 1) & (first < last)
        has_missing = (last >= len(self.numbers)) & (first < last)
        is_root = (nodes == self.root) | (others == self.root) | is_whole | has_missing
        return np.where(is_root, self.root, joined)

    def ncp_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return the NCP of each node, 0 to 1: the width of the range over that of the domain.

        0 for a value, 1 for the root (Xu et al., KDD 2006, for numeric attributes).
        """
        first, last = self.ends(nodes)
        numbers = np.append(self.numbers, 0.0)
        span = float(np.ptp(self.numbers)) if len(self.numbers) else 0.0
        ncp = np.asarray((numbers[last] - numbers[first]) / (span or 1.0))
        ncp[nodes < self.leaf_count] = 0.0
        ncp[nodes == self.root] = 1.0
        return ncp

    def count_below(self, nodes: Nodes, records: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many records each node covers.

        Parameters
        ----------
        records : array (leaves,), records that have each value.
        """
        first, last = self.ends(nodes)
        upto = np.append(0, records.cumsum())
        covered = upto[last + 1] - upto[first]
        return np.asarray(np.where(nodes == self.root, records.sum(), covered))

    def level_share_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return how far up each node is, 0 to 1: its NCP, for ranges have no levels."""
        return self.ncp_of(nodes)

    def bounds_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return for each node the smallest and largest number that it covers: array (nodes, 2).

        Infinity and minus infinity for a missing value.
        """
        first, last = self.ends(nodes)
        return np.stack(
            [np.append(self.numbers, np.inf)[first], np.append(self.numbers, -np.inf)[last]], axis=1
        )

    def labels_of(self, nodes: Nodes) -> list[str]:
        """Return the label of each node: the value, ``[low, high]`` with both ends in, or ``*``."""
        first, last = (ends.tolist() for ends in self.ends(nodes))
        return [
            ROOT
            if node == self.root
            else self.values[node]
            if node < self.leaf_count
            else f"[{self.values[low]}, {self.values[high]}]"
            for node, low, high in zip(nodes.tolist(), first, last, strict=True)
        ]

    def find_nodes(self, labels: Sequence[str]) -> Nodes:
        """Return the node of each label, −1 where there is none."""
        node_of = {value: node for node, value in enumerate(self.values)} | {ROOT: self.root}
        nodes = []
        for label in labels:
            match = _RANGE.fullmatch(label)
            ends = match.groups() if match else ()
            if match is None or not all(end in node_of for end in ends):
                nodes.append(node_of.get(label, -1))
                continue
            low, high = (node_of[end] for end in ends)
            nodes.append(self.leaf_count + low * self.leaf_count + high if low < high else -1)
        return np.array(nodes, dtype=np.intp)


def parse_range(label: str) -> tuple[float, float] | None:
    """Return the ends written in the label of a range, or None where it is no range.

    >>> parse_range("[27.5, 31.0]")
    (27.5, 31.0)
    """
    match = _RANGE.fullmatch(label)
    return (float(match[1]), float(match[2])) if match else None
