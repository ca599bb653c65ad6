import ast
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from anonify.base.errors import UserError
from anonify.recoding.requirements import ClassRules, make_requirement
from anonify.verification import privacy
from anonify.verification.privacy import measure_privacy, verify_requirements
from anonify.verification.releases import VerificationError

# Of pyCANON, which groups by lists of one column.
pytestmark = pytest.mark.filterwarnings("ignore:In a future version, the keys of `groups`")


def table(*classes, **more):
    """A table with one class for each list of sensitive values."""
    rows = [(f"class {number}", v) for number, values in enumerate(classes) for v in values]
    return pd.DataFrame(rows, columns=["age", "illness"]).assign(**more)


def measure(*classes, **more):
    return measure_privacy(table(*classes, **more), ["age"], "illness")


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


@pytest.mark.parametrize("count", range(1, 21))
def test_rounding_takes_nothing_from_the_whole_entropy_l(count):
    # Equally frequent values; computed, exp(entropy) is below their number for some of these.
    assert measure(list(range(count))).whole_entropy_l == count


def test_the_whole_entropy_l_is_rounded_down():
    # a, b once and c twice: entropy 2 · 1/4 log 4 + 1/2 log 2 = 1.5 log 2; exp of it is 2.83.
    assert measure(list("abcc")).whole_entropy_l == 2


def test_recursive_c_sets_the_most_frequent_value_against_the_rare_ones():
    # ℓ = 2. First class: r = 3, 2, 1 and 3 ÷ (2 + 1) = 1. Second class: 4 ÷ 1 = 4.
    assert measure(["a"] * 3 + ["b"] * 2 + ["c"], ["a"] * 4 + ["b"]).recursive_c == 4
    # ℓ = 3: 3 ÷ 1.
    assert measure(["a"] * 3 + ["b"] * 2 + ["c"]).recursive_c == 3


def test_recursive_c_of_a_class_with_one_value_is_alpha():
    # ℓ = 1: 2 ÷ 2 in the first class, 1 ÷ 2 in the second one.
    assert measure(["a", "a"], ["a", "b"]).recursive_c == 1


def test_t_of_text_is_half_the_sum_of_differences():
    # Whole table: a 1/2, b 1/2. First class: a 1, b 0; half of 1/2 + 1/2.
    assert measure(["a", "a"], ["b", "b"]).t == 0.5


def test_t_of_numbers_counts_how_far_shares_move():
    # The salaries of Li et al., Section 4.2, in thousands: from 3, 4, … 11, once each, the class
    # 3, 4, 5 is 0.375 away and 6, 8, 11 is 0.167. 7, 9, 10 is less far than 3, 4, 5.
    assert measure([3, 4, 5], [6, 8, 11], [7, 9, 10]).t == pytest.approx(0.375)
    # The rest is in one class, which is half as far in the other direction.
    assert measure([6, 8, 11], [3, 4, 5, 7, 9, 10]).t == pytest.approx(0.167, abs=5e-4)


def test_t_of_numbers_depends_on_their_ranks_alone():
    assert measure([1, 2], [2, 50]).t == measure([-3.5, 0], [0, 0.25]).t


def test_a_number_written_as_text_is_text():
    # 1, 2, 3 once each in the whole table: half of 2/3 + 1/3 + 1/3, and (2/3 + 1/3) ÷ 2.
    assert measure(["1"], ["2"], ["3"]).t == pytest.approx(2 / 3)
    assert measure([1], [2], [3]).t == pytest.approx(1 / 2)


def test_numbers_that_are_all_equal_are_at_the_distance_0():
    assert measure([7, 7], [7]).t == 0


def test_beta_is_the_largest_relative_gain():
    # Whole table: a 3/4, b 1/4. First class: b gains (1/3 − 1/4) ÷ 1/4 = 1/3, which is below
    # log 4. In the second class a gains (1 − 3/4) ÷ 3/4 = 1/3 too, which is above log 4/3.
    found = measure(["a", "a", "b"], ["a"])
    assert found.beta == pytest.approx(1 / 3)
    assert found.enhanced_beta == math.inf
    # Whole table: a 1/2, b 1/2; 2/3 instead of 1/2 is a gain of 1/3, below log 2.
    found = measure(["a", "a", "b"], ["a", "b", "b"])
    assert found.enhanced_beta == found.beta == pytest.approx(1 / 3)


