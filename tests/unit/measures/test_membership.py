from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from anonify.base.words import ATTACK_TITLES as TITLES
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.domains.ranges import Ranges
from anonify.measures.membership import (
    SURE,
    Answers,
    anonymize_members,
    ask_models,
    draw_members,
    generalize,
    group_questions,
    learn,
    score,
    view_original,
    view_release,
)
from anonify.measures.membership_attacks import (
    ATTACKS,
    KNOWN,
    attack_by_black_box,
    attack_by_likelihood_ratio,
    attack_by_threshold,
    attack_models,
    find_curve,
    measure_attack,
)
from anonify.methods import get_anonymizer
from anonify.recoding.recoding import Recoding
from anonify.releases.recode import release_records

SEX = hierarchy_from_rows("sex", [["F", "*"], ["M", "*"]])
AGE = hierarchy_from_rows(
    "age",
    [*([age, "1-3", "*"] for age in "12"), *([age, "3-9", "*"] for age in "345")],
)
DOMAINS = [SEX, AGE]


def nodes(*tuples):
    return np.array([[SEX.node_of[sex], AGE.node_of[age]] for sex, age in tuples])


def recoding(*tuples, suppressed=0):
    """The last ones are suppressed."""
    is_suppressed = np.arange(len(tuples)) >= len(tuples) - suppressed
    return Recoding(nodes(*tuples), is_suppressed)


def labels(coded):
    return [
        (sex, age)
        for sex, age in zip(
            SEX.labels_of(coded.nodes[:, 0]), AGE.labels_of(coded.nodes[:, 1]), strict=True
        )
    ]


def make_table(*tuples):
    sex, age = zip(*tuples, strict=True)
    return pd.DataFrame(
        {
            "sex": pd.Categorical(sex, ["F", "M"]),
            "age": pd.Categorical(age, list("12345")),
            "level": range(len(tuples)),
        }
    )


def flags(text):
    """Rows of 0 and 1, parted by spaces."""
    return np.array([[mark == "1" for mark in row] for row in text.split()])


def make_answers(confidences, is_learned, is_member=None, attacked=1):
    """Two classes; everyone is of the second one, and the first is believed in the less.

    The last models are attacked, the others are shadow models.
    """
    confidences = np.array(confidences, dtype=float)
    scores = np.stack([-confidences, confidences], axis=-1)
    people = np.ones(confidences.shape[1], dtype=int)
    is_member = is_learned if is_member is None else is_member
    return Answers(scores, people, is_member, is_learned, len(scores) - attacked)


# Members


@pytest.mark.parametrize(("people", "members"), [(10, 5), (11, 5)])
def test_half_of_the_people_are_members(people, members):
    assert draw_members(people, np.random.default_rng(1)).sum() == members


