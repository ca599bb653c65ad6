"""Read a Parquet file in a process that may take so much memory and no more.

What a Parquet file says of its own size need not be true: a page may expand to any length, and a
value that is written once may stand in a million records. So a process with a limit of its own
reads it, and hands the table back only if that is small enough.

This file is also what that process runs; it imports nothing of the library, so that it starts
quickly.
"""

import os
import resource
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CELL = 192
"""Bytes that a cell takes while a table is worked with: as text, in a domain, its places."""

COPIES = 8
"""How often what a cell holds is in memory besides."""

_SECONDS = 60
_TOO_LARGE, _BROKEN = 3, 4


def unpack(content: bytes, most_bytes: int, most_records: int) -> pa.Table:
    """Return the table of a Parquet file.

    Raises
    ------
    MemoryError : it has more records, or takes more memory, than is allowed.
    ValueError : it is no Parquet, or not whole.
    """
    done = subprocess.run(
        [sys.executable, "-I", __file__, str(most_bytes), str(most_records)],
        input=content,
        capture_output=True,
        # One pool that gives back what it does not need, and no more than one thread.
        env={**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"},
        check=False,
    )
    if done.returncode == _BROKEN:
        raise ValueError("it is no Parquet, or not whole")
    if done.returncode != 0:  # Too large, or out of memory or time in whatever way.
        raise MemoryError
    return pa.ipc.open_stream(done.stdout).read_all()


def measure(metadata: Any) -> int:
    """Return how many bytes a table takes at least, as its file says."""
    groups = (metadata.row_group(place) for place in range(metadata.num_row_groups))
    written = sum(group.total_byte_size for group in groups)
    return int(max(written, CELL * metadata.num_rows * metadata.num_columns))


def _main(most_bytes: int, most_records: int) -> int:
    content = sys.stdin.buffer.read()
    _limit(3 * most_bytes)
    try:
        file = pq.ParquetFile(pa.BufferReader(content), pre_buffer=False)
        if file.metadata.num_rows > most_records or measure(file.metadata) > most_bytes:
            return _TOO_LARGE
        table = file.read(use_threads=False)
        expanded = sum(_measure_column(column) for column in table.columns)
    except MemoryError:
        return _TOO_LARGE
    except (pa.ArrowException, OSError, ValueError):
        return _BROKEN
    if COPIES * expanded + CELL * table.num_rows * table.num_columns > most_bytes:
        return _TOO_LARGE
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)
    return 0


def _measure_column(column: Any) -> int:
    """Return the bytes of a column, each record with a value of its own."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return int(column.nbytes)


def _limit(expanded: int) -> None:
    """Keep this process from taking more than so many bytes beyond what it has."""
    with open("/proc/self/status") as file:  # noqa: PTH123
        [has] = [int(line.split()[1]) for line in file if line.startswith("VmData")]
    # The libraries themselves take some, when they are first used.
    most = 1024 * has + expanded + 64 * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(_main(*map(int, sys.argv[1:])))
