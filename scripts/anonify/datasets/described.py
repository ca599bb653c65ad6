"""Find a described dataset and read it, where no workflow has done so."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import hash_file
from anonify.domains.domain import Domain
from anonify.domains.files import build_domain
from anonify.releases.dataset import Dataset
from anonify.settings.description import find_description, read_description
from anonify.settings.search import find_file, list_search_path
from anonify.tables.columns import describe_columns, drop_identifiers, names_with_role
from anonify.tables.typed import read_records


def read_dataset(named: str, table: str | None = None) -> Dataset:
    """Read a described dataset: typed records, roles and hierarchies, as a run has them.

    Parameters
    ----------
    named : its name in ``config/datasets/``, or the path of its description (``.yaml``) or of a
        run's configuration that names it and the folders to look in.
    table : path of the table, where it is not to be looked for.

    Raises
    ------
    UserError : description, table or hierarchy is not found or has a mistake.

    Examples
    --------
    >>> import tempfile, anonify
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "clinic.csv").write_text("sex,age\\nf,31\\nm,52\\n")
    ...     description = Path(folder, "clinic.yaml")
    ...     _ = description.write_text(
    ...         "name: clinic\\ntitle: Clinic\\nfile: clinic.csv\\ncolumns:\\n"
    ...         "  sex: {role: quasi-identifier, type: category}\\n"
    ...         "  age: {role: quasi-identifier, type: integer}\\n"
    ...     )
    ...     clinic = anonify.read_dataset(str(description))
    >>> clinic.frame.shape, list(clinic.domains)
    ((2, 2), ['sex', 'age'])
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


def find_data(file: str, dataset: str, folders: list[Path]) -> Path:
    found = find_file(file, dataset, folders)
    if found is None:
        raise UserError(
            f"{file}: the file is in none of {', '.join(map(str, folders))}; put it there, or name "
            "its folder in ANONIFY_DATA"
        )
    return found
