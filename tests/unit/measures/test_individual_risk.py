"""Individual risk, against what sdcMicro's own tests expect, and against the sum over F."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom

from anonify.measures.individual_risk import estimate_individual_risk
from anonify.measures.population import measure_population
from anonify.tables.classes import count_classes, match_classes

# The table, f, F and exact risks of test_freqCalc.R and test_indivRisk.R in sdcMicro 5.8.
TABLE = pd.DataFrame(
    {
        "a": pd.Categorical([*"23223312"]),
        "b": pd.Categorical([*"33333343"]),
        "c": pd.Categorical([*"13121111"]),
        "w": [18.0, 45.5, 39.0, 17.0, 92.0, 8.0, 123.5, 51.0],
    }
)
IN_SAMPLE = [3, 1, 3, 1, 2, 2, 1, 3]
IN_POPULATION = [108.0, 45.5, 108.0, 17.0, 100.0, 100.0, 123.5, 108.0]
RISKS = [
    *(0.01355297, 0.08579129, 0.01355297, 0.17707583),
    *(0.01877883, 0.01877883, 0.03931625, 0.01355297),
]


def rate(people, population):
    return float(estimate_individual_risk(np.array([people]), np.array([float(population)]))[0])


def test_risks_are_those_of_sdcmicro():
    classes = count_classes(TABLE, ["a", "b", "c"], "w")
    assert classes.sizes[classes.members].tolist() == IN_SAMPLE
    assert classes.population[classes.members].tolist() == IN_POPULATION
    risks = estimate_individual_risk(classes.sizes, classes.population)
    assert risks[classes.members] == pytest.approx(RISKS, abs=5e-9)


# Of sdcMicro's table with missing values, where a record is in several classes.
@pytest.mark.parametrize(
    ("people", "population", "expected"),
    [(4, 125, 0.010504889), (5, 208, 0.005962551), (3, 151, 0.009756889), (2, 56, 0.032466112)],
)
def test_larger_classes_are_those_of_sdcmicro(people, population, expected):
    assert rate(people, population) == pytest.approx(expected, abs=5e-10)


def test_risks_are_summed_up_over_people():
    classes = count_classes(TABLE, ["a", "b", "c"], "w")
    matched = match_classes(classes, classes)
    found = measure_population(matched, classes.tuples, {}, None)
    assert found["expected_identifications"] == pytest.approx(sum(RISKS), abs=1e-7)
    assert found["individual_risk_average"] == pytest.approx(100 * np.mean(RISKS), abs=1e-6)
    assert found["individual_risk_highest"] == pytest.approx(17.707583, abs=1e-6)
    assert found["individual_risk_lowest"] == pytest.approx(1.355297, abs=1e-6)
    assert found["population_size"] == TABLE["w"].sum()


@pytest.mark.parametrize("people", [1, 2, 3, 7, 19, 20, 21, 60, 500])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.9, 0.9999])
def test_the_risk_is_the_mean_of_one_over_the_people_of_the_population(people, share):
    others = np.arange(40_000)
    expected = nbinom.pmf(others, people, share) @ (1 / (people + others))
    assert rate(people, people / share) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("people", [2, 19, 20, 1000, 10**6])
@pytest.mark.parametrize("factor", [10.0, 1e6, 1e9])
def test_many_people_of_a_large_population_are_rated_between_the_bounds(people, factor):
    # By Jensen 1/E[F] is less; 1/F is at most 1/f times the chance that few are added.
    population = people * factor
    assert 1 / population < rate(people, population) <= 1 / (population - factor)


@pytest.mark.parametrize("people", [1, 2, 5, 40])
@pytest.mark.parametrize("population", [0.0, 1.0])
def test_weights_that_add_up_to_less_than_the_people_are_taken_for_these(people, population):
    assert rate(people, people * population) == pytest.approx(1 / people)


def test_who_is_unique_has_the_risk_of_the_closed_form():
    share = 1 / 17
    assert rate(1, 17) == pytest.approx(share / (1 - share) * np.log(1 / share), rel=1e-14)
