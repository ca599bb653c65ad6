import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.domains.rules import build_hierarchy
from anonify.measures.encoding import choose_features, encode
from anonify.tables.columns import Column

GENDER = Column("gender", "quasi-identifier", "category")
AGE = Column("age", "quasi-identifier", "decimal")
GLUCOSE = Column("glucose", "sensitive", "integer")
ILL = Column("ill", "target", "category")


@pytest.mark.parametrize(
    ("features", "names"),
    [
        ("all", ["gender", "age", "glucose"]),
        ("without_quasi_identifiers", ["glucose"]),
        ("quasi_identifiers_only", ["gender", "age"]),
    ],
)
def test_features_are_chosen_by_what_identifies_and_never_the_target(features, names):
    chosen = choose_features([GENDER, ILL, AGE, GLUCOSE], features)
    assert [column.name for column in chosen] == names


def test_categories_become_their_place_in_the_encoding():
    frame = pd.DataFrame({"gender": pd.Categorical(["Male", "*", "Female"])})
    encoded = encode(frame, [GENDER], {"gender": ["Female", "Male", "*", "Other"]}, {})
    assert encoded["gender"].tolist() == [1, 2, 0]


def test_categories_without_an_encoding_become_their_place_in_the_alphabet():
    frame = pd.DataFrame({"gender": pd.Categorical(["b", "a", "c"], ["c", "b", "a"])})
    assert encode(frame, [GENDER], {}, {})["gender"].tolist() == [1, 0, 2]


def test_generalized_numbers_become_numbers():
    # A number stays, an interval becomes its middle, * becomes 0 as in the original evaluation.
    frame = pd.DataFrame({"age": pd.Categorical(["27.5", "20-30", "-5-0", "*"])})
    assert encode(frame, [AGE], {}, {})["age"].tolist() == [27.5, 25, -2.5, 0]


def test_other_columns_stay_as_they_are_and_unlisted_ones_are_left_out():
    frame = pd.DataFrame({"glucose": [140, 80], "age": pd.Categorical(["1.0", "2.0"])})
    encoded = encode(frame, [GLUCOSE], {}, {})
    assert encoded.to_dict("list") == {"glucose": [140, 80]}


def test_a_label_without_numbers_becomes_the_middle_of_the_values_below_it():
    rule = {"intervals": [{"edges": [0, 18, 120], "labels": ["child", "adult"]}]}
    domain = build_hierarchy("age", ["2.0", "10.0", "20.0", "50.0"], rule)
    frame = pd.DataFrame({"age": pd.Categorical(["child", "adult", "50.0", "*"])})
    # Children are 2 to 10 here, adults 20 to 50.
    assert encode(frame, [AGE], {}, {"age": domain})["age"].tolist() == [6, 35, 50, 0]


def test_dates_become_days_and_their_generalizations_the_middle():
    domain = build_hierarchy("born", ["1970-01-02", "1970-01-04"], {"dates": ["year"]})
    born = Column("born", "quasi-identifier", "date")
    frame = pd.DataFrame({"born": pd.Categorical(["1970-01-02", "1970", "*"])})
    assert encode(frame, [born], {}, {"born": domain})["born"].tolist() == [1, 2, 2]


def test_dates_that_are_no_quasi_identifier_become_days():
    seen = Column("seen", "sensitive", "date")
    frame = pd.DataFrame({"seen": pd.Categorical(["1970-01-02", "1969-12-31"])})
    assert encode(frame, [seen], {}, {})["seen"].tolist() == [1, -1]


def test_a_category_that_the_encoding_lacks_is_told():
    frame = pd.DataFrame({"gender": pd.Categorical(["Male", "Other"])})
    with pytest.raises(UserError, match="column 'gender': 'Other' is not in its encoding"):
        encode(frame, [GENDER], {"gender": ["Female", "Male"]}, {})


def test_a_label_that_stands_for_no_number_is_told():
    frame = pd.DataFrame({"age": pd.Categorical(["20-30", "old"])})
    with pytest.raises(UserError, match="column 'age': 'old' is neither a number nor an interval"):
        encode(frame, [AGE], {}, {})
