"""Models that can be served, and files of them that run no code when they are read."""

import copy
import inspect
import os
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import skops.io

from anonify.anomed.arrays import PIECE, Array, Unfit
from anonify.base.errors import UserError

# Beside these, skops trusts the types of NumPy, SciPy and scikit-learn that it knows to be safe.
TRUSTED = (
    "anonify.anomed.boxes.Attribute",
    "anonify.anomed.boxes.Boxes",
    "anonify.anomed.estimator.AnonymizedClassifier",
    "anonify.measures.samme.RealAdaBoostClassifier",
    "anonify.measures.svm.SupportVectorClassifier",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)

Validator = Callable[[Array], None]


def save_model(anonymizer: Any, filepath: str | Path) -> None:
    """Save a model, or the one in a wrapper, as a file that holds no code (skops)."""
    is_wrapped = isinstance(anonymizer, WrappedAnonymizer)
    skops.io.dump(anonymizer.anonymizer if is_wrapped else anonymizer, filepath)


def load_model(filepath: str | Path) -> Any:
    """Load a model that :func:`save_model` saved.

    Raises
    ------
    Unfit : the file is no such model, or needs a type that is not among :data:`TRUSTED`.
    """
    try:
        return skops.io.load(filepath, trusted=list(TRUSTED))
    except (zipfile.BadZipFile, TypeError, ValueError, KeyError, OSError) as error:
        raise Unfit(
            f"{Path(filepath).name}: the file is no model that can be trusted "
            f"({' '.join(str(error).split())[:200]}); fit anew"
        ) from None


def pickle_anonymizer(anonymizer: Any, filepath: str | Path) -> None:
    """Save any model as a pickle, which only its owner can read.

    Whoever can write the file can run code where it is loaded: :func:`save_model` is safer.
    """
    path = Path(filepath)
    path.touch(0o600)
    path.chmod(0o600)
    path.write_bytes(pickle.dumps(anonymizer))


def unpickle_anonymizer(filepath: str | Path) -> Any:
    """Load a model that :func:`pickle_anonymizer` saved.

    Other than on the platform's page, the file must be of the user who runs this, and writable by
    nobody else.

    Raises
    ------
    Unfit : it is not.
    UserError : it is no pickle.
    """
    with Path(filepath).open("rb") as file:
        status = os.fstat(file.fileno())
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            raise Unfit(
                f"{Path(filepath).name}: others can write the file, so it is no model that can be "
                "trusted; fit anew"
            )
        try:
            return pickle.load(file)
        except (pickle.UnpicklingError, EOFError, AttributeError, ImportError) as error:
            raise UserError(f"{Path(filepath).name}: it can't be read ({error})") from None


class SupervisedLearningAnonymizer(Protocol):
    """What the server of a classifier serves; the platform's base class of that name."""

    def fit(self, X: Array, y: Array) -> Any:
        """Learn from records."""

    def predict(self, X: Array, batch_size: int | None = None) -> Array:
        """Predict records."""

    def save(self, filepath: str | Path) -> None:
        """Write the fitted model to a file."""

    def validate_input(self, feature_array: Array) -> None:
        """Raise a ValueError for an array that the model does not take."""


class NotOfferedError(UserError, NotImplementedError):
    """An anonymizer lacks a method that it needs."""


