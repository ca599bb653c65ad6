"""Measure what the released tables tell about sensitive attributes of people."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from anonify.base.seeding import Seed
from anonify.base.values import SUPPRESSED
from anonify.disclosure.publishing import has_few, leave_out_few, publish_csv, round_shares
from anonify.measures.attribute_inference import infer_samples
from anonify.tables.columns import MARKS
from anonify.tables.counts import count_records
from anonify.tables.provenance import add_step, is_confidential, last_step, merge_steps
from anonify.tables.storage import count_table, describe_table
from job import run_job

SHARES = ["success", "success_without_own_record", "baseline"]


def main(
    original: str,
    releases: Sequence[str],
    table: str,
    metadata: str,
    deletions: Sequence[int],
    repeats: int,
    seed: Seed,
) -> None:
    """Write one row for each table, deletion, repeat, attribute and reading.

    Of a confidential table, shares of people are rounded to k of them. Suppressed people are left
    out where they are fewer than k, and so is what guessing reaches that knows the original alone:
    with the release it would tell of them.

    ``method`` is ``original`` and ``k`` is 0 for the table before anonymization.
    """
    described = describe_table(original)
    names = described.quasi_identifiers
    attributes = [
        column.name for column in described.columns if column.role in ("sensitive", "target")
    ]

    def count_each(path: str) -> dict[str, pd.DataFrame]:
        return {name: count_table(path, [*names, name, SUPPRESSED]).frame for name in attributes}

    rows = infer_samples(count_each(original), names, "original", 0, [], repeats, seed)
    provenances, known, is_secret = [], [], False
    for path in releases:
        release = count_table(path, MARKS)
        step = last_step(release.provenance)
        method, k = step["method"], step["k"]
        is_few = is_confidential(release.provenance) and has_few(release.frame, k)
        is_secret |= is_few
        # How many people there are may not follow from what shares are rounded to.
        known.append(count_records(leave_out_few(release.frame, k)))
        provenances.append(release.provenance)
        rows += infer_samples(
            count_each(path),
            names,
            method,
            k,
            deletions,
            repeats,
            seed,
            leaves_out_suppressed=is_few,
        )
    provenance = add_step(
        merge_steps(provenances),
        "infer attributes",
        deletions=list(deletions),
        repeats=repeats,
        seed=seed,
    )
    inferred = pd.DataFrame(rows)
    if is_confidential(provenance):
        inferred = round_shares(inferred, SHARES, min(known), inferred["k"].max())
    if is_secret:
        inferred.loc[inferred["method"] == "original", "baseline"] = np.nan
    publish_csv(inferred, table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
