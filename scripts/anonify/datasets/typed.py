"""Read a table as it is described: its columns get their types, quasi-identifiers their domains."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.errors import Noting
from anonify.base.files import is_parquet
from anonify.base.values import PERSON
from anonify.base.words import count
from anonify.datasets.people import check_rows
from anonify.domains.domain import Domain
from anonify.domains.files import build_domain
from anonify.tables.columns import Column, check_columns, describe_columns, drop_identifiers
from anonify.tables.dialect import Dialect
from anonify.tables.text import read_text_columns
from anonify.tables.typed import convert_column, count_coded, keep_written, number_people


def read_described_table(
    path: str | Path,
    header: Iterable[str],
    columns: Mapping[str, Mapping[str, Any]],
    dialect: Dialect,
    find_hierarchy: Callable[[str], str | Path | None],
    rows_are_people: bool,
    noting: Noting = nullcontext,
) -> tuple[pd.DataFrame, dict[str, Domain], list[str]]:
    """Read a CSV or, by the ending ``.parquet``, a Parquet file.

    Parameters
    ----------
    header : the columns that the file should have, in any order.
    columns : descriptions of those that are to be read.
    dialect : how a CSV is written. Without a header its columns are ``header`` in that order.
    find_hierarchy : returns the file of a quasi-identifier's hierarchy, None where it has none.
    rows_are_people : that every record is a person of its own, although it may not look so.

    Returns
    -------
    The frame of :func:`anonify.tables.typed.convert_records`, and the domain of each
    quasi-identifier; both in the order of ``columns``, and without those that have a mistake where
    it is noted. And a sentence for each column with a ``top`` or ``bottom``: how many records it
    concerns.

    Raises
    ------
    UserError : as :func:`anonify.tables.text.read_text_columns`,
        :func:`anonify.tables.columns.check_columns`,
        :func:`anonify.tables.typed.convert_column`,
        :func:`anonify.domains.files.build_domain` and :func:`anonify.datasets.people.check_rows`;
        the first also where mistakes are noted.
    """
    header = list(header)
    raw = read_text_columns(path, dialect, header)
    with noting():
        check_columns(path, list(raw.columns), header)
    mark = "." if is_parquet(path) else dialect.decimal
    present = {name: column for name, column in columns.items() if name in raw}
    typed: dict[str, pd.Series[Any]] = {}
    domains: dict[str, Domain] = {}
    coded: list[str] = []
    for column in drop_identifiers(describe_columns(present)):
        name = column.name
        with noting():
            typed[name] = convert_column(raw[name], column, path, mark)
            coded += _describe_coded(raw[name], column, path, mark)
            if column.role == "quasi-identifier":
                values = typed[name].cat.categories.tolist()
                domains[name] = build_domain(name, values, columns[name], find_hierarchy(name))
    described = describe_columns(present)
    typed |= keep_written(raw, typed, described, mark)
    with noting():
        typed |= number_people(raw, described, path, mark)
    frame = pd.DataFrame(typed)
    is_whole = all(column.name in frame for column in drop_identifiers(described))
    if is_whole and not rows_are_people and PERSON not in frame:
        with noting():
            check_rows(path, raw, {column.name: column.role for column in described})
    return frame, domains, coded


def _describe_coded(
    values: "pd.Series[Any]", column: Column, path: str | Path, decimal: str
) -> list[str]:
    if column.bottom is None and column.top is None:
        return []
    parts = [
        f"{count(records, 'record')} {'above' if key == 'top' else 'below'} its {key} "
        f"{getattr(column, key)}"
        for key, records in count_coded(values, column, path, decimal).items()
    ]
    return [f"{column.name!r}: {' and '.join(parts)}, coded as that"]
