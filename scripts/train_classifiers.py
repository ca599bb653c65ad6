"""Train and test classifiers on one table."""

from collections.abc import Mapping, Sequence

import pandas as pd
from threadpoolctl import threadpool_limits

from anonify.classifiers import encode, evaluate
from anonify.dataset import names_with_role
from anonify.seeding import make_seed
from anonify.storage import Table, add_step, read_table, write_table
from anonify_job import report, run_job


def main(
    table: str,
    measures: str,
    classifiers: Sequence[str],
    encodings: Mapping[str, Sequence[str]],
    test_share: float,
    split_seed: int,
    seed: int,
    job: str,
    features: str,
) -> None:
    """Write the metrics of each classifier in per cent; on the original also the majority's."""
    data = read_table(table)
    target = names_with_role(data.columns, "target")[0]
    identifying = names_with_role(data.columns, "quasi-identifier")
    used = {
        "all": [column for column in data.columns if column.name != target],
        "without_quasi_identifiers": [
            column for column in data.columns if column.name not in (*identifying, target)
        ],
        "quasi_identifiers_only": [column for column in data.columns if column.name in identifying],
    }[features]
    encoded = encode(data.frame, used, encodings)
    rows = []
    for classifier in [*classifiers, "majority"]:
        report(f"{job}: {classifier}")
        metrics = evaluate(
            encoded,
            data.frame[target],
            classifier,
            test_share=test_share,
            split_seed=split_seed,
            seed=make_seed(seed, "classifiers", job),
        )
        rows.append({"classifier": classifier, **metrics})
    provenance = add_step(
        data.provenance,
        "train classifiers",
        features=features,
        test_share=test_share,
        split_seed=split_seed,
        seed=seed,
    )
    write_table(Table(pd.DataFrame(rows), (), provenance), measures)


if __name__ == "__main__":
    # Sums over several threads depend on their number.
    with threadpool_limits(1):
        run_job(main, snakemake)
