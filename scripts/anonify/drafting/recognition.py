"""How a CSV is written that nobody has described yet."""

import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pandas as pd

from anonify.base.files import find_mark, open_bytes, reading
from anonify.drafting.profile import guess_separator
from anonify.tables.dialect import Dialect
from anonify.tables.headers import SEEN
from anonify.tables.text import check_names, check_start, read_all_lines

# Lines by which the separator is judged, and below which no note is looked for.
TRIED = 200

_SEPARATOR_LINE = re.compile(r"sep=([^\r\n])\s*", re.IGNORECASE)


def recognize_dialect(path: Path, header: bool | None) -> Dialect:
    """Return how a CSV is written, but for the decimal mark.

    Parameters
    ----------
    header : whether its first line names the columns; None where nobody has said it.

    Raises
    ------
    UserError : there is no such file, it is no text, or it seems to have no header and nobody has
        said so.
    """
    encoding = _find_encoding(path)
    lines = read_all_lines(path, encoding)
    said = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    table = lines[1:] if said else lines
    separator = said[1] if said else guess_separator(_skip_titles(table)[:TRIED])
    first, last = _find_ends(table, separator)
    if header is None:
        _check_header(path, table[first - 1 : last], separator)
    return Dialect(
        separator,
        encoding=encoding,
        header=header,
        first_line=first + bool(said) if first > 1 else 1,
        last_line=last + bool(said) if last < len(table) else None,
    )


def _find_encoding(path: Path) -> str:
    """Return the encoding of a text: UTF-8, UTF-16 by its mark, or what old programs write."""
    with reading(path):
        check_start(path)
        with open_bytes(path) as file:
            content = file.read()
    if marked := find_mark(content):
        return marked
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _skip_titles(lines: list[str]) -> list[str]:
    """Return lines from the first one on that has as many marks as the next one."""
    alike = (
        place
        for place, (line, following) in enumerate(pairwise(lines[:TRIED]))
        if any(0 < line.count(mark) == following.count(mark) for mark in ",;\t|")
    )
    return lines[next(alike, 0) :]


def _find_ends(lines: list[str], separator: str) -> tuple[int, int]:
    """Return the first and the last line of the table, where others hold no separator."""
    rows = list(csv.reader(lines[:TRIED], delimiter=separator))
    widths = Counter(len(row) for row in rows if row)
    usual = widths.most_common(1)[0][0] if widths else 1
    first = 1
    if usual > 1:
        titles = 0
        while titles < len(rows) and len(rows[titles]) <= 1:
            titles += 1
        # A quoted title of several lines would count as one.
        first = titles + 1 if titles < len(rows) else 1
    last = len(lines)
    while usual > 1 and last > first and _is_note(lines[last - 1], separator):
        last -= 1
    return first, last if any(line.strip() for line in lines[last:]) else len(lines)


def _is_note(line: str, separator: str) -> bool:
    return separator not in line and (not line.strip() or is_note(line))


def is_note(text: str) -> bool:
    """Tell whether a text is a sentence below a table, and no record that breaks off."""
    return bool(re.search(r"\w\s+\w", text))


def _check_header(path: Path, lines: list[str], separator: str) -> None:
    rows = [row for row in csv.reader(lines[: SEEN + 1], delimiter=separator) if row]
    header, records = rows[0] if rows else [], rows[1:]
    regular = [row for row in records if len(row) == len(header)]
    if regular:
        check_names(
            path, header, pd.DataFrame(regular, dtype="str"), "say `--no-header`", "`--header`"
        )
