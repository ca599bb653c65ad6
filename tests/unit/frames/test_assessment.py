"""What a released DataFrame gives away, whoever made it."""

import re

import pandas as pd
import pytest

import anonify

RELEASED = pd.DataFrame(
    {
        "age": ["20-40"] * 4 + ["40-60"] * 2 + ["*"],
        "sex": ["f"] * 4 + [None] * 2 + ["*"],
        "diagnosis": ["flu", "cold", "flu", "cold", "flu", "flu", "cold"],
        "id": range(7),
    }
)
QUASI_IDENTIFIERS = ["age", "sex"]


def assess(frame=RELEASED, **further):
    return anonify.assess(
        frame, **{"quasi_identifiers": QUASI_IDENTIFIERS, "sensitive": ["diagnosis"], **further}
    )


def test_classes_are_counted_with_missing_values_and_that_of_suppressed_records():
    found = assess()
    assert found.achieved_k == 1
    assert found.classes.to_dict("records") == [
        {"age": "*", "sex": "*", "is_suppressed": False, "size": 1, "released_size": 1},
        {"age": "20-40", "sex": "f", "is_suppressed": False, "size": 4, "released_size": 4},
        {"age": "40-60", "sex": "", "is_suppressed": False, "size": 2, "released_size": 2},
    ]
    assert found.risk["suppressed_records"] == 1
    # Three classes of seven records. Who fits no other class is the one who shows nothing.
    assert found.risk["prosecutor_risk_average"] == pytest.approx(100 * 3 / 7)
    assert found.risk["prosecutor_risk_highest"] == 100


def test_sensitive_columns_are_judged_in_every_class():
    privacy = assess().privacy.loc["diagnosis"]
    # The class of two has nothing but flu.
    assert (privacy["distinct_l"], privacy["alpha"]) == (1, 1)


def test_k_and_threshold_are_what_is_counted_against():
    found = assess(k=3, threshold=30)
    assert found.risk["classes_below_k"] == 2
    assert found.risk["prosecutor_risk_above_threshold"] == pytest.approx(100 * 3 / 7)
    assert found.achieved_k == 1


def test_a_release_of_ours_is_judged_as_it_says_itself():
    frame = pd.DataFrame({"age": [20, 21, 22, 50, 51, 52, 53], "ill": [True, False] * 3 + [True]})
    release = anonify.anonymize(frame, k=3, quasi_identifiers=["age"], sensitive="ill")
    found = anonify.assess(release.table, quasi_identifiers="age", sensitive="ill", k=3)
    assert found.risk == release.risk
    assert len(found.classes) == len(release.classes) == 2


def test_numbers_and_categories_are_labels_as_well():
    frame = pd.DataFrame({"decade": [20, 20, 30, 30], "sex": pd.Categorical(list("ffmm"))})
    assert anonify.assess(frame, quasi_identifiers=["decade", "sex"]).achieved_k == 2


def test_a_table_of_suppressed_records_alone_is_a_class():
    found = assess(pd.concat([RELEASED.tail(1)] * 3))
    assert found.achieved_k == 3
    assert found.privacy.loc["diagnosis", "distinct_l"] == 1


def test_what_was_found_is_said_in_a_line():
    assert repr(assess()) == (
        "<Assessment: 3 classes, achieved k = 1, highest prosecutor risk 100 %>"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"quasi_identifiers": []}, "`quasi_identifiers` names no column"),
        ({"sensitive": ["x"]}, "`sensitive` names 'x', which is no column of `frame`; choose"),
        ({"k": 1}, "`k` is 1; it should be a whole number from 2, or None"),
        ({"threshold": 101}, "`threshold` is 101; it should be a number of per cent from 0 to 100"),
        ({"frame": None}, "`frame` is of the type NoneType; give a pandas DataFrame"),
    ],
)
def test_mistakes_are_told_in_a_sentence(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        assess(**arguments)


def test_the_size_of_the_population_lets_its_uniques_be_estimated():
    ages = pd.DataFrame({"age": [20, 21, 21, 22, 22, 22, 23, 24, 25, 25]})
    found = anonify.assess(ages, quasi_identifiers="age", population=50).population
    assert (found["sample_uniques"], found["sample_uniqueness"]) == (3, 30)
    assert (found["population_size"], found["sampling_fraction"]) == (50, 20)
    assert 0 < found["population_uniqueness"] < 100
    known = anonify.assess(ages, quasi_identifiers="age", population=10).population
    assert (known["population_uniqueness"], known["uniqueness_model"]) == (30, "sample")
    unknown = anonify.assess(ages, quasi_identifiers="age").population
    assert set(unknown) == {"sample_uniques", "sample_uniqueness"}


@pytest.mark.parametrize("population", [6, 0, -5, 100.0, True, "many"])
def test_a_population_has_at_least_the_people_of_the_frame(population):
    with pytest.raises(ValueError, match=r"`population` is .* a whole number of people, as many"):
        assess(population=population)
