"""Measure the risks of the released tables, and list all equivalence classes."""

from collections.abc import Sequence

from anonify.measures.risk import list_classes, tabulate_risks
from anonify.tables.classes import count_classes, match_classes
from anonify.tables.provenance import add_step
from anonify.tables.storage import read_table, write_csv
from job import run_job


def main(
    original: str,
    anonymized: str,
    samples: Sequence[str],
    table: str,
    metadata: str,
    classes: str,
    classes_metadata: str,
    deletions: Sequence[int],
    k: int,
    threshold: float,
) -> None:
    """Write one row for each table, reading and measure, and one for each class and deletion."""
    raw, release = read_table(original), read_table(anonymized)
    names = raw.quasi_identifiers
    before, after = (count_classes(each.frame, names) for each in (raw, release))
    measured = {("original", 0): match_classes(before, before)}
    measured["anonymized", 0] = match_classes(after, after)
    for deletion, path in zip(deletions, samples, strict=True):
        left = count_classes(read_table(path).frame, names)
        measured["sampled", deletion] = match_classes(after, left)
    provenance = add_step(release.provenance, "measure anonymity", k=k, threshold=threshold)
    write_csv(tabulate_risks(measured, k, threshold), table, metadata, provenance)
    write_csv(list_classes(measured), classes, classes_metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
