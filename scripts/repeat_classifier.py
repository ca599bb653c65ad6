"""Train and test a classifier repeatedly, to know its spread over what is left to chance."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from anonify.base.seeding import Seed, make_seed
from anonify.measures.classifiers import evaluate
from anonify.measures.encoding import encode, select_labelled
from anonify.tables.columns import find_target
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from job import note, run_job


def main(
    table: str,
    repeated: str,
    data: str,
    via: str,
    classifier: str,
    varied: str,
    runs: int,
    encodings: Mapping[str, Sequence[str]],
    positive: Any,
    test_share: float,
    split_seed: int,
    seed: Seed,
) -> None:
    """Write one row for each run; metrics in per cent.

    Parameters
    ----------
    varied : what differs from run to run: ``nothing`` (one run), the ``seed`` of the
        classifier, the ``order`` of the training records, or the ``split``.
    """
    records = read_table(table)
    target = find_target(records.columns)
    used = [column for column in records.columns if column.name != target]
    labelled = select_labelled(records.frame, target)
    features = encode(labelled, used, encodings, {})
    rows = []
    for repeat in range(1, 2 if varied == "nothing" else runs + 1):
        key = make_seed(seed, "repeat", data, classifier, repeat)
        metrics = evaluate(
            features,
            labelled[target],
            classifier,
            positive=positive,
            test_share=test_share,
            split_seed=key if varied == "split" else split_seed,
            seed=key,
            order_seed=key if varied == "order" else None,
        )
        rows.append({"classifier": classifier, "repeat": repeat, **metrics})
        note(f"{data}, {classifier}: run {repeat}, accuracy {metrics['accuracy']:.3f} %")
    kind = "original" if data == "original" else "anonymized"
    frame = pd.DataFrame(rows).assign(data=kind, via=via, deletion=0)
    provenance = add_step(
        records.provenance, "repeat classifier", classifier=classifier, varied=varied, seed=seed
    )
    write_table(Table(frame, (), provenance), repeated)


if __name__ == "__main__":
    # Sums over several threads depend on their number.
    with threadpool_limits(1):
        run_job(main, snakemake)
