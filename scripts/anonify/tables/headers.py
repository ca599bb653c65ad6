"""The header of a table: what its columns are called, or whether that is the first record."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import is_workbook
from anonify.base.values import MISSING, is_number
from anonify.base.words import quote

# Records by which it is judged.
SEEN = 10_000

_DATE = re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}")
# Of codes such as P0017 or E11.9; more forms than these are no code.
_FEW_FORMS = 3


def check_header(path: str | Path, header: list[str], records: int) -> None:
    """Make sure that the columns have different names, and that there are records.

    Raises
    ------
    UserError : they have not, or there is none.
    """
    repeated = [name for name in header if header.count(name) > 1]
    if repeated:
        other = ", or give the row of the header as `first_line`" if is_workbook(path) else ""
        raise UserError(
            f"{path}: the column {quote(repeated[0])} stands twice in the header; rename one{other}"
        )
    if records == 0:
        raise UserError(f"{path}: the file has a header but no record; add records")


def find_data_in_header(header: Sequence[str], records: pd.DataFrame) -> list[int]:
    """Return the columns, counted from 1, in whose header stands what their records have.

    There are none where a column of numbers or dates has another text above it: that is a name.

    Parameters
    ----------
    records : frame of text, its columns as in the header.

    >>> frame = pd.DataFrame([["31", "m"], ["52", "f"]])
    >>> find_data_in_header(["40", "f"], frame), find_data_in_header(["age", "f"], frame)
    ([1, 2], [])
    """
    alike = []
    for place, cell in enumerate(header):
        column = records.iloc[:SEEN, place]
        values = [text.strip() for text in column.unique() if text.strip() != MISSING]
        text = cell.strip()
        if not values or text == MISSING:
            continue
        if (numbers := _read_numbers(values)) is not None:
            found = _read_numbers([text])
            if found is None:
                return []
            is_alike = min(numbers) <= found[0] <= max(numbers)
        elif all(map(_DATE.fullmatch, values)):
            is_alike = bool(_DATE.fullmatch(text))
            if not is_alike:
                return []
        else:
            is_alike = text in values or _has_form_of_codes(text, values)
        if is_alike:
            alike.append(place + 1)
    return alike


def _read_numbers(texts: Sequence[str]) -> list[float] | None:
    points = [text.replace(",", ".", 1) for text in texts]
    return [float(point) for point in points] if all(map(is_number, points)) else None


def _has_form_of_codes(text: str, values: Sequence[str]) -> bool:
    """Tell whether a text has one of the few forms of letters and digits that all values have."""
    forms = {_find_form(value) for value in values}
    form = _find_form(text)
    return len(values) > len(forms) <= _FEW_FORMS and form in forms and "9" in form


def _find_form(text: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))
