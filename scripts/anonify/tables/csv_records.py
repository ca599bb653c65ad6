"""The records of a CSV, part by part, every value as it is written.

Arrow reads what is regular in half the time that pandas takes. Where it stops, pandas goes on: it
takes more for a CSV, and tells what is wrong with the rest.
"""

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from anonify.base.errors import UserError
from anonify.base.files import is_gzip, open_bytes, open_text, reading
from anonify.base.values import MISSING
from anonify.tables.dialect import Dialect

# Lines that pandas reads at once, and bytes that Arrow does.
_AT_ONCE = 2**18
_BLOCK = 2**22
# Bytes of empty lines that a chunk may end with.
_LINE_ENDS = 100


def read_records(
    path: str | Path, source: str | Path | StringIO, dialect: Dialect
) -> Iterator[pd.DataFrame]:
    """Read all lines, the header among them, as categories: a text takes memory once.

    Parameters
    ----------
    source : the file, or the text of those lines of it that are the table.

    Raises
    ------
    UserError : the file is empty, no regular CSV, or not UTF-8; after all parts also where a record
        breaks off.
    """
    done = 0
    if not isinstance(source, StringIO) and dialect.separator.isascii():
        with suppress(pa.ArrowException):
            for part in _read_regular(source, dialect.separator):
                yield part
                done += len(part)
            return
    may_be_short, width = False, 0
    for part in _read_by_pandas(path, source, dialect):
        may_be_short = may_be_short or bool((part.iloc[:, -1] == MISSING).any())
        width = len(part.columns)
        if done < len(part):
            yield part.iloc[done:].reset_index(drop=True)
        done = max(done - len(part), 0)
    if dialect.header is not False and may_be_short:
        _check_lengths(path, source, dialect.separator, width)


def _read_regular(path: str | Path, separator: str) -> Iterator[pd.DataFrame]:
    """Read a CSV by Arrow, as far as it is sure to read what pandas does.

    Raises
    ------
    pa.ArrowException : it is not, in what follows.
    """
    with open_text(path, errors="replace") as text:
        rows = csv.reader(islice(text, 100), delimiter=separator)
        first = next((row for row in rows if row), [])
    # In a single column, a line of blanks would be a record.
    if len(first) < 2:
        raise pa.ArrowInvalid(f"{path}: it may be read in another way")
    names = [str(place) for place in range(len(first))]
    kind = pa.dictionary(pa.int32(), pa.string())
    texts = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, kind), strings_can_be_null=False
    )
    with open_bytes(path) as file:
        for chunk in _cut(file):
            table = pyarrow.csv.read_csv(
                pa.BufferReader(chunk),
                pyarrow.csv.ReadOptions(
                    use_threads=False, block_size=len(chunk), column_names=names
                ),
                pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
                texts,
            )
            if len(table) and not _ends_with(chunk, table[-1][-1].as_py(), separator):
                raise pa.ArrowInvalid(f"{path}: a quote is not closed")
            columns = enumerate(map(_make_categories, table.itercolumns()))
            yield pd.DataFrame(dict(columns), copy=False)


def _cut(file: IO[bytes]) -> Iterator[bytes]:
    """Cut a file into chunks of whole records, if quotes come in pairs.

    Raises
    ------
    pa.ArrowInvalid : a chunk has what Arrow and pandas read in different ways: a carriage return
        that stands alone, or a mark of UTF-8 at the beginning; or no end of a record is found.
    """
    rest = file.read(len(BOM_UTF8)).removeprefix(BOM_UTF8)
    is_last = False
    while not is_last:
        block = file.read(_BLOCK)
        is_last = not block
        chunk = rest + block
        end = len(chunk) if is_last else _find_end(chunk)
        chunk, rest = chunk[:end], chunk[end:]
        returns = chunk.count(b"\r")
        is_odd = returns and returns != chunk.count(b"\r\n")
        if is_odd or chunk.startswith(BOM_UTF8) or len(rest) > _BLOCK:
            raise pa.ArrowInvalid("it may be read in another way")
        if chunk:
            yield chunk


