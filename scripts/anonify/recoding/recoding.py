"""What every anonymizer returns, of records or of their distinct tuples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from anonify.base.sorting import order_keys
from anonify.base.values import Codes
from anonify.domains.domain import Domain, ShownDomain

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Recoding:
    """For each record and quasi-identifier the node that replaces the value.

    Parameters
    ----------
    nodes : array (n, d).
    is_suppressed : array (n,); the nodes of a suppressed record are the roots.
    facts : what the method reports about this result, such as a proven bound.
    domains : what the nodes are of, where the method shows sets; else None: the domains it got.
    """

    nodes: Codes
    is_suppressed: npt.NDArray[np.bool_]
    facts: Mapping[str, float | int | str] = field(default_factory=dict)
    domains: Sequence[ShownDomain] | None = None


@dataclass(frozen=True)
class TupleRecoding:
    """For each portion of the records of a tuple the nodes that replace their values.

    A tuple is one portion, or several where equal records go to different classes.

    Parameters
    ----------
    tuples : array (portions,), the tuple that each portion is of.
    records : array (portions,), how many of its records; those of a tuple sum to all it has.
    nodes : array (portions, d).
    is_suppressed : array (portions,); the nodes of suppressed records are the roots.
    facts : what the method reports about this result, such as a proven bound.
    domains : what the nodes are of, where the method shows sets; else None: the domains it got.
    """

    tuples: Codes
    records: Counts
    nodes: Codes
    is_suppressed: npt.NDArray[np.bool_]
    facts: Mapping[str, float | int | str] = field(default_factory=dict)
    domains: Sequence[ShownDomain] | None = None

    @property
    def is_divided(self) -> bool:
        """Whether records of a tuple go several ways."""
        return bool((np.bincount(self.tuples) > 1).any())


def recode_undivided(
    counts: Counts,
    nodes: Codes,
    is_suppressed: npt.NDArray[np.bool_],
    facts: Mapping[str, float | int | str] | None = None,
    domains: Sequence[ShownDomain] | None = None,
) -> TupleRecoding:
    """Return the recoding of tuples whose records go the same way.

    Parameters
    ----------
    counts : array (m,), records of each tuple.
    nodes, is_suppressed : arrays (m, d) and (m,).
    """
    tuples = np.arange(len(counts))
    return TupleRecoding(tuples, counts, nodes, is_suppressed, facts or {}, domains)


def divide(recoding: TupleRecoding, members: Codes, counts: Counts) -> TupleRecoding:
    """Return the recoding of tuples from that of what they were joined to, in their order.

    Parameters
    ----------
    recoding : of the joined tuples.
    members : array (m,), which of these each tuple is joined to.
    counts : array (m,), records of each tuple.
    """
    # One joined tuple after the other, all records stand in a row: tuples and portions each end
    # somewhere in it.
    tuples = np.argsort(members, kind="stable")
    portions = np.argsort(recoding.tuples, kind="stable")
    tuple_ends = counts[tuples].cumsum()
    portion_ends = recoding.records[portions].cumsum()
    ends = np.sort(np.concatenate([tuple_ends, portion_ends]), kind="stable")
    records = np.diff(ends, prepend=0)
    ends, records = ends[records > 0], records[records > 0]
    portions = portions[np.searchsorted(portion_ends, ends)]
    return TupleRecoding(
        tuples[np.searchsorted(tuple_ends, ends)],
        records,
        recoding.nodes[portions],
        recoding.is_suppressed[portions],
        recoding.facts,
        recoding.domains,
    )


def recode_records(recoding: TupleRecoding, members: Codes) -> Recoding:
    """Return the recoding of records; those of a tuple go to its portions in their order.

    Parameters
    ----------
    members : array (n,), the tuple of each record.
    """
    order = np.argsort(recoding.tuples, kind="stable")
    if recoding.is_divided:
        portions = np.empty(len(members), dtype=np.intp)
        portions[order_keys(members)] = np.repeat(order, recoding.records[order])
    else:
        portions = order[members]
    return Recoding(
        recoding.nodes[portions],
        recoding.is_suppressed[portions],
        recoding.facts,
        recoding.domains,
    )


def list_shown(
    recoding: Recoding | TupleRecoding, domains: Sequence[ShownDomain]
) -> Sequence[ShownDomain]:
    """Return what the nodes of a recoding are of, by the domains that its method got."""
    return domains if recoding.domains is None else recoding.domains


def roots(domains: Sequence[ShownDomain]) -> Codes:
    """Array (d,): the tuple that a suppressed record is released with."""
    return np.array([domain.root for domain in domains], dtype=np.intp)


class Anonymizer(Protocol):
    """Anonymizes records: array (n, d) of leaves."""

    def __call__(
        self,
        records: Codes,
        domains: Sequence[Domain],
        k: int,
        generator: np.random.Generator,
    ) -> Recoding: ...


class TupleAnonymizer(Protocol):
    """Anonymizes distinct tuples, array (m, d) of leaves, with the records of each, array (m,)."""

    def __call__(
        self,
        tuples: Codes,
        counts: Counts,
        domains: Sequence[Domain],
        k: int,
        generator: np.random.Generator,
    ) -> TupleRecoding: ...
