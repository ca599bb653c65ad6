"""Summarize a sensitive attribute in the original, anonymized and all sampled tables."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from anonify.disclosure.publishing import publish_csv
from anonify.domains.files import read_domains
from anonify.measures.confidential_distribution import compare_confidential_distributions
from anonify.measures.distribution import Tables, compare_distributions, list_columns
from anonify.tables.columns import MARKS
from anonify.tables.provenance import add_step, is_confidential
from anonify.tables.storage import count_table, describe_table
from job import run_job


def main(
    original: str,
    anonymized: str,
    samples: Sequence[str],
    hierarchies: Sequence[str],
    table: Sequence[str],
    metadata: Sequence[str],
    distributions: Mapping[str, Mapping[str, Any]],
    deletions: Sequence[int],
    repeats: int,
    k: int,
) -> None:
    """Write one table for each distribution: a row for each data set, repeat and group."""
    names = describe_table(original).quasi_identifiers
    domains = read_domains(hierarchies, names)
    made = describe_table(anonymized).provenance
    marks = MARKS if is_confidential(made) else ()
    places = list(product(deletions, range(1, repeats + 1)))
    tables = {}
    for name, distribution in distributions.items():
        needed = [*list_columns(distribution), *marks]
        before, after, *drawn = (
            count_table(path, needed).frame for path in (original, anonymized, *samples)
        )
        tables[name] = Tables(before, after, dict(zip(places, drawn, strict=True)))
    provenance = add_step(made, "measure distribution", deletions=list(deletions))
    if is_confidential(provenance):
        compared = compare_confidential_distributions(tables, distributions, domains, k)
    else:
        compared = {
            name: compare_distributions(tables[name], distribution, domains[distribution["by"]], k)
            for name, distribution in distributions.items()
        }
    for rows, path, metadata_path in zip(compared.values(), table, metadata, strict=True):
        publish_csv(rows, path, metadata_path, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
