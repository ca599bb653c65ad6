from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.anonymizers import ola
from anonify.equivalence import group_tuples
from anonify.errors import UserError
from anonify.hierarchy import build_hierarchy
from anonify.lattice import find_classes
from anonify.requirements import Classes, make_requirement

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})
CRITERIA = ["entropy", "precision", "loss", "discernibility", "average_class_size"]


def anonymize(rows, k, **options):
    """The released labels of each record, and the facts."""
    records = np.array([[SEX.node_of[sex], AGE.node_of[age]] for sex, age in rows])
    recoding = ola.anonymize(records, [SEX, AGE], k, np.random.default_rng(), **options)
    labels = [(SEX.labels[sex], AGE.labels[age]) for sex, age in recoding.nodes.tolist()]
    return labels, recoding


ROWS = [("F", "1"), ("F", "2"), ("F", "3"), ("F", "3"), ("M", "3"), ("M", "4")]


def test_the_least_loss_without_suppression():
    # k = 2. Ages in 1-3 and 3-5 give F 1-3 (2), F 3-5 (2), M 3-5 (2): loss (0 + 1/2) / 2.
    # Ages as they are leave singles; sex as * with ages as they are, too (1, 2 and 4).
    labels, recoding = anonymize(ROWS, 2, suppression_limit=0, criterion="loss")
    assert labels == [("F", "1-3")] * 2 + [("F", "3-5")] * 2 + [("M", "3-5")] * 2
    assert recoding.facts["levels"] == "sex 0, age 1"
    assert recoding.facts["loss"] == 25


def test_what_may_be_suppressed_need_not_be_generalized():
    # Two thirds may go: ages stay, the two F of age 3 are the only class of two.
    labels, recoding = anonymize(ROWS, 2, suppression_limit=67, criterion="loss")
    assert labels == [("*", "*")] * 2 + [("F", "3")] * 2 + [("*", "*")] * 2
    assert recoding.is_suppressed.tolist() == [True, True, False, False, True, True]
    # 4 of 6 records are 66.67 %.
    assert anonymize(ROWS, 2, suppression_limit=66, criterion="loss")[1].facts["loss"] > 0


def test_the_criteria_differ():
    # Sex as * and age as it is: classes of 1, 1, 3, 1: not allowed. With k = 3 and nothing
    # suppressed: (0, 2) has 4 F and 2 M, (1, 1) has 2 and 4, (1, 2) alone has 6.
    _, recoding = anonymize(ROWS, 3, suppression_limit=34, criterion="discernibility")
    # (1, 0): 1 + 1 + 9 + 1 = 12, three suppressed of two allowed; (0, 1): 4 + 4 + 4, no class
    # of 3. (0, 2): 16 + 4 = 20, the two M suppressed. (1, 1): 4 + 16 = 20. The lower first level.
    assert recoding.facts["levels"] == "sex 0, age 2"
    assert recoding.facts["discernibility"] == 20
    assert recoding.is_suppressed.tolist() == [False] * 4 + [True] * 2


def test_precision_is_reported_as_the_share_that_is_kept():
    _, recoding = anonymize(ROWS, 2, suppression_limit=0, criterion="precision")
    # Level 0 of 1 and level 1 of 2.
    assert recoding.facts["precision"] == 0.75


def test_fewer_records_than_k_are_suppressed():
    _, recoding = anonymize(ROWS[:1], 2, suppression_limit=0)
    assert recoding.is_suppressed.tolist() == [True]


def test_a_limit_above_100_is_told():
    with pytest.raises(UserError, match="suppression_limit"):
        anonymize(ROWS, 2, suppression_limit=101)


# Against all transformations


def enumerate_all(table, limit, criterion, requirements):
    """The least criterion of all feasible transformations, looked at one by one."""
    groups = group_tuples(table.records)
    classes = Classes(groups, table.k, requirements)
    measure = ola._make_measure(criterion, groups.tuples, groups.sizes, table.hierarchies)
    found = []
    for levels in product(*(range(tree.height + 1) for tree in table.hierarchies)):
        members = find_classes(groups.tuples, table.hierarchies, levels)
        allowed = classes.are_allowed(np.arange(len(members)), members)[members]
        if groups.sizes[~allowed].sum() <= limit * len(table.records) / 100:
            found.append((measure(levels), sum(levels), levels))
    return min(found)


@pytest.mark.parametrize("criterion", CRITERIA)
@given(data=st.data(), limit=st.sampled_from([0, 10, 30, 60]))
def test_it_is_the_optimum_of_the_lattice(tables, criterion, data, limit):
    table = data.draw(tables)
    recoding = ola.anonymize(
        table.records,
        table.hierarchies,
        table.k,
        None,
        suppression_limit=limit,
        criterion=criterion,
    )
    value, _, levels = enumerate_all(table, limit, criterion, [])
    names = [tree.attribute for tree in table.hierarchies]
    chosen = ", ".join(f"{name} {level}" for name, level in zip(names, levels, strict=True))
    assert recoding.facts["levels"] == chosen
    expected = 1 - value if criterion == "precision" else value
    assert recoding.facts[criterion] == pytest.approx(expected)
    assert recoding.is_suppressed.sum() <= limit * len(table.records) / 100


@pytest.mark.parametrize("model", ["distinct_l_diversity", "entropy_l_diversity", "t_closeness"])
@given(data=st.data(), limit=st.sampled_from([0, 10, 30, 60]), seed=st.integers(0, 2**32))
def test_it_is_the_optimum_where_merging_may_break_a_requirement(tables, model, data, limit, seed):
    table = data.draw(tables)
    sensitive = pd.Series(np.random.default_rng(seed).choice(list("abb"), len(table.records)))
    rule = {"attribute": "illness", "model": model, "l": 2, "t": 0.3}
    try:
        requirement = make_requirement(rule, sensitive)
    except UserError:
        return
    recoding = ola.anonymize(
        table.records,
        table.hierarchies,
        table.k,
        None,
        suppression_limit=limit,
        criterion="loss",
        requirements=[requirement],
    )
    value, _, _ = enumerate_all(table, limit, "loss", [requirement])
    assert recoding.facts["loss"] == pytest.approx(value)
