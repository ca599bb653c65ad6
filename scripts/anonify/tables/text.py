"""Tables as they are written: every value of a file as text.

What keeps a file from being read is told in one sentence each.
"""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from io import StringIO
from itertools import dropwhile, islice
from pathlib import Path

import pandas as pd
from pandas.api.types import union_categoricals

from anonify.base.errors import UserError
from anonify.base.files import (
    find_mark,
    is_csv,
    is_parquet,
    is_statistical,
    is_workbook,
    name_format,
    open_bytes,
    open_text,
    reading,
    refuse_marked,
)
from anonify.base.values import MISSING
from anonify.base.words import list_names
from anonify.tables.csv_records import read_records
from anonify.tables.dialect import Dialect
from anonify.tables.headers import check_header, find_data_in_header
from anonify.tables.kinds import explain_content
from anonify.tables.parquet import read_names, read_parquet, read_parquet_parts
from anonify.tables.statistical import read_statistical
from anonify.tables.workbooks import read_sheet

# A cell may be longer than the 131,072 characters that csv takes by default.
csv.field_size_limit(2**31 - 1)

# What Excel writes above a table to say what parts its columns.
_SEPARATOR_LINE = re.compile(r"sep=[^\r\n]?\r?\n?$", re.IGNORECASE | re.MULTILINE)

_JSON = re.compile(r"\s{0,100}(\[\s{0,100})?\{\s{0,100}[\"}]")

PLAIN = Dialect()


def read_text_columns(
    path: str | Path,
    dialect: Dialect = PLAIN,
    names: Sequence[str] = (),
    codes: Collection[str] = (),
) -> pd.DataFrame:
    """Read a CSV with every value as it is written, or another file with its values as text.

    Parameters
    ----------
    names : of the columns in their order, where no header has them.
    codes : the columns whose values are not replaced by their labels, where they have any.

    Returns
    -------
    Frame (records, columns) of texts; of a CSV as categories, of which some may be in no record.

    Raises
    ------
    UserError : the file is missing, has no record, is not of the kind that its name says or of that
        encoding, has not as many columns as names are given, or a header stands twice; as
        :func:`anonify.tables.workbooks.read_sheet` and
        :func:`anonify.tables.statistical.read_statistical`.
    """
    if is_parquet(path):
        return read_parquet(path)
    if is_statistical(path):
        found = read_statistical(path, dialect.stated_encoding, codes).frame
        check_header(path, list(found.columns), len(found))
        return found
    if is_workbook(path):
        return name_columns(path, read_sheet(path, dialect).rows, dialect, names)
    return _join([*read_text_parts(path, dialect, names, codes)])


def read_text_parts(
    path: str | Path,
    dialect: Dialect = PLAIN,
    names: Sequence[str] = (),
    codes: Collection[str] = (),
) -> Iterator[pd.DataFrame]:
    """Read what :func:`read_text_columns` reads, part by part: a CSV or Parquet is never in memory.

    A mistake in a record is raised before its part, one of the whole table after all.

    Raises
    ------
    UserError : as :func:`read_text_columns`.
    """
    if is_parquet(path):
        yield from read_parquet_parts(path)
    elif not is_csv(path):
        yield read_text_columns(path, dialect, names, codes)
    else:
        source = _open_table(path, dialect)
        header: list[str] = []
        rows = read_records(path, source, dialect)
        for raw in rows:
            if header:
                yield raw.set_axis(header, axis="columns")
                continue
            # The header alone tells nothing of the records.
            if len(raw) == 1 and (more := next(rows, None)) is not None:
                raw = _join([raw, more])
            part = name_columns(path, raw, dialect, names)
            header = list(part.columns)
            yield part


def name_columns(
    path: str | Path, raw: pd.DataFrame, dialect: Dialect, names: Sequence[str]
) -> pd.DataFrame:
    """Return the records of a table, whose columns its first row names, or its description.

    Raises
    ------
    UserError : the first row looks like a record, a name stands twice or is lacking, there are not
        as many names as columns, or there is no record.
    """
    if dialect.header is False:
        return _name_by_description(path, raw, names)
    header = [str(name) for name in raw.iloc[0]]
    if dialect.header is None:
        said = "write `header: false` in the description", "`header: true`"
        check_names(path, header, raw.iloc[1:], *said)
    if is_workbook(path):
        _check_named(path, raw)
    check_header(path, header, len(raw) - 1)
    return raw.iloc[1:].set_axis(header, axis="columns").reset_index(drop=True)


def _check_named(path: str | Path, rows: pd.DataFrame) -> None:
    """Make sure that the first row of a sheet names all its columns.

    Raises
    ------
    UserError : it does not.
    """
    is_blank = (rows.iloc[0].str.strip() == MISSING).to_numpy()
    if is_blank.any():
        cell = f"{rows.columns[int(is_blank.argmax())]}{rows.index[0]}"
        raise UserError(
            f"{path}: the cell {cell} of the header is empty, but there are values below; write a "
            "name into it (if the header is another row, give its number as `first_line`)"
        )


def check_names(
    path: str | Path, header: Sequence[str], records: pd.DataFrame, without: str, with_header: str
) -> None:
    """Make sure that the first line of a table is not its first record.

    Parameters
    ----------
    without, with_header : what is to be said if the file has no header, and if it has one.

    Raises
    ------
    UserError : it looks like one.
    """
    places = find_data_in_header(header, records)
    if places:
        columns = "columns" if len(places) > 1 else "column"
        verb = "have" if len(places) > 1 else "has"
        raise UserError(
            f"{path}: the first line looks like a record and not like the names of the columns "
            f"({columns} {list_names([*map(str, places)])} {verb} such values); if the file has no "
            f"header, {without}, and else {with_header}"
        )


