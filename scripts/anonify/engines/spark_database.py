"""Spark, in this process or on a cluster.

Its machines read and write files themselves: what a table lies in, and the folder for what goes
between, have to be under the same path on all of them.
"""

import logging
import math
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
import pyarrow.parquet as pq

from anonify.base.errors import UserError
from anonify.engines.choice import Limits
from anonify.engines.duckdb_database import DuckDBDatabase, decode_frame
from anonify.engines.sql import NUMBER, check_names, quote_text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What Java keeps on its heap is not all that it takes; a smaller heap Spark refuses.
_SHARE, _LEAST_HEAP = 0.75, 512 * 2**20
# Of the memory for Spark what DuckDB may take that joins its parts.
_PARTS_SHARE = 0.25
# Seconds in which a cluster has to answer, and in which it should lend a worker.
_ANSWER, _PATIENCE = 10, 20
_LOG = logging.getLogger("anonify.engines")
_T = TypeVar("_T")

_SENTENCES = {
    r"No space left|disk is full|DiskErrorException": (
        "`engine_temp`: there is no room left for what does not fit in memory, or on the disk of "
        "what is written; make room there"
    ),
    r"OutOfMemory|UNABLE_TO_ACQUIRE_MEMORY": (
        "`engine_memory`: the table needs more; allow more memory, or fewer cores"
    ),
    r"AccessControlException|Permission denied": (
        "`spark_url`: Spark may not read the run's files or not write into `engine_temp`; let its "
        "workers run as the user who starts the run"
    ),
    r"PATH_NOT_FOUND|FileNotFoundException|FILE_NOT_EXIST|NoSuchFileException": (
        "`spark_url`: Spark does not find the run's files; the run's folder and `engine_temp` have "
        "to be under the same path on all machines of the cluster"
    ),
}


