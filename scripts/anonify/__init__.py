"""Anonymize tables about people, and tell what that costs and which risk is left.

A table flows one way: dataset, anonymized, sampled, measured. The rooms stand in the order of that
flow; ``docs/architecture.md`` says which may use which.

The names here are the front door for Python. What they need is loaded when they are used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Whoever reads types finds the same names in __init__.pyi.
_PLACES = {
    "METHODS": "methods",
    "Assessment": "frames.assessment",
    "FileRelease": "frames.files",
    "Proposals": "frames.proposals",
    "Release": "frames.release",
    "anonymize": "frames.anonymization",
    "anonymize_file": "frames.files",
    "assess": "frames.assessment",
    "propose": "frames.proposals",
    "read_dataset": "datasets.described",
    "read_hierarchy": "frames.generalization",
    "sample": "frames.anonymization",
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
