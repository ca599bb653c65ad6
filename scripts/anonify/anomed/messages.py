"""How our servers answer: JSON, and errors that say what is wrong and what to do.

What a client is told names columns and counts, never a value of the data: the message of an
:class:`anonify.anomed.arrays.Unfit`. Whatever else was raised goes to the log, ``anonify.anomed``.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import falcon

from anonify.anomed.arrays import PIECE, Limits, TooLarge, Unfit
from anonify.anomed.memory import Crowded
from anonify.anomed.state import Busy, Content, Missing, NotStored, State, TooOften
from anonify.base.errors import UserError

# What a client sends beyond the limit is read and forgotten up to this much, so that it gets the
# answer instead of a broken connection.
_DRAINED = 8

_LOG = logging.getLogger("anonify.anomed")

_COUNT = re.compile("[1-9][0-9]{0,8}")


def make_application(
    resource: object, names: Iterable[str], documents: Any
) -> falcon.App[Any, Any]:
    """Return a server that says it is alive, and whose errors have a title and a description.

    Parameters
    ----------
    resource : answers each ``/name`` by its methods ``on_get_name`` or ``on_post_name``.
    documents : what ``/openapi.json`` answers.
    """
    application = falcon.App()
    application.set_error_serializer(_write_error)
    application.add_error_handler(UserError, _answer_mistake)
    application.add_error_handler(TooLarge, _answer_too_large)
    application.add_error_handler(NotStored, _answer_not_stored)
    application.add_error_handler(Busy, _answer_busy)
    application.add_error_handler(TooOften, _answer_too_often)
    application.add_error_handler(Crowded, _answer_crowded)
    application.add_route("/", Static({"message": "Anonymizer server is alive!"}))
    for name in names:
        application.add_route(f"/{name}", resource, suffix=name)
    application.add_route("/openapi.json", Static(documents))
    return application


class Static:
    """Answers a GET with the same JSON always."""

    def __init__(self, content: Any) -> None:
        self._text = json.dumps(content)

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Answer."""
        response.text = self._text


def answer_created(response: falcon.Response, content: Any) -> None:
    """Answer 201 with JSON."""
    response.status = falcon.HTTP_CREATED
    response.text = json.dumps(content)