def test_delta_is_the_largest_change_in_either_direction():
    # Whole table: a 1/2, b 1/2. 2/3 is log 4/3 = 0.29 away, 1/3 is log 3/2 = 0.41 away.
    assert measure(["a", "a", "b"], ["a", "b", "b"]).delta == pytest.approx(math.log(1.5))


def test_there_is_no_delta_for_a_class_that_lacks_a_value():
    assert measure(["a", "b"], ["a"]).delta == math.inf


def test_classes_like_the_whole_table_tell_nothing():
    found = measure(["a", "b"], ["a", "b"])
    assert (found.t, found.beta, found.enhanced_beta, found.delta) == (0, 0, 0, 0)


# Suppressed records


def test_suppressed_records_are_no_class():
    found = measure(["a", "b"], ["a"], is_suppressed=[False, False, True])
    assert (found.k, found.distinct_l, found.alpha) == (2, 2, 0.5)
    assert found.suppressed_records == 1


def test_suppressed_records_may_stand_anywhere():
    assert measure(["a"], ["b", "b"], is_suppressed=[True, False, False]).distinct_l == 1


def test_suppressed_records_do_not_fill_a_class():
    # The class * of two records, one suppressed.
    assert measure(["a", "a"], is_suppressed=[False, True]).k == 1


def test_suppressed_records_show_their_sensitive_values():
    # Whole table: a 2/3, b 1/3. The class a, b: half of 1/6 + 1/6; b gains 1/2.
    found = measure(["a", "b"], ["a"], is_suppressed=[False, False, True])
    assert found.t == pytest.approx(1 / 6)
    assert found.beta == pytest.approx(1 / 2)


def test_without_the_column_every_record_is_in_a_class():
    found = measure(["a", "b"], ["a"])
    assert (found.k, found.suppressed_records) == (1, 0)


def test_nothing_is_measured_where_every_record_is_suppressed():
    with pytest.raises(ValueError, match="every record is suppressed"):
        measure(["a", "b"], is_suppressed=True)


# Kinds of columns


def test_a_missing_value_of_a_quasi_identifier_is_a_value():
    release = table(["a", "b"], ["a", "b"])
    release["age"] = release["age"].replace("class 1", None).astype("category")
    assert measure_privacy(release, ["age"], "illness").k == 2


@pytest.mark.parametrize(
    "values",
    [["a", None], ["a", ""], ["a", "\u200b"], [1.0, np.nan], pd.Categorical(["a", None])],
)
def test_a_missing_sensitive_value_is_none(values):
    release = pd.DataFrame({"age": 1, "illness": values})
    found = measure_privacy(release, ["age"], "illness")
    assert (found.k, found.distinct_l, found.alpha, found.t) == (2, 1, 1, 0)


@pytest.mark.parametrize("nothing", [["", ""], [np.nan, np.nan]])
def test_a_class_without_any_value_has_none(nothing):
    release = pd.DataFrame({"age": list("uuvv"), "illness": [*nothing, *["1", "2"]]})
    release["illness"] = release["illness"].astype(object)
    found = measure_privacy(release, ["age"], "illness")
    assert (found.k, found.distinct_l, found.entropy_l, found.alpha) == (2, 0, 0, 0.5)
    assert (found.t, found.beta, found.delta) == (0, 0, 0)
    assert np.isinf(found.recursive_c)
    for model in ({"model": "distinct_l_diversity"}, {"model": "entropy_l_diversity"}):
        with pytest.raises(VerificationError, match="has ℓ 0 of"):
            verify_requirements(release, ["age"], [{"attribute": "illness", "l": 2, **model}])


def test_a_table_without_any_value_has_none():
    found = measure_privacy(pd.DataFrame({"age": 1, "illness": [None, ""]}), ["age"], "illness")
    assert (found.k, found.distinct_l, found.alpha, found.t) == (2, 0, 0, 0)


def test_categories_that_do_not_occur_make_no_class_and_no_value():
    release = table(["a", "b"], ["a", "a"]).astype("category").iloc[:2]
    assert measure_privacy(release, ["age"], "illness") == measure(["a", "b"])


def test_truth_values_are_like_0_and_1():
    assert measure([True, False], [True]) == measure([1, 0], [1])


def test_labels_of_rows_do_not_matter():
    release = table(["a", "b"], ["a", "a"]).set_axis([7, 7, 0, 7])
    assert measure_privacy(release, ["age"], "illness") == measure(["a", "b"], ["a", "a"])


