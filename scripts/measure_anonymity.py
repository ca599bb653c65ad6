"""Measure the risks of the released tables, and list all equivalence classes."""

from collections.abc import Sequence
from functools import partial

from anonify.disclosure.publishing import has_few, leave_out_few, publish_csv
from anonify.measures.risk import list_classes, mask_risks, tabulate_risks
from anonify.tables.classes import count_classes, match_classes
from anonify.tables.columns import find_weight
from anonify.tables.provenance import add_step, is_confidential
from anonify.tables.storage import read_table
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
    confidential = is_confidential(release.provenance)
    is_secret = confidential and has_few(release.frame, k)
    # Of a sample there are fewer suppressed records still.
    show = partial(leave_out_few, k=k) if is_secret else lambda frame: frame
    count = partial(count_classes, quasi_identifiers=names, weight=find_weight(raw.columns))
    before, after = count(raw.frame), count(show(release.frame))
    measured = {("original", 0): match_classes(before, before)}
    measured["anonymized", 0] = match_classes(after, after)
    for deletion, path in zip(deletions, samples, strict=True):
        left = count(show(read_table(path).frame))
        measured["sampled", deletion] = match_classes(after, left)
    provenance = add_step(release.provenance, "measure anonymity", k=k, threshold=threshold)
    risks = tabulate_risks(measured, k, threshold)
    if confidential:
        risks = mask_risks(risks, k, is_secret)
    publish_csv(risks, table, metadata, provenance)
    publish_csv(list_classes(measured), classes, classes_metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
