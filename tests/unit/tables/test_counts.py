from collections import Counter

import numpy as np
import pandas as pd
import pytest
from tests.unit.counted import draw_clinic

from anonify.base.values import RECORDS
from anonify.tables.counts import count_everyone, count_records, count_rows, records_of


def test_rows_are_counted_once_sorted_by_their_columns():
    table = pd.DataFrame({"b": [2, 1, 2, 2], "a": ["x", "y", "x", "w"], "c": range(4)})
    counted = count_rows(table, ["b", "a"])
    assert counted.to_dict("list") == {"b": [1, 2, 2], "a": ["y", "w", "x"], RECORDS: [1, 1, 2]}


def test_records_that_a_counted_table_has_are_summed_up():
    table = pd.DataFrame({"a": ["x", "y", "x"], RECORDS: [5, 1, 2]})
    assert count_rows(table, ["a"])[RECORDS].tolist() == [7, 1]
    assert count_records(table) == 8
    assert records_of(table.drop(columns=RECORDS)).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "values",
    [
        pd.Categorical(["b", "a", "b", ""], ["b", "", "a", "unused"], ordered=True),
        pd.Categorical(["b", "a", "b", None]),
        pd.array([2, 1, 2, None], dtype="Int64"),
        np.array([0.1, 7.0, 0.1, np.nan]),
        pd.array(["b", "a", "b", ""], dtype="str"),
        np.array([True, False, True, True]),
    ],
    ids=["ordered", "category", "whole", "decimal", "text", "mark"],
)
def test_types_stay_and_a_missing_value_is_one_too(values):
    table = pd.DataFrame({"a": values})
    counted = count_rows(table, ["a"])
    assert counted["a"].dtype == table["a"].dtype
    found = dict(zip(map(str, counted["a"]), counted[RECORDS], strict=True))
    assert found == Counter(map(str, table["a"]))


@pytest.mark.parametrize("has_people", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_counts_are_those_of_the_rows_as_texts(seed, has_people):
    frame = draw_clinic(seed, has_people).release
    names = [*frame.columns]
    counted = count_rows(frame, names)
    rows = Counter(zip(*(map(str, frame[name]) for name in names), strict=True))
    again = zip(*(map(str, counted[name]) for name in names), strict=True)
    assert dict(zip(again, counted[RECORDS], strict=True)) == rows


def test_no_columns_have_one_row_and_no_rows_none():
    table = pd.DataFrame({"a": [1, 2]})
    assert count_rows(table, []).to_dict("list") == {RECORDS: [2]}
    assert count_rows(table[:0], ["a"]).to_dict("list") == {"a": [], RECORDS: []}
    assert count_rows(table, ["a", "a"]).columns.tolist() == ["a", RECORDS]


def test_people_are_counted_on_rows_and_records_by_their_counts():
    table = pd.DataFrame({"anonify.person": [4, 4, 9], RECORDS: [2, 1, 5]})
    assert (count_everyone(table), count_records(table)) == (2, 8)
    assert count_everyone(table[[RECORDS]]) == 8
