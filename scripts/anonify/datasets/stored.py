"""Type a described table part by part, from its file to a file of ours, whatever its size."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.errors import Noting
from anonify.base.files import is_csv, is_workbook
from anonify.base.progress import track
from anonify.base.values import PERSON
from anonify.datasets.people import check_rows
from anonify.datasets.typed import describe_exact, type_texts
from anonify.domains.domain import Domain
from anonify.domains.files import build_domain
from anonify.tables.columns import Column, check_columns, describe_columns, drop_identifiers
from anonify.tables.dialect import Dialect
from anonify.tables.stored import store_texts
from anonify.tables.text import read_text_parts
from anonify.tables.typed import read_people


@dataclass(frozen=True)
class Typed:
    """A described table whose records are read part by part.

    Parameters
    ----------
    columns : of the table: direct identifiers are left out.
    domains : of the quasi-identifiers.
    coded : sentences as of :func:`anonify.datasets.typed.read_described_table`.
    read_parts : returns frames of records, as that function types them.
    """

    columns: tuple[Column, ...]
    domains: Mapping[str, Domain]
    coded: list[str]
    read_parts: Callable[[], Iterator[pd.DataFrame]]


def type_stored_table(
    path: str | Path,
    header: Iterable[str],
    columns: Mapping[str, Mapping[str, Any]],
    dialect: Dialect,
    find_hierarchy: Callable[[str], str | Path | None],
    rows_are_people: bool,
    folder: Path,
    noting: Noting = nullcontext,
) -> Typed:
    """Type the columns of a table that may not fit in memory.

    Parameters
    ----------
    path, header, columns, dialect, find_hierarchy, rows_are_people : as
        :func:`anonify.datasets.typed.read_described_table`.
    folder : where what does not fit is put; it has to stay until all parts are read.

    Raises
    ------
    UserError : as that function. Where mistakes are noted, what has them is left out, and the
        records can't be read.
    """
    header = list(header)
    codes = [name for name, column in columns.items() if not column.get("value_labels", True)]
    parts = track(read_text_parts(path, dialect, header, codes), Path(path).name)
    texts = store_texts(parts, folder)
    with noting():
        check_columns(path, [*texts], header)
    columns = {name: column for name, column in columns.items() if name in texts}
    mark = dialect.decimal if is_csv(path) or is_workbook(path) else "."
    described = describe_columns(columns)
    values: dict[str, pd.Series[Any]] = {}
    kept: list[Column] = []
    domains: dict[str, Domain] = {}
    coded: list[str] = []
    for each in drop_identifiers(described):
        name = each.name
        with noting():
            values[name], column, found = type_texts(texts[name], each, path, mark)
            kept.append(column)
            coded += found
            if column.role == "quasi-identifier":
                shown = values[name].cat.categories.tolist()
                domains[name] = build_domain(name, shown, columns[name], find_hierarchy(name))
                coded += describe_exact(domains[name])
    people = [column for column in described if column.role == "person"]
    if not people and not rows_are_people:
        with noting():
            check_rows(path, texts, {column.name: column.role for column in described})

    def read_parts() -> Iterator[pd.DataFrame]:
        numbers = zip(*(texts[name].read_numbers() for name in values), strict=True)
        persons = read_people(texts, people, path, mark) if people else None
        for part in numbers:
            typed = {
                name: pd.Series(of_texts.array.take(of_part), name=name)
                for (name, of_texts), of_part in zip(values.items(), part, strict=True)
            }
            if persons is not None:
                typed[PERSON] = pd.Series(next(persons))
            yield pd.DataFrame(typed)

    return Typed(tuple(kept), domains, coded, read_parts)
