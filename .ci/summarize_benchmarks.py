"""Print a summary of the benchmarks and of the times of the last run's jobs."""

import sys
from pathlib import Path

import pandas as pd

TABLES = {
    "library.csv": "CPU seconds, next to a plain version where there is one",
    "adult.csv": "methods and other libraries on Adult",
    "peers.csv": "methods and other libraries on real tables and a made-up one",
    "scale.csv": "tables of any size, step by step, and what is expected of larger ones",
    "growth.csv": "exponents of time and memory in records and quasi-identifiers",
}


def main(folder: str) -> None:
    """Print the benchmarks, then CPU time, wall time and memory for each kind of job."""
    for name, title in TABLES.items():
        table = Path(folder) / name
        if table.exists():
            print(f"{table}: {title}\n")
            print(pd.read_csv(table).to_string(index=False, na_rep=""), end="\n\n")
    jobs = []
    for path in sorted(Path(folder).rglob("*.tsv")):
        kind = "/".join(path.relative_to(folder).parts[:2]).removesuffix(".tsv")
        row = pd.read_csv(path, sep="\t", na_values="-").iloc[0]
        jobs.append((kind, row["cpu_time"], row["s"], row["max_rss"]))
    if jobs:
        frame = pd.DataFrame(jobs, columns=["jobs", "cpu_s", "wall_s", "peak_mb"])
        summary = frame.groupby("jobs").agg(
            number=("wall_s", "size"), cpu_s=("cpu_s", "sum"), wall_s=("wall_s", "sum"),
            peak_mb=("peak_mb", "max"),
        )  # fmt: skip
        print(f"{folder}: jobs of the last run\n")
        print(summary.round(1).to_string())
        print(f"\nCPU seconds in all: {frame['cpu_s'].sum():.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
