"""Train and test classifiers on one table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from anonify.base.seeding import Seed, make_seed
from anonify.domains.files import read_domains
from anonify.measures.classifiers import evaluate, round_metrics
from anonify.measures.encoding import choose_features, describe_gaps, encode, select_labelled
from anonify.tables.columns import find_target
from anonify.tables.provenance import add_step, is_confidential
from anonify.tables.storage import Table, read_table, write_table
from job import note, run_job


def main(
    table: str,
    hierarchies: Sequence[str],
    measures: str,
    classifiers: Sequence[str],
    encodings: Mapping[str, Sequence[str]],
    positive: Any,
    test_share: float,
    split_seed: int,
    seed: Seed,
    k: int,
    job: str,
    features: str,
) -> None:
    """Write the metrics of each classifier in per cent; on the original also the majority's.

    Those of a confidential table are rounded to ``k`` of the records that they are shares of.
    """
    data = read_table(table)
    target = find_target(data.columns)
    used = choose_features(data.columns, features)
    domains = read_domains(hierarchies, data.quasi_identifiers)
    if gaps := describe_gaps(data.frame, used, target):
        note(f"{job}: {gaps}")
    frame = select_labelled(data.frame, target)
    encoded = encode(frame, used, encodings, domains)
    rows = []
    for classifier in [*classifiers, "majority"]:
        note(f"{job}: {classifier}")
        reached = evaluate(
            encoded,
            frame[target],
            classifier,
            positive=positive,
            test_share=test_share,
            split_seed=split_seed,
            seed=make_seed(seed, "classifiers", job),
        )
        rows.append({"classifier": classifier, **reached})
    provenance = add_step(
        data.provenance,
        "train classifiers",
        features=features,
        positive=str(frame[target].max() if positive is None else positive),
        test_share=test_share,
        split_seed=split_seed,
        seed=seed,
    )
    metrics = pd.DataFrame(rows)
    if is_confidential(data.provenance):
        metrics = round_metrics(metrics, frame[target], test_share, k)
    write_table(Table(metrics, (), provenance), measures)


if __name__ == "__main__":
    # Sums over several threads depend on their number.
    with threadpool_limits(1):
        run_job(main, snakemake)
