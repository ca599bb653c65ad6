"""Classifiers trained on original, anonymized and sampled data.

Source: the paper, Section 6.2.3 (Figures 10, 13, 14 and 15): scikit-learn's defaults, tables
encoded as numbers, three quarters for training.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    precision_recall_fscore_support,
)
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from anonify.base.errors import UserError
from anonify.base.seeding import make_seed
from anonify.measures.samme import RealAdaBoostClassifier
from anonify.tables.typed import check_target


@dataclass(frozen=True)
class Classifier:
    """A classifier's title in figures, and how to make one from a 32-bit seed."""

    title: str
    make: Callable[[int], Any]


CLASSIFIERS = {
    "naive_bayes": Classifier("Naive Bayes", lambda seed: GaussianNB()),
    "decision_tree": Classifier(
        "Decision Tree", lambda seed: DecisionTreeClassifier(random_state=seed)
    ),
    "knn": Classifier("KNN", lambda seed: KNeighborsClassifier(n_neighbors=5)),
    "svm": Classifier("SVM", lambda seed: SVC()),
    "random_forest": Classifier(
        "Random Forest", lambda seed: RandomForestClassifier(random_state=seed)
    ),
    "logistic_regression": Classifier("Logistic Regression", lambda seed: LogisticRegression()),
    "adaboost": Classifier("AdaBoost", lambda seed: AdaBoostClassifier(random_state=seed)),
    "adaboost_samme_r": Classifier(
        "AdaBoost (SAMME.R)", lambda seed: RealAdaBoostClassifier(random_state=seed)
    ),
    "bagging": Classifier("Bagging", lambda seed: BaggingClassifier(random_state=seed)),
    "majority": Classifier("Majority class", lambda seed: DummyClassifier()),
}

METRICS = {
    "accuracy": "Accuracy",
    "precision": "Weighted precision",
    "recall": "Weighted recall",
    "f1": "Weighted F1",
    "balanced_accuracy": "Balanced accuracy",
    "positive_precision": "Precision of the positive class",
    "positive_recall": "Recall of the positive class",
}
"""Metrics by name, with their axis labels; all in per cent."""


def evaluate(
    features: pd.DataFrame,
    target: "pd.Series[Any]",
    classifier: str,
    *,
    test_share: float,
    split_seed: int,
    seed: int,
    positive: Any = None,
    order_seed: int | None = None,
) -> dict[str, float]:
    """Train on a part of the records and measure on the rest.

    Parameters
    ----------
    features : frame (records, features) of numbers.
    target : class of each record.
    test_share : per cent of the records that are kept for the test.
    split_seed : what the split is drawn by; the paper uses 35.
    seed : what the classifier is seeded with, if it draws.
    positive : the positive class; the last in order where it is None.
    order_seed : the training records are shuffled by it where it is given. That tells what
        depends on their order alone: ties of KNN, and where an unfinished optimization stops.

    Returns
    -------
    The :data:`METRICS`, in per cent.

    Raises
    ------
    UserError : there is no such classifier, or as :func:`anonify.tables.typed.check_target`.
    """
    if classifier not in CLASSIFIERS:
        raise UserError(
            f"classifiers: there is no {classifier!r}; choose from {', '.join(CLASSIFIERS)}"
        )
    check_target(target, positive)
    if positive is None:
        positive = target.max()
    train, test, train_target, test_target = train_test_split(
        features.to_numpy(), target.to_numpy(), test_size=test_share / 100, random_state=split_seed
    )
    if len(np.unique(train_target)) < 2:
        raise UserError(
            f"target {target.name!r}: all records to learn from are of one class; take a larger "
            "table or another `split_seed`"
        )
    if order_seed is not None:
        order = np.random.default_rng(order_seed).permutation(len(train))
        train, train_target = train[order], train_target[order]
    model = CLASSIFIERS[classifier].make(make_seed(seed, classifier)).fit(train, train_target)
    return measure(test_target, model.predict(test), positive=positive)


def measure(
    truth: npt.NDArray[Any], prediction: npt.NDArray[Any], positive: Any
) -> dict[str, float]:
    """Return the :data:`METRICS` of predictions, in per cent.

    Parameters
    ----------
    positive : the class that the metrics of the positive class are about.
    """
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, prediction, average="weighted", zero_division=0
    )
    positive_precision, positive_recall, _, _ = precision_recall_fscore_support(
        truth, prediction, labels=[positive], average=None, zero_division=0
    )
    values = {
        "accuracy": accuracy_score(truth, prediction),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "balanced_accuracy": balanced_accuracy_score(truth, prediction),
        "positive_precision": positive_precision[0],
        "positive_recall": positive_recall[0],
    }
    return {name: 100 * float(value) for name, value in values.items()}
