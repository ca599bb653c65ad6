"""Measure what the released tables tell about sensitive attributes of people."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.seeding import make_generator
from anonify.base.values import SUPPRESSED
from anonify.measures.attribute_inference import group_pairs, measure_inference
from anonify.releases.sampling import group_records, sample
from anonify.tables.provenance import add_step, last_step, merge_steps
from anonify.tables.storage import Table, read_table, write_csv
from job import run_job


def main(
    original: str,
    releases: Sequence[str],
    table: str,
    metadata: str,
    deletions: Sequence[int],
    repeats: int,
    seed: int,
) -> None:
    """Write one row for each table, deletion, repeat, attribute and reading.

    ``method`` is ``original`` and ``k`` is 0 for the table before anonymization.
    """
    raw = read_table(original)
    untouched = Table(raw.frame.assign(**{SUPPRESSED: False}), raw.columns, raw.provenance)
    rows = infer_samples(untouched, "original", 0, [], repeats, seed)
    provenances = []
    for path in releases:
        release = read_table(path)
        step = last_step(release.provenance)
        provenances.append(release.provenance)
        rows += infer_samples(release, step["method"], step["k"], deletions, repeats, seed)
    provenance = add_step(
        merge_steps(provenances),
        "infer attributes",
        deletions=list(deletions),
        repeats=repeats,
        seed=seed,
    )
    write_csv(pd.DataFrame(rows), table, metadata, provenance)


def infer_samples(
    release: Table, method: str, k: int, deletions: Sequence[int], repeats: int, seed: int
) -> list[dict[str, Any]]:
    """Return the rows of a table and of its samples, which are those of the rule ``sample``."""
    names = release.quasi_identifiers
    attributes = [column.name for column in release.columns if column.name not in names]
    classes = group_records(release.frame, names)
    is_suppressed = release.frame[SUPPRESSED].to_numpy(bool)
    drawn = {(0, 1): np.arange(len(classes))}
    for deletion, repeat in product(deletions, range(1, repeats + 1)):
        generator = make_generator(seed, "sample", method, k, deletion, repeat)
        drawn[deletion, repeat] = sample(classes, deletion, generator)
    pairs = {name: group_pairs(release.frame[name], classes, is_suppressed) for name in attributes}
    return [
        {"method": method, "k": k, "deletion": deletion, "repeat": repeat, "attribute": attribute}
        | measured
        for (deletion, repeat), kept in drawn.items()
        for attribute in attributes
        for measured in measure_inference(pairs[attribute], kept)
    ]


if __name__ == "__main__":
    run_job(main, snakemake)
