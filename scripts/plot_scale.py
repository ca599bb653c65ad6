"""Put together what was measured of tables of any size, extrapolate, and draw it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from anonify.base.files import replacing
from anonify.benchmarks.extrapolation import COMMON, add_up, extrapolate
from anonify.engines.choice import Wanted
from anonify.figures.benchmarks import plot_scale
from anonify.figures.style import save_figure
from anonify.tables.provenance import start_provenance
from job import run_job

# Records of the largest registries and insurers.
LARGEST = 10**9


def main(
    measured: Sequence[str], out: str, figure: Sequence[str], record: str, engine: Wanted
) -> None:
    """Write all sizes and what is expected of :data:`LARGEST` records, and the figure."""
    tables = [pd.read_csv(path, dtype={"note": "str"}).fillna({"note": ""}) for path in measured]
    known = pd.concat(tables).sort_values("records", kind="stable")
    bounds = {COMMON: np.inf, "memory": np.inf, "duckdb": engine.limits.memory / 10**6}
    scale = pd.concat([known, extrapolate(known, LARGEST, bounds)])
    with replacing(out) as temporary:
        scale.to_csv(temporary, index=False, float_format="%.6g")
    about = json.loads(Path(record).read_text())
    drawn = {"name": about["name"], "title": f"{about['title']}, drawn again"}
    provenance = start_provenance({**drawn, "synthetic": about["synthetic"]})
    save_figure(plot_scale(add_up(scale), _list_stops(known)), figure, provenance)


def _list_stops(known: pd.DataFrame) -> list[str]:
    """Say which engine did not come to its end where."""
    stopped = known[known["cpu_seconds"].isna()].drop_duplicates(["engine", "records"])
    return [f"{row.engine}, {row.records:,} records: {row.note}." for row in stopped.itertuples()]


if __name__ == "__main__":
    run_job(main, snakemake)
