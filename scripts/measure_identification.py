"""Measure which columns identify, before and after anonymization."""

from anonify.base.values import SUPPRESSED
from anonify.disclosure.publishing import publish_csv
from anonify.measures.identification import (
    mask_identification,
    sort_identification,
    tabulate_identification,
)
from anonify.tables.columns import MARKS
from anonify.tables.counts import count_everyone
from anonify.tables.provenance import add_step, is_confidential
from anonify.tables.storage import count_table, describe_table
from job import run_job


def main(original: str, released: str, table: str, metadata: str, deletion: int, k: int) -> None:
    """Write one row for each table and combination.

    Of a confidential table shares are rounded, by as many people as are left in the release: how
    many the original has does not follow then.
    """
    names = describe_table(original).quasi_identifiers
    raw, release = (count_table(path, [*names, *MARKS]) for path in (original, released))
    shown = release.frame[~release.frame[SUPPRESSED].to_numpy(bool)]
    kind = ("sampled", deletion) if deletion else ("anonymized", 0)
    measured = tabulate_identification({("original", 0): raw.frame, kind: shown}, names)
    provenance = add_step(release.provenance, "measure identification", k=k)
    if is_confidential(provenance):
        measured = mask_identification(measured, count_everyone(shown), k)
    publish_csv(sort_identification(measured), table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
