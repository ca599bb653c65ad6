"""Train and test classifiers on each of some tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from anonify.base.seeding import Seed, make_seed
from anonify.domains.files import read_domains
from anonify.measures.classifiers import evaluate, round_metrics
from anonify.measures.encoding import choose_features, describe_gaps, encode, select_labelled
from anonify.tables.columns import find_target
from anonify.tables.drawn import read_drawn
from anonify.tables.provenance import add_step, is_confidential
from anonify.tables.storage import Table, write_table
from job import note, run_job


def main(
    tables: Sequence[str],
    hierarchies: Sequence[str],
    measures: Sequence[str],
    classifiers: Sequence[str],
    encodings: Mapping[str, Sequence[str]],
    positive: Any,
    test_share: float,
    split_seed: int,
    evaluation_records: int | None,
    seed: Seed,
    k: int,
    jobs: Sequence[str],
    features: str,
) -> None:
    """Write for each table the metrics of each classifier and of the majority, in per cent.

    Those of a confidential table are rounded to ``k`` of the records that they are shares of.

    ``jobs``: what each table is called, by which its classifiers are seeded.
    ``evaluation_records``: how many records of each are learned from at most; None for all.
    """
    for path, written, job in zip(tables, measures, jobs, strict=True):
        table = read_drawn(path, evaluation_records, seed)
        target = find_target(table.columns)
        used = choose_features(table.columns, features)
        if gaps := describe_gaps(table.frame, used, target):
            note(f"{job}: {gaps}")
        frame = select_labelled(table.frame, target)
        domains = read_domains(hierarchies, table.quasi_identifiers)
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
            table.provenance,
            "train classifiers",
            features=features,
            positive=str(frame[target].max() if positive is None else positive),
            test_share=test_share,
            split_seed=split_seed,
            seed=seed,
        )
        metrics = pd.DataFrame(rows)
        if is_confidential(table.provenance):
            metrics = round_metrics(metrics, frame[target], test_share, k)
        write_table(Table(metrics, (), provenance), written)


if __name__ == "__main__":
    # Sums over several threads depend on their number.
    with threadpool_limits(1):
        run_job(main, snakemake)
