"""Draw which columns identify."""

from collections.abc import Sequence
from functools import partial

from anonify.figures.identification import plot_identification
from anonify.figures.style import save_layouts
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job


def main(table: str, metadata: str, figure: Sequence[str], narrow: str) -> None:
    """Draw a panel for who is unique and one for the pairs that differ."""
    draw = partial(plot_identification, read_csv(table))
    save_layouts(draw, figure, narrow, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
