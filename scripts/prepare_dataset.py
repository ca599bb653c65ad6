"""Type the dataset's columns and build the hierarchies of its quasi-identifiers."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anonify.base.errors import UserError
from anonify.domains.files import build_domain, write_domain
from anonify.tables.columns import describe_columns, drop_identifiers, names_with_role
from anonify.tables.provenance import start_provenance
from anonify.tables.storage import Table, write_table
from anonify.tables.typed import read_records
from job import run_job


def main(
    source: str,
    record: str,
    table: str,
    hierarchies: Sequence[str],
    columns: Mapping[str, Mapping[str, Any]],
    separator: str,
    decimal: str,
    hierarchy_files: Sequence[str],
) -> None:
    """Write the typed table, and a hierarchy for each quasi-identifier in its order."""
    described = describe_columns(columns)
    about = json.loads(Path(record).read_text())
    try:
        frame = read_records(source, described, separator, decimal)
    except UserError as error:
        # It is the file that was found which is to be mended, not our copy.
        raise UserError(str(error).replace(source, about["origin"], 1)) from None
    names = names_with_role(described, "quasi-identifier")
    from_file = [name for name in names if "file" in columns[name].get("hierarchy", {})]
    files = dict(zip(from_file, hierarchy_files, strict=True))
    for name, path in zip(names, hierarchies, strict=True):
        values = frame[name].cat.categories.tolist()
        write_domain(build_domain(name, values, columns[name], files.get(name)), path)
    dataset = {key: about[key] for key in ("name", "title", "sha256", "synthetic")}
    write_table(Table(frame, drop_identifiers(described), start_provenance(dataset)), table)


if __name__ == "__main__":
    run_job(main, snakemake)
