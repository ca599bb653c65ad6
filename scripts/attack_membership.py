"""Attack the membership in the records that classifiers learned from, on one kind of table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from anonify.base.seeding import Seed, make_seed
from anonify.measures.membership_experiment import Treatment, prepare_experiment
from anonify.recoding.tightening import LabelKind
from anonify.releases.dataset import read_limited_domains
from anonify.tables.drawn import read_drawn
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, write_table
from job import note, run_job


def main(
    table: str,
    hierarchies: Sequence[str],
    measures: str,
    method: str | None,
    k: int | str,
    deletion: int | str,
    options: Mapping[str, Any],
    requirements: Sequence[Mapping[str, Any]],
    labels: LabelKind,
    classifiers: Sequence[str],
    encodings: Mapping[str, Sequence[str]],
    members: int,
    shadow_models: int,
    repeats: int,
    evaluation_records: int | None,
    seed: Seed,
    job: str,
) -> None:
    """Write what each attack reaches on each attacked model of each classifier, in per cent.

    ``method`` is None where the classifiers learn from the original table. The people are drawn
    from at most ``evaluation_records`` of it; None for all.
    """
    k, deletion = int(k), int(deletion)
    data = read_drawn(table, evaluation_records, seed)
    experiment = prepare_experiment(
        job,
        data,
        read_limited_domains(hierarchies, data),
        None if method is None else Treatment(method, k, deletion, options, requirements, labels),
        encodings,
        members=members,
        shadow_models=shadow_models,
        repeats=repeats,
        seed=seed,
    )
    rows = []
    for classifier in classifiers:
        note(f"{job}: {classifier}")
        rows += experiment.attack(classifier, make_seed(seed, "membership", job, classifier))
    provenance = add_step(
        data.provenance,
        "attack membership",
        method=method,
        k=k,
        deletion=deletion,
        options=dict(options),
        requirements=[dict(rule) for rule in requirements],
        labels=labels,
        members=experiment.members,
        non_members=experiment.non_members,
        shadow_models=shadow_models,
        repeats=repeats,
        seed=seed,
    )
    write_table(Table(pd.DataFrame(rows), (), provenance), measures)


if __name__ == "__main__":
    # Sums over several threads depend on their number.
    with threadpool_limits(1):
        run_job(main, snakemake)
