"""Draw how time and memory grow."""

from collections.abc import Sequence

import pandas as pd

from anonify.benchmark_plots import plot_scaling
from anonify_job import run_job


def main(scaling: str, figure: Sequence[str]) -> None:
    """Draw the figure in every format."""
    drawn = plot_scaling(pd.read_csv(scaling))
    for path in figure:
        drawn.savefig(path)


if __name__ == "__main__":
    run_job(main, snakemake)
