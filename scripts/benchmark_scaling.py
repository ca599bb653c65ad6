"""Measure how time and memory grow with the records and the quasi-identifiers of a table."""

from collections.abc import Sequence

import pandas as pd

from anonify.benchmarks import (
    Candidate,
    list_candidates,
    make_hierarchy,
    make_table,
    predict,
    run_candidate,
    tabulate_growth,
)
from anonify.files import replacing
from anonify.seeding import make_generator
from anonify_job import report, run_job

K = 50
RECORDS = (1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000)
ATTRIBUTES = tuple(range(1, 9))
# What the other one is while one is varied.
FIXED_RECORDS, FIXED_ATTRIBUTES = 10_000, 3
# CPU seconds beyond which a method is not asked for more.
LIMIT = 30.0
# Below these a quantity tells more of the machine than of the method: CPU seconds, MB.
FLOORS = {"cpu_seconds": 0.02, "added_megabytes": 5.0}


def main(scaling: str, growth: str, peers_python: str, seed: int) -> None:
    """Write one row for each method and size, and the exponents fitted to them."""
    rows = []
    for candidate in list_candidates(peers_python):
        rows += _vary(candidate, "records", RECORDS, seed)
        rows += _vary(candidate, "attributes", ATTRIBUTES, seed)
    measured = pd.DataFrame(rows)
    with replacing(scaling) as temporary:
        measured.to_csv(temporary, index=False, float_format="%.6g")
    with replacing(growth) as temporary:
        tabulate_growth(measured, FLOORS).to_csv(temporary, index=False, float_format="%.3g")


def _vary(candidate: Candidate, varied: str, sizes: Sequence[int], seed: int) -> list[dict]:
    rows, known, seconds = [], [], []
    for size in sizes:
        row = {"library": candidate.library, "name": candidate.name, "varied": varied, "size": size}
        expected = predict(known, seconds, size)
        if (rows and rows[-1]["note"]) or expected > LIMIT:
            row["note"] = rows[-1]["note"] or f"not run: about {expected:.0f} s expected"
            rows.append(row)
            continue
        records, attributes = (
            (size, FIXED_ATTRIBUTES) if varied == "records" else (FIXED_RECORDS, size)
        )
        table = make_table(records, attributes, make_generator(seed, "benchmark", varied, size))
        hierarchies = {name: make_hierarchy(name) for name in table.columns[:-1]}
        # Reading the table and starting the process take time, too.
        measured, _ = run_candidate(candidate, table, hierarchies, K, 3 * LIMIT, keep_release=False)
        if measured is None:
            rows.append({**row, "note": f"failed, or more than {3 * LIMIT:g} s"})
            continue
        rows.append({**row, **measured, "note": ""})
        known.append(size)
        seconds.append(max(measured["cpu_seconds"], 1e-3))
        report(f"{candidate.name}, {size} {varied}: {measured['cpu_seconds']:.2f} s")
    return rows


if __name__ == "__main__":
    run_job(main, snakemake)
