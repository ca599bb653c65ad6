"""Draw the NCP over k."""

from collections.abc import Sequence
from functools import partial

from anonify.figures.information_loss import plot_information_loss
from anonify.figures.style import save_layouts
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job


def main(table: str, metadata: str, figure: Sequence[str], narrow: str, name: str) -> None:
    """Draw the mean over the quasi-identifiers, or each of them in a panel of its own."""
    rows = read_csv(table)
    columns = {"ncp": "Information loss"}
    if name == "info_loss_by_quasi_identifier":
        parts = [column for column in rows.columns if column.startswith("ncp_")]
        columns = {column: column.removeprefix("ncp_") for column in parts}
    draw = partial(plot_information_loss, rows, columns)
    save_layouts(draw, figure, narrow, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
