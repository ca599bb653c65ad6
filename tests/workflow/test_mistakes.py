"""What a user may do wrong: one sentence before any job runs, nothing half-written."""

import re

import pandas as pd
import pytest
from tests.workflow.conftest import DATASET, make_table


def fails_before_any_job(run) -> str:
    """Return the one sentence that a run ends with."""
    assert run.returncode == 1
    lines = [line for line in (run.stdout + run.stderr).splitlines() if line.strip()]
    notices = ("Using workflow specific profile", "Config file")
    sentences = [line for line in lines if not line.startswith(notices)]
    assert len(sentences) == 1, lines
    return sentences[0]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"k_valus": [50]}, "there is no key `k_valus`; did you mean `k_values`?"),
        ({"k_values": [1]}, "`k_values[0]` is 1; it should be a whole number from 2"),
        (
            {"deletions": [120]},
            "`deletions[0]` is 120; it should be a whole number of per cent from 1 to 99",
        ),
        ({"methods": ["arx", "datafly"]}, "`methods` names 'datafly'"),
        ({"method_options": {"datafly": {}}}, "`method_options` names 'datafly'"),
        ({"method_options": {"ola": {"limit": 2}}}, "`method_options.ola` has no option 'limit'"),
        (
            {"requirements": [{"attribute": "age", "model": "t_closeness", "t": 0.1}]},
            "`requirements` names 'age'; it should be a sensitive column",
        ),
        (
            {"requirements": [{"attribute": "ill", "model": "t_closeness"}]},
            "`requirements[0]` lacks the key `t`; add it",
        ),
        (
            {"requirements": [{"attribute": "ill", "model": "t_closeness", "t": 0.1}]},
            "`requirements`: oka keeps none but k; choose from arx, mondrian, ncp_mondrian, ola",
        ),
        ({"shown_deletion": 20}, "`shown_deletion` is 20; it should be one of the `deletions`"),
        ({"classifier_repeats": 3}, "`classifier_repeats` is 3; it should be at most `repeats`"),
        ({"classifiers": ["bayes"]}, "`classifiers` names 'bayes'"),
        ({"release": {"method": "arx"}}, "`release` lacks the key `k`; add it"),
        ({"release": {"method": "other", "k": 4}}, "`release.method` is 'other'"),
        ({"release": {"method": "elsewhere", "k": 5}}, "'elsewhere' has k 4"),
        ({"dataset": "nowhere"}, "config/datasets/nowhere.yaml: there is no such file"),
    ],
)
def test_a_mistake_in_the_configuration_is_named_before_any_job(experiment, changes, sentence):
    experiment.configure(**changes)
    if "release" in changes and "k" not in changes["release"]:
        # Snakemake lays one configuration over the other, so a key is missing only in ours.
        experiment.configure(release={"method": "arx", "k": None})
        sentence = "`release.k` is None; it should be a whole number from 2"
    assert sentence in fails_before_any_job(experiment.snakemake("all"))


def test_a_list_given_on_the_command_line_is_explained(experiment):
    run = experiment.snakemake("all", "--config", "k_values=50,100")
    assert "use --configfile" in fails_before_any_job(run)


def test_a_column_without_a_role_is_named(experiment):
    experiment.describe_dataset(columns={**DATASET["columns"], "ill": {"type": "integer"}})
    sentence = fails_before_any_job(experiment.snakemake("all"))
    assert "config/datasets/tiny.yaml: `columns.ill` lacks the key `role`; add it" in sentence


def runs_into(run, sentence: str) -> None:
    """Check that a job failed with a sentence and without a traceback."""
    output = run.stdout + run.stderr
    assert run.returncode == 1, output
    assert output.count(sentence) == 1, output
    assert "Traceback" not in output
    assert re.search(r"^Failed: .* \(rule \w+, log results/logs/\S+\.log\)$", output, re.MULTILINE)


def test_a_dataset_that_is_nowhere_stops_the_run_with_how_to_get_it(experiment):
    (experiment.folder / "data/tiny.csv").unlink()
    run = experiment.snakemake("all")
    runs_into(run, "tiny.csv: no source answered with the file")
    assert "name its folder in ANONIFY_DATA" in run.stdout + run.stderr
    assert not list((experiment.folder / "results/dataset").glob("*"))


