"""The experiment on membership: draw people, give each model its view of them, attack all models.

What is drawn depends on the seed and on what it is drawn for alone, so that the same people are
members of the same models whatever is done to their records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.seeding import make_generator
from anonify.base.values import Codes
from anonify.domains.domain import Domain, encode_records
from anonify.measures.encoding import encode
from anonify.measures.membership import (
    View,
    anonymize_members,
    draw_members,
    view_original,
    view_release,
)
from anonify.measures.membership_attacks import attack_models
from anonify.measures.membership_models import Features, ask_models, group_questions
from anonify.methods import get_anonymizer
from anonify.recoding.recoding import Recoding
from anonify.recoding.requirements import make_requirement
from anonify.releases.recode import release_records
from anonify.tables.columns import find_target
from anonify.tables.storage import Table
from anonify.verification.releases import verify_release


@dataclass(frozen=True)
class Treatment:
    """What is done to the members' records before a model learns from them.

    Parameters
    ----------
    k : smallest size of an equivalence class.
    deletion : per cent of each class that is deleted.
    options : of the method.
    requirements : what each class must meet besides, as configured.
    """

    method: str
    k: int
    deletion: int
    options: Mapping[str, Any]
    requirements: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Experiment:
    """Models' views of the same people.

    Parameters
    ----------
    views : one for each model.
    features : of each view.
    labels : array (people,), the class that each person is of, as a number from 0.
    shadows : how many of the models, the first ones, are the attacker's own.
    """

    views: Sequence[View]
    features: Sequence[Features]
    labels: Codes
    shadows: int

    @property
    def members(self) -> int:
        """How many people are members of each model."""
        return int(self.views[0].is_member.sum())

    @property
    def non_members(self) -> int:
        """How many people are not."""
        return len(self.labels) - self.members

    def attack(self, classifier: str, seed: int) -> list[dict[str, Any]]:
        """Return what each attack reaches on each attacked model of a classifier, in per cent.

        Returns
        -------
        Rows with ``classifier`` and what :func:`attack_models` returns.
        """
        answers = ask_models(self.views, self.features, self.labels, classifier, self.shadows, seed)
        return [{"classifier": classifier, **row} for row in attack_models(answers, seed)]


def prepare_experiment(
    job: str,
    table: Table,
    domains: Mapping[str, Domain],
    treatment: Treatment | None,
    encodings: Mapping[str, Sequence[str]],
    *,
    members: int,
    shadow_models: int,
    repeats: int,
    seed: int,
) -> Experiment:
    """Draw people and the members of each model, and give each model its view of them.

    Parameters
    ----------
    job : what a message calls the experiment.
    table : typed, not anonymized, with a target.
    domains : by the name of the quasi-identifier.
    treatment : None where the models learn from the original records.
    members : of each model; as many people are held out. There may be fewer of both.
    repeats : how many models are attacked.

    Raises
    ------
    UserError : there are too few people to learn from, or as the method.
    """
    order = make_generator(seed, "membership", "people").permutation(len(table.frame))
    people = table.frame.iloc[order[: 2 * members]].reset_index(drop=True)
    target = find_target(table.columns)
    labels, classes = pd.factorize(people[target], sort=True)
    if len(classes) < 2:
        raise UserError(
            f"{job}: the {len(people)} people drawn are all of one class of {target!r}, so there "
            "is nothing to learn; raise `membership.members`"
        )
    views = [
        _view_people(people, list(domains.values()), treatment, seed, model)
        for model in range(shadow_models + repeats)
    ]
    if any(len(view.learned) == 0 for view in views):
        raise UserError(
            f"{job}: none of the {views[0].is_member.sum()} members of an attacked model is left "
            "to learn from; delete less, or raise `membership.members`"
        )
    used = [column for column in table.columns if column.name != target]
    features = [
        group_questions(
            *(
                encode(records, used, encodings, domains).to_numpy()
                for records in (view.records, view.asked)
            )
        )
        for view in views
    ]
    return Experiment(views, features, labels, shadow_models)


def _view_people(
    people: pd.DataFrame,
    domains: Sequence[Domain],
    treatment: Treatment | None,
    seed: int,
    model: int,
) -> View:
    """Draw the members of a model, and return its view of the people."""
    is_member = draw_members(len(people), make_generator(seed, "membership", "members", model))
    if treatment is None:
        return view_original(people, is_member)
    method, k, deletion = treatment.method, treatment.k, treatment.deletion
    recoding = _anonymize(
        people[is_member],
        domains,
        treatment,
        make_generator(seed, "membership", "anonymize", method, k, model),
    )
    drawn = make_generator(seed, "membership", "sample", method, k, deletion, model)
    return view_release(people, is_member, domains, recoding, deletion, drawn)


def _anonymize(
    members: pd.DataFrame,
    domains: Sequence[Domain],
    treatment: Treatment,
    generator: np.random.Generator,
) -> Recoding:
    """Anonymize the members of a model; the result is verified."""
    try:
        wanted = [
            make_requirement(rule, members[rule["attribute"]]) for rule in treatment.requirements
        ]
    except UserError:
        # The whole table can meet what these few do not.
        anonymize = None
    else:
        anonymize = get_anonymizer(treatment.method, treatment.options, wanted)
    records = encode_records(members, domains)
    recoding = anonymize_members(anonymize, records, domains, treatment.k, generator)
    names = [domain.attribute for domain in domains]
    released = release_records(members, domains, recoding)
    verify_release(released, names, treatment.k, len(members))
    return recoding
