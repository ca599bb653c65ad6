"""Datasets: what their columns are, and how a CSV becomes a typed table."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from anonify.errors import UserError
from anonify.hierarchy import MISSING

Role = Literal["identifier", "quasi-identifier", "sensitive", "target"]
Type = Literal["category", "integer", "decimal"]


# A cell may be longer than the 131,072 characters that csv takes by default.
csv.field_size_limit(2**31 - 1)

RESERVED = {"dataset", "data", "deletion", "is_suppressed", "size", "released_size"}


@dataclass(frozen=True)
class Column:
    """One column: its name, what it is in the sense of privacy, and the type of its values."""

    name: str
    role: Role
    type: Type


def describe_columns(columns: Mapping[str, Mapping[str, Any]]) -> tuple[Column, ...]:
    """Read the ``columns`` section of a dataset's configuration.

    Raises
    ------
    UserError : a column has a name that our tables use themselves.
    """
    for name in columns:
        if name in RESERVED:
            raise UserError(
                f"columns: {name!r} is a name that our tables use themselves; rename the column in "
                "the file and in the dataset's configuration"
            )
    return tuple(Column(name, column["role"], column["type"]) for name, column in columns.items())


def names_with_role(columns: Iterable[Column], role: Role) -> list[str]:
    """Return the names of the columns with a role, in the order of the table."""
    return [column.name for column in columns if column.role == role]


def drop_identifiers(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns without the direct identifiers, which no table of ours has."""
    return tuple(column for column in columns if column.role != "identifier")


def read_csv(path: str | Path, columns: Iterable[Column], separator: str = ",") -> pd.DataFrame:
    """Read a CSV with the given columns.

    Returns
    -------
    Frame (records, columns), direct identifiers left out. Quasi-identifiers are ordered
    categories of text, in the order of the domain: numbers by value, written as Python writes
    them (``80.0``); text by alphabet. A missing value of a quasi-identifier is a value of its
    own, the empty text at the end of the domain. Other columns are numbers or categories by
    their type.

    Raises
    ------
    UserError : the file is missing, empty, not UTF-8 CSV, lacks a column or has one that is
        not described, or a value of another column is missing, or one is not of its column's
        type.
    """
    columns = tuple(columns)
    raw = read_text_columns(path, separator)
    check_columns(path, list(raw.columns), [column.name for column in columns])
    return pd.DataFrame(
        {
            column.name: convert_column(raw[column.name], column, path)
            for column in drop_identifiers(columns)
        }
    )


def read_text_columns(path: str | Path, separator: str = ",") -> pd.DataFrame:
    """Read a CSV with every value as it is written.

    Raises
    ------
    UserError : the file is missing, has no record, is not UTF-8 CSV, or a header stands twice.
    """
    try:
        # Read as a record, the header tells how many values the others may have.
        raw = pd.read_csv(
            path,
            sep=separator,
            header=None,
            dtype="str",
            keep_default_na=False,
            encoding="utf-8-sig",
            compression=None,
        ).fillna(MISSING)
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: there is no such file; check the path") from None
    except pd.errors.EmptyDataError:
        raise UserError(f"{path}: the file is empty; it needs a header and records") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: the file is not UTF-8 text; save it as UTF-8") from None
    except pd.errors.ParserError as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: the file is no regular CSV ({reason}); mend that row") from None
    header = [str(name) for name in raw.iloc[0]]
    repeated = [name for name in header if header.count(name) > 1]
    if repeated:
        raise UserError(
            f"{path}: the column {repeated[0]!r} stands twice in the header; rename one"
        )
    if len(raw) == 1:
        raise UserError(f"{path}: the file has a header but no record; add records")
    if (raw.iloc[:, -1] == MISSING).any():
        _check_lengths(path, separator, len(header))
    return raw.iloc[1:].set_axis(header, axis="columns").reset_index(drop=True)


def _check_lengths(path: str | Path, separator: str, expected: int) -> None:
    """Make sure that no record breaks off: pandas takes it for one that ends in missing values."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = (row for row in csv.reader(file, delimiter=separator) if row)
        short = next((number for number, row in enumerate(rows) if len(row) < expected), None)
    if short is not None:
        raise UserError(
            f"{path}, record {short}: it has fewer values than the header has columns "
            f"({expected}); mend that record"
        )


def find_separator(lines: Sequence[str], names: Iterable[str]) -> tuple[str, list[str]]:
    """Return what parts the columns of a CSV, and the header that it gives.

    Of ``,``, ``;``, tab and ``|`` it is the one that finds most of the names in the header.

    >>> find_separator(["sex;age"], ["age", "sex"])
    (';', ['sex', 'age'])
    """
    wanted = set(names)
    headers = {mark: next(csv.reader(lines, delimiter=mark), []) for mark in ",;\t|"}
    mark = max(headers, key=lambda mark: len(wanted.intersection(headers[mark])))
    return mark, headers[mark]


def check_columns(path: str | Path, present: list[str], expected: list[str]) -> None:
    """Make sure that a file has the expected columns and no others, in any order.

    Raises
    ------
    UserError : one is missing, or one is not expected.
    """
    for name in expected:
        if name not in present:
            raise UserError(
                f"{path}: the column {name!r} is missing (there are {', '.join(present)}); "
                "add it or describe the table's own columns in config/datasets/"
            )
    for name in present:
        if name not in expected:
            raise UserError(
                f"{path}: the column {name!r} is not described; give it a role and a type in "
                "config/datasets/ or remove it from the file"
            )


def convert_column(values: "pd.Series[Any]", column: Column, path: str | Path) -> "pd.Series[Any]":
    """Give the text values of a column their type; see :func:`read_csv`.

    Raises
    ------
    UserError : a value that needs one is missing, or is not of the column's type; ``path`` names
        the file.
    """
    is_missing = values.str.strip() == MISSING
    is_identifying = column.role == "quasi-identifier"
    if is_missing.any() and not is_identifying:
        raise UserError(
            f"{path}, record {_first(is_missing)}: {column.name!r} has no value; fill it in or "
            "remove the record"
        )
    values = values.mask(is_missing, MISSING)
    if column.type == "category":
        return _ordered(values, sorted(set(values) - {MISSING}))
    numbers = pd.to_numeric(values[~is_missing], errors="coerce")
    is_wrong = numbers.isna() | numbers.isin([float("inf"), float("-inf")])
    if column.type == "integer":
        is_wrong |= (numbers != numbers.round()) | (numbers.abs() >= 2**63)
    if is_wrong.any():
        row = _first(is_wrong.reindex(values.index, fill_value=False))
        kind = "a whole number" if column.type == "integer" else "a number"
        raise UserError(
            f"{path}, record {row}: {column.name!r} is {values.iloc[row - 1]!r}, not {kind}; "
            "mend the value or the column's type"
        )
    # Adding 0 makes −0 and 0 one value.
    numbers = numbers.astype("int64" if column.type == "integer" else "float64") + 0
    if not is_identifying:
        return numbers
    domain = [repr_number(number) for number in sorted(numbers.unique().tolist())]
    return _ordered(numbers.map(repr_number).reindex(values.index, fill_value=MISSING), domain)


def repr_number(number: float) -> str:
    """Write a number as the label of a leaf."""
    return repr(number.item() if hasattr(number, "item") else number)


def _ordered(values: "pd.Series[Any]", domain: list[str]) -> "pd.Series[Any]":
    missing = [MISSING] if (values == MISSING).any() else []
    return values.astype(pd.CategoricalDtype([*domain, *missing], ordered=True))


def _first(mask: "pd.Series[bool]") -> int:
    return int(mask.to_numpy().argmax()) + 1
