"""Survey weights of a DataFrame."""

import numpy as np
import pandas as pd
import pytest
import yaml

import anonify
from anonify import anonymize, assess

ROLES = {"quasi_identifiers": {"sex": None, "age": [20]}, "sensitive": ["income"], "weight": "w"}


def make_survey(records=60, seed=1):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "sex": draw.choice(["f", "m"], records),
            "age": draw.integers(18, 90, records),
            "w": draw.choice([51.25, 77.5, 850.0], records),
            "income": draw.integers(10, 90, records),
        }
    )


def test_weights_stay_and_estimate_the_population():
    frame = make_survey()
    release = anonymize(frame, k=4, **ROLES)
    table = release.table
    assert sorted(zip(table["w"], table["income"], strict=True)) == sorted(
        zip(frame["w"], frame["income"], strict=True)
    )
    populations = table.groupby(["sex", "age"], observed=True)["w"].sum()
    assert sorted(release.classes["estimated_population"]) == sorted(populations)
    assert release.risk["population_risk_highest"] == pytest.approx(100 / populations.min())
    assert release.provenance["steps"][0]["roles"]["w"] == "weight"
    found = assess(table, quasi_identifiers=["sex", "age"], sensitive=["income"], weight="w")
    for name in ("highest", "average", "lowest"):
        name = f"population_risk_{name}"
        assert found.risk[name] == pytest.approx(release.risk[name])
    assert found.population["population_size"] == pytest.approx(frame["w"].sum())
    average = found.population["individual_risk_average"]
    assert found.population["expected_identifications"] == pytest.approx(60 * average / 100)
    # Fewer may be like a person than the weights say: 1/F is more on average than 1 ÷ their sum.
    assert release.risk["population_risk_average"] < average < 100
    sample = anonify.sample(release, 25)
    assert sample.classes["estimated_population"].tolist() == pytest.approx(
        release.classes["estimated_population"].tolist()
    )


def test_weights_of_a_file_are_numbers_in_python_and_written_as_they_were(tmp_path):
    frame = make_survey().astype({"w": "str"})
    frame["w"] = frame["w"].replace({"850.0": "850", "77.5": "77.500"})
    frame.to_csv(tmp_path / "survey.csv", index=False)
    columns = {
        "sex": {"role": "quasi-identifier", "type": "category"},
        "age": {"role": "quasi-identifier", "type": "integer"},
        "w": {"role": "weight", "type": "decimal"},
        "income": {"role": "sensitive", "type": "integer"},
    }
    described = {"name": "survey", "title": "S", "file": "survey.csv", "columns": columns}
    (tmp_path / "survey.yaml").write_text(yaml.safe_dump(described, sort_keys=False))
    release = anonymize(anonify.read_dataset(tmp_path / "survey.yaml"), k=4)
    assert list(release.table) == ["sex", "age", "w", "income"]
    assert release.table["w"].dtype == "float64"
    release.write(tmp_path / "release.csv")
    written = pd.read_csv(tmp_path / "release.csv", dtype="str")
    assert list(written) == ["sex", "age", "w", "income"]
    assert sorted(written["w"]) == sorted(frame["w"])
    release.write(tmp_path / "release.parquet")
    stored = pd.read_parquet(tmp_path / "release.parquet")
    assert stored["w"].tolist() == release.table["w"].tolist()


def test_near_unique_weights_are_warned_of():
    frame = make_survey()
    with pytest.warns(UserWarning, match="60 of the 60 people .* have a weight of their own"):
        anonymize(frame.assign(w=np.arange(60) + 0.5), k=4, **ROLES)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"weight": ["w", "income"], "sensitive": []}, "`weight` names w, income; name the one"),
        ({"sensitive": ["income", "w"]}, "`weight` names 'w', which `sensitive` has already"),
        ({"weight": "none"}, "`weight` names 'none', which is no column"),
        ({"top": {"w": 90}}, "has the role `weight` and `top`, but weights stay as they are"),
        (
            {"requirements": [{"attribute": "w", "model": "distinct_l_diversity", "l": 2}]},
            "has the `attribute` 'w'; name a sensitive column",
        ),
    ],
)
def test_a_weight_that_can_be_none_is_told(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        anonymize(make_survey(), k=4, **{**ROLES, **change})


@pytest.mark.parametrize("wrong", [0.0, -1.5, np.nan])
def test_a_weight_is_above_0(wrong):
    frame = make_survey()
    frame.loc[4, "w"] = wrong
    with pytest.raises(ValueError, match=r"record 5: the weight .w. is .* write a number above 0"):
        anonymize(frame, k=4, **ROLES)
    with pytest.raises(ValueError, match="record 5: the weight 'w' is "):
        assess(frame, quasi_identifiers=["sex"], weight="w")
