"""Texts of a file that does not fit in memory get their types: each distinct one once.

What is not known of a single text is asked of the engine: how many records have it, and which is
the first.
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.engines.database import NUMBER, Database, quote_name

TEXT, TYPED = "text", "typed"
"""The columns of what tells the type of a column's texts."""

# What str.strip takes for blank, and DuckDB's \s does not.
_BLANK = r"[\s\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


def store_texts(database: Database, parts: Iterable[pd.DataFrame]) -> list[str]:
    """Put the texts of a file into the database, as the table ``texts``.

    Parameters
    ----------
    parts : frames of text, one after the other.

    Returns
    -------
    The names of the columns.
    """
    path = database.folder / "texts.parquet"
    writer: pq.ParquetWriter | None = None
    names: list[str] = []
    try:
        for part in parts:
            plain = {str(name): pa.array(values, pa.string()) for name, values in part.items()}
            content = pa.table(plain)
            if writer is None:
                names = content.column_names
                writer = pq.ParquetWriter(path, content.schema, compression="snappy")
            writer.write_table(content)
    finally:
        if writer is not None:
            writer.close()
    database.name_file("texts", path)
    return names


def list_distinct(database: Database, name: str) -> tuple["pd.Series[Any]", "pd.Series[int]"]:
    """Return the distinct texts of a column, by their first record, and how many have each."""
    column, number = quote_name(name), quote_name(NUMBER)
    found = database.fetch(
        f"SELECT {column} AS text, min({number}) AS first, count(*) AS records FROM texts "
        "GROUP BY text ORDER BY first"
    ).to_pandas()
    texts = pd.Series(found["text"].to_numpy(object), index=found["first"], name=name, dtype="str")
    records = pd.Series(found["records"].to_numpy(), index=found["first"])
    return texts.rename_axis(None), records.rename_axis(None)
