"""One way to read a table and one way to write one, each with its provenance.

Tables of records are Parquet; what a person opens is CSV with a description beside it (W3C,
Metadata Vocabulary for Tabular Data, 2015). Both are written under a temporary name and
renamed, so that a file under its own name is whole.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.files import replacing, write_json
from anonify.tables.columns import MARKS, Column, names_with_role
from anonify.tables.counts import count_rows
from anonify.tables.provenance import Provenance, is_synthetic


@dataclass(frozen=True)
class Table:
    """Records, what their columns are, and where they come from.

    A released table has, besides the columns described, the boolean column ``is_suppressed``. A
    counted table has some of the columns, and :data:`anonify.base.values.RECORDS`.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    provenance: Provenance

    @property
    def quasi_identifiers(self) -> list[str]:
        """The names of the quasi-identifiers, in the order of the table."""
        return names_with_role(self.columns, "quasi-identifier")


def read_table(path: str | Path) -> Table:
    """Read a table that :func:`write_table` wrote."""
    content = pq.read_table(path)
    return _describe(content.to_pandas(), content.schema)


def read_columns(path: str | Path) -> tuple[Column, ...]:
    """Read what the columns of a table are, and no records."""
    return _describe(pd.DataFrame(), pq.read_schema(path)).columns


def count_table(path: str | Path, names: Sequence[str]) -> Table:
    """Count the distinct rows of some columns of a table that :func:`write_table` wrote.

    Parameters
    ----------
    names : of the columns; :data:`anonify.tables.columns.MARKS` are taken if the table has them.

    Returns
    -------
    Counted table (:func:`anonify.tables.counts.count_rows`) with the description of all columns.
    """
    schema = pq.read_schema(path)
    present = [name for name in names if name not in MARKS or name in schema.names]
    content = pq.read_table(path, columns=present)
    return _describe(count_rows(content.to_pandas(), present), schema)


def _describe(frame: pd.DataFrame, schema: pa.Schema) -> Table:
    return Table(
        frame,
        tuple(Column(**column) for column in json.loads(schema.metadata[b"anonify.columns"])),
        json.loads(schema.metadata[b"anonify.provenance"]),
    )


def write_table(table: Table, path: str | Path) -> None:
    """Write a table as Parquet; columns and provenance go into the file's metadata."""
    content = pa.Table.from_pandas(table.frame, preserve_index=False)
    metadata = {
        "anonify.columns": json.dumps([asdict(column) for column in table.columns]),
        "anonify.provenance": json.dumps(table.provenance, sort_keys=True),
    }
    content = content.replace_schema_metadata({**(content.schema.metadata or {}), **metadata})
    with replacing(path) as temporary:
        pq.write_table(content, temporary, compression="zstd")


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read a table for people: an empty cell is missing, and ``None`` or ``NA`` a text."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def write_csv(
    frame: pd.DataFrame, path: str | Path, metadata_path: str | Path, provenance: Provenance
) -> None:
    """Write a table for people: CSV, and beside it the description of its columns and origin.

    The first column of the CSV names the dataset, so that numbers from the synthetic stand-in
    can't be taken for others.
    """
    label = provenance["dataset"]["name"]
    if is_synthetic(provenance):
        label += " (synthetic stand-in)"
    frame = frame.copy()
    frame.insert(0, "dataset", label)
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.10g", lineterminator="\n")
    kinds = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
    description = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": Path(path).name,
        "tableSchema": {
            "columns": [
                {"name": name, "datatype": kinds.get(frame[name].dtype.kind, "string")}
                for name in frame
            ]
        },
        "notes": [provenance],
    }
    write_json(description, metadata_path)
