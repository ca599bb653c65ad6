"""Type the dataset's columns and build the hierarchies of its quasi-identifiers."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anonify.dataset import describe_columns, names_with_role, read_csv
from anonify.domain import build_domain, write_domain
from anonify.storage import Table, start_provenance, write_table
from anonify_job import run_job


def main(
    csv: str,
    record: str,
    table: str,
    hierarchies: Sequence[str],
    columns: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write the typed table, and a hierarchy for each quasi-identifier in its order."""
    described = describe_columns(columns)
    frame = read_csv(csv, described)
    names = names_with_role(described, "quasi-identifier")
    for name, path in zip(names, hierarchies, strict=True):
        values = frame[name].cat.categories.tolist()
        write_domain(build_domain(name, values, columns[name].get("hierarchy")), path)
    about = json.loads(Path(record).read_text())
    dataset = {key: about[key] for key in ("name", "title", "sha256", "synthetic")}
    write_table(Table(frame, described, start_provenance(dataset)), table)


if __name__ == "__main__":
    run_job(main, snakemake)
