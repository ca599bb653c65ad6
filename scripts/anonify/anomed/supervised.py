"""The server of an anonymizer for supervised learning."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import falcon

from anonify.anomed.arrays import (
    Array,
    Limits,
    Unfit,
    measure_arrays,
    read_arrays,
    write_arrays,
)
from anonify.anomed.challenge import fetch, hand_in
from anonify.anomed.memory import Memory
from anonify.anomed.messages import (
    answer_created,
    get_batch_size,
    get_data_split,
    log_details,
    make_application,
    read_body,
    read_fitted,
    refusing,
)
from anonify.anomed.models import (
    Refused,
    SupervisedLearningAnonymizer,
    WrappedAnonymizer,
    check_array,
    load_model,
    predict_in_batches,
    wrap,
)
from anonify.anomed.openapi import describe_supervised
from anonify.anomed.records import list_records
from anonify.anomed.state import FITS, State, describe_maker
from anonify.base.errors import UserError


def supervised_learning_anonymizer_server_factory(
    anonymizer_identifier: str,
    anonymizer_obj: WrappedAnonymizer | SupervisedLearningAnonymizer,
    model_filepath: str | Path,
    default_batch_size: int,
    training_data_url: str,
    tuning_data_url: str,
    validation_data_url: str,
    utility_evaluation_url: str,
    model_loader: Callable[[str | Path], Any] = load_model,
    download_timeout: float = 10.0,
    upload_timeout: float = 10.0,
    limits: Limits = Limits(),  # noqa: B008
    fits_per_minute: int = FITS,
) -> falcon.App[Any, Any]:
    """Return the server of an anonymizer for supervised learning, for gunicorn.

    Name and parameters are those of the AnoMed platform's documentation; ``model_loader`` may be
    left out here; ``limits`` and ``fits_per_minute`` are ours.

    Parameters
    ----------
    anonymizer_identifier : the name by which the challenge knows the anonymizer.
    anonymizer_obj : the unfitted model, in a :class:`anonify.anomed.WrappedAnonymizer` or with
        ``fit``, ``predict``, ``save`` and ``validate_input`` of its own.
    model_filepath : where the fitted model is kept; all workers serve what it holds.
    default_batch_size : records that are predicted at a time, also where a request wants more.
    training_data_url, tuning_data_url, validation_data_url : where the challenge gives its data.
    utility_evaluation_url : where it scores predictions.
    model_loader : reads what the ``serializer`` of the model writes.
    download_timeout, upload_timeout : seconds, for the whole of an answer.
    limits : of what is taken from others.
    fits_per_minute : at most, of all workers together.
    """
    server = _Server(
        anonymizer_identifier,
        wrap(anonymizer_obj),
        State(model_filepath, model_loader, fits_per_minute),
        default_batch_size,
        training_data_url,
        {"tuning": tuning_data_url, "validation": validation_data_url},
        utility_evaluation_url,
        download_timeout,
        upload_timeout,
        limits,
        Memory(limits.expanded),
    )
    return make_application(server, ("fit", "evaluate", "predict"), describe_supervised())


@dataclass(frozen=True)
class _Server:
    """What the routes share; see :func:`supervised_learning_anonymizer_server_factory`."""

    identifier: str
    anonymizer: WrappedAnonymizer
    state: State[Any]
    batch_size: int
    training_url: str
    split_urls: Mapping[str, str]
    utility_url: str
    download_timeout: float
    upload_timeout: float
    limits: Limits
    memory: Memory

    def on_post_fit(self, request: falcon.Request, response: falcon.Response) -> None:
        """Fit a copy of the anonymizer to the challenge's training data, and serve it from now.

        What was fitted to the same records is kept: many fits with other draws would together show
        the records that each of them left out.
        """
        # One at a time in all workers, so what it takes is beside the memory of other messages.
        with self.state.renewing():
            content = fetch(self.training_url, self.download_timeout, self.limits)
            with refusing(f"what {self.training_url} answered"):
                arrays = read_arrays(content, ("X", "y"), self.limits)
            with refusing("the training data"):
                self._check_training(arrays["X"], arrays["y"])
                made_of = [*describe_maker(self.anonymizer.anonymizer), *list_records(arrays)]
            if not self.state.is_made_of(made_of):
                fitted = self.anonymizer.copy()
                with refusing("the training data"):
                    fitted.fit(arrays["X"], arrays["y"])
                self.state.replace(fitted.save, made_of)
        answer_created(response, {"message": "Fitting has been completed successfully."})

    def on_post_predict(self, request: falcon.Request, response: falcon.Response) -> None:
        """Predict the records of the body."""
        # What is in memory at a time is not for others to decide.
        batch_size = min(get_batch_size(request, self.batch_size), self.batch_size)
        # First, so that the body is read whatever the answer is.
        content = read_body(request, self.limits)
        model = self._get_model()

        def predict(X: Array) -> bytes:
            check_array(X, least_dimensions=1)
            try:
                self.anonymizer.validate_input(X)
            except Refused as error:  # By what a client sent, so its author's words may be told.
                raise Unfit(str(error)) from None
            return write_arrays(prediction=_predict(model, X, batch_size))

        response.data = self._work_on(content, predict)
        response.status = falcon.HTTP_CREATED
        response.content_type = "application/octet-stream"

    def on_post_evaluate(self, request: falcon.Request, response: falcon.Response) -> None:
        """Predict one split of the challenge's data, and hand the predictions in."""
        split = get_data_split(request)
        model = self._get_model()
        content = fetch(self.split_urls[split], self.download_timeout, self.limits)

        def predict(X: Array) -> bytes:
            with refusing(f"the {split} data"):
                check_array(X, least_dimensions=1)
                self.anonymizer.validate_input(X)
                return write_arrays(prediction=_predict(model, X, self.batch_size))

        with refusing(f"what {self.split_urls[split]} answered"):
            prediction = self._work_on(content, predict)
        evaluation = hand_in(
            self.utility_url,
            {"anonymizer": self.identifier, "data_split": split},
            self.upload_timeout,
            data=prediction,
        )
        message = f"The anonymizer has been evaluated based on {split} data."
        answer_created(response, {"message": message, "evaluation": evaluation})

    def _check_training(self, X: Array, y: Array) -> None:
        check_array(X, least_dimensions=1)
        self.anonymizer.validate_input(X)
        if y.ndim == 0 or len(X) != len(y):
            raise Unfit(
                f"inconsistent numbers of samples, X of the shape {X.shape}, y of {y.shape}; "
                "give each record one class"
            )

    def _work_on(self, content: bytes, work: Callable[[Array], bytes]) -> bytes:
        """Return what comes of the array X, which is gone when its memory is free for others."""
        with self.memory.taking(measure_arrays(content, ("X",), self.limits)):
            return work(read_arrays(content, ("X",), self.limits)["X"])

    def _get_model(self) -> Any:
        return read_fitted(self.state, "The anonymizer is not fitted yet; POST /fit first.")


def _predict(model: Any, X: Array, batch_size: int) -> Array:
    learned = getattr(getattr(model, "anonymizer", model), "n_features_in_", None)
    if X.ndim == 2 and learned not in (None, X.shape[1]):
        raise Unfit(
            f"X does not fit the anonymizer: it has {X.shape[1]} features, and the model is "
            f"expecting {learned} features"
        )
    try:
        return predict_in_batches(model, X, batch_size)
    except UserError:
        raise
    except (ValueError, TypeError, LookupError) as error:
        log_details(f"{type(error).__name__}: {error}")
        raise Unfit(
            f"X does not fit the anonymizer, with the shape {X.shape} and numbers of the type "
            f"{X.dtype}; the server's log says why"
        ) from None
