"""Levels that a release may show of a hierarchy: limits of a column, and parts between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from anonify.base.errors import UserError
from anonify.base.values import MISSING
from anonify.domains.hierarchy import Hierarchy, Nodes
from anonify.domains.ranges import Ranges

LEVELS = ("least_level", "most_level")
"""The keys of a column's description that limit its levels."""


def limit_levels(domain: Hierarchy | Ranges, column: Mapping[str, Any]) -> Hierarchy | Ranges:
    """Return a domain with the limits of a column's description.

    Raises
    ------
    UserError : the hierarchy has no such level, or there is no hierarchy.
    """
    limits = {key: column[key] for key in LEVELS if column.get(key) is not None}
    if not limits:
        return domain
    where = f"hierarchy of {domain.attribute!r}"
    if isinstance(domain, Ranges):
        raise UserError(
            f"{where}: it has a `{next(iter(limits))}`, but ranges have no levels; give it a "
            "`hierarchy`, or `ranges` whose ends show no value itself"
        )
    for key, level in limits.items():
        if level > domain.height:
            raise UserError(
                f"{where}: its `{key}` is {level}, but its highest level, that of "
                f"{domain.root_label!r}, is {domain.height}; choose a level from 0 to "
                f"{domain.height}"
            )
    return replace(domain, **limits)


def list_levels(
    domains: Mapping[str, Hierarchy | Ranges],
) -> dict[str, tuple[int, int | None]]:
    """Return the least and the last level that a release may show, where there are limits."""
    return {
        name: (domain.least_level, domain.most_level)
        for name, domain in domains.items()
        if isinstance(domain, Hierarchy) and domain.is_limited
    }


def list_exact(hierarchy: Hierarchy) -> list[str]:
    """List the values, missing ones apart, that the least level shows as they are."""
    leaves = np.arange(hierarchy.leaf_count)
    is_exact = hierarchy.ancestors[:, hierarchy.least_level] == leaves
    return [label for label in hierarchy.labels_of(leaves[is_exact]) if label != MISSING]


@dataclass(frozen=True)
class Part(Hierarchy):
    """What lies below a node of a hierarchy, between the levels that a release may show.

    It is a hierarchy of its own, whose leaves are nodes of the least level. NCP and sizes are those
    of the whole, so that losses stay what they are.

    Parameters
    ----------
    whole : the hierarchy.
    nodes : array (nodes,), the node of the whole that each of its own is.
    """

    whole: Hierarchy = field(kw_only=True)
    nodes: Nodes = field(kw_only=True)

    @cached_property
    def leaves_below(self) -> npt.NDArray[np.int64]:
        """Array (nodes,): number of values of the whole that each node covers."""
        return self.whole.leaves_below[self.nodes]

    @cached_property
    def ncp(self) -> npt.NDArray[np.float64]:
        """Array (nodes,): normalized certainty penalty of each node in the whole, 0 to 1."""
        return self.whole.ncp[self.nodes]

    def lift(self, leaves: Nodes) -> Nodes:
        """Return the own leaf that each leaf of the whole lies below."""
        number = np.full(len(self.whole.labels), -1, dtype=np.intp)
        number[self.nodes] = np.arange(len(self.nodes))
        return np.asarray(number[self.whole.shown[leaves, 0]])


def take_part(whole: Hierarchy, node: int) -> Part:
    """Return what lies below a node of the last level that a release may show."""
    rows = whole.shown[whole.shown[:, -1] == node]
    rows = rows[np.sort(np.unique(rows[:, 0], return_index=True)[1])]
    # As hierarchies have them: leaves first, the root last.
    found, first = np.unique(rows.T, return_index=True)
    found = found[np.argsort(first)]
    nodes = np.append(found[found != node], node)
    number = np.full(len(whole.labels), -1, dtype=np.intp)
    number[nodes] = np.arange(len(nodes))
    labels = tuple(whole.labels_of(nodes))
    return Part(whole.attribute, labels, number[rows], whole=whole, nodes=nodes)
