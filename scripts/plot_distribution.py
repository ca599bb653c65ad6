"""Draw a sensitive attribute by group."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from anonify.figures.distribution import plot_distribution
from anonify.figures.style import save_layouts
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job


def main(
    table: str,
    metadata: str,
    figure: Sequence[str],
    narrow: str,
    distribution: Mapping[str, Any],
    deletion: int,
    readings: Sequence[str],
) -> None:
    """Draw the original, the anonymized table and the samples of one deletion."""
    draw = partial(plot_distribution, read_csv(table), distribution, deletion, readings)
    save_layouts(draw, figure, narrow, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
