"""The domain of a quasi-identifier: its values, and what generalizes them.

That is a hierarchy, or the ranges of a numeric attribute that has none. Both number their
nodes, leaves first, and can join nodes, label and find them, and tell their NCP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy, Nodes
from anonify.domains.ranges import Ranges

Domain = Hierarchy | Ranges

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


def widen(nodes: Codes, domains: Sequence[Domain]) -> Codes:
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
    return _encode(column, domain, domain.leaf_count)


def encode_nodes(column: "pd.Series[Any]", domain: Domain) -> Nodes:
    """Return array (records,): the node of each label of a categorical text column.

    Raises
    ------
    UserError : a label is no node of the domain.
    """
    return _encode(column, domain, domain.root + 1)


def _encode(column: "pd.Series[Any]", domain: Domain, allowed: int) -> Nodes:
    nodes = domain.find_nodes(column.cat.categories.tolist())
    codes = column.cat.codes.to_numpy()
    encoded = np.where(codes < 0, -1, nodes[codes])
    wrong = (encoded < 0) | (encoded >= allowed)
    if wrong.any():
        row = int(wrong.argmax())
        kind = "leaf" if allowed == domain.leaf_count else "label"
        raise UserError(
            f"column {domain.attribute!r}, record {row + 1}: the value {column.iloc[row]!r} is "
            f"no {kind} of its hierarchy; add it to the hierarchy or mend the record"
        )
    return encoded
