"""Say whether a dataset is described well, and what its description makes of the table."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from tabulate import tabulate

from anonify.base.errors import UserError
from anonify.base.files import hash_file, is_parquet
from anonify.base.places import DATASET_SCHEMA
from anonify.base.values import MISSING
from anonify.commands.terminal import command, tell
from anonify.datasets.described import build_described_domain, find_data, read_dataset
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import HierarchyError
from anonify.domains.ranges import Ranges
from anonify.measures.distribution import assign_groups
from anonify.releases.dataset import Dataset
from anonify.settings.description import (
    check_dataset_description,
    find_description,
    read_description,
)
from anonify.settings.schemas import check_configuration, fill_defaults, read_yaml
from anonify.settings.search import list_search_path
from anonify.tables.classes import count_classes
from anonify.tables.columns import check_columns, describe_columns, names_with_role
from anonify.tables.text import read_text_columns
from anonify.tables.typed import check_target, convert_column

# A column with more mistakes than this has the same mistake many times.
SHOWN = 20

# Stands in for what is checked on its own.
COLUMN = {"role": "quasi-identifier", "type": "category"}
DESCRIPTION = {"name": "x", "title": "x", "file": "x"}


@command("check")
@click.argument("named", metavar="NAME")
@click.option(
    "--table", metavar="TABLE", help="The table; looked for as described where it is not given."
)
def check(named: str, table: str | None) -> None:
    """Check the description of a dataset, its table and the hierarchies of its columns.

    NAME is a dataset in config/datasets/, or a .yaml: its description, or a run's settings.
    Every mistake is told in one line; without any, what the quasi-identifiers are generalized to
    and how many records they make unique.

    \b
    anonify check diabetes
    """
    try:
        dataset = read_dataset(named, table)
        problems = find_misfits(named, dataset)
    except UserError as error:
        problems = find_problems(named, table) or [str(error)]
    for problem in problems:
        tell(problem)
    if problems:
        raise click.exceptions.Exit(1)
    print(describe(dataset))


def find_misfits(named: str, dataset: Dataset) -> list[str]:
    """Return what of a description does not fit the table, although each of them is sound."""
    problems: list[str] = []
    path, _ = find_description(named)
    description = read_description(path, str(path))
    for name, distribution in description.get("distributions", {}).items():
        domain = dataset.domains[distribution["by"]]
        with _collect(problems, f"`distributions.{name}`: "):
            assign_groups(distribution, domain, np.array([domain.root]))
    for name in names_with_role(dataset.columns, "target"):
        with _collect(problems):
            check_target(dataset.frame[name], description["columns"][name].get("positive"))
    return problems


def find_problems(named: str, table: str | None = None) -> list[str]:
    """Return all that is wrong with a dataset, one sentence each; see :func:`read_dataset`."""
    problems: list[str] = []
    with _collect(problems):
        path, search_path = find_description(named)
        description, columns = _read_columns(path, problems)
        folders = [*list_search_path(search_path), path.parent]
        file = (
            Path(table) if table else find_data(description["file"], description["name"], folders)
        )
        expected = description.get("sha256")
        if table is None and expected and hash_file(file) != expected:
            problems.append(
                f"{file}: the file is not the one that {path} describes, for its SHA-256 is "
                "another; correct `sha256` there, or put the right file in its place"
            )
        raw = read_text_columns(file, description["separator"])
        _check_header(file, list(raw.columns), list(description["columns"]), problems)
        decimal = "." if is_parquet(file) else description["decimal"]
        for column in describe_columns({name: columns[name] for name in raw if name in columns}):
            if column.role == "identifier":
                continue
            with _collect(problems):
                values = convert_column(raw[column.name], column, file, decimal)
                if column.role == "quasi-identifier":
                    frame = pd.DataFrame({column.name: values})
                    build_described_domain(frame, column.name, description, folders)
    return problems


@contextmanager
def _collect(problems: list[str], place: str = "") -> Iterator[None]:
    """Note a mistake and its place, and go on behind the block in which it was found."""
    try:
        yield
    except HierarchyError as error:
        problems.extend(error.mistakes[:SHOWN])
        if len(error.mistakes) > SHOWN:
            problems.append(f"and {len(error.mistakes) - SHOWN:,} more mistakes like this one")
    except UserError as error:
        problems.append(f"{place}{error}")


def _read_columns(path: Path, problems: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the description of a dataset, and the columns in it that have no mistake.

    Raises
    ------
    UserError : a mistake outside of the columns, so that the table can't be read.
    """
    schema = read_yaml(DATASET_SCHEMA)
    description = read_yaml(path)
    columns: Any = description.get("columns") if isinstance(description, Mapping) else None
    if not columns or not isinstance(columns, Mapping):
        check_configuration(description, schema, str(path))
    sound = {}
    for name, column in columns.items():
        with _collect(problems):
            check_configuration({**DESCRIPTION, "columns": {name: column}}, schema, str(path))
            describe_columns({name: column})
            sound[name] = column
    check_configuration({**description, "columns": {"x": COLUMN}}, schema, str(path))
    if not problems:
        with _collect(problems):
            check_dataset_description(description, str(path))
    return fill_defaults(description, schema), sound


def _check_header(file: Path, present: list[str], expected: list[str], problems: list[str]) -> None:
    for name in expected:
        with _collect(problems):
            check_columns(file, present, [*present, name])
    for name in present:
        with _collect(problems):
            check_columns(file, [*expected, name], expected)


def describe(dataset: Dataset) -> str:
    """Return as text what the columns of a dataset are, and how many records are unique."""
    types = {column.name: column.type for column in dataset.columns}
    parts = [f"{dataset.name}: {len(dataset.frame):,} records"]
    for name, domain in dataset.domains.items():
        parts.append(f"{name} ({types[name]}): {_describe_domain(domain)}")
    others = [[name, "identifier", "not read"] for name in dataset.identifiers]
    others += [
        [column.name, column.role, column.type]
        for column in dataset.columns
        if column.name not in dataset.domains
    ]
    parts.append(tabulate(others, tablefmt="plain", disable_numparse=True))
    parts.append(_describe_uniqueness(dataset))
    return "\n\n".join(part for part in parts if part)


def _describe_uniqueness(dataset: Dataset) -> str:
    sizes = count_classes(dataset.frame, list(dataset.domains)).sizes
    records, unique = len(dataset.frame), int((sizes == 1).sum())
    return (
        f"{len(sizes):,} distinct combinations of quasi-identifiers; {unique:,} of the "
        f"{records:,} records ({100 * unique / records:.1f} %) are unique in them"
    )


def _describe_domain(domain: Domain) -> str:
    if isinstance(domain, Ranges):
        text = "ranges"
        if len(domain.numbers):
            text += f" from {domain.values[0]} to {domain.values[len(domain.numbers) - 1]}"
        missing = ", and missing values" if MISSING in domain.values else ""
        return f"{len(domain.numbers):,} values, {text}{missing}"
    leaf = (domain.ancestors[:, 1:] != domain.ancestors[:, :-1]).sum(axis=1).argmax()
    example = domain.labels_of(domain.ancestors[leaf])
    rows = [
        [level, f"{width:,}", label]
        for level, (width, label) in enumerate(zip(domain.level_widths, example, strict=True))
    ]
    table = tabulate(
        rows,
        ["level", "labels", "such as"],
        tablefmt="plain",
        disable_numparse=True,
        colalign=("right", "right", "left"),
    )
    missing = ", and missing values" if MISSING in domain.node_of else ""
    return f"{domain.leaf_count - bool(missing):,} values{missing}\n{table}"
