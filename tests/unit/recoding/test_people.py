"""What people's records are released as by methods that count records."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws

from anonify.domains.rules import build_hierarchy
from anonify.methods import METHODS, counts_people, get_anonymizer

RECORD_COUNTING = [
    # The exact search takes long with so many attributes.
    name
    for name in METHODS
    if not counts_people(name) and name != "optimal"
]


def draw_people(seed, attributes):
    """Records of people who differ in most of them, so that few records fit where others are."""
    rng = np.random.default_rng(seed)
    records = rng.integers(0, 4, (60, attributes)) * (rng.random((60, attributes)) < 0.4)
    return records, np.unique(rng.integers(0, 24, 60), return_inverse=True)[1]


@pytest.mark.parametrize("method", RECORD_COUNTING)
@settings(max_examples=draws(20))
@given(seed=st.integers(0, 2**32), attributes=st.sampled_from([2, 6, 12]))
def test_what_no_class_covers_makes_classes_of_its_own(method, seed, attributes):
    records, people = draw_people(seed, attributes)
    domains = [build_hierarchy(f"q{i}", list("abcd"), {}) for i in range(attributes)]
    anonymize = get_anonymizer(method, people=people)
    recoding = anonymize(records, domains, 3, np.random.default_rng(seed))
    released = pd.DataFrame(recoding.nodes).assign(person=people)
    kept = released[~recoding.is_suppressed]
    names = [name for name in released if name != "person"]
    assert (kept.groupby(names)["person"].nunique() >= 3).all()
    assert released.loc[recoding.is_suppressed, "person"].nunique() < 3
