"""The records of a CSV, part by part, every value as it is written.

Arrow reads what is regular in half the time that pandas takes. Where it stops, pandas goes on: it
takes more for a CSV, and tells what is wrong with the rest.
"""

import csv
import re
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
from anonify.base.files import is_gzip, open_text, reading
from anonify.base.values import MISSING
from anonify.tables.dialect import Dialect

# Lines of a CSV that pandas reads at once, and bytes that Arrow does.
_AT_ONCE = 2**18
_BLOCK = 2**24
# Bytes of empty lines that a file may end with.
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
    if not (isinstance(source, StringIO) or is_gzip(source)) and dialect.separator.isascii():
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
    with open_text(path, errors="replace") as file:
        rows = csv.reader(islice(file, 100), delimiter=separator)
        first = next((row for row in rows if row), [])
    # In a single column, a line of blanks would be a record.
    if len(first) < 2 or first[0].startswith("\ufeff") or not _has_plain_lines(path):
        raise pa.ArrowInvalid(f"{path}: it may be read in another way")
    names = [str(place) for place in range(len(first))]
    kind = pa.dictionary(pa.int32(), pa.string())
    reader = pyarrow.csv.open_csv(
        path,
        pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
        pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, kind), strings_can_be_null=False
        ),
    )
    batches = (batch for batch in reader if len(batch))
    batch = next(batches, None)
    while batch is not None:
        following = next(batches, None)
        if following is None and not _is_closed(path, separator, batch[-1][-1].as_py()):
            raise pa.ArrowInvalid(f"{path}: a quote is never closed")
        columns = enumerate(map(_make_categories, batch.columns))
        yield pd.DataFrame(dict(columns), copy=False)
        batch = following


def _make_categories(values: pa.DictionaryArray) -> pd.Categorical:
    texts = pd.Index(values.dictionary.to_pandas(), dtype="str")
    # Arrow's own numbers are right.
    return pd.Categorical.from_codes(values.indices.to_numpy(), categories=texts, validate=False)


def _has_plain_lines(path: str | Path) -> bool:
    """Tell whether a carriage return always stands before a line feed, and in its block.

    Pandas and Arrow do different things with others.
    """
    with Path(path).open("rb") as file:
        while block := file.read(_BLOCK):
            returns = block.count(b"\r")
            if returns and (block.endswith(b"\r") or returns != block.count(b"\r\n")):
                return False
    return True


def _is_closed(path: str | Path, separator: str, last: str) -> bool:
    """Tell whether a file ends with its last value, and not within quotes around it.

    Arrow takes the end of the file for the quote that is lacking.
    """
    plain = f"{separator}{last}".encode()
    quoted = '{}"{}"'.format(separator, last.replace('"', '""')).encode()
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - len(quoted) - _LINE_ENDS, 0))
        end = file.read().rstrip(b"\r\n")
    return end.endswith((plain, quoted))


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
