"""Compare what our methods and other libraries make of the same tables: loss, use, time, memory."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import replacing
from anonify.base.seeding import Seed
from anonify.benchmarks.candidates import SENSITIVE, Candidate, run_candidate
from anonify.benchmarks.quality import measure_release, measure_utility
from anonify.benchmarks.tables import (
    Table,
    list_census,
    list_described,
    list_generated,
    list_nhefs,
)
from anonify.methods import METHODS
from benchmark_peers import is_installed
from job import run_job, tell

# The largest first: what cuts tables takes longest with a small k, and other searches take about as
# long with any.
K_VALUES = (250, 50, 5)
# Classes of k that a table must have room for.
LEAST_CLASSES = 20
# CPU seconds and bytes at which a process stops by itself, and seconds after which it is given up.
CPU_LIMIT, MEMORY_LIMIT, LIMIT = 90, 4 * 10**9, 240.0

ADULT, DIABETES, CENSUS, SURVEY = (3, 5, 8), (3,), (5, 11, 15, 20), (5, 10, 20)
GENERATED_RECORDS, GENERATED = 10_000, (3, 8, 20)

OURS = (
    ("ncp_mondrian", {}, "nodes"),
    ("ncp_mondrian", {"polish": True}, "nodes"),
    ("mondrian", {}, "nodes"),
    ("greedy", {}, "nodes"),
    ("arx", {}, "nodes"),
    ("arx", {}, "sets"),
    ("ola", {}, "nodes"),
)
# Of other libraries the methods that are compared.
THEIRS = (
    ("anonypy", "Mondrian"),
    ("anonypyx", "Mondrian"),
    ("anonypyx", "MDAV-generic"),
    ("anjana", "k_anonymity_limited"),
)

# ARX 3.9.2, measured elsewhere on all records of a table: k and NCP.
PUBLISHED = {
    "adult": (8, 30_162, {5: 5.650387, 50: 15.520589, 250: 26.666605}),
}

COLUMNS = (
    "table",
    "records",
    "attributes",
    "k",
    "library",
    "name",
    "ncp",
    "discernibility",
    "mean_class_size",
    "distribution_error",
    "balanced_accuracy",
    "cpu_seconds",
    "wall_seconds",
    "peak_megabytes",
    "added_megabytes",
    "achieved_k",
    "covers",
    "suppressed_records",
    "note",
)


def main(out: str, peers_python: str, seed: Seed) -> None:
    """Write one row for each table, number of quasi-identifiers, k, and method or library."""
    candidates = _list_candidates(peers_python)
    rows: list[dict[str, Any]] = []
    for table in _list_tables(peers_python, seed):
        rows += _compare(table, candidates)
        rows += _list_published(table)
    with replacing(out) as temporary:
        frame = pd.DataFrame(rows, columns=[*COLUMNS])
        frame.to_csv(temporary, index=False, float_format="%.6g")


def _list_candidates(peers_python: str) -> list[Candidate]:
    ours = [
        Candidate("anonify", method, sys.executable, options, labels)
        for method, options, labels in OURS
        if method in METHODS
    ]
    installed = {library: is_installed(library, peers_python) for library in dict(THEIRS)}
    for library in installed:
        if not installed[library]:
            tell(
                f"{library} is left out: {peers_python} does not have it; `make bench` installs it"
            )
    peers = [Candidate(*each, peers_python) for each in THEIRS if installed[each[0]]]
    return [*ours, *peers]


def _list_tables(peers_python: str, seed: Seed) -> Iterator[Table]:
    packages = _find_packages(peers_python)
    sources = {
        "Adult": lambda: list_described("adult", "salary-class", ADULT, seed),
        "Diabetes": lambda: list_described("diabetes", "diabetes", DIABETES, seed),
        "Census-Income": lambda: list_census(packages, CENSUS, seed),
        "NHEFS": lambda: list_nhefs(packages, SURVEY, seed),
    }
    for title, give in sources.items():
        try:
            yield from give()
        except UserError as error:
            tell(f"{title} is left out: {error}")
    yield from list_generated(GENERATED_RECORDS, GENERATED, seed)


def _find_packages(python: str) -> Path:
    """Return the folder of the packages that an interpreter has."""
    if not Path(python).exists():
        return Path(python)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    run = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return Path(run.stdout.strip())


def _compare(table: Table, candidates: list[Candidate]) -> Iterator[dict[str, Any]]:
    """Measure a table; what was too much is not tried with more attributes or a smaller k."""
    stopped: dict[tuple[str, ...], int] = {}
    for attributes in table.attributes:
        part = table.take(attributes)
        yield _describe_original(part)
        for k, candidate in product(K_VALUES, candidates):
            if k * LEAST_CLASSES > len(part.frame):
                continue
            if table.is_large and candidate.library != "anonify":
                continue
            row = _start_row(part, k, candidate.library, candidate.name)
            # What the classes show is no matter of how long the method takes.
            method = (candidate.library, candidate.method, *candidate.options)
            if k <= stopped.get(method, 0):
                row["note"] = "not run: fewer quasi-identifiers or a larger k were too much"
            else:
                row |= _measure(candidate, part, k)
            if "ncp" not in row:
                stopped[method] = max(k, stopped.get(method, 0))
            _report(row)
            yield row


def _start_row(table: Table, k: int, library: str, name: str) -> dict[str, Any]:
    return {
        "table": table.name,
        "records": len(table.frame),
        "attributes": len(table.hierarchies),
        "k": k,
        "library": library,
        "name": name,
    }


def _measure(candidate: Candidate, table: Table, k: int) -> dict[str, Any]:
    measured, release = run_candidate(
        candidate,
        table.frame,
        table.hierarchies,
        k,
        LIMIT,
        keep_release=True,
        cpu_limit=CPU_LIMIT,
        memory_limit=MEMORY_LIMIT,
    )
    return measured if release is None else {**measured, **_judge(release, table)}


def _judge(release: pd.DataFrame, table: Table) -> dict[str, Any]:
    """Measure a release; one that is wrong has no figures."""
    try:
        found = measure_release(release, table.frame, table.hierarchies)
    except ValueError as error:
        return {"note": f"cannot be read: {error}"}
    accuracy = measure_utility(release, table.held_out, table.hierarchies, SENSITIVE)
    return {**found, "balanced_accuracy": accuracy}


def _describe_original(table: Table) -> dict[str, Any]:
    row = _start_row(table, 1, "original", "original")
    return {**row, **_judge(table.frame.assign(record=table.frame.index), table), "note": ""}


def _list_published(table: Table) -> Iterator[dict[str, Any]]:
    attributes, records, ncp = PUBLISHED.get(table.name, (0, 0, {}))
    for k, value in ncp.items():
        row = {"table": table.name, "records": records, "attributes": attributes, "k": k}
        yield {**row, "library": "ARX", "name": "ARX 3.9.2", "ncp": value, "note": "published"}


def _report(row: dict[str, Any]) -> None:
    found = f"{row['cpu_seconds']:.2f} s, NCP {row['ncp']:.2f} %" if "ncp" in row else row["note"]
    what = f"{row['table']}, {row['records']} records, {row['attributes']} quasi-identifiers"
    tell(f"{what}, k = {row['k']}: {row['name']}: {found}")


if __name__ == "__main__":
    run_job(main, snakemake)
