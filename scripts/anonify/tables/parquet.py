"""Tables that are Parquet, one file or a folder of them, with every value as text.

A folder is read in the order of the paths of its files, which have the same columns. Folders in it
are those of a partitioned table: ``year=2020`` is the column ``year`` with the value 2020.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonify.base.errors import UserError
from anonify.base.files import list_files, reading
from anonify.base.values import MISSING
from anonify.tables.headers import check_header
from anonify.tables.kinds import explain_content

# Records that are read at once.
_AT_ONCE = 2**18

_OF_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
# As Arrow writes a time that it cannot tell.
_NO_TIME = "<value out of range"

# What a file begins with.
_MARK = b"PAR1"
# What Hive and Spark call the folder of the records that have no value.
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
# Where formats of tables keep which files count: others were deleted or replaced.
_LOGS = {"_delta_log": "Delta Lake", ".hoodie": "Hudi", "metadata": "Iceberg"}


@dataclass(frozen=True)
class _Stored:
    """A table that is Parquet.

    Parameters
    ----------
    files : in their order, each with the columns that its folders tell.
    schema : of all files.
    """

    path: str | Path
    files: dict[Path, dict[str, str | None]]
    schema: pa.Schema

    @classmethod
    def open(cls, path: str | Path) -> "_Stored":
        """Find out what the columns are.

        Raises
        ------
        UserError : there is no such file, it is no Parquet, a header stands twice; a folder has no
            file, one that is no Parquet, or files of different columns.
        """
        is_folder = Path(path).is_dir()
        files = _list_parts(Path(path)) if is_folder else {Path(path): {}}
        first, *others = files
        schema = _read_schema(first, files[first])
        check_header(path, schema.names, 1)
        for file in others:
            schema = _join_schemas(schema, _read_schema(file, files[file]), first, file)
        return cls(path, files, schema)

    def read_batches(self, names: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Read records part by part, of some columns or of all."""
        schema = self.schema
        if names is not None:
            schema = pa.schema([schema.field(name) for name in names])
        for file, told in self.files.items():
            inside = [name for name in schema.names if name not in told]
            with _opening(file):
                for batch in pq.ParquetFile(file).iter_batches(_AT_ONCE, columns=inside):
                    content = pa.Table.from_batches([batch]).select(inside)
                    for name, value in told.items():
                        if name in schema.names:
                            column = pa.repeat(pa.scalar(value, pa.string()), len(content))
                            content = content.append_column(name, column)
                    if len(content):
                        yield content.select(schema.names).cast(schema)


def read_names(path: str | Path) -> list[str]:
    """Return the names of the columns.

    Raises
    ------
    UserError : as :func:`read_parquet`.
    """
    return list(_Stored.open(path).schema.names)


def read_parquet(path: str | Path) -> pd.DataFrame:
    """Read a table whole; see :func:`anonify.tables.text.read_text_columns`.

    Raises
    ------
    UserError : there is no such file, it is no Parquet, a header stands twice; a folder has no
        file, one that is no Parquet, or files of different columns; there is no record.
    """
    stored = _Stored.open(path)
    batches = [*stored.read_batches()]
    content = pa.concat_tables(batches) if batches else stored.schema.empty_table()
    return write_as_text(content, path)


def read_parquet_parts(path: str | Path) -> Iterator[pd.DataFrame]:
    """Read what :func:`read_parquet` reads, part by part.

    Raises
    ------
    UserError : as that function.
    """
    stored = _Stored.open(path)
    # Whether there are times of day is not told by a part.
    times = [field.name for field in stored.schema if pa.types.is_timestamp(field.type)]
    days = [
        name
        for name in times
        if all(_are_days(path, name, part[name]) for part in stored.read_batches([name]))
    ]
    is_empty = True
    for part in stored.read_batches():
        is_empty = False
        yield write_as_text(part, path, days)
    if is_empty:
        check_header(path, stored.schema.names, 0)