def test_classes_agree_in_all_quasi_identifiers():
    # Four classes of one record; by either quasi-identifier alone there are two of two.
    release = pd.DataFrame({"sex": list("uuvv"), "age": list("xyxy"), "illness": list("abba")})
    assert measure_privacy(release, ["sex"], "illness").k == 2
    assert measure_privacy(release, ["age"], "illness").k == 2
    assert measure_privacy(release, ["sex", "age"], "illness").k == 1


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


def test_the_message_names_class_value_attribute_model_and_parameters():
    release = table(["a", "b"], ["a", "a"]).assign(sex="F")
    with pytest.raises(VerificationError) as told:
        verify_requirements(release, ["sex", "age"], [rule("recursive_l_diversity", l=2, c=1.5)])
    assert str(told.value) == (
        "the class (F, class 1) has a bound of c inf of 'illness', against "
        "recursive_l_diversity c = 1.5, l = 2"
    )


def test_every_rule_is_verified():
    kept, broken = rule("distinct_l_diversity", l=2), rule("distinct_l_diversity", l=3)
    with pytest.raises(VerificationError, match="l = 3"):
        verify_requirements(table(["a", "b"]), ["age"], [kept, broken])


def test_a_model_that_is_unknown_is_not_taken_for_kept():
    with pytest.raises(VerificationError, match="'l_diversity' is no requirement"):
        verify_requirements(table(["a", "b"]), ["age"], [rule("l_diversity", l=2)])


@pytest.mark.parametrize(("count", "c"), [(10, 2), (5, 1)])
def test_a_recursive_requirement_is_strict(count, c):
    # r₁ = c · r₂
    release = table(["a"] * c * count + ["b"] * count)
    with pytest.raises(VerificationError):
        verify_requirements(release, ["age"], [rule("recursive_l_diversity", l=2, c=c)])
    verify_requirements(release, ["age"], [rule("recursive_l_diversity", l=2, c=c + 0.01)])


def test_rounding_breaks_no_requirement():
    release = table(list("aaabbbccc"), list("abcddd"))
    # Whole table 4/15, 4/15, 4/15, 3/15. First class 1/3 each: half of 3 · 1/15 + 3/15 = 1/5.
    # Second class 1/6 · 3 and 1/2: half of 3 · 1/10 + 3/10 = 3/10.
    verify_requirements(release, ["age"], [rule("t_closeness", t=0.3)])
    verify_requirements(release, ["age"], [rule("entropy_l_diversity", l=3)])


def test_suppressed_records_need_not_keep_a_requirement():
    release = table(["a", "b"], ["a"], is_suppressed=[False, False, True])
    verify_requirements(release, ["age"], [rule("distinct_l_diversity", l=2)])
    verify_requirements(
        release.assign(is_suppressed=True), ["age"], [rule("recursive_l_diversity", l=2, c=1)]
    )


def test_t_is_required_against_the_whole_table_with_what_was_suppressed():
    # Kept: a, b. Whole table: a 3/4, b 1/4; half of 1/4 + 1/4.
    release = table(["a", "b"], ["a", "a"], is_suppressed=[False, False, True, True])
    verify_requirements(release, ["age"], [rule("t_closeness", t=0.25)])
    with pytest.raises(VerificationError):
        verify_requirements(release, ["age"], [rule("t_closeness", t=0.24)])


RULES = st.one_of(
    st.builds(rule, st.just("distinct_l_diversity"), l=st.integers(1, 4)),
    st.builds(rule, st.just("entropy_l_diversity"), l=st.integers(1, 4)),
    st.builds(
        rule,
        st.just("recursive_l_diversity"),
        l=st.integers(1, 4),
        c=st.sampled_from([0.5, 0.7, 1, 1.1, 1.5, 2, 3, 10]),
    ),
    st.builds(rule, st.just("t_closeness"), t=st.sampled_from([0, 0.1, 0.125, 0.25, 0.5, 1])),
)
CLASSES = st.lists(st.lists(st.integers(0, 4), min_size=1), min_size=1, max_size=5)


# As computed, 55 ÷ 25 is not below 2.2, but 55 is below 2.2 · 25.
@example(classes=[[0] * 55 + [1] * 25], rule=rule("recursive_l_diversity", l=2, c=2.2), text=False)
@given(classes=CLASSES, rule=RULES, text=st.booleans())
def test_what_the_anonymizers_are_told_is_met_is_verified(classes, rule, text):
    release = table(*[map(str, values) if text else values for values in classes])
    try:
        requirement = make_requirement(rule, release["illness"])
    except UserError:
        assume(False)
    frequencies = pd.DataFrame(requirement.frequencies.toarray())
    counts = frequencies.groupby(release["age"].to_numpy()).sum().to_numpy()
    if requirement.is_met(csr_array(counts)).all():
        verify_requirements(release, ["age"], [rule])
        return
    with pytest.raises(VerificationError):
        verify_requirements(release, ["age"], [rule])