@dataclass(frozen=True)
class WrappedAnonymizer:
    """Anything with ``fit(X, y)`` and ``predict(X)``, ready to be served.

    Parameters
    ----------
    anonymizer : the model. ``predict`` may take a ``batch_size``; otherwise the records are handed
        to it in batches. A server never fits it itself, but copies of it.
    serializer : writes this wrapper, with its model, to a file, ``serializer(wrapper, filepath)``,
        where the model has no ``save``; by default :func:`save_model`, which writes the model.
    feature_array_validator : raises a ValueError for an array that the model does not take, where
        the model has no ``validate_input``; by default there is none.

    Raises
    ------
    NotOfferedError : the model has no ``fit`` or no ``predict``.
    """

    anonymizer: Any
    serializer: Callable[[Any, str | Path], None] | None = None
    feature_array_validator: Validator | None = None

    def __post_init__(self) -> None:
        for name in ("fit", "predict"):
            if not callable(getattr(self.anonymizer, name, None)):
                raise NotOfferedError(
                    f"{type(self.anonymizer).__name__} has no method {name!r}; an anonymizer needs "
                    "`fit(X, y)` and `predict(X)`"
                )

    def copy(self) -> "WrappedAnonymizer":
        """Return a copy that can be fitted without touching this one."""
        return replace(self, anonymizer=copy.deepcopy(self.anonymizer))

    def fit(self, X: Array, y: Array) -> None:
        """Have the model learn from records."""
        self.anonymizer.fit(X, y)

    def predict(self, X: Array, batch_size: int | None = None) -> Array:
        """Return the predictions of the model, which sees ``batch_size`` records at a time."""
        return predict_in_batches(self.anonymizer, X, batch_size)

    def save(self, filepath: str | Path) -> None:
        """Write the model to a file."""
        if hasattr(self.anonymizer, "save"):
            self.anonymizer.save(filepath)
        else:
            (self.serializer or save_model)(self, filepath)

    def validate_input(self, feature_array: Array) -> None:
        """Make sure that the model takes an array of features.

        Raises
        ------
        Unfit : there is no validator, and it is no array of features, see :func:`check_array`.
        Refused : the validator does not take it.
        """
        own = getattr(self.anonymizer, "validate_input", None)
        validate = own or self.feature_array_validator
        if validate is None:
            check_array(feature_array)
            return
        try:
            validate(feature_array)
        except UserError:
            raise
        except (ValueError, TypeError, IndexError) as error:
            raise Refused(f"X does not fit the anonymizer: {error}") from None


class Refused(UserError):  # noqa: N818
    """A validator does not take an array; the message is its author's."""


def wrap(anonymizer: Any) -> WrappedAnonymizer:
    """Return what has ``fit`` and ``predict`` as a :class:`WrappedAnonymizer`, if it is none."""
    is_wrapped = isinstance(anonymizer, WrappedAnonymizer)
    return anonymizer if is_wrapped else WrappedAnonymizer(anonymizer)


def check_array(X: Array, least_dimensions: int = 2) -> None:
    """Make sure that an array can be one of features.

    Raises
    ------
    Unfit : it has no record, too few dimensions, or numbers that are not finite.
    """
    if X.ndim < least_dimensions:
        raise Unfit(
            f"X has {X.ndim} dimensions, the shape {X.shape}; it should have one row for each "
            "record, also where it is a single one"
        )
    if X.size == 0:
        raise Unfit(f"X has the shape {X.shape}, so there is nothing to predict; send records")
    # Without a further array as long as X, where it is as it should be.
    if X.dtype.kind == "f" and not np.isfinite([X.min(), X.max()]).all():
        rows = X.reshape(-1, X.shape[-1]) if X.ndim > 1 else X[:, np.newaxis]
        pieces = batch_views(rows, max(1, PIECE // rows.shape[1]))
        wrong = np.sum([(~np.isfinite(piece)).sum(axis=0) for piece in pieces], axis=0)
        columns = np.flatnonzero(wrong) + 1
        listed = ", ".join(map(str, columns[:10])) + (", …" if len(columns) > 10 else "")
        raise Unfit(
            f"X holds {wrong.sum()} numbers that are not finite, in column {listed}; fill them in "
            "or remove them"
        )


def batch_views(array: Array, batch_size: int | None) -> list[Array]:
    """Cut an array into batches, which are views of it; the last one may be smaller.

    Without a ``batch_size``, or where the array is no longer, it is one batch; where that is no
    number from 1, there is none.

    >>> [len(batch) for batch in batch_views(np.arange(5), 2)]
    [2, 2, 1]
    """
    if batch_size is None or batch_size >= len(array):
        return [array]
    if batch_size < 1:
        return []
    return [array[start : start + batch_size] for start in range(0, len(array), batch_size)]


def predict_in_batches(model: Any, X: Array, batch_size: int | None) -> Array:
    """Return the predictions of a model, which sees ``batch_size`` records at a time."""
    if "batch_size" in inspect.signature(model.predict).parameters:
        return np.asarray(model.predict(X, batch_size=batch_size))
    return np.concatenate([model.predict(batch) for batch in batch_views(X, batch_size)])