def join_parquet(folder: str | Path, path: str | Path) -> None:
    """Write the records of a folder of Parquet files into one.

    Raises
    ------
    UserError : as :func:`read_parquet`, but for a folder without records.
    """
    stored = _Stored.open(folder)
    with pq.ParquetWriter(path, stored.schema, compression="zstd") as writer:
        for part in stored.read_batches():
            writer.write_table(part)


def write_as_text(
    content: pa.Table, path: str | Path, days: Collection[str] | None = None
) -> pd.DataFrame:
    """Return a table with its values as text, as :func:`read_parquet` does.

    Parameters
    ----------
    path : names the table in messages.
    days : columns of times that are written as dates, for a part of a table; of a whole one it is
        those that are all midnight.

    Raises
    ------
    UserError : it has no record, a header stands twice, or values are no text, number or date.
    """
    check_header(path, content.column_names, content.num_rows)
    if days is None:
        times = [field.name for field in content.schema if pa.types.is_timestamp(field.type)]
        days = [name for name in times if _are_days(path, name, content[name])]
    return pd.DataFrame(
        {
            name: _write_column(path, name, content[name], name in days)
            for name in content.column_names
        }
    )


def _are_days(path: str | Path, name: str, values: Any) -> bool:
    """Tell whether all times of a column are midnight."""
    local = _find_local(path, name, values)
    counts = pc.fill_null(local.cast(pa.int64()), 0).to_numpy()
    return not (counts % (86_400 * _OF_SECOND[local.type.unit])).any()


def _find_local(path: str | Path, name: str, values: Any) -> Any:
    """Return times as the clocks of their zone show them.

    Raises
    ------
    UserError : the zone is not known, or a time is beyond those that can be told.
    """
    if not values.type.tz:
        return values
    try:
        local = pc.local_timestamp(values)
        # Beyond the first and the last time that there is the clocks would begin anew.
        pc.subtract_checked(local.cast(pa.int64()), values.cast(pa.int64()))
    except pa.ArrowException:
        raise UserError(
            f"{path}: the column {name!r} has times of the zone {values.type.tz!r} that cannot be "
            "told; the zone is not known, or a time stands for none; mend it or save them as text"
        ) from None
    return local


def _write_column(path: str | Path, name: str, values: Any, is_day: bool) -> "pd.Series[Any]":
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_timestamp(values.type):
        local = _find_local(path, name, values)
        values = local.cast(pa.date32(), safe=False) if is_day else values
    try:
        # A length of time would be written as a number, of whatever unit it has.
        is_length = pa.types.is_duration(values.type)
        text = values.cast(pa.bool_() if is_length else pa.string())
    except pa.ArrowException:
        raise UserError(
            f"{path}: the column {name!r} holds values of the kind {values.type}, which are no "
            "text, number or date; remove it or save them as text"
        ) from None
    if pa.types.is_temporal(values.type) and pc.any(pc.starts_with(text, _NO_TIME)).as_py():
        raise UserError(
            f"{path}: the column {name!r} has a time in a year that no calendar has; where it "
            "stands for a missing one leave the cell empty, else save the column as text"
        )
    written: pd.Series[Any] = pc.fill_null(text, MISSING).to_pandas().astype("str")
    return written


@contextmanager
def _opening(path: str | Path) -> Iterator[None]:
    """Say in a sentence why a Parquet file cannot be read in this block."""
    try:
        with reading(path):
            yield
    except (pa.ArrowException, OSError) as error:
        other = explain_content(path) if isinstance(error, pa.ArrowException) else None
        wrong = other or "the file is no Parquet, or not whole; save the table again"
        raise UserError(f"{path}: {wrong}") from None


