"""k is k people: what is written, read back by pandas alone, against who the records are of."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.command_line import run

from anonify.datasets.described import read_dataset
from anonify.methods import METHODS

QUASI_IDENTIFIERS = ["age", "sex"]
COLUMNS = {
    "patient": {"role": "person", "type": "category"},
    "age": {
        "role": "quasi-identifier",
        "type": "integer",
        "hierarchy": {"intervals": [{"start": 0, "width": 5}, {"start": 0, "width": 20}]},
    },
    "sex": {"role": "quasi-identifier", "type": "category", "hierarchy": {}},
    # Every record is known again by it.
    "visit": {"role": "sensitive", "type": "category"},
    "illness": {"role": "sensitive", "type": "category"},
}


def make_visits(seed: int, people: int, most: int, is_static: bool) -> pd.DataFrame:
    """Return visits of people, whose age may be another at every visit."""
    generator = np.random.default_rng(seed)
    patient = np.repeat(np.arange(people), generator.integers(1, most + 1, people))
    frame = pd.DataFrame(
        {
            "patient": [f"P{number}" for number in patient],
            "age": generator.integers(0, 40, people)[patient],
            "sex": generator.choice(["f", "m"], people)[patient],
            "visit": [f"v{number}" for number in range(len(patient))],
            "illness": generator.choice(["flu", "cold", "HIV"], len(patient)),
        }
    )
    if not is_static:
        frame["age"] += generator.integers(0, 10, len(frame))
    return frame.sample(frac=1, random_state=seed)


def write(frame: pd.DataFrame, columns=None, **more) -> None:
    frame.to_csv("visits.csv", index=False)
    described = {name: each for name, each in (columns or COLUMNS).items() if name in frame}
    content = {"name": "visits", "title": "Visits", "file": "visits.csv", "columns": described}
    Path("visits.yaml").write_text(yaml.safe_dump({**content, **more}, sort_keys=False))


def anonymize(methods, k: int):
    """Run the command; its files are in the folder ``out``."""
    content = {
        "dataset": "visits.yaml",
        "algo_conf": {"k": [k], "algo": list(methods)},
        "dataset_conf": {"batch_size": [0], "attrs": [[]]},
        "output": "out",
    }
    Path("conf.json").write_text(json.dumps(content))
    return run("anonymize", None, "conf.json")


def read_releases() -> dict[str, pd.DataFrame]:
    """Return the CSV of each method, every cell as text."""
    return {
        path.name.rsplit("_k", 1)[0].removeprefix("visits_"): pd.read_csv(
            path, dtype=str, keep_default_na=False
        )
        for path in Path("out").glob("*.csv")
    }


def count_people(release: pd.DataFrame, visits: pd.DataFrame) -> "pd.Series[int]":
    """Return the people in each group of records that look alike."""
    patient = visits.set_index("visit")["patient"]
    return release.groupby(QUASI_IDENTIFIERS)["visit"].agg(lambda each: patient[each].nunique())


@settings(max_examples=draws(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**20),
    people=st.integers(10, 60),
    most=st.integers(1, 6),
    k=st.integers(2, 6),
    is_static=st.booleans(),
)
def test_every_group_of_the_file_has_k_people_by_every_method(
    tmp_path_factory, monkeypatch, seed, people, most, k, is_static
):
    monkeypatch.chdir(tmp_path_factory.mktemp("visits"))
    visits = make_visits(seed, people, most, is_static)
    write(visits)
    result = anonymize(METHODS, k)
    assert result.exit_code == 0, result.output
    releases = read_releases()
    assert releases.keys() == set(METHODS)
    for method, release in releases.items():
        assert list(release) == ["age", "sex", "visit", "illness"], method
        assert count_people(release, visits).min() >= k, method
        # Every record is the one that it was, and there once.
        assert release["visit"].is_unique
        kept = release.merge(visits, on="visit", suffixes=("", "_was"))
        assert (kept["illness"] == kept["illness_was"]).all(), method
        assert ((kept["sex"] == kept["sex_was"]) | (kept["sex"] == "*")).all(), method


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_people_are_counted_by_several_columns_together(here):
    visits = make_visits(1, 40, 4, is_static=True)
    number = visits["patient"].str[1:].astype(int)
    visits["clinic"] = number % 2
    visits["patient"] = "P" + (number // 2).astype(str)
    write(visits, {**COLUMNS, "clinic": {"role": "person", "type": "integer"}})
    dataset = read_dataset("visits.yaml")
    assert dataset.frame["anonify.person"].nunique() == 40
    assert not {"patient", "clinic"} & set(dataset.frame)


def test_a_person_without_a_key_is_told(here):
    visits = make_visits(1, 10, 3, is_static=True)
    visits.iloc[4, 0] = " "
    write(visits)
    result = run("check", None, "visits.yaml")
    assert result.exit_code == 1
    assert "record 5: 'patient' has no value" in result.stderr


@pytest.mark.parametrize("role", ["identifier", "sensitive"])
def test_a_key_that_nobody_declared_stops(here, role):
    visits = make_visits(1, 40, 4, is_static=True).rename(columns={"patient": "code"})
    columns = {"code": {"role": role, "type": "category"}, **COLUMNS}
    write(visits, columns)
    for result in (anonymize(["mondrian"], 2), run("check", None, "visits.yaml")):
        assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
        assert f"'code' has 40 values in {len(visits)} records" in result.stderr
        assert "`rows_are_people: true`" in result.stderr
    assert not Path("out").exists()
    write(visits, columns, rows_are_people=True)
    assert anonymize(["mondrian"], 2).exit_code == 0
    assert len(read_releases()["mondrian"]) == len(visits)


def test_too_large_a_k_is_told_in_people(here):
    write(make_visits(1, 10, 4, is_static=True))
    result = anonymize(["mondrian"], 11)
    assert result.exit_code == 1
    assert "`algo_conf.k`: 11 is more than the 10 people that are anonymized" in result.stderr
    assert not result.stdout
    assert not Path("out").exists()


def test_chance_does_not_look_like_people(here):
    # Illness repeats in every table, and agrees in no quasi-identifier.
    write(make_visits(3, 60, 1, is_static=True).drop(columns="patient"))
    assert run("check", None, "visits.yaml").exit_code == 0


def test_check_and_assess_count_people(here):
    # Six visits each: by the records everybody is one of six, by the people all are alone.
    people = pd.DataFrame({"patient": range(60)})
    people["age"] = people["patient"] // 2
    people["sex"] = np.where(people["patient"] % 2, "f", "m")
    visits = people.loc[people.index.repeat(6)].reset_index(drop=True)
    visits["visit"] = [f"v{number}" for number in range(len(visits))]
    visits["illness"] = ["flu", "cold", "HIV"] * 120
    write(visits)
    checked = run("check", None, "visits.yaml").stdout
    assert "60 people have 360 records\n60 distinct combinations" in checked
    assert "60 of the people (100.0 %) are alone in one of them" in checked
    visits.drop(columns="patient").to_csv("same.csv", index=False)
    result = run("assess", None, "same.csv", "--config", "visits.yaml")
    assert result.exit_code == 0, result.output
    found = json.loads(Path("same.assessment.json").read_text())
    assert (found["counted"], found["risk"]["achieved_k"]) == ("people", 1)
    assert found["risk"]["prosecutor_risk_highest"] == 100
    assert anonymize(["mondrian"], 5).exit_code == 0
    release = read_releases()["mondrian"]
    release.to_csv("safe.csv", index=False)
    assert run("assess", None, "safe.csv", "--config", "visits.yaml").exit_code == 0
    found = json.loads(Path("safe.assessment.json").read_text())
    assert found["risk"]["achieved_k"] == count_people(release, visits).min()


def test_people_who_are_linked_by_what_stays_the_same_are_told(here):
    visits = make_visits(5, 30, 3, is_static=True)
    several = visits.groupby("patient")["visit"].transform("size") > 1
    patients = visits["patient"].unique()
    blood = {name: f"b{number % 20}" for number, name in enumerate(patients)}
    visits["blood"] = visits["patient"].map(blood)
    # Spelt in another way, it is the same.
    visits.loc[visits.index[::2], "blood"] = visits["blood"].str.upper()
    write(visits, {**COLUMNS, "blood": {"role": "sensitive", "type": "category"}})
    alone = visits.groupby(visits["blood"].str.lower())["patient"].nunique().eq(1)
    linked = visits[several & visits["blood"].str.lower().map(alone)]["patient"].nunique()
    assert linked > 0
    told = run("check", None, "visits.yaml").stdout
    assert f"The records of {linked} people can be told to be of one person" in told
    assert "by what stays the same: blood." in told


def test_a_person_is_one_however_the_key_is_spelt(here):
    visits = make_visits(2, 40, 4, is_static=False)
    # Half of the records write the same number in another way.
    visits["patient"] = "P-" + visits["patient"].astype(str)
    spelt = visits.copy()
    spelt.loc[spelt.index[::2], "patient"] = spelt["patient"].str.lower() + " "
    write(spelt, {**COLUMNS, "patient": {"role": "person", "type": "category"}})
    assert anonymize(["arx", "mondrian"], 5).exit_code == 0
    for path in Path("out").glob("*.csv"):
        assert count_people(pd.read_csv(path, dtype=str), visits).min() >= 5


def test_people_are_linked_whether_or_not_numbers_are_missing(here):
    visits = make_visits(6, 20, 3, is_static=True)
    patients = visits["patient"].unique()
    weight = {
        name: None if number % 5 == 0 else 50 + number for number, name in enumerate(patients)
    }
    visits["weight"] = visits["patient"].map(weight)
    write(visits, {**COLUMNS, "weight": {"role": "sensitive", "type": "decimal"}})
    several = visits.groupby("patient")["visit"].transform("size") > 1
    alone = visits["weight"].notna() | (visits["patient"].map(weight).isna().sum() == 1)
    linked = visits[several & alone]["patient"].nunique()
    told = run("check", None, "visits.yaml").stdout
    assert f"The records of {linked} people can be told to be of one person" in told


def test_distributions_are_checked_also_where_people_have_several_records(folder):
    distribution = {
        "statistic": "count",
        "attribute": "illness",
        "value": "flu",
        "label": "Flu",
        "by": "sex",
        "by_label": "Sex",
        "values": ["x"],
    }
    write(make_visits(1, 20, 3, True), distributions={"flu_by_sex": distribution})
    result = run("check", None, "visits.yaml")
    assert result.exit_code == 1
    assert "`distributions.flu_by_sex`: distributions: 'x' is no value of 'sex'" in result.stderr
