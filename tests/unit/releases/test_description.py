"""What is handed out and its description, against what plain pandas finds in the files."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from anonify.base.values import PERSON, SUPPRESSED
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.domains.ranges import Ranges
from anonify.releases.description import describe_handout
from anonify.releases.handout import Promise, prepare_handout
from anonify.releases.writing import write_release_csv, write_release_parquet
from anonify.tables.columns import Column
from anonify.tables.counts import select_rows

COLUMNS = (
    Column("town", "quasi-identifier", "category"),
    Column("age", "quasi-identifier", "integer", top=59),
    Column("ill", "sensitive", "category"),
)
DOMAINS = {
    "town": hierarchy_from_rows(
        "town", [["A1", "A", "*"], ["A2", "A", "*"], ["B1", "B", "*"], ["C9", "C", "*"]]
    ),
    "age": Ranges("age", tuple(map(str, range(30, 60)))),
}


@pytest.fixture
def release() -> pd.DataFrame:
    rows = [
        *[("A", "[30, 39]", ill) for ill in ("flu", "flu", "cold", "HIV")],
        *[("B1", "[40, 49]", ill) for ill in ("flu", "cold", "cold")],
        ("*", "*", "secret"),
        ("*", "*", "flu"),
    ]
    frame = pd.DataFrame(rows, columns=["town", "age", "ill"]).astype("category")
    frame["town"] = frame["town"].cat.add_categories(["C9"])
    return frame.assign(**{SUPPRESSED: frame["town"] == "*"})


def describe(release: pd.DataFrame, tmp_path, suppressed="drop", **changes):
    promise = changes.pop("promise", Promise(3))
    handout = prepare_handout(select_rows(release), release, ["town", "age"], promise, suppressed)
    path = tmp_path / "clinic.csv"
    write_release_csv(handout, path)
    described = describe_handout(handout, path, "Clinic", COLUMNS, DOMAINS, promise, **changes)
    # As it is written.
    return pd.read_csv(path), json.loads(json.dumps(described))


def test_the_description_tells_what_is_in_the_file(release, tmp_path):
    read, described = describe(release, tmp_path)
    sizes = read.groupby(["town", "age"]).size()
    privacy = described["privacy"]
    assert (described["url"], described["records"]) == ("clinic.csv", len(read))
    assert privacy["k"] == 3
    assert privacy["counted"] == "records"
    assert (privacy["classes"], privacy["smallest_class"]) == (len(sizes), sizes.min())
    assert privacy["prosecutor_risk_highest"] == pytest.approx(100 / sizes.min())
    assert privacy["prosecutor_risk_average"] == pytest.approx(
        100 * (1 / read.groupby(["town", "age"])["ill"].transform("size")).mean()
    )
    shares = read.groupby(["town", "age"])["ill"].value_counts(normalize=True)
    assert privacy["attributes"]["ill"]["alpha"] == pytest.approx(shares.max())
    assert (
        privacy["attributes"]["ill"]["distinct_l"]
        == read.groupby(["town", "age"])["ill"].nunique().min()
    )
    town, age, ill = described["tableSchema"]["columns"]
    assert town == {
        "name": "town",
        "datatype": "string",
        "role": "quasi-identifier",
        "generalization": {"levels": [0, 1], "height": 2},
    }
    assert (age["generalization"], age["top"]) == ("ranges", 59)
    assert "bottom" not in age
    assert ill == {"name": "ill", "datatype": "string", "role": "sensitive"}


def test_it_tells_of_few_who_were_left_out_only_that_they_are_few(release, tmp_path):
    _, described = describe(release, tmp_path)
    assert described["privacy"]["suppressed_and_left_out"] == "fewer than k"
    _, public = describe(release, tmp_path, confidential=False)
    assert public["privacy"]["suppressed_and_left_out"] == 2
    _, few = describe(release[~release[SUPPRESSED]], tmp_path)
    assert few["privacy"]["suppressed_and_left_out"] == 0


def test_kept_records_that_show_nothing_are_a_group_of_the_file(release, tmp_path):
    read, described = describe(release, tmp_path, "keep")
    assert read.groupby(["town", "age"]).size().min() == 2
    privacy = described["privacy"]
    assert privacy["smallest_class"] == 2
    assert privacy["suppressed_and_shown_without_values"] == read["ill"].isna().sum() == 2
    # Of what they do not show nothing is told.
    assert privacy["attributes"]["ill"]["distinct_l"] == 2


def test_people_are_counted_where_some_have_several_records(release, tmp_path):
    release[PERSON] = [0, 0, 1, 2, 3, 4, 5, 6, 6]
    read, described = describe(release, tmp_path)
    assert list(read) == ["town", "age", "ill"]
    privacy = described["privacy"]
    assert (privacy["counted"], privacy["smallest_class"]) == ("people", 3)
    _, public = describe(release, tmp_path, confidential=False)
    assert public["privacy"]["suppressed_and_left_out"] == 1


def test_a_sample_says_how_much_was_deleted(release, tmp_path):
    _, described = describe(release, tmp_path, promise=Promise(3, (), 30))
    assert described["privacy"]["deleted_from_each_class"] == 30


def test_parquet_holds_nothing_but_what_it_shows(release, tmp_path):
    handout = prepare_handout(select_rows(release), release, ["town", "age"], Promise(3))
    path = tmp_path / "clinic.parquet"
    write_release_parquet(handout, path)
    content = path.read_bytes()
    # A value of a left-out record, and one that only the hierarchy has.
    assert b"HIV" in content
    assert b"secret" not in content
    assert b"C9" not in content
    file = pq.ParquetFile(path)
    assert file.metadata.metadata is None
    for place in range(file.metadata.num_columns):
        column = file.metadata.row_group(0).column(place)
        assert column.statistics is None
        assert not column.has_dictionary_page
    write_release_csv(handout, tmp_path / "clinic.csv")
    assert pd.read_parquet(path).equals(pd.read_csv(tmp_path / "clinic.csv").astype("str"))


def test_parquet_is_escaped_as_csv_is(tmp_path):
    frame = pd.DataFrame({"sex": pd.Categorical(["f", "f"]), "ill": ["=1+1", "flu"]})
    frame = frame.assign(ill=frame["ill"].astype("category"), **{SUPPRESSED: np.zeros(2, bool)})
    handout = prepare_handout(select_rows(frame), frame, ["sex"], Promise(2))
    write_release_parquet(handout, tmp_path / "a.parquet", escapes_formulas=True)
    assert sorted(pd.read_parquet(tmp_path / "a.parquet")["ill"]) == ["'=1+1", "flu"]
