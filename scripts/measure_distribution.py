"""Summarize a sensitive attribute in the original, anonymized and all sampled tables."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from anonify.disclosure.publishing import publish_csv
from anonify.domains.files import read_domains
from anonify.measures.confidential_distribution import compare_confidential_distributions
from anonify.measures.distribution import compare_distributions
from anonify.tables.provenance import add_step, is_confidential
from anonify.tables.storage import read_table
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
    before, after = read_table(original), read_table(anonymized)
    domains = read_domains(hierarchies, before.quasi_identifiers)
    places = list(product(deletions, range(1, repeats + 1)))
    sampled = {place: read_table(path).frame for place, path in zip(places, samples, strict=True)}
    provenance = add_step(after.provenance, "measure distribution", deletions=list(deletions))
    if is_confidential(before.provenance):
        compared = compare_confidential_distributions(
            before.frame, after.frame, sampled, distributions, domains, k
        )
    else:
        compared = {
            name: compare_distributions(
                before.frame, after.frame, sampled, distribution, domains[distribution["by"]], k
            )
            for name, distribution in distributions.items()
        }
    for rows, path, metadata_path in zip(compared.values(), table, metadata, strict=True):
        publish_csv(rows, path, metadata_path, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
