"""Find files in the configured search path."""

import os
from collections.abc import Sequence
from pathlib import Path

STAND_IN_BANNER = """
============================== SYNTHETIC STAND-IN ==============================
 The dataset was found nowhere. This run works on synthetic data that only look
 like it: no number, table or figure of it says anything about the real data.
 To use the real data: put {file} into data/
 or name its folder in ANONIFY_DATA, and run the same command again.
================================================================================
"""


def list_search_path(configured: Sequence[str]) -> list[Path]:
    """Return the folders of ``ANONIFY_DATA`` and then the configured ones."""
    named = os.environ.get("ANONIFY_DATA", "").split(os.pathsep)
    return [Path(folder) for folder in [*filter(None, named), *configured]]


def find_file(name: str, dataset: str, search_path: Sequence[str | Path]) -> Path | None:
    """Return the first file ``folder/name`` or ``folder/dataset/name``, or None without one."""
    places = (Path(folder, sub, name) for folder in search_path for sub in ("", dataset))
    return next((place for place in places if place.is_file()), None)
