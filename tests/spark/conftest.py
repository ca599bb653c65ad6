"""A cluster of Spark on loopback: a standalone master and two workers, as processes."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

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


class Cluster:
    """A master, and workers that have a core each.

    Parameters
    ----------
    spark : folder of Spark.
    folder : for logs and what the workers need.
    """

    def __init__(self, spark, folder):
        self.folder = folder
        self._program = spark / "bin/spark-class"
        self._started = 0
        port = find_port()
        self.url = f"spark://127.0.0.1:{port}"
        self.workers = []
        self._master = self._start(
            "master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", find_port()
        )
        self._wait(port)
        for _ in range(2):
            self.start_worker()

    def start_worker(self):
        self.workers.append(
            self._start(
                *("worker.Worker", "--host", "127.0.0.1", "--webui-port", find_port()),
                *("--cores", 1, "--memory", "1g"),
                *("--work-dir", self.folder / "work", self.url),
            )
        )

    def kill_worker(self):
        """Kill a worker and what works for it, as if its machine had lost its power."""
        worker = self.workers.pop(0)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def stop(self):
        for process in [*self.workers, self._master]:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def read_logs(self):
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def _start(self, name, *arguments):
        self._started += 1
        with (self.folder / f"{self._started}-{name}.log").open("w") as log:
            return subprocess.Popen(
                [self._program, f"org.apache.spark.deploy.{name}", *map(str, arguments)],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait(self, port):
        for _ in range(1200):
            if self._master.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"the master does not answer:\n{self.read_logs()}")


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
        patch.setenv("SPARK_DAEMON_MEMORY", "256m")
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
