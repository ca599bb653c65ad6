"""Levels that a release may show: keep them with any method.

A method gets the records lifted to the least levels. Where there are highest levels, no class may
join records that lie below different nodes of these: the method gets each such part of the table
by itself, and a part that is no class, however wide, is suppressed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import scipy

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.levels import Part, take_part
from anonify.recoding.recoding import (
    Anonymizer,
    Counts,
    Recoding,
    TupleAnonymizer,
    TupleRecoding,
    divide,
    roots,
)
from anonify.recoding.requirements import ClassRules, Requirement
from anonify.tables.classes import group

Facts = Mapping[str, float | int | str]

ChooseOfTuples = Callable[[Sequence[Requirement], "scipy.sparse.csr_array | None"], TupleAnonymizer]
"""The same for tuples: what it takes has a row for each."""

Choose = Callable[[Sequence[Requirement], Codes | None], Anonymizer]
"""Returns a method for records, by the requirements that they have and by their people."""


def are_limited(domains: Sequence[Domain]) -> bool:
    """Tell whether there are levels that a release may not show."""
    return any(isinstance(domain, Hierarchy) and domain.is_limited for domain in domains)


def anonymize_levels(
    choose: Choose,
    requirements: Sequence[Requirement],
    people: Codes | None,
    records: Codes,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
) -> Recoding:
    """Anonymize by a method that knows no limits, so that every class keeps them.

    Parameters
    ----------
    choose : the method.
    requirements : with a row for each record.
    people : array (n,), the person of each record; None where each is of another one.
    records : array (n, d) of leaves.

    Returns
    -------
    Recoding; where the method was asked several times, its facts are means over the records.
    """
    parts = group(find_tops(records, domains))
    incidence = None
    if people is not None:
        incidence = scipy.sparse.csr_array((np.ones(len(people)), (np.arange(len(people)), people)))
    rules = ClassRules(np.ones(len(records), dtype=np.int64), k, requirements, incidence)
    is_allowed = rules.are_allowed(np.arange(len(records)), parts.members)
    nodes = np.tile(roots(domains), (len(records), 1))
    is_suppressed = np.ones(len(records), dtype=bool)
    facts: list[tuple[int, Facts]] = []
    for place in np.flatnonzero(is_allowed).tolist():
        rows = np.flatnonzero(parts.members == place)
        anonymize = choose(
            [requirement.select(rows) for requirement in requirements],
            None if people is None else np.unique(people[rows], return_inverse=True)[1],
        )
        taken = _take_parts(domains, parts.tuples[place])
        made = anonymize(_lift(records[rows], taken), taken, k, generator)
        kept = ~made.is_suppressed
        nodes[rows[kept]] = _find_nodes(made.nodes[kept], taken)
        is_suppressed[rows[kept]] = False
        facts.append((len(rows), made.facts))
    return Recoding(nodes, is_suppressed, _average(facts))


def anonymize_tuple_levels(
    choose: ChooseOfTuples,
    requirements: Sequence[Requirement],
    people: "scipy.sparse.csr_array | None",
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
) -> TupleRecoding:
    """As :func:`anonymize_levels`, by a method that works on distinct tuples.

    Parameters
    ----------
    requirements, people : with a row for each tuple.
    tuples, counts : arrays (m, d) of leaves, and (m,).
    """
    parts = group(find_tops(tuples, domains))
    rules = ClassRules(counts, k, requirements, people)
    is_allowed = rules.are_allowed(np.arange(len(tuples)), parts.members)
    left = np.flatnonzero(~is_allowed[parts.members])
    nothing = np.tile(roots(domains), (len(left), 1))
    made = [TupleRecoding(left, counts[left], nothing, np.ones(len(left), dtype=bool))]
    facts: list[tuple[int, Facts]] = []
    for place in np.flatnonzero(is_allowed).tolist():
        rows = np.flatnonzero(parts.members == place)
        taken = _take_parts(domains, parts.tuples[place])
        lifted = group(_lift(tuples[rows], taken))
        joined = scipy.sparse.csr_array(
            (np.ones(len(rows)), (lifted.members, np.arange(len(rows))))
        )
        anonymize = choose(
            [requirement.select(rows).sum_up(lifted) for requirement in requirements],
            None if people is None else (joined @ people[rows]).sign(),
        )
        summed = np.bincount(lifted.members, weights=counts[rows]).astype(np.int64)
        of_lifted = anonymize(lifted.tuples, summed, taken, k, generator)
        divided = divide(of_lifted, lifted.members, counts[rows])
        nodes = _find_nodes(divided.nodes, taken)
        nodes[divided.is_suppressed] = roots(domains)
        made.append(replace(divided, tuples=rows[divided.tuples], nodes=nodes))
        facts.append((int(counts[rows].sum()), divided.facts))
    return TupleRecoding(
        np.concatenate([each.tuples for each in made]),
        np.concatenate([each.records for each in made]),
        np.concatenate([each.nodes for each in made]),
        np.concatenate([each.is_suppressed for each in made]),
        _average(facts),
    )


def find_tops(records: Codes, domains: Sequence[Domain]) -> Codes:
    """Array (n, d): the node of the last level that each value lies below; 0 for ranges."""
    columns = [
        domain.shown[leaves, -1] if isinstance(domain, Hierarchy) else np.zeros_like(leaves)
        for domain, leaves in zip(domains, records.T, strict=True)
    ]
    return np.stack(columns, axis=1)


def _take_parts(domains: Sequence[Domain], tops: Codes) -> list[Domain]:
    return [
        take_part(domain, int(top))
        if isinstance(domain, Hierarchy) and domain.is_limited
        else domain
        for domain, top in zip(domains, tops, strict=True)
    ]


def _lift(records: Codes, taken: Sequence[Domain]) -> Codes:
    columns = zip(taken, records.T, strict=True)
    return np.stack(
        [each.lift(leaves) if isinstance(each, Part) else leaves for each, leaves in columns],
        axis=1,
    )


def _find_nodes(nodes: Codes, taken: Sequence[Domain]) -> Codes:
    columns = zip(taken, nodes.T, strict=True)
    return np.stack(
        [each.nodes[column] if isinstance(each, Part) else column for each, column in columns],
        axis=1,
    )


def _average(facts: Sequence[tuple[int, Facts]]) -> Facts:
    """Return the mean of each fact over the records, and of a text all that there are."""
    if len(facts) < 2:
        return facts[0][1] if facts else {}
    total = sum(records for records, _ in facts)
    averaged: dict[str, float | int | str] = {}
    for name, fact in facts[0][1].items():
        values = [(records, found[name]) for records, found in facts if name in found]
        if isinstance(fact, str):
            averaged[name] = ", ".join(sorted({str(value) for _, value in values}))
        else:
            averaged[name] = sum(records * float(value) for records, value in values) / total
    return averaged
