"""The order of what is handed out follows from what it shows, whatever order it had."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from anonify.tables.order import sort_records

VALUES = {
    "label": (st.sampled_from(["10-20", "9.0", "*", "", "ä", "z", "Z"]), "category"),
    "dose": (st.sampled_from([10.0, 9.5, -1.0, np.nan]), "float64"),
    "visits": (st.sampled_from([10, 9, -1, None]), "Int64"),
    "ill": (st.booleans(), "bool"),
}


@st.composite
def tables(draw):
    records = draw(st.integers(1, 8))
    return pd.DataFrame(
        {
            name: pd.Series(
                draw(st.lists(values, min_size=records, max_size=records)), dtype="object"
            ).astype(kind)
            for name, (values, kind) in VALUES.items()
        }
    )


def key(record):
    """What a record is compared by: a missing number is behind all others."""
    return tuple(
        value if isinstance(value, str) else (pd.isna(value), 0 if pd.isna(value) else value)
        for value in record
    )


@given(tables(), st.randoms(use_true_random=False))
def test_records_are_sorted_by_value_and_in_one_way(table, random):
    ordered = sort_records(table)
    records = [*ordered.itertuples(index=False, name=None)]
    assert [*map(key, records)] == sorted(map(key, table.itertuples(index=False, name=None)))
    mixed = table.sample(frac=1, random_state=random.getrandbits(32))
    pd.testing.assert_frame_equal(sort_records(mixed), ordered)


def test_numbers_are_sorted_as_numbers_and_labels_as_texts():
    table = pd.DataFrame({"age": [9, 10], "label": pd.Categorical(["9", "10"])})
    assert sort_records(table[["age"]])["age"].tolist() == [9, 10]
    assert sort_records(table[["label"]])["label"].tolist() == ["10", "9"]
