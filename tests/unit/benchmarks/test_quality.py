import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.benchmarks.quality import find_covered_leaves, measure_release, measure_utility
from anonify.domains.rules import build_hierarchy

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})
TREES = {"sex": SEX, "age": AGE}

ORIGINAL = pd.DataFrame({"sex": [*"FFFFFFFMMMM"], "age": [*"11122223444"]})


def test_a_foreign_release_is_measured_by_the_values_that_it_covers():
    # Three classes of 2 + 3, 2 and 2 records; two of eleven records are missing. Sexes lose 0,
    # 1 and 0; ages 3/4 (1 to 3), 1/2 (1-3 is a node) and 0; missing records 1 in both.
    release = pd.DataFrame(
        {
            "sex": ["F", "F", "F,M", "M"],
            "age": ["1-3.5", "1-3.5", "1-3", "4"],
            "sensitive": ["a", "b", "a", "a"],
            "count": ["2", "3", "2", "2"],
        }
    )
    found = measure_release(release, ORIGINAL, TREES)
    assert (found["achieved_k"], found["suppressed_records"]) == (2, 2)
    lost = ((2 + 2) + (5 * 3 / 4 + 2 * 1 / 2 + 2)) / 2
    assert found["ncp"] == pytest.approx(100 * lost / 11)
    assert found["discernibility"] == 5**2 + 2**2 + 2**2 + 2 * 11
    assert found["mean_class_size"] == 3
    assert found["covers"] == "order not kept"
    # F: 5 + 1 and one of the two missing records, against 7, M: 1 + 2 + 1 against 4.
    # Ages: 5/3 + 1 + 1/2 of 1 and of 2, 5/3 + 1/2 of 3, 2 + 1/2 of 4, against 3, 4, 1, 3.
    ages = [5 / 3 + 1.5, 5 / 3 + 1.5, 5 / 3 + 0.5, 2.5]
    error = sum(abs(a - b) for a, b in zip(ages, [3, 4, 1, 3], strict=True)) / 2 / 11
    assert found["distribution_error"] == pytest.approx(100 * (0 + error) / 2)


def test_sets_and_ranges_of_ours_are_measured_by_their_values():
    release = pd.DataFrame({"sex": ["F", "M"], "age": ["[1, 3]", "{1, 4}"], "count": [3, 2]})
    found = measure_release(release, ORIGINAL[:5], TREES)
    assert found["ncp"] == pytest.approx(100 * (3 * 3 / 4 + 2 * 2 / 4) / 2 / 5)


def test_sets_of_nodes_cover_what_is_below_them():
    covered = find_covered_leaves(pd.Series(["{1-3, 4}", "[2, 4]", "*", "4.0"]), AGE)
    shown = dict(zip(covered.of_rows.tolist(), ["{1-3, 4}", "[2, 4]", "*", "4.0"], strict=True))
    leaves = {shown[place]: row for place, row in enumerate(covered.leaves.astype(int).tolist())}
    assert leaves == {
        "{1-3, 4}": [1, 1, 0, 1],
        "[2, 4]": [0, 1, 1, 1],
        "*": [1, 1, 1, 1],
        "4.0": [0, 0, 0, 1],
    }


def test_a_value_that_nobody_can_read_is_named():
    with pytest.raises(ValueError, match="'sex': 'X' is no value, node, set or range"):
        find_covered_leaves(pd.Series(["F", "X"]), SEX)


@pytest.mark.parametrize(("shown", "covers"), [("2", "yes"), ("3", "no")])
def test_a_released_value_has_to_cover_the_original_one(shown, covers):
    original = pd.DataFrame({"age": ["1", "2"]})
    release = pd.DataFrame({"age": [shown], "record": ["1"]})
    assert measure_release(release, original, {"age": AGE})["covers"] == covers


@given(st.lists(st.sampled_from("1234"), min_size=1, max_size=30))
def test_one_class_of_all_has_known_values(ages):
    original = pd.DataFrame({"age": ages})
    release = pd.DataFrame({"age": ["*"], "count": [len(ages)]})
    found = measure_release(release, original, {"age": AGE})
    shares = np.array([ages.count(age) for age in "1234"]) / len(ages)
    assert found["achieved_k"] == found["mean_class_size"] == len(ages)
    assert found["discernibility"] == len(ages) ** 2
    assert found["ncp"] == pytest.approx(100)
    # All ages are as likely then.
    assert found["distribution_error"] == pytest.approx(100 * np.abs(shares - 1 / 4).sum() / 2)
    itself = measure_release(original.assign(record=range(len(ages))), original, {"age": AGE})
    assert (itself["ncp"], itself["distribution_error"], itself["covers"]) == (0, 0, "yes")


def test_a_classifier_learns_from_what_a_release_tells_and_not_from_more():
    held_out = pd.DataFrame({"age": ["1", "2", "3", "4"], "ill": ["no", "no", "yes", "yes"]})
    told = pd.DataFrame({"age": ["[1, 2]", "[3, 4]"], "ill": ["no", "yes"], "count": [60, 30]})
    told = told.loc[told.index.repeat(30)].assign(count=2)
    assert measure_utility(told, held_out, {"age": AGE}, "ill") == 100
    # Who knows nothing says the same of everybody: right in one of two classes.
    untold = told.assign(age="*")
    assert measure_utility(untold, held_out, {"age": AGE}, "ill") == 50


def test_a_row_of_several_records_teaches_a_classifier_as_much_as_they_do():
    held_out = pd.DataFrame({"age": ["1", "2", "3", "4"], "ill": ["no", "no", "yes", "yes"]})
    # Of the old a fifth is ill, of the young a tenth; half of the rows are of ill people.
    counts = {("[1, 2]", "no"): 90, ("[1, 2]", "yes"): 10, ("[3, 4]", "no"): 80}
    counts |= {("[3, 4]", "yes"): 20}
    rows = [{"age": age, "ill": ill, "count": n} for (age, ill), n in counts.items()]
    release = pd.DataFrame(rows)
    assert measure_utility(release, held_out, {"age": AGE}, "ill") == 100
    spread = release.loc[release.index.repeat(release["count"])].drop(columns="count")
    assert measure_utility(spread, held_out, {"age": AGE}, "ill") == 100
