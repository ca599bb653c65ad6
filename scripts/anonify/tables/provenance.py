"""Where a table comes from: its dataset, what was done to it, and by which versions."""

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import anonify

Provenance = dict[str, Any]


def start_provenance(dataset: Mapping[str, Any]) -> Provenance:
    """Return the provenance of a table without a history.

    Parameters
    ----------
    dataset : name, title, SHA-256 of the file, and whether it is the synthetic stand-in.
    """
    versions = {
        "anonify": anonify.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
    }
    return {"dataset": dict(dataset), "steps": [], "versions": versions}


def add_step(provenance: Provenance, step: str, **details: Any) -> Provenance:
    """Return a provenance with one more step: what was done, with which parameters."""
    return {**provenance, "steps": [*provenance["steps"], {"step": step, **details}]}


def is_synthetic(provenance: Provenance) -> bool:
    """Tell whether the data are the synthetic stand-in."""
    return bool(provenance["dataset"]["synthetic"])


def read_provenance(metadata_path: str | Path) -> Provenance:
    """Read the provenance of a table for people from the description beside it."""
    provenance: Provenance = json.loads(Path(metadata_path).read_text())["notes"][0]
    return provenance
