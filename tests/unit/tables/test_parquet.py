"""Tables that are Parquet: one file or a folder of them, read whole and in parts alike."""

import hashlib
import os
import subprocess
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonify.base.errors import UserError
from anonify.base.files import hash_file, list_files
from anonify.tables import parquet
from anonify.tables.parquet import join_parquet
from anonify.tables.text import read_header, read_text_columns, read_text_parts


def write(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def read(path):
    """Return the texts of a table, which are the same in parts, whole and joined."""
    whole = read_text_columns(path)
    parts = [*read_text_parts(path)]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)
    if path.is_dir():
        joined = path.with_name("joined.parquet")
        join_parquet(path, joined)
        pd.testing.assert_frame_equal(read_text_columns(joined), whole)
    assert read_header(path, [])[1] == [*whole.columns]
    return whole.to_dict("list")


def refuse(path):
    """Return what is said of a folder, whoever reads it."""
    with pytest.raises(UserError) as error:
        read_text_columns(path)
    with pytest.raises(UserError) as of_parts:
        [*read_text_parts(path)]
    with pytest.raises(UserError) as of_joined:
        join_parquet(path, path.with_name("joined.parquet"))
    assert str(error.value) == str(of_parts.value) == str(of_joined.value)
    return str(error.value).replace(str(path), "visits")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "visits"


def test_a_folder_is_read_in_the_order_of_the_names_of_its_files(folder):
    write(folder / "part-2.parquet", sex=["m"], age=[3])
    write(folder / "part-1.parquet", age=[1, 2], sex=["f", None])
    # By their names, not by their numbers.
    write(folder / "part-10.parquet", age=[4], sex=["x"])
    assert read(folder) == {"age": ["1", "2", "4", "3"], "sex": ["f", "", "x", "m"]}


def test_what_programs_keep_beside_the_files_is_left_out(folder):
    write(folder / "part-0.parquet", age=[1])
    write(folder / "_metadata", age=[2])
    write(folder / "_temporary/0/part-1.parquet", age=[3])
    (folder / "_SUCCESS").touch()
    (folder / ".part-0.parquet.crc").write_bytes(b"crc")
    write(folder / ".hidden.parquet", other=[4])
    assert read(folder) == {"age": ["1"]}


def test_files_need_no_ending_but_have_to_be_parquet(folder):
    write(folder / "000000_0", age=[1])
    assert read(folder) == {"age": ["1"]}
    (folder / "notes.txt").write_text("age\n2\n")
    assert refuse(folder) == (
        "visits/notes.txt: the file is no Parquet, as all of a folder have to be; give one file, "
        "or a folder that has nothing else"
    )


def test_the_folders_of_a_partitioned_table_tell_columns(folder):
    write(folder / "year=2021/ward=B%2F1/part-0.parquet", age=[2])
    write(folder / "year=2020/ward=__HIVE_DEFAULT_PARTITION__/part-0.parquet", age=[1])
    assert read(folder) == {"age": ["1", "2"], "year": ["2020", "2021"], "ward": ["", "B/1"]}


def test_folders_that_tell_no_column_are_refused(folder):
    write(folder / "part-0.parquet", age=[1])
    write(folder / "old/part-0.parquet", age=[2])
    assert refuse(folder) == (
        "visits: it has the folder 'old', which is none of a partitioned table such as year=2020; "
        "give a folder whose files are one table"
    )


def test_folders_that_tell_other_columns_are_refused(folder):
    write(folder / "part-0.parquet", age=[1])
    write(folder / "year=2020/part-0.parquet", age=[2])
    assert "year=2020/part-0.parquet: its folders tell the columns year, but" in refuse(folder)


def test_a_column_is_not_told_twice(folder):
    write(folder / "year=2020/part-0.parquet", age=[1], year=[2020])
    assert "the column 'year' is in the file, and its folder tells it, too" in refuse(folder)


