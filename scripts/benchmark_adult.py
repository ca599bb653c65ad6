"""Measure our methods and other libraries on Adult, side by side."""

import pandas as pd

from anonify.benchmarks import describe_release, list_candidates, run_candidate
from anonify.commands.tables import read_dataset
from anonify.domain import require_hierarchies
from anonify.errors import UserError
from anonify.files import replacing
from anonify_job import report, run_job

K_VALUES = (5, 50, 250)
LIMIT = 300.0


def main(out: str, peers_python: str) -> None:
    """Write one row for each method and k; none where the table is not to be had."""
    rows = []
    try:
        adult = read_dataset("adult")
    except UserError as error:
        report(f"Adult is left out: {error}")
        adult = None
    candidates = list_candidates(peers_python) if adult else []
    for candidate in candidates:
        trees = require_hierarchies(list(adult.domains.values()))
        hierarchies = dict(zip(adult.domains, trees, strict=True))
        table = adult.frame[list(hierarchies)].astype("str")
        table = table.assign(sensitive=adult.frame["salary-class"].astype("str"))
        for k in K_VALUES:
            measured, release = run_candidate(
                candidate, table, hierarchies, k, LIMIT, keep_release=True
            )
            row = {"library": candidate.library, "method": candidate.method, "k": k}
            if measured is None or release is None:
                report(f"{candidate.name}, k = {k}: failed, or more than {LIMIT:g} s")
                rows.append(row)
                continue
            found = describe_release(release, hierarchies, len(table))
            rows.append({**row, **measured, **found})
            report(
                f"{candidate.name}, k = {k}: {measured['cpu_seconds']:.2f} s, "
                f"NCP {found['ncp']:.2f} %"
            )
    columns = [
        "library",
        "method",
        "k",
        "cpu_seconds",
        "wall_seconds",
        "peak_megabytes",
        "added_megabytes",
    ]
    columns += ["achieved_k", "suppressed_records", "ncp"]
    with replacing(out) as temporary:
        pd.DataFrame(rows, columns=columns).to_csv(temporary, index=False, float_format="%.6g")


if __name__ == "__main__":
    run_job(main, snakemake)
