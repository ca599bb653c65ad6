"""Datasets: what their columns are, and how a CSV or Parquet file becomes a typed table."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonify.errors import UserError
from anonify.files import is_parquet
from anonify.hierarchy import MISSING

Role = Literal["identifier", "quasi-identifier", "sensitive", "target"]
Type = Literal["category", "integer", "decimal", "date"]


# A cell may be longer than the 131,072 characters that csv takes by default.
csv.field_size_limit(2**31 - 1)

NOT_UTF_8 = (
    "the file is not UTF-8 text; save it as UTF-8, such as by iconv -f latin1 -t utf-8 IN > OUT"
)

# Beginnings of files that are no UTF-8, and what they are.
BINARIES = {
    b"PK\x03\x04": "an Excel workbook or another archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"PAR1": "a Parquet file without the ending .parquet",
}
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

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
    columns = tuple(columns)
    raw = read_text_columns(path, separator)
    check_columns(path, list(raw.columns), [column.name for column in columns])
    return pd.DataFrame(
        {
            column.name: convert_column(
                raw[column.name], column, path, "." if is_parquet(path) else decimal
            )
            for column in drop_identifiers(columns)
        }
    )


def read_text_columns(path: str | Path, separator: str = ",") -> pd.DataFrame:
    """Read a CSV with every value as it is written, or a Parquet file with its values as text.

    Raises
    ------
    UserError : the file is missing, has no record, is no UTF-8 CSV and no Parquet, or a header
        stands twice.
    """
    if is_parquet(path):
        return _read_parquet(path)
    try:
        _check_bytes(path)
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
        raise UserError(f"{path}, line {_find_wrong_line(path)}: {NOT_UTF_8}") from None
    except pd.errors.ParserError as error:
        reason = _explain(error, separator)
        raise UserError(f"{path}: the file is no regular CSV, {reason}") from None
    header = [str(name) for name in raw.iloc[0]]
    _check_header(path, header, len(raw) - 1)
    if (raw.iloc[:, -1] == MISSING).any():
        _check_lengths(path, separator, len(header))
    return raw.iloc[1:].set_axis(header, axis="columns").reset_index(drop=True)


def _check_bytes(path: str | Path) -> None:
    """Make sure that a file may be text: pandas would read NUL without a word."""
    with Path(path).open("rb") as file:
        start = file.read(4)
        if start.startswith(UTF_16):
            raise UserError(
                f"{path}: the file is UTF-16 text; save it as UTF-8, such as by "
                "iconv -f utf-16 -t utf-8 IN > OUT"
            )
        what = next((kind for mark, kind in BINARIES.items() if start.startswith(mark)), None)
        file.seek(0)
        lines = 1
        while not what and (chunk := file.read(2**20)):
            text, nul, _ = chunk.partition(b"\0")
            lines += text.count(b"\n")
            what = f"no text, for line {lines} has a NUL byte" if nul else None
    if what:
        raise UserError(f"{path}: the file is {what}; save the table as CSV in UTF-8")


def _find_wrong_line(path: str | Path) -> int:
    """Return the number of the first line that is not UTF-8."""
    with Path(path).open("rb") as file:
        lines = enumerate(file, start=1)
        return next(n for n, line in lines if line.decode(errors="replace").encode() != line)


def _explain(error: pd.errors.ParserError, separator: str) -> str:
    """Say what pandas found wrong with a CSV, and how to mend it."""
    reason = " ".join(str(error).split())
    if quote := re.search(r"EOF inside string starting at row (\d+)", reason):
        return (
            f"for a quote that opens in record {quote[1]} is never closed; close it, or get the "
            "whole file if this one was cut off"
        )
    if widths := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", reason):
        expected, line, found = widths.groups()
        mend = f"put quotes around values with {separator!r} in them"
        if expected == "1":
            mend = f"say by `separator` what parts the columns, if it is not {separator!r}"
        return (
            f"for line {line} has {found} values where the header has {expected}; mend that line, "
            f"or {mend}"
        )
    return f"for {reason}; mend that row"


def _read_parquet(path: str | Path) -> pd.DataFrame:
    try:
        content = pq.read_table(path)
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: there is no such file; check the path") from None
    except (pa.ArrowException, OSError):
        raise UserError(
            f"{path}: the file is no Parquet, or not whole; save the table again"
        ) from None
    _check_header(path, content.column_names, content.num_rows)
    return pd.DataFrame(
        {name: _write_as_text(path, name, content[name]) for name in content.column_names}
    )


def _write_as_text(path: str | Path, name: str, values: Any) -> "pd.Series[Any]":
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_timestamp(values.type):
        local = values.cast(pa.timestamp(values.type.unit))
        days = local.cast(pa.date32(), safe=False)
        is_midnight = pc.equal(days.cast(local.type), local)
        values = days if pc.all(is_midnight).as_py() in (True, None) else values
    try:
        text = values.cast(pa.string())
    except pa.ArrowException:
        raise UserError(
            f"{path}: the column {name!r} holds values of the kind {values.type}, which are no "
            "text, number or date; remove it or save them as text"
        ) from None
    written: pd.Series[Any] = text.to_pandas().astype("str").fillna(MISSING)
    return written


def _check_header(path: str | Path, header: list[str], records: int) -> None:
    repeated = [name for name in header if header.count(name) > 1]
    if repeated:
        raise UserError(
            f"{path}: the column {_shorten(repeated[0])} stands twice in the header; rename one"
        )
    if records == 0:
        raise UserError(f"{path}: the file has a header but no record; add records")


def _check_lengths(path: str | Path, separator: str, expected: int) -> None:
    """Make sure that no record breaks off: pandas takes it for one that ends in missing values."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = (row for row in csv.reader(file, delimiter=separator) if row)
        short = next((number for number, row in enumerate(rows) if len(row) < expected), None)
    if short is not None:
        raise UserError(
            f"{path}, record {short}: it has fewer values than the header has columns "
            f"({expected}); mend that record, or get the whole file if this one was cut off"
        )