def _find_end(chunk: bytes) -> int:
    """Return where the last line ends that has an even number of quotes before it; 0 if none."""
    end = chunk.rfind(b"\n") + 1
    quotes = chunk.count(b'"', 0, end)
    while quotes % 2:
        start = chunk.rfind(b"\n", 0, end - 1) + 1
        quotes -= chunk.count(b'"', start, end)
        end = start
    return end


def _ends_with(chunk: bytes, value: str, separator: str) -> bool:
    """Tell whether a chunk ends with a value, and not within quotes around it.

    Arrow takes the end of what it reads for a quote that is lacking.
    """
    plain = f"{separator}{value}".encode()
    quoted = '{}"{}"'.format(separator, value.replace('"', '""')).encode()
    end = chunk[-len(quoted) - _LINE_ENDS :].rstrip(b"\r\n")
    return end.endswith((plain, quoted))


def _make_categories(column: pa.ChunkedArray) -> pd.Categorical:
    values = column.unify_dictionaries().combine_chunks()
    texts = pd.Index(values.dictionary.to_pandas(), dtype="str")
    # Arrow's own numbers are right.
    return pd.Categorical.from_codes(values.indices.to_numpy(), categories=texts, validate=False)


def _read_by_pandas(
    path: str | Path, source: str | Path | StringIO, dialect: Dialect
) -> Iterator[pd.DataFrame]:
    is_packed = not isinstance(source, StringIO) and is_gzip(source)
    try:
        # Read as a record, the header tells how many values the others may have.
        with pd.read_csv(
            source,
            sep=dialect.separator,
            header=None,
            dtype="object",
            na_filter=False,
            encoding="utf-8-sig",
            compression="gzip" if is_packed else None,
            chunksize=_AT_ONCE,
        ) as parts:
            for part in parts:
                yield _categorize(part)
    except UnicodeDecodeError:
        with reading(path):
            raise
    except pd.errors.EmptyDataError:
        raise UserError(f"{path}: the file is empty; it needs a header and records") from None
    except pd.errors.ParserError as error:
        reason = _explain_parsing(error, dialect)
        raise UserError(f"{path}: the file is no regular CSV, {reason}") from None


def _categorize(part: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of texts as categories."""
    distinct = {name: pd.factorize(part[name]) for name in part}
    columns = {
        name: pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype="str"))
        for name, (codes, texts) in distinct.items()
    }
    return pd.DataFrame(columns, copy=False)


def _explain_parsing(error: pd.errors.ParserError, dialect: Dialect) -> str:
    """Say what pandas found wrong with a CSV, and how to mend it."""
    reason = " ".join(str(error).split())
    if quote := re.search(r"EOF inside string starting at row (\d+)", reason):
        return (
            f"for a quote that opens in record {quote[1]} is never closed; close it, or get the "
            "whole file if this one was cut off"
        )
    if widths := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", reason):
        expected, number, found = widths.groups()
        line = int(number) + dialect.first_line - 1
        mend = f"put quotes around values with {dialect.separator!r} in them"
        if expected == "1":
            mend = f"say by `separator` what parts the columns, if it is not {dialect.separator!r}"
        return (
            f"for line {line} has {found} values where the header has {expected}; mend that line, "
            f"or {mend}"
        )
    return f"for {reason}; mend that row"


def _check_lengths(
    path: str | Path, source: str | Path | StringIO, separator: str, expected: int
) -> None:
    """Make sure that no record breaks off: pandas takes it for one that ends in missing values."""
    with _reopen(source) as file:
        rows = (row for row in csv.reader(file, delimiter=separator) if row)
        short = next((number for number, row in enumerate(rows) if len(row) < expected), None)
    if short is not None:
        raise UserError(
            f"{path}, record {short}: it has fewer values than the header has columns "
            f"({expected}); mend that record, or get the whole file if this one was cut off"
        )


def _reopen(source: str | Path | StringIO) -> IO[str]:
    if isinstance(source, StringIO):
        return StringIO(source.getvalue(), newline="")
    return open_text(source)
