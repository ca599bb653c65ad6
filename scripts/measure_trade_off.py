"""Measure what methods, k and deletion cost and which risk they leave."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from anonify.domains.files import read_domain
from anonify.measures.trade_off import count_costs, mark_chosen, mark_fronts, measure_trade_off
from anonify.tables.columns import names_with_role
from anonify.tables.provenance import add_step
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
    rows, steps = [], []
    domains = {}
    for path in releases:
        release = read_table(path)
        names = names_with_role(release.columns, "quasi-identifier")
        domains = domains or {
            name: read_domain(file, name) for name, file in zip(names, hierarchies, strict=True)
        }
        classes = count_costs(release.frame, domains)
        step = release.provenance["steps"][-1]
        steps.append(step)
        made = {"method": step["method"], "k": step["k"]}
        rows.extend(
            {**made, **measured} for measured in measure_trade_off(classes, [0, *deletions])
        )
    trade_off = mark_chosen(mark_fronts(pd.DataFrame(rows)), chosen)
    provenance = {**release.provenance, "steps": steps}
    provenance = add_step(provenance, "measure trade-off", deletions=deletions, chosen=chosen)
    write_csv(trade_off, table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