def read_header(path: str | Path, names: Iterable[str]) -> tuple[str, list[str]]:
    """Return what parts the columns of a CSV, and its header; see :func:`find_separator`.

    Raises
    ------
    UserError : there is no such file, or it is not UTF-8.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return find_separator(list(islice(file, 100)), names)
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: there is no such file; check the path") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: {NOT_UTF_8}") from None


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
                f"{path}: the column {name!r} is missing (there are {_list(present)}); "
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
                f"{path}: the column {_shorten(name)} is not described; give it a role and a type "
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
            f"{path}, record {wrong.index[0] + 1}: {column.name!r} is {_shorten(wrong.iloc[0])}, "
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
            f"{path}, record {wrong.index[0] + 1}: {column.name!r} is {_shorten(wrong.iloc[0])}, "
            f"not {kind}; mend the value or the column's type{mark}"
        )
    # Adding 0 makes −0 and 0 one value.
    return numbers.astype("int64" if column.type == "integer" else "float64") + 0


def _looks_like_number(text: str) -> bool:
    """Tell whether a text may be a number that is written with other marks."""
    return bool(re.fullmatch(r"\s*[-+]?\d[\d.,]*\s*", text))


def _shorten(text: str) -> str:
    return repr(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


def _list(names: list[str]) -> str:
    shown = [_cut(" ".join(name.split())) for name in names[:20]]
    more = [f"{len(names) - 20} more"] if len(names) > 20 else []
    return ", ".join([*shown, *more])


def repr_number(number: float) -> str:
    """Write a number as the label of a leaf."""
    return repr(number.item() if hasattr(number, "item") else number)


def _ordered(values: "pd.Series[Any]", domain: list[str]) -> "pd.Series[Any]":
    missing = [MISSING] if (values == MISSING).any() else []
    return values.astype(pd.CategoricalDtype([*domain, *missing], ordered=True))


def _first(mask: "pd.Series[bool]") -> int:
    return int(mask.to_numpy().argmax()) + 1
