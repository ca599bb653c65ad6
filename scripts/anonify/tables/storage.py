"""One way to read a table and one way to write one, each with its provenance.

Tables of records are Parquet; what a person opens is CSV with a description beside it (W3C,
Metadata Vocabulary for Tabular Data, 2015). Both are written under a temporary name and
renamed, so that a file under its own name is whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.files import replacing, write_json
from anonify.base.values import PERSON, RECORDS
from anonify.tables.columns import MARKS, Column, names_with_role
from anonify.tables.counts import Rows, count_rows
from anonify.tables.metadata import (
    Labels,
    list_labels,
    read_metadata,
    restore_types,
    write_metadata,
)
from anonify.tables.provenance import Provenance, is_synthetic

# Records that are counted at once.
_AT_ONCE = 2**20
# Whole numbers that lack values stay whole.
TYPES = {pa.int64(): pd.Int64Dtype()}


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


class Records:
    """The records of a table that :func:`write_table` or an engine wrote.

    Engines write texts as such. They are read as places in a dictionary, which takes a fraction of
    the time.
    """

    def __init__(self, path: str | Path) -> None:
        schema = pq.read_schema(path)
        self.about, self._labels = describe_table(path), read_labels(path)
        self._texts = [field.name for field in schema if pa.types.is_string(field.type)]
        self.file = pq.ParquetFile(path, read_dictionary=self._texts)

    def restore(self, content: pa.Table) -> pd.DataFrame:
        """Return some of the records with the types that they have in memory."""
        frame = content.to_pandas(types_mapper=TYPES.get)
        return restore_types(frame, self.about.columns, self._labels, self._texts)


def read_table(path: str | Path) -> Table:
    """Read a table that :func:`write_table` or an engine wrote."""
    records, columns = Records(path), {}
    for name in records.file.schema_arrow.names:
        # One by one, so that nothing is in memory twice but a column.
        columns[name] = records.restore(records.file.read([name]).select([name]))[name]
    # What Arrow took for a column it would keep for the next file.
    pa.default_memory_pool().release_unused()
    return replace(records.about, frame=pd.DataFrame(columns, copy=False))


def describe_table(path: str | Path) -> Table:
    """Read what the columns of a table are and where it comes from, and no records."""
    schema = pq.read_schema(path)
    columns, provenance, labels = read_metadata(schema.metadata)
    frame = schema.empty_table().to_pandas(types_mapper=TYPES.get)
    return Table(restore_types(frame, columns, labels), columns, provenance)


def read_labels(path: str | Path) -> Labels:
    """Read what the quasi-identifiers of a released table may show."""
    return read_metadata(pq.read_schema(path).metadata)[2]


def count_stored(path: str | Path) -> int:
    """Count the records of a table without reading them."""
    return int(pq.read_metadata(path).num_rows)


def count_table(path: str | Path, names: Sequence[str]) -> Table:
    """Count the distinct rows of some columns of a table, which is read in parts.

    Parameters
    ----------
    names : of the columns; :data:`anonify.tables.columns.MARKS` are taken if the table has them.

    Returns
    -------
    Counted table (:func:`anonify.tables.counts.count_rows`) with the description of all columns.
    """
    records = Records(path)
    stored = records.file.schema_arrow
    present = [name for name in names if name not in MARKS or name in stored.names]
    present = [*dict.fromkeys(present)]
    plain = [_decode(stored.field(name).type) for name in present]
    schema = pa.schema([*zip(present, plain, strict=True), (RECORDS, pa.int64())])
    counted = schema.empty_table()
    parts, waiting = [counted], 0
    for batch in records.file.iter_batches(_AT_ONCE, columns=present):
        parts.append(_count_batch(batch, schema))
        waiting += parts[-1].num_rows
        if waiting > max(counted.num_rows, _AT_ONCE):
            counted = _sum_records(pa.concat_tables(parts), present)
            parts, waiting = [counted], 0
    counted = _sum_records(pa.concat_tables(parts), present)
    return replace(records.about, frame=count_rows(records.restore(counted), present))


def read_parts(path: str | Path, names: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
    """Read the records of a table in their order, part by part.

    Parameters
    ----------
    names : of the columns; None for all.
    """
    records = Records(path)
    for batch in records.file.iter_batches(_AT_ONCE, columns=names):
        yield records.restore(pa.Table.from_batches([batch]))


def read_rows(path: str | Path) -> Rows:
    """Return what counts columns of a table that is stored."""
    return lambda names: count_table(path, [*names, *MARKS]).frame


def _decode(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _count_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    """Return the distinct rows of a batch with how many records have each.

    Texts with a dictionary are compared by their places in it, which takes a fraction of the time.
    """
    *names, _ = schema.names
    ones = pa.array(np.ones(len(batch), dtype=np.int64))
    coded = [
        values.indices if pa.types.is_dictionary(values.type) else values
        for values in batch.columns
    ]
    content = pa.Table.from_arrays([*coded, ones], names=schema.names)
    counted = _sum_records(content, names).combine_chunks()
    shown = [
        values.dictionary.take(counted[name])
        if pa.types.is_dictionary(values.type)
        else counted[name]
        for name, values in zip(names, batch.columns, strict=True)
    ]
    return pa.Table.from_arrays([*shown, counted[RECORDS]], names=schema.names).cast(schema)


def _sum_records(content: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return the distinct rows with the sum of their records."""
    summed = content.group_by(names, use_threads=False).aggregate([(RECORDS, "sum")])
    return summed.rename_columns([*names, RECORDS]).select(content.column_names)


def write_table(table: Table, path: str | Path) -> None:
    """Write a table as Parquet; columns and provenance go into the file's metadata."""
    write_table_parts(iter([table.frame]), table.columns, table.provenance, path)


def write_table_parts(
    parts: Iterator[pd.DataFrame],
    columns: Sequence[Column],
    provenance: Provenance,
    path: str | Path,
) -> None:
    """Write a table as :func:`write_table` does, part by part.

    Parameters
    ----------
    parts : frames of records with the same columns and types, one at least.
    """
    first = next(parts)
    metadata = write_metadata(columns, provenance, list_labels(first, columns))
    content = pa.Table.from_pandas(first, preserve_index=False)
    schema = content.schema.with_metadata({**(content.schema.metadata or {}), **metadata})
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        writer.write_table(content.cast(schema))
        for part in parts:
            writer.write_table(pa.Table.from_pandas(part, schema, preserve_index=False))


def copy_records(
    path: str | Path, names: Sequence[str], chosen: npt.NDArray[np.int64] | None, copy: str | Path
) -> None:
    """Write some columns of some records of a typed table as a table of its own.

    Parameters
    ----------
    names : of the columns, in the order of the copy; the numbers of the people go with them.
    chosen : the records, ascending, counted from 0; None for all.
    copy : file to be written.
    """
    file, about = pq.ParquetFile(path), describe_table(path)
    present = [name for name in (*names, PERSON) if name in file.schema_arrow.names]
    described = {column.name: column for column in about.columns}
    columns = [described[name] for name in names]
    schema = pa.schema([file.schema_arrow.field(name) for name in present])
    schema = schema.with_metadata(write_metadata(columns, about.provenance, {}))
    start = 0
    with (
        replacing(copy) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for batch in file.iter_batches(_AT_ONCE, columns=present):
            end = start + len(batch)
            if chosen is not None:
                first, last = np.searchsorted(chosen, [start, end])
                batch = batch.take(pa.array(chosen[first:last] - start))
            writer.write_table(pa.Table.from_batches([batch]).select(present).cast(schema))
            start = end


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
