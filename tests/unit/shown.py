"""What nodes of a release stand for, read from their labels."""

from functools import cache

import numpy as np

from anonify.domains.hierarchy import Hierarchy
from anonify.domains.ranges import Ranges
from anonify.verification.sets import Sets


def list_members(domain, node):
    """The nodes of the hierarchy that a node of a release is made of: itself, or those of a set."""
    whole = domain if isinstance(domain, Hierarchy) else domain.whole
    if node <= whole.root:
        return [node]
    (label,) = domain.labels_of(np.array([node]))
    members = Sets({row[0]: row for row in whole.rows.tolist()}).read(label)
    assert len(members) > 1, label
    return [whole.node_of[member] for member in members]


def check_covered(domain, leaves, nodes):
    """Each leaf lies below the node beside it."""
    if isinstance(domain, Ranges):
        assert (domain.join(nodes, leaves) == nodes).all()
        return
    whole = domain if isinstance(domain, Hierarchy) else domain.whole
    members_of = cache(lambda node: list_members(domain, node))
    for leaf, node in zip(leaves.tolist(), nodes.tolist(), strict=True):
        assert {*members_of(node)} & {*whole.ancestors[leaf].tolist()}
