"""Find a described dataset and read it, where no workflow has done so."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.configuration import read_description, read_yaml
from anonify.dataset import (
    Column,
    describe_columns,
    drop_identifiers,
    names_with_role,
    read_records,
)
from anonify.domain import Domain, build_domain
from anonify.errors import UserError
from anonify.files import hash_file
from anonify.search import find_file, list_search_path

# Where the datasets that come with the project are described, in a checkout of it.
DESCRIPTIONS = Path(__file__).parents[2] / "config/datasets"


@dataclass(frozen=True)
class Dataset:
    """A described table.

    Parameters
    ----------
    columns : of the frame: direct identifiers are left out.
    identifiers : the names of those.
    domains : of each quasi-identifier.
    decimal : what parts the decimals of its numbers.
    """

    name: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    identifiers: tuple[str, ...]
    domains: Mapping[str, Domain]
    decimal: str


def read_dataset(named: str, table: str | None = None) -> Dataset:
    """Read a dataset.

    Parameters
    ----------
    named : its name in ``config/datasets/``, or the path of its description (``.yaml``) or of a
        run's configuration that names it and the folders to look in.
    table : path of the table, where it is not to be looked for.

    Raises
    ------
    UserError : description, table or hierarchy is not found or has a mistake.
    """
    path, search_path = find_description(named)
    description = read_description(path, str(path))
    folders = [*list_search_path(search_path), path.parent]
    file = Path(table) if table else find_data(description["file"], description["name"], folders)
    expected = description.get("sha256")
    if table is None and expected and hash_file(file) != expected:
        raise UserError(
            f"{file}: the file is not the one that {path} describes, for its SHA-256 is another; "
            "correct `sha256` there, or put the right file in its place"
        )
    described = describe_columns(description["columns"])
    frame = read_records(file, described, description["separator"], description["decimal"])
    domains = {
        name: build_described_domain(frame, name, description, folders)
        for name in names_with_role(described, "quasi-identifier")
    }
    identifiers = tuple(names_with_role(described, "identifier"))
    return Dataset(
        description["name"],
        frame,
        drop_identifiers(described),
        identifiers,
        domains,
        description["decimal"],
    )


def build_described_domain(
    frame: pd.DataFrame, name: str, description: Mapping[str, Any], folders: list[Path]
) -> Domain:
    column = description["columns"][name]
    file = column.get("hierarchy", {}).get("file")
    path = find_data(file, description["name"], folders) if file else None
    return build_domain(name, frame[name].cat.categories.tolist(), column, path)


def find_description(named: str) -> tuple[Path, list[str]]:
    """Return where a description is, and the folders that its files are looked for in.

    Raises
    ------
    UserError : there is none of that name.
    """
    if named.endswith((".yaml", ".yml")):
        run = _read_run(named)
        if run is None:
            return Path(named), ["data"]
        named = str(run["dataset"])
    else:
        # `anonify init` gives a dataset and its run one name.
        path = Path(f"config/{named}.yaml")
        run = _read_run(path) if path.is_file() else None
    folders = (run or {}).get("search_path", ["data"])
    places = [Path("config/datasets"), DESCRIPTIONS]
    found = next((p / f"{named}.yaml" for p in places if (p / f"{named}.yaml").exists()), None)
    if found is None:
        raise UserError(
            f"`dataset`: there is no config/datasets/{named}.yaml; write one, or give the path of "
            "a description that ends in .yaml"
        )
    return found, folders


def _read_run(path: str | Path) -> dict[str, Any] | None:
    """Read the configuration of a run, None where the file is that of something else."""
    content = read_yaml(path)
    is_run = isinstance(content, dict) and "dataset" in content and "columns" not in content
    return content if is_run else None


def find_data(file: str, dataset: str, folders: list[Path]) -> Path:
    found = find_file(file, dataset, folders)
    if found is None:
        raise UserError(
            f"{file}: the file is in none of {', '.join(map(str, folders))}; put it there, or name "
            "its folder in ANONIFY_DATA"
        )
    return found
