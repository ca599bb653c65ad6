"""Frames as grids: cells with what they are sorted by, for the page's template."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from anonify.base.words import format_number

SEARCHED_FROM = 16
"""Rows from which a table can be searched."""


@dataclass(frozen=True)
class Cell:
    """A value as it is shown, and what it is sorted by."""

    text: str
    order: float | str
    is_number: bool


@dataclass(frozen=True)
class Grid:
    """A table as the page shows it, with a note on what it shows."""

    columns: list[str]
    rows: list[list[Cell]]
    note: Markup

    @property
    def is_long(self) -> bool:
        """Whether a search helps."""
        return len(self.rows) >= SEARCHED_FROM


def make_grid(frame: pd.DataFrame, note: str = "") -> Grid:
    """Make a table for the page from a frame; its columns are the headings."""
    rows = [[_make_cell(value) for value in row] for row in frame.astype(object).to_numpy()]
    return Grid([str(column) for column in frame.columns], rows, Markup(note))


def _make_cell(value: Any) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, bool):
        return Cell("yes" if value else "no", str(value), False)
    if isinstance(value, str):
        return Cell(value, value, False)
    if value is None or pd.isna(value):
        return Cell("", "", True)
    return Cell(format_number(value), float(value), True)
