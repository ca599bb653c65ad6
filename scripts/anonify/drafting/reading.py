"""Read a table that nobody has described yet, and say how it was read."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import is_csv, is_statistical, is_workbook
from anonify.base.values import MISSING
from anonify.base.words import count, list_names
from anonify.drafting.profile import count_values, guess_decimal
from anonify.drafting.recognition import is_note, recognize_dialect
from anonify.tables.dialect import Dialect
from anonify.tables.headers import check_header
from anonify.tables.statistical import EncodingError, read_statistical
from anonify.tables.text import (
    check_names,
    name_columns,
    read_all_lines,
    read_text_columns,
)
from anonify.tables.workbooks import Sheet, read_sheet

# Stands for the decimal mark of numbers until it is known; no cell has it.
_OPEN = "\0"


@dataclass(frozen=True)
class Undescribed:
    """A table that nobody has described yet.

    Parameters
    ----------
    frame : texts (records, columns).
    dialect : how it is written, but for the decimal mark of a CSV; None where its file says it.
    notes : what a person should know of how it was read.
    variable_labels : what the file says of columns, by their names.
    """

    frame: pd.DataFrame
    dialect: Dialect | None
    notes: tuple[str, ...] = ()
    variable_labels: Mapping[str, str] = field(default_factory=dict)


def read_undescribed(path: Path, header: bool | None, sheet: str | None) -> Undescribed:
    """Read a table of any kind.

    Parameters
    ----------
    header : whether the first line of a CSV or row of a workbook names the columns; None where
        nobody has said it.
    sheet : of a workbook, with the table; None where nobody has said it.

    Raises
    ------
    UserError : it can't be read, or seems to have no header and nobody has said so.
    """
    if is_workbook(path):
        return _read_workbook(path, header, sheet)
    if sheet is not None:
        raise UserError(f"{path}: the file is no Excel workbook; leave out `--sheet`")
    if is_statistical(path):
        return _read_statistical(path)
    if not is_csv(path):
        return Undescribed(read_text_columns(path), None)
    dialect = recognize_dialect(path, header)
    names = []
    if header is False:
        lines = read_all_lines(path, dialect.encoding)[dialect.first_line - 1 :]
        names = _invent_names(len(next(csv.reader(lines, delimiter=dialect.separator), [])))
    return Undescribed(read_text_columns(path, dialect, names).astype("str"), dialect)


def _invent_names(width: int) -> list[str]:
    """Return names for the columns of a file without a header: the user may write better ones."""
    return [f"column_{place}" for place in range(1, width + 1)]


def _read_statistical(path: Path) -> Undescribed:
    dialect = None
    notes = []
    try:
        found = read_statistical(path)
    except EncodingError:
        # As of a CSV: what old programs write.
        dialect = Dialect(encoding="cp1252")
        found = read_statistical(path, dialect.encoding)
        notes.append(f"read as {dialect.encoding}: see whether its letters are right")
    check_header(path, list(found.frame.columns), len(found.frame))
    if found.labelled:
        shown = list_names([*found.labelled])
        notes.append(f"labels in the place of codes in {shown}: see `value_labels`")
    if found.absent:
        notes.append(f"what it takes for missing is empty in {list_names([*found.absent])}")
    return Undescribed(found.frame, dialect, tuple(notes), found.variable_labels)


def _read_workbook(path: Path, header: bool | None, sheet: str | None) -> Undescribed:
    # What is a number has no mark of its own; that of numbers which are text is looked for.
    found = read_sheet(path, Dialect(sheet=sheet, decimal=_OPEN))
    first, last = _find_ends(found.rows)
    rows = found.rows.iloc[first : last + 1]
    rows = rows.loc[:, (rows != MISSING).any()]
    decimal = guess_decimal(count_values(rows.iloc[1:]))
    rows = rows.apply(lambda texts: texts.str.replace(_OPEN, decimal, regex=False))
    if header is None:
        names = [str(name) for name in rows.iloc[0]]
        check_names(path, names, rows.iloc[1:], "say `--no-header`", "`--header`")
    dialect = Dialect(
        decimal=decimal,
        header=header,
        first_line=int(rows.index[0]) if first else 1,
        last_line=int(rows.index[-1]) if last < len(found.rows) - 1 else None,
        sheet=None if found.is_alone else found.name,
    )
    frame = name_columns(path, rows, dialect, _invent_names(len(rows.columns)))
    return Undescribed(frame, dialect, tuple(_describe_sheet(found, dialect)))


def _find_ends(rows: pd.DataFrame) -> tuple[int, int]:
    """Return the places of the first and the last row of the table in a sheet."""
    filled = (rows != MISSING).sum(axis=1).to_numpy()
    usual = float(np.median(filled))
    last = len(rows) - 1
    if usual <= 1:
        return 0, last
    # A title in merged cells has the same text in all of them.
    first = next(
        (
            place
            for place in range(len(rows))
            if filled[place] > usual / 2 and len({*rows.iloc[place]} - {MISSING}) > 1
        ),
        0,
    )
    while last > first and len(texts := {*rows.iloc[last]} - {MISSING}) == 1 and is_note(*texts):
        last -= 1
    return first, last


def _describe_sheet(sheet: Sheet, dialect: Dialect) -> list[str]:
    notes = [] if sheet.is_alone else [f"the sheet {sheet.name}"]
    if dialect.decimal == ",":
        notes.append("decimal commas in text")
    if dialect.header is False:
        notes.append("no header")
    if dialect.first_line > 1:
        notes.append(f"from row {dialect.first_line} on")
    if dialect.last_line:
        notes.append(f"up to row {dialect.last_line}")
    for number, what in ((sheet.hidden_rows, "row"), (sheet.hidden_columns, "column")):
        if number:
            notes.append(f"with {count(number, f'hidden {what}')}")
    merged = sum(area[0] >= dialect.first_line for area in sheet.merged)
    if merged:
        notes.append(f"{count(merged, 'group')} of merged cells filled with the value of the first")
    if sheet.rounded:
        columns = list_names([*sheet.rounded])
        notes.append(f"numbers of more digits than the 15 that Excel keeps in {columns}")
    return notes
