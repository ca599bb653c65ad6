"""Values that a table has not, seen by the domains that were built for it.

A population has ages and towns that its sample lacks. What a release shows covers them all the
same: whoever is 37 fits 30-39, though nobody of the sample is 37.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from anonify.base.errors import UserError
from anonify.domains.domain import Domain
from anonify.domains.files import build_domain
from anonify.domains.hierarchy import Hierarchy, Nodes
from anonify.domains.ranges import Ranges


def cover_values(domain: Domain, values: Sequence[str], column: Mapping[str, Any]) -> Nodes:
    """Return for each value the lowest node of the domain that covers it.

    The root covers what has no place in the hierarchy: nobody who has it fits any other label.

    Parameters
    ----------
    values : as the domain writes them, without repetition.
    column : that the domain was built of (:func:`anonify.domains.files.build_domain`).
    """
    if isinstance(domain, Ranges):
        return domain.surround(values)
    leaves = [*domain.labels[: domain.leaf_count]]
    node_of = {label: node for node, label in enumerate(leaves)}
    new = [value for value in values if value not in node_of]
    # A file lists all values that it has.
    is_listed = "file" in column.get("hierarchy", {})
    ways = {} if is_listed else _find_ways(leaves, new, domain.attribute, column)
    for value in new:
        known = (domain.node_of[label] for label in ways.get(value, []) if label in domain.node_of)
        node_of[value] = next(known, domain.root)
    return np.array([node_of[value] for value in values], dtype=np.intp)


def _find_ways(
    leaves: list[str], new: list[str], attribute: str, column: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return what generalizes each new value, lowest first, where anything does."""
    try:
        wider = build_domain(attribute, [*leaves, *new], column)
    except UserError:
        if len(new) < 2:
            return {}
        ways = [_find_ways(leaves, [value], attribute, column) for value in new]
        return {value: way for found in ways for value, way in found.items()}
    assert isinstance(wider, Hierarchy)
    return {
        value: wider.labels_of(wider.ancestors[node])
        for value, node in zip(new, wider.find_nodes(new).tolist(), strict=True)
    }
