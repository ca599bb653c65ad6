"""Repeat a random method of anonymization over seeds, to know the spread of its NCP."""

from collections.abc import Sequence

import pandas as pd

from anonify.base.seeding import Seed, make_generator
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.recoding.tightening import LabelKind
from anonify.releases.anonymization import anonymize_table
from anonify.releases.dataset import read_limited_domains
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from job import note, run_job


def main(
    table: str,
    hierarchies: Sequence[str],
    repeated: str,
    method: str,
    k: int | str,
    runs: int,
    labels: LabelKind,
    seed: Seed,
) -> None:
    """Write one row for each run: ``method``, ``k``, ``measure``, ``repeat``, ``value``."""
    data = read_table(table)
    domains = read_limited_domains(hierarchies, data)
    files = dict(zip(domains, hierarchies, strict=True))
    rows = []
    for repeat in range(1, runs + 1):
        generator = make_generator(seed, "repeat", method, k, repeat)
        made = anonymize_table(
            data.frame, domains, method, int(k), generator, labels=labels, hierarchy_files=files
        )
        ncp = mean_ncp(measure_ncp(made.frame, domains))
        rows.append({"method": method, "k": int(k), "repeat": repeat, "value": ncp})
    provenance = add_step(data.provenance, "repeat anonymization", method=method, k=int(k))
    frame = pd.DataFrame(rows).assign(measure="ncp")
    write_table(Table(frame, (), provenance), repeated)
    note(f"{method}, k = {k}: NCP {frame['value'].mean():.2f} ± {frame['value'].std():.2f} %")


if __name__ == "__main__":
    run_job(main, snakemake)
