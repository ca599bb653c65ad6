"""A cluster of Spark on loopback: a standalone master and two workers, as processes."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

# Everything stays on loopback. Several parts of small tables, too, and what is quick to start.
DEFAULTS = """
spark.driver.host                             127.0.0.1
spark.driver.bindAddress                      127.0.0.1
spark.driver.extraJavaOptions                 {java}
spark.executor.extraJavaOptions               {java}
spark.sql.shuffle.partitions                  4
spark.sql.adaptive.coalescePartitions.enabled false
spark.shuffle.io.retryWait                    1s
"""
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def find_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_java(spark, name, *arguments, log):
    """Start a program of Spark as a process that leads a group of its own."""
    with Path(log).open("w") as output:
        return subprocess.Popen(
            [spark / "bin/spark-class", f"org.apache.spark.{name}", *map(str, arguments)],
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def stop(process):
    """Kill a process and what works for it, as if its machine had lost its power."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_port(port, process, log):
    for _ in range(1200):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers:\n{Path(log).read_text()}")


def read(path):
    """Return the records of a file, and what it says of itself."""
    content = pq.read_table(path)
    # Whether a column lacks values is told of parts, and hangs on which these are.
    fields = [field.with_nullable(True) for field in content.schema]
    return content.cast(pa.schema(fields)), content.schema.metadata


class Cluster:
    """A master, and workers that have a core each.

    Parameters
    ----------
    spark : folder of Spark.
    folder : for logs and what the workers need.
    """

    def __init__(self, spark, folder):
        self._spark, self._folder = spark, folder
        self.workers = []
        port, log = find_port(), folder / "master.log"
        self.url = f"spark://127.0.0.1:{port}"
        self._master = start_java(
            *(spark, "deploy.master.Master", "--host", "127.0.0.1", "--port", port),
            *("--webui-port", find_port()),
            log=log,
        )
        try:
            wait_for_port(port, self._master, log)
            for place in range(2):
                self._start_worker(place)
        except BaseException:
            self.stop()
            raise

    def _start_worker(self, place):
        worker = start_java(
            *(self._spark, "deploy.worker.Worker", "--host", "127.0.0.1"),
            *("--webui-port", find_port(), "--cores", 1, "--memory", "1g"),
            *("--work-dir", self._folder / "work", self.url),
            log=self._folder / f"worker{place}.log",
        )
        self.workers.append(worker)

    def kill_worker(self):
        stop(self.workers.pop())

    def stop(self):
        for process in [*self.workers, self._master]:
            stop(process)


@pytest.fixture(scope="session")
def spark_home():
    """The folder of Spark, which reads its configuration from one of ours."""
    pyspark = pytest.importorskip("pyspark", reason="needs Spark: make test-spark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("needs Java, such as Debian's default-jre-headless")
    return Path(pyspark.__file__).parent


@pytest.fixture(scope="session")
def configured(spark_home, tmp_path_factory):
    """Let Spark read its configuration from a folder of ours."""
    folder = tmp_path_factory.mktemp("configuration")
    (folder / "spark-defaults.conf").write_text(DEFAULTS.format(java=JAVA))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_DAEMON_JAVA_OPTS", JAVA)
        patch.setenv("SPARK_DAEMON_MEMORY", "512m")
        yield


@pytest.fixture(scope="session")
def cluster(configured, spark_home, tmp_path_factory):
    from pyspark.sql import SparkSession

    cluster = Cluster(spark_home, tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster
        if session := SparkSession.getActiveSession():
            session.stop()
    finally:
        cluster.stop()
