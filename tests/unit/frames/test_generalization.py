"""Each way in which a caller says what generalizes a quasi-identifier."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

import anonify
from anonify.frames.datasets import build_dataset

TREE = {"tree": {"North": ["Aln", "Brae"], "South": ["Coll", "Dee"]}}


def generalize(values, how):
    """Return the labels of the first value, level by level."""
    dataset = build_dataset(pd.DataFrame({"x": values}), {"x": how}, {})
    domain = dataset.domains["x"]
    return [domain.labels[node] for node in domain.ancestors[0]]


@pytest.mark.parametrize(
    ("values", "how", "labels"),
    [
        (["Aln", "Coll"], None, ["Aln", "*"]),
        ([True, False], None, ["false", "*"]),
        ([23, 47], [5, 10, 20], ["23", "20-25", "20-30", "20-40", "*"]),
        ([23, 47], np.array([10]), ["23", "20-30", "*"]),
        ([-3, 47], (10,), ["-3", "-10-0", "*"]),
        ([0.25, 0.5], [0.5], ["0.25", "0-0.5", "*"]),
        (["01067", "80331"], "prefix", ["01067", "0106*", "010*", "01*", "0*", "*"]),
        ([1067, 80331], "prefix", ["1067", "1067*", "106*", "10*", "1*", "*"]),
        (
            [date(2024, 2, 29)],
            "date",
            ["2024-02-29", "2024-02", "2024-Q1", "2024", "2020s", "*"],
        ),
        (pd.to_datetime(["2024-02-29"]), {"dates": ["year"]}, ["2024-02-29", "2024", "*"]),
        (["Aln", "Coll"], TREE, ["Aln", "North", "*"]),
        (["Aln", "Coll"], {"hierarchy": TREE}, ["Aln", "North", "*"]),
        (
            ["29.02.2024"],
            {"type": "date", "format": "%d.%m.%Y", "hierarchy": {"dates": ["year"]}},
            ["2024-02-29", "2024", "*"],
        ),
        (["5", "12"], {"type": "integer", "hierarchy": {}}, ["5", "*"]),
    ],
)
def test_what_generalizes_values(values, how, labels):
    assert generalize(values, how) == labels


def test_numbers_without_a_hierarchy_have_ranges():
    dataset = build_dataset(pd.DataFrame({"x": [3.0, None, 1.0]}), {"x": None}, {})
    assert dataset.domains["x"].values == ("1", "3", "")


@pytest.fixture
def hierarchy(tmp_path):
    path = tmp_path / "towns.csv"
    path.write_text("Aln;North;*\nBrae;North;*\nColl;South;*\n")
    return path


@pytest.mark.parametrize("form", [lambda path: path, str, anonify.read_hierarchy])
def test_a_hierarchy_comes_from_a_file(hierarchy, form):
    assert generalize(["Aln", "Coll"], form(hierarchy)) == ["Aln", "North", "*"]


def test_a_hierarchy_that_was_read_fits_columns_of_any_name_with_missing_values(hierarchy):
    towns = anonify.read_hierarchy(hierarchy)
    frame = pd.DataFrame({"home": ["Aln", None], "work": ["Coll", "Brae"]})
    domains = build_dataset(frame, {"home": towns, "work": towns}, {}).domains
    assert domains["home"].attribute == "home"
    assert domains["home"].rows.tolist()[-1] == ["", "", "*"]
    assert domains["work"].rows.tolist() == towns.rows.tolist()
    assert towns.attribute == "towns"


def test_a_value_without_a_row_in_the_hierarchy_is_told(hierarchy):
    with pytest.raises(ValueError, match="the value 'Dee' of 'x' has no row; add one for it"):
        generalize(["Aln", "Dee"], anonify.read_hierarchy(hierarchy))


def test_a_file_of_values_alone_is_no_hierarchy(tmp_path):
    (tmp_path / "age.csv").write_text("1\n2\n")
    with pytest.raises(ValueError, match=r"age\.csv: its rows are values alone; write behind each"):
        anonify.read_hierarchy(tmp_path / "age.csv")


@pytest.mark.parametrize(
    ("values", "how", "message"),
    [
        (["a"], "prefixes", "`quasi_identifiers`: 'x' is generalized by 'prefixes'; give None, a"),
        (["a"], 5, "`quasi_identifiers`: 'x' is generalized by 5; give None, a list of widths"),
        ([1], [], "`x.hierarchy.intervals` is []; it should be a list of levels"),
        ([1], [0], "`quasi_identifiers`: `x.hierarchy.intervals[0].width` is 0; it should be a "),
        ([1], ["year"], "`x.hierarchy.intervals[0].width` is 'year'; it should be a number above"),
        ([1], {"interval": []}, "there is no key `interval` in `x.hierarchy`; did you mean"),
        ([1], {"prefixes": "3"}, "`x.hierarchy.prefixes` is '3'; it should be a falling list of"),
        ([7, 23], [5, 7], "hierarchy of 'x': the interval 7-14 of level 2 cuts 5-10 of level 1"),
        (["a", "b"], [5], "hierarchy of 'x': the value 'a' is no number, so it lies in no"),
        (["a", "b"], "prefix", "'x' has values of one character, which no prefix generalizes"),
        (["a", "b"], "date", "hierarchy of 'x': the value 'a' is no date as YYYY-MM-DD"),
        (["a", "b"], {"role": "sensitive", "type": "category"}, "name it in another parameter"),
        ([1, 2], {"format": "%d"}, "`quasi_identifiers`: `x` has a `format` but is no date"),
        (["a", "*"], None, "hierarchy of 'x': "),
        (["a"], "towns.csv", "towns.csv: there is no such file; check the path"),
        (
            pd.to_datetime(["2024-02-29 10:30"]),
            "date",
            "'x' has times of day, which no `dates` generalize; give the dates alone, such as by "
            "frame['x'].dt.normalize()",
        ),
    ],
)
def test_mistakes_are_told_in_a_sentence(values, how, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        generalize(values, how)
    assert "\n" not in str(error.value)
    assert "--config" not in str(error.value)
