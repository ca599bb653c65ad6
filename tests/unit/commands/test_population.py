"""What assess and check say of the population, against plain pandas."""

import json
import re
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from tests.unit.command_line import DESCRIPTION, anonymization, refuse, run

POPULATION = "population: {file: register.csv}\ncolumns:"


@pytest.fixture
def register(folder):
    """A register of which the people of the clinic are a sample, and a release of these."""
    random = Random(7)
    people = [
        (random.choice("FM"), random.randint(28, 43), random.randint(49, 82)) for _ in range(150)
    ]
    sample = random.sample(people, 30)
    ages = range(28, 44)
    (folder / "age.csv").write_text("".join(f"{age};{age // 10}0s;*\n" for age in ages))
    write(folder / "register.csv", "sex,age,weight\n", people)
    lines = [(f"n{number}", *person, "flu", number % 2) for number, person in enumerate(sample)]
    write(folder / "clinic.csv", "name,sex,age,weight,illness,dead\n", lines)
    (folder / "clinic.yaml").write_text(DESCRIPTION.replace("columns:", POPULATION))
    assert run("anonymize", anonymization(k=[4])).exit_code == 0
    return next((folder / "out").glob("*.csv"))


def write(path, header, lines):
    path.write_text(header + "".join(",".join(map(str, line)) + "\n" for line in lines))


def assess(path, config="clinic.yaml"):
    result = run("assess", None, str(path), "--config", config, "--json", "found.json")
    assert result.exit_code == 0, result.output
    return result.stdout, json.loads(Path("found.json").read_text())["population"]


def covers(label, value):
    """Tell whether a label of ours holds a value."""
    if label.startswith("["):
        low, high = label.strip("[]").split(", ")
        return float(low) <= float(value) <= float(high)
    return label in ("*", str(value), f"{str(value)[0]}0s") or (
        label.replace(".", "").isdigit() and float(label) == float(value)
    )


def test_k_map_and_presence_are_those_of_the_written_release(register):
    release = pd.read_csv(register, dtype=str)
    people = pd.read_csv("register.csv", dtype=str)
    names = ["sex", "age", "weight"]
    sizes = release.groupby(names).size()
    fits = {
        labels: people.apply(
            lambda row, labels=labels: all(map(covers, labels, row[names])), axis=1
        )
        for labels in sizes.index
    }
    chance = sum(is_fit * (sizes[labels] / is_fit.sum()) for labels, is_fit in fits.items())
    told, found = assess(register)
    assert found["k_map"] == min(is_fit.sum() for is_fit in fits.values())
    assert found["presence_highest"] == pytest.approx(100 * min(chance.max(), 1))
    assert found["presence_lowest"] == pytest.approx(100 * chance.min())
    assert (found["population_size"], found["unmatched_people"]) == (150, 0)
    assert found["sampling_fraction"] == pytest.approx(20)
    assert re.search(rf"who fit a class \(k-map\) +{found['k_map']}$", told, re.MULTILINE)


def test_uniques_of_the_original_are_told_with_the_model(register):
    original = pd.read_csv("clinic.csv").drop(columns="name")
    original.to_csv("original.csv", index=False)
    told, found = assess("original.csv")
    sizes = original.groupby(["sex", "age", "weight"]).size()
    assert found["sample_uniques"] == (sizes == 1).sum()
    assert "people unique in the population, estimated by " in told
    people = pd.read_csv("register.csv").groupby(["sex", "age", "weight"]).size()
    assert found["population_uniques"] == (people[sizes.index] == 1).sum()


def test_a_register_that_lacks_people_is_told(register):
    people = pd.read_csv("register.csv")
    people.assign(sex="F").to_csv("register.csv", index=False)
    told, found = assess(register)
    assert found["unmatched_people"] > 0
    assert "no sample of it: k-map and δ-presence are of others" in told


def test_a_size_alone_has_no_k_map(register, folder):
    text = DESCRIPTION.replace("columns:", "population: {size: 150}\ncolumns:")
    (folder / "sized.yaml").write_text(text)
    told, found = assess(register, "sized.yaml")
    assert "k_map" not in found
    assert found["population_size"] == 150
    assert "people in the population " in told


def test_an_unknown_population_is_asked_for(register, folder):
    (folder / "plain.yaml").write_text(DESCRIPTION)
    pd.read_csv("clinic.csv").drop(columns="name").to_csv("original.csv", index=False)
    told, found = assess("original.csv", "plain.yaml")
    assert "`population: {size: …}`" in told
    assert "population_size" not in found
    # Where nobody is unique there is nothing to ask for.
    assert "`population: {size: …}`" not in assess(register, "plain.yaml")[0]


def test_a_population_that_is_not_there_stops_assess_and_check_alone(register, folder):
    (folder / "register.csv").unlink()
    message = "register.csv: the file is in none of"
    assert message in refuse("assess", None, str(register), "--config", "clinic.yaml")
    assert message in run("check", None, "clinic.yaml").stderr
    assert run("anonymize", anonymization(output="again")).exit_code == 0