def _list_parts(folder: Path) -> dict[Path, dict[str, str | None]]:
    """Return the files of a folder in their order, each with the columns that its folders tell."""
    for name, kind in _LOGS.items():
        if (folder / name).is_dir():
            raise UserError(
                f"{folder}: the folder is a table of {kind}, of which some files may not count any "
                "more; write the table as plain Parquet files and give their folder"
            )
    files = {file: _read_keys(folder, file) for file in list_files(folder)}
    if not files:
        raise UserError(f"{folder}: the folder has no Parquet file; check the path")
    first, *others = files
    for file in files:
        with file.open("rb") as content:
            if content.read(len(_MARK)) != _MARK:
                raise UserError(
                    f"{file}: the file is no Parquet, as all of a folder have to be; give one "
                    "file, or a folder that has nothing else"
                )
    for file in others:
        if [*files[file]] != [*files[first]]:
            raise UserError(
                f"{file}: its folders tell the columns {_list(files[file])}, but those of "
                f"{first.relative_to(folder)} {_list(files[first])}; part all files alike"
            )
    return files


def _list(names: Collection[str]) -> str:
    return ", ".join(names) or "none"


def _read_keys(folder: Path, file: Path) -> dict[str, str | None]:
    """Return the columns that the folders tell between a folder and a file in it."""
    keys: dict[str, str | None] = {}
    for part in file.relative_to(folder).parent.parts:
        name, mark, value = part.partition("=")
        if not mark:
            raise UserError(
                f"{folder}: it has the folder {part!r}, which is none of a partitioned table such "
                "as year=2020; give a folder whose files are one table"
            )
        try:
            # What is no UTF-8 stays so in the names that Python gives folders.
            part.encode()
            name, value = unquote(name, errors="strict"), unquote(value, errors="strict")
        except UnicodeError:
            raise UserError(
                f"{folder}: the folder {part!r} in it is not called in UTF-8; rename it"
            ) from None
        if name in keys:
            raise UserError(
                f"{folder}: a folder of {name!r} is in another one, in {part!r}; let each column "
                "be told once"
            )
        keys[name] = None if value == _NO_VALUE else value
    return keys


def _read_schema(file: Path, told: Collection[str]) -> pa.Schema:
    """Return the columns of a file, and after them those that its folders tell."""
    with _opening(file):
        fields = [pa.field(each.name, _decode(each.type)) for each in pq.read_schema(file)]
    names = [field.name for field in fields]
    for name in told:
        if name in names:
            raise UserError(
                f"{file}: the column {name!r} is in the file, and its folder tells it, too; remove "
                "one of them"
            )
    return pa.schema([*fields, *(pa.field(name, pa.string()) for name in told)])


def _decode(kind: pa.DataType) -> pa.DataType:
    """Return what the values of a column are, however they are stored."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    # Older versions of Arrow have no function for the second.
    return pa.string() if str(kind) in ("large_string", "string_view") else kind


def _join_schemas(known: pa.Schema, schema: pa.Schema, first: Path, file: Path) -> pa.Schema:
    """Return the columns of several files, the order of the first one's.

    Raises
    ------
    UserError : another one has not the same.
    """
    check_header(file, schema.names, 1)
    lacking = [name for name in known.names if name not in schema.names]
    surplus = [name for name in schema.names if name not in known.names]
    if lacking or surplus:
        verb, other = ("lacks", "has") if lacking else ("has", "lacks")
        raise UserError(
            f"{file}: it {verb} the column {[*lacking, *surplus][0]!r}, which {first.name} "
            f"{other}; the files of a folder need the same columns"
        )
    fields = []
    for field in known:
        kind = _join_kinds(field.type, schema.field(field.name).type)
        if kind is None:
            raise UserError(
                f"{file}: the column {field.name!r} is {schema.field(field.name).type}, but "
                f"{field.type} in files before it; the files of a folder need the same columns"
            )
        fields.append(pa.field(field.name, kind))
    return pa.schema(fields)


def _join_kinds(known: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """Return a type for the values of both, None where they are not of one kind.

    A file that has no value tells none.
    """
    if known == other or pa.types.is_null(other):
        return known
    if pa.types.is_null(known):
        return other
    for is_kind in (pa.types.is_signed_integer, pa.types.is_unsigned_integer):
        if is_kind(known) and is_kind(other):
            return max(known, other, key=lambda kind: kind.bit_width)
    return None
