"""Gather what the attacks on membership reached."""

from collections.abc import Sequence

import pandas as pd

from anonify.disclosure.publishing import publish_csv, round_shares
from anonify.tables.provenance import add_step, is_confidential, last_step, merge_steps
from anonify.tables.storage import read_table
from job import run_job

RATES = ["advantage", "highest_advantage", "tpr_at_low_fpr"]


def main(measures: Sequence[str], table: str, metadata: str) -> None:
    """Write one row for each kind of table, classifier, attack, reading and attacked model.

    ``k`` and ``deletion`` are 0 where there is none. Of a confidential table, rates are rounded to
    k of the members whose records were kept.
    """
    parts, provenances, people = [], [], []
    for path in measures:
        part = read_table(path)
        step = last_step(part.provenance)
        provenances.append(part.provenance)
        kept = step["members"] * (100 - step["deletion"]) // 100
        people.append(min(kept, step["non_members"]))
        parts.append(
            part.frame.assign(data=name_data(step), k=step["k"], deletion=step["deletion"])
        )
    rows = pd.concat(parts, ignore_index=True)
    keys = ["data", "k", "deletion", "classifier", "attack", "members", "repeat"]
    rows = rows[[*keys, *rows.columns.difference(keys, sort=False)]]
    provenance = add_step(merge_steps(provenances), "gather membership")
    if is_confidential(provenance):
        rows = round_shares(rows, RATES, min(people), rows["k"].max())
    publish_csv(rows, table, metadata, provenance)


def name_data(step: dict[str, object]) -> str:
    """Return what kind of table an attacked classifier learned from."""
    if step["method"] is None:
        return "original"
    return "sampled" if step["deletion"] else "anonymized"


if __name__ == "__main__":
    run_job(main, snakemake)
