"""A classifier that learns from anonymized and sampled records alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from anonify.anomed.anonymization import anonymize_records, choose_seed
from anonify.anomed.arrays import Array
from anonify.anomed.boxes import build_boxes, find_boxes, label_boxes
from anonify.anomed.features import (
    Descriptions,
    check_features,
    check_people,
    describe_numbers,
    list_encodings,
    read_features,
    select_features,
)
from anonify.base.errors import UserError
from anonify.base.seeding import make_seed
from anonify.domains.domain import ShownDomain
from anonify.measures.classifiers import make_classifier
from anonify.measures.encoding import encode
from anonify.settings.classifiers import CLASSIFIERS
from anonify.tables.columns import describe_columns


class AnonymizedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Anonymize, delete and train in ``fit``; generalize and predict in ``predict``.

    What is kept of the training records are the boxes (:mod:`anonify.anomed.boxes`) and the fitted
    classifier.

    Parameters
    ----------
    method : of :data:`anonify.methods.METHODS`.
    k : smallest size of an equivalence class.
    deletion : per cent of each class that is deleted, ⌈deletion · size ÷ 100⌉ records.
    classifier : of :data:`anonify.settings.classifiers.CLASSIFIERS`.
    columns : description of the columns of X in their order, as ``columns`` of a dataset's
        description: roles, types, hierarchies, encodings. Targets and identifiers in it are no
        columns of X. Where it is None, every column is a number to be generalized to ranges.
    seed : of everything that is drawn; None for one that nobody knows.

    Examples
    --------
    >>> X = np.array([[1.0], [2.0], [8.0], [9.0]])
    >>> model = AnonymizedClassifier(k=2, classifier="decision_tree", seed=1)
    >>> model.fit(X, np.array([0, 0, 1, 1])).predict(np.array([[1.5], [100.0]]))
    array([0, 1])
    """

    def __init__(
        self,
        method: str = "mondrian",
        k: int = 5,
        deletion: int = 0,
        classifier: str = "random_forest",
        columns: Descriptions | None = None,
        seed: int | None = None,
    ) -> None:
        self.method = method
        self.k = k
        self.deletion = deletion
        self.classifier = classifier
        self.columns = columns
        self.seed = seed

    def fit(self, X: Array, y: Array) -> "AnonymizedClassifier":
        """Learn from records.

        Parameters
        ----------
        X : array (records, columns) of finite numbers; see :mod:`anonify.anomed.features`.
        y : array (records,), the class of each record.

        Raises
        ------
        UserError : a parameter is wrong, there are fewer than k records, or X does not fit the
            columns.
        ValueError : X or y is no such array, or the classifier can't learn from it.
        """
        if self.classifier not in CLASSIFIERS:
            raise UserError(
                f"`classifier` is {self.classifier!r}; choose from {', '.join(CLASSIFIERS)}"
            )
        X, y = validate_data(self, X, y, dtype="numeric")
        check_classification_targets(y)
        features = self._describe_features(X.shape[1])
        frame = read_features(X, features)
        seed = choose_seed(self.seed)
        anonymized = anonymize_records(frame, features, self.method, self.k, self.deletion, seed)
        domains = anonymized.domains
        boxes = build_boxes(anonymized.recoding, domains, features)
        self.features_ = features
        self.boxes_ = boxes
        self.box_features_ = _encode(label_boxes(boxes), features, domains)
        self.classes_ = np.unique(y)
        self.classifier_ = make_classifier(self.classifier, make_seed(seed, self.classifier))
        training = _encode(anonymized.release, features, domains)[anonymized.kept]
        self.classifier_.fit(training, y[anonymized.kept])
        return self

    def generalize(self, X: Array) -> npt.NDArray[np.float64]:
        """Array (records, columns): what the classifier sees of records.

        Raises
        ------
        UserError, ValueError : as :meth:`fit`.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype="numeric", reset=False)
        frame = read_features(X, self.features_)
        boxes = find_boxes(self.boxes_, frame)
        generalizations = {
            attribute.name: features[boxes]
            for attribute, features in zip(
                self.boxes_.attributes, self.box_features_.T, strict=True
            )
        }
        generalized = np.empty(X.shape)
        for place, name in enumerate(self.features_):
            generalized[:, place] = (
                generalizations[name]
                if name in generalizations
                else _encode(frame[[name]], self.features_, {})[:, 0]
            )
        return generalized

    def predict(self, X: Array) -> Array:
        """Array (records,): the predicted classes, of the type that y had.

        Raises
        ------
        UserError, ValueError : as :meth:`fit`.
        """
        generalized = self.generalize(X)
        predicted = self.classifier_.predict(generalized)
        return np.asarray(predicted).astype(self.classes_.dtype, copy=False)

    def validate_input(self, feature_array: Array) -> None:
        """Make sure that an array can be learned from and predicted.

        Raises
        ------
        UserError : as :func:`anonify.anomed.features.check_features`.
        """
        check_features(feature_array, self._describe_features(feature_array.shape[-1]))

    def _describe_features(self, width: int) -> dict[str, Mapping[str, Any]]:
        if self.columns is not None:
            check_people(self.columns)
            return select_features(self.columns)
        return describe_numbers(self.n_features_in_ if hasattr(self, "n_features_in_") else width)


def _encode(
    frame: pd.DataFrame, features: Descriptions, domains: Mapping[str, ShownDomain]
) -> npt.NDArray[np.float64]:
    """Encode the columns that a frame has, as the paper does."""
    columns = [column for column in describe_columns(features) if column.name in frame]
    encoded = encode(frame, columns, list_encodings(features), domains)
    return encoded.to_numpy(float)
