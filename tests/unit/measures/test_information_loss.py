import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.domains.rules import build_hierarchy
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.recoding.recoding import Recoding
from anonify.releases.recode import release_records

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1", "2", "3", "4", "5"], {"intervals": [{"edges": [1, 3, 9]}]})


def released(**columns):
    return pd.DataFrame(columns, dtype="category")


def test_a_value_as_it_was_costs_nothing():
    assert measure_ncp(released(age=["1", "5"]), {"age": AGE}) == {"age": 0}


def test_a_generalized_value_costs_its_share_of_the_leaves():
    # 1-3 covers 2 of 5 leaves, 3-9 covers 3 of 5: on average of the four (0.4 + 0.6) ÷ 4.
    table = released(age=["1-3", "1", "3-9", "4"])
    assert measure_ncp(table, {"age": AGE})["age"] == pytest.approx(25)


def test_a_suppressed_record_counts_one_in_each_attribute():
    table = released(sex=["*", "F"], age=["*", "1"])
    assert measure_ncp(table, {"sex": SEX, "age": AGE}) == {"sex": 50, "age": 50}


def test_the_ncp_of_a_table_is_the_mean_over_its_quasi_identifiers():
    assert mean_ncp({"sex": 50, "age": 20, "bmi": 5}) == 25


def test_a_label_that_is_not_in_the_hierarchy_is_told():
    with pytest.raises(UserError, match="'age', record 2: the value '1-9'"):
        measure_ncp(released(age=["1", "1-9"]), {"age": AGE})


@given(data=st.data())
def test_the_ncp_lies_between_0_and_100_and_grows_with_the_generalization(tables, data):
    table = data.draw(tables)
    level = np.array([data.draw(st.integers(0, tree.height - 1)) for tree in table.hierarchies])

    def measure(levels):
        nodes = [
            tree.ancestors[leaves, level]
            for tree, leaves, level in zip(table.hierarchies, table.records.T, levels, strict=True)
        ]
        recoding = Recoding(np.stack(nodes, axis=1), np.zeros(len(table.records), dtype=bool))
        frame = pd.DataFrame(index=range(len(table.records)))
        return measure_ncp(release_records(frame, table.by_name, recoding), table.by_name)

    at_leaves, lower, upper, at_roots = (
        measure(levels)
        for levels in (0 * level, level, level + 1, [tree.height for tree in table.hierarchies])
    )
    for name in table.by_name:
        assert 0 == at_leaves[name] <= lower[name] <= upper[name] <= at_roots[name]
        assert at_roots[name] == pytest.approx(100)
