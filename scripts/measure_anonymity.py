"""Measure the risks of the released tables, and list all equivalence classes."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from anonify.datasets.population import read_population
from anonify.disclosure.publishing import has_few, leave_out_few, publish_csv
from anonify.measures.population import mask_population, tabulate_population
from anonify.measures.risk import list_classes, mask_risks, tabulate_risks
from anonify.releases.dataset import read_limited_domains
from anonify.tables.classes import count_classes, match_classes
from anonify.tables.columns import MARKS, find_weight
from anonify.tables.provenance import add_step, is_confidential
from anonify.tables.storage import count_table, describe_table
from job import run_job


def main(
    original: str,
    anonymized: str,
    samples: Sequence[str],
    hierarchies: Sequence[str],
    population: Sequence[str],
    table: str,
    metadata: str,
    classes: str,
    classes_metadata: str,
    deletions: Sequence[int],
    k: int,
    threshold: float,
    columns: Mapping[str, Mapping[str, Any]],
    stated: Mapping[str, Any],
) -> None:
    """Write one row for each table, reading and measure, and one for each class and deletion."""
    described = describe_table(original)
    names, weight = described.quasi_identifiers, find_weight(described.columns)
    needed = [*names, *MARKS] if weight is None else [*names, weight, *MARKS]
    raw, release = count_table(original, needed), count_table(anonymized, needed)
    confidential = is_confidential(release.provenance)
    is_secret = confidential and has_few(release.frame, k)
    # Of a sample there are fewer suppressed records still.
    show = partial(leave_out_few, k=k) if is_secret else lambda frame: frame
    count = partial(count_classes, quasi_identifiers=names, weight=weight)
    before, after = count(raw.frame), count(show(release.frame))
    measured = {("original", 0): match_classes(before, before)}
    measured["anonymized", 0] = match_classes(after, after)
    for deletion, path in zip(deletions, samples, strict=True):
        left = count(show(count_table(path, needed).frame))
        measured["sampled", deletion] = match_classes(after, left)
    domains = read_limited_domains(hierarchies, raw)
    known = read_population(stated, next(iter(population), None), columns, raw.frame, domains)
    provenance = add_step(release.provenance, "measure anonymity", k=k, threshold=threshold)
    risks = tabulate_risks(measured, k, threshold)
    in_population = tabulate_population(measured, after.tuples, domains, known)
    if confidential:
        risks = mask_risks(risks, k, is_secret)
        in_population = mask_population(in_population, k, is_secret)
    if len(in_population):
        risks = pd.concat([risks, in_population], ignore_index=True)
    publish_csv(risks, table, metadata, provenance)
    publish_csv(list_classes(measured), classes, classes_metadata, provenance)


if __name__ == "__main__":
    run_job(main, snakemake)
