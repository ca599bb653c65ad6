"""Tables for people, as they are published: nothing in them tells of fewer than k people."""

from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.values import SUPPRESSED
from anonify.disclosure.cells import is_few
from anonify.tables.provenance import Provenance, is_confidential
from anonify.tables.storage import write_csv

STEP_KEYS = (
    "step", "method", "k", "options", "requirements", "seed", "achieved_k", "classes",
)  # fmt: skip
"""What is told of a step that suppressed fewer than k people: nothing that counts them in."""


def publish_csv(
    frame: pd.DataFrame, path: str | Path, metadata_path: str | Path, provenance: Provenance
) -> None:
    """Write a table for people as :func:`anonify.tables.storage.write_csv` does.

    The provenance of a confidential one tells of no step how many were suppressed if fewer than its
    k were.
    """
    write_csv(frame, path, metadata_path, mask_provenance(provenance))


def mask_provenance(provenance: Provenance) -> Provenance:
    """Return a provenance as it may be published."""
    if not is_confidential(provenance):
        return provenance
    return {**provenance, "steps": [_mask_step(step) for step in provenance["steps"]]}


def _mask_step(step: dict[str, Any]) -> dict[str, Any]:
    if not is_few(step.get("suppressed_records", 0), step.get("k", 0)):
        return step
    kept = {key: value for key, value in step.items() if key in STEP_KEYS}
    return {**kept, "suppressed_records": "fewer than k"}


def leave_out_few(release: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return a release without its suppressed records, where these are fewer than k.

    What is measured with them and again without would tell of them, as the release does not.

    Parameters
    ----------
    release : with ``is_suppressed``.
    """
    is_suppressed = release[SUPPRESSED].to_numpy(bool)
    return release[~is_suppressed] if is_few(int(is_suppressed.sum()), k) else release