@pytest.mark.parametrize(
    ("mend", "sentence"),
    [
        (lambda t: t.drop(columns="age"), "the column 'age' is missing"),
        (lambda t: t.assign(name="x"), "the column 'name' is not described"),
        (lambda t: t.assign(level="high"), "record 1: 'level' is 'high', not a number"),
        (lambda t: t.assign(age=[300, *t["age"][1:]]), "the value 300 lies outside the edges"),
        (lambda t: t.iloc[:3], "k = 4 is more than the 3 records"),
        (lambda t: t.iloc[:0], "a header but no record"),
    ],
)
def test_a_mistake_in_the_table_is_named(experiment, mend, sentence):
    mend(make_table()).to_csv(experiment.folder / "data/tiny.csv", index=False)
    run = experiment.snakemake("results/anonymized/arx/k4.parquet")
    runs_into(run, sentence)
    assert not (experiment.folder / "results/anonymized/arx/k4.parquet").exists()


def test_a_wrong_checksum_never_becomes_the_dataset(experiment):
    experiment.describe_dataset(sha256="0" * 64)
    runs_into(experiment.snakemake("all"), "the file has the SHA-256")
    assert not (experiment.folder / "results/dataset/tiny.csv").exists()


# Tables anonymized elsewhere.

# Beside the table that a test is about, as few as there may be.
FEW = {
    "methods": ["arx"],
    "k_values": [4],
    "deletions": [50],
    "repeats": 1,
    "classifiers": ["naive_bayes"],
    "classifier_repeats": 1,
}


def write_release(experiment, release: pd.DataFrame) -> None:
    release.to_csv(experiment.folder / "data/elsewhere.csv", index=False)
    experiment.configure(
        release={"method": "elsewhere", "k": 4}, evaluations=["classifiers"], **FEW
    )


def generalize(table: pd.DataFrame) -> pd.DataFrame:
    """Lift age to its second level and suppress five records."""
    age = table["age"].map(lambda age: "0-30" if age < 30 else "30-100")
    release = table.assign(age=age)
    release.loc[:4, ["sex", "age"]] = "*"
    return release.sample(frac=1, random_state=0)


def test_a_table_anonymized_elsewhere_goes_through_all_evaluations(experiment):
    write_release(experiment, generalize(make_table()))
    names = ["info_loss", "level_by_age", "classifiers", "anonymity"]
    run = experiment.snakemake(*(f"results/tables/{name}.csv" for name in names))
    assert run.returncode == 0, run.stdout + run.stderr
    tables = experiment.folder / "results/tables"
    loss = pd.read_csv(tables / "info_loss.csv").set_index("method").loc["elsewhere"]
    assert (loss["k"], loss["suppressed_records"]) == (4, 5)
    risk = pd.read_csv(tables / "anonymity.csv").set_index(["data", "reading", "measure"])["value"]
    assert risk["anonymized", "as published", "journalist_risk_highest"].item() == 20
    highest = risk["anonymized", "corrected", "journalist_risk_highest"].item()
    assert highest == pytest.approx(100 / loss["achieved_k"])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda r: pd.concat([r, r.iloc[:1]]), "121 records were released of 120"),
        (lambda r: r.assign(age=["18", *r["age"][1:]]), "has 1 records, fewer than k = 4"),
        (lambda r: r.assign(sex=r["sex"].replace("f", "w")), "sex: 'w' is not in the hierarchy"),
        (lambda r: r.assign(level=r["level"] + 1), "combinations of the other columns do not"),
    ],
)
def test_a_table_that_is_no_release_of_the_dataset_is_refused(experiment, spoil, sentence):
    write_release(experiment, spoil(generalize(make_table())))
    runs_into(experiment.snakemake("results/anonymized/elsewhere/k4.parquet"), sentence)
    assert not (experiment.folder / "results/anonymized/elsewhere/k4.parquet").exists()


# The synthetic stand-in.


def test_without_the_dataset_a_marked_stand_in_takes_its_place(experiment):
    path = experiment.folder / "data/tiny.csv"
    table = path.read_bytes()
    path.unlink()
    experiment.configure(when_unavailable="synthesize", **FEW)
    run = experiment.snakemake("results/figures/info_loss.svg")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "SYNTHETIC STAND-IN" in run.stderr
    results = experiment.folder / "results"
    assert "synthetic stand-in" in (results / "figures/info_loss.svg").read_text()
    loss = pd.read_csv(results / "tables/info_loss.csv")
    assert set(loss["dataset"]) == {"tiny (synthetic stand-in)"}

    # The dataset takes the place of the stand-in as soon as it is there, and stays.
    path.write_bytes(table)
    run = experiment.snakemake("results/figures/info_loss.svg")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "synthetic stand-in" not in (results / "figures/info_loss.svg").read_text()
    path.unlink()
    experiment.configure(when_unavailable="fail", search_path=["elsewhere"], **FEW)
    run = experiment.snakemake("results/figures/info_loss.svg", "--dry-run")
    assert "Nothing to be done" in run.stdout + run.stderr
