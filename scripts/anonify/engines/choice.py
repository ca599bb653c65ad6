"""Which engine does the work, and how much memory it may take."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Literal, Self, get_args

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.errors import UserError
from anonify.base.extras import require
from anonify.base.files import is_parquet, list_files
from anonify.base.folders import temporary_folder
from anonify.base.words import quote

Engine = Literal["auto", "memory", "duckdb", "spark"]

ENGINES: tuple[Engine, ...] = get_args(Engine)

DEFAULTS: Mapping[str, Any] = {
    "engine": "auto",
    "engine_memory": "2 GB",
    "engine_temp": None,
    "spark_url": None,
}
"""What is done where nobody says anything of the engine."""

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
# No machine has more bytes, and no engine reads more.
_MOST = 2**63
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s?([KMGT]?)B")


@dataclass(frozen=True)
class Limits:
    """What an engine may take.

    Parameters
    ----------
    memory : bytes.
    folder : where it puts what does not fit in memory, in a folder of its own.
    threads : how many it has.
    spark_url : address of the Spark that is the engine; without one it is DuckDB.
    """

    memory: int
    folder: Path
    threads: int = 1
    spark_url: str = ""

    @contextmanager
    def open_folder(self) -> Iterator[Path]:
        """Make a folder for a block, which goes with it, also when the block is interrupted.

        Raises
        ------
        UserError : it can't be made, or the disk is full in the block.
        """
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(temporary_folder(self.folder))
            except OSError as error:
                raise UserError(
                    f"`engine_temp`: nothing can be written to {self.folder} ({error.strerror}); "
                    "name another folder"
                ) from None
            try:
                yield folder
            except OSError as error:
                if error.errno not in (ENOSPC, EDQUOT):
                    raise
                raise UserError(
                    f"there is no room left on the disk of {self.folder}, or of what is written; "
                    "make room there, or name another folder as `engine_temp`"
                ) from None


@dataclass(frozen=True)
class Wanted:
    """What a configuration says of the engine.

    Parameters
    ----------
    engine : of :data:`ENGINES`.
    limits : of DuckDB or Spark.
    """

    engine: Engine
    limits: Limits

    @classmethod
    def of(cls, config: Mapping[str, Any], threads: int = 1) -> Self:
        """Return what the keys ``engine``, ``engine_memory``, ``engine_temp``, ``spark_url`` say.

        Raises
        ------
        UserError : they do not fit each other.
        MissingExtraError : Spark is not installed.
        """
        url = ""
        if config["engine"] == "spark":
            require("spark", "`engine: spark`")
            url = config["spark_url"] or f"local[{threads}]"
            if config["spark_url"] and not config["engine_temp"]:
                raise UserError(
                    "`engine_temp`: with `spark_url`, name a folder that all machines of the "
                    "cluster share"
                )
        folder = Path(config["engine_temp"] or gettempdir()).absolute()
        limits = Limits(read_size(config["engine_memory"]), folder, threads, url)
        return cls(config["engine"], limits)

    def is_out_of_core(self, table: str | Path) -> bool:
        """Tell whether DuckDB or Spark takes a job that would read a table into memory."""
        if self.engine == "auto":
            return estimate_memory(table) > psutil.virtual_memory().available / 2
        return self.engine != "memory"


def read_size(text: str) -> int:
    """Return the bytes that a text such as ``2 GB`` means.

    >>> read_size("2 GB"), read_size("1.5MB"), read_size("0 B")
    (2000000000, 1500000, 0)

    Raises
    ------
    UserError : it means none.
    """
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    size = float(match[1]) * _UNITS[match[2]] if match else math.inf
    if size >= _MOST:
        raise UserError(f"`engine_memory` is {quote(text)}; write a size such as 2 GB or 500 MB")
    return int(size)


# Bytes in memory for each cell of a Parquet file, however well it is compressed, and for each byte
# of a text file, at the peak of a job; measured on the Diabetes table with 10⁷ records.
_PER_CELL, _PER_BYTE, _UNPACKED = 20, 7, 12


def estimate_memory(path: str | Path) -> int:
    """Return about how many bytes a job takes for a table that it reads whole.

    Raises
    ------
    OSError : there is no such file.
    """
    path = Path(path)
    if path.is_dir():
        return sum(map(estimate_memory, list_files(path)))
    if is_parquet(path) and path.stat().st_size:
        try:
            about = pq.read_metadata(path)
        except pa.ArrowException:
            # Who reads it says what is wrong with it.
            return 0
        return int(about.num_rows) * int(about.num_columns) * _PER_CELL
    unpacked = _UNPACKED if path.suffix == ".gz" else 1
    return path.stat().st_size * unpacked * _PER_BYTE
