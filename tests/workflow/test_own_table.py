"""Tables of every kind from configuration alone, end to end."""

import numpy as np
import pandas as pd
import pytest
from tests.profile import takes_longest

from anonify.settings.parts import PARTS, SECTIONS
from anonify.tables.storage import read_table


@pytest.fixture
def clinic(experiment):
    """A Parquet table without a target, with dates, codes and several sensitive attributes."""
    generator = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "Patient": [f"P{number:04}" for number in range(200)],
            "born": pd.to_datetime("1950-01-01")
            + pd.to_timedelta(generator.integers(0, 15000, 200), "D"),
            "Größe/cm": generator.normal(170, 8, 200).round(1),
            "zip": generator.choice(["01067", "01069", "01127", "04103", "04105"], 200),
            "diagnosis": generator.choice(["E11.9", 'I10, "essential"', "J45"], 200),
            "smokes": generator.choice([True, False], 200),
        }
    )
    frame.loc[:3, "zip"] = None
    frame.to_parquet(experiment.folder / "data/clinic.parquet")
    experiment.write(
        "config/datasets/clinic.yaml",
        """
name: clinic
title: Clinic
file: clinic.parquet
columns:
  Patient: {role: identifier, type: category}
  born: {role: quasi-identifier, type: date, hierarchy: {dates: [year, decade]}}
  Größe/cm:
    role: quasi-identifier
    type: decimal
    hierarchy:
      intervals:
        - {start: 150, width: 5, open_below: 150, open_above: 190}
        - {edges: [160, 180], open_below: 160, open_above: 180, labels: [short, middle, tall]}
  zip: {role: quasi-identifier, type: category, hierarchy: {prefixes: [3, 2]}}
  diagnosis: {role: sensitive, type: category}
  smokes: {role: sensitive, type: category}
distributions:
  smokers_by_birth:
    statistic: count
    attribute: smokes
    value: "true"
    label: Smokers
    by: zip
    by_label: ZIP code
    values: [01*, 04*]
""",
    )
    configure(experiment, run="first", methods=["arx"])
    return experiment


def configure(experiment, **changes):
    evaluations = [name for name in SECTIONS if name not in ("classifiers", "membership")]
    experiment.configure(dataset="clinic", evaluations=evaluations, **changes)


@takes_longest
def test_a_table_without_a_target_has_all_evaluations_but_that_of_classifiers(clinic):
    run = clinic.snakemake("all")
    assert run.returncode == 0, run.stdout + run.stderr
    results = clinic.folder / "results/first"
    release = read_table(results / "anonymized/arx/k4.parquet")
    assert "Patient" not in release.frame
    heights = set(release.frame["Größe/cm"].astype("str"))
    assert heights & {"short", "middle", "tall", "<150", ">=190"}
    assert any(label.endswith("s") for label in release.frame["born"].astype("str"))
    page = (results / "report.html").read_text()
    assert "Distribution of sensitive attributes" in page
    assert 'id="classifiers"' not in page
    assert "Classifiers reach" not in page
    assert "published" not in page
    smokers = pd.read_csv(results / "tables/smokers_by_birth.csv")
    assert (smokers.loc[smokers["group"] == "01*", "records"] > 0).all()
    parts = [part for part in PARTS if part.section not in ("classifiers", "membership")]
    tables = {name for part in parts for name in (part.table, *part.lists)}
    assert {path.stem for path in (results / "tables").glob("*.csv")} == tables | {
        "smokers_by_birth"
    }


def test_classifiers_are_told_that_there_is_nothing_to_predict(clinic):
    run = clinic.snakemake("results/first/tables/classifiers.csv")
    assert run.returncode == 1
    assert "error: columns: none has the role `target`" in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


def test_runs_live_side_by_side(clinic):
    for name in ("first", "second"):
        configure(clinic, run=name, seed=len(name))
        run = clinic.snakemake(f"results/{name}/anonymized/mondrian/k4.csv")
        assert run.returncode == 0, run.stdout + run.stderr
    first, second = (
        clinic.folder / f"results/{name}/anonymized/mondrian/k4.csv" for name in ("first", "second")
    )
    # Another seed, but the same table and the same order.
    assert first.read_bytes() == second.read_bytes()


def test_a_run_does_not_take_the_name_of_a_folder_of_the_run_without_a_name(clinic):
    configure(clinic, run="figures")
    run = clinic.snakemake("--dry-run", "all")
    assert run.returncode == 1
    assert "`run` is 'figures', which is a folder of the run without a name" in run.stderr


def test_several_classes_are_predicted_from_a_table_with_other_marks(experiment):
    generator = np.random.default_rng(4)
    stages = generator.choice(["früh", 'mitt; "lere"', "spät"], 200)
    frame = pd.DataFrame(
        {
            "age": generator.integers(20, 80, 200),
            "Wert": generator.normal([{"f": 1, "m": 4, "s": 9}[stage[0]] for stage in stages]),
            "Stadium": stages,
        }
    )
    path = experiment.folder / "data/stages.csv"
    frame.to_csv(path, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    experiment.write(
        "config/datasets/stages.yaml",
        """
name: stages
title: Stages
file: stages.csv
separator: ";"
decimal: ","
columns:
  age: {role: quasi-identifier, type: integer}
  Wert: {role: sensitive, type: decimal}
  Stadium: {role: target, type: category, positive: spät}
""",
    )
    experiment.configure(
        dataset="stages", methods=["mondrian"], release={"method": "mondrian", "k": 4}
    )
    run = experiment.snakemake("results/figures/positive_recall.svg")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "positive class: spät" in (
        experiment.folder / "results/figures/positive_recall.svg"
    ).read_text().replace("Positive", "positive")
    table = pd.read_csv(experiment.folder / "results/tables/classifiers.csv")
    tree = table[(table["classifier"] == "decision_tree") & (table["features"] == "all")]
    # Three classes by turns: guessing reaches a third.
    assert tree.loc[tree["data"] == "original", "balanced_accuracy"].item() > 80


def test_a_table_that_was_edited_is_taken_anew(experiment):
    path, target = experiment.folder / "data/tiny.csv", "results/dataset/tiny.parquet"
    assert experiment.snakemake(target).returncode == 0
    assert "Nothing to be done" in experiment.snakemake(target).stderr
    path.write_text(path.read_text() + "m,99,1.0,0\n")
    run = experiment.snakemake(target)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(read_table(experiment.folder / target).frame) == 121
    assert "Nothing to be done" in experiment.snakemake(target).stderr