@pytest.mark.parametrize(
    ("name", "kind"), [("_delta_log", "Delta Lake"), (".hoodie", "Hudi"), ("metadata", "Iceberg")]
)
def test_files_that_may_not_count_any_more_are_not_read(folder, name, kind):
    write(folder / "part-0.parquet", age=[1])
    (folder / name).mkdir()
    assert f"visits: the folder is a table of {kind}, of which some files may not" in refuse(folder)


def test_a_folder_without_files_is_refused(folder):
    (folder / "_temporary").mkdir(parents=True)
    assert refuse(folder) == "visits: the folder has no Parquet file; check the path"


def test_a_folder_without_records_is_refused(folder):
    write(folder / "part-0.parquet", age=pa.array([], pa.int64()))
    for reading in (read_text_columns, lambda path: [*read_text_parts(path)]):
        with pytest.raises(UserError, match="the file has a header but no record; add records"):
            reading(folder)


def test_files_without_records_are_no_matter(folder):
    write(folder / "part-0.parquet", age=pa.array([], pa.int64()))
    write(folder / "part-1.parquet", age=[1])
    assert read(folder) == {"age": ["1"]}


@pytest.mark.parametrize(
    ("columns", "wrong"),
    [
        ({"age": [2]}, "it lacks the column 'sex', which a.parquet has"),
        (
            {"age": [2], "sex": ["f"], "zip": ["1"]},
            "it has the column 'zip', which a.parquet lacks",
        ),
        ({"age": ["2"], "sex": ["f"]}, "the column 'age' is string, but int64 in files before it"),
        ({"age": [2.0], "sex": ["f"]}, "the column 'age' is double, but int64 in files before it"),
    ],
)
def test_files_of_other_columns_are_refused(folder, columns, wrong):
    write(folder / "a.parquet", age=[1], sex=["f"])
    write(folder / "b.parquet", **columns)
    told = refuse(folder)
    assert told == f"visits/b.parquet: {wrong}; the files of a folder need the same columns"


def test_what_is_stored_in_other_ways_is_one_column(folder):
    write(folder / "a.parquet", sex=pa.nulls(1), age=pa.array([1], pa.int8()))
    write(folder / "b.parquet", sex=pa.array(["f"]).dictionary_encode(), age=pa.array([300]))
    write(folder / "c.parquet", sex=pa.array(["m"], pa.large_string()), age=pa.nulls(1))
    assert read(folder) == {"sex": ["", "f", "m"], "age": ["1", "300", ""]}


def test_a_time_of_day_in_any_file_is_one_for_all(folder, monkeypatch):
    monkeypatch.setattr(parquet, "_AT_ONCE", 1)
    midnight = datetime(2020, 1, 1)
    write(folder / "a.parquet", seen=[midnight, midnight], born=[midnight, None])
    write(folder / "b.parquet", seen=[midnight.replace(hour=8)], born=[midnight])
    texts = read(folder)
    assert texts["born"] == ["2020-01-01", "", "2020-01-01"]
    assert texts["seen"][-1].startswith("2020-01-01 08:00:00")
    assert texts["seen"][0].startswith("2020-01-01 00:00:00")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("year=2020/year=2021", "a folder of 'year' is in another one, in 'year=2021'"),
        ("year=20%FF", "the folder 'year=20%FF' in it is not called in UTF-8"),
        (os.fsdecode(b"year=20\xff"), r"the folder 'year=20\udcff' in it is not called in UTF-8"),
    ],
)
def test_a_folder_that_tells_a_column_in_no_clear_way_is_refused(folder, name, wrong):
    write(folder / "year=2020" / "a.parquet", age=[1])
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / "year=2020" / "a.parquet").rename(folder / "a.parquet")
    (folder / name).mkdir()
    (folder / "a.parquet").rename(folder / name / "a.parquet")
    assert refuse(folder).startswith(f"visits: {wrong}; ")


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_link_whose_records_would_be_left_out_is_refused(folder, target):
    write(folder / "a.parquet", age=[1])
    write(folder.with_name("elsewhere") / "b.parquet", age=[2])
    (folder / "linked").symlink_to(folder.with_name(target))
    assert refuse(folder) == (
        "visits: 'linked' in it is a link that leads to no file; put the files there"
    )


