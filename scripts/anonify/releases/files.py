"""Tables that do not fit in memory: anonymized from file to file.

Methods get distinct tuples and counts; what they decide is joined to the records by an engine, and
what was written is read back and verified.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.values import PERSON, RECORDS, SUPPRESSED, Codes
from anonify.domains.domain import ShownDomain
from anonify.engines.choice import Limits
from anonify.engines.database import open_database
from anonify.engines.recoding import (
    FIRST,
    LAST,
    RELEASED,
    count_differences,
    select_recoded,
    sort_statement,
)
from anonify.recoding.recoding import TupleRecoding, list_shown
from anonify.releases.anonymization import TOO_FEW, anonymize_counts, check_k
from anonify.releases.dataset import find_levels, read_limited_domains
from anonify.tables.counts import count_everyone, count_records, records_of
from anonify.tables.metadata import write_metadata
from anonify.tables.provenance import Provenance
from anonify.tables.storage import Table, count_table, describe_table
from anonify.verification.privacy import verify_requirements
from anonify.verification.releases import (
    Verification,
    VerificationError,
    verify_levels,
    verify_recoding,
    verify_release,
)

Facts = Mapping[str, float | int | str]

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
    attributes = [rule["attribute"] for rule in requirements]
    counted = count_table(table, [*names, *attributes, PERSON]).frame
    check_k(k, count_everyone(counted), too_few, of_people=PERSON in counted)
    domains = read_limited_domains(hierarchies, about)
    groups, recoding = anonymize_counts(
        counted, domains, method, k, generator, options=options, requirements=requirements
    )
    original = _label(groups.tuples[recoding.tuples], domains)
    of_nodes = dict(zip(names, list_shown(recoding, [*domains.values()]), strict=True))
    shown = _label(recoding.nodes, of_nodes).assign(**{SUPPRESSED: recoding.is_suppressed})
    files = dict(zip(names, hierarchies, strict=True))
    verify_recoding(original, shown, files)
    expected = _expect(counted, groups.members, recoding, shown)
    found = verify_release(expected, names, k, count_records(counted))
    facts = {**asdict(found), **_count_suppressed_people(expected), **recoding.facts}
    mapping = _make_mapping(original, shown, recoding)
    columns = [column.name for column in about.columns] + [PERSON] * (PERSON in counted)
    labels = {name: shown[name].cat.categories.tolist() for name in names}
    metadata = write_metadata(about.columns, add_step(facts), labels)
    with open_database(limits) as database:
        database.name_file("original", table)
        database.name_frame("mapping", mapping)
        recoded = select_recoded(mapping, columns, names, "original")
        ordered = sort_statement(recoded, [*columns, SUPPRESSED])
        database.write_parquet(ordered, release, metadata, count_records(counted))
        database.name_file("written", release)
        # Which of the records of a tuple go which way cannot be told from what is written.
        of_class = [] if FIRST in mapping else [*names, SUPPRESSED]
        others = [name for name in columns if name not in names]
        if count_differences(database, recoded, "FROM written", of_class, others):
            raise VerificationError(f"{release}: its records are not those of {table}")
    _verify_written(release, about, files, k, requirements, found, count_records(counted))
    return found, recoding.facts


def _label(nodes: Codes, domains: Mapping[str, ShownDomain]) -> pd.DataFrame:
    """Return frame (rows, quasi-identifiers): the labels of nodes as categories."""
    columns = {}
    for (name, domain), column in zip(domains.items(), nodes.T, strict=True):
        present, codes = np.unique(column, return_inverse=True)
        labels = pd.Index(domain.labels_of(present), dtype="str")
        columns[name] = pd.Categorical.from_codes(codes, categories=labels)
    return pd.DataFrame(columns)


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


def _make_mapping(
    original: pd.DataFrame, shown: pd.DataFrame, recoding: TupleRecoding
) -> pd.DataFrame:
    """Return for each portion of the records of a tuple what they are released as."""
    renamed = shown.rename(columns={name: RELEASED.format(name) for name in original})
    mapping = pd.concat([original, renamed], axis=1)
    if len(np.unique(recoding.tuples)) == len(recoding.tuples):
        return mapping
    # Portions follow each other in the order of the method.
    last = pd.Series(recoding.records).groupby(recoding.tuples, sort=False).cumsum().to_numpy()
    return mapping.assign(**{FIRST: last - recoding.records, LAST: last})


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
