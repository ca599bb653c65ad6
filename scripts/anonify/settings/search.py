"""Find files in the configured search path."""

import os
from collections.abc import Sequence
from pathlib import Path


def list_search_path(configured: Sequence[str]) -> list[Path]:
    """Return the folders of ``ANONIFY_DATA`` and then the configured ones."""
    named = os.environ.get("ANONIFY_DATA", "").split(os.pathsep)
    return [Path(folder) for folder in [*filter(None, named), *configured]]


def find_file(name: str, dataset: str, search_path: Sequence[str | Path]) -> Path | None:
    """Return the first file ``folder/name`` or ``folder/dataset/name``, or None without one."""
    places = (Path(folder, sub, name) for folder in search_path for sub in ("", dataset))
    return next((place for place in places if place.is_file()), None)
