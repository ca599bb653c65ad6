"""Membership inference: does a classifier give away whose records it learned from?

Members are the people of the table that is anonymized, also those whose records are deleted
afterwards; non-members were held out of everything. The attacker knows a person's whole record,
quasi-identifiers and class included, and asks the classifier about it. Members and non-members are
asked about by the same rule: with the narrowest class of the anonymized table that covers their
quasi-identifiers.

Several models learn from the same kind of table, each with members of its own. The first of them
are the attacker's own shadow models; the others are attacked. An attacked model takes no part in
how another one is attacked, so that what is reached on each is independent of the others, given
the shadow models.

:mod:`anonify.measures.membership_attacks` has the attacks, and what they reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.seeding import make_seed
from anonify.base.values import Codes
from anonify.domains.domain import Domain, Domains, encode_records
from anonify.measures.classifiers import make_classifier
from anonify.recoding.recoding import Recoding, roots
from anonify.releases.anonymization import Anonymized
from anonify.releases.recode import release_records
from anonify.releases.sampling import sample
from anonify.tables.classes import count_classes, group

Scores = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SURE = 0.005
"""Probabilities are kept this far from 0 and 1, so that their log-odds are numbers.

It is half a step of a forest of 100 trees: from 99 to 100 trees is then no further than between
others, where values closer to 1 would outweigh all else that the likelihood ratio compares.
"""


# Members, and how the classifier is asked about a person


def draw_members(people: int, generator: np.random.Generator) -> Flags:
    """Array (people,): who is a member; half of the people, or one less than the others."""
    is_member = np.zeros(people, dtype=bool)
    is_member[generator.permutation(people)[: people // 2]] = True
    return is_member


def generalize(records: Codes, recoding: Recoding, domains: Domains) -> Recoding:
    """Recode records by a table that was anonymized: by its narrowest class that covers them.

    Parameters
    ----------
    records : array (records, d) of leaves, whether they are in the table or not.
    recoding : of the table.

    Returns
    -------
    For each record the class of least NCP that covers all its values; the first in order where
    several are equal. Where no class does, the record is suppressed.
    """
    classes = group(recoding.nodes[~recoding.is_suppressed]).tuples
    groups = group(records)
    in_order = list(domains.values())
    found = _find_narrowest(groups.tuples, classes, in_order)[groups.members]
    nodes = np.vstack([classes, roots(in_order)])[found]
    return Recoding(nodes, found == len(classes))


@dataclass(frozen=True)
class View:
    """What a model learns from, and how it is asked about people.

    Parameters
    ----------
    is_member : array (people,), whether the person is in the table before deletion.
    learned : array (records,), whose records the model learns from, as places among the people.
    records : frame (records, columns), these records.
    asked : frame (people, columns), the record with which the model is asked about each person.
    """

    is_member: Flags
    learned: Codes
    records: pd.DataFrame
    asked: pd.DataFrame


def view_original(people: pd.DataFrame, is_member: Flags) -> View:
    """Return the view of a model that learns from the members' records as they are."""
    return View(is_member, np.flatnonzero(is_member), people[is_member], people)


def view_release(
    people: pd.DataFrame,
    is_member: Flags,
    domains: Domains,
    release: Anonymized,
    deletion: int,
    generator: np.random.Generator,
) -> View:
    """Return the view of a model that learns from what is released of the members' records.

    Parameters
    ----------
    people : frame (people, columns).
    is_member : array (people,).
    release : of the members.
    deletion : per cent of each equivalence class that is deleted.
    """
    kept = sample(count_classes(release.frame, list(domains)).members, deletion, generator)
    asked = generalize(encode_records(people, domains), release.recoding, domains)
    return View(
        is_member,
        np.flatnonzero(is_member)[kept],
        release.frame.iloc[kept],
        release_records(people, domains, asked),
    )


def _find_narrowest(tuples: Codes, classes: Codes, domains: Sequence[Domain]) -> Codes:
    """Array (tuples,): the narrowest class that covers each; the number of classes for none."""
    found = np.full(len(tuples), len(classes), dtype=np.intp)
    columns = list(zip(domains, tuples.T, classes.T, strict=True))
    covers = [_find_covered(domain, nodes) for domain, _, nodes in columns]
    ncp = np.mean([domain.ncp_of(nodes) for domain, _, nodes in columns], axis=0)
    # The widest class first: what is narrower takes its place.
    for place in np.argsort(ncp, kind="stable")[::-1]:
        is_covered = np.all(
            [
                by_node[int(nodes[place])][leaves]
                for by_node, (_, leaves, nodes) in zip(covers, columns, strict=True)
            ],
            axis=0,
        )
        found[is_covered] = place
    return found


