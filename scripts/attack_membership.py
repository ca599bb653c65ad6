"""Attack the membership in the records that classifiers learned from, on one kind of table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from anonify.base.errors import UserError
from anonify.base.seeding import make_generator, make_seed
from anonify.domains.domain import Domains
from anonify.domains.files import read_domains
from anonify.measures.encoding import encode
from anonify.measures.membership import (
    Flags,
    View,
    ask_models,
    draw_members,
    group_questions,
    view_original,
    view_release,
)
from anonify.measures.membership_attacks import attack_models
from anonify.recoding.requirements import UnreachableError
from anonify.releases.anonymization import anonymize_table, suppress_table
from anonify.tables.columns import find_target
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from job import run_job, tell


def main(
    table: str,
    hierarchies: Sequence[str],
    measures: str,
    method: str | None,
    k: int | str,
    deletion: int | str,
    options: Mapping[str, Any],
    requirements: Sequence[Mapping[str, Any]],
    classifiers: Sequence[str],
    encodings: Mapping[str, Sequence[str]],
    members: int,
    shadow_models: int,
    repeats: int,
    seed: int,
    job: str,
) -> None:
    """Write what each attack reaches on each attacked model of each classifier, in per cent.

    ``method`` is None where the classifiers learn from the original table.
    """
    k, deletion = int(k), int(deletion)
    data = read_table(table)
    order = make_generator(seed, "membership", "people").permutation(len(data.frame))
    people = data.frame.iloc[order[: 2 * members]].reset_index(drop=True)
    target = find_target(data.columns)
    labels, classes = pd.factorize(people[target], sort=True)
    if len(classes) < 2:
        raise UserError(
            f"{job}: the {len(people)} people drawn are all of one class of {target!r}, so there "
            "is nothing to learn; raise `membership.members`"
        )
    domains = read_domains(hierarchies, data.quasi_identifiers)
    views = []
    for model in range(shadow_models + repeats):
        drawn = make_generator(seed, "membership", "members", model)
        is_member = draw_members(len(people), drawn)
        views.append(
            view_original(people, is_member)
            if method is None
            else anonymize_view(
                people, is_member, domains, method, k, deletion, options, requirements, seed, model
            )
        )
    if any(len(view.learned) == 0 for view in views):
        raise UserError(
            f"{job}: none of the {is_member.sum()} members of an attacked model is left to learn "
            "from; delete less, or raise `membership.members`"
        )
    used = [column for column in data.columns if column.name != target]
    features = [
        group_questions(
            *(
                encode(records, used, encodings, domains).to_numpy()
                for records in (view.records, view.asked)
            )
        )
        for view in views
    ]
    rows = []
    for classifier in classifiers:
        tell(f"{job}: {classifier}")
        drawn_by = make_seed(seed, "membership", job, classifier)
        answers = ask_models(views, features, labels, classifier, shadow_models, drawn_by)
        rows.extend({"classifier": classifier, **row} for row in attack_models(answers, drawn_by))
    provenance = add_step(
        data.provenance,
        "attack membership",
        method=method,
        k=k,
        deletion=deletion,
        options=dict(options),
        requirements=[dict(rule) for rule in requirements],
        members=int(is_member.sum()),
        non_members=int((~is_member).sum()),
        shadow_models=shadow_models,
        repeats=repeats,
        seed=seed,
    )
    write_table(Table(pd.DataFrame(rows), (), provenance), measures)


def anonymize_view(
    people: pd.DataFrame,
    is_member: Flags,
    domains: Domains,
    method: str,
    k: int,
    deletion: int,
    options: Mapping[str, Any],
    requirements: Sequence[Mapping[str, Any]],
    seed: int,
    model: int,
) -> View:
    """Anonymize and sample the members of one model; the result is verified."""
    inside = people[is_member]
    try:
        release = anonymize_table(
            inside,
            domains,
            method,
            k,
            make_generator(seed, "membership", "anonymize", method, k, model),
            options=options,
            requirements=requirements,
        )
    except UnreachableError:
        # The whole table can be released where these few can't.
        release = suppress_table(inside, domains)
    drawn = make_generator(seed, "membership", "sample", method, k, deletion, model)
    return view_release(people, is_member, domains, release, deletion, drawn)


if __name__ == "__main__":
    # Sums over several threads depend on their number.
    with threadpool_limits(1):
        run_job(main, snakemake)
