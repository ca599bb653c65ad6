from collections import Counter
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.shown import check_covered

from anonify.base.errors import UserError
from anonify.domains.ranges import Ranges
from anonify.methods import METHODS, check_options, get_anonymizer
from anonify.recoding.recoding import list_shown

# A method that takes no ranges says so by this function.
HIERARCHIES_ONLY = {
    name
    for name in METHODS
    if hasattr(import_module(f"anonify.methods.{name}"), "require_hierarchies")
}

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
    shown = list_shown(recoding, table.hierarchies)
    for domain, leaves, nodes in zip(shown, table.records.T, recoding.nodes.T, strict=True):
        check_covered(domain, leaves, nodes)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in HIERARCHIES_ONLY])
@given(data=st.data())
def test_ranges_and_hierarchies_may_stand_in_one_table(method, mixed_tables, data):
    table = data.draw(mixed_tables)
    recoding = get_anonymizer(method)(
        table.records, table.domains, table.k, np.random.default_rng()
    )
    kept = recoding.nodes[~recoding.is_suppressed]
    assert all(size >= table.k for size in Counter(map(tuple, kept.tolist())).values())
    shown = list_shown(recoding, table.domains)
    for domain, leaves, nodes in zip(shown, table.records.T, recoding.nodes.T, strict=True):
        check_covered(domain, leaves, nodes)


@pytest.mark.parametrize("method", sorted(HIERARCHIES_ONLY))
def test_a_method_that_takes_no_ranges_says_so(method):
    with pytest.raises(UserError, match="'age' has no hierarchy"):
        get_anonymizer(method)(
            np.array([[0], [1]]), [Ranges("age", ("1", "2"))], 2, np.random.default_rng()
        )


@every_method
@given(data=st.data())
def test_a_suppressed_record_shows_the_roots(method, tables, data):
    table = data.draw(tables)
    recoding = anonymize(method, table)
    roots = [tree.root for tree in table.hierarchies]
    assert all(nodes == roots for nodes in recoding.nodes[recoding.is_suppressed].tolist())


@every_method
@settings(max_examples=draws(20))
@given(data=st.data())
def test_the_same_seed_gives_the_same_recoding(method, tables, data):
    table = data.draw(tables)
    first, again = anonymize(method, table, seed=7), anonymize(method, table, seed=7)
    assert first.nodes.tolist() == again.nodes.tolist()
    assert first.is_suppressed.tolist() == again.is_suppressed.tolist()


def test_an_option_that_a_method_has_not_is_told():
    with pytest.raises(UserError, match=r"ola` has no option 'limit'; choose from suppression_"):
        get_anonymizer("ola", {"limit": 3})
    with pytest.raises(UserError, match="oka` has no option 'x'; it has none"):
        get_anonymizer("oka", {"x": 3})


@pytest.mark.parametrize(
    ("option", "value", "should"),
    [
        ("criterion", "ncp", "one of entropy, entropy_bits, precision, loss"),
        ("suppression_limit", "5", "a number from 0"),
        ("suppression_limit", True, "a number from 0"),
        ("suppression_limit", -1, "a number from 0"),
    ],
)
def test_an_unfit_value_of_an_option_is_told(option, value, should):
    with pytest.raises(UserError, match=f"`method_options.ola.{option}` is .*{should}"):
        get_anonymizer("ola", {option: value})


def test_a_method_that_keeps_nothing_but_k_is_told():
    able = "arx, mondrian, ncp_mondrian, ola"
    with pytest.raises(UserError, match=f"oka keeps none but k; choose from {able}"):
        check_options("oka", {}, has_requirements=True)