class SparkDatabase:
    """Where statements are run, on files and on frames that are given a name.

    Parameters
    ----------
    limits : which Spark, and how much memory each of its machines takes.
    folder : for what goes between, which its machines share.
    """

    has_enums = False

    def __init__(self, limits: Limits, folder: Path) -> None:
        self.folder = folder
        self._limits = limits
        self._names: set[str] = set()
        with _explaining():
            self._session = connect(limits)

    def close(self) -> None:
        """Forget what was named; Spark goes on, for starting takes long, until the process ends."""
        for name in self._names:
            self._session.catalog.dropTempView(name)

    def name_file(self, name: str, path: str | Path) -> None:
        """Give a Parquet file a name in statements; its records are numbered (:data:`NUMBER`).

        Raises
        ------
        UserError : SQL can't tell two of its columns apart.
        """
        check_names(pq.read_schema(path).names, "Spark")

        def name_it() -> None:
            content = self._session.read.parquet(_locate(path))
            place = content.metadataColumn("_metadata").getField("row_index")
            content.select("*", place.alias(NUMBER)).createOrReplaceTempView(name)

        self._do(name_it)
        self._names.add(name)

    def name_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Give a frame a name in statements; its categories are texts there."""
        path = _locate(self.folder / f"{name}.parquet")
        pq.write_table(decode_frame(frame), self.folder / f"{name}.parquet")
        self._do(lambda: self._session.read.parquet(path).createOrReplaceTempView(name))
        self._names.add(name)

    def fetch_row(self, statement: str) -> tuple[Any, ...]:
        """Return the only row that a statement selects."""
        (row,) = self._do(lambda: self._session.sql(translate(statement)).collect())
        return tuple(row)

    def write_parquet(
        self,
        statement: str,
        path: str | Path,
        metadata: Mapping[str, str] | None = None,
        records: int = 0,
    ) -> None:
        """Write what a statement selects, in its order, as a Parquet file."""
        folder = self.folder / "parts"

        def write() -> None:
            # Partitions, and so the parts, follow each other in the order of the statement.
            selected = self._session.sql(translate(statement))
            selected.write.parquet(f"file://{folder}", "overwrite")

        self._do(write)
        parts = ", ".join(quote_text(str(part)) for part in sorted(folder.glob("part-*.parquet")))
        if not parts:
            raise UserError(
                f"`engine_temp`: what Spark wrote is not in {self.folder.parent}; name a folder "
                "that all machines of the cluster share"
            )
        memory = int(self._limits.memory * _PARTS_SHARE)
        joining = DuckDBDatabase(replace(self._limits, memory=memory), self.folder)
        joining.write_parquet(f"FROM read_parquet([{parts}])", path, metadata, records)
        joining.close()

    def _do(self, work: Callable[[], _T]) -> _T:
        """Do something with Spark, and end this where the job is interrupted.

        The work has a thread of its own: a connection to Java that is interrupted in the middle
        would take an answer for that of the next question.
        """
        with _explaining(), ThreadPoolExecutor(1) as thread:
            done = thread.submit(work)
            try:
                return done.result()
            except (KeyboardInterrupt, SystemExit):
                # Its machines would write into a folder that is gone.
                self._session.stop()
                self._names.clear()
                raise


def translate(statement: str) -> str:
    """Return a statement in the SQL of Spark."""
    from sqlglot import ErrorLevel, exp, parse_one

    def adapt(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.DataType) and node.is_type("HUGEINT"):
            return exp.DataType.build("DECIMAL(38, 0)")
        if isinstance(node, exp.Anonymous) and node.name.lower() == "hash":
            # Spark passes over what is missing: of ('a', NULL) and (NULL, 'a') it makes the same.
            seen = [each for value in node.expressions for each in (value, value.is_(exp.null()))]
            return exp.func("xxhash64", *seen, dialect="spark")
        return node

    tree = parse_one(statement, read="duckdb").transform(adapt)
    return str(tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE))


def connect(limits: Limits) -> "SparkSession":
    """Return a session of Spark, the one that this process has or a new one.

    Raises
    ------
    UserError : there is no Spark, or not enough memory for it.
    """
    from pyspark.sql import SparkSession

    url = limits.spark_url
    heap = int(limits.memory * _SHARE)
    if heap < _LEAST_HEAP:
        raise UserError("`engine_memory`: Spark needs more; write 1 GB or more")
    is_local = url.startswith("local")
    if not is_local:
        _check_address(url)
    if url.startswith("sc://"):
        return SparkSession.builder.remote(url).getOrCreate()
    memory = f"{heap // 2**20}m"
    settings = {
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        "spark.local.dir": str(limits.folder),
        # Pages for everybody on the network, with statements that have the key of a sample.
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    if is_local:
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    builder = SparkSession.builder.appName("anonify").master(url)
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    if session.sparkContext.master != url:
        raise UserError(
            f"`spark_url`: this process works with {session.sparkContext.master} already; end that "
            "session, or name it"
        )
    if not is_local:
        _wait_for_worker(session, url, memory)
    return session


def _check_address(url: str) -> None:
    """Make sure that something listens there, which Spark itself finds out late.

    Raises
    ------
    UserError : nothing does.
    """
    for address in url.split("://")[1].split(","):
        host, port = address.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), _ANSWER).close()
        except OSError:
            continue
        return
    raise UserError(f"`spark_url`: nothing answers at {url}; check the address, or start Spark")


def _wait_for_worker(session: "SparkSession", url: str, memory: str) -> None:
    """Wait until a worker has begun, and say so where that takes long: others may be busy there."""
    # Of the driver there is one entry, too.
    context, told = session.sparkContext._jsc.sc(), time.monotonic() + _PATIENCE
    while context.getExecutorMemoryStatus().size() < 2:
        if time.monotonic() > told:
            told = math.inf
            _LOG.warning(
                "waiting for a worker of %s with a free core and %s of memory; if there is none, "
                "write less as `engine_memory`",
                *(url, memory),
            )
        time.sleep(0.1)


def _locate(path: str | Path) -> str:
    """Return the address of a file, for Spark would take some signs for patterns."""
    return "file://" + re.sub(r"([\\*?\[\]{}])", r"\\\1", str(Path(path).absolute()))


@contextmanager
def _explaining() -> Iterator[None]:
    """Say in a sentence what a person can mend."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        text = str(error)
        if "JAVA_GATEWAY_EXITED" in text:
            raise UserError(
                "`engine`: Spark does not start; it needs Java 17 or newer (`java -version`, or "
                "JAVA_HOME)"
            ) from None
        for pattern, sentence in _SENTENCES.items():
            if re.search(pattern, text):
                raise UserError(sentence) from None
        raise
