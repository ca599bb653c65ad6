"""Records as lines of a CSV, each distinct value put into text once."""

import csv
from collections.abc import Iterable
from io import TextIOBase
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from anonify.tables.distinct import number_values

# Lines that are written at once.
_AT_ONCE = 2**16


class _Lines(TextIOBase):
    """Keeps what a writer of CSV writes, line by line."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, line: str) -> int:
        """Keep a line."""
        self.written.append(line)
        return len(line)


def write_lines(parts: Iterable[pd.DataFrame], path: str | Path, quoting: Literal[0, 1]) -> None:
    """Write records as CSV, byte for byte as pandas does.

    Parameters
    ----------
    parts : frames of records, one after the other; a single one, where columns are no texts,
        numbers, truth values or categories.
    quoting : ``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_ALL``.
    """
    with Path(path).open("wb") as file:
        for frame in parts:
            if not file.tell():
                header = frame.iloc[:0].to_csv(index=False, lineterminator="\n", quoting=quoting)
                file.write(header.encode())
            _write_part(frame, file, quoting)


def _write_part(frame: pd.DataFrame, file: BinaryIO, quoting: Literal[0, 1]) -> None:
    if len(frame.columns) < 2 or not all(_is_plain(frame[name].dtype) for name in frame):
        text = frame.to_csv(index=False, header=False, lineterminator="\n", quoting=quoting)
        file.write(text.encode())
        return
    ends = [","] * (len(frame.columns) - 1) + ["\n"]
    columns = [
        _write_cells(frame[name], quoting, end) for name, end in zip(frame, ends, strict=True)
    ]
    for start in range(0, len(frame), _AT_ONCE):
        shown = slice(start, start + _AT_ONCE)
        cells = [texts.take(pa.array(numbers[shown])) for numbers, texts in columns]
        lines = pc.binary_join_element_wise(*cells, pa.scalar("", pa.large_string()))
        _, stops, text = lines.buffers()
        file.write(memoryview(text)[: np.frombuffer(stops, np.int64)[len(lines)]])


def _is_plain(dtype: Any) -> bool:
    """Tell whether pandas writes each value of a type in the same way whatever the others are."""
    if dtype == "category":
        return isinstance(dtype.categories.dtype, pd.StringDtype)
    if isinstance(dtype, pd.ArrowDtype):
        return False
    return isinstance(dtype, pd.StringDtype) or dtype.kind in "iub" or dtype == np.float64


def _write_cells(
    values: "pd.Series[Any]", quoting: Literal[0, 1], end: str
) -> tuple[npt.NDArray[Any], Any]:
    """Return the number of each record's cell, and array (cells,) of texts, ``end`` behind each."""
    numbers, first = number_values(values)
    # One cell alone would be quoted if it is empty.
    cells, lines = pd.DataFrame({"cell": values.iloc[first], "end": 0}), _Lines()
    cells.to_csv(lines, index=False, header=False, lineterminator="\n", quoting=quoting)
    surplus = len(',"0"\n' if quoting == csv.QUOTE_ALL else ",0\n")
    texts = pa.array([line[:-surplus] + end for line in lines.written], pa.large_string())
    return numbers.astype(np.min_scalar_type(len(first))), texts