def _find_covered(domain: Domain, nodes: Codes) -> dict[int, Flags]:
    """Return for each node which leaves of its domain lie below it: array (leaves,)."""
    leaves = np.arange(domain.leaf_count)
    return {
        node: domain.join(leaves, np.full(len(leaves), node)) == node
        for node in np.unique(nodes).tolist()
    }


# What models say about people


@dataclass(frozen=True)
class Answers:
    """What models of one kind say about the same people.

    Parameters
    ----------
    scores : array (models, people, classes), how much each class is believed in.
    labels : array (people,), the class that each person is of, as its place among the classes.
    is_member : array (models, people), whether the person is in the table before deletion.
    is_learned : array (models, people), whether the model learned from the person's record.
    shadows : how many of the models, the first ones, are the attacker's own.
    """

    scores: Scores
    labels: Codes
    is_member: Flags
    is_learned: Flags
    shadows: int

    @property
    def confidences(self) -> Scores:
        """Array (models, people): how much each person's own class is believed in."""
        return self.scores[:, np.arange(len(self.labels)), self.labels]


def learn(classifier: str, features: Scores, target: npt.NDArray[Any], seed: int) -> Any:
    """Return a classifier that has learned from records.

    Where all are of one class it is the majority class, for some classifiers refuse to learn that.

    Parameters
    ----------
    features : array (records, features).
    target : array (records,), the class of each.
    """
    is_one_class = len(np.unique(target)) < 2
    made = make_classifier("majority" if is_one_class else classifier, seed)
    return made.fit(features, target)


@dataclass(frozen=True)
class Features:
    """The numbers that stand for the records of a view.

    Parameters
    ----------
    learned : array (records, features), what the model learns from.
    distinct : array (questions, features), what it is asked about; people of the same record once.
    question : array (people,), the place of each person's question.
    """

    learned: Scores
    distinct: Scores
    question: Codes


def group_questions(learned: Scores, asked: Scores) -> Features:
    """Group the people about whom a model is asked alike: after anonymization there are many.

    Parameters
    ----------
    learned : array (records, features).
    asked : array (people, features).
    """
    distinct, question = np.unique(asked, axis=0, return_inverse=True)
    return Features(learned, distinct, question.ravel())


def ask_models(
    views: Sequence[View],
    features: Sequence[Features],
    labels: Codes,
    classifier: str,
    shadows: int,
    seed: int,
) -> Answers:
    """Let a classifier learn from each view, and ask it about all people.

    Parameters
    ----------
    features : of each view.
    labels : array (people,), the class that each person is of, as a number from 0.
    shadows : how many of the models, the first ones, are the attacker's own.
    seed : what the classifiers are seeded with, if they draw.
    """
    classes = np.arange(labels.max() + 1)
    is_learned = np.zeros((len(views), len(labels)), dtype=bool)
    scores = []
    for model, (view, shown) in enumerate(zip(views, features, strict=True)):
        is_learned[model, view.learned] = True
        target = labels[view.learned]
        learned = learn(classifier, shown.learned, target, make_seed(seed, classifier, model))
        scores.append(score(learned, shown.distinct, classes)[shown.question])
    is_member = np.stack([view.is_member for view in views])
    return Answers(np.stack(scores), labels, is_member, is_learned, shadows)


def score(model: Any, features: Scores, classes: npt.NDArray[Any]) -> Scores:
    """Return how much a model believes in each class of each record.

    That is the logarithm of the odds, log(p / (1 − p)), of a model that tells probabilities p,
    and the decision value of one that tells none, such as a support vector machine: probabilities
    would cost it a cross-validation, and say the same in the same order. A model that tells
    neither believes in the class that it predicts.

    Parameters
    ----------
    features : array (records, features).
    classes : array (classes,); the model may have learned of fewer.

    Returns
    -------
    Array (records, classes), lowest where the model does not know the class.
    """
    if hasattr(model, "predict_proba"):
        odds = np.clip(model.predict_proba(features), SURE, 1 - SURE)
        values = np.log(odds / (1 - odds))
    elif hasattr(model, "decision_function"):
        values = np.asarray(model.decision_function(features), dtype=float)
        values = np.column_stack([-values, values]) if values.ndim == 1 else values
    else:
        values = (model.predict(features)[:, np.newaxis] == model.classes_).astype(float)
    found = np.full((len(features), len(classes)), -np.abs(values).max())
    found[:, np.searchsorted(classes, model.classes_)] = values
    return found
