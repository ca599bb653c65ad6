"""Measure our methods and other libraries on Adult, side by side."""

from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import replacing
from anonify.benchmarks.candidates import Candidate, run_candidate
from anonify.benchmarks.quality import measure_release
from anonify.datasets.described import read_dataset
from anonify.domains.domain import require_hierarchies
from anonify.releases.dataset import Dataset
from benchmark_peers import list_installed
from job import run_job, tell

K_VALUES = (5, 50, 250)
# Seconds after which a process is given up.
LIMIT = 300.0
COLUMNS = (
    "library",
    "method",
    "k",
    "cpu_seconds",
    "wall_seconds",
    "peak_megabytes",
    "added_megabytes",
    "achieved_k",
    "suppressed_records",
    "ncp",
    "note",
)


def main(out: str, peers_python: str) -> None:
    """Write one row for each method and k; none where the table is not to be had."""
    rows = []
    try:
        adult = read_dataset("adult")
    except UserError as error:
        tell(f"Adult is left out: {error}")
    else:
        candidates = _list_candidates(peers_python)
        rows = [_measure(candidate, adult, k) for candidate in candidates for k in K_VALUES]
    with replacing(out) as temporary:
        pd.DataFrame(rows, columns=[*COLUMNS]).to_csv(temporary, index=False, float_format="%.6g")


def _list_candidates(peers_python: str) -> list[Candidate]:
    """List what is installed, and anjana a second time with the suppression that OLA has."""
    installed = list_installed(peers_python)
    again = [
        Candidate(each.library, "k_anonymity_limited", each.python)
        for each in installed
        if each.library == "anjana"
    ]
    return [*installed, *again]


def _measure(candidate: Candidate, adult: Dataset, k: int) -> dict[str, Any]:
    whole = require_hierarchies(list(adult.domains.values()))
    hierarchies = dict(zip(adult.domains, whole, strict=True))
    table = adult.frame[[*hierarchies, "salary-class"]].astype("str")
    table = table.rename(columns={"salary-class": "sensitive"})
    measured, release = run_candidate(candidate, table, hierarchies, k, LIMIT, keep_release=True)
    row = {"library": candidate.library, "method": candidate.method, "k": k}
    title = f"{candidate.library} {candidate.method}, k = {k}"
    if release is None:
        tell(f"{title}: {measured['note']}")
        return {**row, **measured}
    found = measure_release(release, table, hierarchies)
    tell(f"{title}: {measured['cpu_seconds']:.2f} s, NCP {found['ncp']:.2f} %")
    return {**row, **measured, **found}


if __name__ == "__main__":
    run_job(main, snakemake)
