"""The one way from a typed table to its release: encode, anonymize, recode, verify.

Rules, commands, the server and the attacks go this way, so that nothing is released anywhere that
was not verified.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.folders import temporary_folder
from anonify.base.values import PERSON
from anonify.domains.domain import Domains, balance, encode_records, widen
from anonify.domains.files import write_domain
from anonify.domains.levels import list_levels
from anonify.methods import get_anonymizer, get_tuple_anonymizer
from anonify.recoding.people import list_people
from anonify.recoding.recoding import Recoding, TupleRecoding, list_shown, roots
from anonify.recoding.requirements import UnreachableError, make_requirement
from anonify.recoding.tightening import LabelKind, tighten
from anonify.releases.recode import release_records
from anonify.tables.classes import Groups, group
from anonify.tables.counts import records_of, sum_counts
from anonify.verification.privacy import verify_requirements
from anonify.verification.releases import (
    Verification,
    verify_levels,
    verify_recoding,
    verify_release,
)

TOO_FEW = "the table has {records}, fewer than k = {k}; choose a smaller k"


@dataclass(frozen=True)
class Anonymized:
    """A table that was anonymized and verified.

    Parameters
    ----------
    frame : records in the order of the original, with ``is_suppressed``; not to be handed out
        before they are in another order.
    recoding : of the records, in that order.
    found : what verification found.
    seconds : that the method and its labels took; encoding and verification are not counted.
    """

    frame: pd.DataFrame
    recoding: Recoding
    found: Verification
    seconds: float

    @property
    def facts(self) -> dict[str, float | int | str]:
        """What verification found and what the method reports, as provenance keeps it.

        Beside suppressed records it tells their people, where some have several.
        """
        people = {}
        if PERSON in self.frame:
            suppressed = self.frame.loc[self.recoding.is_suppressed, PERSON]
            people = {"suppressed_people": int(suppressed.nunique())}
        return {**asdict(self.found), **people, **self.recoding.facts}


def anonymize_table(
    frame: pd.DataFrame,
    domains: Domains,
    method: str,
    k: int,
    generator: np.random.Generator,
    *,
    options: Mapping[str, Any] | None = None,
    requirements: Sequence[Mapping[str, Any]] = (),
    labels: LabelKind = "nodes",
    hierarchy_files: Mapping[str, str | Path] | None = None,
) -> Anonymized:
    """k-anonymize a table, and verify by code that shares nothing with what made it.

    Parameters
    ----------
    frame : quasi-identifiers as categories of text, as :func:`anonify.tables.typed.convert_records`
        returns them; the numbers of the people (:data:`anonify.base.values.PERSON`) where some have
        several records; any other columns.
    domains : of the quasi-identifiers.
    method : of :data:`anonify.methods.METHODS`.
    k : smallest size of an equivalence class, in people.
    generator : of what the method draws.
    options : of the method, by name.
    requirements : what every class must keep beside its size, as rules of the configuration; see
        :func:`anonify.recoding.requirements.make_requirement`.
    labels : what the classes show.
    hierarchy_files : the domains as they were read, against which the recoding is verified; None
        where they were in no file.

    Raises
    ------
    UnreachableError : there are fewer than k people, or as :func:`make_requirement`.
    UserError : as :func:`anonify.methods.get_anonymizer`, :func:`encode_records` and the method.
    VerificationError : the method did not keep what it promises.
    """
    # A part of a table has not everybody.
    people = pd.factorize(frame[PERSON])[0].astype(np.intp) if PERSON in frame else None
    check_k(k, count_all(frame), of_people=people is not None)
    wanted = [make_requirement(rule, frame[rule["attribute"]], people) for rule in requirements]
    anonymize = get_anonymizer(method, options, wanted, people)
    records = encode_records(frame, domains)
    start = time.perf_counter()
    recoding = anonymize(records, balance(list(domains.values())), k, generator)
    shown = list_shown(recoding, list(domains.values()))
    recoding = replace(recoding, nodes=widen(recoding.nodes, shown))
    if labels == "sets":
        recoding = tighten(recoding, records, list(domains.values()))
    seconds = time.perf_counter() - start
    del records
    release = release_records(frame, domains, recoding)
    names = list(domains)
    verify_requirements(release, names, requirements)
    with _provide_files(domains, hierarchy_files) as files:
        verify_recoding(frame, release, files)
        verify_levels(release, files, list_levels(domains))
    return Anonymized(release, recoding, verify_release(release, names, k, len(frame)), seconds)


def anonymize_counts(
    counted: pd.DataFrame,
    domains: Domains,
    method: str,
    k: int,
    generator: np.random.Generator,
    *,
    options: Mapping[str, Any] | None = None,
    requirements: Sequence[Mapping[str, Any]] = (),
    labels: LabelKind = "nodes",
) -> tuple[Groups, TupleRecoding]:
    """k-anonymize the distinct tuples of a table that is not in memory.

    Parameters
    ----------
    counted : counted table (:data:`anonify.base.values.RECORDS`) of the quasi-identifiers, of what
        the requirements look at, and of the numbers of the people where some have several records.
    domains, method, k, generator, options, requirements, labels : as :func:`anonymize_table`.

    Returns
    -------
    The distinct tuples of leaves with the records of each, and the tuple of each row; and what
    becomes of them. Nothing is verified.

    Raises
    ------
    UserError : as :func:`anonify.methods.get_tuple_anonymizer`.
    """
    groups = group(encode_records(counted, domains))
    records = records_of(counted)
    groups = replace(groups, sizes=sum_counts(records, groups.members))
    people = pd.factorize(counted[PERSON])[0].astype(np.intp) if PERSON in counted else None
    wanted = [
        make_requirement(rule, counted[rule["attribute"]], people, records).sum_up(groups)
        for rule in requirements
    ]
    incidence = None if people is None else list_people(groups, people)
    anonymize = get_tuple_anonymizer(method, options, wanted, incidence)
    made = anonymize(groups.tuples, groups.sizes, balance(list(domains.values())), k, generator)
    shown = list_shown(made, list(domains.values()))
    made = replace(made, nodes=widen(made.nodes, shown))
    if labels == "sets":
        made = tighten(made, groups.tuples[made.tuples], list(domains.values()))
    return groups, made


def suppress_table(frame: pd.DataFrame, domains: Domains) -> Anonymized:
    """Suppress every record: what is left to release where :func:`anonymize_table` can't."""
    records = len(frame)
    nodes = np.tile(roots(list(domains.values())), (records, 1))
    recoding = Recoding(nodes, np.ones(records, dtype=bool))
    release = release_records(frame, domains, recoding)
    # There is no class that could be smaller than any k.
    return Anonymized(release, recoding, verify_release(release, list(domains), 1, records), 0.0)


def count_all(frame: pd.DataFrame) -> int:
    """Return how many people a table has: records, where each is a person of its own."""
    return int(frame[PERSON].nunique()) if PERSON in frame else len(frame)


def check_k(k: int, records: int, sentence: str = TOO_FEW, *, of_people: bool = False) -> None:
    """Make sure that there are records enough for a class.

    Parameters
    ----------
    sentence : what is said otherwise, with ``{k}`` and ``{records}``, which reads ``6 records``.
    of_people : whether people are counted, some of whom have several records.

    Raises
    ------
    UnreachableError : there are fewer than k.
    """
    if records < k:
        one, several = ("person", "people") if of_people else ("record", "records")
        counted = f"one {one}" if records == 1 else f"{records} {several}"
        raise UnreachableError(sentence.format(k=k, records=counted))


@contextmanager
def _provide_files(
    domains: Domains, files: Mapping[str, str | Path] | None
) -> Iterator[Mapping[str, str | Path]]:
    """Provide the hierarchies as files, which verification reads in a way of its own."""
    if files is not None:
        yield files
        return
    with temporary_folder() as folder:
        written = {name: folder / f"{place}.csv" for place, name in enumerate(domains)}
        for name, domain in domains.items():
            write_domain(domain, written[name])
        yield written
