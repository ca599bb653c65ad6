"""Population uniques, against populations that are known."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from anonify.measures import uniqueness
from anonify.measures.uniqueness import estimate_uniques

MODELS = ("pitman", "zayatz", "snb")


def draw_sample(population, people, seed):
    """Return the sizes of classes in a sample of people from classes of a population."""
    members = np.repeat(np.arange(len(population)), population)
    drawn = np.random.default_rng(seed).permutation(members)[:people]
    sizes = np.bincount(drawn)
    return sizes[sizes > 0]


def draw_pitman(people, theta, alpha, seed):
    """Return the sizes of classes that Pitman's formula draws, one person after the other."""
    draw = np.random.default_rng(seed)
    chances, places = draw.random((2, people))
    members, sizes = [], []
    for count in range(people):
        # New with (θ + αu) ÷ (θ + n); else of a class of j with (j − α) ÷ (θ + n).
        left = chances[count] * (theta + count) - theta - alpha * len(sizes)
        if left < 0:
            members.append(len(sizes))
            sizes.append(1)
            continue
        other = members[int(places[count] * count)]
        while draw.random() > (sizes[other] - alpha) / sizes[other]:
            other = members[draw.integers(count)]
        members.append(other)
        sizes[other] += 1
    return np.array(sizes)


def draw_snb(classes, alpha, beta, seed):
    draw = np.random.default_rng(seed)
    return 1 + draw.negative_binomial(alpha, beta, classes)


@pytest.mark.parametrize("fraction", [0.02, 0.1])
def test_pitman_finds_the_uniques_of_a_population_that_follows_its_formula(fraction):
    population = draw_pitman(50_000, 40, 0.6, seed=3)
    samples = [draw_sample(population, int(50_000 * fraction), seed) for seed in range(10)]
    found = [estimate_uniques(sizes, 50_000) for sizes in samples]
    assert {each.model for each in found} == {"pitman"}
    assert np.mean([each.pitman for each in found]) == pytest.approx(
        (population == 1).sum(), rel=0.1
    )


@pytest.mark.parametrize(("fraction", "tolerance"), [(0.4, 0.05), (0.8, 0.02)])
def test_snb_finds_the_uniques_of_a_population_that_follows_it(fraction, tolerance):
    population = draw_snb(50_000, 0.6, 0.2, seed=5)
    sizes = draw_sample(population, int(fraction * population.sum()), seed=6)
    found = estimate_uniques(sizes, population.sum())
    assert found.snb == pytest.approx((population == 1).sum(), rel=tolerance)


@pytest.mark.parametrize(("alpha", "beta"), [(0.6, 0.2), (2.0, 0.5), (0.2, 0.05)])
def test_snb_needs_but_to_know_how_many_classes_there_are(alpha, beta, monkeypatch):
    monkeypatch.setattr(uniqueness, "_estimate_classes", lambda _: 50_000)
    population = draw_snb(50_000, alpha, beta, seed=5)
    sizes = draw_sample(population, int(0.1 * population.sum()), seed=6)
    found = estimate_uniques(sizes, population.sum())
    assert found.snb == pytest.approx((population == 1).sum(), rel=0.05)


def test_zayatz_is_bayes_rule_written_out():
    sizes = np.array([1] * 6 + [2] * 3 + [4])
    people, population = 16, 60
    shares = {1: 0.6, 2: 0.3, 4: 0.1}
    once = {size: hypergeom.pmf(1, population, size, people) for size in shares}
    is_unique = shares[1] * once[1] / sum(shares[size] * once[size] for size in shares)
    found = estimate_uniques(sizes, population)
    assert found.zayatz == pytest.approx(6 * is_unique * population / people)


@pytest.mark.parametrize("population", [10, 1000, 8_000_000_000])
def test_where_nobody_is_unique_in_the_sample_nobody_is_taken_to_be_in_the_population(population):
    found = estimate_uniques(np.array([5, 3, 2]), population)
    assert (found.chosen, found.model) == (0, "sample")
    assert (found.pitman, found.zayatz, found.snb) == (0, 0, 0)


def test_a_sample_that_is_the_population_says_how_many_are_unique():
    found = estimate_uniques(np.array([1, 1, 1, 2, 5]), 10)
    assert (found.chosen, found.model) == (3, "sample")
    assert (found.pitman, found.zayatz, found.snb) == (3, 3, 3)


@pytest.mark.parametrize("population", [200, 100_000])
def test_pitman_and_snb_find_nothing_where_all_are_unique(population):
    found = estimate_uniques(np.ones(100, dtype=int), population)
    assert np.isnan(found.pitman)
    assert np.isnan(found.snb)
    assert (found.chosen, found.model) == (pytest.approx(population), "zayatz")


def test_one_person_may_be_anybody():
    found = estimate_uniques(np.array([1]), 1000)
    assert (found.sample_uniques, found.model) == (1, "zayatz")


def test_sizes_of_0_are_no_classes():
    with_none = estimate_uniques(np.array([0, 1, 1, 2, 0, 3]), 50)
    without = estimate_uniques(np.array([1, 1, 2, 3]), 50)
    assert (with_none.chosen, with_none.zayatz) == (without.chosen, without.zayatz)


def test_above_a_tenth_the_smaller_one_of_snb_and_zayatz_is_taken():
    population = draw_snb(5_000, 0.6, 0.2, seed=7)
    for fraction in (0.11, 0.3, 0.6):
        sizes = draw_sample(population, int(fraction * population.sum()), seed=8)
        found = estimate_uniques(sizes, population.sum())
        assert found.model in ("snb", "zayatz")
        assert found.chosen == min(found.snb, found.zayatz)


@pytest.mark.parametrize("seed", range(40))
def test_estimates_are_people_of_the_population_or_none(seed):
    draw = np.random.default_rng(seed)
    sizes = draw.geometric(draw.uniform(0.05, 0.95), draw.integers(1, 60))
    population = int(sizes.sum()) + int(10 ** draw.uniform(0, 9))
    found = estimate_uniques(sizes, population)
    for model in MODELS:
        number = getattr(found, model)
        assert np.isnan(number) or 0 <= number <= population * (1 + 1e-9)
    assert 0 <= found.chosen <= population * (1 + 1e-9)
