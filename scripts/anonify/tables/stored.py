"""The texts of a table that does not fit in memory: its distinct ones, and on disk which has which.

There are few distinct texts beside the records. What is done to a text is done to it once, and what
depends on the records is done to a part of them at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.values import Codes
from anonify.tables.distinct import find_distinct

# Records that are done at once.
_AT_ONCE = 2**18


@dataclass
class StoredColumn:
    """A column of texts.

    Parameters
    ----------
    path : file that has the number of each record's text, 32 bits each.
    """

    name: str
    path: Path
    _numbers: dict[str, int] = field(default_factory=dict)
    _first: list[int] = field(default_factory=list)
    _records: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def add(self, values: "pd.Series[Any]", start: int) -> None:
        """Add the texts of the records from ``start`` on."""
        texts, codes = find_distinct(values)
        known = len(self._numbers)
        numbers = self._numbers
        places = np.array(
            [numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int32
        )
        self._first += [start + place for place in texts.index[places >= known]]
        added = np.bincount(places[codes], minlength=len(numbers))
        added[:known] += self._records
        self._records = added
        with self.path.open("ab") as file:
            # Not `tofile`, which does not say that the disk is full.
            file.write(places[codes].data)

    @property
    def texts(self) -> "pd.Series[Any]":
        """The distinct texts in order of appearance, by the first record of each."""
        return pd.Series([*self._numbers], index=self._first, name=self.name, dtype="str")

    @property
    def records(self) -> "pd.Series[int]":
        """How many records have each text."""
        return pd.Series(self._records, index=self._first)

    def read_numbers(self) -> Iterator[Codes]:
        """Read the numbers of the records' texts, part by part."""
        with self.path.open("rb") as file:
            while len(numbers := np.fromfile(file, dtype=np.int32, count=_AT_ONCE)):
                yield numbers.astype(np.intp)


def store_texts(parts: Iterable[pd.DataFrame], folder: Path) -> dict[str, StoredColumn]:
    """Store the texts of a table in a folder, column by column.

    Parameters
    ----------
    parts : frames of text, of the same columns.
    """
    columns: dict[str, StoredColumn] = {}
    start = 0
    for part in parts:
        for place, (name, values) in enumerate(part.items()):
            if name not in columns:
                columns[str(name)] = StoredColumn(str(name), folder / f"{place}.numbers")
            columns[str(name)].add(values.reset_index(drop=True), start)
        start += len(part)
    return columns
