"""Measure the NCP of every anonymized table, in all and per quasi-identifier."""

from collections.abc import Sequence

import pandas as pd

from anonify.domains.domain import Domains
from anonify.domains.files import read_domains
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.tables.provenance import add_step, last_step, merge_steps
from anonify.tables.storage import read_table, write_csv
from job import run_job


def main(releases: Sequence[str], hierarchies: Sequence[str], table: str, metadata: str) -> None:
    """Write one row for each anonymized table; NCP in per cent."""
    rows, provenances = [], []
    domains: Domains = {}
    for path in releases:
        release = read_table(path)
        domains = domains or read_domains(hierarchies, release.quasi_identifiers)
        ncp = measure_ncp(release.frame, domains)
        step = last_step(release.provenance)
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
    write_csv(pd.DataFrame(rows), table, metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
