"""Draw journalist risk or certainty over the deletion, or the risk over the records."""

from collections.abc import Sequence
from functools import partial

from anonify.figures.anonymity import plot_anonymity
from anonify.figures.style import save_layouts
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job


def main(
    table: str,
    classes: str,
    metadata: str,
    figure: Sequence[str],
    narrow: str,
    name: str,
    readings: Sequence[str],
) -> None:
    """Draw one of the three figures, by its name."""
    draw = partial(plot_anonymity, name, read_csv(table), read_csv(classes), readings)
    save_layouts(draw, figure, narrow, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
