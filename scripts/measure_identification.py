"""Measure which columns identify, before and after anonymization."""

from anonify.base.values import PERSON, SUPPRESSED
from anonify.disclosure.people import count_people
from anonify.disclosure.publishing import publish_csv
from anonify.measures.identification import (
    mask_identification,
    sort_identification,
    tabulate_identification,
)
from anonify.tables.provenance import add_step, is_confidential
from anonify.tables.storage import read_table
from job import run_job


def main(original: str, released: str, table: str, metadata: str, deletion: int, k: int) -> None:
    """Write one row for each table and combination.

    Of a confidential table shares are rounded, by as many people as are left in the release: how
    many the original has does not follow then.
    """
    raw, release = read_table(original), read_table(released)
    shown = release.frame[~release.frame[SUPPRESSED].to_numpy(bool)]
    kind = ("sampled", deletion) if deletion else ("anonymized", 0)
    measured = tabulate_identification(
        {("original", 0): raw.frame, kind: shown}, raw.quasi_identifiers
    )
    provenance = add_step(release.provenance, "measure identification", k=k)
    if is_confidential(provenance):
        people = shown[PERSON].to_numpy() if PERSON in shown else None
        known = count_people(len(shown), people)
        measured = mask_identification(measured, known, k)
    publish_csv(sort_identification(measured), table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
