"""Draw journalist risk or certainty over the deletion, or the risk over the records."""

from collections.abc import Sequence

import pandas as pd

from anonify.base.values import SUPPRESSED
from anonify.figures.anonymity import plot_risk, plot_risk_by_record
from anonify.figures.style import save_figure
from anonify.measures.risk import distribute_risk
from anonify.tables.provenance import read_provenance
from job import run_job


def main(
    table: str,
    classes: str,
    metadata: str,
    figure: Sequence[str],
    name: str,
    readings: Sequence[str],
) -> None:
    """Draw one of the three figures, by its name."""
    rows, listed = pd.read_csv(table), pd.read_csv(classes)
    if name == "journalist_risk":
        drawn = plot_risk(
            rows, listed, name, "Journalist risk / %", lambda c: 100 / c["size"], readings
        )
    elif name == "certainty":
        drawn = plot_risk(
            rows,
            listed,
            name,
            "Certainty / %",
            lambda c: 100 * c["released_size"] / c["size"],
            readings,
        )
    else:
        by_data = dict(list(listed.groupby(["data", "deletion"], sort=False)))
        curves = {
            risk: {place: distribute_risk(group, size) for place, group in by_data.items()}
            for risk, size in (("Journalist risk", "size"), ("Prosecutor risk", "released_size"))
        }
        anonymized = rows[rows["data"] == "anonymized"].set_index(["reading", "measure"])["value"]
        suppressed = int(
            listed[(listed["data"] == "anonymized") & listed[SUPPRESSED]]["size"].sum()
        )
        published = anonymized["as published", "journalist_risk_highest"]
        is_shown = "as published" in readings
        drawn = plot_risk_by_record(curves, suppressed, published if is_shown else None)
    save_figure(drawn, figure, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
