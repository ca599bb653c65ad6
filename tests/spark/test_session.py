"""Which Spark is worked with, and what is said where there is none."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from tests.profile import takes_long
from tests.spark.conftest import find_port, read, start_java, stop, wait_for_port
from tests.unit.releases.test_files import COLUMNS, anonymize, store

from anonify.base.errors import UserError
from anonify.engines.choice import Limits
from anonify.engines.spark_database import connect

PROJECT = Path(__file__).resolve().parents[2]
LINES = [["f", "31", "10115", "flu", "1.5", "3"], ["m", "50", "20095", "HIV", "2", ""]]
# What a process does that has a session of its own.
WORK = """
import sys
from dataclasses import replace
from types import SimpleNamespace
from pathlib import Path
import anonify.engines.spark_database as spark
from anonify.base.errors import UserError
from anonify.engines.choice import Limits
from tests.unit.releases.test_files import anonymize

folder, url, memory, spark._PATIENCE = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), 1
try:
    anonymize(
        SimpleNamespace(
            table=folder / "table.parquet",
            hierarchies=[folder / f"{name}.hierarchy.csv" for name in ("sex", "age", "zip")],
            release=folder / "spark.parquet",
            limits=Limits(memory, folder / "temp", 1, url),
        ),
        "arx",
        3,
    )
except UserError as error:
    print(error)
"""


@pytest.fixture
def stored(tmp_path):
    (tmp_path / "ward/temp").mkdir(parents=True)
    return store(tmp_path / "ward", COLUMNS, pd.DataFrame(LINES * 5, columns=[*COLUMNS]))


def start(stored, url, memory=10**9, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(stored.folder), url, str(memory)],
        env={**os.environ, "PYTHONPATH": f"{PROJECT / 'scripts'}:{PROJECT}", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_address_where_nothing_answers_is_named(spark_home, tmp_path):
    for url in (f"spark://127.0.0.1:{find_port()}", f"sc://127.0.0.1:{find_port()}"):
        with pytest.raises(UserError, match=rf"^`spark_url`: nothing answers at {url}; check"):
            connect(Limits(10**9, tmp_path, 1, url))


def test_too_little_memory_is_told_before_anything_starts(spark_home, tmp_path):
    with pytest.raises(UserError, match=r"^`engine_memory`: Spark needs more; write 1 GB or more"):
        connect(Limits(5 * 10**8, tmp_path, 1, "local[1]"))


def test_one_process_works_with_one_spark(cluster, tmp_path):
    session = connect(Limits(10**9, tmp_path, 1, cluster.url))
    assert connect(Limits(10**9, tmp_path, 1, cluster.url)) is session
    with pytest.raises(UserError, match=rf"works with {cluster.url} already"):
        connect(Limits(10**9, tmp_path, 1, "local[1]"))


def test_without_java_it_is_said_what_is_needed(spark_home, stored, tmp_path):
    # What a shell needs is there, and nothing else.
    (tmp_path / "bin").mkdir()
    for name in ("bash", "dirname", "env", "sh"):
        (tmp_path / "bin" / name).symlink_to(f"/bin/{name}")
    process = start(stored, "local[1]", PATH=str(tmp_path / "bin"), JAVA_HOME="")
    told, _ = process.communicate(timeout=300)
    assert told.startswith("`engine`: Spark does not start; it needs Java 17 or newer")


@takes_long
def test_it_is_told_that_a_cluster_lends_no_worker(cluster, stored):
    process = start(stored, cluster.url, 4 * 10**9)
    told = next(line for line in process.stderr if line.startswith("waiting"))
    process.kill()
    process.communicate()
    assert told.startswith(
        f"waiting for a worker of {cluster.url} with a free core and 2861m of memory; if"
    )


@takes_long
def test_a_server_of_spark_connect_does_the_same(configured, spark_home, stored):
    port = find_port()
    server = start_java(
        *(spark_home, "deploy.SparkSubmit", "--class"),
        *("org.apache.spark.sql.connect.service.SparkConnectServer", "--master", "local[1]"),
        *("--conf", f"spark.connect.grpc.binding.port={port}"),
        *("--conf", "spark.connect.grpc.binding.address=127.0.0.1", "spark-internal"),
        log=stored.folder / "server.log",
    )
    try:
        wait_for_port(port, server, stored.folder / "server.log")
        told, _ = start(stored, f"sc://127.0.0.1:{port}").communicate(timeout=300)
    finally:
        stop(server)
    assert told == ""
    anonymize(stored, "arx", 3)
    assert read(stored.folder / "spark.parquet") == read(stored.release)


@takes_long
def test_a_job_that_is_ended_from_outside_leaves_nothing_behind(configured, stored):
    temp = stored.folder / "temp"
    process = start(stored, "local[1]")
    while not [*temp.glob("anonify-*/parts/_temporary")]:
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    assert process.wait(60) == 128 + 15
    # Java ends by itself when its Python has gone.
    for _ in range(600):
        if not [*temp.iterdir()]:
            break
        time.sleep(0.1)
    assert not [*temp.iterdir()]
    assert not (stored.folder / "spark.parquet").exists()
