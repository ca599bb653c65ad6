"""Anonymize the dataset, verify the result and sort it by what it shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from anonify.base.seeding import Seed, make_generator
from anonify.base.values import PERSON
from anonify.releases.anonymization import anonymize_table, check_k, count_all
from anonify.releases.dataset import find_levels, read_limited_domains
from anonify.tables.order import sort_records
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from anonify.verification.releases import verify_levels, verify_release
from job import note, run_job

TOO_LARGE = (
    "k_values: k = {k} is more than the {records} of the table; choose a smaller k, or a higher "
    "`risk_limit` where k follows from it"
)


def main(
    table: str,
    hierarchies: Sequence[str],
    release: str,
    method: str,
    k: int | str,
    options: Mapping[str, Any],
    requirements: Sequence[Mapping[str, Any]],
    seed: Seed,
) -> None:
    """Write the anonymized table."""
    k = int(k)
    original = read_table(table)
    check_k(k, count_all(original.frame), TOO_LARGE, of_people=PERSON in original.frame)
    names = original.quasi_identifiers
    files = dict(zip(names, hierarchies, strict=True))
    made = anonymize_table(
        original.frame,
        read_limited_domains(hierarchies, original),
        method,
        k,
        make_generator(seed, "anonymize", method, k),
        options=options,
        requirements=requirements,
        hierarchy_files=files,
    )
    step = add_step(
        original.provenance,
        "anonymize",
        method=method,
        k=k,
        options=dict(options),
        requirements=[dict(rule) for rule in requirements],
        seed=seed,
        **made.facts,
    )
    write_table(Table(sort_records(made.frame), original.columns, step), release)
    written = read_table(release).frame
    found = verify_release(written, names, k, len(original.frame))
    verify_levels(written, files, find_levels(original.columns))
    note(
        f"{method}, k = {k}: {found.classes} classes of {found.achieved_k} records or more, "
        f"{found.suppressed_records} records suppressed"
        + "".join(f", {name} {fact}" for name, fact in made.recoding.facts.items())
    )


if __name__ == "__main__":
    run_job(main, snakemake)
