"""A run on a table of whose population there is a register."""

import pandas as pd
import pytest
from tests.profile import takes_long
from tests.workflow.conftest import DATASET, make_table


@pytest.fixture
def registered(experiment):
    """A run on people of whom there are four times as many of each age and sex."""
    table = make_table()
    table.to_csv(experiment.folder / "data/tiny.csv", index=False)
    register = pd.concat([table[["age", "sex"]]] * 4)
    register.to_csv(experiment.folder / "data/register.csv", index=False, sep=";")
    population = {"file": "register.csv", "separator": ";"}
    experiment.describe_dataset(**DATASET, population=population)
    return experiment


@takes_long
def test_the_risk_in_the_population_is_told_with_the_others(registered):
    run = registered.snakemake("results/tables/anonymity.csv")
    assert run.returncode == 0, run.stdout + run.stderr
    table = pd.read_csv(registered.folder / "results/tables/anonymity.csv")
    value = table[table["reading"] == "corrected"].set_index(["data", "measure"])["value"]
    smallest = round(100 / value["anonymized", "prosecutor_risk_highest"])
    assert value["anonymized", "k_map"] >= 4 * smallest
    assert value["anonymized", "sample_uniqueness"] == 0


def test_a_register_that_is_nowhere_is_told(registered):
    (registered.folder / "data/register.csv").unlink()
    run = registered.snakemake("results/tables/anonymity.csv")
    assert run.returncode == 1
    assert "the population register.csv is in none of data" in run.stdout + run.stderr
