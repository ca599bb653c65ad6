"""Ranges: how a numeric quasi-identifier is generalized that has no hierarchy.

A node is a value of the domain or a range. A range goes from one place to another: places are the
values of the domain in their order or, where edges are given, the intervals between these. There
are about as many ranges as pairs of places, so nodes are numbers that are computed, not rows of a
table: the D values come first in their order, then the range from place i to place j of P as
D + i·P + j, and the root last.

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

_RANGE = re.compile(r"\[(\S+), (\S+)([\[\]])")


@dataclass(frozen=True)
class Ranges:
    """The ranges over one attribute's numbers.

    A missing value is a value of its own at the end of the domain. It lies in no range: with
    anything else it is generalized to the root.

    Parameters
    ----------
    attribute : name of the column.
    values : the domain as text, sorted by number; a missing value last.
    edges : where ranges end, as text, rising, around all numbers; without them at the values. The
        last range holds both of its ends, the others their lower one alone.
    importance : of the attribute, against that of others; a search for the least loss weighs by it.
    """

    attribute: str
    values: tuple[str, ...]
    edges: tuple[str, ...] = ()
    importance: float = 1.0

    @property
    def leaf_count(self) -> int:
        """Number of values in the domain."""
        return len(self.values)

    @property
    def root(self) -> int:
        """The node that covers the whole domain, missing values too."""
        return self.leaf_count + self._place_count**2

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

    @cached_property
    def places(self) -> Nodes:
        """Array (leaves,): the place of each value; that of a missing one comes last."""
        if not self.edges:
            return np.arange(self.leaf_count)
        found = np.searchsorted(self._edges, self.numbers, side="right") - 1
        found = np.minimum(found, len(self.edges) - 2)
        return np.append(found, [len(self.edges) - 1] * self._has_missing).astype(np.intp)

    @cached_property
    def _edges(self) -> npt.NDArray[np.float64]:
        return np.array(self.edges, dtype=float)

    @property
    def _has_missing(self) -> bool:
        return len(self.numbers) < self.leaf_count

    @property
    def _number_places(self) -> int:
        return len(self.edges) - 1 if self.edges else len(self.numbers)

    @property
    def _place_count(self) -> int:
        return self._number_places + self._has_missing

    @cached_property
    def _place_ends(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Where each place of numbers begins and ends."""
        return (self._edges[:-1], self._edges[1:]) if self.edges else (self.numbers, self.numbers)

    def ends(self, nodes: Nodes) -> tuple[Nodes, Nodes]:
        """Return for each node its first and last place, those of all numbers for the root."""
        pairs = np.clip(nodes - self.leaf_count, 0, None)
        is_leaf = nodes < self.leaf_count
        own = self.places[np.where(is_leaf, nodes, 0)] if self.edges else nodes
        first = np.where(is_leaf, own, pairs // self._place_count)
        last = np.where(is_leaf, own, pairs % self._place_count)
        is_root = nodes == self.root
        return np.where(is_root, 0, first), np.where(is_root, self._number_places - 1, last)

    def join(self, nodes: Nodes, others: Nodes) -> Nodes:
        """Return for each pair the narrowest node that covers both."""
        (first, last), (other_first, other_last) = self.ends(nodes), self.ends(others)
        first, last = np.minimum(first, other_first), np.maximum(last, other_last)
        is_value = (nodes == others) & (nodes < self.leaf_count)
        is_root = (nodes == self.root) | (others == self.root)
        joined = np.where(is_root, self.root, self._number_ranges(first, last))
        return np.where(is_value, nodes, joined)

    def surround(self, values: Sequence[str]) -> Nodes:
        """Return for each value, also one that the domain lacks, the narrowest node that covers it.

        It is the root for a number beyond all ranges, and for a missing value that is not there.

        >>> ages = Ranges("age", ("30", "34", "40", "41"))
        >>> ages.labels_of(ages.surround(["34", "36.5", "50"]))
        ['34', '[34, 40]', '*']
        """
        node_of = {value: node for node, value in enumerate(self.values)}
        return np.array(
            [node_of.get(value, self._surround(value)) for value in values], dtype=np.intp
        )

    def _surround(self, value: str) -> int:
        ends = self._edges if self.edges else self.numbers
        if value == MISSING or not len(ends) or not ends[0] <= float(value) <= ends[-1]:
            return self.root
        above = int(np.searchsorted(ends, float(value), side="right"))
        first = np.array([min(above, len(ends) - 1) - 1])
        return int(self._number_ranges(first, first if self.edges else first + 1)[0])

    def widen(self, nodes: Nodes) -> Nodes:
        """Return what a release shows for each node: where there are edges, no number itself."""
        is_number = nodes < (len(self.numbers) if self.edges else 0)
        return np.where(is_number, self._number_ranges(*self.ends(nodes)), nodes)

    def _number_ranges(self, first: Nodes, last: Nodes) -> Nodes:
        """Return the node of each range, the root for that of all places or of a missing value."""
        is_whole = (first == 0) & (last == self._place_count - 1)
        has_missing = last >= self._number_places
        ranges = self.leaf_count + first * self._place_count + last
        return np.where(is_whole | has_missing, self.root, ranges)

    def ncp_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return the NCP of each node, 0 to 1: the width of the range over that of the domain.

        0 for a value, 1 for the root (Xu et al., KDD 2006, for numeric attributes). Where there are
        edges, the domain goes from the first to the last of them.
        """
        first, last = self.ends(nodes)
        lows, highs = self._place_ends
        span = float(highs.max() - lows.min()) if len(lows) else 0.0
        ncp = np.asarray((np.append(highs, 0.0)[last] - np.append(lows, 0.0)[first]) / (span or 1))
        ncp[nodes < self.leaf_count] = 0.0
        ncp[nodes == self.root] = 1.0
        return ncp

    def loss_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return what a search minimizes: the NCP of each node times the importance."""
        return self.importance * self.ncp_of(nodes)

    def count_below(self, nodes: Nodes, records: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many records each node covers.

        Parameters
        ----------
        records : array (leaves,), records that have each value.
        """
        first, last = self.ends(nodes)
        at_places = np.zeros(self._place_count, dtype=np.int64)
        np.add.at(at_places, self.places, records)
        upto = np.append(0, at_places.cumsum())
        is_leaf = nodes < self.leaf_count
        covered = np.where(
            is_leaf, records[np.where(is_leaf, nodes, 0)], upto[last + 1] - upto[first]
        )
        return np.asarray(np.where(nodes == self.root, records.sum(), covered))

    def level_share_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return how far up each node is, 0 to 1: its NCP, for ranges have no levels."""
        return self.ncp_of(nodes)

    def bounds_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return for each node the smallest and largest number that it covers: array (nodes, 2).

        Infinity and minus infinity for a missing value. An end that a range does not hold gives the
        next smaller number.
        """
        bounds = self.ends_of(nodes)
        is_open = (nodes >= self.leaf_count) & (self.ends(nodes)[1] < self._number_places - 1)
        if self.edges:
            bounds[is_open, 1] = np.nextafter(bounds[is_open, 1], -np.inf)
        return bounds

    def ends_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return for each node the ends that its label names: array (nodes, 2).

        They are those of all numbers for the root, infinity and minus infinity for a missing value.
        """
        first, last = self.ends(nodes)
        lows, highs = self._place_ends
        ends = np.stack([np.append(lows, np.inf)[first], np.append(highs, -np.inf)[last]], axis=1)
        is_number = nodes < len(self.numbers)
        ends[is_number] = self.numbers[nodes[is_number], np.newaxis]
        return ends

    def labels_of(self, nodes: Nodes) -> list[str]:
        """Return the label of each node: the value, the range, or ``*``.

        A range is ``[low, high]`` with both ends in, or ``[low, high[`` without its upper one.
        """
        first, last = (ends.tolist() for ends in self.ends(nodes))
        return [
            ROOT
            if node == self.root
            else self.values[node]
            if node < self.leaf_count
            else self._label_range(low, high)
            for node, low, high in zip(nodes.tolist(), first, last, strict=True)
        ]

    def _label_range(self, first: int, last: int) -> str:
        if not self.edges:
            return f"[{self.values[first]}, {self.values[last]}]"
        bracket = "]" if last == self._number_places - 1 else "["
        return f"[{self.edges[first]}, {self.edges[last + 1]}{bracket}"

    def find_nodes(self, labels: Sequence[str]) -> Nodes:
        """Return the node of each label, −1 where there is none."""
        node_of = {value: node for node, value in enumerate(self.values)} | {ROOT: self.root}
        place_of = {end: place for place, end in enumerate(self.edges or self.values)}
        nodes = []
        for label in labels:
            match = _RANGE.fullmatch(label)
            node = node_of.get(label, -1)
            if match and match[1] in place_of and match[2] in place_of:
                first, last = place_of[match[1]], place_of[match[2]] - bool(self.edges)
                is_range = first <= last if self.edges else first < last
                if is_range and label == self._label_range(first, last):
                    node = self.leaf_count + first * self._place_count + last
            nodes.append(node)
        return np.array(nodes, dtype=np.intp)


def parse_range(label: str) -> tuple[float, float] | None:
    """Return the ends written in the label of a range, or None where it is no range.

    >>> parse_range("[27.5, 31.0]"), parse_range("[20, 30[")
    ((27.5, 31.0), (20.0, 30.0))
    """
    match = _RANGE.fullmatch(label)
    return (float(match[1]), float(match[2])) if match else None
