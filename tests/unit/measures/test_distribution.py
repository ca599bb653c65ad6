import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.domains.rules import build_hierarchy
from anonify.measures.distribution import (
    OUTSIDE,
    Tables,
    assign_groups,
    compare_distributions,
    name_groups,
    summarize,
)

AGE = build_hierarchy(
    "age", ["5", "15", "20", "39", "80"], {"intervals": [{"start": 0, "width": 10}]}
)
BY_AGE = {"by": "age", "edges": [0, 20, 40, 100]}
GLUCOSE = {**BY_AGE, "statistic": "mean", "attribute": "glucose"}
DIABETES = {**BY_AGE, "statistic": "count", "attribute": "diabetes", "value": 1}


def table(ages, glucose=None, diabetes=None):
    count = len(ages)
    return pd.DataFrame(
        {
            "age": pd.Categorical(ages),
            "glucose": [100] * count if glucose is None else glucose,
            "diabetes": [0] * count if diabetes is None else diabetes,
        }
    )


# Groups


def group_of(distribution, tree):
    """The group of each label."""
    groups = assign_groups(distribution, tree, np.arange(len(tree.labels)))
    return dict(zip(tree.labels, groups.tolist(), strict=True))


def test_bins_are_named_by_their_edges():
    assert name_groups(BY_AGE) == ["[0, 20)", "[20, 40)", "[40, 100)"]


def test_values_are_named_as_they_are():
    assert name_groups({"values": ["Female", "Male"]}) == ["Female", "Male"]


@pytest.mark.parametrize(
    ("label", "group"), [("15", 0), ("20", 1), ("10-20", 0), ("20-30", 1), ("80-90", 2), ("*", -1)]
)
def test_a_node_belongs_to_the_bin_around_all_that_it_covers(label, group):
    assert group_of(BY_AGE, AGE)[label] == group


def test_an_interval_that_reaches_over_two_bins_belongs_to_none():
    # 30-50 covers 39 and 45, which a bin edge of 40 separates.
    wide = build_hierarchy("age", ["39", "45"], {"intervals": [{"edges": [30, 50]}]})
    assert group_of(BY_AGE, wide)["30-50"] == -1


@pytest.mark.parametrize("value", ["-1", "100"])
def test_a_value_outside_all_bins_belongs_to_none(value):
    flat = build_hierarchy("age", ["50", value], {})
    assert group_of(BY_AGE, flat)[value] == -1


def test_a_group_of_a_value_holds_that_value_alone():
    gender = build_hierarchy("gender", ["Female", "Male", "Other"], {})
    groups = group_of({"values": ["Male", "Female"]}, gender)
    assert groups == {"Female": 1, "Male": 0, "Other": -1, "*": -1}


def test_a_group_that_is_no_value_is_told():
    gender = build_hierarchy("gender", ["Female", "Male"], {})
    with pytest.raises(UserError, match="'male' is no value of 'gender'"):
        group_of({"values": ["male"]}, gender)


def test_bins_over_text_are_told():
    gender = build_hierarchy("gender", ["Female", "Male"], {})
    with pytest.raises(UserError, match="'gender'"):
        group_of(BY_AGE, gender)


# One table


def test_the_mean_is_taken_in_each_group():
    found = summarize(table(["5", "10-20", "80", "*"], glucose=[80, 90, 200, 150]), GLUCOSE, AGE)
    assert found["group"].tolist() == ["[0, 20)", "[20, 40)", "[40, 100)", OUTSIDE]
    np.testing.assert_equal(found["value"].to_numpy(), [85, np.nan, 200, 150])
    assert found["records"].tolist() == [2, 0, 1, 1]


def test_records_with_the_value_are_counted_in_each_group():
    found = summarize(table(["5", "15", "39", "*"], diabetes=[1, 0, 1, 1]), DIABETES, AGE)
    assert found["value"].tolist() == [1, 1, 0, 1]
    assert found["records"].tolist() == [2, 1, 0, 1]


def test_text_can_be_counted():
    smoking = {**BY_AGE, "statistic": "count", "attribute": "smoking", "value": "never"}
    frame = table(["5", "15"]).assign(smoking=pd.Categorical(["never", "ever"]))
    assert summarize(frame, smoking, AGE)["value"].tolist() == [1, 0, 0, 0]


