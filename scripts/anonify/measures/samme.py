"""AdaBoost with real-valued votes (SAMME.R), which scikit-learn had until version 1.5."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_random_state

_SMALLEST = np.finfo(float).eps


class RealAdaBoostClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Boosted decision stumps that vote with the logarithms of their class probabilities.

    Source: Zhu, Zou, Rosset, Hastie, Multi-class AdaBoost, Statistics and Its Interface 2009,
    Algorithm 4, with a learning rate of 1. It was the default of scikit-learn's
    ``AdaBoostClassifier`` when the paper was written.

    Parameters
    ----------
    n_estimators : number of stumps.
    random_state : seed of the stumps, which matters where splits tie.
    """

    def __init__(self, n_estimators: int = 50, random_state: int | None = None) -> None:
        self.n_estimators = n_estimators
        self.random_state = random_state

    def fit(self, X: npt.NDArray[Any], y: npt.NDArray[Any]) -> "RealAdaBoostClassifier":
        """Learn from an array (records, features) and the class of each record."""
        random = check_random_state(self.random_state)
        X = _convert(X)
        self.classes_, codes = np.unique(y, return_inverse=True)
        # Each stump sorts them, which takes less time for small numbers.
        codes = codes.astype(np.min_scalar_type(len(self.classes_)))
        count = len(self.classes_)
        coding = np.where(y[:, np.newaxis] == self.classes_, 1.0, -1 / (count - 1))
        weight = np.full(len(y), 1 / len(y))
        self.estimators_ = []
        for _ in range(self.n_estimators):
            stump = DecisionTreeClassifier(max_depth=1, random_state=random.randint(2**31 - 1))
            stump.fit(X, codes, sample_weight=weight, check_input=False)
            self.estimators_.append(stump)
            probability = np.maximum(stump.predict_proba(X, check_input=False), _SMALLEST)
            weight = weight * np.exp(-(count - 1) / count * xlogy(coding, probability).sum(axis=1))
            weight /= weight.sum()
        return self

    def decision_function(self, X: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Array (records, classes): the votes for each class."""
        X = _convert(X)
        votes = np.zeros((len(X), len(self.classes_)))
        for stump in self.estimators_:
            logs = np.log(np.maximum(stump.predict_proba(X, check_input=False), _SMALLEST))
            votes += logs - logs.mean(axis=1, keepdims=True)
        return votes

    def predict(self, X: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the class of each record."""
        return np.asarray(self.classes_[self.decision_function(X).argmax(axis=1)])


def _convert(X: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Convert records once to what each stump would convert them to."""
    return np.ascontiguousarray(X, dtype=np.float32)
