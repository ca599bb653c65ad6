"""Anonymize the dataset, verify the result and shuffle it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from anonify.base.errors import UserError
from anonify.base.seeding import make_generator
from anonify.domains.domain import encode_records
from anonify.domains.files import read_domain
from anonify.methods import get_anonymizer
from anonify.recoding.requirements import make_requirement
from anonify.releases.recode import release_records
from anonify.tables.columns import names_with_role
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from anonify.verification.privacy import verify_requirements
from anonify.verification.releases import verify_recoding, verify_release
from job import run_job, tell


def main(
    table: str,
    hierarchies: Sequence[str],
    release: str,
    method: str,
    k: int | str,
    options: Mapping[str, Any],
    requirements: Sequence[Mapping[str, Any]],
    seed: int,
) -> None:
    """Write the anonymized table in random order."""
    k = int(k)
    original = read_table(table)
    frame = original.frame
    if k > len(frame):
        records = f"{len(frame)} records" if len(frame) > 1 else "one record"
        raise UserError(
            f"k_values: k = {k} is more than the {records} of the table; choose a smaller k"
        )
    names = names_with_role(original.columns, "quasi-identifier")
    domains = [read_domain(path, name) for name, path in zip(names, hierarchies, strict=True)]
    records = encode_records(frame, domains)
    wanted = [make_requirement(rule, frame[rule["attribute"]]) for rule in requirements]
    anonymize = get_anonymizer(method, options, wanted)
    recoding = anonymize(records, domains, k, make_generator(seed, "anonymize", method, k))
    in_order = release_records(frame, domains, recoding)
    verify_requirements(in_order, names, requirements)
    verify_recoding(frame, in_order, dict(zip(names, hierarchies, strict=True)))
    order = make_generator(seed, "shuffle", method, k).permutation(len(frame))
    shuffled = in_order.iloc[order].reset_index(drop=True)
    found = verify_release(shuffled, names, k, len(frame))
    step = add_step(
        original.provenance,
        "anonymize",
        method=method,
        k=k,
        options=dict(options),
        requirements=[dict(rule) for rule in requirements],
        seed=seed,
        **asdict(found),
        **recoding.facts,
    )
    write_table(Table(shuffled, original.columns, step), release)
    verify_release(read_table(release).frame, names, k, len(frame))
    tell(
        f"{method}, k = {k}: {found.classes} classes of {found.achieved_k} records or more, "
        f"{found.suppressed_records} records suppressed"
        + "".join(f", {name} {fact}" for name, fact in recoding.facts.items())
    )


if __name__ == "__main__":
    run_job(main, snakemake)
