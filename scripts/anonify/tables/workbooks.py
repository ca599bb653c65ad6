"""Excel workbooks: the rows of a sheet as the texts that a CSV of it would have."""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import pandas as pd
import pyarrow as pa

from anonify.base.errors import UserError
from anonify.base.extras import require
from anonify.base.files import reading
from anonify.base.values import MISSING
from anonify.base.words import list_names, quote
from anonify.tables.dialect import Dialect
from anonify.tables.kinds import explain_content
from anonify.tables.numbers import write_number

# Numbers from here on have more digits than the 15 that Excel keeps.
_ROUNDED = 10**15

# Rows that are Python objects at a time.
CHUNK = 5_000

_CELL = re.compile(r"([A-Z]+)([0-9]+)")
# How Excel writes in a text what XML does not hold.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


Area = tuple[int, int, int, int]


@dataclass(frozen=True)
class Sheet:
    """What a sheet holds.

    Parameters
    ----------
    rows : frame of text, without empty rows and columns; its index are the numbers of the rows,
        its columns their letters, as Excel shows them.
    name : of the sheet.
    is_alone : whether the workbook has no other one.
    hidden_rows, hidden_columns : how many of the rows and columns Excel does not show; they are
        among the others.
    merged : first row, first column, last row and last column of cells that are merged, both from
        1; all of them have the value of the first.
    rounded : letters of the columns with numbers of more digits than Excel keeps.
    """

    rows: pd.DataFrame
    name: str
    is_alone: bool
    hidden_rows: int
    hidden_columns: int
    merged: tuple[Area, ...]
    rounded: tuple[str, ...]


@dataclass
class _Layout:
    """What the file of a sheet says of its cells besides their values."""

    merged: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    without_result: list[str] = field(default_factory=list)


def read_sheet(path: str | Path, dialect: Dialect) -> Sheet:
    """Read the rows of a sheet, the header among them, every cell as text.

    Whole numbers are written without a point; dates as ``YYYY-MM-DD``, with a time of day behind
    them where there is one; truth values as ``true`` and ``false``; numbers that Excel shows with
    zeros in front, with these; errors as Excel shows them, such as ``#N/A``. Of a formula it is the
    result. Merged cells all have the value of the first.

    Parameters
    ----------
    dialect : which sheet, and which of its rows are the table.

    Raises
    ------
    UserError : there is no such file or sheet, or several and none is named; it is no workbook or
        locked; a formula has no result; the table is empty.
    MissingExtraError : openpyxl is not installed.
    """
    require("files", f"{path}: an Excel workbook")
    with reading(path):
        other = explain_content(path)
    if other:
        raise UserError(f"{path}: {other}")
    import openpyxl

    try:
        # It warns of what we don't read, such as colours and lists to choose from.
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                return _read_sheet(path, book, dialect)
            finally:
                book.close()
    except UserError:
        raise
    # What is broken in a workbook comes out as errors of many kinds.
    except Exception as error:
        raise UserError(
            f"{path}: the workbook is broken ({type(error).__name__}); open it in Excel or "
            "LibreOffice and save it again"
        ) from None


def _read_sheet(path: str | Path, book: Any, dialect: Dialect) -> Sheet:
    sheet = _choose_sheet(path, book, dialect.sheet)
    layout = _read_layout(sheet)
    where = f"{path}, sheet {quote(sheet.title)}"
    for cell in layout.without_result:
        if _is_within(_parse_cell(cell)[0], dialect):
            raise UserError(
                f"{where}: the cell {cell} has a formula without a result; open the workbook in "
                "Excel or LibreOffice and save it, or put values in the place of formulas"
            )
    merged = [area for area in layout.merged if _is_within(area[0], dialect)]
    rounded: set[int] = set()
    rows = _collect(_fill_merged(_iterate(sheet, dialect, rounded), merged))
    if rows.empty:
        raise UserError(f"{where}: the sheet is empty; it needs a header and records")
    present = {_parse_cell(f"{letters}1")[1] for letters in rows.columns}
    hidden_columns = {n for low, high in layout.hidden_columns for n in present if low <= n <= high}
    return Sheet(
        rows,
        sheet.title,
        len(book.worksheets) == 1,
        len(set(layout.hidden_rows) & set(rows.index)),
        len(hidden_columns),
        tuple(merged),
        tuple(_spell_column(number) for number in sorted(rounded)),
    )


def _is_within(row: int, dialect: Dialect) -> bool:
    return dialect.first_line <= row and (dialect.last_line is None or row <= dialect.last_line)


