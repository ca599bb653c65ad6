"""Some records of a table, drawn by chance, for what can't learn from any number of them."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from anonify.base.seeding import Seed, draw_by_key, make_key
from anonify.tables.provenance import Provenance, add_step
from anonify.tables.storage import Records, Table, count_stored, read_table

# Records that are read at once.
_AT_ONCE = 2**17
# Samples of one deletion have equally many records.
_draw = lru_cache(maxsize=1)(draw_by_key)
_STEP = "draw for evaluation"


def read_drawn(path: str | Path, most: int | None, seed: Seed) -> Table:
    """Read a table, or as many of its records as may be, drawn by chance.

    Those are drawn that come first by a keyed rank (:func:`anonify.base.seeding.rank_by_key`) of
    their places; they stay in the order of the table. Two tables give the same places where they
    have equally many records.

    Parameters
    ----------
    most : records; None for all.
    seed : that the draw is keyed by.

    Returns
    -------
    Table; where records were drawn, its provenance says so.
    """
    count = count_stored(path)
    if most is None or count <= most:
        return read_table(path)
    records = Records(path)
    numbers = _draw(count, most, make_key(seed, "evaluation records"))
    parts, start = [], 0
    for batch in records.file.iter_batches(_AT_ONCE):
        first, last = np.searchsorted(numbers, [start, start + len(batch)])
        part = pa.Table.from_batches([batch])
        parts.append(part.take(pa.array(numbers[first:last] - start)))
        start += len(batch)
    frame = records.restore(pa.concat_tables(parts))
    # How many there are is not told: of a confidential table nobody is to know.
    provenance = add_step(records.about.provenance, _STEP, records=most, seed=seed)
    return replace(records.about, frame=frame, provenance=provenance)


def count_drawn(provenance: Provenance) -> int | None:
    """Return how many records were drawn of the tables that something was learned from, if any."""
    drawn = [step["records"] for step in provenance["steps"] if step["step"] == _STEP]
    return int(drawn[0]) if drawn else None
