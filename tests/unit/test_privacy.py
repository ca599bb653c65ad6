import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonify.privacy import measure_privacy, verify_requirements
from anonify.verification import VerificationError


def table(*classes, **more):
    """A table with one class for each list of sensitive values."""
    rows = [(f"class {number}", v) for number, values in enumerate(classes) for v in values]
    return pd.DataFrame(rows, columns=["age", "illness"]).assign(**more)


def measure(*classes):
    return measure_privacy(table(*classes), ["age"], "illness")


# By hand


def test_k_is_the_size_of_the_smallest_class():
    assert measure(["a"] * 3, ["a", "b"]).k == 2


def test_alpha_is_the_largest_share_of_one_value():
    # 2 of 3 are a in the first class, 3 of 4 are b in the second one.
    assert measure(["a", "a", "b"], ["b", "b", "b", "c"]).alpha == 0.75


def test_distinct_l_is_the_smallest_number_of_values():
    assert measure(["a", "b", "c"], ["a", "b", "b"]).distinct_l == 2


def test_entropy_l_counts_equally_frequent_values():
    # Two values, equally frequent, have the entropy log 2; a third value adds to it.
    assert measure(["a", "b"], ["a", "b", "c"]).entropy_l == pytest.approx(2)
    # −(3/4 log 3/4 + 1/4 log 1/4) = 0.5623; exp of it is 1.7548.
    assert measure(["a", "a", "a", "b"]).entropy_l == pytest.approx(1.7548, abs=1e-4)


def test_recursive_c_sets_the_most_frequent_value_against_the_rare_ones():
    # ℓ = 2. First class: r = 3, 2, 1 and 3 ÷ (2 + 1) = 1. Second class: 4 ÷ 1 = 4.
    assert measure(["a"] * 3 + ["b"] * 2 + ["c"], ["a"] * 4 + ["b"]).recursive_c == 4


def test_t_of_text_is_half_the_sum_of_differences():
    # Whole table: a 1/2, b 1/2. First class: a 1, b 0; half of 1/2 + 1/2.
    assert measure(["a", "a"], ["b", "b"]).t == 0.5


def test_t_of_numbers_counts_how_far_shares_move():
    # Li et al., Section 5.1 on three values: whole table 1/3 each; the class 10, 10 moves 1/3
    # by one rank and 1/3 by two: (1/3 + 2/3) ÷ 2 = 1/2. The class 10, 20 … moves less.
    assert measure([10, 10], [20, 20], [30, 30]).t == pytest.approx(0.5)


def test_suppressed_records_are_no_class():
    release = table(["a", "b"], ["a"], is_suppressed=[False, False, True])
    found = measure_privacy(release, ["age"], "illness")
    assert (found.k, found.distinct_l, found.alpha, found.t) == (2, 2, 0.5, 0)


def test_a_class_of_one_value_has_no_recursive_diversity_above_1():
    with pytest.raises(VerificationError, match="inf"):
        verify_requirements(
            table(["a", "a"], ["a", "b"]), ["age"], [rule("recursive_l_diversity", l=2, c=9)]
        )


# Required


def rule(model, **parameters):
    return {"attribute": "illness", "model": model, **parameters}


@pytest.mark.parametrize(
    ("kept", "broken", "message"),
    [
        (rule("distinct_l_diversity", l=2), rule("distinct_l_diversity", l=3), "ℓ 2 "),
        (rule("entropy_l_diversity", l=2), rule("entropy_l_diversity", l=3), "ℓ 2 "),
        (rule("recursive_l_diversity", l=2, c=1.5), rule("recursive_l_diversity", l=2, c=1), " 1 "),
        # Whole table a 3/7, b 3/7, c 1/7. First class a 1/2, b 1/2: half of 1/14 + 1/14 + 1/7.
        # Second class 1/3 each: half of 2/21 + 2/21 + 4/21.
        (rule("t_closeness", t=4 / 21), rule("t_closeness", t=0.14), "t 0.142857 "),
    ],
)  # fmt: skip
def test_a_requirement_that_a_class_breaks_is_told(kept, broken, message):
    release = table(["a", "b"] * 2, ["a", "b", "c"])
    verify_requirements(release, ["age"], [kept])
    with pytest.raises(VerificationError, match=r"class \(class 0\).*" + message):
        verify_requirements(release, ["age"], [broken])


def test_t_is_required_against_the_whole_table_with_what_was_suppressed():
    # Kept: a, b. Whole table: a 3/4, b 1/4; half of 1/4 + 1/4.
    release = table(["a", "b"], ["a", "a"], is_suppressed=[False, False, True, True])
    verify_requirements(release, ["age"], [rule("t_closeness", t=0.25)])
    with pytest.raises(VerificationError):
        verify_requirements(release, ["age"], [rule("t_closeness", t=0.24)])


# As pyCANON


@settings(max_examples=40)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from("uv"), st.integers(0, 4)), min_size=1
    ),
    as_text=st.booleans(),
)
def test_the_values_are_those_of_pycanon(rows, as_text):
    pycanon = pytest.importorskip("pycanon.anonymity", reason="pyCANON is not installed")
    release = pd.DataFrame(rows, columns=["sex", "age", "illness"])
    # pyCANON divides by the number of values − 1.
    if release["illness"].nunique() == 1 and not as_text:
        return
    if as_text:
        release["illness"] = release["illness"].astype(str)
    names = ["sex", "age"]
    ours = measure_privacy(release, names, "illness")
    alpha, k = pycanon.alpha_k_anonymity(release, names, ["illness"])
    assert (ours.k, ours.alpha) == (k, pytest.approx(alpha))
    assert ours.distinct_l == pycanon.l_diversity(release, names, ["illness"])
    # pyCANON cuts off decimals; 2 computed as 1.9999… must not become 1.
    entropy_l = pycanon.entropy_l_diversity(release, names, ["illness"])
    assert entropy_l in {int(ours.entropy_l), int(np.nextafter(ours.entropy_l, 0) - 1e-9)}
    assert ours.t == pytest.approx(pycanon.t_closeness(release, names, ["illness"]))
