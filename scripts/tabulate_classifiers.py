"""Gather what the classifiers reached on all data."""

from collections.abc import Sequence
from itertools import product

import pandas as pd

from anonify.disclosure.publishing import publish_csv
from anonify.tables.provenance import add_step
from anonify.tables.storage import read_table
from job import run_job


def main(
    original: Sequence[str],
    anonymized: str,
    samples: Sequence[str],
    table: str,
    metadata: str,
    features: Sequence[str],
    deletions: Sequence[int],
    repeats: int,
) -> None:
    """Write one row for each data set, repeat and classifier; metrics in per cent.

    ``features`` tells which columns were learned from; anything but ``all`` is a baseline, and
    so is the classifier ``majority``.
    """
    parts = [
        read_table(path).frame.assign(data="original", features=name, deletion=0, repeat=1)
        for name, path in zip(features, original, strict=True)
    ]
    release = read_table(anonymized)
    parts.append(release.frame.assign(data="anonymized", features="all", deletion=0, repeat=1))
    for (deletion, repeat), path in zip(
        product(deletions, range(1, repeats + 1)), samples, strict=True
    ):
        parts.append(
            read_table(path).frame.assign(
                data="sampled", features="all", deletion=deletion, repeat=repeat
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    keys = ["data", "features", "deletion", "repeat", "classifier"]
    rows = rows[[*keys, *rows.columns.difference(keys, sort=False)]]
    provenance = add_step(
        release.provenance, "gather classifiers", deletions=list(deletions), repeats=repeats
    )
    publish_csv(rows, table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
