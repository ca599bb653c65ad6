from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonify.anonymizers import METHODS, get_anonymizer
from anonify.errors import UserError

every_method = pytest.mark.parametrize("method", METHODS)


def anonymize(method, table, seed=0):
    return get_anonymizer(method)(
        table.records, table.hierarchies, table.k, np.random.default_rng(seed)
    )


def test_the_methods_are_the_modules_of_the_package():
    assert {"arx", "mondrian", "oka"} <= set(METHODS)
    assert "recoding" not in METHODS


def test_an_unknown_method_is_told_with_the_known_ones():
    with pytest.raises(UserError, match=r"no method 'mondrain'; choose from .*mondrian"):
        get_anonymizer("mondrain")


@every_method
@given(data=st.data())
def test_every_class_has_k_records(method, tables, data):
    table = data.draw(tables)
    recoding = anonymize(method, table)
    kept = recoding.nodes[~recoding.is_suppressed].tolist()
    assert all(size >= table.k for size in Counter(map(tuple, kept)).values())


@every_method
@given(data=st.data())
def test_no_record_is_lost_and_each_is_covered_by_its_nodes(method, tables, data):
    table = data.draw(tables)
    recoding = anonymize(method, table)
    assert recoding.nodes.shape == table.records.shape
    assert recoding.is_suppressed.shape == (len(table.records),)
    for leaves, nodes in zip(table.records.tolist(), recoding.nodes.tolist(), strict=True):
        for leaf, node, tree in zip(leaves, nodes, table.hierarchies, strict=True):
            assert node in tree.ancestors[leaf]


@every_method
@given(data=st.data())
def test_a_suppressed_record_shows_the_roots(method, tables, data):
    table = data.draw(tables)
    recoding = anonymize(method, table)
    roots = [tree.root for tree in table.hierarchies]
    assert all(nodes == roots for nodes in recoding.nodes[recoding.is_suppressed].tolist())


@every_method
@settings(max_examples=20)
@given(data=st.data())
def test_the_same_seed_gives_the_same_recoding(method, tables, data):
    table = data.draw(tables)
    first, again = anonymize(method, table, seed=7), anonymize(method, table, seed=7)
    assert first.nodes.tolist() == again.nodes.tolist()
    assert first.is_suppressed.tolist() == again.is_suppressed.tolist()


@pytest.mark.parametrize("method", ["arx", "mondrian"])
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_a_record_gets_the_same_nodes_wherever_it_stands(method, tables, data, seed):
    table = data.draw(tables)
    in_order = anonymize(method, table)
    order = np.random.default_rng(seed).permutation(len(table.records))
    table.records = table.records[order]
    assert anonymize(method, table).nodes.tolist() == in_order.nodes[order].tolist()
