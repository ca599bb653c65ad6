"""Draw more samples, to know the spread of the distributions."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from anonify.base.seeding import Seed, make_key
from anonify.domains.files import read_domains
from anonify.measures.distribution import summarize
from anonify.releases.sampling import sample
from anonify.tables.classes import count_classes
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from job import run_job


def main(
    release: str,
    hierarchies: Sequence[str],
    repeated: str,
    distributions: Mapping[str, Mapping[str, Any]],
    deletion: int,
    runs: int,
    seed: Seed,
) -> None:
    """Write one row for each distribution, sample and group."""
    data = read_table(release)
    domains = read_domains(hierarchies, data.quasi_identifiers)
    members = count_classes(data.frame, data.quasi_identifiers).members
    parts = []
    for repeat in range(1, runs + 1):
        key = make_key(seed, "repeat", "sample", deletion, repeat)
        kept = data.frame.iloc[sample(members, deletion, key)]
        for name, distribution in distributions.items():
            rows = summarize(kept, distribution, domains[distribution["by"]])
            parts.append(rows.assign(distribution=name, repeat=repeat))
    frame = pd.concat(parts, ignore_index=True).assign(data="sampled", deletion=deletion)
    provenance = add_step(data.provenance, "repeat sampling", deletion=deletion, runs=runs)
    write_table(Table(frame, (), provenance), repeated)


if __name__ == "__main__":
    run_job(main, snakemake)
