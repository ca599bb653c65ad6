"""Draw one metric of all classifiers on all data, with the baselines."""

from collections.abc import Sequence
from functools import partial

from anonify.figures.classifiers import plot_metric
from anonify.figures.style import save_layouts
from anonify.settings.classifiers import name_classifier
from anonify.tables.drawn import count_drawn
from anonify.tables.provenance import read_provenance
from anonify.tables.storage import read_csv
from job import run_job

# The paper's Figure 13 is headed "Recall" and shows weighted precision; Figure 14 is headed
# "Precision" and shows weighted recall.
NOTES = {
    "accuracy": "Figure 10 of the paper",
    "precision": "Figure 13 of the paper, published under the heading “Recall”",
    "recall": "Figure 14 of the paper, published under the heading “Precision”; equals accuracy",
    "f1": "Figure 15 of the paper",
}


def main(
    table: str,
    metadata: str,
    figure: Sequence[str],
    narrow: str,
    metric: str,
    readings: Sequence[str],
) -> None:
    """Draw the means over the repeats with their 95 % intervals."""
    rows = read_csv(table)
    names = [name for name in rows["classifier"].unique() if name != "majority"]
    titles = {name: name_classifier(name) for name in names}
    provenance = read_provenance(metadata)
    note = NOTES.get(metric, "Not in the paper") if "as published" in readings else ""
    if metric.startswith("positive"):
        trained = next(s for s in provenance["steps"] if s["step"] == "train classifiers")
        note += f"{'; p' if note else 'P'}ositive class: {trained['positive']}"
    if records := count_drawn(provenance):
        note += f"{'; o' if note else 'O'}f each table {records:,} drawn records at most"
    draw = partial(plot_metric, rows, metric, titles, note)
    save_layouts(draw, figure, narrow, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
