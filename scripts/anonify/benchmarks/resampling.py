"""Tables of any size that resemble a small one: its records drawn again, with finer numbers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from anonify.base.files import is_parquet
from anonify.base.seeding import Seed, make_generator

Integers = npt.NDArray[np.int64]

PART = 1_000_000
"""Records that are drawn at once."""

SPREAD = 50
"""Hundredths that a finer number lies below or above that of its record at most."""


def write_resampled(
    original: pa.Table, path: str | Path, records: int, finer: str | None, seed: Seed
) -> None:
    """Draw records with replacement, part by part, into a CSV or Parquet file, as its name says.

    Parameters
    ----------
    original : what is drawn from.
    finer : column of numbers that becomes finer: each record's, in hundredths, plus a whole number
        of them up to :data:`SPREAD`, within the range of the column. None for none.
    """
    open_file = pq.ParquetWriter if is_parquet(path) else pyarrow.csv.CSVWriter
    with open_file(str(path), original.schema) as file:
        for start in range(0, records, PART):
            generator = make_generator(seed, "scale", start)
            drawn = generator.integers(len(original), size=min(PART, records - start))
            part = original.take(drawn)
            if finer:
                moved = generator.integers(-SPREAD, SPREAD + 1, len(drawn))
                values = _move(_to_hundredths(part, finer), moved, original[finer]) / 100
                place = original.schema.get_field_index(finer)
                part = part.set_column(place, finer, pa.array(values))
            file.write_table(part)


def count_possible(original: pa.Table, names: Sequence[str], finer: str | None) -> int:
    """Return how many distinct tuples of some columns :func:`write_resampled` can draw."""
    distinct = original.group_by([*names]).aggregate([])
    if not finer:
        return len(distinct)
    others = [name for name in names if name != finer]
    group = distinct.select(others).to_pandas().groupby(others, dropna=False).ngroup().to_numpy()
    moves = np.arange(-SPREAD, SPREAD + 1)
    moved = _move(_to_hundredths(distinct, finer)[:, None], moves, original[finer])
    moved -= moved.min()
    return len(np.unique(group[:, None] * (moved.max() + 1) + moved))


def _move(hundredths: Integers, moves: Integers, column: pa.ChunkedArray) -> Integers:
    """Add moves to hundredths, within the range of a column."""
    extremes = pc.min_max(column).as_py()
    low, high = round(100 * extremes["min"]), round(100 * extremes["max"])
    moved: Integers = np.clip(hundredths + moves, low, high)
    return moved


def _to_hundredths(table: pa.Table, name: str) -> Integers:
    hundredths: Integers = np.rint(table[name].to_numpy() * 100).astype(np.int64)
    return hundredths
