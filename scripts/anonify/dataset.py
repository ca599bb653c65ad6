"""Datasets: what their columns are, and how a CSV or Parquet file becomes a typed table."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from anonify.errors import UserError
from anonify.files import is_parquet
from anonify.hierarchy import MISSING
from anonify.text_table import list_names, quote, read_header, read_text_columns

Role = Literal["identifier", "quasi-identifier", "sensitive", "target"]
Type = Literal["category", "integer", "decimal", "date"]


RESERVED = {"dataset", "data", "deletion", "is_suppressed", "size", "released_size"}


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    role : what it is in the sense of privacy.
    type : of its values.
    format : how dates are written, as ``strftime`` has it.
    """

    name: str
    role: Role
    type: Type
    format: str = "%Y-%m-%d"


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
    known = ("role", "type", "format")
    return tuple(
        Column(name, **{key: column[key] for key in known if key in column})
        for name, column in columns.items()
    )


def names_with_role(columns: Iterable[Column], role: Role) -> list[str]:
    """Return the names of the columns with a role, in the order of the table."""
    return [column.name for column in columns if column.role == role]


def find_target(columns: Iterable[Column]) -> str:
    """Return the name of the column that classifiers predict.

    Raises
    ------
    UserError : there is none.
    """
    names = names_with_role(columns, "target")
    if not names:
        raise UserError(
            "columns: none has the role `target`, so classifiers have nothing to predict; give it "
            "to one in the dataset's description"
        )
    return names[0]


def check_target(target: "pd.Series[Any]", positive: Any) -> None:
    """Make sure that classes can be learned.

    Parameters
    ----------
    positive : the positive class, where one is named.

    Raises
    ------
    UserError : the target has a single class, lacks the positive one, or is no class at all but
        a measurement.
    """
    if target.dtype.kind == "f" and (target % 1 != 0).any():
        raise UserError(
            f"target {target.name!r}: its values have decimals, so they are measurements and no "
            "classes; choose another target, or put them into classes first"
        )
    if positive is not None and not (target == positive).any():
        raise UserError(
            f"target {target.name!r}: no record is of the class {positive!r}; mend `positive` in "
            "the dataset's configuration"
        )
    if target.nunique() < 2:
        raise UserError(
            f"target {target.name!r}: all records are of one class, so there is nothing to "
            "learn; choose another target, or none"
        )