# All tables


@pytest.fixture
def compared():
    original = table(["5", "15", "39", "80"], diabetes=[1, 1, 1, 0])
    anonymized = table(["0-10", "*", "30-40", "80-90"], diabetes=[1, 1, 1, 0])
    samples = {(50, 1): anonymized.iloc[[0, 3]], (75, 1): anonymized.iloc[[2]]}
    return compare_distributions(Tables(original, anonymized, samples), DIABETES, AGE, k=1)


def select(rows, data, deletion=0):
    return rows[(rows["data"] == data) & (rows["deletion"] == deletion)]


def test_counts_of_a_sample_are_scaled_to_the_whole_table(compared):
    # 2 of 4 records, then 1 of 4.
    half, quarter = select(compared, "sampled", 50), select(compared, "sampled", 75)
    assert half["value"].tolist() == [1, 0, 0, 0]
    assert half["scaled_value"].tolist() == [2, 0, 0, 0]
    assert quarter["scaled_value"].tolist() == [0, 4, 0, 0]


def test_means_of_a_sample_are_not_scaled():
    whole = table(["5", "15"], glucose=[80, 90])
    rows = compare_distributions(
        Tables(whole, whole, {(50, 1): whole.iloc[[1]]}), GLUCOSE, AGE, k=1
    )
    assert select(rows, "sampled", 50)["scaled_value"].iloc[0] == 90


def test_a_group_of_fewer_than_k_people_of_the_original_has_no_value():
    original = table(["5", "15", "39"], glucose=[80, 90, 200])
    anonymized = table(["0-10", "10-20", "*"], glucose=[80, 90, 200])
    rows = compare_distributions(Tables(original, anonymized, {}), GLUCOSE, AGE, k=2)
    before = select(rows, "original")
    assert before["value"].iloc[0] == 85
    assert before[["value", "scaled_value"]].iloc[1].isna().all()
    assert before["records"].tolist() == [2, 1, 0, 0]


def test_a_group_of_generalized_values_has_all_below_them():
    towns = build_hierarchy("zip", ["01067", "01069", "04103"], {"prefixes": [3, 2]})
    groups = group_of({"values": ["01*", "010*"]}, towns)
    assert groups["01067"] == groups["010*"] == groups["01*"] == 0
    assert groups["04103"] == groups["*"] == -1


def test_records_that_a_group_has_lost_to_anonymization_are_counted(compared):
    # 15 became * and is in no group any more.
    assert select(compared, "original")["records_left_out"].tolist() == [0, 0, 0, 0]
    assert select(compared, "anonymized")["records_left_out"].tolist() == [1, 0, 0, 0]


def test_records_that_a_sample_lacks_are_not_counted_as_left_out(compared):
    assert select(compared, "sampled", 50)["records_left_out"].isna().all()


@pytest.mark.parametrize("gaps", [[80, None, 100], pd.array([80, None, 100], dtype="Int64")])
def test_a_mean_is_of_those_who_have_a_value_and_the_others_are_counted(gaps):
    frame = table(["5", "15", "15"], glucose=gaps)
    found = summarize(frame, GLUCOSE, AGE)
    assert found["value"].iloc[0] == 90
    assert found["records"].tolist() == [2, 0, 0, 0]
    assert found["records_without_value"].tolist() == [1, 0, 0, 0]
    # A mean of two people is none of three.
    rows = compare_distributions(Tables(frame, frame, {}), GLUCOSE, AGE, k=3)
    assert np.isnan(select(rows, "original")["value"].iloc[0])
    assert rows["records_without_value"].sum() == 2


def test_who_has_no_value_is_not_counted_as_one():
    ill = pd.array([1, None, 0], dtype="Int64")
    found = summarize(table(["5", "15", "15"], diabetes=ill), DIABETES, AGE)
    assert (found["value"].iloc[0], found["records"].iloc[0]) == (1, 2)


def test_without_gaps_the_table_is_as_it_was(compared):
    assert "records_without_value" not in compared