# Many values


def take_memory(call, *arguments):
    """What a call returns, and the bytes that it takes at most beside what there was before."""
    tracemalloc.start()
    try:
        return call(*arguments), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def move_plainly(values, classes):
    """The largest distance of a class from the table of numbers 0, 1, … that each occur once."""
    table = np.arange(1, len(values) + 1) / len(values)
    return max(
        np.abs(np.isin(np.arange(len(values)), values[classes == each]).cumsum() / 10 - table).sum()
        / (len(values) - 1)
        for each in np.unique(classes)
    )


@pytest.mark.parametrize("text", [False, True])
def test_many_classes_of_many_values_take_the_memory_of_their_records(text):
    # As a dense array of classes × values these are 80 MB, and more than one is made.
    values = np.random.default_rng(0).permutation(10_000)
    classes = np.arange(10_000) % 1_000
    release = pd.DataFrame({"age": classes, "illness": values.astype(str) if text else values})
    found, taken = take_memory(measure_privacy, release, ["age"], "illness")
    assert taken < 20e6
    assert (found.k, found.distinct_l, found.alpha) == (10, 10, 0.1)
    t = 1 - 10 / 10_000 if text else move_plainly(values, classes)
    assert found.t == pytest.approx(t, abs=1e-12)


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize(
    "model",
    [
        {"model": "distinct_l_diversity", "l": 10},
        {"model": "entropy_l_diversity", "l": 10},
        {"model": "recursive_l_diversity", "l": 10, "c": 1.1},
        {"model": "t_closeness", "t": 1},
    ],
    ids=lambda model: model["model"],
)
def test_requirements_of_many_values_take_the_memory_of_their_records(model, text):
    values = np.random.default_rng(0).permutation(10_000)
    classes = np.arange(10_000) % 1_000
    illness = pd.Series(values.astype(str) if text else values)
    each = {"attribute": "illness", **model}
    release = pd.DataFrame({"age": classes, "illness": illness})
    assert take_memory(verify_requirements, release, ["age"], [each])[1] < 20e6
    rules = ClassRules(np.ones(10_000, dtype=int), 2, [make_requirement(each, illness)])
    allowed, taken = take_memory(rules.are_allowed, np.arange(10_000), classes)
    assert taken < 60e6
    assert allowed.all()


# As pyCANON


@pytest.fixture(scope="session")
def pycanon():
    return pytest.importorskip("pycanon.anonymity", reason="pyCANON is not installed")


def assert_agreement(pycanon, release, names, attribute):
    """Compare what pyCANON measures as the definitions say, and the rest as it says."""
    ours = measure_privacy(release, names, attribute)
    asked = (release, names, [attribute])
    alpha, k = pycanon.alpha_k_anonymity(*asked)
    assert (ours.k, ours.alpha) == (k, pytest.approx(alpha))
    assert ours.distinct_l == pycanon.l_diversity(*asked)
    # What rounding takes from a whole ℓ, pyCANON cuts off.
    is_whole = ours.entropy_l == pytest.approx(ours.whole_entropy_l)
    cut_off = pycanon.entropy_l_diversity(*asked)
    assert cut_off in {ours.whole_entropy_l, ours.whole_entropy_l - is_whole}
    if release[attribute].nunique() > 1:
        assert ours.t == pytest.approx(pycanon.t_closeness(*asked), abs=1e-12)
    assert ours.beta == pytest.approx(pycanon.basic_beta_likeness(*asked), abs=1e-12)
    rarest = release[attribute].value_counts(normalize=True).min()
    enhanced = pycanon.enhanced_beta_likeness(*asked)
    assert enhanced == pytest.approx(min(ours.beta, -math.log(rarest)), abs=1e-12)
    if ours.delta < math.inf:
        assert ours.delta == pytest.approx(pycanon.delta_disclosure(*asked), abs=1e-12)


@example(rows=[("x", "u", 7), ("x", "u", 7)], as_text=False)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from("uv"), st.integers(0, 4)), min_size=1
    ),
    as_text=st.booleans(),
)
def test_random_tables_are_measured_like_pycanon_does(pycanon, rows, as_text):
    release = pd.DataFrame(rows, columns=["sex", "age", "illness"])
    if as_text:
        release["illness"] = release["illness"].astype("str")
    assert_agreement(pycanon, release, ["sex", "age"], "illness")


