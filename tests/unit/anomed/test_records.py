import numpy as np
import pandas as pd
import pytest

from anonify.anomed.records import list_records

TABLE = pd.DataFrame(
    {
        "age": pd.array([30, 30, None, 41], dtype="Int64"),
        "name": ["a", "a", None, "b"],
        "when": pd.to_datetime(["2020-01-01", None, "2021-01-01", "2020-01-01"]),
        "kind": pd.Categorical(["x", "y", "x", "y"]),
        "codes": [np.array([1, 2]), np.array([1]), None, np.array([])],
        "mixed": [1, "1", None, 2.5],
    }
)
X = np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0], [0.0, 0.0]])
Y = np.array([0, 1, 0, 0])


def describe(data):
    return b"".join(list_records(data))


@pytest.mark.parametrize("seed", range(5))
def test_the_same_records_in_another_order_are_the_same(seed):
    order = np.random.default_rng(seed).permutation(4)
    assert describe(TABLE.iloc[order]) == describe(TABLE)
    assert describe({"X": X[order], "y": Y[order]}) == describe({"X": X, "y": Y})
    # How an array lies in memory says nothing.
    assert describe({"X": np.asfortranarray(X), "y": Y}) == describe({"X": X, "y": Y})


def test_other_records_are_others():
    tables = [
        TABLE,
        TABLE.iloc[:3],
        TABLE.iloc[[0, 1, 2, 3, 3]],
        TABLE.iloc[[0, 0, 2, 3]],
        TABLE.rename(columns={"age": "years"}),
        TABLE.assign(name=TABLE["name"].to_numpy()[::-1]),
        TABLE.assign(age=TABLE["age"].fillna(0)),
        TABLE.assign(age=TABLE["age"].astype("float64")),
        TABLE.assign(kind=TABLE["kind"].cat.rename_categories({"x": "z"})),
    ]
    arrays = [
        {"X": X, "y": Y},
        {"X": X, "y": Y[::-1]},
        {"X": X[:, ::-1], "y": Y},
        {"X": X, "y": Y.astype("int8")},
        {"X": X + 1e-12, "y": Y},
    ]
    described = [describe(each) for each in [*tables, *arrays]]
    assert len(set(described)) == len(described)


def test_the_order_of_the_values_of_a_category_says_nothing():
    turned = TABLE.assign(kind=TABLE["kind"].cat.reorder_categories(["y", "x"]))
    assert describe(turned) == describe(TABLE)
