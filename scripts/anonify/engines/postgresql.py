"""A table or a query of PostgreSQL, read by ADBC into a Parquet file, part by part.

Who connects to what is said by the environment alone, and no message has what the driver says of
it: it may quote a password. Nor has one what the server says of a value.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Self, TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tqdm import tqdm

from anonify.base.errors import UserError
from anonify.base.extras import require
from anonify.base.files import replacing
from anonify.base.words import list_names

# Types of PostgreSQL that Arrow has, too, and those that are read as PostgreSQL writes them.
_ALIKE = {"bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "name", "char"}
_WRITTEN = {"bpchar", "numeric", "uuid", "date", "time", "timestamp", "timestamptz", "enum"}
_KNOWN = _ALIKE | _WRITTEN
_TEXTS = {"text", "varchar", "bpchar", "name", "char"}
# Not by these: what is measured is no key, and is not always equal to itself.
_NO_KEYS = {"float4", "float8"}
# What the driver calls a type that is not built in.
_UNNAMED = re.compile(r"unnamed<oid:(\d+)>")

_CONNECTING = {
    "password authentication failed": "the server refuses the user or the password",
    "no password supplied": "the server asks for a password, and there is none",
    "does not exist": "the server has no such database or user",
    "Connection refused": "no server answers at the host and port",
    "could not translate host name": "there is no such host",
    "No such file or directory": "no server answers at the socket",
    "timeout expired": "no server answered in time",
}
"""Why there is no connection, by what the driver says, which depends on the server's language."""


@dataclass(frozen=True)
class Source:
    """What is read of a database.

    Parameters
    ----------
    table, query : what is read, one of both.
    order : columns that tell all records apart, and give them their order.
    uri_variable : the environment variable that has the address of the database; without it the
        variables of libpq decide, such as ``PGHOST``.
    """

    table: str | None
    query: str | None
    order: tuple[str, ...]
    uri_variable: str | None

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Self:
        """Return what the key ``database`` of a description says."""
        query = described["query"].strip().removesuffix(";") if "query" in described else None
        order = tuple(described["order"])
        return cls(described.get("table"), query, order, described.get("uri_variable"))

    @property
    def name(self) -> str:
        """What it is called in messages and reports."""
        return f"PostgreSQL, table {self.table}" if self.table else "PostgreSQL, query"

    @property
    def relation(self) -> str:
        """What stands behind ``FROM``."""
        # A comment in the last line must not hide what follows.
        return self.table or f"(\n{self.query}\n)"


def copy_source(source: Source, path: str | Path, stream: TextIO | None = None) -> None:
    """Write the records of a source to a Parquet file, in their order.

    Texts are sorted by their characters, whatever the language of the database. Times with a zone
    are in UTC.

    Parameters
    ----------
    stream : where progress is shown; standard error by default.

    Raises
    ------
    MissingExtraError : the driver is not installed.
    UserError : there is no connection, the query fails or breaks off, a column has a type that is
        no text, number or date, two records have no order, or there is none; nothing is written.
    """
    require("postgresql", "a table of a database")
    with _open_cursor(source) as cursor:
        with _explaining(source):
            kinds = _find_kinds(cursor, source)
            _check_kinds(source, kinds)
            cursor.execute(_write_statement(source, kinds))
            reader = cursor.fetch_record_batch()
        schema = pa.schema([pa.field(field.name, field.type) for field in reader.schema])
        with (
            replacing(path) as temporary,
            pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
            tqdm(
                desc=source.name, unit=" records", unit_scale=True, file=stream, disable=None
            ) as bar,
        ):
            last = schema.empty_table().select(source.order)
            for batch in _read_batches(reader, cursor, source):
                last = _check_order(source, batch, last)
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
                bar.update(len(batch))
            if not len(last):
                raise UserError(f"{source.name}: it has no record; correct it, or add records")


@contextmanager
def _open_cursor(source: Source) -> Iterator[Any]:
    """Connect, for a transaction that writes nothing."""
    from adbc_driver_postgresql import dbapi

    uri = "postgresql://"
    if source.uri_variable:
        if not os.environ.get(source.uri_variable):
            raise UserError(
                f"{source.name}: the environment variable {source.uri_variable} is not set; let it "
                "hold the address of the database, such as postgresql://user:password@host/name"
            )
        uri = os.environ[source.uri_variable]
    try:
        connection = dbapi.connect(uri)
    except dbapi.Error as error:
        said = (reason for words, reason in _CONNECTING.items() if words in str(error))
        where = source.uri_variable or "PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD"
        raise UserError(
            f"{source.name}: there is no connection to the database, for "
            f"{next(said, 'the address is wrong, or the server refuses it')}; correct {where} in "
            "the environment"
        ) from None
    with closing(connection), closing(connection.cursor()) as cursor:
        with _explaining(source):
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute("SET LOCAL client_encoding TO UTF8")
            cursor.execute("SET LOCAL datestyle TO ISO")
            cursor.execute("SET LOCAL timezone TO 'UTC'")
        yield cursor


@contextmanager
def _explaining(source: Source) -> Iterator[None]:
    """Say in a sentence why the server does not do what is asked for in this block."""
    from adbc_driver_postgresql import dbapi

    try:
        yield
    except (OSError, pa.ArrowException, dbapi.Error) as error:
        sqlstate = getattr(error, "sqlstate", None) or "?"
        # Of these it says what is wrong with the statement; else it may quote a value.
        is_about_names = sqlstate[:2] in ("42", "25")
        said = re.search(r"^.*?[^\W\d_]+:  (.+)", str(error)) if is_about_names else None
        reason = said[1] if said else f"the server refuses it (SQLSTATE {sqlstate})"
        raise UserError(f"{source.name}: {reason}; correct `database` in the description") from None


