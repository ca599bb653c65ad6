"""Type the dataset's columns and build the hierarchies of its quasi-identifiers."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anonify.base.errors import UserError
from anonify.base.values import PERSON
from anonify.datasets.typed import read_described_table
from anonify.disclosure.hashes import describe_dataset
from anonify.domains.files import write_domain
from anonify.measures.people import count_linked
from anonify.measures.weights import examine_weights
from anonify.tables.columns import find_weight
from anonify.tables.dialect import Dialect
from anonify.tables.provenance import start_provenance
from anonify.tables.storage import Table, write_table
from job import run_job, tell


def main(
    source: str,
    record: str,
    table: str,
    hierarchies: Sequence[str],
    columns: Mapping[str, Mapping[str, Any]],
    dialect: Mapping[str, Any],
    hierarchy_files: Sequence[str],
    rows_are_people: bool,
    confidential: bool,
) -> None:
    """Write the typed table, and a hierarchy for each quasi-identifier in its order."""
    about = json.loads(Path(record).read_text())
    from_file = [name for name, column in columns.items() if "file" in column.get("hierarchy", {})]
    files = dict(zip(from_file, hierarchy_files, strict=True))
    try:
        frame, kept, domains, coded = read_described_table(
            source, columns, columns, Dialect.of(dialect), files.get, rows_are_people
        )
    except UserError as error:
        # It is the file that was found which is to be mended, not our copy.
        raise UserError(str(error).replace(source, about["origin"], 1)) from None
    for domain, path in zip(domains.values(), hierarchies, strict=True):
        write_domain(domain, path)
    dataset = describe_dataset(about, record, confidential)
    write_table(Table(frame, kept, start_provenance(dataset)), table)
    for sentence in coded:
        tell(sentence)
    weight = find_weight(kept)
    if weight:
        tell(str(examine_weights(frame, weight, list(domains))))
    if PERSON in frame:
        released = [column.name for column in kept if column.role != "quasi-identifier"]
        tell(str(count_linked(frame, released)))


if __name__ == "__main__":
    run_job(main, snakemake)
