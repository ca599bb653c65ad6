"""What every anonymizer returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.domain import Domain


@dataclass(frozen=True)
class Recoding:
    """For each record and quasi-identifier the node that replaces the value.

    Parameters
    ----------
    nodes : array (n, d).
    is_suppressed : array (n,); the nodes of a suppressed record are the roots.
    facts : what the method reports about this result, such as a proven bound.
    """

    nodes: Codes
    is_suppressed: npt.NDArray[np.bool_]
    facts: Mapping[str, float | int | str] = field(default_factory=dict)


def roots(domains: Sequence[Domain]) -> Codes:
    """Array (d,): the tuple that a suppressed record is released with."""
    return np.array([domain.root for domain in domains], dtype=np.intp)


class Anonymizer(Protocol):
    """What the ``anonymize`` function of a method's module looks like."""

    def __call__(
        self,
        records: Codes,
        domains: Sequence[Domain],
        k: int,
        generator: np.random.Generator,
    ) -> Recoding: ...
