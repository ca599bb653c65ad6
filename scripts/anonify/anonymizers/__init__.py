"""The k-anonymization methods: one module each, one registry.

A method is a module of this package with a function

    anonymize(records, hierarchies, k, generator) -> Recoding

where ``records`` is an array (n, d) of leaves, one column for each hierarchy. Its name in the
configuration is the module's name; nothing else has to be registered.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from anonify.anonymizers.recoding import Recoding
from anonify.equivalence import Codes
from anonify.errors import UserError
from anonify.hierarchy import Hierarchy

METHODS = tuple(
    sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "recoding")
)


class Anonymizer(Protocol):
    """What the ``anonymize`` function of a method's module looks like."""

    def __call__(
        self,
        records: Codes,
        hierarchies: Sequence[Hierarchy],
        k: int,
        generator: np.random.Generator,
    ) -> Recoding: ...


def get_anonymizer(method: str) -> Anonymizer:
    """Return the ``anonymize`` function of a method.

    Raises
    ------
    UserError : there is no such method.
    """
    if method not in METHODS:
        raise UserError(f"methods: there is no method {method!r}; choose from {', '.join(METHODS)}")
    module = importlib.import_module(f"anonify.anonymizers.{method}")
    anonymizer: Anonymizer = module.anonymize
    return anonymizer
