import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonify.base.files import write_json
from anonify.base.values import PERSON, RECORDS, SUPPRESSED
from anonify.tables.columns import Column
from anonify.tables.provenance import (
    add_step,
    is_synthetic,
    last_step,
    merge_steps,
    read_provenance,
    start_provenance,
)
from anonify.tables.storage import (
    Table,
    count_table,
    describe_table,
    read_csv,
    read_parts,
    read_table,
    replacing,
    write_csv,
    write_table,
)

DATASET = {"name": "clinic", "title": "Clinic", "sha256": "0" * 64, "synthetic": False}
COLUMNS = (
    Column("age", "quasi-identifier", "decimal"),
    Column("smoking", "sensitive", "category"),
    Column("glucose", "target", "integer"),
)


@pytest.fixture
def table():
    frame = pd.DataFrame(
        {
            "age": pd.Categorical(["9.0", "10-30", "*"], ["9.0", "10-30", "*"], ordered=True),
            "smoking": pd.Categorical(["früher", "nie", "nie"]),
            "glucose": [140, 80, 2**40],
            "is_suppressed": [False, False, True],
        }
    )
    return Table(frame, COLUMNS, add_step(start_provenance(DATASET), "anonymize", k=2))


@pytest.fixture
def written(tmp_path):
    """Write a table for people, and return the paths of the CSV and of its description."""

    def write(frame, **dataset):
        paths = tmp_path / "risks.csv", tmp_path / "risks.csv-metadata.json"
        write_csv(frame, *paths, start_provenance({**DATASET, **dataset}))
        return paths

    return write


# Provenance


def test_provenance_starts_with_the_dataset_and_the_versions():
    provenance = start_provenance(DATASET)
    assert (provenance["dataset"], provenance["steps"]) == (DATASET, [])
    assert provenance["versions"]["numpy"] == np.__version__


def test_a_step_comes_after_the_others_and_leaves_the_old_provenance_as_it_is():
    first = add_step(start_provenance(DATASET), "anonymize", k=250)
    second = add_step(first, "sample", deletion=10)
    assert first["steps"] == [{"step": "anonymize", "k": 250}]
    assert second["steps"] == [*first["steps"], {"step": "sample", "deletion": 10}]


def test_what_is_made_of_several_tables_tells_how_each_was_made():
    both = add_step(start_provenance(DATASET), "clean")
    made = [add_step(both, "anonymize", k=k) for k in (5, 10)]
    assert last_step(made[0]) == {"step": "anonymize", "k": 5}
    merged = merge_steps(made)
    assert merged["steps"] == [
        {"step": "clean"},
        {"step": "anonymize", "k": 5},
        {"step": "anonymize", "k": 10},
    ]
    assert merged["dataset"] == DATASET
    assert len(made[1]["steps"]) == 2


@pytest.mark.parametrize("synthetic", [True, False])
def test_the_stand_in_is_known_by_its_provenance(synthetic):
    assert is_synthetic(start_provenance({**DATASET, "synthetic": synthetic})) is synthetic


# Tables of records


