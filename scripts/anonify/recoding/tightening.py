"""Tighten: the classes of any method, shown as the ranges and sets of what is in them.

A class is what a release shows as the same. Its records stay together, and what they show becomes
as narrow as :mod:`anonify.recoding.axes` allows: the values that occur in the class, or of numbers
the range of these, within the levels, ends and edges of the domains. Two classes that show the same
then are one. So classes only grow, and what each of them keeps of ℓ-diversity and t-closeness,
their union keeps, too.

Source: the sets of Xu et al., Utility-Based Anonymization Using Local Recoding, KDD 2006.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeVar, get_args

import numpy as np

from anonify.base.values import Codes
from anonify.domains.domain import Domain, ShownDomain
from anonify.domains.hierarchy import Nodes
from anonify.recoding.axes import make_axis
from anonify.recoding.recoding import Recoding, TupleRecoding, roots
from anonify.tables.classes import group

LabelKind = Literal["nodes", "sets"]
"""What a class shows: what its method gives it, or the ranges and sets of what is in it."""

LABEL_KINDS: tuple[LabelKind, ...] = get_args(LabelKind)

Made = TypeVar("Made", Recoding, TupleRecoding)


def tighten(recoding: Made, leaves: Codes, domains: Sequence[Domain]) -> Made:
    """Return a recoding with the same classes that shows no more than what is in them.

    One that shows sets already is returned as it is, and suppressed records stay suppressed.

    Parameters
    ----------
    recoding : of nodes as a release shows them (:func:`anonify.domains.domain.widen`).
    leaves : array (rows, d), the values of each row of the recoding.
    domains : that the method got.
    """
    kept = np.flatnonzero(~recoding.is_suppressed)
    if recoding.domains is not None or not len(kept):
        return recoding
    classes = group(recoding.nodes[kept])
    columns = [
        _tighten_column(domain, column, classes.members, shown)
        for domain, column, shown in zip(domains, leaves[kept].T, classes.tuples.T, strict=True)
    ]
    of_nodes = [domain for domain, _ in columns]
    nodes = np.tile(roots(of_nodes), (len(leaves), 1))
    nodes[kept] = np.stack([narrow for _, narrow in columns], axis=1)[classes.members]
    return replace(recoding, nodes=nodes, domains=of_nodes)


def _tighten_column(
    domain: Domain, leaves: Codes, members: Codes, shown: Nodes
) -> tuple[ShownDomain, Nodes]:
    """Return what classes show of an attribute: the nodes' domain, and array (classes,) of nodes.

    Parameters
    ----------
    leaves, members : arrays (rows,), the value and the class of each row.
    shown : array (classes,), the node that each class has from its method.
    """
    axis = make_axis(domain, leaves.astype(np.int32))
    rows = np.arange(len(leaves), dtype=np.int32)
    once = np.ones(len(leaves), dtype=np.int64)
    cells = axis.find_cells(rows, members.astype(np.int32), once, len(shown))
    of_nodes, nodes = axis.name(cells)
    # The range of numbers whose node has others between them is wider than the node.
    is_wider = of_nodes.ncp_of(nodes) > domain.ncp_of(shown)
    return of_nodes, np.where(is_wider, shown, nodes)
