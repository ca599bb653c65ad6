"""Draw risk over loss for methods, k and deletion."""

from collections.abc import Sequence
from functools import partial

from anonify.figures.style import save_layouts
from anonify.figures.trade_off import plot_trade_off
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job


def main(table: str, metadata: str, figure: Sequence[str], narrow: str) -> None:
    """Draw a panel for each risk."""
    draw = partial(plot_trade_off, read_csv(table))
    save_layouts(draw, figure, narrow, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