def test_a_table_comes_back_as_it_was_written(tmp_path, table):
    write_table(table, tmp_path / "table.parquet")
    read = read_table(tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(read.frame, table.frame)
    assert (read.columns, read.provenance) == (table.columns, table.provenance)


def test_a_table_is_counted_by_the_columns_that_are_named(tmp_path, table):
    path = tmp_path / "released.parquet"
    write_table(table, path)
    counted = count_table(path, ["smoking", SUPPRESSED, PERSON])
    assert counted.frame.to_dict("list") == {
        "smoking": ["früher", "nie", "nie"],
        SUPPRESSED: [False, False, True],
        RECORDS: [1, 1, 1],
    }
    # As texts are typed; the table of the test has no such order.
    assert counted.frame["smoking"].dtype == pd.CategoricalDtype(["früher", "nie"], ordered=True)
    assert (counted.columns, counted.provenance) == (table.columns, table.provenance)
    described = describe_table(path)
    assert (described.columns, described.provenance) == (table.columns, table.provenance)
    assert count_table(path, ["smoking"]).frame[RECORDS].tolist() == [1, 2]


def test_a_column_with_a_point_in_its_name_is_counted(tmp_path):
    frame = pd.DataFrame({"a": [1, 2, 2], "a.b": [3, 3, 3], PERSON: [0, 1, 1]})
    columns = tuple(Column(name, "sensitive", "integer") for name in ("a", "a.b"))
    write_table(Table(frame, columns, start_provenance(DATASET)), tmp_path / "table.parquet")
    for names in (["a.b"], ["a", "a.b"], [PERSON, "a.b"]):
        counted = count_table(tmp_path / "table.parquet", names).frame
        assert counted.columns.tolist() == [*names, RECORDS]
    assert read_table(tmp_path / "table.parquet").frame.equals(frame)


def test_quasi_identifiers_are_in_the_order_of_the_table(table):
    columns = (Column("zip", "quasi-identifier", "category"), *COLUMNS)
    assert Table(table.frame, columns, {}).quasi_identifiers == ["zip", "age"]


def test_the_same_table_gives_the_same_file(tmp_path, table):
    for name in ("a.parquet", "b.parquet"):
        write_table(table, tmp_path / name)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_table_that_could_not_be_written_leaves_the_old_one(tmp_path, table, monkeypatch):
    path = tmp_path / "table.parquet"
    write_table(table, path)
    before = path.read_bytes()

    def run_out_of_space(writer, content):
        raise OSError("no space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", run_out_of_space)
    with pytest.raises(OSError, match="no space left"):
        write_table(table, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# Replacing


def test_a_finished_file_replaces_the_old_one(tmp_path):
    path = tmp_path / "figure.png"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_not_finished_leaves_nothing(tmp_path):
    def write_half():
        with replacing(tmp_path / "figure.png") as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_file_keeps_the_suffix_and_the_folder(tmp_path):
    # Matplotlib goes by the suffix; a rename is atomic only within a folder.
    with replacing(tmp_path / "figure.png") as temporary:
        assert (temporary.suffix, temporary.parent) == (".png", tmp_path)
        temporary.touch()


# Tables for people


def test_the_first_column_names_the_dataset(written):
    path, _ = written(pd.DataFrame({"k": [50, 100]}))
    assert path.read_bytes() == b"dataset,k\nclinic,50\nclinic,100\n"


def test_numbers_from_the_stand_in_say_so_in_every_row(written):
    path, _ = written(pd.DataFrame({"k": [50, 100]}), synthetic=True)
    assert path.read_text().splitlines()[1:] == [
        "clinic (synthetic stand-in),50",
        "clinic (synthetic stand-in),100",
    ]


def test_the_table_given_stays_as_it_is(written):
    frame = pd.DataFrame({"k": [50]})
    written(frame)
    assert frame.columns.tolist() == ["k"]


def test_columns_are_described_beside_the_table(written):
    frame = pd.DataFrame(
        {"k": [50], "ncp": [26.4], "method": ["arx"], "is_suppressed": [True]}
    ).assign(left_out=pd.Series([3], dtype="Int64"), age=pd.Categorical(["10-20"]))
    path, metadata = written(frame)
    description = json.loads(metadata.read_text())
    assert description["url"] == path.name
    assert {
        column["name"]: column["datatype"] for column in description["tableSchema"]["columns"]
    } == {
        "dataset": "string",
        "k": "integer",
        "ncp": "number",
        "method": "string",
        "is_suppressed": "boolean",
        "left_out": "integer",
        "age": "string",
    }


def test_the_provenance_is_read_from_the_description(written):
    _, metadata = written(pd.DataFrame({"k": [50]}), synthetic=True)
    assert read_provenance(metadata) == start_provenance({**DATASET, "synthetic": True})


def test_json_is_the_same_whatever_the_order_of_its_keys(tmp_path):
    write_json({"b": 1, "a": [2]}, tmp_path / "x.json")
    write_json({"a": [2], "b": 1}, tmp_path / "y.json")
    assert (tmp_path / "x.json").read_bytes() == (tmp_path / "y.json").read_bytes()
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": [2], "b": 1}


def test_a_text_that_reads_like_nothing_is_read_as_the_text(tmp_path):
    table = pd.DataFrame({"group": ["None", "NA", "null", "nan"], "value": [1.5, None, 3, 4]})
    provenance = start_provenance({"name": "tiny", "title": "", "sha256": "", "synthetic": False})
    write_csv(table, tmp_path / "a.csv", tmp_path / "a.json", provenance)
    read = read_csv(tmp_path / "a.csv")
    assert read["group"].tolist() == ["None", "NA", "null", "nan"]
    assert read["value"].isna().tolist() == [False, True, False, False]


def test_texts_of_an_engine_are_read_as_they_were_written(table, tmp_path):
    """An engine writes texts, in groups of records that begin with another value each."""
    columns = (*COLUMNS, Column("smoking.before", "sensitive", "category"))
    frame = table.frame.assign(
        age=table.frame["age"].cat.as_unordered(),
        smoking=table.frame["smoking"].cat.as_ordered(),
        **{"smoking.before": pd.Categorical(["nie", "a", ""], ["a", "nie", ""], ordered=True)},
    )
    coded, plain = tmp_path / "coded.parquet", tmp_path / "plain.parquet"
    write_table(replace(table, frame=frame, columns=columns), coded)
    content = pq.read_table(coded)
    texts = [name for name in frame if frame[name].dtype == "category"]
    kinds = [
        field.with_type(pa.string()) if field.name in texts else field for field in content.schema
    ]
    content = content.cast(pa.schema(kinds)).replace_schema_metadata(
        {key: value for key, value in content.schema.metadata.items() if key != b"pandas"}
    )
    pq.write_table(content, plain, row_group_size=1)
    assert pq.read_schema(plain).field("age").type == pa.string()
    pd.testing.assert_frame_equal(read_table(plain).frame, frame)
    parts = pd.concat([part.astype("str") for part in read_parts(plain)], ignore_index=True)
    pd.testing.assert_frame_equal(parts, frame.astype("str"))
    counted = [count_table(path, texts).frame for path in (plain, coded)]
    pd.testing.assert_frame_equal(*counted)