def _name_by_description(path: str | Path, raw: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    if len(raw.columns) != len(names):
        raise UserError(
            f"{path}: its records have {len(raw.columns)} values, but the description names "
            f"{len(names)} columns; without a header (`header: false`) it needs all of them in the "
            "order of the file"
        )
    check_header(path, list(names), len(raw))
    return raw.set_axis(list(names), axis="columns")


def _open_table(path: str | Path, dialect: Dialect) -> str | Path | StringIO:
    """Return the file, or the text of the lines of it that are the table."""
    with reading(path):
        check_start(path)
        with open_bytes(path) as file:
            start = file.read(100)
    is_plain = dialect.is_whole_utf8 and not find_mark(start)
    if is_plain and not _SEPARATOR_LINE.match(_decode_start(start)):
        with reading(path):
            check_bytes(path)
        return path
    lines = read_all_lines(path, dialect.encoding)[dialect.first_line - 1 : dialect.last_line]
    if lines and _SEPARATOR_LINE.match(lines[0]):
        del lines[0]
    return StringIO("".join(lines), newline="")


def read_all_lines(path: str | Path, encoding: str) -> list[str]:
    """Return the lines of a text file as they end, without a mark at its beginning.

    Raises
    ------
    UserError : there is no such file, or it is no text of the encoding.
    """
    with reading(path), open_bytes(path) as file:
        content = file.read()
    try:
        text = content.decode(find_mark(content) or encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        raise UserError(
            f"{path}: the file is no text in the encoding {encoding!r}; correct `encoding` in the "
            "description"
        ) from None
    lines = list(StringIO(text, newline=""))
    wrong = next((number for number, line in enumerate(lines, start=1) if "\0" in line), None)
    if wrong:
        raise UserError(
            f"{path}: the file is no text, for line {wrong} has a NUL character; correct "
            "`encoding` in the description, or save the table as CSV in UTF-8"
        )
    return lines


def _decode_start(start: bytes) -> str:
    return start.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _join(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the records of all parts, which do not have the same categories."""
    columns = {name: union_categoricals([part[name] for part in parts]) for name in parts[0]}
    return pd.DataFrame(columns, copy=False)


def check_bytes(path: str | Path) -> None:
    """Make sure that a file may be text: pandas would read NUL without a word.

    Raises
    ------
    UserError : it is UTF-16, has a NUL byte, or begins as files do that are no CSV.
    """
    with open_bytes(path) as file:
        start = file.read(100)
        refuse_marked(path, start)
        check_start(path)
        file.seek(0)
        has_nul = any(b"\0" in chunk for chunk in iter(lambda: file.read(2**20), b""))
    if has_nul:
        raise UserError(
            f"{path}: the file is no text, for line {_find_nul(path)} has a NUL byte; save the "
            "table as CSV in UTF-8"
        )


def _find_nul(path: str | Path) -> int:
    """Return the number of the first line that has a NUL byte."""
    lines = 1
    with open_bytes(path) as file:
        while chunk := file.read(2**20):
            text, nul, _ = chunk.partition(b"\0")
            lines += text.count(b"\n")
            if nul:
                break
    return lines


def check_start(path: str | Path) -> None:
    """Make sure that a file does not begin as files do that are no CSV.

    Raises
    ------
    UserError : it does; the sentence says what it is. UTF-16 is read.
    """
    other = explain_content(path)
    if not (other or is_csv(path)):
        other = f"a table of {name_format(path)} is not read here; save it as CSV in UTF-8"
    if other:
        raise UserError(f"{path}: {other}")
    with open_bytes(path) as file:
        start = file.read(100)
    if find_mark(start) == "utf-32":
        refuse_marked(path, start)
    if _JSON.match(_decode_start(start)):
        raise UserError(
            f"{path}: the file is JSON; save the table as CSV, such as by pandas.read_json(…, "
            "lines=True).to_csv(…, index=False) where each line is an object"
        )


def read_header(path: str | Path, names: Iterable[str]) -> tuple[str, list[str]]:
    """Return what parts the columns of a CSV, and its header; see :func:`find_separator`.

    Of a file that is no CSV it is the names of its columns.

    Raises
    ------
    UserError : the file is empty; as :func:`read_lines`, or as :func:`read_text_columns`.
    """
    if is_parquet(path):
        return ",", read_names(path)
    if not is_csv(path):
        return ",", list(read_text_columns(path, Dialect(header=True)).columns)
    lines = read_lines(path, 100)
    if all(map(is_blank, lines)):
        raise UserError(f"{path}: the file is empty; it needs a header and records")
    return find_separator(lines, names)


def read_lines(path: str | Path, number: int) -> list[str]:
    """Return the first lines of a text file, as they end.

    Raises
    ------
    UserError : there is no such file, it is no text, or these lines are not UTF-8.
    """
    with reading(path):
        check_bytes(path)
        with open_text(path) as file:
            return list(islice(file, number))


def is_blank(line: str) -> bool:
    """Tell whether a line has nothing but blanks."""
    return not line.strip()


def find_separator(lines: Sequence[str], names: Iterable[str]) -> tuple[str, list[str]]:
    """Return what parts the columns of a CSV, and the header that it gives.

    Of ``,``, ``;``, tab and ``|`` it is the one that finds most of the names in the header. Blank
    lines above that are passed over.

    >>> find_separator(["\\n", "sex;age"], ["age", "sex"])
    (';', ['sex', 'age'])
    """
    wanted, lines = set(names), [*dropwhile(is_blank, lines)]
    headers = {mark: next(csv.reader(lines, delimiter=mark), []) for mark in ",;\t|"}
    mark = max(headers, key=lambda mark: len(wanted.intersection(headers[mark])))
    return mark, headers[mark]
