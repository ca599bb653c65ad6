"""What weights tell and change, against what plain pandas finds."""

import numpy as np
import pandas as pd
import pytest

from anonify.domains.rules import build_hierarchy
from anonify.measures.confidential_distribution import compare_confidential_distributions
from anonify.measures.distribution import WEIGHTED, Tables, compare_distributions, summarize
from anonify.measures.risk import measure_corrected
from anonify.measures.weights import examine_weights
from anonify.tables.classes import count_classes, match_classes, sum_least_weights

AGE = build_hierarchy("age", ["5", "15", "25"], {"intervals": [{"start": 0, "width": 10}]})
BY_AGE = {"by": "age", "edges": [0, 10, 20, 30], "weight": "w", "label": "Level", "by_label": "Age"}
LEVEL = {**BY_AGE, "statistic": "mean", "attribute": "level"}
ILL = {**BY_AGE, "statistic": "count", "attribute": "ill", "value": "yes"}


def make_table(records=60, seed=0):
    draw = np.random.default_rng(seed)
    ill = draw.choice(["yes", "no", ""], records)
    return pd.DataFrame(
        {
            "age": pd.Categorical(draw.choice(["5", "15", "25"], records)),
            "level": np.where(draw.random(records) < 0.1, np.nan, draw.integers(1, 90, records)),
            "ill": pd.Categorical(ill),
            "w": draw.gamma(1.0, 200.0, records) + 1,
        }
    )


# Distributions


@pytest.mark.parametrize(("age", "group"), [("5", 0), ("15", 1), ("25", 2)])
def test_a_weighted_mean_stands_beside_that_of_the_records(age, group):
    frame = make_table()
    found = summarize(frame, LEVEL, AGE).iloc[group]
    present = frame[(frame["age"] == age) & frame["level"].notna()]
    assert found["value"] == pytest.approx(present["level"].mean())
    assert found["records"] == len(present)
    expected = np.average(present["level"], weights=present["w"])
    assert found["weighted_value"] == pytest.approx(expected)
    assert found["weights"] == pytest.approx(present["w"].sum())


def test_a_weighted_count_estimates_people_of_the_population():
    frame = make_table()
    found = summarize(frame, ILL, AGE)
    cases = frame[frame["ill"] == "yes"].groupby("age", observed=True)
    present = frame[frame["ill"] != ""].groupby("age", observed=True)
    for place, age in enumerate(["5", "15", "25"]):
        assert found["value"][place] == cases.size()[age]
        assert found["weighted_value"][place] == pytest.approx(cases["w"].sum()[age])
        assert found["weights"][place] == pytest.approx(present["w"].sum()[age])


def test_without_weights_nothing_is_added():
    plain = {key: value for key, value in LEVEL.items() if key != "weight"}
    frame = make_table()
    table = compare_distributions(Tables(frame, frame, {(50, 1): frame.iloc[:30]}), plain, AGE, 2)
    assert not table.columns.intersection(WEIGHTED).size


def test_counts_of_a_sample_are_scaled_by_its_weights():
    frame = make_table()
    sample = frame.iloc[:20]
    table = compare_distributions(Tables(frame, frame, {(60, 1): sample}), ILL, AGE, 2)
    rows = table[table["data"] == "sampled"]
    factor = frame["w"].sum() / sample["w"].sum()
    expected = (rows["weighted_value"] * factor).tolist()
    assert rows["scaled_weighted_value"].tolist() == pytest.approx(expected)
    means = compare_distributions(Tables(frame, frame, {(60, 1): sample}), LEVEL, AGE, 2)
    assert means["scaled_weighted_value"].equals(means["weighted_value"])


def compare_confidential(frame, distribution, k=5):
    release = frame.assign(is_suppressed=False)
    compared = compare_confidential_distributions(
        {"it": Tables(frame, release, {(50, 1): release.iloc[::2]})},
        {"it": distribution},
        {"age": AGE},
        k,
    )
    return compared["it"]


@pytest.mark.parametrize("distribution", [LEVEL, ILL])
def test_what_is_masked_without_weights_is_masked_with_them(distribution):
    frame = make_table()
    rest = frame[frame["age"] != "25"]
    few = pd.concat([rest, frame[frame["age"] == "25"].iloc[:2]], ignore_index=True)
    table = compare_confidential(few, distribution)
    masked = table["is_masked"]
    assert masked.any()
    assert table.loc[masked, [*WEIGHTED, "value", "records"]].isna().all(axis=None)
    # Exact sums would tell which records they are of.
    for name in WEIGHTED:
        shown = table.loc[~masked, name].dropna()
        assert shown.equals(shown.map(lambda number: float(f"{number:.3g}")))


