"""Talk to a challenge server: fetch data, hand in what is to be scored."""

from collections.abc import Mapping
from typing import Any

import falcon
import requests

from anonify.anomed.arrays import PIECE, Array, Limits, read_arrays
from anonify.anomed.messages import refuse_data
from anonify.base.errors import UserError


def fetch(url: str, timeout: float, limits: Limits) -> bytes:
    """Return what a GET of the challenge answers.

    Raises
    ------
    falcon.HTTPServiceUnavailable : it can't be reached, is too slow, or answers an error.
    falcon.HTTPUnprocessableEntity : the answer is longer than the limit.
    """
    try:
        with requests.get(url, timeout=timeout, stream=True) as answer:
            if answer.status_code != 200:
                raise _report_unavailable(url, f"it answered {answer.status_code}")
            content = bytearray()
            for piece in answer.iter_content(PIECE):
                content += piece
                if len(content) > limits.upload:
                    raise refuse_data(
                        f"{url} answered more than the {limits.upload} bytes that are taken; raise "
                        "the limit."
                    )
            return bytes(content)
    except requests.RequestException as error:
        raise _report_unavailable(url, type(error).__name__) from None


def fetch_arrays(
    url: str, names: tuple[str, ...], timeout: float, limits: Limits
) -> dict[str, Array]:
    """Return named arrays of the challenge.

    Raises
    ------
    falcon.HTTPServiceUnavailable : as :func:`fetch`.
    falcon.HTTPUnprocessableEntity : they are not there, or not whole.
    """
    content = fetch(url, timeout, limits)
    try:
        return read_arrays(content, names, limits)
    except UserError as error:
        raise refuse_data(f"What {url} answered can't be used: {error}.") from None


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
    try:
        answer = requests.post(url, params=dict(parameters), timeout=timeout, **body)
    except requests.RequestException as error:
        raise _report_unavailable(url, type(error).__name__) from None
    if answer.status_code != 201:
        raise _report_refusal(url, f"{answer.status_code} {answer.text[:200]}".strip())
    try:
        # Python would read NaN and write it again, which is no JSON.
        return answer.json(parse_constant=lambda constant: None)
    except ValueError:
        raise _report_refusal(url, "scores that are no JSON") from None


def _report_unavailable(url: str, reason: str) -> falcon.HTTPError:
    return falcon.HTTPServiceUnavailable(
        title="Challenge not available",
        description=f"{url} can't be used now ({reason}); see that the challenge runs.",
    )


def _report_refusal(url: str, answer: str) -> falcon.HTTPError:
    return falcon.HTTPFailedDependency(
        title="Refused by the challenge",
        description=f"{url} did not score what was handed in; it answered: {answer}.",
    )
