"""Anonymize one table with one library in this process, and write seconds and memory.

Run by an interpreter that has the library: ours or that of the peers. What is measured is the way
from a table in memory to the anonymized table in memory; reading files is not.

    python benchmark_worker.py TASK.json RESULT.json
"""

import json
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

SENSITIVE = "sensitive"
# The column with the place of each record in the original.
RECORD = "record"
# Libraries that write a range of numbers with a dash.
WITH_RANGES = ("anonypy", "anonypyx")
# Per cent of the records that the example in anjana's documentation, also on Adult, lets go.
ANJANA_SUPPRESSION = 50.0


def main(task: dict[str, Any]) -> dict[str, float | str]:
    """Return what it took: ``cpu_seconds``, ``wall_seconds``, and memory of the process in MB.

    ``peak_megabytes`` is all of it, libraries and table included, ``added_megabytes`` what came on
    top of what there was before. ``note`` is what a search says of its end, empty for the others.
    """
    table = pd.read_csv(task["table"], dtype="str", keep_default_na=False)
    run = PREPARE[task["library"]](table, task)
    forget_peak()
    before = measure_memory("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    release = run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak, note = measure_memory("VmHWM"), release.attrs.get("search", "")
    if task["release"]:
        if task["library"] in WITH_RANGES:
            release = bracket_ranges(release, table, list(task["hierarchies"]))
        release.to_csv(task["release"], index=False)
    return {
        "cpu_seconds": cpu,
        "wall_seconds": wall,
        "peak_megabytes": peak,
        "added_megabytes": max(peak - before, 0.0),
        "note": note,
    }


def forget_peak() -> None:
    """Make the present memory the largest so far: reading the table may have taken more."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def measure_memory(kind: str) -> float:
    """Return the memory of this process in MB, present (VmRSS) or largest so far (VmHWM).

    NaN where there is no Linux to tell. What `resource` has would be at least that of the process
    that started this one.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith(kind))
    return int(line.split()[1]) / 1024


def prepare_anonify(table: pd.DataFrame, task: dict[str, Any]) -> Callable[[], pd.DataFrame]:
    import numpy as np

    from anonify.domains.domain import encode_records
    from anonify.domains.files import read_domains
    from anonify.methods import get_anonymizer
    from anonify.recoding.tightening import tighten
    from anonify.releases.recode import release_records

    domains = read_domains([*task["hierarchies"].values()], [*task["hierarchies"]])
    anonymize = get_anonymizer(task["method"], task["options"])
    frame = table.astype("category")

    def run() -> pd.DataFrame:
        # Not by `anonymize_table`: what it verifies the peers do not, and would be measured.
        records = encode_records(frame, domains)
        recoding = anonymize(records, list(domains.values()), task["k"], np.random.default_rng(1))
        if task["labels"] == "sets":
            recoding = tighten(recoding, records, list(domains.values()))
        release = release_records(frame, domains, recoding)
        kept = release[~release["is_suppressed"]].drop(columns="is_suppressed")
        kept[RECORD] = kept.index
        kept.attrs["search"] = recoding.facts.get("search", "")
        return kept

    return run


def prepare_anjana(table: pd.DataFrame, task: dict[str, Any]) -> Callable[[], pd.DataFrame]:
    from anjana.anonymity import k_anonymity

    hierarchies = {}
    for name, path in task["hierarchies"].items():
        rows = pd.read_csv(path, sep=";", header=None, dtype="str", keep_default_na=False)
        hierarchies[name] = {level: rows[level].to_numpy() for level in rows}
    names = list(hierarchies)
    is_limited = task["method"] == "k_anonymity_limited"
    limit = task["suppression_limit"] if is_limited else ANJANA_SUPPRESSION
    return lambda: k_anonymity(table.copy(), [], names, task["k"], limit, hierarchies)


def prepare_anonypy(table: pd.DataFrame, task: dict[str, Any]) -> Callable[[], pd.DataFrame]:
    import anonypy

    names = list(task["hierarchies"])
    frame = convert_columns(table, names)

    def run() -> pd.DataFrame:
        rows = anonypy.Preserver(frame, names, SENSITIVE).anonymize_k_anonymity(k=task["k"])
        release = pd.DataFrame(rows)
        return release.assign(**{name: release[name].str[0] for name in names})

    return run


def prepare_anonypyx(table: pd.DataFrame, task: dict[str, Any]) -> Callable[[], pd.DataFrame]:
    import anonypyx

    names = list(task["hierarchies"])
    frame = convert_columns(table, names)

    def run() -> pd.DataFrame:
        anonymizer = anonypyx.Anonymiser(
            frame,
            k=task["k"],
            algorithm=task["method"],
            feature_columns=names,
            sensitive_column=SENSITIVE,
            generalisation_strategy="human-readable",
        )
        return anonymizer.anonymise()

    return run


def convert_columns(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return a table whose numbers are numbers, which are split at the median; else categories."""
    frame = table.copy()
    for name in names:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        frame[name] = frame[name].astype("category") if numbers.isna().any() else numbers
    frame[SENSITIVE] = frame[SENSITIVE].astype("category")
    return frame


def bracket_ranges(release: pd.DataFrame, table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Write ranges ``[20, 25]``, both ends in: ``20-25`` is also a node that has no 25."""
    shown = {
        name: release[name].astype("str").str.replace(r"^(.+)-(.+)$", r"[\1, \2]", regex=True)
        for name in names
        if pd.to_numeric(table[name], errors="coerce").notna().all()
    }
    return release.assign(**shown)


PREPARE = {
    "anonify": prepare_anonify,
    "anjana": prepare_anjana,
    "anonypy": prepare_anonypy,
    "anonypyx": prepare_anonypyx,
}


def run_within(task: dict[str, Any]) -> dict[str, float | str]:
    """Return what :func:`main` does, or only a ``note`` where it took more than it may."""
    if task["memory_limit"]:
        resource.setrlimit(resource.RLIMIT_DATA, (task["memory_limit"], task["memory_limit"]))
    if task["cpu_limit"]:
        signal.signal(signal.SIGXCPU, stop)
        # A loop that never comes back to Python is killed a minute later.
        resource.setrlimit(resource.RLIMIT_CPU, (task["cpu_limit"], task["cpu_limit"] + 60))
    try:
        return main(task)
    except MemoryError:
        return {"note": f"stopped at {task['memory_limit'] / 10**9:g} GB"}
    except TimeoutError:
        return {"note": f"stopped after {task['cpu_limit']} CPU s"}


def stop(*_: Any) -> None:
    """End what takes too long; once, for the signal comes every second from then on."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    raise TimeoutError


if __name__ == "__main__":
    source, target = sys.argv[1:]
    result = run_within(json.loads(Path(source).read_text()))
    Path(target).write_text(json.dumps(result))