def test_a_group_whose_weights_are_those_of_one_person_is_masked():
    frame = make_table(600)
    has_all = (frame["age"] == "5") & frame["level"].notna() & (frame["ill"] == "yes")
    heavy = frame.assign(w=np.where(frame.index == has_all.idxmax(), 1e6, 1.0))
    for distribution in (LEVEL, ILL):
        for weighted, is_masked in ((heavy, True), (frame.assign(w=1.0), False)):
            table = compare_confidential(weighted, distribution)
            rows = table[(table["group"] == "[0, 10)") & (table["data"] != "sampled")]
            assert rows["is_masked"].tolist() == [is_masked] * 2


def table_of(*rows):
    frame = pd.DataFrame(rows, columns=["sex", "w", "anonify.person"])
    return frame.assign(sex=pd.Categorical(frame["sex"]), is_suppressed=False)


def test_the_weights_of_a_class_estimate_how_many_people_are_like_them():
    frame = table_of(("f", 10.0, 0), ("f", 30.0, 1), ("m", 0.5, 2), ("m", 1.0, 3), ("m", 98.5, 4))
    frame = frame.drop(columns="anonify.person")
    counted = count_classes(frame, ["sex"], "w")
    classes = match_classes(counted, counted)
    assert classes["estimated_population"].tolist() == [40, 100]
    risk = measure_corrected(classes, 2, 1)
    assert risk["population_risk_highest"] == 100 / 40
    assert risk["population_risk_lowest"] == 100 / 100
    assert risk["population_risk_average"] == pytest.approx((2 * 100 / 40 + 3 * 1) / 5)


def test_weights_that_are_scaled_to_the_sample_make_no_class_smaller_than_it_is():
    frame = table_of(("f", 0.4, 0), ("f", 0.5, 1)).drop(columns="anonify.person")
    counted = count_classes(frame, ["sex"], "w")
    assert match_classes(counted, counted)["estimated_population"].tolist() == [2]


def test_a_person_with_several_records_counts_once():
    frame = table_of(("f", 10.0, 0), ("f", 12.0, 0), ("f", 30.0, 1), ("m", 7.0, 0))
    assert count_classes(frame, ["sex"], "w").population.tolist() == [40, 7]


def test_a_sample_keeps_the_population_of_its_class():
    frame = table_of(("f", 10.0, 0), ("f", 30.0, 1)).drop(columns="anonify.person")
    before, after = (count_classes(each, ["sex"], "w") for each in (frame, frame.iloc[:1]))
    assert match_classes(before, after)["estimated_population"].tolist() == [40]


def test_the_least_weights_are_those_of_so_many_people():
    members, weights = np.array([1, 0, 1, 1, 0]), np.array([9.0, 5.0, 2.0, 4.0, 1.0])
    assert sum_least_weights(members, weights, np.array([1, 2])).tolist() == [1, 6]


def test_without_weights_there_is_no_population():
    frame = table_of(("f", 10.0, 0), ("f", 30.0, 1))
    counted = count_classes(frame, ["sex"])
    classes = match_classes(counted, counted)
    assert "estimated_population" not in classes
    assert "population_risk_highest" not in measure_corrected(classes, 2, 1)


# What weights tell


def test_people_with_a_weight_of_their_own_are_counted():
    frame = table_of(("f", 1.5, 0), ("m", 2.5, 1), ("f", 2.5, 2), ("m", 3.5, 3))
    frame = frame.drop(columns="anonify.person")
    found = examine_weights(frame, "w", ["sex"])
    assert (found.people, found.alone, found.total) == (4, 2, 10)
    assert found.told == {"sex": 0}
    assert not found.may_identify
    assert "'w': weights that add up to 10; 2 of the 4 people (50.0 %) have" in str(found)


def test_a_person_may_have_the_same_weight_in_several_records():
    frame = table_of(("f", 1.5, 0), ("f", 1.5, 0), ("m", 2.5, 1), ("m", 2.5, 2))
    assert examine_weights(frame, "w", []).alone == 1


def test_weights_that_are_made_from_a_column_tell_it():
    frame = table_of(*[("f", 1.5, place) for place in range(4)], ("m", 2.5, 4), ("m", 2.5, 5))
    frame["town"] = pd.Categorical(list("abaabb"))
    found = examine_weights(frame, "w", ["sex", "town"])
    assert found.told == {"sex": 1, "town": pytest.approx(2 / 6)}
    assert found.may_identify
    assert "Of most people the weight tells sex, however far" in str(found)
