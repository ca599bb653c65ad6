"""Draw the loss and the time of our methods and other libraries."""

from collections.abc import Sequence

import pandas as pd

from anonify.figures.benchmarks import plot_peers
from anonify.figures.style import save_figure
from anonify.tables.provenance import start_provenance
from job import run_job


def main(peers: str, figure: Sequence[str]) -> None:
    """Draw the figure in every format."""
    tables = {"name": "peers", "title": "Methods and other libraries", "synthetic": False}
    save_figure(plot_peers(pd.read_csv(peers)), figure, start_provenance(tables))


if __name__ == "__main__":
    run_job(main, snakemake)
