"""Survey weights through every door: described, checked, anonymized, written and assessed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.unit.command_line import run

COLUMNS = {
    "sex": {"role": "quasi-identifier", "type": "category", "hierarchy": {}},
    "age": {
        "role": "quasi-identifier",
        "type": "integer",
        "hierarchy": {"intervals": [{"start": 0, "width": 20}]},
    },
    "pweight": {"role": "weight", "type": "decimal"},
    "income": {"role": "sensitive", "type": "integer"},
}


def make_survey(records=80, seed=1):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "sex": draw.choice(["f", "m"], records),
            "age": draw.integers(18, 90, records),
            "pweight": draw.choice([51.25, 77.5, 103.125, 850.0], records),
            "income": draw.integers(10, 90, records) * 100,
        }
    )


def write(frame, columns=COLUMNS, **more):
    frame.to_csv("survey.csv", index=False)
    content = {"name": "survey", "title": "Survey", "file": "survey.csv", "columns": columns}
    Path("survey.yaml").write_text(yaml.safe_dump({**content, **more}, sort_keys=False))


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANONIFY_DATA", raising=False)


def check():
    return run("check", None, "survey.yaml")


def test_a_release_has_the_weights_as_they_were_and_assess_reads_it():
    frame = make_survey()
    write(frame)
    content = {
        "dataset": "survey.yaml",
        "algo_conf": {"k": [4], "algo": ["mondrian"]},
        "dataset_conf": {"batch_size": [0], "attrs": [[]]},
        "output": "out",
    }
    result = run("anonymize", content)
    assert result.exit_code == 0, result.stderr
    assert "0 of the 80 people (0.0 %) have a weight of their own" in result.stderr
    path = next(Path("out").glob("*.csv"))
    released = pd.read_csv(path)
    assert sorted(released["pweight"]) == sorted(frame["pweight"])
    # Each weight goes with the income that it had.
    pairs = ["pweight", "income"]
    assert sorted(map(tuple, released[pairs].to_numpy())) == sorted(
        map(tuple, frame[pairs].to_numpy())
    )
    described = json.loads(path.with_name(f"{path.name}-metadata.json").read_text())
    (column,) = (c for c in described["tableSchema"]["columns"] if c["name"] == "pweight")
    assert column == {"name": "pweight", "datatype": "number", "role": "weight"}
    assert list(described["privacy"]["attributes"]) == ["income"]
    populations = released.groupby(["sex", "age"])["pweight"].sum()
    highest = 100 / populations.min()
    assert described["privacy"]["population_risk_highest"] == pytest.approx(highest)

    result = run("assess", None, str(path), "--config", "survey.yaml", "--json", "found.json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(Path("found.json").read_text())
    assert found["risk"]["population_risk_highest"] == pytest.approx(highest)
    assert list(found["privacy"]) == ["income"]
    assert "highest population risk / %" in result.stdout


def test_check_says_how_many_have_a_weight_of_their_own():
    frame = make_survey()
    frame.loc[:2, "pweight"] = [1.5, 2.5, 3.5]
    write(frame)
    result = check()
    assert result.exit_code == 0, result.stderr
    assert "pweight  weight     decimal" in result.stdout
    assert "3 of the 80 people (3.8 %) have a weight of their own" in result.stdout
    assert "Round the weights" not in result.stdout


def test_weights_that_tell_people_apart_are_warned_of():
    write(make_survey().assign(pweight=np.arange(80) + 0.125))
    assert "80 of the 80 people (100.0 %) have a weight of their own" in check().stdout
    assert "Round the weights, or leave them out (`identifier`)." in check().stdout


@pytest.mark.parametrize("wrong", ["0", "-3.5", "", "0.0", "-0"])
def test_a_weight_is_above_0(wrong):
    frame = make_survey().astype({"pweight": "str"})
    frame.loc[[4, 7], "pweight"] = wrong
    write(frame)
    result = check()
    found = repr(wrong) if wrong else "empty"
    assert (result.exit_code, result.stderr.splitlines()) == (
        1,
        [
            f"survey.csv, record 5: the weight 'pweight' is {found}, but says how many people the "
            "record stands for; write a number above 0 or remove the record (so it is with 1 more "
            "record)"
        ],
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"income": {"role": "weight", "type": "integer"}},
            "`columns` has 2 columns of the role `weight`; give it to the one that fits the whole "
            "table, and to the others the role `identifier` or `sensitive`",
        ),
        (
            {"pweight": {"role": "weight", "type": "category"}},
            "`columns.pweight` has the role `weight` but is no number; mend the `role`, or write "
            "the `type` `decimal` or `integer`",
        ),
        (
            {"pweight": {"role": "weight", "type": "decimal", "top": 900}},
            "`columns.pweight` has the role `weight` and `top`, but weights stay as they are; "
            "remove one of them",
        ),
        (
            {"pweight": {"role": "weight", "type": "decimal", "hierarchy": {}}},
            "`columns.pweight` has a `hierarchy` but is no quasi-identifier; remove it, or mend "
            "the `role`",
        ),
    ],
)
def test_a_weight_that_can_be_none_is_told(change, sentence):
    write(make_survey(), {**COLUMNS, **change})
    assert check().stderr.splitlines() == [f"survey.yaml: {sentence}"]


def test_weights_are_no_attribute_of_a_distribution():
    distribution = {
        "statistic": "mean",
        "attribute": "pweight",
        "label": "Weight",
        "by": "age",
        "by_label": "Age",
        "edges": [0, 50, 100],
    }
    write(make_survey(), distributions={"weights_by_age": distribution})
    assert "has the `attribute` 'pweight'; name a sensitive column" in check().stderr


def test_decimal_commas_are_read():
    frame = make_survey()
    frame.to_csv("survey.csv", index=False, sep=";", decimal=",")
    text = Path("survey.csv").read_text()
    write(frame, separator=";", decimal=",")
    Path("survey.csv").write_text(text)
    assert f"weights that add up to {frame['pweight'].sum():,.10g}" in check().stdout
