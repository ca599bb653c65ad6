"""What methods take: the work that each is meant for, told before it begins what takes more.

Work is counted and not timed, so that it is the same on every machine.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from anonify.base.errors import EffortWarning
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import Hierarchy


@dataclass(frozen=True)
class Task:
    """What a method is given.

    Parameters
    ----------
    rows : distinct tuples, or records for a method that follows these.
    records : all of them.
    k : smallest class allowed.
    options : of the method, those that were chosen.
    """

    rows: int
    records: int
    domains: Sequence[Domain]
    k: int
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def classes(self) -> int:
        """How many classes of k records there may be."""
        return max(self.records // self.k, 1)

    @property
    def transformations(self) -> int:
        """How many ways there are to lift each attribute to one of its levels."""
        return prod(
            domain.shown_height + 1 for domain in self.domains if isinstance(domain, Hierarchy)
        )


@dataclass(frozen=True)
class Effort:
    """The work that a method is meant for.

    Parameters
    ----------
    factors : what the work grows with, by name; their product is the work, in steps.
    most : steps, which take some ten minutes of one core.
    instead : what to choose where it is more.
    """

    factors: Callable[[Task], Mapping[str, int]]
    most: int
    instead: str

    def announce(self, method: str, task: Task) -> None:
        """Warn where a method takes more work on a task than it is meant for, by one sentence."""
        factors = self.factors(task)
        work = prod(factors.values())
        if work <= self.most:
            return
        product = " × ".join(f"{number:,} {name}" for name, number in factors.items())
        warnings.warn(
            f"{method} begins, but may take hours: {product} are {work:.3g} steps, more than the "
            f"{self.most:.3g} that it is meant for; {self.instead}",
            EffortWarning,
            stacklevel=2,
        )
