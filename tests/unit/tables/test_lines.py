"""Records are written as pandas writes them, byte for byte."""

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.tables import lines
from anonify.tables.distinct import number_values
from anonify.tables.lines import write_lines

TEXTS = st.sampled_from(["a", "", "a,b", 'q"x', "l\nm", "é", "1", " x", "-0.0"])
COLUMNS = st.sampled_from(
    [
        (TEXTS, "category"),
        (TEXTS, "str"),
        (st.sampled_from([0, -1, 2**62, 10]), "int64"),
        (st.sampled_from([0.0, -0.0, 1.5, 1e-7, 1e22, 0.1 + 0.2, float("nan")]), "float64"),
        (st.sampled_from([1, None, 10]), "Int64"),
        (st.booleans(), "bool"),
        # These are written by pandas itself.
        (st.sampled_from([0.1, -0.0, 0.0]), "float32"),
        (st.sampled_from([1, 1.0, "1", None]), "object"),
        (st.sampled_from(["2024-01-31", "2024-01-31 09:30"]), "datetime64[ns]"),
    ]
)


@st.composite
def frames(draw):
    records = draw(st.integers(1, 6))
    chosen = draw(st.lists(COLUMNS, min_size=1, max_size=4))
    return pd.DataFrame(
        {
            f"c{place}": pd.Series(
                draw(st.lists(values, min_size=records, max_size=records)), dtype="object"
            ).astype(kind)
            for place, (values, kind) in enumerate(chosen)
        }
    )


@given(frame=frames(), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_lines_are_those_of_pandas(tmp_path_factory, frame, quoting):
    path = tmp_path_factory.getbasetemp() / "lines.csv"
    # How dates are written depends on all of a column; nothing of a run has any.
    is_plain = all(lines._is_plain(frame[name].dtype) for name in frame)
    parts = [frame[:2], frame[2:]] if is_plain else [frame]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_AT_ONCE", 2)
        write_lines(parts, path, quoting)
    written = frame.to_csv(index=False, lineterminator="\n", quoting=quoting)
    assert path.read_bytes() == written.encode()


def test_numbers_that_are_written_in_two_ways_have_two_numbers():
    numbers, first = number_values(pd.Series([0.0, -0.0, np.nan, 0.0]))
    assert numbers.tolist() == [0, 1, 2, 0]
    assert first.tolist() == [0, 1, 2]
    numbers, _ = number_values(pd.Series([1, 1.0, True], dtype="object"))
    assert numbers.tolist() == [0, 1, 2]
