"""Read a table as it is described: its columns get their types, quasi-identifiers their domains."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.errors import Noting
from anonify.base.files import is_csv, is_workbook
from anonify.base.values import PERSON
from anonify.base.words import count
from anonify.datasets.people import check_rows
from anonify.domains.domain import Domain
from anonify.domains.files import build_domain
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.levels import list_exact
from anonify.tables.columns import Column, check_columns, describe_columns, drop_identifiers
from anonify.tables.dialect import Dialect
from anonify.tables.distinct import KnownColumn, TextColumn
from anonify.tables.text import read_text_columns
from anonify.tables.typed import convert_texts, count_coded, find_spellings, number_people


def read_described_table(
    path: str | Path,
    header: Iterable[str],
    columns: Mapping[str, Mapping[str, Any]],
    dialect: Dialect,
    find_hierarchy: Callable[[str], str | Path | None],
    rows_are_people: bool,
    noting: Noting = nullcontext,
) -> tuple[pd.DataFrame, tuple[Column, ...], dict[str, Domain], list[str]]:
    """Read a table: a CSV, or what the ending of its name says.

    Parameters
    ----------
    header : the columns that the file should have, in any order.
    columns : descriptions of those that are to be read.
    dialect : how a CSV is written. Without a header its columns are ``header`` in that order.
    find_hierarchy : returns the file of a quasi-identifier's hierarchy, None where it has none.
    rows_are_people : that every record is a person of its own, although it may not look so.

    Returns
    -------
    The frame of :func:`anonify.tables.typed.convert_records`, what its columns are, and the domain
    of each quasi-identifier; all in the order of ``columns``, frame and domains without those that
    have a mistake where it is noted. And sentences: for each column with a ``top`` or ``bottom``,
    how many records it concerns, and with a ``least_level``, how many values it shows as they are.

    Raises
    ------
    UserError : as :func:`anonify.tables.text.read_text_columns`,
        :func:`anonify.tables.columns.check_columns`,
        :func:`anonify.tables.typed.convert_column`,
        :func:`anonify.domains.files.build_domain` and :func:`anonify.datasets.people.check_rows`;
        the first also where mistakes are noted.
    """
    header = list(header)
    codes = [name for name, column in columns.items() if not column.get("value_labels", True)]
    raw = read_text_columns(path, dialect, header, codes)
    with noting():
        check_columns(path, list(raw.columns), header)
    mark = dialect.decimal if is_csv(path) or is_workbook(path) else "."
    present = {name: column for name, column in columns.items() if name in raw}
    texts = {name: KnownColumn.of(raw[name]) for name in present}
    typed: dict[str, pd.Series[Any]] = {}
    domains: dict[str, Domain] = {}
    coded: list[str] = []
    kept = {column.name: column for column in drop_identifiers(describe_columns(columns))}
    for column in drop_identifiers(describe_columns(present)):
        name = column.name
        with noting():
            of_texts, kept[name], found = type_texts(texts[name], column, path, mark)
            typed[name] = pd.Series(of_texts.array.take(texts[name].numbers), name=name)
            coded += found
            if column.role == "quasi-identifier":
                values = typed[name].cat.categories.tolist()
                domains[name] = build_domain(name, values, columns[name], find_hierarchy(name))
                coded += describe_exact(domains[name])
    described = describe_columns(present)
    with noting():
        typed |= number_people(raw, described, path, mark)
    frame = pd.DataFrame(typed, copy=False)
    is_whole = all(column.name in frame for column in drop_identifiers(described))
    if is_whole and not rows_are_people and PERSON not in frame:
        with noting():
            check_rows(path, texts, {column.name: column.role for column in described})
    return frame, tuple(kept.values()), domains, coded


def type_texts(
    known: TextColumn, column: Column, path: str | Path, decimal: str
) -> tuple["pd.Series[Any]", Column, list[str]]:
    """Return the distinct texts of a column with their type, what it is, and what is to be said."""
    texts, records = known.texts, known.records
    typed = convert_texts(texts, records, column, path, decimal)
    if is_csv(path):
        found = find_spellings(texts, records, typed, column, decimal)
        column = replace(column, spellings=found)
    return typed, column, _describe_coded(texts, records, column, path, decimal)


def describe_exact(domain: Domain) -> list[str]:
    """Say how many values are shown as they are although there is a least level."""
    if not isinstance(domain, Hierarchy) or not domain.least_level:
        return []
    exact = len(list_exact(domain))
    if not exact:
        return []
    verb = "is" if exact == 1 else "are"
    return [
        f"{domain.attribute!r}: {count(exact, 'value')} {verb} on level {domain.least_level}, the "
        "`least_level`, as in the table; choose a higher one, or generalize them in its hierarchy"
    ]


def _describe_coded(
    texts: "pd.Series[Any]",
    records: "pd.Series[int]",
    column: Column,
    path: str | Path,
    decimal: str,
) -> list[str]:
    if column.bottom is None and column.top is None:
        return []
    parts = [
        f"{count(coded, 'record')} {'above' if key == 'top' else 'below'} its {key} "
        f"{getattr(column, key)}"
        for key, coded in count_coded(texts, records, column, path, decimal).items()
    ]
    return [f"{column.name!r}: {' and '.join(parts)}, coded as that"]
