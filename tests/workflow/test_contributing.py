"""The examples of CONTRIBUTING.md do what they say, in a copy of the project."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.workflow.conftest import PROJECT, Experiment, make_experiment

TEXT = (PROJECT / "CONTRIBUTING.md").read_text()


def read_examples(title: str) -> list[tuple[str, str]]:
    """Return (what the comment before it says, code) of each example in a section."""
    section = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"<!-- (.*?) -->\n```\w+\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def project(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    for name in ("rules", "scripts", "config", "profiles", "envs"):
        shutil.copytree(PROJECT / name, project / name)
    shutil.copy(PROJECT / "Snakefile", project)
    return project


def follow(experiment: Experiment, project, title: str, **changes) -> None:
    """Do what a section says; what the small table needs is laid under its configuration."""
    for place, code in read_examples(title):
        if place == "file: my.yaml":
            experiment.configure(**{**changes, **yaml.safe_load(code), **changes})
        elif place.startswith("file: config/"):
            experiment.write(place.removeprefix("file: "), code)
        elif place.startswith("file: "):
            (project / place.removeprefix("file: ")).write_text(code)
        else:
            path = project / "scripts/anonify/settings/classifiers.py"
            text = path.read_text().replace("CLASSIFIERS = {\n", "CLASSIFIERS = {\n" + code)
            path.write_text(text)


def test_a_new_method_is_one_module_and_its_name(project, tmp_path):
    (tmp_path / "run").mkdir()
    experiment = make_experiment(tmp_path / "run")
    release = {"method": "same_level", "k": 4}
    follow(experiment, project, "Add a method", release=release)
    run = experiment.snakemake("results/tables/info_loss.csv", snakefile=project / "Snakefile")
    assert run.returncode == 0, run.stdout + run.stderr
    loss = pd.read_csv(experiment.folder / "results/tables/info_loss.csv")
    assert set(loss["method"]) == {"arx", "same_level"}
    assert (loss["achieved_k"] >= loss["k"]).all()


def test_a_new_dataset_is_one_file(project, tmp_path):
    (tmp_path / "run").mkdir()
    experiment = make_experiment(tmp_path / "run")
    generator = np.random.default_rng(3)
    pressure = generator.integers(90, 180, 150)
    table = pd.DataFrame(
        {
            "sex": generator.choice(["f", "m"], 150),
            "town": generator.choice(["Aln", "Brae", "Carn", "Dun"], 150),
            "age": generator.integers(18, 90, 150),
            "pressure": pressure,
            "ill": (pressure > 140).astype(int),
        }
    )
    table.to_csv(experiment.folder / "data/clinic.csv", index=False)
    few = {"deletions": [50], "repeats": 1, "classifier_repeats": 1}
    follow(experiment, project, "Add a dataset", methods=["arx", "mondrian"], **few)
    targets = ["results/figures/pressure_by_age.png", "results/tables/classifiers.csv"]
    run = experiment.snakemake(*targets, snakefile=project / "Snakefile")
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_new_classifier_is_one_entry(project, tmp_path):
    (tmp_path / "run").mkdir()
    experiment = make_experiment(tmp_path / "run")
    few = {"deletions": [50], "repeats": 1, "classifier_repeats": 1}
    follow(experiment, project, "Add a classifier", **few)
    run = experiment.snakemake("results/tables/classifiers.csv", snakefile=project / "Snakefile")
    assert run.returncode == 0, run.stdout + run.stderr
    table = pd.read_csv(experiment.folder / "results/tables/classifiers.csv")
    assert set(table["classifier"]) == {"naive_bayes", "nearest_centroid", "majority"}
