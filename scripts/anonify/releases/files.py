"""Tables that do not fit in memory: anonymized from file to file.

Methods get distinct tuples and counts; what they decide is joined to the records by an engine, and
what was written is read back and verified.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from anonify.base.values import PERSON, RECORDS, SUPPRESSED, Codes
from anonify.domains.domain import Domains
from anonify.engines.choice import Limits
from anonify.engines.database import open_database
from anonify.engines.ordering import number_columns, sort_statement
from anonify.engines.recoding import FIRST, count_differences, select_recoded
from anonify.recoding.recoding import TupleRecoding, list_shown
from anonify.recoding.tightening import LabelKind
from anonify.releases.anonymization import TOO_FEW, anonymize_counts, check_k
from anonify.releases.dataset import find_levels, read_limited_domains
from anonify.releases.mapping import (
    Decision,
    Facts,
    label_nodes,
    make_mapping,
    number_portions,
)
from anonify.releases.regions import (
    can_be_cut,
    count_fitting,
    decide_in_regions,
    has_more_tuples,
)
from anonify.tables.counts import count_everyone, count_records, records_of
from anonify.tables.metadata import write_metadata
from anonify.tables.provenance import Provenance
from anonify.tables.storage import (
    Table,
    count_stored,
    count_table,
    describe_table,
)
from anonify.verification.privacy import verify_requirements
from anonify.verification.releases import (
    Verification,
    VerificationError,
    verify_levels,
    verify_recoding,
    verify_release,
)

AddStep = Callable[[Facts], Provenance]
"""Returns the provenance of a table, by what verification found and the method reports."""


def anonymize_file(
    table: str | Path,
    hierarchies: Sequence[str | Path],
    release: str | Path,
    method: str,
    k: int,
    generator: np.random.Generator,
    limits: Limits,
    add_step: AddStep,
    too_few: str = TOO_FEW,
    *,
    options: Mapping[str, Any] | None = None,
    requirements: Sequence[Mapping[str, Any]] = (),
    labels: LabelKind = "nodes",
) -> tuple[Verification, Facts]:
    """k-anonymize a table that stays in its file, and verify what was written.

    Parameters
    ----------
    table : typed.
    hierarchies : one file for each quasi-identifier in the order of the table.
    release : file of the anonymized table, sorted by what it shows.
    generator : of what the method draws.
    limits : of the engine.
    too_few : what is said where there are fewer people than k; see
        :func:`anonify.releases.anonymization.check_k`.
    labels : what the classes show. A class may be larger than a region of the table, so that with
        sets all distinct tuples are in memory.

    Returns
    -------
    What verification found, and what the method reports.

    Raises
    ------
    UserError : as :func:`anonify.methods.get_tuple_anonymizer`; above all the method follows the
        records one by one.
    VerificationError : what was written does not keep what the method promises.
    """
    about = describe_table(table)
    names = about.quasi_identifiers
    files = dict(zip(names, hierarchies, strict=True))
    domains = read_limited_domains(hierarchies, about)
    attributes = [rule["attribute"] for rule in requirements]
    records, most = count_stored(table), count_fitting(limits)
    is_cut = labels == "nodes" and can_be_cut(about, domains, method, requirements)
    with ExitStack() as stack:
        if is_cut and has_more_tuples(table, domains, most):
            check_k(k, records, too_few)
            folder = stack.enter_context(limits.open_folder())
            decision = decide_in_regions(table, domains, files, method, k, most, folder, options)
        else:
            counted = count_table(table, [*names, *attributes, PERSON]).frame
            check_k(k, count_everyone(counted), too_few, of_people=PERSON in counted)
            decision = _decide_in_memory(
                counted, domains, files, method, k, generator, options, requirements, labels
            )
        facts = {**asdict(decision.found), **decision.people, **decision.reported}
        metadata = write_metadata(about.columns, add_step(facts), decision.labels)
        _write_release(table, release, about, decision, limits, metadata)
    _verify_written(release, about, files, k, requirements, decision.found, records)
    return decision.found, decision.reported


def _decide_in_memory(
    counted: pd.DataFrame,
    domains: Domains,
    files: Mapping[str, str | Path],
    method: str,
    k: int,
    generator: np.random.Generator,
    options: Mapping[str, Any] | None,
    requirements: Sequence[Mapping[str, Any]],
    labels: LabelKind,
) -> Decision:
    """Decide about the tuples of a counted table, and verify what was decided.

    Raises
    ------
    VerificationError : it does not keep what the method promises.
    """
    asked: Any = {"options": options, "requirements": requirements, "labels": labels}
    groups, recoding = anonymize_counts(counted, domains, method, k, generator, **asked)
    original = label_nodes(groups.tuples[recoding.tuples], domains)
    of_nodes = dict(zip(domains, list_shown(recoding, [*domains.values()]), strict=True))
    shown = label_nodes(recoding.nodes, of_nodes).assign(**{SUPPRESSED: recoding.is_suppressed})
    verify_recoding(original, shown, files)
    expected = _expect(counted, groups.members, recoding, shown)
    found = verify_release(expected, list(domains), k, count_records(counted))
    mapping = number_portions(make_mapping(original, shown), recoding)
    shown_labels = {name: shown[name].cat.categories.tolist() for name in domains}
    people = _count_suppressed_people(expected)
    return Decision(mapping, [*mapping], shown_labels, found, people, recoding.facts)


def _expect(
    counted: pd.DataFrame, members: Codes, recoding: TupleRecoding, shown: pd.DataFrame
) -> pd.DataFrame:
    """Return the counted table that a release should be, with people where some have several."""
    if PERSON not in counted:
        return shown.assign(**{RECORDS: recoding.records})
    # All records of a tuple go one way, for the method counts people.
    portion = np.empty(len(recoding.tuples), dtype=np.intp)
    portion[recoding.tuples] = np.arange(len(recoding.tuples))
    rows = shown.iloc[portion[members]].reset_index(drop=True)
    rows[PERSON], rows[RECORDS] = counted[PERSON], records_of(counted)
    return rows


def _count_suppressed_people(expected: pd.DataFrame) -> dict[str, int]:
    if PERSON not in expected:
        return {}
    return {"suppressed_people": int(expected.loc[expected[SUPPRESSED], PERSON].nunique())}


def _write_release(
    table: str | Path,
    release: str | Path,
    about: Table,
    decision: Decision,
    limits: Limits,
    metadata: Mapping[str, str],
) -> None:
    """Join what was decided to the records, write them, and compare what was written.

    Raises
    ------
    VerificationError : it is not what the records of the table become.
    """
    names, records = about.quasi_identifiers, count_stored(table)
    columns = [column.name for column in about.columns] + [PERSON] * (PERSON in about.frame)
    with open_database(limits) as database:
        database.name_file("original", table)
        if isinstance(decision.mapping, Path):
            database.name_file("mapping", decision.mapping)
        else:
            database.name_frame("mapping", decision.mapping)
        recoded = select_recoded(decision.columns, columns, names, "original")
        numbers = number_columns(database, "original", pq.read_schema(table), decision.labels)
        ordered = sort_statement(recoded, [*columns, SUPPRESSED], numbers)
        database.write_parquet(ordered, release, metadata, records)
        database.name_file("written", release)
        # Which of the records of a tuple go which way cannot be told from what is written.
        of_class = [] if FIRST in decision.columns else [*names, SUPPRESSED]
        others = [name for name in columns if name not in names]
        if count_differences(database, recoded, "FROM written", of_class, others):
            raise VerificationError(f"{release}: its records are not those of {table}")


def _verify_written(
    release: str | Path,
    about: Table,
    files: Mapping[str, str | Path],
    k: int,
    requirements: Sequence[Mapping[str, Any]],
    expected: Verification,
    records: int,
) -> None:
    """Verify what was written, read back from its file.

    Raises
    ------
    VerificationError : it does not keep what was promised.
    """
    names = about.quasi_identifiers
    marks = [SUPPRESSED, PERSON]
    written = count_table(release, [*names, *marks]).frame
    if verify_release(written, names, k, records) != expected:
        raise VerificationError(f"{release}: its classes are not those that the method made")
    verify_levels(written, files, find_levels(about.columns))
    for rule in requirements:
        values = count_table(release, [*names, rule["attribute"], *marks]).frame
        verify_requirements(values, names, [rule])
