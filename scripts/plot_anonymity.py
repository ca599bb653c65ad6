"""Draw journalist risk or certainty over the deletion, or the risk over the records."""

from collections.abc import Sequence

import pandas as pd

from anonify.plotting import plot_risk, plot_risk_over_records, save_figure
from anonify.risk import risk_over_records
from anonify.storage import SUPPRESSED, read_provenance
from anonify_job import run_job


def main(table: str, classes: str, metadata: str, figure: Sequence[str], name: str) -> None:
    """Draw one of the three figures, by its name."""
    rows, listed = pd.read_csv(table), pd.read_csv(classes)
    if name == "journalist_risk":
        drawn = plot_risk(rows, listed, name, "Journalist risk / %", lambda c: 100 / c["size"])
    elif name == "certainty":
        drawn = plot_risk(
            rows, listed, name, "Certainty / %", lambda c: 100 * c["released_size"] / c["size"]
        )
    else:
        curves = {
            place: risk_over_records(group)
            for place, group in listed.groupby(["data", "deletion"], sort=False)
        }
        anonymized = rows[rows["data"] == "anonymized"].set_index(["reading", "measure"])["value"]
        suppressed = int(
            listed[(listed["data"] == "anonymized") & listed[SUPPRESSED]]["size"].sum()
        )
        drawn = plot_risk_over_records(
            curves, suppressed, anonymized["as published", "journalist_risk_highest"]
        )
    save_figure(drawn, figure, read_provenance(metadata))


if __name__ == "__main__":
    run_job(main, snakemake)
