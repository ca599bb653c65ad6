"""Measure what methods, k and deletion cost and which risk they leave."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from anonify.disclosure.publishing import (
    leave_out_few,
    mask_few,
    publish_csv,
    round_rows,
)
from anonify.domains.domain import Domains
from anonify.domains.files import read_domains
from anonify.measures.trade_off import count_costs, mark_chosen, mark_fronts, measure_trade_off
from anonify.tables.columns import MARKS
from anonify.tables.counts import count_records
from anonify.tables.provenance import add_step, is_confidential, last_step, merge_steps
from anonify.tables.storage import count_table, describe_table
from job import run_job

# What is divided by the number of records, and what tells it.
RATES = ["ncp", "loss", "prosecutor_risk_average", "identified_people"]
COUNTS = ["released_records", "suppressed_records", "classes"]


def main(
    releases: Sequence[str],
    hierarchies: Sequence[str],
    table: str,
    metadata: str,
    deletions: Sequence[int],
    chosen: Mapping[str, Any],
) -> None:
    """Write one row for each anonymized table and deletion, 0 % among them.

    ``chosen``: method, k and deletion that the other evaluations look at.

    Of a confidential table, suppressed records are left out where they are fewer than k, and how
    many records there are is told of no table then: the difference of two would tell it.
    """
    rows, provenances = [], []
    # For each row the records that are left, where suppressed ones were left out.
    few: list[int | None] = []
    domains: Domains = {}
    for path in releases:
        names = describe_table(path).quasi_identifiers
        release = count_table(path, [*names, *MARKS])
        domains = domains or read_domains(hierarchies, names)
        step = last_step(release.provenance)
        frame = release.frame
        if is_confidential(release.provenance):
            frame = leave_out_few(frame, step["k"])
        left = count_records(frame) if len(frame) < len(release.frame) else None
        few += [left] * (1 + len(deletions))
        classes = count_costs(frame, domains)
        provenances.append(release.provenance)
        made = {"method": step["method"], "k": step["k"]}
        rows.extend(
            {**made, **measured} for measured in measure_trade_off(classes, [0, *deletions])
        )
    trade_off = mark_chosen(mark_fronts(pd.DataFrame(rows)), chosen)
    provenance = add_step(
        merge_steps(provenances), "measure trade-off", deletions=deletions, chosen=chosen
    )
    if is_confidential(provenance):
        # Of a sample they may be few, too.
        trade_off["suppressed_records"] = mask_few(trade_off["suppressed_records"], trade_off["k"])
    if any(few):
        trade_off = round_rows(trade_off, RATES, few)
        trade_off[COUNTS] = pd.NA
    publish_csv(trade_off, table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
