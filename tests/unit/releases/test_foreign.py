from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.releases.foreign import add_left_out, read_release
from anonify.tables.columns import Column
from anonify.tables.counts import select_rows

COLUMNS = (
    Column("sex", "quasi-identifier", "category"),
    Column("ill", "sensitive", "integer"),
    Column("age", "quasi-identifier", "decimal"),
)
DOMAINS = {
    "sex": hierarchy_from_rows("sex", [["F", "*"], ["M", "*"]]),
    "age": hierarchy_from_rows(
        "age", [["1.0", "[1;3[", "Any"], ["2.0", "[1;3[", "Any"], ["70.5", "70+", "Any"]]
    ),
}


@pytest.fixture
def read(tmp_path):
    def write_then_read(text):
        (tmp_path / "release.csv").write_text(text)
        return read_release(tmp_path / "release.csv", COLUMNS, DOMAINS)

    return write_then_read


def test_quasi_identifiers_may_be_any_text_and_other_columns_have_their_type(read):
    frame = read("sex,ill,age\nF,1,[1;3[\nM,0,2.0\n")
    assert frame["age"].tolist() == ["[1;3[", "2.0"]
    assert frame["age"].dtype == "category"
    assert frame["ill"].tolist() == [1, 0]


def test_a_record_that_shows_the_roots_alone_counts_as_suppressed(read):
    frame = read("sex,ill,age\n*,1,Any\n*,0,2.0\nF,0,Any\n*,1,*\n")
    assert frame["is_suppressed"].tolist() == [True, False, False, True]
    assert frame["age"].tolist() == ["Any", "2.0", "Any", "Any"]


def test_a_release_is_read_as_we_write_it_and_as_its_original_is_written(tmp_path):
    columns = (
        *COLUMNS,
        Column("dose", "sensitive", "decimal"),
        Column("seen", "sensitive", "date", format="%d.%m.%Y"),
    )
    ours = "sex,ill,age,dose,seen\nF,1,70.5,0.5,2024-03-01\nM,0,2.0,11.0,2024-12-31\n"
    theirs = "sex;ill;age;dose;seen\nF;1;70,50;0,5;01.03.2024\nM;0;2;11;31.12.2024\n"
    path = tmp_path / "release.csv"
    frames = []
    for text, mark in ((ours, ","), (theirs, ";")):
        path.write_text(text)
        frames.append(read_release(path, columns, DOMAINS, mark, ","))
    assert frames[0].equals(frames[1])
    assert frames[0]["dose"].tolist() == [0.5, 11]
    assert frames[0]["seen"].tolist() == ["2024-03-01", "2024-12-31"]


def test_a_foreign_file_may_have_its_columns_in_another_order(read):
    frame = read("age,sex,ill\n2.0,F,1\n")
    assert frame.columns.tolist() == ["sex", "ill", "age", "is_suppressed"]


def test_a_foreign_file_without_a_column_is_refused(read):
    with pytest.raises(UserError, match="the column 'ill' is missing"):
        read("sex,age\nF,2.0\n")


def test_a_wrong_sensitive_value_in_a_foreign_file_is_told_with_its_record(read):
    with pytest.raises(UserError, match=r"release\.csv, record 2: 'ill' is '\*'"):
        read("sex,ill,age\nF,1,2.0\nF,*,2.0\n")


def test_what_lies_beyond_the_top_of_a_column_is_read_as_it_was_released(tmp_path):
    (tmp_path / "release.csv").write_text("sex,ill,age\nF,7,2.0\n")
    columns = [replace(column, top=1) for column in COLUMNS if column.name == "ill"]
    sex, _, age = COLUMNS
    frame = read_release(tmp_path / "release.csv", (sex, *columns, age), DOMAINS)
    assert frame["ill"].tolist() == [7]


def test_what_a_release_leaves_out_is_suppressed():
    original = pd.DataFrame(
        {
            "age": pd.Categorical(["30", "31", "40", "41", "42"]),
            "ill": pd.Categorical(["flu", "flu", "cold", "flu", ""]),
            "level": [1.5, 1.5, 2.0, 1.5, np.nan],
        }
    )
    release = pd.DataFrame(
        {
            "age": pd.Categorical(["30-39", "30-39"]),
            "ill": pd.Categorical(["flu", "flu"]),
            "level": [1.5, 1.5],
            "is_suppressed": False,
        }
    )
    age = hierarchy_from_rows(
        "age", [[str(n), f"{n // 10}0-{n // 10}9", "*"] for n in (30, 31, 40, 41, 42)]
    )
    whole = add_left_out(release, original, {"age": age})
    assert whole["is_suppressed"].tolist() == [False] * 2 + [True] * 3
    assert whole["age"].tolist() == ["30-39"] * 2 + ["*"] * 3
    assert whole["ill"].tolist() == ["flu", "flu", "cold", "flu", ""]
    assert whole["level"].fillna(0).tolist() == [1.5, 1.5, 2, 1.5, 0]
    assert add_left_out(whole, original, {"age": age}).equals(whole)


def test_an_apostrophe_of_a_value_of_its_own_stays(tmp_path):
    columns = (COLUMNS[0], Column("drug", "sensitive", "category"))
    texts = ["=a", "'abc", "'@own", "@own"]
    original = pd.DataFrame({"drug": pd.Categorical(texts)})
    path = tmp_path / "release.csv"
    path.write_text("sex,drug\nF,'=a\nF,'abc\nF,'@own\nF,'=foreign\n")
    found = read_release(path, columns, {"sex": DOMAINS["sex"]}, original=select_rows(original))
    # What the original does not have stays what it is.
    assert found["drug"].tolist() == ["=a", "'abc", "'@own", "'=foreign"]
