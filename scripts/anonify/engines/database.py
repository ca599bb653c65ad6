"""Where statements are run: one interface, whichever engine is behind it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from anonify.engines.choice import Limits


class Database(Protocol):
    """Where statements in DuckDB's SQL are run, on files and on frames that are given a name.

    Attributes
    ----------
    has_enums : whether statements can number the values of a list.
    """

    has_enums: bool

    def name_file(self, name: str, path: str | Path) -> None:
        """Give a Parquet file a name in statements.

        Its records are numbered (:data:`anonify.engines.sql.NUMBER`).

        Raises
        ------
        UserError : SQL can't tell two of its columns apart.
        """

    def name_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Give a frame a name in statements; its categories are texts there."""

    def fetch_row(self, statement: str) -> tuple[Any, ...]:
        """Return the only row that a statement selects."""

    def write_parquet(
        self,
        statement: str,
        path: str | Path,
        metadata: Mapping[str, str] | None = None,
        records: int = 0,
    ) -> None:
        """Write what a statement selects, in its order, as a Parquet file.

        Parameters
        ----------
        metadata : texts by name that the file has with it.
        records : that it reads, to show how far it is.
        """

    def close(self) -> None:
        """End it; files that were written stay."""


@contextmanager
def open_database(limits: Limits) -> Iterator[Database]:
    """Open a database for a block; its folder goes with it, also when the block is interrupted.

    Raises
    ------
    UserError : its folder can't be made, the disk is full, the memory does not do, or Spark can't
        be had.
    """
    # Imported only here: most tables fit in memory, and duckdb takes long to import.
    from anonify.engines.duckdb_database import DuckDBDatabase
    from anonify.engines.spark_database import SparkDatabase

    with limits.open_folder() as folder:
        database: Database = (
            SparkDatabase(limits, folder) if limits.spark_url else DuckDBDatabase(limits, folder)
        )
        try:
            yield database
        finally:
            database.close()
