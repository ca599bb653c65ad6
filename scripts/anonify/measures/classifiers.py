"""Classifiers trained on original, anonymized and sampled data.

Source: the paper, Section 6.2.3 (Figures 10, 13, 14 and 15): scikit-learn's defaults, tables
encoded as numbers, three quarters for training.
"""

import importlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    precision_recall_fscore_support,
)
from sklearn.model_selection import train_test_split

# They are named by their paths: an edit of one reruns what learns by it.
import anonify.measures.samme
from anonify.base.errors import UserError
from anonify.base.seeding import make_seed
from anonify.base.words import METRICS
from anonify.disclosure.publishing import round_shares
from anonify.settings.classifiers import CLASSIFIERS, MAJORITY
from anonify.tables.typed import check_target

import anonify.measures.svm  # noqa: F401, isort: skip


def make_classifier(name: str, seed: int) -> Any:
    """Return a classifier that has learned nothing yet.

    Parameters
    ----------
    name : of :data:`anonify.settings.classifiers.CLASSIFIERS`, or ``majority``.
    seed : of 32 bits, for those that draw.

    Raises
    ------
    UserError : there is no such classifier.
    """
    known = {**CLASSIFIERS, "majority": MAJORITY}
    if name not in known:
        raise UserError(f"classifiers: there is no {name!r}; choose from {', '.join(known)}")
    module, _, title = known[name].path.rpartition(".")
    make = getattr(importlib.import_module(module), title)
    return make(random_state=seed) if known[name].is_random else make()


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
    The :data:`anonify.base.words.METRICS`, in per cent.

    Raises
    ------
    UserError : there is no such classifier, or as :func:`anonify.tables.typed.check_target`.
    """
    model = make_classifier(classifier, make_seed(seed, classifier))
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
    model.fit(train, train_target)
    return measure(test_target, model.predict(test), positive=positive)


def measure(
    truth: npt.NDArray[Any], prediction: npt.NDArray[Any], positive: Any
) -> dict[str, float]:
    """Return the :data:`anonify.base.words.METRICS` of predictions, in per cent.

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


def round_metrics(
    metrics: pd.DataFrame, target: "pd.Series[Any]", test_share: float, k: int
) -> pd.DataFrame:
    """Round metrics to k records, so that they do not count how a few are classified.

    Those of one class are shares of that class, and are rounded as for the smallest.

    Parameters
    ----------
    metrics : a row for each classifier, with the :data:`anonify.base.words.METRICS` in per cent.
    target : class of each record; ``test_share`` per cent of them were classified.
    """
    of_class = ["balanced_accuracy", "positive_precision", "positive_recall"]
    sizes = target.value_counts()
    smallest = int(sizes[sizes > 0].min() * test_share / 100)
    of_all = [name for name in metrics if name in METRICS and name not in of_class]
    rounded = round_shares(metrics, of_all, int(len(target) * test_share / 100), k)
    return round_shares(rounded, of_class, smallest, k)
