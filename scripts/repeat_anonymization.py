"""Repeat a random method of anonymization over seeds, to know the spread of its NCP."""

from collections.abc import Sequence

import pandas as pd

from anonify.base.seeding import make_generator
from anonify.domains.domain import encode_records
from anonify.domains.files import read_domain
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.methods import get_anonymizer
from anonify.releases.recode import release_records
from anonify.tables.columns import names_with_role
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from job import run_job, tell


def main(
    table: str,
    hierarchies: Sequence[str],
    repeated: str,
    method: str,
    k: int | str,
    runs: int,
    seed: int,
) -> None:
    """Write one row for each run: ``method``, ``k``, ``measure``, ``repeat``, ``value``."""
    data = read_table(table)
    names = names_with_role(data.columns, "quasi-identifier")
    trees = [read_domain(path, name) for name, path in zip(names, hierarchies, strict=True)]
    by_name = dict(zip(names, trees, strict=True))
    records = encode_records(data.frame, trees)
    rows = []
    for repeat in range(1, runs + 1):
        generator = make_generator(seed, "repeat", method, k, repeat)
        recoding = get_anonymizer(method)(records, trees, int(k), generator)
        ncp = mean_ncp(measure_ncp(release_records(data.frame, trees, recoding), by_name))
        rows.append({"method": method, "k": int(k), "repeat": repeat, "value": ncp})
    provenance = add_step(data.provenance, "repeat anonymization", method=method, k=int(k))
    frame = pd.DataFrame(rows).assign(measure="ncp")
    write_table(Table(frame, (), provenance), repeated)
    tell(f"{method}, k = {k}: NCP {frame['value'].mean():.2f} ± {frame['value'].std():.2f} %")


if __name__ == "__main__":
    run_job(main, snakemake)
