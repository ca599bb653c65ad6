import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.words import ATTACK_TITLES as TITLES
from anonify.measures.membership import draw_members
from anonify.measures.membership_attacks import (
    ATTACKS,
    KNOWN,
    attack_by_black_box,
    attack_by_likelihood_ratio,
    attack_by_threshold,
    attack_models,
    find_curve,
    measure_scores,
)
from anonify.measures.membership_models import Answers


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


@pytest.fixture(scope="module")
def attacked_in_vain():
    """What all attacks reach on thirty sets of models that give nothing away."""
    rows = [
        row
        for seed in range(30)
        for row in attack_models(make_leaky_answers(people=200, leak=0, seed=seed), seed)
    ]
    return pd.DataFrame(rows).set_index("attack")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_reaches_nothing_where_nothing_is_given_away(attack, attacked_in_vain):
    found = attacked_in_vain.loc[attack, ["advantage", "tpr_at_low_fpr"]]
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
    (found,) = measure_scores(scores, is_member, np.ones_like(is_member), 1)
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
    first, second = measure_scores(scores, is_member, np.ones_like(is_member), 1)
    assert (first["advantage"], second["advantage"]) == (0, 50)
    assert (first["highest_advantage"], second["highest_advantage"]) == (100, 100)


def test_shadow_models_without_scores_choose_no_threshold():
    scores = np.array([[9.0, 9, 8, 8], [2, 1, 0, 0], [2, 1, 0, 0]])
    is_member = flags("1100 1100 1100")
    assert measure_scores(scores, is_member, np.ones_like(is_member), 2)[0]["advantage"] == 0
    scores[0] = np.nan
    assert measure_scores(scores, is_member, np.ones_like(is_member), 2)[0]["advantage"] == 100


def test_an_advantage_may_be_negative():
    scores = np.array([[2.0, 1.0], [1.0, 2.0]])
    is_member = flags("10 10")
    (found,) = measure_scores(scores, is_member, np.ones_like(is_member), 1)
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
    assert measure_scores(scores, is_member, is_counted, 1)[0]["advantage"] == 100
    assert measure_scores(scores, is_member, flags("1111 1111"), 1)[0]["advantage"] == 50


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
