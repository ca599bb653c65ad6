"""Draw how time and memory grow."""

from collections.abc import Sequence

import pandas as pd

from anonify.figures.benchmarks import plot_scaling
from anonify.figures.style import save_figure
from anonify.tables.provenance import start_provenance
from job import run_job


def main(scaling: str, figure: Sequence[str]) -> None:
    """Draw the figure in every format."""
    tables = {"name": "generated", "title": "Growth on generated tables", "synthetic": False}
    save_figure(plot_scaling(pd.read_csv(scaling)), figure, start_provenance(tables))


if __name__ == "__main__":
    run_job(main, snakemake)
