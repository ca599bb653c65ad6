"""Find files in the configured search path."""

import os
from collections.abc import Sequence
from pathlib import Path

from anonify.base.files import is_folder


def list_search_path(configured: Sequence[str]) -> list[Path]:
    """Return the folders of ``ANONIFY_DATA`` and then the configured ones."""
    named = os.environ.get("ANONIFY_DATA", "").split(os.pathsep)
    return [Path(folder) for folder in [*filter(None, named), *configured]]


def find_file(name: str, dataset: str, search_path: Sequence[str | Path]) -> Path | None:
    """Return the first file ``folder/name`` or ``folder/dataset/name``, or None without one.

    Where the name may be that of a folder (:func:`anonify.base.files.is_folder`), it may be one.
    """
    places = (Path(folder, sub, name) for folder in search_path for sub in ("", dataset))
    may_be_folder = is_folder(name)
    return next((p for p in places if p.is_file() or (may_be_folder and p.is_dir())), None)
