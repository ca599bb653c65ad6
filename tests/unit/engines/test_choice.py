"""Which engine takes a job, and what it may take."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonify.base.errors import UserError
from anonify.base.extras import EXTRAS
from anonify.engines import choice
from anonify.engines.choice import Limits, Wanted, estimate_memory, read_size

KEYS = {"engine": "auto", "engine_memory": "2 GB", "engine_temp": None, "spark_url": None}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({name: np.zeros(10**6, dtype="i1") for name in "ab"}), path)
    return path


def test_a_table_is_estimated_by_its_cells_however_small_its_file(table, tmp_path):
    assert estimate_memory(table) == 2 * 10**6 * 20
    assert table.stat().st_size < 10**5
    text = tmp_path / "table.csv"
    text.write_text("a\n" * 500)
    assert estimate_memory(text) == 7000


@pytest.mark.parametrize(("free", "is_out_of_core"), [(79_999_999, True), (80_000_000, False)])
def test_auto_takes_duckdb_where_half_of_the_free_memory_would_not_do(
    table, monkeypatch, free, is_out_of_core
):
    monkeypatch.setattr(choice.psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
    assert Wanted.of(KEYS).is_out_of_core(table) is is_out_of_core
    assert not Wanted.of({**KEYS, "engine": "memory"}).is_out_of_core(table)
    assert Wanted.of({**KEYS, "engine": "duckdb"}).is_out_of_core(table)


def test_limits_are_what_the_configuration_says(tmp_path):
    wanted = Wanted.of({**KEYS, "engine_memory": "1.5 GB", "engine_temp": str(tmp_path)}, 4)
    assert wanted.limits == Limits(1_500_000_000, tmp_path, 4)


def test_spark_works_on_this_machine_unless_a_cluster_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(EXTRAS, "spark", ())
    keys = {**KEYS, "engine": "spark"}
    assert Wanted.of(keys, 4).limits.spark_url == "local[4]"
    assert Wanted.of(keys).is_out_of_core(tmp_path)
    keys["spark_url"] = "spark://host:7077"
    with pytest.raises(UserError, match=r"^`engine_temp`: with `spark_url`, name a folder that"):
        Wanted.of(keys)
    keys["engine_temp"] = str(tmp_path)
    assert Wanted.of(keys).limits == Limits(2 * 10**9, tmp_path, 1, "spark://host:7077")
    # Nobody has asked for it.
    assert Wanted.of({**keys, "engine": "duckdb"}).limits.spark_url == ""


def test_without_spark_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(EXTRAS, "spark", ("no_such_module",))
    with pytest.raises(UserError, match=r"^`engine: spark` needs packages .*\[spark\]'$"):
        Wanted.of({**KEYS, "engine": "spark"})


@pytest.mark.parametrize(
    "text",
    [
        *("", "2", "two GB", "-1 GB", "2 GiB", "2 gb", "0", "nan", "nan GB", "inf B", "1e400 GB"),
        *("9223372036854775808 B", "99999999999999999999 TB", "9" * 5000 + " B", 2, None),
    ],
)
def test_what_is_no_size_is_told(text):
    with pytest.raises(UserError, match=r"`engine_memory` is .{,90}; write a size such as 2 GB"):
        read_size(text)


def test_the_folder_goes_with_the_block_that_made_it_whatever_ends_that(tmp_path):
    limits = Limits(10**9, tmp_path)

    def work():
        with limits.open_folder() as folder:
            (folder / "spilt").write_text("of somebody")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert not [*Path(tmp_path).iterdir()]
