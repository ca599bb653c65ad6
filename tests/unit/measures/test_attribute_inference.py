import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.measures.attribute_inference import count_pairs, infer_samples, measure_inference


def measure(values, classes, suppressed="", kept=None):
    """Values and classes are a letter for each person; suppressed ones are marked by x."""
    codes = pd.factorize(pd.Series(list(classes)))[0]
    marks = suppressed or "." * len(values)
    is_suppressed = np.array([mark == "x" for mark in marks])
    ones = np.ones(len(values), dtype=int)
    pairs = count_pairs(pd.Series(list(values)), codes, is_suppressed, ones)
    stays = ones if kept is None else np.isin(np.arange(len(values)), kept)
    numbers = np.unique(list(values), return_inverse=True)[1]
    released = [
        stays[(codes == number) & (numbers == value)].sum()
        for number, value in zip(pairs.classes, pairs.values, strict=True)
    ]
    found = measure_inference(pairs, np.array(released))
    return {row.pop("members"): row for row in found}


def test_the_guess_is_the_most_frequent_value_of_the_class():
    # Class A: a three times of four; class B: b twice of three; in all a is the most frequent.
    found = measure("aaabbba", "AAAABBB")["all"]
    assert found["success"] == pytest.approx(100 * (3 + 2) / 7)
    assert found["baseline"] == pytest.approx(100 * 4 / 7)


def test_of_equally_frequent_values_it_is_the_more_frequent_one_of_all():
    # Class A: a and b once each; in all there are three b.
    found = measure("abbb", "AABB")["all"]
    assert found["success"] == pytest.approx(100 * (1 + 2) / 4)


def test_a_suppressed_person_is_guessed_as_anyone():
    # b is the only value of suppressed records, but nobody knows whose they are.
    found = measure("aaabb", "AAABB", suppressed="...xx")["all"]
    assert (found["success"], found["baseline"]) == (60, 60)


def test_people_whose_records_are_deleted_are_guessed_from_those_that_are_kept():
    # Class A keeps a single b and is guessed so; of its people one of three is right.
    found = measure("aabbb", "AAABB", kept=[2, 3])
    assert found["all"]["success"] == pytest.approx(100 * (1 + 2) / 5)
    assert found["kept"]["success"] == 100
    assert found["all"]["baseline"] == pytest.approx(100 * 3 / 5)
    assert found["kept"]["baseline"] == 100


def test_a_class_without_kept_records_is_guessed_as_anyone():
    found = measure("aab", "AAB", kept=[0, 1])["all"]
    assert found["success"] == pytest.approx(100 * 2 / 3)


def test_without_the_own_record_a_guess_that_hangs_on_it_is_wrong():
    # Class A: a three times of five, still twice against two b without one's own: a, of which
    # there are more in all. Class B: c twice of four, without one's own once against a, twice.
    found = measure("aaabbccaa", "AAAAABBBB")["all"]
    # c and a are equally frequent in B, so the guess is a, which hangs on every single record.
    assert found["success"] == pytest.approx(100 * (3 + 2) / 9)
    assert found["success_without_own_record"] == pytest.approx(100 * 3 / 9)


def test_who_is_deleted_has_no_own_record_in_the_table():
    # The class keeps one b: its person is found by the own record alone, the other b is not kept.
    found = measure("aaabb", "AAABB", kept=[0, 1, 3])
    assert found["all"]["success"] == 100
    assert found["all"]["success_without_own_record"] == pytest.approx(100 * 4 / 5)
    assert found["kept"]["success_without_own_record"] == pytest.approx(100 * 2 / 3)


def test_unique_records_tell_all_about_their_own_people_and_nothing_about_others():
    found = measure("abc", "ABC")["all"]
    assert found["success"] == 100
    # Without the own record the class is empty, and one of the other values is guessed.
    assert found["success_without_own_record"] == 0


def test_where_nobody_is_left_nothing_is_said_of_the_kept_ones():
    found = measure("aab", "AAB", kept=[])
    # Everyone is guessed the first value of all.
    assert found["all"]["success"] == pytest.approx(100 * 2 / 3)
    assert np.isnan(found["kept"]["success"])


@given(st.data())
def test_success_is_what_guessing_for_each_person_finds(data):
    size = data.draw(st.integers(1, 12))
    values = data.draw(st.text("abc", min_size=size, max_size=size))
    # The records of class S are suppressed.
    classes = data.draw(st.text("ABS", min_size=size, max_size=size))
    marks = ["x" if name == "S" else "." for name in classes]
    kept = data.draw(st.lists(st.integers(0, size - 1), min_size=1, unique=True))
    found = measure(values, classes, marks, kept)

    def guess(person, without):
        table = [i for i in kept if i != without]
        shown = [i for i in table if marks[i] != "x"]
        known = [values[i] for i in shown if classes[i] == classes[person] and marks[person] != "x"]
        everywhere = [values[i] for i in table]
        return max(sorted(set(values)), key=lambda v: (known.count(v), everywhere.count(v)))

    for members, people in (("all", range(size)), ("kept", kept)):
        hits = [guess(i, None) == values[i] for i in people]
        assert found[members]["success"] == pytest.approx(100 * np.mean(hits))
        hits = [guess(i, i) == values[i] for i in people]
        assert found[members]["success_without_own_record"] == pytest.approx(100 * np.mean(hits))


def test_of_who_has_no_value_nothing_is_guessed():
    frame = pd.DataFrame(
        {
            "sex": pd.Categorical(list("ffffmmmm")),
            "ill": pd.Categorical(["a", "A ", "b", "", "b", "", "", "b"]),
            "none": pd.Categorical([""] * 8),
            "is_suppressed": False,
        }
    )
    rows = infer_samples({"ill": frame, "none": frame}, ["sex"], "arx", 2, [50], 1, 0)
    # Of the five with a value a (twice, in two spellings) and b (twice) are guessed right.
    everyone = [row for row in rows if row["deletion"] == 0]
    assert {row["attribute"] for row in rows} == {"ill"}
    assert [row["success"] for row in everyone] == [pytest.approx(100 * 4 / 5)] * 2
    assert [row["baseline"] for row in everyone] == [pytest.approx(100 * 3 / 5)] * 2