def test_who_is_a_member_depends_on_the_generator():
    first, again, other = (draw_members(40, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


# Asked with the narrowest class


def test_a_person_is_asked_with_the_narrowest_class_that_covers_the_values():
    table = recoding(("F", "1-3"), ("*", "1-3"), ("*", "3-9"), ("*", "*"))
    asked = generalize(nodes(("F", "1"), ("M", "2"), ("F", "5")), table, DOMAINS)
    assert labels(asked) == [("F", "1-3"), ("*", "1-3"), ("*", "3-9")]
    assert asked.is_suppressed.tolist() == [False] * 3


def test_a_class_that_is_as_narrow_is_the_first_in_order():
    # Both have an NCP of (0 + 1) ÷ 2.
    table = recoding(("*", "1"), ("F", "*"))
    asked = generalize(nodes(("F", "1")), table, DOMAINS)
    assert labels(asked) == [("F", "*")]


def test_whom_no_class_covers_is_asked_as_a_suppressed_record():
    table = recoding(("F", "1-3"), ("*", "*"), suppressed=1)
    asked = generalize(nodes(("F", "1"), ("M", "1")), table, DOMAINS)
    assert labels(asked) == [("F", "1-3"), ("*", "*")]
    assert asked.is_suppressed.tolist() == [False, True]


def test_where_all_are_suppressed_everyone_is_asked_so():
    asked = generalize(nodes(("F", "1")), recoding(("*", "*"), suppressed=1), DOMAINS)
    assert asked.is_suppressed.tolist() == [True]


def test_ranges_cover_what_lies_between_their_ends():
    age = Ranges("age", ("10", "20", "30", "40"))
    narrow, wide = age.find_nodes(["[10, 20]", "[10, 30]"])
    table = Recoding(np.array([[narrow], [wide]]), np.zeros(2, dtype=bool))
    asked = generalize(np.array([[0], [2], [3]]), table, [age])
    assert age.labels_of(asked.nodes[:, 0]) == ["[10, 20]", "[10, 30]", "*"]


@given(data=st.data())
def test_equal_values_are_asked_alike_and_with_a_class_that_covers_them(mixed_tables, data):
    table = data.draw(mixed_tables)
    half = max(len(table.records) // 2, 1)
    made = get_anonymizer("mondrian")(
        table.records[:half], table.domains, min(table.k, half), np.random.default_rng(1)
    )
    asked = generalize(table.records, made, table.domains)
    released = {tuple(row) for row in made.nodes.tolist()}
    by_values = {}
    for values, shown, is_suppressed in zip(
        table.records.tolist(), asked.nodes, asked.is_suppressed, strict=True
    ):
        assert by_values.setdefault(tuple(values), shown.tolist()) == shown.tolist()
        assert is_suppressed or tuple(shown.tolist()) in released
        for domain, value, node in zip(table.domains, values, shown, strict=True):
            assert domain.join(np.array([value]), np.array([node]))[0] == node
    # Members are covered by their own class at least.
    assert not asked.is_suppressed[:half].any()


# What a model learns from


def test_the_original_is_learned_from_and_asked_about_as_it_is():
    table = make_table(("F", "1"), ("M", "2"), ("F", "3"))
    view = view_original(table, np.array([True, False, True]))
    assert view.learned.tolist() == [0, 2]
    assert view.records["level"].tolist() == [0, 2]
    assert view.asked["level"].tolist() == [0, 1, 2]


def test_members_are_learned_from_as_released_and_everyone_is_asked_about_by_the_same_rule():
    table = make_table(("F", "1"), ("F", "1"), ("F", "2"), ("M", "4"))
    is_member = np.array([True, False, True, False])
    made = recoding(("F", "1-3"), ("F", "1-3"))
    view = view_release(table, is_member, DOMAINS, made, 0, np.random.default_rng(1))
    assert sorted(view.learned) == [0, 2]
    assert view.records["age"].tolist() == ["1-3", "1-3"]
    assert view.records["level"].tolist() == view.learned.tolist()
    assert view.asked["age"].tolist() == ["1-3", "1-3", "1-3", "*"]
    assert view.asked["level"].tolist() == [0, 1, 2, 3]


def test_of_each_class_the_share_is_deleted_that_is_asked_for():
    table = make_table(*[("F", "1")] * 4, *[("M", "5")] * 3)
    made = recoding(*[("F", "1-3")] * 4, *[("M", "3-9")] * 3)
    view = view_release(table, np.ones(7, dtype=bool), DOMAINS, made, 50, np.random.default_rng(1))
    # ⌈50 % of 4⌉ = 2 and ⌈50 % of 3⌉ = 2 are deleted.
    assert view.records["sex"].value_counts().to_dict() == {"F": 2, "M": 1}
    assert view.is_member.sum() == 7


def test_fewer_members_than_k_are_all_suppressed():
    made = anonymize_members(
        get_anonymizer("mondrian"),
        nodes(("F", "1"), ("M", "2")),
        DOMAINS,
        3,
        np.random.default_rng(1),
    )
    assert labels(made) == [("*", "*"), ("*", "*")]
    assert made.is_suppressed.all()


def test_members_who_do_not_meet_the_requirements_are_all_suppressed():
    made = anonymize_members(None, nodes(("F", "1")), DOMAINS, 1, np.random.default_rng(1))
    assert made.is_suppressed.all()


def test_members_are_anonymized_by_the_method():
    records = nodes(("F", "1"), ("F", "1"), ("M", "2"), ("M", "2"))
    anonymize = get_anonymizer("mondrian")
    made = anonymize_members(anonymize, records, DOMAINS, 2, np.random.default_rng(1))
    assert not made.is_suppressed.any()


# Asked


class Model:
    """Tells the first feature as the probability of the class 1."""

    def __init__(self, classes=(0, 1)):
        self.classes_ = np.array(classes)

    def predict_proba(self, features):
        return np.column_stack([1 - features[:, 0], features[:, 0]])[:, -len(self.classes_) :]


def test_a_probability_is_scored_by_its_log_odds():
    scores = score(Model(), np.array([[0.5], [0.8]]), np.array([0, 1]))
    assert scores == pytest.approx(np.log([[1, 1], [1 / 4, 4]]))


def test_a_probability_of_1_is_scored_as_one_a_little_below():
    scores = score(Model(), np.array([[1.0]]), np.array([0, 1]))
    assert scores[0, 1] == pytest.approx(np.log((1 - SURE) / SURE))
    assert scores[0, 0] == pytest.approx(-scores[0, 1])


def test_a_class_that_the_model_does_not_know_has_the_lowest_score():
    scores = score(Model([0, 2]), np.array([[0.2]]), np.array([0, 1, 2]))
    assert scores[0] == pytest.approx(np.log([4, 1 / 4, 1 / 4]))
    alone = score(Model([1]), np.array([[0.8]]), np.array([0, 1]))
    assert alone[0] == pytest.approx(np.log([1 / 4, 4]))


def test_a_model_without_probabilities_is_scored_by_its_decision_value():
    features = np.array([[0.0], [1.0], [2.0], [3.0]])
    model = SVC().fit(features, [0, 0, 1, 1])
    values = model.decision_function(features)
    scores = score(model, features, np.array([0, 1]))
    assert scores == pytest.approx(np.column_stack([-values, values]))


def test_a_model_that_tells_classes_alone_is_scored_by_them():
    model = SimpleNamespace(
        classes_=np.array([0, 2]), predict=lambda features: np.where(features[:, 0] < 5, 0, 2)
    )
    scores = score(model, np.array([[0.0], [9.0]]), np.array([0, 1, 2]))
    assert scores.tolist() == [[1, -1, 0], [0, -1, 1]]


def test_a_single_class_is_learned_as_the_majority():
    model = learn("logistic_regression", np.zeros((3, 1)), np.array([1, 1, 1]), 0)
    assert model.predict(np.zeros((1, 1))).tolist() == [1]


def test_a_classifier_is_learned_under_its_name():
    assert isinstance(learn("naive_bayes", np.eye(2), np.array([0, 1]), 0), GaussianNB)


def test_models_are_asked_about_everyone_and_learn_from_their_own_view():
    table = make_table(("F", "1"), ("F", "1"), ("M", "2"), ("M", "2"))
    is_member = flags("1010 0101")
    views = [view_original(table, row) for row in is_member]
    asked = np.array([[0.0], [0.1], [1.0], [1.1]])
    features = [group_questions(asked[row], asked) for row in is_member]
    answers = ask_models(views, features, np.array([0, 0, 1, 1]), "decision_tree", 1, 0)
    assert answers.scores.shape == (2, 4, 2)
    # Those of the same value are asked the same, so all are known by one of their kind.
    assert (answers.confidences > 0).all()
    assert answers.is_learned.tolist() == is_member.tolist()


def test_people_of_the_same_record_share_a_question():
    asked = np.array([[2.0, 1.0], [0.0, 3.0], [2.0, 1.0]])
    grouped = group_questions(asked[:1], asked)
    assert grouped.distinct.tolist() == [[0, 3], [2, 1]]
    assert grouped.distinct[grouped.question].tolist() == asked.tolist()
    assert grouped.learned.tolist() == [[2, 1]]


# Attacks


def test_the_threshold_attack_takes_the_confidence_in_a_persons_own_class():
    scores = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    answers = Answers(scores, np.array([1, 0]), flags("10"), flags("10"), 0)
    assert attack_by_threshold(answers).tolist() == [[2, 3]]


def test_the_likelihood_ratio_compares_shadow_models_with_and_without_a_person():
    # The last model is attacked by the others. Person 0: 4 and 6 with the record, 0 and 2 without;
    # person 1: 5 and 7 with, 1 and 3 without.
    answers = make_answers([[4, 5], [6, 1], [0, 7], [2, 3], [5, 2]], flags("11 10 01 00 10"))
    found = attack_by_likelihood_ratio(answers)[-1]
    # Means 5, 1 and 6, 2; variances (1 + 1 + 1 + 1) ÷ 2 = 2 for both, times 1 + 1/2.
    inside = outside = 2 * 3 / 2

    def ratio(with_record, without):
        return -0.5 * (np.log(inside) + with_record**2 / inside) + 0.5 * (
            np.log(outside) + without**2 / outside
        )

    assert found == pytest.approx([ratio(5 - 5, 5 - 1), ratio(2 - 6, 2 - 2)])
    assert found[0] > 0 > found[1]


def test_whose_record_no_shadow_model_learned_from_is_expected_where_others_are():
    # Person 1 is in no shadow model; person 0 is 4 higher with the record.
    answers = make_answers([[4, 1], [6, 1], [0, 1], [2, 1], [5, 5]], flags("10 10 00 00 11"))
    found = attack_by_likelihood_ratio(answers)[-1]
    # Without the record 1; with it 1 + 4, as if from one value.
    variance = (1 + 1) / 1, (1 + 1) / (1 + 3)
    inside, outside = variance[0] * (1 + 1 / 1), variance[1] * (1 + 1 / 4)
    expected = -0.5 * np.log(inside) + 0.5 * (np.log(outside) + (5 - 1) ** 2 / outside)
    assert found[1] == pytest.approx(expected)


def test_where_models_differ_in_nothing_the_likelihood_ratio_tells_nothing():
    answers = make_answers(np.ones((4, 3)), flags("110 101 011 110"))
    assert np.isfinite(attack_by_likelihood_ratio(answers)).all()


def test_a_shadow_model_is_compared_with_the_other_shadow_models_alone():
    first = make_answers([[4, 5], [6, 1], [0, 7], [5, 2]], flags("11 10 01 10"))
    other = make_answers([[4, 5], [6, 1], [0, 7], [1, 9]], flags("11 10 01 01"))
    found, again = attack_by_likelihood_ratio(first), attack_by_likelihood_ratio(other)
    assert found[:3].tolist() == again[:3].tolist()
    assert found[3].tolist() != again[3].tolist()


def make_leaky_answers(people=60, models=6, leak=3, seed=1):
    """Models that believe in the class of those they learned from; the last two are attacked."""
    generator = np.random.default_rng(seed)
    is_learned = np.stack([draw_members(people, generator) for _ in range(models)])
    confidences = np.where(is_learned, leak, 0) + generator.normal(size=is_learned.shape)
    return make_answers(confidences, is_learned, attacked=2)


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_finds_members_of_a_model_that_gives_them_away(attack):
    answers = make_leaky_answers()
    found = [row for row in attack_models(answers, 0) if row["attack"] == attack]
    assert len(found) == 2
    assert min(row["highest_advantage"] for row in found) > 60
    assert min(row["advantage"] for row in found) > 40


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_reaches_nothing_where_nothing_is_given_away(attack):
    rows = [
        row
        for seed in range(30)
        for row in attack_models(make_leaky_answers(people=200, leak=0, seed=seed), seed)
        if row["attack"] == attack
    ]
    found = pd.DataFrame(rows)[["advantage", "tpr_at_low_fpr"]]
    # Within three standard errors of chance.
    assert (abs(found.mean() - [0, 1]) < 3 * found.sem()).all()


def test_the_black_box_attack_is_seeded():
    answers = make_leaky_answers()
    first, again = attack_by_black_box(answers, 1), attack_by_black_box(answers, 1)
    np.testing.assert_array_equal(first, again)
    # Two attacked models, and two shadow models for their thresholds.
    assert (~np.isnan(first)).all(axis=1).tolist() == [False, True, True, False, True, True]


def test_the_black_box_attack_learns_from_a_limited_number_of_people(monkeypatch):
    monkeypatch.setattr("anonify.measures.membership_attacks.KNOWN", 10)
    few = attack_by_black_box(make_leaky_answers(), 1)
    monkeypatch.setattr("anonify.measures.membership_attacks.KNOWN", KNOWN)
    assert few.shape == (6, 60)
    assert few[-1].tolist() != attack_by_black_box(make_leaky_answers(), 1)[-1].tolist()


def test_all_attacks_have_a_title():
    assert list(ATTACKS) == list(TITLES)


def test_rows_tell_attack_reading_and_repeat():
    rows = pd.DataFrame(attack_models(make_leaky_answers(), 0))
    assert rows[["attack", "members", "repeat"]].to_numpy().tolist() == [
        [attack, "all", repeat] for attack in ATTACKS for repeat in (1, 2)
    ]


def test_kept_members_are_told_apart_where_records_were_deleted():
    answers = make_leaky_answers()
    is_learned = answers.is_learned & (np.arange(60) % 2 == 0)
    sampled = Answers(answers.scores, answers.labels, answers.is_member, is_learned, 4)
    assert {row["members"] for row in attack_models(sampled, 0)} == {"all", "kept"}


# Measured


def measure_one(scores, is_member):
    """Measure an attack on a model by a shadow model that is like it."""
    scores, is_member = np.array([scores, scores], dtype=float), flags(f"{is_member} {is_member}")
    (found,) = measure_attack(scores, is_member, np.ones_like(is_member), 1)
    return found


def test_false_positives_are_a_share_of_the_non_members():
    # From 3 on: 2 of 2 members, and 1 of 6 non-members (of 8 people it would be 1/8).
    found = measure_one([5, 3, 4, 1, 1, 1, 1, 1], "11000000")
    assert found["advantage"] == pytest.approx(100 * (1 - 1 / 6))
    assert found["highest_advantage"] == pytest.approx(100 * (1 - 1 / 6))


def test_the_threshold_is_that_of_the_shadow_models():
    # Best on the shadow model from 1 on (2/2 − 0); everyone of the attacked ones is above it.
    scores = np.array([[2.0, 1.0, 0.0, 0.0], [4.0, 3.0, 2.0, 1.0], [4.0, 3.0, 0.5, 1.0]])
    is_member = flags("1100 1100 1100")
    first, second = measure_attack(scores, is_member, np.ones_like(is_member), 1)
    assert (first["advantage"], second["advantage"]) == (0, 50)
    assert (first["highest_advantage"], second["highest_advantage"]) == (100, 100)


def test_shadow_models_without_scores_choose_no_threshold():
    scores = np.array([[9.0, 9, 8, 8], [2, 1, 0, 0], [2, 1, 0, 0]])
    is_member = flags("1100 1100 1100")
    assert measure_attack(scores, is_member, np.ones_like(is_member), 2)[0]["advantage"] == 0
    scores[0] = np.nan
    assert measure_attack(scores, is_member, np.ones_like(is_member), 2)[0]["advantage"] == 100


def test_an_advantage_may_be_negative():
    scores = np.array([[2.0, 1.0], [1.0, 2.0]])
    is_member = flags("10 10")
    (found,) = measure_attack(scores, is_member, np.ones_like(is_member), 1)
    assert (found["advantage"], found["highest_advantage"]) == (-100, 0)


def test_true_positives_are_measured_at_few_false_ones():
    # 199 non-members: 1 % of 200 is the second of them. Before it stand 30 of 100 members.
    scores = np.concatenate([np.full(30, 9.0), np.full(70, 6.0), [8.0, 7.0], np.full(197, 0.0)])
    found = measure_one(scores, "1" * 100 + "0" * 199)
    assert found["tpr_at_low_fpr"] == pytest.approx(30)


def test_between_two_non_members_true_positives_are_interpolated():
    # 99 non-members: the first; 49: half of the way to the first.
    scores = [3.0, 3.0, 1.0, 1.0, 2.0]
    many = measure_one([*scores, *[0.0] * 98], "1111" + "0" * 99)
    few = measure_one([*scores, *[0.0] * 48], "1111" + "0" * 49)
    assert (many["tpr_at_low_fpr"], few["tpr_at_low_fpr"]) == pytest.approx((50, 25))


@pytest.mark.parametrize("others", [4, 40, 99, 150, 1000])
def test_chance_decides_among_people_of_the_same_score(others):
    # All are alike, so 1 % false positives come with 1 % true ones.
    found = measure_one([1] * (4 + others), "1111" + "0" * others)
    assert found["tpr_at_low_fpr"] == pytest.approx(1)
    assert (found["advantage"], found["highest_advantage"]) == (0, 0)


@pytest.mark.parametrize("others", [3, 60, 130])
def test_by_chance_true_positives_are_as_many_as_false_ones(others):
    generator = np.random.default_rng(1)
    is_member = np.arange(others + 50) < 50
    found = [
        find_curve(generator.permutation(others + 50) // ties, is_member).find_tpr(0.01)
        for ties in (1, 3)
        for _ in range(2000)
    ]
    assert np.mean(found) == pytest.approx(0.01, abs=3 * np.std(found) / np.sqrt(len(found)))


def test_people_who_do_not_count_are_left_out():
    # Without the first person: from 3 on 1 of 1 members and 0 of 2 non-members.
    scores, is_member = np.array([[0.0, 3, 1, 1]] * 2), flags("1100 1100")
    is_counted = flags("0111 0111")
    assert measure_attack(scores, is_member, is_counted, 1)[0]["advantage"] == 100
    assert measure_attack(scores, is_member, flags("1111 1111"), 1)[0]["advantage"] == 50


@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2).filter(
        lambda people: len({is_in for _, is_in in people}) == 2
    )
)
def test_the_curve_is_what_counting_at_each_threshold_finds(people):
    scores, is_member = (np.array(values) for values in zip(*people, strict=True))
    curve = find_curve(scores.astype(float), is_member)
    for threshold, tpr, fpr in zip(curve.thresholds, curve.tpr, curve.fpr, strict=True):
        is_taken = scores >= threshold
        assert tpr == pytest.approx(is_taken[is_member].mean())
        assert fpr == pytest.approx(is_taken[~is_member].mean())
        assert curve.advantage_at(threshold) == pytest.approx(tpr - fpr)
    between = curve.thresholds[-1] + 0.5
    is_taken = scores >= between
    expected = is_taken[is_member].mean() - is_taken[~is_member].mean()
    assert curve.advantage_at(between) == pytest.approx(expected)


def test_released_records_of_a_view_are_those_of_the_recoding():
    table = make_table(("F", "1"), ("M", "1"))
    made = recoding(("*", "1"), ("*", "1"))
    expected = release_records(table, DOMAINS, made)
    view = view_release(table, np.ones(2, dtype=bool), DOMAINS, made, 0, np.random.default_rng(1))
    pd.testing.assert_frame_equal(view.records.sort_values("level"), expected)
