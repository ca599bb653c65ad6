"""Mondrian over generalization hierarchies (strict).

All records start at the roots. A partition is split along the attribute whose node covers the
largest share of its domain into the children of that node, as long as every part keeps k
records.

Source: LeFevre, DeWitt, Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE 2006, with
the split along the hierarchy that k-AnonML uses for categorical attributes.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from anonify.anonymizers.recoding import Recoding, roots
from anonify.domain import Domain, require_hierarchies
from anonify.equivalence import Codes
from anonify.equivalence import group_tuples as group
from anonify.hierarchy import Hierarchy


def anonymize(
    records: Codes, domains: Sequence[Domain], k: int, generator: np.random.Generator
) -> Recoding:
    """Anonymize records; deterministic, so the generator is not used. Suppresses nothing.

    Parameters
    ----------
    records : array (n, d) of leaves; n < k gives one class of n at the roots.
    """
    hierarchies = require_hierarchies(domains)
    groups = group(records)
    nodes = np.tile(roots(hierarchies), (len(groups.tuples), 1))
    partitions = [np.arange(len(groups.tuples))]
    while partitions:
        partition = partitions.pop()
        parts = _split(partition, nodes[partition[0]], groups.tuples, groups.sizes, hierarchies, k)
        for attribute, node, part in parts:
            nodes[part, attribute] = node
            partitions.append(part)
    return Recoding(nodes[groups.members], np.zeros(len(records), dtype=bool))


def _split(
    partition: Codes,
    node: Codes,
    tuples: Codes,
    sizes: npt.NDArray[np.int64],
    hierarchies: Sequence[Hierarchy],
    k: int,
) -> list[tuple[int, int, Codes]]:
    """Return the parts as (attribute, node, tuples), or nothing where no split is allowed."""
    widths = [
        hierarchy.leaves_below[at] / hierarchy.leaf_count
        for hierarchy, at in zip(hierarchies, node, strict=True)
    ]
    for attribute in np.argsort(-np.array(widths), kind="stable"):
        hierarchy = hierarchies[attribute]
        children = _children(hierarchy, int(node[attribute]), tuples[partition, attribute])
        if children is None:
            continue
        present, members = np.unique(children, return_inverse=True)
        if (np.bincount(members, weights=sizes[partition]) >= k).all():
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