def _choose_sheet(path: str | Path, book: Any, name: str | None) -> Any:
    """Return the sheet of a name; without one that which has cells, of several the one shown."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if name is not None:
        if name not in sheets:
            raise UserError(
                f"{path}: the workbook has no sheet {quote(name)} (there are "
                f"{list_names([*sheets])}); correct `sheet`"
            )
        return sheets[name]
    filled = [sheet for sheet in sheets.values() if _has_values(sheet)]
    shown = [sheet for sheet in filled if sheet.sheet_state == "visible"]
    chosen = shown or filled
    if not chosen:
        raise UserError(f"{path}: the workbook has no cell with a value; it needs a table")
    if len(chosen) > 1:
        raise UserError(
            f"{path}: the workbook has the sheets {list_names([each.title for each in chosen])}; "
            "name that of the table by `sheet` in the description, and for `anonify init` by "
            "`--sheet`"
        )
    return chosen[0]


def _has_values(sheet: Any) -> bool:
    sheet.reset_dimensions()
    rows = islice(sheet.iter_rows(values_only=True), 1000)
    return any(value is not None for row in rows for value in row)


def _read_layout(sheet: Any) -> _Layout:
    """Read of a sheet what openpyxl tells only of workbooks that it holds in memory as a whole."""
    layout = _Layout()
    cell: dict[str, str] = {}
    inside: set[str] = set()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            cell.clear()
            cell.update(attributes)
        elif name in ("f", "v"):
            cell[f"<{name}>"] = ""
            inside.add(name)
        elif name == "row" and attributes.get("hidden") in ("1", "true"):
            layout.hidden_rows.append(int(attributes["r"]))
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            layout.hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
        elif name == "mergeCell":
            first, _, last = attributes["ref"].partition(":")
            layout.merged.append((*_parse_cell(first), *_parse_cell(last or first)))

    def take(text: str) -> None:
        if "v" in inside:
            cell["<v>"] += text

    def end(tag: str) -> None:
        name = tag.rpartition(":")[2]
        inside.discard(name)
        # The result of a formula may be a text, and that empty.
        is_open = name == "c" and "<f>" in cell and not cell.get("<v>")
        if is_open and cell.get("t") != "str" and "r" in cell:
            layout.without_result.append(cell["r"])

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = take
    with sheet._get_source() as source:
        parser.ParseFile(source)
    return layout


def _parse_cell(reference: str) -> tuple[int, int]:
    """Return row and column of a cell, both from 1.

    >>> _parse_cell("AB3")
    (3, 28)
    """
    match = _CELL.fullmatch(reference.replace("$", ""))
    if match is None:
        raise ValueError(f"{reference} is no cell")
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _spell_column(number: int) -> str:
    """Return the letters of a column.

    >>> _spell_column(28)
    'AB'
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _iterate(sheet: Any, dialect: Dialect, rounded: set[int]) -> Iterator[tuple[int, list[str]]]:
    """Yield number and texts of the rows of a table, and note the columns of too long numbers."""
    # What a program wrote about its size may be wrong.
    sheet.reset_dimensions()
    first, last = dialect.first_line, dialect.last_line
    rows = islice(enumerate(sheet.iter_rows(), start=1), first - 1, last)
    for number, row in rows:
        texts = []
        for place, cell in enumerate(row, start=1):
            texts.append(MISSING if cell.value is None else _write_cell(cell))
            if isinstance(cell.value, int | float) and abs(cell.value) >= _ROUNDED:
                rounded.add(place)
        yield number, texts


def _fill_merged(
    rows: Iterator[tuple[int, list[str]]], areas: Sequence[Area]
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows whose merged cells all have the value of the first."""
    pending = sorted(areas, reverse=True)
    current: list[tuple[Area, str]] = []
    for number, texts in rows:
        current = [(area, text) for area, text in current if area[2] >= number]
        while pending and pending[-1][0] <= number:
            area = pending.pop()
            left = area[1] - 1
            if area[0] == number and left < len(texts) and texts[left] != MISSING:
                current.append((area, texts[left]))
        for (_, left, _, right), text in current:
            texts += [MISSING] * (right - len(texts))
            texts[left - 1 : right] = [text] * (right - left + 1)
        yield number, texts


def _collect(rows: Iterator[tuple[int, list[str]]]) -> pd.DataFrame:
    """Return rows as a frame, without the empty ones and without empty columns."""
    numbers: list[int] = []
    columns: list[list[Any]] = []
    lengths: list[int] = []
    while chunk := list(islice((row for row in rows if any(row[1])), CHUNK)):
        numbers += [number for number, _ in chunk]
        width = max(len(columns), *(len(texts) for _, texts in chunk))
        table = [texts + [MISSING] * (width - len(texts)) for _, texts in chunk]
        # A column that begins further below has none of the texts before.
        for _ in range(width - len(columns)):
            columns.append([pa.array([MISSING] * length, pa.string()) for length in lengths])
        for place, column in enumerate(columns):
            column.append(pa.array([texts[place] for texts in table], pa.string()))
        lengths.append(len(chunk))
    texts = {
        _spell_column(place): pa.chunked_array(column, pa.string()).to_pandas().astype("str")
        for place, column in enumerate(columns, start=1)
    }
    frame = pd.DataFrame({name: text for name, text in texts.items() if (text != MISSING).any()})
    return frame.set_axis(np.array(numbers, dtype=np.intp), axis="index") if numbers else frame


def _write_cell(cell: Any) -> str:
    value = cell.value
    if isinstance(value, str):
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        form = cell.number_format
        return write_number(value, len(form) if set(form) == {"0"} else 1)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ")
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat() if isinstance(value, date | time) else str(value)