def drop_identifiers(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns without the direct identifiers, which no table of ours has."""
    return tuple(column for column in columns if column.role != "identifier")


def read_records(
    path: str | Path, columns: Iterable[Column], separator: str = ",", decimal: str = "."
) -> pd.DataFrame:
    """Read a CSV or, by the ending ``.parquet``, a Parquet file with the given columns.

    Parameters
    ----------
    separator, decimal : what parts the columns and the decimals of a CSV.

    Returns
    -------
    Frame (records, columns), direct identifiers left out. Quasi-identifiers are ordered
    categories of text, in the order of the domain: numbers by value, written as Python writes
    them (``80.0``); dates as ``YYYY-MM-DD``; text by alphabet. A missing value of a
    quasi-identifier is a value of its own, the empty text at the end of the domain. Other
    columns are numbers or such categories by their type.

    Raises
    ------
    UserError : the file is missing, empty, no UTF-8 CSV and no Parquet, lacks a column or has one
        that is not described, or a value of another column is missing, or one is not of its
        column's type.
    """
    raw = read_text_columns(path, separator)
    return convert_records(raw, columns, path, "." if is_parquet(path) else decimal)


def convert_records(
    raw: pd.DataFrame, columns: Iterable[Column], path: str | Path, decimal: str = "."
) -> pd.DataFrame:
    """Give the text values of a table their types; see :func:`read_records`.

    Parameters
    ----------
    path : names the table in messages.

    Raises
    ------
    UserError : as :func:`read_records`, but for what makes a file unreadable.
    """
    columns = tuple(columns)
    check_columns(path, list(raw.columns), [column.name for column in columns])
    return pd.DataFrame(
        {
            column.name: convert_column(raw[column.name], column, path, decimal)
            for column in drop_identifiers(columns)
        }
    )


def check_columns(path: str | Path, present: list[str], expected: list[str]) -> None:
    """Make sure that a file has the expected columns and no others, in any order.

    Raises
    ------
    UserError : one is missing, or one is not expected.
    """
    for name in expected:
        if name not in present:
            raise UserError(
                f"{path}: the column {name!r} is missing (there are {list_names(present)}); "
                + (
                    _explain_separator(path, present, expected)
                    or "add it or describe the table's own columns in config/datasets/"
                )
            )
    for name in present:
        if name not in expected and not name:
            raise UserError(
                f"{path}: a column has no name in the header; give it one and describe it, or "
                "remove it, such as by removing what parts columns from the end of every line"
            )
        if name not in expected:
            raise UserError(
                f"{path}: the column {quote(name)} is not described; give it a role and a type "
                "in config/datasets/ or remove it from the file"
            )


def _explain_separator(path: str | Path, present: list[str], expected: list[str]) -> str | None:
    """Say what parts the columns, where that finds more of the expected ones."""
    if is_parquet(path):
        return None
    mark, header = read_header(path, expected)
    if len({*header} & {*expected}) <= len({*present} & {*expected}):
        return None
    key = f"separator: {json.dumps(mark)}"
    return f"{mark!r} parts the columns, so write `{key}` in the description"


def convert_column(
    values: "pd.Series[Any]", column: Column, path: str | Path, decimal: str = "."
) -> "pd.Series[Any]":
    """Give the text values of a column their type; see :func:`read_records`.

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
    if column.type == "date":
        dates = _read_dates(values[~is_missing], column, path)
        values = dates.reindex(values.index, fill_value=MISSING)
        return _ordered(values, sorted(set(values) - {MISSING}))
    numbers = _read_numbers(values[~is_missing], column, path, decimal)
    if not is_identifying:
        return numbers
    domain = [repr_number(number) for number in sorted(numbers.unique().tolist())]
    return _ordered(numbers.map(repr_number).reindex(values.index, fill_value=MISSING), domain)


def _read_dates(values: "pd.Series[Any]", column: Column, path: str | Path) -> "pd.Series[Any]":
    """Return dates as ``YYYY-MM-DD``, from the way in which the column writes them."""
    written = values.drop_duplicates()
    try:
        dates = pd.to_datetime(written.str.strip(), format=column.format, errors="coerce")
    except ValueError as error:
        raise UserError(
            f"columns: the `format` {column.format!r} of {column.name!r} is none ({error}); write "
            "it as strftime does, such as %d.%m.%Y"
        ) from None
    if dates.isna().any():
        wrong = written[dates.isna()]
        raise UserError(
            f"{path}, record {wrong.index[0] + 1}: {column.name!r} is {quote(wrong.iloc[0])}, "
            f"no date as {column.format} writes it; mend the value or the column's `format`"
        )
    return values.map(dict(zip(written, dates.dt.strftime("%Y-%m-%d"), strict=True))).astype("str")


def _read_numbers(
    values: "pd.Series[Any]", column: Column, path: str | Path, decimal: str
) -> "pd.Series[Any]":
    texts = values
    if decimal != ".":
        # A point would part thousands then, which no number here has.
        texts = values.str.replace(".", "?").str.replace(decimal, ".")
    numbers = pd.to_numeric(texts, errors="coerce")
    is_wrong = numbers.isna() | numbers.isin([float("inf"), float("-inf")])
    if column.type == "integer":
        is_wrong |= (numbers != numbers.round()) | (numbers.abs() >= 2**63)
    if is_wrong.any():
        wrong = values[is_wrong]
        kind = "a whole number" if column.type == "integer" else "a number"
        mark = " and the table's `decimal`" if _looks_like_number(str(wrong.iloc[0])) else ""
        raise UserError(
            f"{path}, record {wrong.index[0] + 1}: {column.name!r} is {quote(wrong.iloc[0])}, "
            f"not {kind}; mend the value or the column's type{mark}"
        )
    # Adding 0 makes −0 and 0 one value.
    return numbers.astype("int64" if column.type == "integer" else "float64") + 0


def _looks_like_number(text: str) -> bool:
    """Tell whether a text may be a number that is written with other marks."""
    return bool(re.fullmatch(r"\s*[-+]?\d[\d.,]*\s*", text))


def repr_number(number: float) -> str:
    """Write a number as the label of a leaf."""
    return repr(number.item() if hasattr(number, "item") else number)


def _ordered(values: "pd.Series[Any]", domain: list[str]) -> "pd.Series[Any]":
    missing = [MISSING] if (values == MISSING).any() else []
    return values.astype(pd.CategoricalDtype([*domain, *missing], ordered=True))


def _first(mask: "pd.Series[bool]") -> int:
    return int(mask.to_numpy().argmax()) + 1
