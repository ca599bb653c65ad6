"""Classifiers trained on original, anonymized and sampled data.

Source: the paper, Section 6.2.3 (Figures 10, 13, 14 and 15): scikit-learn's defaults, tables
encoded as numbers, three quarters for training.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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

from anonify.dataset import Column, check_target
from anonify.domain import Domain
from anonify.errors import UserError
from anonify.hierarchy import MISSING, ROOT, is_number, number_of, parse_interval
from anonify.ranges import parse_range
from anonify.samme import RealAdaBoostClassifier
from anonify.seeding import make_seed


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


def encode(
    frame: pd.DataFrame,
    columns: Iterable[Column],
    encodings: Mapping[str, Sequence[str]],
    domains: Mapping[str, Domain],
) -> pd.DataFrame:
    """Encode a table as numbers.

    Categories become their place in ``encodings``, or in the alphabet where there is none, dates
    their days since 1970. A quasi-identifier that is a number stays what it is, an interval
    becomes its middle and ``*`` becomes 0, as in the original evaluation. A label that says no
    numbers, and that of dates, becomes the middle of the values below it.

    Parameters
    ----------
    domains : by the name of the quasi-identifier.

    Raises
    ------
    UserError : a value is in no encoding, or stands for no number.
    """
    return pd.DataFrame(
        {
            column.name: _encode(frame[column.name], column, encodings, domains.get(column.name))
            for column in columns
        }
    )


def _encode(
    values: "pd.Series[Any]",
    column: Column,
    encodings: Mapping[str, Sequence[str]],
    domain: Domain | None,
) -> npt.NDArray[np.float64]:
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return values.to_numpy(float)
    labels = [str(label) for label in values.cat.categories]
    if column.type == "category":
        order = list(encodings.get(column.name, sorted(labels)))
        numbers = [_find_place(label, order, column.name) for label in labels]
    elif column.type == "date":
        numbers = [
            _find_middle_below(label, domain, column.name) if domain else number_of(label)
            for label in labels
        ]
    else:
        numbers = [_find_middle(label, domain, column.name) for label in labels]
    return np.array(numbers, dtype=float)[values.cat.codes.to_numpy()]


def _find_place(label: str, order: list[str], name: str) -> float:
    if label not in order:
        raise UserError(
            f"column {name!r}: {label!r} is not in its encoding; add it to `encoding` in the "
            "dataset's configuration"
        )
    return float(order.index(label))


def _find_middle(label: str, domain: Domain | None, name: str) -> float:
    if label in (ROOT, MISSING):
        return 0.0
    interval = parse_interval(label) or parse_range(label)
    if interval:
        return sum(interval) / 2
    return float(label) if is_number(label) else _find_middle_below(label, domain, name)


def _find_middle_below(label: str, domain: Domain | None, name: str) -> float:
    node = domain.find_nodes([label]) if domain else np.array([-1])
    if domain is None or domain.is_over_text or node[0] < 0:
        raise UserError(
            f"column {name!r}: {label!r} is neither a number nor an interval; correct its hierarchy"
        )
    bounds = domain.bounds_of(node)[0]
    return float(bounds.mean()) if np.isfinite(bounds).all() else 0.0


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
    UserError : there is no such classifier, or as :func:`anonify.dataset.check_target`.
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
