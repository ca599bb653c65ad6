"""Draw what attacks on membership reach."""

from collections.abc import Sequence
from functools import partial

from anonify.figures.membership import plot_membership
from anonify.figures.style import save_layouts
from anonify.settings.classifiers import name_classifier
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job

MEASURES = {"membership_advantage": "advantage", "membership_low_fpr": "tpr_at_low_fpr"}


def main(table: str, metadata: str, figure: Sequence[str], narrow: str, name: str) -> None:
    """Draw the means over the attacked models with their 95 % intervals."""
    rows = read_csv(table)
    titles = {each: name_classifier(each) for each in rows["classifier"].unique()}
    draw = partial(plot_membership, rows, MEASURES[name], titles)
    save_layouts(draw, figure, narrow, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
