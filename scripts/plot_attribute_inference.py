"""Draw how often guesses of sensitive attributes are right."""

from collections.abc import Sequence

from anonify.figures.attribute_inference import plot_attribute_inference
from anonify.figures.style import save_figure
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job


def main(table: str, metadata: str, figure: Sequence[str], deletion: int) -> None:
    """Draw a panel for each attribute."""
    save_figure(
        plot_attribute_inference(read_csv(table), deletion), figure, read_provenance(metadata)
    )


if __name__ == "__main__":
    run_job(main, snakemake)
