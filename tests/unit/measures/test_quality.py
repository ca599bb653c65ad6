import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy
from anonify.measures.information_loss import measure_quality
from anonify.methods import get_anonymizer
from anonify.recoding.recoding import Recoding
from anonify.releases.recode import release_records

AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})


def released(domains, records, nodes, suppressed=None):
    """The original and the released frame."""
    records, nodes = np.array(records), np.array(nodes)
    frame = pd.DataFrame(
        {
            domain.attribute: pd.Categorical(domain.labels_of(column))
            for domain, column in zip(domains, records.T, strict=True)
        }
    )
    mask = np.zeros(len(records), dtype=bool) if suppressed is None else np.array(suppressed)
    by_name = {domain.attribute: domain for domain in domains}
    return frame, release_records(frame, by_name, Recoding(nodes, mask))


def measure(domains, records, nodes, suppressed=None, k=2):
    frame, release = released(domains, records, nodes, suppressed)
    return measure_quality(frame, release, {domain.attribute: domain for domain in domains}, k)


def test_by_hand():
    # Ages 1, 2, 3, 3; released 1-3, 1-3, 3, and one record suppressed.
    node = AGE.node_of
    records = [[node["1"]], [node["2"]], [node["3"]], [node["3"]]]
    nodes = [[node["1-3"]], [node["1-3"]], [node["3"]], [node["*"]]]
    found = measure([AGE], records, nodes, [False, False, False, True])
    # Levels 1, 1, 0 and 2 of 2.
    assert found["precision"] == 1 - (0.5 + 0.5 + 0 + 1) / 4
    assert found["generalization_intensity_age"] == 50
    assert found["ncp"] == 100 * (0.5 + 0.5 + 0 + 1) / 4
    # Classes of 2 and 1; the suppressed record counts as 4.
    assert found["discernibility"] == 4 + 1 + 4
    assert found["average_class_size"] == 1.5
    assert found["normalized_average_class_size"] == 0.75
    # Bits to tell 1 and 2 in 1-3: 1 each; 3 in 3: 0; 3 among all: 1. At the root: 2, 2, 1, 1.
    assert found["non_uniform_entropy"] == pytest.approx(100 * 3 / 6)


def test_ranges_have_no_levels_so_that_their_width_stands_for_the_level():
    age = Ranges("age", ("0", "5", "10"))
    wide = age.join(np.array([0]), np.array([1]))[0]
    found = measure([age], [[0], [1], [2], [2]], [[wide], [wide], [2], [2]])
    assert found["precision"] == 1 - (0.5 + 0.5) / 4
    assert found["ncp"] == 25
    # Bits to tell 0 and 5 in [0, 5]: 1 each; at the root 2, 2, 1, 1.
    assert found["non_uniform_entropy"] == pytest.approx(100 * 2 / 6)


def test_a_single_value_loses_nothing():
    found = measure([AGE], [[0], [0]], [[AGE.root], [AGE.root]])
    assert found["non_uniform_entropy"] == 0


@given(data=st.data())
def test_nothing_is_lost_of_the_original_and_all_at_the_roots(tables, data):
    table = data.draw(tables)
    roots = np.tile([tree.root for tree in table.hierarchies], (len(table.records), 1))
    kept = measure(table.hierarchies, table.records, table.records)
    lost = measure(table.hierarchies, table.records, roots)
    assert (kept["ncp"], kept["precision"]) == (0, 1)
    assert (lost["ncp"], lost["precision"]) == (100, 0)
    assert kept["non_uniform_entropy"] == pytest.approx(0, abs=1e-9)
    assert lost["discernibility"] == len(table.records) ** 2
    assert kept["discernibility"] <= lost["discernibility"]
    assert -1e-9 <= lost["non_uniform_entropy"] <= 100 + 1e-9


@given(data=st.data(), seed=st.integers(0, 2**32))
def test_what_is_measured_lies_between_the_original_and_the_roots(tables, data, seed):
    table, generator = data.draw(tables), np.random.default_rng(seed)
    nodes = np.stack(
        [
            tree.ancestors[leaves, generator.integers(tree.height + 1, size=len(leaves))]
            for tree, leaves in zip(table.hierarchies, table.records.T, strict=True)
        ],
        axis=1,
    )
    found = measure(table.hierarchies, table.records, nodes, k=table.k)
    assert 0 <= found["ncp"] <= 100
    assert 0 <= found["precision"] <= 1
    assert -1e-9 <= found["non_uniform_entropy"] <= 100 + 1e-9
    count = len(table.records)
    assert count <= found["discernibility"] <= count**2
    assert 1 <= found["average_class_size"] <= count
    assert found["normalized_average_class_size"] == found["average_class_size"] / table.k


@pytest.mark.parametrize(
    ("criterion", "measured"),
    [
        ("loss", "ncp"),
        ("precision", "precision"),
        ("entropy", "non_uniform_entropy"),
        ("discernibility", "discernibility"),
        ("average_class_size", "average_class_size"),
    ],
)
@given(data=st.data())
def test_ola_optimizes_what_is_measured(tables, criterion, measured, data):
    table = data.draw(tables)
    anonymize = get_anonymizer("ola", {"suppression_limit": 0, "criterion": criterion})
    recoding = anonymize(table.records, table.hierarchies, table.k, None)
    found = measure(table.hierarchies, table.records, recoding.nodes, recoding.is_suppressed)
    assert found[measured] == pytest.approx(recoding.facts[criterion], abs=1e-9)
