import numpy as np
import pandas as pd
import pytest

from anonify.domains.rules import build_hierarchy
from anonify.recoding.recoding import Recoding
from anonify.releases.recode import release_records

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1.0", "2.0", "3.0"], {"intervals": [{"edges": [1, 3, 5]}]})


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
