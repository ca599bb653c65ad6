import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.domains.rules import build_hierarchy
from anonify.recoding.recoding import Recoding
from anonify.releases.foreign import read_release
from anonify.releases.recode import release_records
from anonify.tables.columns import Column

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1.0", "2.0", "3.0"], {"intervals": [{"edges": [1, 3, 5]}]})
COLUMNS = (
    Column("sex", "quasi-identifier", "category"),
    Column("ill", "sensitive", "integer"),
    Column("age", "quasi-identifier", "decimal"),
)
ROOTS = {"sex": "*", "age": "*"}


# Of a recoding


@pytest.fixture
def original():
    return pd.DataFrame(
        {
            "sex": pd.Categorical(["F", "M", "F"]),
            "ill": [1, 0, 0],
            "age": pd.Categorical(["1.0", "2.0", "3.0"], ordered=True),
        }
    )


@pytest.fixture
def release(original):
    rows = [("F", "1-3"), ("*", "2.0"), ("*", "*")]
    nodes = np.array([[SEX.node_of[sex], AGE.node_of[age]] for sex, age in rows])
    return release_records(
        original, {"sex": SEX, "age": AGE}, Recoding(nodes, np.array([False, False, True]))
    )


def test_values_are_replaced_by_the_labels_of_their_nodes(release):
    assert release["sex"].tolist() == ["F", "*", "*"]
    assert release["age"].tolist() == ["1-3", "2.0", "*"]


def test_records_keep_their_order_and_other_columns_their_values(original, release):
    assert release["ill"].tolist() == [1, 0, 0]
    assert release.columns.tolist() == [*original.columns, "is_suppressed"]


def test_suppressed_records_are_marked(release):
    assert release["is_suppressed"].tolist() == [False, False, True]


def test_values_that_no_record_shows_any_more_are_not_released(release):
    # The list of categories goes into the file: it must not tell that there was an M.
    assert sorted(release["sex"].cat.categories) == ["*", "F"]
    assert sorted(release["age"].cat.categories) == ["*", "1-3", "2.0"]


def test_the_original_stays_as_it_is(original, release):
    assert original["sex"].tolist() == ["F", "M", "F"]
    assert "is_suppressed" not in original


# Of a foreign file


@pytest.fixture
def read(tmp_path):
    def write_then_read(text):
        (tmp_path / "release.csv").write_text(text)
        return read_release(tmp_path / "release.csv", COLUMNS, ROOTS)

    return write_then_read


def test_quasi_identifiers_may_be_any_text_and_other_columns_have_their_type(read):
    frame = read("sex,ill,age\nF,1,[1;3[\nM,0,2.0\n")
    assert frame["age"].tolist() == ["[1;3[", "2.0"]
    assert frame["age"].dtype == "category"
    assert frame["ill"].tolist() == [1, 0]


def test_a_record_that_shows_the_roots_alone_counts_as_suppressed(read):
    frame = read("sex,ill,age\n*,1,*\n*,0,2.0\nF,0,*\n")
    assert frame["is_suppressed"].tolist() == [True, False, False]


def test_a_foreign_file_may_have_its_columns_in_another_order(read):
    frame = read("age,sex,ill\n2.0,F,1\n")
    assert frame.columns.tolist() == ["sex", "ill", "age", "is_suppressed"]


def test_a_foreign_file_without_a_column_is_refused(read):
    with pytest.raises(UserError, match="the column 'ill' is missing"):
        read("sex,age\nF,2.0\n")


def test_a_wrong_sensitive_value_in_a_foreign_file_is_told_with_its_record(read):
    with pytest.raises(UserError, match=r"release\.csv, record 2: 'ill' is '\*'"):
        read("sex,ill,age\nF,1,2.0\nF,*,2.0\n")