def _find_kinds(cursor: Any, source: Source) -> list[tuple[str, str]]:
    """Return name and type of each column; the type of an enumeration is ``enum``."""
    if source.query:
        # A mistake in it is told as it is written, without what stands around it below.
        cursor.adbc_execute_schema(source.query)
    schema = cursor.adbc_execute_schema(f"SELECT * FROM {source.relation} AS asked")
    kinds = [(field.name, field.metadata[b"POSTGRESQL:type"].decode()) for field in schema]
    return [(name, kind if kind in _KNOWN else _name_kind(cursor, kind)) for name, kind in kinds]


def _name_kind(cursor: Any, kind: str) -> str:
    """Return the name of a type, or ``enum``, of a type that the driver may have no name for."""
    unnamed = _UNNAMED.fullmatch(kind)
    cursor.execute(
        "SELECT min(typname::text), bool_and(typtype = 'e') FROM pg_catalog.pg_type WHERE "
        + ("oid::text = $1" if unnamed else "typname::text = $1"),
        (unnamed[1] if unnamed else kind,),
    )
    name, is_enumeration = cursor.fetchone()
    return "enum" if is_enumeration else name or kind


def _check_kinds(source: Source, kinds: Sequence[tuple[str, str]]) -> None:
    """Make sure that all columns can be read, and that those of the order are keys."""
    names = [name for name, _ in kinds]
    for name, kind in kinds:
        if names.count(name) > 1:
            raise UserError(
                f"{source.name}: there are two columns {name!r}; rename one by AS in the query"
            )
        if kind not in _KNOWN:
            shown = f"{kind[1:]}[]" if kind.startswith("_") else kind
            raise UserError(
                f"{source.name}: the column {name!r} is of the type {shown}, which is no text, "
                "number or date; leave it out by a query, or write it as text there "
                f"({_quote(name)}::text)"
            )
    of_column = dict(kinds)
    for name in source.order:
        if name not in of_column:
            raise UserError(
                f"{source.name}: `database.order` names {name!r}, but the columns are "
                f"{list_names(names)}; correct it"
            )
        if of_column[name] in _NO_KEYS:
            raise UserError(
                f"{source.name}: `database.order` names {name!r}, which is measured "
                f"({of_column[name]}) and so no key; name columns of whole numbers, texts or dates"
            )


def _write_statement(source: Source, kinds: Sequence[tuple[str, str]]) -> str:
    of_column = dict(kinds)
    columns = ", ".join(_write_column(name, kind) for name, kind in kinds)
    order = ", ".join(_write_key(name, of_column[name]) for name in source.order)
    return f"SELECT {columns} FROM {source.relation} AS asked ORDER BY {order}"


def _write_column(name: str, kind: str) -> str:
    column = _quote(name)
    return f"asked.{column}" if kind in _ALIKE else f"asked.{column}::text AS {column}"


def _write_key(name: str, kind: str) -> str:
    """Return what sorts by a column: what is equal is also written alike."""
    column = f"asked.{_quote(name)}"
    spelt = f'{column}::text COLLATE "C"'
    if kind in _TEXTS:
        return spelt
    return f"{column}, {spelt}" if kind == "numeric" else column


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read_batches(reader: Any, cursor: Any, source: Source) -> Iterator[pa.RecordBatch]:
    from adbc_driver_postgresql import dbapi

    read = 0
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (OSError, pa.ArrowException, dbapi.Error):
            after = f"{source.name}: after {read:,} records"
            if _is_alive(cursor):
                raise UserError(
                    f"{after} the query fails, for a value can't be computed, is no text of the "
                    "database's encoding, or the server cancelled it; see the server's log"
                ) from None
            raise UserError(f"{after} the connection broke; run again") from None
        read += len(batch)
        yield batch


def _is_alive(cursor: Any) -> bool:
    """Tell whether the server still answers."""
    from adbc_driver_postgresql import dbapi

    try:
        cursor.connection.rollback()
        cursor.execute("SELECT 1")
    except (OSError, dbapi.Error):
        return False
    return True


def _check_order(source: Source, batch: pa.RecordBatch, last: pa.Table) -> pa.Table:
    """Make sure that no record has the key of the one before it, and that all have one.

    Parameters
    ----------
    last : the key of the record before the batch, of which there may be none.

    Returns
    -------
    The key of the last record of the batch.
    """
    keys = pa.concat_tables(
        [last, pa.Table.from_batches([batch]).select(source.order).cast(last.schema)]
    )
    for name in source.order:
        if keys[name].null_count:
            raise UserError(
                f"{source.name}: {name!r} of `database.order` has no value in a record; name "
                "columns that have one in all"
            )
    before, after = keys.slice(0, len(keys) - 1), keys.slice(1)
    is_same = reduce(pc.and_, (pc.equal(before[name], after[name]) for name in source.order))
    if pc.any(is_same).as_py():
        raise UserError(
            f"{source.name}: two records have the same {list_names([*source.order])}, so that "
            "nothing says which comes first; name a column in `database.order` that tells them "
            "apart"
        )
    return keys.slice(len(keys) - 1)
