"""Measure how time and memory grow with the records and the quasi-identifiers of a table."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from anonify.base.files import replacing
from anonify.base.seeding import Seed, make_generator
from anonify.benchmarks.candidates import Candidate, make_hierarchy, make_table, run_candidate
from anonify.benchmarks.growth import predict, tabulate_growth
from benchmark_peers import list_installed
from job import run_job, tell

K = 50
RECORDS = (1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000)
ATTRIBUTES = tuple(range(1, 9))
# What the other one is while one is varied.
FIXED_RECORDS, FIXED_ATTRIBUTES = 10_000, 3
# CPU seconds beyond which a method is not asked for more.
LIMIT = 30.0
# Below these a quantity tells more of the machine than of the method: CPU seconds, MB.
FLOORS = {"cpu_seconds": 0.02, "added_megabytes": 5.0}


def main(scaling: str, growth: str, peers_python: str, seed: Seed) -> None:
    """Write one row for each method and size, and the exponents fitted to them."""
    rows = []
    for candidate in list_installed(peers_python):
        rows += _vary(candidate, "records", RECORDS, seed)
        rows += _vary(candidate, "attributes", ATTRIBUTES, seed)
    measured = pd.DataFrame(rows)
    with replacing(scaling) as temporary:
        measured.to_csv(temporary, index=False, float_format="%.6g")
    with replacing(growth) as temporary:
        # A search that was cut short does not tell how it grows.
        whole = measured[measured["note"].isin(["", "proven optimal"])]
        tabulate_growth(whole, FLOORS).to_csv(temporary, index=False, float_format="%.3g")


def _vary(
    candidate: Candidate, varied: str, sizes: Sequence[int], seed: Seed
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    known: list[int] = []
    seconds: list[float] = []
    is_over = False
    for size in sizes:
        row = {"library": candidate.library, "name": candidate.name, "varied": varied, "size": size}
        expected = predict(known, seconds, size)
        if is_over:
            row["note"] = "not run: a smaller one was too much"
        elif expected > LIMIT:
            is_over = True
            row["note"] = f"not run: about {expected:.0f} s expected"
        else:
            row |= _measure(candidate, varied, size, seed)
            is_over = "cpu_seconds" not in row
            if not is_over:
                known.append(size)
                seconds.append(max(row["cpu_seconds"], 1e-3))
        rows.append(row)
        _report(row)
    return rows


def _measure(candidate: Candidate, varied: str, size: int, seed: Seed) -> dict[str, Any]:
    records, attributes = (size, FIXED_ATTRIBUTES) if varied == "records" else (FIXED_RECORDS, size)
    table = make_table(records, attributes, make_generator(seed, "benchmark", varied, size))
    hierarchies = {name: make_hierarchy(name) for name in table.columns[:-1]}
    # Reading the table and starting the process take time, too.
    return run_candidate(candidate, table, hierarchies, K, 3 * LIMIT, keep_release=False)[0]


def _report(row: dict[str, Any]) -> None:
    seconds = f"{row['cpu_seconds']:.2f} s" if "cpu_seconds" in row else ""
    found = ", ".join(filter(None, [seconds, row["note"]]))
    tell(f"{row['name']}, {row['size']} {row['varied']}: {found}")


if __name__ == "__main__":
    run_job(main, snakemake)
