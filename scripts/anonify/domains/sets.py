"""Sets: what a release may show of a hierarchy's values beside its nodes.

Any values can be released together, as ``{a, b}``, or, where they are all numbers from one to
another, as the range ``[17, 25]``; and so can nodes, as ``{20-30, 30-40}``, where no value itself
may be shown. There are far more sets than could be listed, so a domain of sets has those that a
release shows. Nodes are numbered as in the hierarchy, whose nodes are there, too; the sets come
after the root.

A set is kept as runs of places. The first places are those of the leaves, by their numbers or
dates, a missing value last, or in the order of the hierarchy where they are neither. The place of
any other node is its number.

A label is read in one way: a member stands in braces as it is, or, if it is empty, has a comma,
brace, quotation mark, or a new line, or begins or ends with a blank, in quotation marks, its own
ones doubled.

Source: the sets of Xu et al., Utility-Based Anonymization Using Local Recoding, KDD 2006.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from anonify.base.errors import UserError
from anonify.base.values import MISSING, is_number, number_of
from anonify.domains.hierarchy import Hierarchy, Nodes

Runs = tuple[tuple[int, int], ...]
"""A set: the first and last places of its runs of leaves, then its other nodes, each twice."""

_RANGE = re.compile(r"\[(\S+), (\S+)\]")
_PLAIN = r'[^\s,{}"](?:[^,{}"\r\n]*[^\s,{}"])?'
_MEMBER = re.compile(rf'"((?:[^"]|"")*)"|({_PLAIN})')
_IS_PLAIN = re.compile(_PLAIN)


@dataclass(frozen=True)
class Places:
    """The leaves of a hierarchy in an order in which ranges of them make sense.

    Parameters
    ----------
    leaves : array (leaves,), the leaf at each place.
    numbers : array (leaves,), the number or day at each place, NaN for a missing value; None where
        the hierarchy is over text.
    has_ranges : whether they are numbers, all different, so that a range says which.
    """

    leaves: Nodes
    numbers: npt.NDArray[np.float64] | None
    has_ranges: bool

    @cached_property
    def of_leaves(self) -> Nodes:
        """Array (leaves,): the place of each leaf."""
        return np.argsort(self.leaves)

    @cached_property
    def last_number(self) -> int:
        """The last place that is no missing value."""
        assert self.numbers is not None
        return len(self.numbers) - 1 - int(np.isnan(self.numbers).sum())


def find_places(whole: Hierarchy) -> Places:
    """Return the leaves of a hierarchy by number or date, or else in its own order."""
    if whole.is_over_text:
        return Places(np.arange(whole.leaf_count), None, has_ranges=False)
    values = whole.labels[: whole.leaf_count]
    numbers = np.array([np.nan if value == MISSING else number_of(value) for value in values])
    order = np.argsort(numbers, kind="stable")
    present = numbers[~np.isnan(numbers)]
    has_ranges = all(is_number(value) for value in values if value != MISSING) and len(
        np.unique(present)
    ) == len(present) == len(values) - (MISSING in values)
    return Places(order, numbers[order], has_ranges)


@dataclass(frozen=True)
class Sets:
    """The nodes of a hierarchy, and sets of its values.

    Parameters
    ----------
    whole : the hierarchy.
    sets : of more than one node and less than all values, ascending. No value is in one twice.
    """

    whole: Hierarchy
    sets: tuple[Runs, ...]

    @property
    def attribute(self) -> str:
        """Name of the column."""
        return self.whole.attribute

    @property
    def importance(self) -> float:
        """Of the attribute, against that of others."""
        return self.whole.importance

    @property
    def leaf_count(self) -> int:
        """Number of values in the domain."""
        return self.whole.leaf_count

    @property
    def root(self) -> int:
        """The node that covers the whole domain."""
        return self.whole.root

    @property
    def root_label(self) -> str:
        """What a suppressed record shows."""
        return self.whole.root_label

    @property
    def is_over_text(self) -> bool:
        """Tell whether a leaf is neither a number nor a date; a missing value may be among them."""
        return self.whole.is_over_text

    @cached_property
    def places(self) -> Places:
        """The leaves in the order that sets are runs of."""
        return find_places(self.whole)

    @cached_property
    def _number_of(self) -> dict[Runs, int]:
        """The node of each set."""
        return {runs: self.root + place for place, runs in enumerate(self.sets, start=1)}

    @cached_property
    def _runs(self) -> tuple[Nodes, Nodes, Nodes]:
        """The first and last places of the runs of all sets, and where those of each begin."""
        runs = [run for each in self.sets for run in each]
        first, last = np.array(runs, dtype=np.intp).reshape(-1, 2).T
        return first, last, np.cumsum([0, *map(len, self.sets)])[: len(self.sets)]

    @cached_property
    def _order(self) -> Nodes:
        """Array (nodes of the hierarchy,): the node at each place."""
        return np.append(self.places.leaves, np.arange(self.leaf_count, self.root + 1))

    def _combine(
        self, nodes: Nodes, of_whole: Callable[[Nodes], Any], of_sets: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        """Return what the hierarchy says of its nodes, and for the others what is said of sets."""
        is_set = nodes > self.root
        found = np.asarray(of_whole(np.where(is_set, self.root, nodes)))
        found[is_set] = of_sets[nodes[is_set] - self.root - 1]
        return found

    def count_below(self, nodes: Nodes, records: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many records each node covers.

        Parameters
        ----------
        records : array (leaves,), records that have each value.
        """
        first, last, starts = self._runs
        upto = np.append(0, self.whole.count_below(self._order, records).cumsum())
        of_runs = upto[last + 1] - upto[first]
        return self._combine(
            nodes,
            lambda of_whole: self.whole.count_below(of_whole, records),
            np.add.reduceat(of_runs, starts) if len(starts) else of_runs,
        )

    @cached_property
    def _shares(self) -> npt.NDArray[np.float64]:
        """Array (sets,): the values of each, divided by all."""
        sets = self.root + 1 + np.arange(len(self.sets))
        return self.count_below(sets, np.ones(self.leaf_count, np.int64)) / self.leaf_count

    def ncp_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return the NCP of each node, 0 to 1; of a set its values divided by all."""
        return self._combine(nodes, self.whole.ncp_of, self._shares)

    def loss_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return the NCP of each node times the importance."""
        return self.importance * self.ncp_of(nodes)

    def level_share_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return how far up each node is, 0 to 1; of a set its NCP, for it has no level."""
        return self._combine(nodes, self.whole.level_share_of, self._shares)

    def bounds_of(self, nodes: Nodes) -> npt.NDArray[np.float64]:
        """Return for each node the smallest and largest number that it covers: array (nodes, 2).

        The values must be numbers or dates, which count as days since 1970-01-01. Infinity and
        minus infinity for a missing value.
        """
        first, last, starts = self._runs
        low, high = self.whole.bounds_of(self._order).T
        # At the end of a run of numbers may be a missing value, whose place is the last one.
        end = np.where(first < last, np.minimum(last, self.places.last_number), last)
        bounds = np.stack([low[first], high[end]], axis=1)
        if len(starts):
            bounds = np.stack(
                [
                    np.minimum.reduceat(bounds[:, 0], starts),
                    np.maximum.reduceat(bounds[:, 1], starts),
                ],
                axis=1,
            )
        return self._combine(nodes, self.whole.bounds_of, bounds)

    def find_covered(self, nodes: Nodes) -> npt.NDArray[np.bool_]:
        """Return for each node which leaves it covers: array (nodes, leaves)."""
        covered = np.zeros((len(nodes), self.leaf_count), dtype=bool)
        for row, node in zip(covered, nodes.tolist(), strict=True):
            if node <= self.root:
                row[:] = (self.whole.ancestors == node).any(axis=1)
                continue
            for first, last in self.sets[node - self.root - 1]:
                if last < self.leaf_count:
                    row[self.places.leaves[first : last + 1]] = True
                else:
                    row |= (self.whole.ancestors == first).any(axis=1)
        return covered

    def lie_below(self, nodes: Nodes, node: int) -> npt.NDArray[np.bool_]:
        """Tell for each node whether all that it covers is below a node of the hierarchy."""
        is_below = (self.whole.ancestors == node).any(axis=1).astype(np.int64)
        values = self.count_below(nodes, np.ones_like(is_below))
        return np.asarray(self.count_below(nodes, is_below) == values)

    def labels_of(self, nodes: Nodes) -> list[str]:
        """Return the label of each node: that of the hierarchy, the range, or the set.

        Raises
        ------
        UserError : the hierarchy has that label for other values.
        """
        return [
            self.whole.labels[node] if node <= self.root else self._label(node - self.root - 1)
            for node in nodes.tolist()
        ]

    def _label(self, place: int) -> str:
        label = ""
        for label in self._list_labels(self.sets[place]):
            if label not in self.whole.node_of:
                return label
        raise UserError(
            f"hierarchy of {self.attribute!r}: its label {label!r} reads like a set of values; "
            "give it another name"
        )

    def _list_labels(self, runs: Runs) -> Iterator[str]:
        """List the ways to write a set, the plainest one first."""
        nodes = [self._order[first : last + 1] for first, last in runs]
        if self.places.has_ranges and len(runs) == 1 and runs[0][1] <= self.places.last_number:
            low, high = self.whole.labels_of(nodes[0][[0, -1]])
            yield f"[{low}, {high}]"
        members = self.whole.labels_of(np.concatenate(nodes))
        yield _write_set(each if _IS_PLAIN.fullmatch(each) else _quote(each) for each in members)
        yield _write_set(map(_quote, members))

    def find_nodes(self, labels: Sequence[str]) -> Nodes:
        """Return the node of each label, −1 where there is none."""
        nodes = self.whole.find_nodes(labels)
        for place in np.flatnonzero(nodes < 0).tolist():
            runs = self.read(labels[place])
            nodes[place] = -1 if runs is None else self.find(runs)
        return nodes

    def find(self, runs: Runs) -> int:
        """Return the node of a set, that of the hierarchy for one of a single node or of all."""
        if len(runs) == 1 and runs[0][0] == runs[0][1]:
            return int(self._order[runs[0][0]])
        if runs in self._number_of:
            return self._number_of[runs]
        return self.root if _count_values(self.whole, runs) == self.leaf_count else -1

    def read(self, label: str) -> Runs | None:
        """Return the set that a label stands for, None where it is no label of one."""
        if self.places.has_ranges and (match := _RANGE.fullmatch(label)):
            ends = self.whole.find_nodes(match.groups())
            if min(ends) < 0 or max(ends) >= self.leaf_count:
                return None
            low, high = self.places.of_leaves[ends].tolist()
            return ((low, high),) if low < high else None
        members = self.whole.find_nodes(_read_members(label))
        if len({*members.tolist()}) < max(len(members), 2) or min(members) < 0:
            return None
        # Values are each other's; only what lies below a node may be there twice.
        if max(members) >= self.leaf_count:
            values = self.whole.leaves_below[members].sum()
            if values > _count_union(self.whole, members):
                return None
        return join_nodes(self.places, members)


def gather_sets(whole: Hierarchy, shown: Sequence[Runs]) -> tuple[Sets, Nodes]:
    """Return the domain of some sets, of which no value is in one twice, and the node of each."""
    sizes = {runs: _count_values(whole, runs) for runs in {*shown}}
    several = [
        runs
        for runs, size in sizes.items()
        if size < whole.leaf_count and (len(runs) > 1 or runs[0][0] < runs[0][1])
    ]
    sets = Sets(whole, tuple(sorted(several)))
    nodes = {runs: sets.find(runs) for runs in sizes}
    return sets, np.array([nodes[runs] for runs in shown], dtype=np.intp)


def read_sets(whole: Hierarchy, labels: Sequence[str]) -> tuple[Sets, Nodes]:
    """Return the domain that has the sets of some labels, and the node of each label.

    −1 stands for a label that is neither a node of the hierarchy nor one of a set.
    """
    nodes, reader = whole.find_nodes(labels), Sets(whole, ())
    read = {place: reader.read(labels[place]) for place in np.flatnonzero(nodes < 0).tolist()}
    runs = {place: found for place, found in read.items() if found is not None}
    sets, nodes[[*runs]] = gather_sets(whole, [*runs.values()])
    return sets, nodes


def join_nodes(places: Places, nodes: Nodes) -> Runs:
    """Return the set of some nodes of a hierarchy.

    Parameters
    ----------
    places : of its leaves.
    """
    is_leaf = nodes < len(places.leaves)
    runs: list[tuple[int, int]] = []
    for place in sorted(places.of_leaves[nodes[is_leaf]].tolist()):
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return (*runs, *((node, node) for node in sorted(nodes[~is_leaf].tolist())))


def _count_values(whole: Hierarchy, runs: Runs) -> int:
    return sum(
        last - first + 1 if last < whole.leaf_count else int(whole.leaves_below[first])
        for first, last in runs
    )


def _count_union(whole: Hierarchy, nodes: Nodes) -> int:
    return int(np.isin(whole.ancestors, nodes).any(axis=1).sum())


def _write_set(members: Iterable[str]) -> str:
    return f"{{{', '.join(members)}}}"


def _quote(member: str) -> str:
    return '"' + member.replace('"', '""') + '"'


def _read_members(label: str) -> list[str]:
    """Return the values in the label of a set; none where it is no such label.

    >>> _read_members('{a, "b, c", d e}')
    ['a', 'b, c', 'd e']
    """
    if not (label.startswith("{") and label.endswith("}")):
        return []
    members, place = [], 1
    while match := _MEMBER.match(label, place):
        quoted, plain = match.groups()
        members.append(plain if quoted is None else quoted.replace('""', '"'))
        place = match.end()
        if place == len(label) - 1:
            return members
        if not label.startswith(", ", place):
            return []
        place += 2
    return []