def test_a_table_of_patients_is_measured_like_pycanon_does(pycanon):
    patients = pd.DataFrame(
        [
            ("F", "20-40", "flu", 36.5),
            ("F", "20-40", "flu", 38.0),
            ("F", "20-40", "cold", 38.5),
            ("M", "20-40", "cold", 36.5),
            ("M", "20-40", "flu", 40.0),
            ("M", "40-60", "measles", 40.0),
            ("M", "40-60", "flu", 38.0),
            ("M", "40-60", "cold", 36.5),
        ],
        columns=["sex", "age", "illness", "fever"],
    )
    for attribute in ("illness", "fever"):
        assert_agreement(pycanon, patients, ["sex", "age"], attribute)
        assert_agreement(pycanon, patients, ["sex"], attribute)
    found = measure_privacy(patients, ["sex", "age"], "illness")
    assert (found.k, found.distinct_l, found.alpha) == (2, 2, pytest.approx(2 / 3))


def test_pycanon_loses_a_whole_entropy_l(pycanon):
    release = table(["a", "b"])
    assert pycanon.entropy_l_diversity(release, ["age"], ["illness"]) == 1
    assert measure(["a", "b"]).whole_entropy_l == 2


def test_pycanon_takes_the_rarest_value_for_the_most_frequent(pycanon):
    # ℓ = 2. By the definition 4 ÷ 1, so that c must be above 4. pyCANON: 1 ÷ 4, above it 1.
    release = table(["a"] * 4 + ["b"])
    assert pycanon.recursive_c_l_diversity(release, ["age"], ["illness"]) == (1, 2)
    assert measure(["a"] * 4 + ["b"]).recursive_c == 4


def test_pycanon_agrees_on_the_least_whole_c_of_equally_frequent_values(pycanon):
    release = table(["a", "b", "b", "a"], ["a", "b"])
    assert pycanon.recursive_c_l_diversity(release, ["age"], ["illness"]) == (2, 2)
    assert math.floor(measure(["a", "b", "b", "a"], ["a", "b"]).recursive_c) + 1 == 2


def test_pycanon_has_a_delta_without_the_values_that_a_class_lacks(pycanon):
    # Whole table: a 2/3, b 1/3. a is log 4/3 away in the first class and log 3/2 in the second;
    # b is log 3/2 away in the first class and missing in the second one.
    release = table(["a", "b"], ["a"])
    delta = pycanon.delta_disclosure(release, ["age"], ["illness"])
    assert delta == pytest.approx(math.log(3 / 2))
    assert measure(["a", "b"], ["a"]).delta == math.inf


def test_pycanon_has_an_enhanced_beta_where_none_will_do(pycanon):
    # Whole table: a 1/2, b 1/2. Either gains 1, which is more than log 2.
    release = table(["a", "a"], ["b", "b"])
    beta = pycanon.enhanced_beta_likeness(release, ["age"], ["illness"])
    assert beta == pytest.approx(math.log(2))
    assert measure(["a", "a"], ["b", "b"]).enhanced_beta == math.inf


# Independence


def test_verification_shares_no_code_with_what_it_verifies():
    nodes = list(ast.walk(ast.parse(Path(privacy.__file__).read_text())))
    imported = {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name.startswith("anonify")} == {
        "anonify.verification.meanings",
        "anonify.verification.releases",
    }


def test_a_person_counts_once_in_a_class_and_once_for_a_value_however_it_is_spelt():
    release = pd.DataFrame(
        {
            "age": ["u"] * 5 + ["v"] * 2,
            # In u one person has flu, twice, and a cold; another has flu and an empty cell.
            "illness": ["flu", "Flu ", "cold", "FLU", "", "flu", "cold"],
            "anonify.person": [0, 0, 0, 1, 1, 2, 3],
        }
    )
    found = measure_privacy(release, ["age"], "illness")
    assert (found.k, found.distinct_l) == (2, 2)
    # Of the pairs of a person and a value in u two are of flu, one of a cold.
    assert found.alpha == pytest.approx(2 / 3)
    codes = release["anonify.person"].to_numpy()
    rule = {"attribute": "illness", "model": "distinct_l_diversity", "l": 2}
    requirement = make_requirement(rule, release["illness"], codes)
    in_u = csr_array(requirement.frequencies.toarray()[:5].sum(axis=0)[np.newaxis])
    assert sorted(requirement.count(in_u).data.tolist()) == [1, 2]
