"""Methods that work on distinct tuples and their counts, and how records go to them."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from tests.unit.shown import check_covered

from anonify.base.errors import UserError
from anonify.domains.rules import build_hierarchy
from anonify.methods import METHODS, get_anonymizer, get_tuple_anonymizer, takes_tuples
from anonify.recoding.recoding import list_shown, recode_records
from anonify.recoding.requirements import make_requirement, require
from anonify.tables.classes import group

ON_TUPLES = [method for method in METHODS if takes_tuples(method)]

every_method = pytest.mark.parametrize("method", ON_TUPLES)
AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})


def anonymize(method, table):
    """The distinct tuples, and their recoding."""
    groups = group(table.records)
    recoding = get_tuple_anonymizer(method)(
        groups.tuples, groups.sizes, table.hierarchies, table.k, np.random.default_rng()
    )
    return groups, recoding


def count_outcomes(recoding, records):
    """How many records of each tuple are released with which nodes."""
    rows = zip(records.tolist(), recoding.nodes.tolist(), recoding.is_suppressed, strict=True)
    return Counter((tuple(row), tuple(nodes), bool(is_out)) for row, nodes, is_out in rows)


def test_the_first_parameter_tells_whether_a_method_works_on_tuples():
    assert {"arx", "greedy", "mondrian", "ola", "optimal"} <= set(ON_TUPLES)
    assert not {"k_member", "knn_clustering", "oka", "top_down_greedy"} & set(ON_TUPLES)


def test_a_method_that_follows_the_records_is_told():
    with pytest.raises(UserError, match=r"oka follows the records .* choose from arx, greedy"):
        get_tuple_anonymizer("oka")


@every_method
@settings(max_examples=40)
@given(data=st.data())
def test_the_portions_of_a_tuple_are_all_its_records_and_covered_by_their_nodes(
    method, tables, data
):
    table = data.draw(tables)
    groups, recoding = anonymize(method, table)
    assert (recoding.records > 0).all()
    records = np.bincount(recoding.tuples, weights=recoding.records, minlength=len(groups.tuples))
    assert records.tolist() == groups.sizes.tolist()
    tuples = groups.tuples[recoding.tuples]
    shown = list_shown(recoding, table.hierarchies)
    for leaves, nodes, domain in zip(tuples.T, recoding.nodes.T, shown, strict=True):
        check_covered(domain, leaves, nodes)


@every_method
@settings(max_examples=40)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_what_becomes_of_a_tuple_does_not_depend_on_the_order_of_the_records(
    method, tables, data, seed
):
    table = data.draw(tables)
    shuffled = table.records[np.random.default_rng(seed).permutation(len(table.records))]
    first, second = (
        count_outcomes(
            get_anonymizer(method)(records, table.hierarchies, table.k, np.random.default_rng()),
            records,
        )
        for records in (table.records, shuffled)
    )
    assert first == second


@every_method
@settings(max_examples=40)
@given(data=st.data())
def test_counts_say_what_repeated_records_say(method, tables, data):
    table = data.draw(tables)
    groups, recoding = anonymize(method, table)
    repeated = np.repeat(groups.tuples, groups.sizes, axis=0)
    of_records = get_anonymizer(method)(
        repeated, table.hierarchies, table.k, np.random.default_rng()
    )
    places = np.repeat(np.arange(len(recoding.tuples)), recoding.records)
    places = places[np.argsort(recoding.tuples[places], kind="stable")]
    assert of_records.nodes.tolist() == recoding.nodes[places].tolist()
    assert of_records.is_suppressed.tolist() == recoding.is_suppressed[places].tolist()
    assert of_records.facts == recoding.facts


@pytest.mark.parametrize(
    ("method", "portions"),
    [
        # k = 2. Three records of age 1 and one of age 2: the three are a class, and a round is not
        # begun for one record, which is suppressed.
        ("arx", [(0, 3, "1", False), (1, 1, "*", True)]),
        # A split by age would leave one.
        ("mondrian", [(0, 3, "1-3", False), (1, 1, "1-3", False)]),
        # One of the three keeps the other company, which costs twice 1/2; all four cost 2.
        ("optimal", [(0, 2, "1", False), (0, 1, "1-3", False), (1, 1, "1-3", False)]),
    ],
)
def test_a_tuple_counts_as_often_as_there_are_records_of_it(method, portions):
    recoding = get_tuple_anonymizer(method)(
        np.array([[0], [1]]), np.array([3, 1]), [AGE], 2, np.random.default_rng()
    )
    labels = AGE.labels_of(recoding.nodes[:, 0])
    columns = (recoding.tuples.tolist(), recoding.records.tolist(), labels, recoding.is_suppressed)
    assert sorted(zip(*columns, strict=True)) == sorted(portions)


# Ages 1, 2, 3, 4 with one a, one a, two b, two b: what keeps k = 2 and two values is the root.


@pytest.mark.parametrize("method", ["arx", "mondrian", "ncp_mondrian", "ola"])
def test_requirements_are_counted_by_tuple(method):
    rule = {"attribute": "illness", "model": "distinct_l_diversity", "l": 2}
    frequencies = csr_array([[1, 0], [1, 0], [0, 2], [0, 2]])
    anonymize = get_tuple_anonymizer(method, {}, [require(rule, frequencies, is_number=False)])
    counts = np.array([1, 1, 2, 2])
    tuples = np.arange(4)[:, np.newaxis]
    of_tuples = anonymize(tuples, counts, [AGE], 2, np.random.default_rng())
    assert AGE.labels_of(of_tuples.nodes[:, 0]) == ["*"] * 4
    assert not of_tuples.is_suppressed.any()

    illness = pd.Series([*"aabbbb"])
    records = np.repeat(tuples, counts, axis=0)
    anonymize = get_anonymizer(method, {}, [make_requirement(rule, illness)])
    of_records = anonymize(records, [AGE], 2, np.random.default_rng())
    expected = recode_records(of_tuples, group(records).members)
    assert of_records.nodes.tolist() == expected.nodes.tolist()
