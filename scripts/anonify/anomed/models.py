"""Models that can be served, and files of them that run no code when they are read."""

import inspect
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import skops.io

from anonify.anomed.arrays import Array
from anonify.base.errors import UserError

# Beside these, skops trusts the types of NumPy, SciPy and scikit-learn that it knows to be safe.
TRUSTED = (
    "anonify.anomed.boxes.Attribute",
    "anonify.anomed.boxes.Boxes",
    "anonify.anomed.estimator.AnonymizedClassifier",
    "anonify.measures.samme.RealAdaBoostClassifier",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)

Validator = Callable[[Array], None]


def save_model(anonymizer: Any, filepath: str | Path) -> None:
    """Save a model as a file that holds no code (skops)."""
    skops.io.dump(anonymizer, filepath)


def load_model(filepath: str | Path) -> Any:
    """Load a model that :func:`save_model` saved.

    Raises
    ------
    UserError : the file is no such model, or needs a type that is not among :data:`TRUSTED`.
    """
    try:
        return skops.io.load(filepath, trusted=list(TRUSTED))
    except (zipfile.BadZipFile, TypeError, ValueError, KeyError, OSError) as error:
        raise UserError(
            f"{Path(filepath).name}: the file is no model that can be trusted "
            f"({' '.join(str(error).split())[:200]}); fit anew"
        ) from None


@dataclass(frozen=True)
class WrappedAnonymizer:
    """Anything with ``fit(X, y)`` and ``predict(X)``, ready to be served.

    Parameters
    ----------
    anonymizer : the model. It is never fitted itself, only copies of it are. ``predict`` may take
        a ``batch_size``; otherwise the records are handed to it in batches.
    serializer : writes a fitted model to a file, ``serializer(anonymizer, filepath)``; by default
        the model's own ``save``, or :func:`save_model` where it has none.
    feature_array_validator : raises a ValueError for an array that the model does not take; by
        default the model's own ``validate_input``, or none.

    Raises
    ------
    UserError : the model has no ``fit`` or no ``predict``.
    """

    anonymizer: Any
    serializer: Callable[[Any, str | Path], None] | None = None
    feature_array_validator: Validator | None = None

    def __post_init__(self) -> None:
        for name in ("fit", "predict"):
            if not callable(getattr(self.anonymizer, name, None)):
                raise UserError(
                    f"{type(self.anonymizer).__name__} has no method {name!r}; an anonymizer needs "
                    "`fit(X, y)` and `predict(X)`"
                )

    def save(self, fitted: Any, filepath: str | Path) -> None:
        """Write a fitted copy of the model to a file."""
        if self.serializer is not None:
            self.serializer(fitted, filepath)
        elif hasattr(fitted, "save"):
            fitted.save(filepath)
        else:
            save_model(fitted, filepath)

    def validate_input(self, feature_array: Array) -> None:
        """Make sure that the model takes an array of features.

        Raises
        ------
        UserError : it does not, is empty, has no columns, or holds what is not finite.
        """
        check_array(feature_array)
        validate = self.feature_array_validator or getattr(self.anonymizer, "validate_input", None)
        if validate is None:
            return
        try:
            validate(feature_array)
        except UserError:
            raise
        except (ValueError, TypeError, IndexError) as error:
            raise UserError(f"X does not fit the anonymizer: {error}") from None


def check_array(X: Array) -> None:
    """Make sure that an array can be one of features.

    Raises
    ------
    UserError : it has no record, fewer than two dimensions, or a number that is not finite.
    """
    if X.ndim < 2:
        raise UserError(
            f"X has {X.ndim} dimensions, the shape {X.shape}; it should have one row for each "
            "record, also where it is a single one"
        )
    if X.size == 0:
        raise UserError(f"X has the shape {X.shape}, so there is nothing to predict; send records")
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        place = tuple(int(index) for index in np.argwhere(~np.isfinite(X))[0])
        raise UserError(f"X holds {X[place]} at {place}; fill in or remove what is not finite")


def predict_in_batches(model: Any, X: Array, batch_size: int) -> Array:
    """Return the predictions of a model, which sees ``batch_size`` records at a time."""
    if "batch_size" in inspect.signature(model.predict).parameters:
        return np.asarray(model.predict(X, batch_size=batch_size))
    return np.concatenate(
        [model.predict(X[start : start + batch_size]) for start in range(0, len(X), batch_size)]
    )
