import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.domains.rules import build_hierarchy
from anonify.measures.encoding import (
    choose_features,
    describe_gaps,
    encode,
    select_labelled,
)
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


# Gaps


def gappy():
    return pd.DataFrame(
        {
            "glucose": pd.array([80, None, 100, 140], dtype="Int64"),
            "seen": pd.Categorical(["1970-01-02", "", "1970-01-04", "1970-01-04"]),
            "note": pd.Categorical(["flu", "", "cold", ""], ["cold", "flu", ""]),
            "ill": pd.Categorical(["no", "yes", "", "no"], ["no", "yes", ""]),
        }
    )


SEEN = Column("seen", "sensitive", "date")
NOTE = Column("note", "sensitive", "category")


def test_gaps_become_the_median_and_those_of_texts_a_category():
    encoded = encode(gappy(), [GLUCOSE, SEEN, NOTE], {"note": ["flu", "cold"]}, {})
    # The median of 80, 100, 140, and of the days 1, 3, 3.
    assert encoded["glucose"].tolist() == [80, 100, 100, 140]
    assert encoded["seen"].tolist() == [1, 3, 3, 3]
    assert encoded["note"].tolist() == [0, 2, 1, 2]


def test_a_column_without_any_value_becomes_0():
    frame = pd.DataFrame({"glucose": pd.array([None, None], dtype="Int64")})
    assert encode(frame, [GLUCOSE], {}, {})["glucose"].tolist() == [0, 0]


def test_records_without_a_target_are_left_out():
    labelled = select_labelled(gappy(), "ill")
    assert labelled["ill"].tolist() == ["no", "yes", "no"]
    assert labelled["ill"].cat.categories.tolist() == ["no", "yes"]
    assert select_labelled(gappy(), "glucose")["glucose"].dtype == "int64"


def test_what_is_left_out_and_filled_is_said_with_its_number():
    assert describe_gaps(gappy(), [GENDER, GLUCOSE, NOTE], "ill") == (
        "1 record without 'ill' left out; missing values filled by the median, of texts by a "
        "category of their own: 'glucose' (1), 'note' (2)"
    )
    assert describe_gaps(gappy().iloc[:1], [GLUCOSE], "ill") == ""
