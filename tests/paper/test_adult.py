"""Adult as k-AnonML comes with it: eight quasi-identifiers, 6,480 transformations."""

import numpy as np
import pytest

from anonify.base.errors import UserError
from anonify.datasets.described import read_dataset
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.releases.anonymization import anonymize_table

# NCP in per cent of ARX 3.9.2 with the settings of `arx`.
ARX = {5: 5.650387, 50: 15.520589, 250: 26.666605}


@pytest.fixture(scope="module")
def adult():
    try:
        return read_dataset("adult")
    except UserError as error:
        pytest.skip(f"the Adult table is needed: {error}")


def anonymize(adult, method, k, options=None):
    """The NCP in per cent, after the table was verified."""
    made = anonymize_table(
        adult.frame, adult.domains, method, k, np.random.default_rng(1), options=options
    )
    return mean_ncp(measure_ncp(made.frame, adult.domains)), made.recoding


@pytest.mark.parametrize("k", ARX)
def test_arx_loses_as_much_as_arx(adult, k):
    # At k = 50 five rounds have several transformations of exactly the least loss and level; ARX
    # takes another one of them in one, and loses a little more in the end.
    ncp, _ = anonymize(adult, "arx", k)
    assert ncp <= ARX[k] + 5e-7
    assert k == 50 or ncp == pytest.approx(ARX[k], abs=5e-7)


@pytest.mark.parametrize("k", ARX)
def test_ola_keeps_to_its_limit(adult, k):
    ncp, recoding = anonymize(adult, "ola", k, {"criterion": "loss"})
    assert recoding.is_suppressed.mean() <= 0.05
    # What was suppressed counts as lost in the NCP, not in the criterion.
    assert recoding.facts["loss"] < ncp