def refuse_data(description: str) -> falcon.HTTPError:
    """Return the error for data of the challenge that the anonymizer can't take."""
    return falcon.HTTPUnprocessableEntity(title="Unfit data", description=description)


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Refuse data of the challenge where what is done with them in a block fails.

    Parameters
    ----------
    what : the data, as in :func:`explain`.

    Raises
    ------
    falcon.HTTPUnprocessableEntity : it fails by a mistake in them.
    """
    try:
        yield
    except (ValueError, TypeError, LookupError) as error:
        raise refuse_data(explain(error, what)) from None


def log_details(text: str) -> None:
    """Keep for the owner of the server what its clients are not told."""
    _LOG.warning("%s", " ".join(text.split()))


def explain(error: Exception, what: str) -> str:
    """Return what a client is told of an error, as a sentence; the rest goes to the log.

    Parameters
    ----------
    what : the data that do not fit.
    """
    if isinstance(error, Unfit):
        if error.__cause__ is not None:
            log_details(f"{error}: {error.__cause__}")
        return write_sentence(f"{what}: {error}" if what else str(error))
    log_details(f"{what or 'X'}: {type(error).__name__}: {error}")
    return write_sentence(
        f"{what or 'X'} can't be used by the anonymizer; the server's log says why"
    )


def read_fitted(state: State[Content], missing: str) -> Content:
    """Return what fitting left.

    Parameters
    ----------
    missing : the sentence for where nothing was fitted yet.

    Raises
    ------
    falcon.HTTPServiceUnavailable : nothing was, or it can't be read.
    """
    try:
        return state.read()
    except Missing:
        description = missing
    except UserError as error:
        description = explain(error, "")
    raise falcon.HTTPServiceUnavailable(title="Not fitted", description=description)


def get_data_split(request: falcon.Request) -> str:
    """Return the query parameter ``data_split``.

    Raises
    ------
    falcon.HTTPBadRequest : it is missing, stands twice, or is neither tuning nor validation.
    """
    splits = request.get_param_as_list("data_split") or []
    if len(splits) != 1 or splits[0] not in ("tuning", "validation"):
        given = "missing" if not splits else repr(", ".join(splits))
        raise falcon.HTTPBadRequest(
            title="Bad data_split",
            description=f"`data_split` is {given}; it should be `tuning` or `validation`.",
        )
    return splits[0]


def get_batch_size(request: falcon.Request, default: int) -> int:
    """Return the query parameter ``batch_size``.

    Raises
    ------
    falcon.HTTPBadRequest : it is no whole number from 1.
    """
    text = request.get_param("batch_size", default=str(default))
    if _COUNT.fullmatch(text):
        return int(text)
    raise falcon.HTTPBadRequest(
        title="Bad batch_size",
        description=f"`batch_size` is {text[:40]!r}; it should be a whole number from 1.",
    )


def read_body(request: falcon.Request, limits: Limits) -> bytes:
    """Return the body of a request.

    Raises
    ------
    TooLarge : it is longer than the limit.
    Unfit : it breaks off.
    """
    # A body in chunks has no length, but gunicorn knows its end.
    is_chunked = request.content_length is None and request.env.get("wsgi.input_terminated")
    stream = request.stream if is_chunked else request.bounded_stream
    announced = request.content_length or 0
    try:
        if announced <= limits.upload:
            content = bytes(stream.read(limits.upload + 1))
            if len(content) <= limits.upload:
                return content
        if announced <= _DRAINED * limits.upload:
            _drain(stream, _DRAINED * limits.upload)
    except Exception:  # Each server has its own errors for a body that is none.
        raise Unfit("the body breaks off, or its chunks are wrong; send it again") from None
    raise TooLarge(
        f"the body is longer than the {limits.upload} bytes that are taken; send fewer records at "
        "a time"
    )


def _drain(stream: Any, length: int) -> None:
    while length > 0 and (piece := stream.read(PIECE)):
        length -= len(piece)


def write_sentence(text: str) -> str:
    """Return a message as a sentence.

    >>> write_sentence("there is no record")
    'There is no record.'
    """
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _answer_mistake(
    request: falcon.Request, response: falcon.Response, error: Exception, params: Any
) -> None:
    raise falcon.HTTPBadRequest(title="Bad request", description=explain(error, ""))


def _answer_too_large(
    request: falcon.Request, response: falcon.Response, error: Exception, params: Any
) -> None:
    raise falcon.HTTPContentTooLarge(title="Too large", description=write_sentence(str(error)))


def _answer_not_stored(
    request: falcon.Request, response: falcon.Response, error: Exception, params: Any
) -> None:
    raise falcon.HTTPServiceUnavailable(title="Not stored", description=write_sentence(str(error)))


def _answer_busy(
    request: falcon.Request, response: falcon.Response, error: Exception, params: Any
) -> None:
    raise falcon.HTTPServiceUnavailable(
        title="Fitting in progress",
        description="A fit is in progress; wait until it has ended and try again.",
        retry_after=5,
    )


def _answer_too_often(
    request: falcon.Request, response: falcon.Response, error: Exception, params: Any
) -> None:
    assert isinstance(error, TooOften)
    raise falcon.HTTPTooManyRequests(
        title="Too many fits",
        description=f"Only {error.most} fits a minute are taken; try again in {error.wait} s.",
        retry_after=error.wait,
    )


def _answer_crowded(
    request: falcon.Request, response: falcon.Response, error: Exception, params: Any
) -> None:
    raise falcon.HTTPServiceUnavailable(
        title="Too many messages",
        description="Other messages take the memory that is allowed; try again later.",
        retry_after=5,
    )


def _write_error(
    request: falcon.Request, response: falcon.Response, error: falcon.HTTPError
) -> None:
    defaults = {
        404: f"There is no {request.path}; GET /openapi.json lists what there is.",
        405: f"{request.path} does not take {request.method}; GET /openapi.json says what it does.",
        500: "Something failed in the server that should not; its log says what.",
    }
    code = falcon.http_status_to_code(error.status)
    description = error.description or defaults.get(code, "GET /openapi.json says what is taken.")
    response.content_type = falcon.MEDIA_JSON
    response.text = json.dumps({"title": error.title, "description": description})
