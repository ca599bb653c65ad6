"""Mondrian over generalization hierarchies and ranges (strict).

All records start in one partition at the roots. A partition is split along the attribute whose
node covers the largest share of its domain, as long as every part is allowed: into the children
of the node, or, where there are ranges, at the median into lower and higher values. A missing
value is first parted from the numbers.

Source: LeFevre, DeWitt, Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE 2006, with
the split along the hierarchy that k-AnonML uses for categorical attributes. ℓ-diversity and
t-closeness are required of every part as Machanavajjhala et al., TKDD 2007, propose.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.ranges import Ranges
from anonify.recoding.recoding import Recoding, roots
from anonify.recoding.requirements import Classes, Requirement
from anonify.tables.classes import group


def anonymize(
    records: Codes,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    requirements: Sequence[Requirement] = (),
) -> Recoding:
    """Anonymize records; deterministic, so the generator is not used. Suppresses nothing.

    A range is released as wide as the values of its class.

    Parameters
    ----------
    records : array (n, d) of leaves; n < k gives one class of n, as does a table that does not
        meet the requirements.
    requirements : what every class must keep beside k.
    """
    groups = group(records)
    classes = Classes(groups, k, requirements)
    nodes = np.tile(roots(domains), (len(groups.tuples), 1))
    partitions = [np.arange(len(groups.tuples))]
    while partitions:
        partition = partitions.pop()
        for attribute, domain in enumerate(domains):
            if isinstance(domain, Ranges):
                nodes[partition, attribute] = _cover(domain, groups.tuples[partition, attribute])
        parts = _split(partition, nodes[partition[0]], groups.tuples, domains, classes)
        for attribute, node, part in parts:
            nodes[part, attribute] = node
            partitions.append(part)
    return Recoding(nodes[groups.members], np.zeros(len(records), dtype=bool))


def _split(
    partition: Codes,
    node: Codes,
    tuples: Codes,
    domains: Sequence[Domain],
    classes: Classes,
) -> list[tuple[int, int, Codes]]:
    """Return the parts as (attribute, node, tuples), or nothing where no split is allowed."""
    widths = [domain.ncp_of(node[[place]])[0] for place, domain in enumerate(domains)]
    for attribute in np.argsort(-np.array(widths), kind="stable"):
        domain, leaves = domains[attribute], tuples[partition, attribute]
        if isinstance(domain, Ranges):
            children = _halves(domain, leaves, classes.sizes[partition])
        else:
            children = _children(domain, int(node[attribute]), leaves)
        if children is None:
            continue
        present, members = np.unique(children, return_inverse=True)
        if classes.are_allowed(partition, members).all():
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


def _halves(ranges: Ranges, leaves: Codes, sizes: npt.NDArray[np.int64]) -> Codes | None:
    """Array (leaves,): the range of the lower or higher values; None where all are equal."""
    present, places = np.unique(leaves, return_inverse=True)
    if len(present) == 1:
        return None
    if present[-1] >= len(ranges.numbers):
        cut = present[-2]
    else:
        records = np.bincount(places, weights=sizes).cumsum()
        cut = present[min(int(np.searchsorted(records, records[-1] / 2)), len(present) - 2)]
    is_low = leaves <= cut
    low, high = _cover(ranges, leaves[is_low]), _cover(ranges, leaves[~is_low])
    return np.where(is_low, low, high)


def _cover(ranges: Ranges, leaves: Codes) -> int:
    """Return the narrowest range around the leaves."""
    return int(ranges.join(leaves.min(keepdims=True), leaves.max(keepdims=True))[0])
