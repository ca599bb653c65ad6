import numpy as np
import pytest

from anonify.anomed.arrays import Unfit
from anonify.anomed.features import list_encodings, read_features, select_features
from anonify.base.errors import UserError
from anonify.measures.encoding import encode
from anonify.tables.columns import describe_columns

COLUMNS = {
    "name": {"role": "identifier", "type": "category"},
    "sex": {"role": "quasi-identifier", "type": "category", "encoding": ["f", "m", "*"]},
    "age": {"role": "quasi-identifier", "type": "integer"},
    "weight": {"role": "quasi-identifier", "type": "decimal"},
    "seen": {"role": "sensitive", "type": "date"},
    "dose": {"role": "sensitive", "type": "decimal"},
    "ill": {"role": "target", "type": "integer"},
}
FEATURES = select_features(COLUMNS)
X = np.array([[1, 40, 70.5, 31, 0.1], [0, 30, 60, 0, 0.2]])


def test_identifiers_and_the_target_are_no_features():
    assert list(FEATURES) == ["sex", "age", "weight", "seen", "dose"]


def test_an_array_becomes_the_table_that_it_stands_for():
    frame = read_features(X, FEATURES)
    assert frame["sex"].tolist() == ["m", "f"]
    assert frame["age"].tolist() == ["40", "30"]
    assert frame["weight"].tolist() == ["70.5", "60.0"]
    assert frame["seen"].tolist() == ["1970-02-01", "1970-01-01"]
    assert frame["dose"].tolist() == [0.1, 0.2]
    # A domain is in the order of its numbers.
    assert frame["age"].cat.categories.tolist() == ["30", "40"]


def test_numbers_and_dates_beyond_the_ends_of_a_column_become_them():
    ends = {
        "age": {"top": 35},
        "weight": {"bottom": 65},
        "seen": {"top": "1970-01-15"},
        "dose": {"bottom": 0.15, "top": 0.18},
    }
    frame = read_features(X, {name: {**FEATURES[name], **ends.get(name, {})} for name in FEATURES})
    assert frame["age"].tolist() == ["35", "30"]
    assert frame["weight"].tolist() == ["70.5", "65.0"]
    assert frame["seen"].tolist() == ["1970-01-15", "1970-01-01"]
    assert frame["dose"].tolist() == [0.15, 0.18]


def test_encoding_the_table_gives_the_array_back():
    encoded = encode(
        read_features(X, FEATURES), describe_columns(FEATURES), list_encodings(FEATURES), {}
    )
    assert encoded.to_numpy().tolist() == X.tolist()


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (0, 3, "'sex' is wrong in 1 of 2 records; each should be a place in its encoding, 0 to 2"),
        (0, -1, "'sex' is wrong"),
        (0, 0.5, "'sex' is wrong"),
        (1, 30.5, "'age' is wrong in 1 of 2 records; each should be a whole number"),
        (1, 1e300, "'age' is wrong"),
        (3, 1e9, "'seen' is wrong in 1 of 2 records; each should be a whole number of days"),
    ],
)
def test_a_number_that_stands_for_no_value_is_refused_and_not_shown(place, value, message):
    wrong = X.copy()
    wrong[1, place] = value
    with pytest.raises(Unfit) as raised:
        read_features(wrong, FEATURES)
    assert message in str(raised.value)
    assert str(wrong[1, place]) not in str(raised.value)


def test_another_number_of_columns_is_refused():
    with pytest.raises(UserError, match=r"shape \(2, 4\).*the 5 columns sex, age"):
        read_features(X[:, :4], FEATURES)


def test_a_category_needs_an_encoding():
    with pytest.raises(UserError, match=r"`columns\.sex` is a category without an `encoding`"):
        list_encodings({"sex": {"role": "sensitive", "type": "category"}})
