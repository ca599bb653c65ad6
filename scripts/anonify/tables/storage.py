"""One way to read a table and one way to write one, each with its provenance.

Tables of records are Parquet; what a person opens is CSV with a description beside it (W3C,
Metadata Vocabulary for Tabular Data, 2015). Both are written under a temporary name and
renamed, so that a file under its own name is whole.
"""

from collections.abc import Collection, Iterator, Sequence
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

    def restore(self, content: pa.Table, texts: Collection[str] | None = None) -> pd.DataFrame:
        """Return some of the records with the types that they have in memory.

        Parameters
        ----------
        texts : columns whose categories are only how their texts were read; by default those of
            engines.
        """
        texts = self._texts if texts is None else texts
        frame = content.to_pandas(types_mapper=TYPES.get)
        return restore_types(frame, self.about.columns, self._labels, texts)


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
    schema = pa.schema([stored.field(name) for name in dict.fromkeys(present)])
    counted = _sum_records(schema.append(pa.field(RECORDS, pa.int64())).empty_table())
    parts, waiting = [counted], 0
    for batch in records.file.iter_batches(_AT_ONCE, columns=schema.names):
        content = pa.Table.from_batches([batch]).select(schema.names)
        ones = pa.array(np.ones(len(batch), dtype=np.int64))
        parts.append(_sum_records(content.append_column(RECORDS, ones)))
        waiting += parts[-1].num_rows
        if waiting > max(counted.num_rows, _AT_ONCE):
            counted = _sum_records(pa.concat_tables(parts))
            parts, waiting = [counted], 0
    counted = _sum_records(pa.concat_tables(parts))
    texts = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    return replace(records.about, frame=count_rows(records.restore(counted, texts), schema.names))


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


def _sum_records(content: pa.Table) -> pa.Table:
    """Return the distinct rows with the sum of their records, the last column.

    Texts with a dictionary are compared by their places in it, which takes a fraction of the time.
    """
    names = content.column_names
    columns = {name: content[name].combine_chunks() for name in names}
    texts = {name: each for name, each in columns.items() if pa.types.is_dictionary(each.type)}
    coded = pa.table(columns | {name: each.indices for name, each in texts.items()})
    groups = coded.group_by(names[:-1], use_threads=False).aggregate([(names[-1], "sum")])
    found = dict(zip(names, groups.columns, strict=True))
    for name, each in texts.items():
        places = found[name].combine_chunks()
        is_ordered = each.type.ordered
        found[name] = pa.DictionaryArray.from_arrays(places, each.dictionary, ordered=is_ordered)
    return pa.table(found)


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
