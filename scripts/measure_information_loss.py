"""Measure the NCP of every anonymized table, in all and per quasi-identifier."""

from collections.abc import Sequence

import pandas as pd

from anonify.domains.files import read_domain
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.tables.columns import names_with_role
from anonify.tables.provenance import add_step
from anonify.tables.storage import read_table, write_csv
from job import run_job


def main(releases: Sequence[str], hierarchies: Sequence[str], table: str, metadata: str) -> None:
    """Write one row for each anonymized table; NCP in per cent."""
    rows, steps = [], []
    trees = {}
    for path in releases:
        release = read_table(path)
        names = names_with_role(release.columns, "quasi-identifier")
        trees = trees or {
            name: read_domain(file, name) for name, file in zip(names, hierarchies, strict=True)
        }
        ncp = measure_ncp(release.frame, trees)
        step = release.provenance["steps"][-1]
        steps.append(step)
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
    provenance = {**release.provenance, "steps": steps}
    provenance = add_step(provenance, "measure information loss")
    write_csv(pd.DataFrame(rows), table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