def test_a_linked_file_is_a_part(folder):
    write(folder / "a.parquet", age=[1])
    write(folder.with_name("elsewhere") / "b.parquet", age=[2])
    (folder / "b.parquet").symlink_to(folder.with_name("elsewhere") / "b.parquet")
    assert read(folder) == {"age": ["1", "2"]}


FIRST, LAST = 1 - 2**63, 2**63 - 1


@pytest.mark.parametrize(
    ("count", "kind", "sentence"),
    [
        # West of Greenwich the clocks showed an hour before the first one, and now the last.
        (FIRST, pa.timestamp("ns", "America/New_York"), "'America/New_York' that cannot be told"),
        (LAST, pa.timestamp("ns", "Asia/Tokyo"), "'Asia/Tokyo' that cannot be told"),
        (0, pa.timestamp("us", "Mars/Phobos"), "'Mars/Phobos' that cannot be told"),
        (LAST, pa.timestamp("us"), "a time in a year that no calendar has"),
        (2**31 - 1, pa.date32(), "a time in a year that no calendar has"),
    ],
)
def test_a_time_that_cannot_be_told_is_refused(folder, count, kind, sentence):
    counts = pa.array([0, count], pa.int32() if kind == pa.date32() else pa.int64())
    write(folder / "a.parquet", seen=counts.cast(kind))
    for read_all in (read_text_columns, lambda path: [*read_text_parts(path)]):
        with pytest.raises(UserError) as error:
            read_all(folder)
        told = str(error.value)
        assert f"{folder}: the column 'seen' has " in told
        assert sentence in told


def test_the_first_time_that_there_is_is_read(folder):
    write(folder / "a.parquet", seen=pa.array([FIRST, 0]).cast(pa.timestamp("ns")))
    assert read(folder)["seen"] == [
        "1677-09-21 00:12:43.145224193",
        "1970-01-01 00:00:00.000000000",
    ]


def test_values_of_every_kind_are_written_as_people_do(tmp_path):
    path = write(
        tmp_path / "a.parquet",
        day=[date(2020, 1, 31)],
        time=pa.array([datetime(2020, 1, 31)]).dictionary_encode(),
        zone=[datetime(2020, 1, 31, tzinfo=UTC)],
        price=[Decimal("1.50")],
        ward=pa.array(["B"]).dictionary_encode(),
        ill=[True],
    )
    assert {name: texts[0] for name, texts in read(path).items()} == {
        "day": "2020-01-31",
        "time": "2020-01-31",
        "zone": "2020-01-31",
        "price": "1.50",
        "ward": "B",
        "ill": "true",
    }


@pytest.mark.parametrize("value", [[1], {"a": 1}, timedelta(days=1), b"\xff"])
def test_what_is_no_value_of_a_table_is_refused(tmp_path, value):
    path = write(tmp_path / "a.parquet", age=[value])
    with pytest.raises(UserError, match=r"the column 'age' holds values of the kind .*; remove it"):
        read_text_columns(path)


def test_a_file_that_breaks_off_is_named(folder):
    write(folder / "a.parquet", age=[1])
    path = write(folder / "b.parquet", age=[*range(1000)])
    path.write_bytes(path.read_bytes()[:-100])
    assert refuse(folder).startswith("visits/b.parquet: the file is no Parquet, or not whole")


def test_the_hash_of_a_folder_is_that_of_its_list(folder):
    write(folder / "year=2021/b.parquet", age=[2])
    write(folder / "year=2020/a b.parquet", age=[1])
    (folder / "_SUCCESS").touch()
    assert [path.name for path in list_files(folder)] == ["a b.parquet", "b.parquet"]
    listed = "find . -type f ! -path '*/[._]*' -printf '%P\\n' | LC_ALL=C sort"
    command = f"{listed} | xargs -d '\\n' sha256sum"
    output = subprocess.run(command, shell=True, cwd=folder, capture_output=True, check=True)
    assert hash_file(folder) == hashlib.sha256(output.stdout).hexdigest()
