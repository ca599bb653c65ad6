"""Mondrian over generalization hierarchies and ranges (strict).

All records start in one part at the roots. A part is split along the attribute whose node covers
the largest share of its domain, times the importance of the attribute, as long as every child is
allowed: into the children of the node, or, where there are ranges, at the median into lower and
higher values. A missing value is first parted from the numbers.

Parts do not depend on each other, so all that are left are split in one go, level by level: each
step counts the children of all parts and looks at every tuple a few times, however many parts there
are.

Source: LeFevre, DeWitt, Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE 2006, with
the split along the hierarchy that k-AnonML uses for categorical attributes. ℓ-diversity and
t-closeness are required of every part as Machanavajjhala et al., TKDD 2007, propose.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.ranges import Ranges
from anonify.recoding.cells import list_lineages
from anonify.recoding.effort import Effort
from anonify.recoding.parts import Cut
from anonify.recoding.recoding import Counts, TupleRecoding, recode_undivided, roots
from anonify.recoding.requirements import ClassRules, Requirement
from anonify.tables.classes import number_keys

EFFORT = Effort(
    lambda task: {"distinct tuples": task.rows, "quasi-identifiers": len(task.domains)},
    most=5 * 10**8,
    instead="give hierarchies and a `least_level`, so that fewer values differ",
)

# Numbers of tuples, parts and leaves, in half of the memory that 64 bits take.
Numbers = npt.NDArray[np.int32]


def anonymize(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    requirements: Sequence[Requirement] = (),
    people: "scipy.sparse.csr_array | None" = None,
) -> TupleRecoding:
    """Anonymize tuples; deterministic, so the generator is not used. Suppresses nothing.

    A range is released as wide as the values of its class.

    Parameters
    ----------
    tuples : array (m, d) of leaves, distinct.
    counts : array (m,), records of each; n < k in all give one class of n, as does a table that
        does not meet the requirements.
    requirements : what every class must keep beside k.
    people : sparse array (m, people), who has records of each tuple, of whom every class must have
        k; without it, records are counted.
    """
    rules = ClassRules(counts, k, requirements, people)
    everything = np.zeros(len(tuples), dtype=np.int32)
    return _anonymize_parts(tuples, domains, rules, roots(domains)[np.newaxis], everything)


def anonymize_parts(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    nodes: Codes,
    members: Codes,
) -> TupleRecoding:
    """Anonymize tuples of parts of the table (:class:`anonify.recoding.parts.Cutter`)."""
    rules = ClassRules(counts, k)
    return _anonymize_parts(tuples, domains, rules, nodes, members.astype(np.int32))


def _anonymize_parts(
    tuples: Codes, domains: Sequence[Domain], rules: ClassRules, nodes: Codes, members: Numbers
) -> TupleRecoding:
    columns = [
        _make_column(domain, leaves, rules.counts)
        for domain, leaves in zip(domains, tuples.T.astype(np.int32), strict=True)
    ]
    made = np.empty(tuples.shape, dtype=np.intp)
    parts = _Parts(nodes.copy(), np.arange(len(tuples), dtype=np.int32), members)
    while len(parts.tuples):
        for column, of_parts in zip(columns, parts.nodes.T, strict=True):
            of_parts[:] = column.cover(parts, of_parts)
        children, is_split = _split(parts, columns, rules)
        is_whole = ~is_split[parts.members]
        made[parts.tuples[is_whole]] = parts.nodes[parts.members[is_whole]]
        parts = children
    return recode_undivided(rules.counts, made, np.zeros(len(tuples), dtype=bool))


def cut_part(nodes: Codes, histograms: Sequence[Counts], domains: Sequence[Domain], k: int) -> Cut:
    """Split one part by its histograms (:class:`anonify.recoding.parts.Cutter`)."""
    leaves = [np.flatnonzero(records).astype(np.int32) for records in histograms]
    counts = [records[there] for records, there in zip(histograms, leaves, strict=True)]
    columns = [*map(_make_column, domains, leaves, counts)]
    node = nodes[np.newaxis].copy()
    while True:
        # To each attribute the part has other tuples: its values.
        parts = [
            _Parts(node, np.arange(len(there), dtype=np.int32), np.zeros(len(there), np.int32))
            for there in leaves
        ]
        for column, part, of_part in zip(columns, parts, node.T, strict=True):
            of_part[:] = column.cover(part, of_part)
        losses = [
            float(each.domain.loss_of(at)[0]) for each, at in zip(columns, node.T, strict=True)
        ]
        for attribute in np.argsort(-np.array(losses), kind="stable").tolist():
            column, rules = columns[attribute], ClassRules(counts[attribute], k)
            spans = column.count_children(node[:, attribute])
            if not spans.any():
                continue
            children, is_split = _split_by(attribute, column, spans, parts[attribute], rules)
            if is_split.all():
                break
        else:
            return Cut(node, 0, np.zeros(domains[0].leaf_count, dtype=np.intp))
        if len(children.nodes) > 1:
            places = np.zeros(domains[attribute].leaf_count, dtype=np.intp)
            places[leaves[attribute][children.tuples]] = children.members
            return Cut(children.nodes, attribute, places)
        node = children.nodes


@dataclass(frozen=True)
class _Parts:
    """Parts of the table that may be split.

    Parameters
    ----------
    nodes : array (parts, d).
    tuples : array (t,), numbers of the tuples of all parts.
    members : array (t,), the part of each.
    """

    nodes: Codes
    tuples: Numbers
    members: Numbers


def _split(
    parts: _Parts, columns: Sequence["_Tree | _Numbers"], rules: ClassRules
) -> tuple[_Parts, npt.NDArray[np.bool_]]:
    """Split each part by the first attribute that can, and tell which parts were split."""
    losses = [
        column.domain.loss_of(nodes) for column, nodes in zip(columns, parts.nodes.T, strict=True)
    ]
    widest_first = np.argsort(-np.stack(losses), axis=0, kind="stable")
    is_split = np.zeros(len(parts.nodes), dtype=bool)
    made = []
    for tried in widest_first:
        for attribute, column in enumerate(columns):
            nodes = parts.nodes[:, attribute]
            is_tried = ~is_split & (tried == attribute)
            spans = np.where(is_tried, column.count_children(nodes), 0)
            if spans.any():
                children, are_allowed = _split_by(attribute, column, spans, parts, rules)
                made.append(children)
                is_split |= are_allowed
    return _join(made, len(columns)), is_split


def _split_by(
    attribute: int, column: "_Tree | _Numbers", spans: Codes, parts: _Parts, rules: ClassRules
) -> tuple[_Parts, npt.NDArray[np.bool_]]:
    """Split parts by an attribute, and tell of which parts all children are allowed.

    Parameters
    ----------
    spans : array (parts,), how many children each part may have; none where it is not tried.
    """
    rows = np.flatnonzero((spans > 0)[parts.members])
    tuples, owners = parts.tuples[rows], parts.members[rows]
    places = column.find_children(parts.nodes[:, attribute], tuples, owners)
    ends = spans.cumsum()
    starts = ends - spans
    present, members = number_keys(starts[owners] + places, int(ends[-1]))
    parents = np.searchsorted(ends, present, side="right")
    is_split = spans > 0
    is_split[parents[~rules.are_allowed(tuples, members)]] = False
    is_child = is_split[parents]
    nodes = parts.nodes[parents[is_child]]
    of_parents = (present - starts[parents])[is_child]
    nodes[:, attribute] = column.descend(nodes[:, attribute], of_parents)
    numbers = (is_child.cumsum() - 1).astype(np.int32)
    is_in_child = is_child[members]
    return _Parts(nodes, tuples[is_in_child], numbers[members[is_in_child]]), is_split


def _join(made: Sequence[_Parts], attributes: int) -> _Parts:
    starts = np.cumsum([0, *(len(parts.nodes) for parts in made)], dtype=np.int32)
    nothing = np.zeros(0, dtype=np.int32)
    return _Parts(
        np.concatenate([np.zeros((0, attributes), dtype=np.intp), *(each.nodes for each in made)]),
        np.concatenate([nothing, *(each.tuples for each in made)]),
        np.concatenate(
            [nothing, *(each.members + start for each, start in zip(made, starts, strict=False))]
        ),
    )


def _make_column(domain: Domain, leaves: Numbers, counts: Counts) -> "_Tree | _Numbers":
    return _Numbers(domain, leaves, counts) if isinstance(domain, Ranges) else _Tree(domain, leaves)


class _Tree:
    """An attribute with a hierarchy: a part is split into the children of its node.

    Parameters
    ----------
    leaves : array (m,), the leaf of each tuple.
    """

    def __init__(self, domain: Hierarchy, leaves: Numbers) -> None:
        self.domain = domain
        self._leaves = leaves
        lineages = list_lineages(domain)
        self._depths = (lineages >= 0).sum(axis=1) - 1
        # The nodes below each node stand together; the root, the last one, is below none.
        parents = domain.parent[: domain.root]
        self._children = np.argsort(parents, kind="stable")
        self._spans = np.bincount(parents, minlength=len(domain.labels))
        self._starts = self._spans.cumsum() - self._spans
        places = np.zeros(len(domain.labels), dtype=np.int32)
        places[self._children] = np.arange(len(parents)) - self._starts[parents[self._children]]
        # On the way to each leaf, from the node of each depth: which of its children is the next.
        self._steps = places[lineages[: domain.leaf_count, 1:]]

    def cover(self, parts: _Parts, nodes: Codes) -> Codes:
        """Return the node of each part as it is."""
        return nodes

    def count_children(self, nodes: Codes) -> Codes:
        """Return how many children each node has."""
        return np.asarray(self._spans[nodes])

    def find_children(self, nodes: Codes, tuples: Numbers, owners: Numbers) -> Numbers:
        """Array (t,): which child of its part's node each tuple lies below, from 0.

        Parameters
        ----------
        nodes : array (parts,).
        tuples, owners : arrays (t,), numbers of tuples and the part of each.
        """
        return np.asarray(self._steps[self._leaves[tuples], self._depths[nodes][owners]])

    def descend(self, nodes: Codes, places: Codes) -> Codes:
        """Return the child of each node at a place."""
        return np.asarray(self._children[self._starts[nodes] + places])


class _Numbers:
    """An attribute with ranges: a part is split at the median, or missing values are parted.

    Parameters
    ----------
    leaves, counts : arrays (m,), the leaf and the records of each tuple.
    """

    def __init__(self, domain: Ranges, leaves: Numbers, counts: Counts) -> None:
        self.domain = domain
        self._leaves = leaves
        self._counts = counts
        self._is_missing = np.arange(domain.leaf_count) >= len(domain.numbers)

    def cover(self, parts: _Parts, nodes: Codes) -> Codes:
        """Return the narrowest range around the values of each part."""
        leaves = self._leaves[parts.tuples]
        lowest = np.full(len(nodes), self.domain.leaf_count, dtype=np.int32)
        highest = np.zeros(len(nodes), dtype=np.int32)
        np.minimum.at(lowest, parts.members, leaves)
        np.maximum.at(highest, parts.members, leaves)
        return self.domain.join(lowest.astype(np.intp), highest.astype(np.intp))

    def count_children(self, nodes: Codes) -> Codes:
        """Return 2 where a range can be parted, else 0."""
        first, last = self.domain.ends(nodes)
        return np.where((first < last) | self._holds_missing(nodes), 2, 0)

    def find_children(self, nodes: Codes, tuples: Numbers, owners: Numbers) -> Numbers:
        """Array (t,): 0 for a lower value of its part, 1 for a higher or a missing one.

        Parameters
        ----------
        nodes : array (parts,), of which those with tuples can be parted.
        tuples, owners : arrays (t,), numbers of tuples and the part of each.
        """
        leaves = self._leaves[tuples]
        is_high = self._is_missing[leaves]
        is_number = ~self._holds_missing(nodes)[owners]
        first, last = self.domain.ends(nodes)
        has_tuples = np.zeros(len(nodes), dtype=bool)
        has_tuples[owners[is_number]] = True
        places, members = self.domain.places[leaves[is_number]], owners[is_number]
        records = self._counts[tuples[is_number]]
        spans = np.where(has_tuples, last - first + 1, 0)
        medians = first + _find_medians(places - first[members], members, records, spans)
        is_high[is_number] = places > medians[members]
        return is_high.astype(np.int32)

    def descend(self, nodes: Codes, places: Codes) -> Codes:
        """Return the ranges as they are: the next step narrows them."""
        return nodes

    def _holds_missing(self, nodes: Codes) -> npt.NDArray[np.bool_]:
        # Numbers and a missing value are the root together, and numbers alone never are then.
        return np.asarray((nodes == self.domain.root) & self._is_missing.any())


def _find_medians(places: Codes, members: Numbers, records: Counts, spans: Codes) -> Codes:
    """Array (parts,): the place of the median of each part, but never its last place.

    It is the first place with half of the records up to it; 0 for a part without tuples.

    Parameters
    ----------
    places, members, records : arrays (t,), the place of each tuple in its part, from 0, the part
        and the records.
    spans : array (parts,), how many places each part has; the first and the last have tuples.
    """
    ends = spans.cumsum()
    starts = ends - spans
    present, numbers = number_keys(starts[members] + places, int(ends[-1]))
    owners = np.searchsorted(ends, present, side="right")
    upto = np.bincount(numbers, weights=records).cumsum()
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    last = np.flatnonzero(np.diff(owners, append=-1))
    before = np.append(0, upto)[first]
    halves = np.searchsorted(upto, (before + upto[last]) / 2)
    medians = np.zeros(len(spans), dtype=np.intp)
    medians[owners[first]] = present[np.minimum(halves, last - 1)] - starts[owners[first]]
    return medians
