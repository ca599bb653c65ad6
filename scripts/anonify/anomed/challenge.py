"""Talk to a challenge server: fetch data, hand in what is to be scored.

What it answers is not trusted: it comes within the time-out as a whole, is expanded up to a limit,
leads nowhere else, and is never quoted to a client.
"""

import io
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import falcon
import requests
from urllib3.exceptions import HTTPError

from anonify.anomed.arrays import MEBIBYTE, PIECE, Limits
from anonify.anomed.messages import log_details, refuse_data

# Scores are a few numbers; Python takes some twenty times as much for JSON as it is long.
_LONGEST_SCORES = MEBIBYTE
# Of an answer that is an error, for the log.
_LONGEST_ERROR = 200
# zlib: a gzip or zlib stream, whichever it is.
_ANY_STREAM = 47

# A challenge may leave us waiting for the head of its answer beyond the time-out: that many threads
# wait at most.
_waiting = threading.BoundedSemaphore(32)


class _TooLong(Exception):  # noqa: N818
    """An answer is longer than is taken."""


def fetch(url: str, timeout: float, limits: Limits) -> bytes:
    """Return what a GET of the challenge answers.

    Parameters
    ----------
    timeout : seconds until all of it must be there.

    Raises
    ------
    falcon.HTTPServiceUnavailable : it can't be reached, is too slow, or answers an error.
    falcon.HTTPUnprocessableEntity : the answer is longer than the limit.
    """
    answer = _ask(requests.get, url, timeout, limits.upload)
    if answer.status_code != 200:
        raise _report_unavailable(url, f"it answered {answer.status_code}")
    return bytes(answer.content)


def hand_in(url: str, parameters: Mapping[str, str], timeout: float, **body: Any) -> Any:
    """Hand in what the challenge scores, and return the scores.

    Parameters
    ----------
    body : ``data`` or ``files``, as :func:`requests.post` takes them.

    Raises
    ------
    falcon.HTTPServiceUnavailable : the challenge can't be reached or is too slow.
    falcon.HTTPFailedDependency : it refuses what was handed in.
    """
    answer = _ask(requests.post, url, timeout, _LONGEST_SCORES, params=dict(parameters), **body)
    if answer.status_code != 201:
        log_details(f"{url} answered {answer.status_code}: {answer.text!r}")
        raise _report_refusal(url, f"it answered {answer.status_code}; the server's log quotes it")
    try:
        # Python would read NaN and write it again, which is no JSON.
        return answer.json(parse_constant=lambda constant: None)
    except (ValueError, RecursionError):
        raise _report_refusal(url, "it answered scores that are no JSON") from None


@dataclass(frozen=True)
class _Reader:
    """Reads an answer for requests, which by itself would take any length and any time.

    Parameters
    ----------
    deadline : when it must be there, by the monotonic clock.
    most : bytes that it may have, once expanded.
    """

    deadline: float
    most: int

    def __call__(self, answer: requests.Response, **options: Any) -> requests.Response:
        """Return the answer with a body that is in memory."""
        whole = requests.Response()
        whole.status_code = answer.status_code
        whole.encoding = "utf-8"
        is_error = answer.status_code not in (200, 201)
        with answer:
            whole.raw = io.BytesIO(self._read_start(answer) if is_error else self._read(answer))
        return whole

    def _read_start(self, answer: requests.Response) -> bytes:
        return bytes(answer.raw.read1(_LONGEST_ERROR, decode_content=False))

    def _read(self, answer: requests.Response) -> bytes:
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
            raise requests.exceptions.ContentDecodingError
        stream = None if encoding == "identity" else zlib.decompressobj(_ANY_STREAM)
        content = bytearray()
        while piece := answer.raw.read1(PIECE, decode_content=False):
            if time.monotonic() > self.deadline:
                raise TimeoutError
            content += stream.decompress(piece, self.most + 1 - len(content)) if stream else piece
            if len(content) > self.most:
                raise _TooLong
        return bytes(content)


def _ask(
    ask: Callable[..., requests.Response], url: str, timeout: float, most: int, **options: Any
) -> requests.Response:
    """Return the whole answer of a challenge, no longer than ``most``, after ``timeout`` seconds.

    It is read in a thread of its own: each byte that comes would set back the clock of a socket.
    """
    if not _waiting.acquire(blocking=False):
        raise _report_unavailable(url, "too many requests wait for it")
    answered: Future[requests.Response] = Future()
    options |= {
        "url": url,
        "timeout": timeout,
        "allow_redirects": False,
        "headers": {"Accept-Encoding": "identity"},
        "hooks": {"response": _Reader(time.monotonic() + timeout, most)},
    }

    def wait() -> None:
        try:
            answered.set_result(ask(**options))
        except BaseException as error:
            answered.set_exception(error)
        finally:
            _waiting.release()

    threading.Thread(target=wait, daemon=True).start()
    try:
        return answered.result(timeout)
    except _TooLong:
        raise refuse_data(
            f"{url} answered more than the {most} bytes that are taken; raise the limit."
        ) from None
    except zlib.error:
        raise _report_unavailable(url, "its answer is not whole") from None
    except (OSError, HTTPError, HTTPException) as error:  # Those of requests are OSErrors.
        raise _report_unavailable(url, type(error).__name__) from None


def _report_unavailable(url: str, reason: str) -> falcon.HTTPError:
    return falcon.HTTPServiceUnavailable(
        title="Challenge not available",
        description=f"{url} can't be used now ({reason}); see that the challenge runs.",
    )


def _report_refusal(url: str, reason: str) -> falcon.HTTPError:
    return falcon.HTTPFailedDependency(
        title="Refused by the challenge",
        description=f"{url} did not score what was handed in: {reason}.",
    )
