"""Adult as k-AnonML comes with it: eight quasi-identifiers, 6,480 transformations."""

import numpy as np
import pytest
from tests.profile import takes_long

from anonify.base.errors import UserError
from anonify.datasets.described import read_dataset
from anonify.domains.domain import encode_records
from anonify.domains.rules import build_hierarchy
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.methods import get_anonymizer
from anonify.releases.anonymization import anonymize_table

# NCP in per cent of ARX 3.9.2 with the settings of `arx`.
ARX = {5: 5.650387, 50: 15.520589, 250: 26.666605}


@pytest.fixture(scope="module")
def adult():
    try:
        return read_dataset("adult")
    except UserError as error:
        pytest.skip(f"the Adult table is needed: {error}")


def anonymize(adult, method, k, options=None, labels="nodes"):
    """The NCP in per cent, after the table was verified."""
    asked = {"options": options, "labels": labels}
    made = anonymize_table(adult.frame, adult.domains, method, k, np.random.default_rng(1), **asked)
    return mean_ncp(measure_ncp(made.frame, adult.domains)), made.recoding


@pytest.mark.parametrize("k", [5, *[pytest.param(k, marks=takes_long) for k in (50, 250)]])
def test_arx_loses_as_much_as_arx(adult, k):
    # At k = 50 five rounds have several transformations of exactly the least loss and level; ARX
    # takes another one of them in one, and loses a little more in the end.
    ncp, _ = anonymize(adult, "arx", k)
    assert ncp <= ARX[k] + 5e-7
    assert k == 50 or ncp == pytest.approx(ARX[k], abs=5e-7)


@pytest.mark.parametrize(
    ("k", "most"),
    [(5, 3.1), *[pytest.param(*each, marks=takes_long) for each in ((50, 12.6), (250, 23.5))]],
)
def test_the_classes_of_arx_lose_much_less_as_sets(adult, k, most):
    ncp, _ = anonymize(adult, "arx", k, labels="sets")
    assert ncp <= most


@pytest.mark.parametrize("k", ARX)
def test_ola_keeps_to_its_limit(adult, k):
    ncp, recoding = anonymize(adult, "ola", k, {"criterion": "loss"})
    assert recoding.is_suppressed.mean() <= 0.05
    # What was suppressed counts as lost in the NCP, not in the criterion.
    assert recoding.facts["loss"] < ncp


@pytest.mark.parametrize(("limit", "bits"), [(0, 407_289.5388925293), (4, 255_559.85455731067)])
def test_ola_finds_the_least_bits_of_all_12960_transformations(adult, limit, bits):
    # With the class that is sensitive elsewhere as the ninth attribute; computed over the lattice.
    name = "salary-class"
    values = adult.frame[name].cat.categories.tolist()
    domains = {**adult.domains, name: build_hierarchy(name, values, {})}
    options = {"criterion": "entropy_bits", "suppression_limit": limit}
    records = encode_records(adult.frame, domains)
    recoding = get_anonymizer("ola", options)(records, [*domains.values()], 5, None)
    assert recoding.facts["transformations"] == 12_960
    assert recoding.facts["entropy_bits"] == pytest.approx(bits, abs=1e-6)
    assert recoding.is_suppressed.mean() <= limit / 100
