"""Measure the risks of the released tables, and list all equivalence classes."""

from collections.abc import Sequence

import pandas as pd

from anonify.base.values import SUPPRESSED
from anonify.measures.risk import count_classes, measure_as_published, measure_corrected
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
    untouched = raw.frame.assign(**{SUPPRESSED: False})
    measured = {("original", 0): count_classes(untouched, untouched, names)}
    measured["anonymized", 0] = count_classes(release.frame, release.frame, names)
    for deletion, path in zip(deletions, samples, strict=True):
        measured["sampled", deletion] = count_classes(release.frame, read_table(path).frame, names)
    rows = [
        {"data": data, "deletion": deletion, "reading": reading, "measure": measure, "value": value}
        for (data, deletion), counted in measured.items()
        for reading, values in (
            ("as published", measure_as_published(counted)),
            ("corrected", measure_corrected(counted, k, threshold)),
        )
        for measure, value in values.items()
    ]
    provenance = add_step(release.provenance, "measure anonymity", k=k, threshold=threshold)
    write_csv(pd.DataFrame(rows), table, metadata, provenance)
    listed = pd.concat(
        [
            counted.assign(data=data, deletion=deletion)
            for (data, deletion), counted in measured.items()
            if data != "original"
        ],
        ignore_index=True,
    )
    order = ["data", "deletion", *names, SUPPRESSED, "size", "released_size"]
    write_csv(listed[order], classes, classes_metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
