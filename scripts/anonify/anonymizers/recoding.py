"""What every anonymizer returns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonify.equivalence import Codes
from anonify.hierarchy import Hierarchy


@dataclass(frozen=True)
class Recoding:
    """For each record and quasi-identifier the node that replaces the value.

    Parameters
    ----------
    nodes : array (n, d).
    is_suppressed : array (n,); the nodes of a suppressed record are the roots.
    """

    nodes: Codes
    is_suppressed: npt.NDArray[np.bool_]


def roots(hierarchies: Sequence[Hierarchy]) -> Codes:
    """Array (d,): the tuple that a suppressed record is released with."""
    return np.array([hierarchy.root for hierarchy in hierarchies], dtype=np.intp)
