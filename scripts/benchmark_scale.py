"""Measure what a table of one size takes, from its file to what is handed out, by each engine.

Each step is the script of a run's job, in a process of its own, on the dataset's records drawn
again. Other libraries anonymize the same table, as far as they come.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.csv

from anonify.base.errors import UserError
from anonify.base.files import replacing
from anonify.base.places import SCRIPTS
from anonify.base.seeding import Seed
from anonify.benchmarks.candidates import PEERS, SENSITIVE, run_candidate
from anonify.benchmarks.resampling import count_possible, write_resampled
from anonify.domains.domain import require_hierarchies
from anonify.domains.files import read_domains
from anonify.engines.choice import DEFAULTS, Wanted, estimate_memory
from anonify.tables.storage import count_table, read_table
from benchmark_peers import list_installed
from job import run_job, tell

METHOD, K, DELETION = "arx", 250, 50
# Above, the table comes as Parquet.
MOST_OF_CSV = 10_000_000
# Another library is stopped beyond so many CPU seconds or bytes of memory; a record that it reads
# as text takes some 250 bytes.
CPU_LIMIT, MEMORY_LIMIT, RECORD = 300, 4 * 10**9, 250
# Seconds between two looks at the temporary disk.
PAUSE = 0.2
COLUMNS = (
    "engine",
    "step",
    "records",
    "tuples",
    "possible_tuples",
    "cpu_seconds",
    "wall_seconds",
    "peak_megabytes",
    "temporary_megabytes",
    "written_megabytes",
    "note",
)


def main(
    source: str,
    record: str,
    hierarchy_files: Sequence[str],
    out: str,
    records: int | str,
    columns: Mapping[str, Mapping[str, Any]],
    names: Sequence[str],
    dialect: Mapping[str, Any],
    rows_are_people: bool,
    confidential: bool,
    peers_python: str,
    seed: Seed,
    engine: Wanted,
) -> None:
    """Write one row for each step of each engine, and one for each other library.

    Typing and writing work part by part whatever the engine, so they are measured once, as of
    ``any``. Spark is not measured: much of what it takes, a cluster does.

    Parameters
    ----------
    names : of the quasi-identifiers.
    """
    size = int(records)
    separator = pyarrow.csv.ParseOptions(delimiter=dialect["separator"])
    original = pyarrow.csv.read_csv(source, parse_options=separator)
    decimals = [name for name in names if columns[name]["type"] == "decimal"]
    finer = decimals[-1] if decimals and not original[decimals[-1]].null_count else None
    with engine.limits.open_folder() as folder:
        file = folder / ("table.csv" if size <= MOST_OF_CSV else "table.parquet")
        write_resampled(original, file, size, finer, seed)
        table = folder / "typed.parquet"
        hierarchies = [str(folder / f"{place}.csv") for place in range(len(names))]
        settings = {**DEFAULTS, "engine_memory": f"{engine.limits.memory} B"}
        typing = {
            "source": str(file),
            "record": str(Path(record).absolute()),
            "table": str(table),
            "hierarchies": hierarchies,
            "columns": columns,
            "dialect": {**dialect, "separator": ","},
            "hierarchy_files": list(hierarchy_files),
            "rows_are_people": rows_are_people,
            "confidential": confidential,
        }
        rows = [_do("any", "prepare_dataset", typing, [table], settings, folder)]
        if rows[0]["note"]:
            raise UserError(f"{source}: drawn again, it can't be typed: {rows[0]['note']}")
        release = folder / "release.parquet"
        for name in ("memory", "duckdb"):
            rows += _anonymize(name, table, hierarchies, release, settings, folder, seed)
        writing = {"table": str(release), "csv": str(folder / "release.csv")}
        writing |= {"suppressed": "drop", "escapes_formulas": False}
        rows.append(_do("any", "export_csv", writing, [folder / "release.csv"], settings, folder))
        about = {"records": size, "tuples": len(count_table(table, [*names]).frame)}
        rows += _measure_peers(table, hierarchies, names, size, peers_python)
    about["possible_tuples"] = count_possible(original, names, finer)
    with replacing(out) as temporary:
        frame = pd.DataFrame([{**row, **about} for row in rows], columns=COLUMNS)
        frame.to_csv(temporary, index=False, float_format="%.6g")


def _anonymize(
    engine: str,
    table: Path,
    hierarchies: list[str],
    release: Path,
    settings: Mapping[str, Any],
    folder: Path,
    seed: Seed,
) -> Iterator[dict[str, Any]]:
    """Anonymize and verify, then draw one sample, unless there is too little memory."""
    if engine == "memory" and replace(Wanted.of(DEFAULTS), engine="auto").is_out_of_core(table):
        needed = estimate_memory(table) / 10**9
        note = f"not run: {needed:.0f} GB are more than half of the memory that is free"
        for step in ("anonymize", "sample"):
            yield {"engine": engine, "step": step, "note": note}
        return
    settings = {**settings, "engine": engine}
    chosen = {"method": METHOD, "k": K, "seed": seed}
    anonymizing = {**chosen, "table": str(table), "hierarchies": hierarchies}
    anonymizing |= {"release": str(release), "options": {}, "requirements": [], "labels": "nodes"}
    done = _do(engine, "anonymize", anonymizing, [release], settings, folder)
    yield done
    if done["note"]:
        yield {"engine": engine, "step": "sample", "note": "not run: there is no release"}
        return
    drawn = folder / "sample.parquet"
    sampling = {**chosen, "release": str(release), "samples": [str(drawn)]}
    sampling |= {"deletion": DELETION, "unit": "record", "least": 1}
    yield _do(engine, "sample", sampling, [drawn], settings, folder)


def _do(
    engine: str,
    script: str,
    arguments: Mapping[str, Any],
    written: Sequence[Path],
    settings: Mapping[str, Any],
    folder: Path,
) -> dict[str, Any]:
    """Do one job in a process of its own, and return its row.

    Its temporary files lie in a folder of their own, whose size is looked at while it works.
    """
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    settings = {**settings, "engine_temp": str(temporary)}
    task = {"script": script, "arguments": arguments, "engine": settings}
    (folder / "task.json").write_text(json.dumps(task))
    step = script.removesuffix("_dataset").removesuffix("_csv")
    command = [sys.executable, str(SCRIPTS / "benchmark_step.py")]
    start, most = time.perf_counter(), 0
    with (folder / "log").open("w+") as log:
        command += [str(folder / "task.json"), str(folder / "result.json")]
        with subprocess.Popen(command, stdout=log, stderr=log) as process:
            while process.poll() is None:
                most = max(most, _measure_folder(temporary))
                time.sleep(PAUSE)
        log.seek(0)
        said = log.read().splitlines()
    row = {
        "engine": engine,
        "step": step,
        "wall_seconds": time.perf_counter() - start,
        "temporary_megabytes": most / 10**6,
        "note": "",
    }
    if process.returncode:
        row["note"] = f"failed: {said[-1] if said else process.returncode}"
        tell(f"{engine}, {step}: {row['note']}")
        return row
    row |= json.loads((folder / "result.json").read_text())
    row["written_megabytes"] = sum(path.stat().st_size for path in written) / 10**6
    tell(f"{engine}, {step}: {row['cpu_seconds']:.1f} CPU s, {row['peak_megabytes']:.0f} MB")
    return row


def _measure_folder(folder: Path) -> int:
    """Return the bytes of the files in a folder; what goes in the meantime counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _measure_peers(
    table: Path, hierarchies: Sequence[str], names: Sequence[str], records: int, python: str
) -> Iterator[dict[str, Any]]:
    """Let the other libraries anonymize the quasi-identifiers, from memory to memory alone."""
    installed = {each.library: each for each in list_installed(python)}
    if records * RECORD > MEMORY_LIMIT:
        note = f"not run: the table as text takes more than {MEMORY_LIMIT / 10**9:g} GB"
        yield from ({"engine": peer, "step": "anonymize", "note": note} for peer in PEERS)
        return
    domains = read_domains(hierarchies, names)
    trees = dict(zip(names, require_hierarchies(list(domains.values())), strict=True))
    frame = read_table(table).frame[[*names]].astype("str").assign(**{SENSITIVE: "a"})
    for peer in PEERS:
        if peer not in installed:
            yield {"engine": peer, "step": "anonymize", "note": "not installed"}
            continue
        limits = {"cpu_limit": CPU_LIMIT, "memory_limit": MEMORY_LIMIT}
        found, _ = run_candidate(
            *(installed[peer], frame, trees, K, 10 * CPU_LIMIT), keep_release=False, **limits
        )
        tell(f"{peer}: {found.get('cpu_seconds', float('nan')):.1f} CPU s {found['note']}")
        yield {"engine": peer, "step": "anonymize", **found}


if __name__ == "__main__":
    run_job(main, snakemake)
