"""The experiment on membership: draw people, give each model its view of them, attack all models.

What is drawn depends on the seed and on what it is drawn for alone, so that the same people are
members of the same models whatever is done to their records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.seeding import Seed, make_generator
from anonify.base.values import PERSON, Codes
from anonify.domains.domain import Domains
from anonify.measures.encoding import choose_features, encode, select_labelled
from anonify.measures.membership import (
    View,
    draw_members,
    view_original,
    view_release,
)
from anonify.measures.membership_attacks import attack_models
from anonify.measures.membership_models import Features, ask_models, group_questions
from anonify.recoding.requirements import UnreachableError
from anonify.recoding.tightening import LabelKind
from anonify.releases.anonymization import anonymize_table, suppress_table
from anonify.tables.columns import find_target
from anonify.tables.storage import Table


@dataclass(frozen=True)
class Treatment:
    """What is done to the members' records before a model learns from them.

    Parameters
    ----------
    k : smallest size of an equivalence class.
    deletion : per cent of each class that is deleted.
    options : of the method.
    requirements : what each class must meet besides, as configured.
    labels : what the classes show.
    """

    method: str
    k: int
    deletion: int
    options: Mapping[str, Any]
    requirements: Sequence[Mapping[str, Any]]
    labels: LabelKind


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
    domains: Domains,
    treatment: Treatment | None,
    encodings: Mapping[str, Sequence[str]],
    *,
    members: int,
    shadow_models: int,
    repeats: int,
    seed: Seed,
) -> Experiment:
    """Draw people and the members of each model, and give each model its view of them.

    Parameters
    ----------
    job : what a message calls the experiment.
    table : typed, not anonymized, with a target; records without one are left out.
    treatment : None where the models learn from the original records.
    members : of each model; as many people are held out. There may be fewer of both.
    repeats : how many models are attacked.

    Raises
    ------
    UserError : there are too few people to learn from, or as the method.
    """
    target = find_target(table.columns)
    labelled = select_labelled(table.frame, target)
    order = make_generator(seed, "membership", "people").permutation(len(labelled))
    drawn = labelled.iloc[order]
    if PERSON in drawn:
        # One record each: it is people who are members or not.
        drawn = drawn.drop_duplicates(PERSON).drop(columns=PERSON)
    people = drawn.iloc[: 2 * members].reset_index(drop=True)
    labels, classes = pd.factorize(people[target], sort=True)
    if len(classes) < 2:
        raise UserError(
            f"{job}: the {len(people)} people drawn are all of one class of {target!r}, so there "
            "is nothing to learn; raise `membership.members`"
        )
    views = [
        view_people(people, domains, treatment, seed, model)
        for model in range(shadow_models + repeats)
    ]
    if any(len(view.learned) == 0 for view in views):
        raise UserError(
            f"{job}: none of the {views[0].is_member.sum()} members of an attacked model is left "
            "to learn from; delete less, or raise `membership.members`"
        )
    used = choose_features(table.columns, "all")
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


def view_people(
    people: pd.DataFrame, domains: Domains, treatment: Treatment | None, seed: Seed, model: int
) -> View:
    """Draw the members of a model, and return its view of the people.

    Parameters
    ----------
    treatment : None where the model learns from the original records.
    model : number of the model, from 0.
    """
    is_member = draw_members(len(people), make_generator(seed, "membership", "members", model))
    if treatment is None:
        return view_original(people, is_member)
    method, k, deletion = treatment.method, treatment.k, treatment.deletion
    members = people[is_member]
    try:
        release = anonymize_table(
            members,
            domains,
            method,
            k,
            make_generator(seed, "membership", "anonymize", method, k, model),
            options=treatment.options,
            requirements=treatment.requirements,
            labels=treatment.labels,
        )
    except UnreachableError:
        # The whole table can be released where these few can't.
        release = suppress_table(members, domains)
    drawn = make_generator(seed, "membership", "sample", method, k, deletion, model)
    return view_release(people, is_member, domains, release, deletion, drawn)
