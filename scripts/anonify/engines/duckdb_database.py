"""DuckDB with as much memory as it is given, and a folder for what does not fit.

A table is a Parquet file of :mod:`anonify.tables.storage`, which is read and written in parts. Its
columns are texts, numbers and truth values; what a missing value of a text is there, is it here.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.errors import UserError
from anonify.base.files import replacing
from anonify.base.progress import watch
from anonify.engines.choice import Limits
from anonify.engines.sql import NUMBER, check_names, quote_name, quote_text

# What DuckDB keeps within its limit is not all that the process takes.
_SHARE = 0.75
_ROW_GROUP = 122_880


class DuckDBDatabase:
    """Where statements are run, on files and on frames that are given a name.

    Parameters
    ----------
    limits : how much memory it takes, and where it puts what does not fit.
    """

    has_enums = True

    def __init__(self, limits: Limits, folder: Path) -> None:
        self.folder = folder
        self._connection = duckdb.connect()
        self._run(f"SET memory_limit = '{int(limits.memory * _SHARE)}B'")
        self._run(f"SET threads = {limits.threads}")
        self._run(f"SET temp_directory = {quote_text(str(folder / 'spilt'))}")
        # It is asked how far it is; it shows nothing itself.
        self._run("SET enable_progress_bar = true")
        self._run("SET enable_progress_bar_print = false")
        # Neither looks for extensions on the network.
        self._run("SET autoinstall_known_extensions = false")
        self._run("SET autoload_known_extensions = false")

    def close(self) -> None:
        """End it; files that were written stay."""
        self._connection.close()

    def name_file(self, name: str, path: str | Path) -> None:
        """Give a Parquet file a name in statements; its records are numbered (:data:`NUMBER`).

        Raises
        ------
        UserError : SQL can't tell two of its columns apart.
        """
        check_names(pq.read_schema(path).names, "DuckDB", ["file_row_number"])
        self._run(
            f"CREATE OR REPLACE TEMP VIEW {quote_name(name)} AS "
            f"SELECT * EXCLUDE (file_row_number), file_row_number AS {quote_name(NUMBER)} "
            f"FROM read_parquet({quote_text(str(path))}, file_row_number = true)"
        )

    def name_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Give a frame a name in statements; its categories are texts there."""
        self._connection.register("anonify.given", decode_frame(frame))
        self._run(
            f"CREATE OR REPLACE TEMP TABLE {quote_name(name)} AS "
            f"SELECT * FROM {quote_name('anonify.given')}"
        )
        self._connection.unregister("anonify.given")

    def fetch_row(self, statement: str) -> tuple[Any, ...]:
        """Return the only row that a statement selects."""
        with _explaining(self.folder):
            (row,) = self._connection.execute(statement).fetchall()
        return row

    def write_parquet(
        self,
        statement: str,
        path: str | Path,
        metadata: Mapping[str, str] | None = None,
        records: int = 0,
    ) -> None:
        """Write what a statement selects, in its order, as a Parquet file."""
        pairs = ", ".join(
            f"{quote_text(key)}: {quote_text(text)}" for key, text in (metadata or {}).items()
        )
        said = f", KV_METADATA {{{pairs}}}" if pairs else ""
        progress = watch(Path(path).name, records, self._connection.query_progress)
        with replacing(path) as temporary, progress:
            self._run(
                f"COPY ({statement}) TO {quote_text(str(temporary))} "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}{said})"
            )

    def _run(self, statement: str) -> None:
        with _explaining(self.folder):
            self._connection.execute(statement)


def decode_frame(frame: pd.DataFrame) -> pa.Table:
    """Return a frame with its categories as texts."""
    content = pa.Table.from_pandas(frame, preserve_index=False)
    plain = [
        pa.field(field.name, field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in content.schema
    ]
    return content.cast(pa.schema(plain))


@contextmanager
def _explaining(folder: Path) -> Iterator[None]:
    """Say in a sentence what the machine has too little of."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        text = str(error)
        if "temp_directory" in text or "max_temp_directory_size" in text or "disk" in text:
            raise UserError(
                f"`engine_temp`: there is no room left in {folder.parent} for what does not fit in "
                "memory; make room there, or name another folder"
            ) from None
        raise UserError(
            "`engine_memory`: the table needs more; allow more memory, or fewer cores"
        ) from None
    except duckdb.IOException as error:
        if re.search(r"No space left|disk is full|Could not write", str(error)):
            raise UserError(
                f"there is no room left on the disk of {folder.parent}, or of what is written; "
                "make room there, or name another folder as `engine_temp`"
            ) from None
        raise
