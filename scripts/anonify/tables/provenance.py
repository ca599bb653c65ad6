"""Where a table comes from: its dataset, what was done to it, and by which versions."""

import json
import platform
from collections.abc import Mapping, Sequence
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
    dataset : name, title, SHA-256 of the file, and whether it is the synthetic stand-in. A
        confidential one is told to be so, and has a keyed hash in its place.
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


def last_step(provenance: Provenance) -> dict[str, Any]:
    """Return what was done last, with its parameters."""
    step: dict[str, Any] = provenance["steps"][-1]
    return step


def merge_steps(provenances: Sequence[Provenance]) -> Provenance:
    """Return the provenance of what is made of tables that differ in their last step.

    The last step of each follows the steps that they have in common.
    """
    *_, latest = provenances
    steps = [*latest["steps"][:-1], *map(last_step, provenances)]
    return {**latest, "steps": steps}


def is_synthetic(provenance: Provenance) -> bool:
    """Tell whether the data are the synthetic stand-in."""
    return bool(provenance["dataset"]["synthetic"])


def is_confidential(provenance: Provenance) -> bool:
    """Tell whether what is published of the data must mask what would tell of a few people."""
    return bool(provenance["dataset"].get("confidential"))


def get_hash(dataset: Mapping[str, Any]) -> str:
    """Return the hash by which a dataset is known: that of its file, or a keyed one."""
    return str(dataset["hmac_sha256"] if "hmac_sha256" in dataset else dataset["sha256"])


def read_provenance(metadata_path: str | Path) -> Provenance:
    """Read the provenance of a table for people from the description beside it."""
    provenance: Provenance = json.loads(Path(metadata_path).read_text())["notes"][0]
    return provenance
