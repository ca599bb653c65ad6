"""Anonymize the dataset, verify the result and sort it by what it shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from anonify.base.seeding import Seed, make_generator
from anonify.base.values import PERSON
from anonify.engines.choice import Wanted
from anonify.recoding.tightening import LabelKind
from anonify.releases.anonymization import anonymize_table, check_k, count_all
from anonify.releases.dataset import find_levels, read_limited_domains
from anonify.releases.files import anonymize_file
from anonify.releases.mapping import Facts
from anonify.tables.columns import MARKS
from anonify.tables.order import sort_records
from anonify.tables.provenance import Provenance, add_step
from anonify.tables.storage import Table, count_table, describe_table, read_table, write_table
from anonify.verification.releases import verify_levels, verify_release
from job import note, run_job, tell_engine

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
    labels: LabelKind,
    seed: Seed,
    engine: Wanted,
) -> None:
    """Write the anonymized table."""
    k = int(k)
    about = describe_table(table)
    files = dict(zip(about.quasi_identifiers, hierarchies, strict=True))
    asked: Any = {
        "options": dict(options),
        "requirements": [dict(rule) for rule in requirements],
        "labels": labels,
    }

    def add_to_provenance(facts: Facts) -> Provenance:
        step = {"method": method, "k": k, **asked, "seed": seed, **facts}
        return add_step(about.provenance, "anonymize", **step)

    generator = make_generator(seed, "anonymize", method, k)
    if engine.is_out_of_core(table):
        tell_engine(engine, table)
        found, reported = anonymize_file(
            *(table, hierarchies, release, method, k, generator, engine.limits),
            *(add_to_provenance, TOO_LARGE),
            **asked,
        )
    else:
        original = read_table(table)
        check_k(k, count_all(original.frame), TOO_LARGE, of_people=PERSON in original.frame)
        domains = read_limited_domains(hierarchies, original)
        made = anonymize_table(
            original.frame, domains, method, k, generator, **asked, hierarchy_files=files
        )
        step = add_to_provenance(made.facts)
        write_table(Table(sort_records(made.frame), original.columns, step), release)
        written = count_table(release, [*files, *MARKS]).frame
        found = verify_release(written, list(files), k, len(original.frame))
        verify_levels(written, files, find_levels(original.columns))
        reported = made.recoding.facts
    note(
        f"{method}, k = {k}: {found.classes} classes of {found.achieved_k} records or more, "
        f"{found.suppressed_records} records suppressed"
        + "".join(f", {name} {fact}" for name, fact in reported.items())
    )


if __name__ == "__main__":
    run_job(main, snakemake)
