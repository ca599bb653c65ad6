"""Measure what methods, k and deletion cost and which risk they leave."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from anonify.domains.domain import Domains
from anonify.domains.files import read_domains
from anonify.measures.trade_off import count_costs, mark_chosen, mark_fronts, measure_trade_off
from anonify.tables.provenance import add_step, last_step, merge_steps
from anonify.tables.storage import read_table, write_csv
from job import run_job


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
    """
    rows, provenances = [], []
    domains: Domains = {}
    for path in releases:
        release = read_table(path)
        domains = domains or read_domains(hierarchies, release.quasi_identifiers)
        classes = count_costs(release.frame, domains)
        step = last_step(release.provenance)
        provenances.append(release.provenance)
        made = {"method": step["method"], "k": step["k"]}
        rows.extend(
            {**made, **measured} for measured in measure_trade_off(classes, [0, *deletions])
        )
    trade_off = mark_chosen(mark_fronts(pd.DataFrame(rows)), chosen)
    provenance = add_step(
        merge_steps(provenances), "measure trade-off", deletions=deletions, chosen=chosen
    )
    write_csv(trade_off, table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
