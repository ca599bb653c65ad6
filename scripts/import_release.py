"""Verify a table that was anonymized elsewhere and take it in."""

from collections.abc import Sequence
from dataclasses import asdict

from anonify.base.errors import UserError
from anonify.base.values import PERSON
from anonify.domains.files import read_domains
from anonify.releases.dataset import find_levels
from anonify.releases.foreign import add_left_out, read_release
from anonify.tables.counts import select_rows
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from anonify.tables.text import read_header
from anonify.verification.releases import (
    VerificationError,
    verify_labels,
    verify_levels,
    verify_other_columns,
    verify_release,
)
from job import note, run_job


def main(
    csv: str,
    table: str,
    hierarchies: Sequence[str],
    release: str,
    method: str,
    k: int | str,
    decimal: str,
) -> None:
    """Write the table in the form of our own, in the order in which it was released."""
    original = read_table(table)
    if PERSON in original.frame:
        raise UserError(
            f"{csv}: the table does not say whose its records are, and people have several, so k "
            "people can't be verified; remove it from `releases` in the dataset's description"
        )
    names = original.quasi_identifiers
    domains = read_domains(hierarchies, names)
    separator, _ = read_header(csv, [column.name for column in original.columns])
    rows = select_rows(original.frame)
    frame = read_release(csv, original.columns, domains, separator, decimal, rows)
    shown = len(frame)
    frame = add_left_out(frame, original.frame, domains)
    others = [column.name for column in original.columns if column.name not in names]
    try:
        found = verify_release(frame, names, int(k), len(original.frame))
        files = dict(zip(names, hierarchies, strict=True))
        verify_labels(frame, files)
        verify_levels(frame, files, find_levels(original.columns))
        verify_other_columns(original.frame, frame, others)
    except VerificationError as error:
        raise UserError(
            f"{csv}: the table is no release of this dataset with k = {k}: {error}; correct "
            "`releases` in the dataset's configuration, or the table"
        ) from None
    step = add_step(original.provenance, "import", method=method, k=int(k), **asdict(found))
    write_table(Table(frame, original.columns, step), release)
    note(
        f"{method}, k = {k}: {found.classes} classes of {found.achieved_k} records or more, "
        f"{found.suppressed_records} records suppressed, {len(frame) - shown} of them left out"
    )


if __name__ == "__main__":
    run_job(main, snakemake)
