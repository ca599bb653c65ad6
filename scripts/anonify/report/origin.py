"""Where what the page shows comes from: dataset, versions, commit and times."""

import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.places import WORKFLOW
from anonify.tables.provenance import Provenance, get_hash

PACKAGES = ["matplotlib", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy"]


def check_origin(provenances: Mapping[str, Provenance], dataset: Mapping[str, Any]) -> None:
    """Make sure that all tables were made from the dataset that is described."""
    for name, provenance in provenances.items():
        if get_hash(provenance["dataset"]) != get_hash(dataset):
            raise UserError(
                f"results/tables/{name}.csv: the table was made from another file than the "
                f"dataset {dataset['name']!r} is now; make it again with "
                f"`snakemake all --forcerun prepare_dataset`"
            )


def name_origin(origin: str) -> str:
    """Return where the dataset comes from, without the folders of this machine."""
    return origin if "://" in origin else Path(origin).name


def read_times(folder: str) -> list[tuple[str, pd.DataFrame]]:
    """Read what Snakemake measured of each job: the path as rules have it, and the times."""
    paths = sorted(Path(folder).rglob("*.tsv"))
    return [(path.as_posix(), pd.read_csv(path, sep="\t", na_values="-")) for path in paths]


def list_versions(provenances: Mapping[str, Provenance]) -> dict[str, str]:
    """List the versions that tables were made with, and those that are installed besides."""
    versions: dict[str, str] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    for provenance in provenances.values():
        versions.update(provenance["versions"])
    return dict(sorted(versions.items()))


def find_commit() -> str:
    """Return the commit of this software and whether files differ from it, if git knows it."""
    command = ["git", "-C", str(WORKFLOW), "describe", "--always", "--abbrev=40", "--exclude=*"]
    try:
        top = subprocess.check_output(
            ["git", "-C", str(WORKFLOW), "rev-parse", "--show-toplevel"], text=True
        )
        if Path(top.strip()).resolve() != WORKFLOW.resolve():
            return "unknown"
        return subprocess.check_output([*command, "--dirty= with changes"], text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
