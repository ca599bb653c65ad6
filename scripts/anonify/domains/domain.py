"""The domain of a quasi-identifier: its values, and what generalizes them.

That is a hierarchy, or the ranges of a numeric attribute that has none. Both number their
nodes, leaves first, and can join nodes, label and find them, and tell their NCP. A release may also
show sets of a hierarchy's values; its nodes have the same numbers there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import Codes
from anonify.base.words import quote
from anonify.domains.hierarchy import Hierarchy, Nodes
from anonify.domains.ranges import Ranges
from anonify.domains.sets import Sets, read_sets

Domain = Hierarchy | Ranges

ShownDomain = Hierarchy | Ranges | Sets
"""What the values of a release are nodes of."""

Domains = Mapping[str, Domain]
"""The domains of a table's quasi-identifiers by name, in the order of the table."""


def require_hierarchies(domains: Sequence[Domain]) -> list[Hierarchy]:
    """Return the domains, all of which must be hierarchies.

    Raises
    ------
    UserError : one is not; the message names the attribute.
    """
    for domain in domains:
        if isinstance(domain, Ranges):
            raise UserError(
                f"{domain.attribute!r} has no hierarchy, and the method takes no ranges; give "
                "it one, such as `{intervals: …}`, or choose a method that does, such as mondrian"
            )
    return [domain for domain in domains if isinstance(domain, Hierarchy)]


def balance(domains: Sequence[Domain]) -> list[Domain]:
    """Return the domains with a mean importance of 1: what counts is how they compare."""
    highest = max(domain.importance for domain in domains)
    shares = [domain.importance / highest for domain in domains]
    balanced = [share * len(shares) / sum(shares) for share in shares]
    return [
        domain if domain.importance == importance else replace(domain, importance=importance)
        for domain, importance in zip(domains, balanced, strict=True)
    ]


def widen(nodes: Codes, domains: Sequence[ShownDomain]) -> Codes:
    """Return array (n, d): the nodes that a release shows for those that a method gives.

    They are the same but for ranges with edges, which show no number itself.
    """
    return np.stack(
        [
            domain.widen(column) if isinstance(domain, Ranges) else column
            for domain, column in zip(domains, nodes.T, strict=True)
        ],
        axis=1,
    )


def encode_records(frame: pd.DataFrame, domains: Domains) -> Codes:
    """Return array (records, d): the leaf of each value of the quasi-identifiers.

    Raises
    ------
    UserError : a value is no leaf of its domain.
    """
    leaves = [encode_leaves(frame[name], domain) for name, domain in domains.items()]
    return np.stack(leaves, axis=1)


def encode_leaves(column: "pd.Series[Any]", domain: Domain) -> Nodes:
    """Return array (records,): the leaf of each value of a categorical text column.

    Raises
    ------
    UserError : a value is no leaf of the domain.
    """
    nodes = domain.find_nodes(column.cat.categories.tolist())
    return _encode(column, nodes, domain.attribute, domain.leaf_count, "leaf")


def encode_shown(column: "pd.Series[Any]", domain: ShownDomain) -> tuple[ShownDomain, Nodes]:
    """Return what the labels of a released column are nodes of, and array (records,): these.

    Parameters
    ----------
    column : categorical text.
    domain : of the values before they were released.

    Raises
    ------
    UserError : a label is no node of the domain, and no set of its values.
    """
    shown, nodes = find_shown(column.cat.categories.tolist(), domain)
    return shown, _encode(column, nodes, domain.attribute, np.inf, "label")


def find_shown(labels: Sequence[str], domain: ShownDomain) -> tuple[ShownDomain, Nodes]:
    """Return what released labels are nodes of, and the node of each, −1 where there is none.

    They are nodes of sets where the hierarchy does not have them all.
    """
    nodes = domain.find_nodes(labels)
    if not isinstance(domain, Hierarchy) or (nodes >= 0).all():
        return domain, nodes
    return read_sets(domain, labels)


def find_covered(domain: ShownDomain, nodes: Nodes) -> npt.NDArray[np.bool_]:
    """Return for each node which leaves it covers: array (nodes, leaves)."""
    if isinstance(domain, Sets):
        return domain.find_covered(nodes)
    leaves = np.arange(domain.leaf_count)
    covered = [domain.join(leaves, np.full_like(leaves, node)) == node for node in nodes]
    return np.array(covered, dtype=bool).reshape(len(nodes), len(leaves))


def _encode(
    column: "pd.Series[Any]", nodes: Nodes, attribute: str, allowed: float, kind: str
) -> Nodes:
    """Array (records,): the node of each record's label, where that of each label is given."""
    codes = column.cat.codes.to_numpy()
    encoded = np.where(codes < 0, -1, nodes[codes])
    wrong = (encoded < 0) | (encoded >= allowed)
    if wrong.any():
        row = int(wrong.argmax())
        raise UserError(
            f"column {attribute!r}, record {row + 1}: the value {quote(column.iloc[row])} is "
            f"no {kind} of its hierarchy; add it to the hierarchy or mend the record"
        )
    return encoded
