"""Hierarchies as people and other programs write them.

ARX writes one row for each value and ``;`` between the levels; others use another separator, put a
header on top, end every row in a separator, pad labels with blanks, list a value twice, or write it
as their table does (``01.03.2024``, ``70,5``, ``1.0``).
"""

import csv
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from anonify.base.files import reading
from anonify.base.values import ISO, MISSING, is_number, repr_number

SEPARATORS = ";,\t|"

Rows = list[list[str]]


def read_written_rows(path: str | Path, column: Mapping[str, Any], values: Collection[str]) -> Rows:
    """Read a hierarchy, one row for each value: the value, then its generalizations.

    Parameters
    ----------
    column : its ``type``, and the ``format`` of dates where it has one.
    values : of the table, as the rows are to have them.

    Raises
    ------
    UserError : there is no such file, or it is not UTF-8.
    """
    # A value may have a carriage return in it.
    with reading(path), Path(path).open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    rows = _part(text)
    present, form = {*values}, column.get("format", ISO)
    if _has_header(rows, present):
        del rows[0]
    spelt = [
        [
            row[0] if row[0] in present else spell_value(row[0], column["type"], form),
            *(label.strip() for label in row[1:]),
        ]
        for row in rows
    ]
    return [list(row) for row in dict.fromkeys(map(tuple, spelt))]


def _part(text: str) -> Rows:
    """Part a text into rows by the separator that gives all of them the same length."""
    parted = [_strip_ends(_parse(text, mark)) for mark in SEPARATORS]
    regular = (rows for rows in parted if rows and {len(row) for row in rows} == {len(rows[0])})
    several = (rows for rows in regular if len(rows[0]) > 1)
    # What no separator makes regular is told of as what ARX would read.
    return next(several, parted[0])


def _parse(text: str, mark: str) -> Rows:
    return [row for row in csv.reader(StringIO(text, newline=""), delimiter=mark) if row]


def _strip_ends(rows: Rows) -> Rows:
    """Return rows without the empty cells at their ends: no root is empty."""
    stripped = []
    for row in rows:
        last = max((place for place, cell in enumerate(row) if cell.strip()), default=0)
        stripped.append(row[: last + 1])
    return stripped


def _has_header(rows: Rows, values: Collection[str]) -> bool:
    """Tell whether the first row is none of a value: all others have one root, but not that one."""
    roots = {row[-1].strip() for row in rows[1:]}
    if len(rows) < 3 or len(roots) != 1 or {len(row) for row in rows} == {1}:
        return False
    return rows[0][-1].strip() not in roots and rows[0][0] not in values


def spell_value(value: str, kind: str, form: str = ISO) -> str:
    """Return a value as the typed table has it, whatever the way in which it is written.

    Parameters
    ----------
    kind : type of its column.
    form : how the column writes dates.

    >>> spell_value("70,50", "decimal"), spell_value("01.03.2024", "date", "%d.%m.%Y")
    ('70.5', '2024-03-01')
    """
    value = value.strip()
    if value == MISSING:
        return value
    if kind in ("integer", "decimal"):
        return _spell_number(value, kind)
    return _spell_date(value, form) if kind == "date" else value


def _spell_number(value: str, kind: str) -> str:
    point = value if is_number(value) else value.replace(",", ".")
    if not is_number(point):
        return value
    number = float(point)
    if kind == "decimal":
        return repr_number(number + 0)
    if point.lstrip("+-").isdecimal():
        # Python reads no more than 4,300 digits, and no typed table has more than 64 bits.
        return str(int(Decimal(point))) if abs(number) < 2**64 else value
    return str(int(number)) if number.is_integer() else value


def _spell_date(value: str, form: str) -> str:
    try:
        return datetime.strptime(value, form).date().isoformat()
    except ValueError:
        return value
