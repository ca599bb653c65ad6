"""Risk in the population on Adult, against what ARX's own tests expect of it.

The numbers are those of ``TestRiskMetrics`` in ARX 3.9, which compares four digits behind the point
of estimates, and all of the others. There the population is ten, five and a hundred times Adult.
"""

import numpy as np
import pytest

from anonify.measures.population import measure_population
from anonify.measures.risk import measure_corrected
from anonify.measures.uniqueness import estimate_uniques
from anonify.releases.dataset import Population
from anonify.tables.classes import count_classes, match_classes


@pytest.fixture(scope="module")
def adult_classes(adult):
    names = [name for name in adult if name != "ID"]
    assert len(names) == 9
    counted = count_classes(adult.astype("str").astype("category"), names)
    return match_classes(counted, counted)


def estimate(classes, fraction):
    sizes = classes["size"].to_numpy()
    return estimate_uniques(sizes, sizes.sum() / fraction)


def test_sample_uniques_and_the_average_risk_are_those_of_arx(adult_classes):
    found = measure_population(adult_classes, adult_classes.iloc[:, :9], {}, None)
    assert found["sample_uniqueness"] / 100 == pytest.approx(0.5142895033485844, rel=1e-15)
    risk = measure_corrected(adult_classes, 2, 1)
    assert risk["prosecutor_risk_average"] / 100 == pytest.approx(0.6465751607983555, rel=1e-15)


@pytest.mark.parametrize(
    ("model", "fraction", "expected"),
    [
        ("pitman", 0.1, 0.27684993883653597),
        ("pitman", 0.01, 0.1446083531167384),
        ("zayatz", 0.1, 0.3207402393466189),
        ("zayatz", 0.2, 0.3577099234829125),
        ("zayatz", 1, 0.5142895033485844),
    ],
)
def test_population_uniques_are_those_of_arx(adult_classes, model, fraction, expected):
    found = estimate(adult_classes, fraction)
    assert getattr(found, model) / found.population == pytest.approx(expected, rel=2e-7)


@pytest.mark.parametrize(
    ("fraction", "model"), [(0.01, "pitman"), (0.1, "pitman"), (0.2, "snb"), (1, "sample")]
)
def test_the_rule_chooses_by_the_sampling_fraction(adult_classes, fraction, model):
    found = estimate(adult_classes, fraction)
    assert found.model == model
    size = found.population
    measured = measure_population(adult_classes, adult_classes.iloc[:, :9], {}, Population(size))
    assert measured["uniqueness_model"] == model
    assert measured["population_uniqueness"] == pytest.approx(100 * found.chosen / size)
    assert measured["sampling_fraction"] == pytest.approx(100 * fraction)


# Of 1 % of the people nearly all are unique, and the documentation says how far off that is.
@pytest.mark.parametrize(("fraction", "factor"), [(0.01, 1.9), (0.1, 1), (0.2, 1), (0.5, 1)])
def test_uniques_of_adult_are_estimated_from_samples_of_it(adult_classes, fraction, factor):
    sizes = adult_classes["size"].to_numpy()
    members = np.repeat(np.arange(len(sizes)), sizes)
    draw = np.random.default_rng(2012)
    samples = [draw.permutation(members)[: int(fraction * len(members))] for _ in range(5)]
    found = [estimate_uniques(np.bincount(drawn), len(members)).chosen for drawn in samples]
    assert np.mean(found) == pytest.approx(factor * (sizes == 1).sum(), rel=0.1)
