"""Read the population that a dataset's description tells of."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import is_csv, is_workbook
from anonify.base.meanings import join_spellings
from anonify.base.values import PERSON
from anonify.base.words import list_names
from anonify.datasets.described import Described, describe_dataset
from anonify.domains.outside import cover_values
from anonify.releases.dataset import Dataset, Population
from anonify.tables.columns import Column, describe_columns
from anonify.tables.dialect import Dialect
from anonify.tables.text import read_text_columns
from anonify.tables.typed import convert_column, number_people


def read_population(named: str, dataset: Dataset) -> Population | None:
    """Read what is known of the people of whom those of a dataset are a sample.

    Parameters
    ----------
    named : the dataset, as in :func:`anonify.settings.description.find_description`.
    dataset : as :func:`anonify.datasets.described.read_dataset` returns it.

    Returns
    -------
    None where the description says nothing of them.

    Raises
    ------
    UserError : the table of the population is not found, lacks a quasi-identifier or has a mistake,
        or the population has fewer people than the dataset.
    """
    described = describe_dataset(named)
    stated = described.description.get("population")
    if stated is None:
        return None
    people = dataset.frame[PERSON].nunique() if PERSON in dataset.frame else len(dataset.frame)
    if "size" in stated:
        found, where = Population(stated["size"]), f"{described.path}: `population.size`"
    else:
        path = described.find_population()
        found, where = _read_people(path, stated, described, dataset), f"{path}: the population"
    if found.size < people:
        raise UserError(
            f"{where} is {found.size:,.0f} people, fewer than the {people:,} of the table, which "
            "is no sample of it then; give the population that the people are of"
        )
    return found


def _read_people(
    path: Path, stated: dict[str, Any], described: Described, dataset: Dataset
) -> Population:
    columns = {column.name: column for column in describe_columns(described.columns)}
    codes = [name for name in columns if not described.columns[name].get("value_labels", True)]
    raw = read_text_columns(path, Dialect.of(stated), codes=codes)
    lacking = [name for name in dataset.domains if name not in raw]
    if lacking:
        raise UserError(
            f"{path}: the population has no column {lacking[0]!r} (there are "
            f"{list_names(list(raw.columns))}); add it, name it as the table does, or give the "
            "`separator` of the file in `population`"
        )
    mark = stated.get("decimal", ".") if is_csv(path) or is_workbook(path) else "."
    nodes = {
        name: _cover(raw[name], columns[name], path, mark, described, dataset)
        for name in dataset.domains
    }
    keys = [column for column in columns.values() if column.role == "person"]
    if keys and all(key.name in raw for key in keys):
        nodes |= number_people(raw, keys, path, mark)
    frame = pd.DataFrame(nodes)
    return Population(frame[PERSON].nunique() if PERSON in frame else len(frame), frame)


def _cover(
    raw: "pd.Series[Any]",
    column: Column,
    path: Path,
    mark: str,
    described: Described,
    dataset: Dataset,
) -> "pd.Series[Any]":
    """Return for each value the node of the domain that covers it."""
    typed = convert_column(raw, column, path, mark)
    values = [str(value) for value in typed.cat.categories]
    domain = dataset.domains[column.name]
    if column.type == "category":
        values = _spell_alike(values, dataset.frame[column.name].cat.categories.tolist())
    different = [*dict.fromkeys(values)]
    nodes = cover_values(
        domain, different, described.columns[column.name], described.find_hierarchy(column.name)
    )
    node_of = dict(zip(different, nodes.tolist(), strict=True))
    by_category = np.array([node_of[value] for value in values], dtype=np.intp)
    return pd.Series(by_category[typed.cat.codes], index=raw.index, name=column.name)


def _spell_alike(values: list[str], known: list[str]) -> list[str]:
    """Return values as the table spells what means the same, where it has that."""
    numbers = join_spellings([*known, *values])
    spelling: dict[int, str] = {}
    for text, number in zip(known, numbers, strict=False):
        spelling.setdefault(number, text)
    same = {text: text for text in known}
    return [
        same.get(value, spelling.get(number, value))
        for value, number in zip(values, numbers[len(known) :], strict=True)
    ]
