"""Draw how often guesses of sensitive attributes are right."""

from collections.abc import Sequence
from functools import partial

from anonify.figures.attribute_inference import plot_attribute_inference
from anonify.figures.style import save_layouts
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job


def main(table: str, metadata: str, figure: Sequence[str], narrow: str, deletion: int) -> None:
    """Draw a panel for each attribute."""
    draw = partial(plot_attribute_inference, read_csv(table), deletion)
    save_layouts(draw, figure, narrow, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
