"""Read the population that a dataset's description tells of."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import is_csv, is_workbook
from anonify.base.meanings import join_spellings
from anonify.base.values import PERSON, Codes
from anonify.datasets.described import describe_dataset
from anonify.domains.domain import Domain, Domains
from anonify.domains.outside import cover_values
from anonify.releases.dataset import Dataset, Population, StoredDataset
from anonify.tables.columns import describe_columns, find_weight
from anonify.tables.counts import count_everyone, count_records, count_rows, records_of
from anonify.tables.dialect import Dialect
from anonify.tables.text import read_text_columns
from anonify.tables.typed import convert_column, number_people


def find_population(named: str, dataset: Dataset | StoredDataset) -> Population | None:
    """Find and read the people of whom those of a dataset are a sample.

    Parameters
    ----------
    named : the dataset, as in :func:`anonify.settings.description.find_description`.
    dataset : as :func:`anonify.datasets.described.read_dataset` returns it.

    Returns
    -------
    None where the description says nothing of them, and the records have no weights that do.

    Raises
    ------
    UserError : as :func:`read_population`, or the table of the population is not found.
    """
    described = describe_dataset(named)
    stated = described.description.get("population", {})
    path = described.find_population() if "file" in stated else None
    columns, weight = described.description["columns"], find_weight(dataset.columns)
    if stated:
        frame = dataset.rows([*dataset.domains])
        return read_population(stated, path, columns, frame, dataset.domains)
    # A release without its suppressed records has less of them.
    return None if weight is None else Population(_add_up(dataset.rows([weight]), weight))


def _add_up(frame: pd.DataFrame, weight: str) -> float:
    """Return the sum of the weights of the people, the smallest one of each."""
    if PERSON in frame:
        frame = frame.groupby(PERSON)[weight].min().to_frame()
    counted = count_rows(frame, [weight])
    total = (counted[weight].astype(float) * records_of(counted)).sum()
    return max(float(total), count_records(counted))


def read_population(
    stated: Mapping[str, Any],
    path: str | Path | None,
    columns: Mapping[str, Mapping[str, Any]],
    frame: pd.DataFrame,
    domains: Domains,
) -> Population | None:
    """Read what is known of the people of whom those of a table are a sample.

    Parameters
    ----------
    stated : what the description of the dataset says of them.
    path : of their table, where they have one.
    columns : descriptions of the columns of the dataset.
    frame : the typed table, or counted with the numbers of the people
        (:mod:`anonify.tables.counts`).
    domains : of its quasi-identifiers.

    Returns
    -------
    None where nothing is said of them.

    Raises
    ------
    UserError : their table lacks a quasi-identifier or has a mistake, or they are fewer than the
        people of the dataset.
    """
    if path is not None:
        people = _read_people(path, stated, columns, frame, domains)
        found = Population(count_everyone(people), people)
    elif stated:
        found = Population(stated["size"])
    else:
        return None
    sampled = count_everyone(frame)
    if found.size < sampled:
        where = "`population.size`" if path is None else f"{path}: the population"
        raise UserError(
            f"{where} is {found.size:,.0f} people, fewer than the {sampled:,} of the table, which "
            "is no sample of it then; give the population that the people are of"
        )
    return found


def _read_people(
    path: str | Path,
    stated: Mapping[str, Any],
    columns: Mapping[str, Mapping[str, Any]],
    frame: pd.DataFrame,
    domains: Domains,
) -> pd.DataFrame:
    """Return the frame of :class:`anonify.releases.dataset.Population`."""
    codes = [name for name, column in columns.items() if not column.get("value_labels", True)]
    raw = read_text_columns(path, replace(Dialect.of(stated), header=True), codes=codes)
    lacking = [name for name in domains if name not in raw]
    if lacking:
        raise UserError(
            f"{path}: the header of the population has no column {lacking[0]!r}; add it under the "
            "name that the table gives it, or say what parts the columns by the `separator` of "
            "`population`"
        )
    mark = stated.get("decimal", ".") if is_csv(path) or is_workbook(path) else "."
    described = describe_columns(columns)
    people: dict[str, Any] = {}
    for column in described:
        name = column.name
        if name in domains:
            typed = convert_column(raw[name], column, path, mark)
            people[name] = _cover(typed, frame[name], domains[name], columns[name])
    keys = [column for column in described if column.role == "person"]
    if keys and all(key.name in raw for key in keys):
        people |= number_people(raw, keys, path, mark)
    return count_rows(pd.DataFrame(people), [*people])


def _cover(
    values: "pd.Series[Any]", known: "pd.Series[Any]", domain: Domain, column: Mapping[str, Any]
) -> Codes:
    """Array (records,): the node that covers each value.

    Parameters
    ----------
    known : the values of the table.
    """
    texts = [str(value) for value in values.cat.categories]
    if column["type"] == "category":
        texts = _spell_alike(texts, known.cat.categories.tolist())
    different = [*dict.fromkeys(texts)]
    nodes = cover_values(domain, different, column)
    node_of = dict(zip(different, nodes.tolist(), strict=True))
    return np.array([node_of[text] for text in texts], dtype=np.intp)[values.cat.codes]


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
