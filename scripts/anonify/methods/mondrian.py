"""Mondrian over generalization hierarchies and ranges (strict).

All records start in one partition at the roots. A partition is split along the attribute whose
node covers the largest share of its domain, times the importance of the attribute, as long as every
part is allowed: into the children of the node, or, where there are ranges, at the median into lower
and higher values. A missing value is first parted from the numbers.

Source: LeFevre, DeWitt, Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE 2006, with
the split along the hierarchy that k-AnonML uses for categorical attributes. ℓ-diversity and
t-closeness are required of every part as Machanavajjhala et al., TKDD 2007, propose.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.ranges import Ranges
from anonify.recoding.recoding import Counts, TupleRecoding, recode_undivided, roots
from anonify.recoding.requirements import ClassRules, Requirement


def anonymize(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    requirements: Sequence[Requirement] = (),
    people: csr_array | None = None,
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
    nodes = np.tile(roots(domains), (len(tuples), 1))
    partitions = [np.arange(len(tuples))]
    while partitions:
        partition = partitions.pop()
        for attribute, domain in enumerate(domains):
            if isinstance(domain, Ranges):
                nodes[partition, attribute] = _cover(domain, tuples[partition, attribute])
        parts = _split(partition, nodes[partition[0]], tuples, domains, rules)
        for attribute, node, part in parts:
            nodes[part, attribute] = node
            partitions.append(part)
    return recode_undivided(counts, nodes, np.zeros(len(tuples), dtype=bool))


def _split(
    partition: Codes,
    node: Codes,
    tuples: Codes,
    domains: Sequence[Domain],
    rules: ClassRules,
) -> list[tuple[int, int, Codes]]:
    """Return the parts as (attribute, node, tuples), or nothing where no split is allowed."""
    widths = [domain.loss_of(node[[place]])[0] for place, domain in enumerate(domains)]
    for attribute in np.argsort(-np.array(widths), kind="stable"):
        domain, leaves = domains[attribute], tuples[partition, attribute]
        if isinstance(domain, Ranges):
            children = _halves(domain, leaves, rules.counts[partition])
        else:
            children = _children(domain, int(node[attribute]), leaves)
        if children is None:
            continue
        present, members = np.unique(children, return_inverse=True)
        if rules.are_allowed(partition, members).all():
            return [
                (int(attribute), int(child), partition[members == place])
                for place, child in enumerate(present)
            ]
    return []


def _children(hierarchy: Hierarchy, node: int, leaves: Codes) -> Codes | None:
    """Array (leaves,): the child of the node on the way to each leaf; None at a leaf."""
    if node < hierarchy.leaf_count:
        return None
    paths = hierarchy.ancestors[leaves]
    below = (paths == node).argmax(axis=1) - 1
    return np.take_along_axis(paths, below[:, np.newaxis], axis=1)[:, 0]


def _halves(ranges: Ranges, leaves: Codes, counts: Counts) -> Codes | None:
    """Array (leaves,): the range of the lower or higher values; None where no range parts them."""
    present, members = np.unique(ranges.places[leaves], return_inverse=True)
    if len(present) == 1:
        return None
    if leaves.max() >= len(ranges.numbers):
        cut = present[-2]
    else:
        records = np.bincount(members, weights=counts).cumsum()
        cut = present[min(int(np.searchsorted(records, records[-1] / 2)), len(present) - 2)]
    is_low = ranges.places[leaves] <= cut
    low, high = _cover(ranges, leaves[is_low]), _cover(ranges, leaves[~is_low])
    return np.where(is_low, low, high)


def _cover(ranges: Ranges, leaves: Codes) -> int:
    """Return the narrowest range around the leaves."""
    return int(ranges.join(leaves.min(keepdims=True), leaves.max(keepdims=True))[0])
