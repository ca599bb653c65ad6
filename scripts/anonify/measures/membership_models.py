"""What models say about people of whose records they learned, and about others.

Several models learn from the same kind of table, each with members of its own. The first of them
are the attacker's own shadow models; the others are attacked. An attacked model takes no part in
how another one is attacked, so that what is reached on each is independent of the others, given
the shadow models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from anonify.base.seeding import make_seed
from anonify.base.values import Codes
from anonify.measures.classifiers import make_classifier
from anonify.measures.membership import Flags, View

Scores = npt.NDArray[np.float64]

SURE = 0.005
"""Probabilities are kept this far from 0 and 1, so that their log-odds are numbers.

It is half a step of a forest of 100 trees: from 99 to 100 trees is then no further than between
others, where values closer to 1 would outweigh all else that the likelihood ratio compares.
"""


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
