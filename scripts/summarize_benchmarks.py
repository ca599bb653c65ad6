"""Print a summary of the library's benchmark and of the times of the last run's jobs."""

import sys
from pathlib import Path

import pandas as pd


def main(folder: str) -> None:
    """Print the table of the library, then CPU time, wall time and memory for each kind of job."""
    library = Path(folder) / "library.csv"
    if library.exists():
        print(f"{library}: CPU seconds, next to a plain version where there is one\n")
        print(pd.read_csv(library).to_string(index=False, na_rep=""))
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
        print(f"\n{folder}: jobs of the last run\n")
        print(summary.round(1).to_string())
        print(f"\nCPU seconds in all: {frame['cpu_s'].sum():.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
