"""Measure the NCP of every anonymized table, in all and per quasi-identifier."""

from collections.abc import Sequence

import pandas as pd

from anonify.disclosure.publishing import (
    leave_out_few,
    publish_csv,
    round_rows,
)
from anonify.domains.domain import Domains
from anonify.domains.files import read_domains
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.tables.columns import MARKS
from anonify.tables.counts import count_records
from anonify.tables.provenance import add_step, is_confidential, last_step, merge_steps
from anonify.tables.storage import count_table, describe_table
from job import run_job


def main(releases: Sequence[str], hierarchies: Sequence[str], table: str, metadata: str) -> None:
    """Write one row for each anonymized table; NCP in per cent.

    Of a confidential table, suppressed records are left out where they are fewer than k.
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
        few.append(count_records(frame) if len(frame) < len(release.frame) else None)
        ncp = measure_ncp(frame, domains)
        provenances.append(release.provenance)
        rows.append(
            {
                "method": step["method"],
                "k": step["k"],
                "ncp": mean_ncp(ncp),
                **{f"ncp_{name}": value for name, value in ncp.items()},
                "achieved_k": step["achieved_k"],
                "classes": step["classes"],
                "suppressed_records": step["suppressed_records"],
            }
        )
    provenance = add_step(merge_steps(provenances), "measure information loss")
    losses = pd.DataFrame(rows)
    if any(few):
        names = [name for name in losses if name.startswith("ncp")]
        losses = round_rows(losses, names, few)
        # There may be k records or more of fewer people.
        hidden = [left is not None for left in few]
        losses["suppressed_records"] = losses["suppressed_records"].astype("Int64").mask(hidden)
    publish_csv(losses, table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
