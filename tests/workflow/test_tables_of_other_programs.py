"""A run on a workbook and on a file of SPSS, which stay as they are."""

import gzip
import hashlib
import json

import pandas as pd
import pyreadstat
import pytest
from tests.profile import takes_long
from tests.workflow.conftest import DATASET, make_table

RELEASE = "results/anonymized/mondrian/k4.csv"
LABELS = {1: "f", 2: "m"}


def write_excel(frame, path):
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({"note": ["of ward 3"]}).to_excel(writer, sheet_name="Notes")
        frame.to_excel(writer, sheet_name="Patients", startrow=2, index=False)


def write_spss(frame, path):
    codes = frame["sex"].map({label: float(code) for code, label in LABELS.items()})
    pyreadstat.write_sav(frame.assign(sex=codes), str(path), variable_value_labels={"sex": LABELS})


def write_gzip(frame, path):
    path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))


@takes_long
@pytest.mark.parametrize(
    ("name", "copy", "write", "keys"),
    [
        ("tiny.xlsx", "tiny.source.xlsx", write_excel, {"sheet": "Patients", "first_line": 3}),
        ("tiny.SAV", "tiny.source.SAV", write_spss, {}),
        ("tiny.csv.gz", "tiny.csv.gz", write_gzip, {}),
    ],
)
def test_a_run_takes_the_file_as_it_is(experiment, name, copy, write, keys):
    assert experiment.snakemake(RELEASE).returncode == 0
    expected = (experiment.folder / RELEASE).read_bytes()
    path = experiment.folder / "data" / name
    write(make_table(), path)
    content = path.read_bytes()
    description = {key: value for key, value in DATASET.items() if key != "synthetic"}
    experiment.write("config/datasets/tiny.yaml", json.dumps({**description, "file": name, **keys}))
    run = experiment.snakemake(RELEASE)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (experiment.folder / RELEASE).read_bytes() == expected
    record = json.loads((experiment.folder / "results/dataset/tiny.json").read_text())
    assert record["sha256"] == hashlib.sha256(content).hexdigest()
    source = experiment.folder / "results/dataset" / copy
    assert source.read_bytes() == content == path.read_bytes()


@takes_long
def test_a_run_takes_a_folder_of_parquet_files_and_sees_when_it_changes(experiment):
    assert experiment.snakemake(RELEASE).returncode == 0
    expected = (experiment.folder / RELEASE).read_bytes()
    frame, folder = make_table(), experiment.folder / "data/visits"
    folder.mkdir()
    frame.iloc[:50].to_parquet(folder / "part-0.parquet", index=False)
    frame.iloc[50:].to_parquet(folder / "part-1.parquet", index=False)
    (folder / "_SUCCESS").touch()
    description = {key: value for key, value in DATASET.items() if key != "synthetic"}
    experiment.write("config/datasets/tiny.yaml", json.dumps({**description, "file": "visits/"}))
    run = experiment.snakemake(RELEASE)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (experiment.folder / RELEASE).read_bytes() == expected
    frame.iloc[50:60].to_parquet(folder / "part-1.parquet", index=False)
    assert experiment.snakemake(RELEASE).returncode == 0
    assert len(pd.read_csv(experiment.folder / RELEASE)) == 60
    frame[["level"]].to_parquet(folder / "part-1.parquet", index=False)
    run = experiment.snakemake(RELEASE)
    assert run.returncode == 1
    assert "data/visits/part-1.parquet: it lacks the column" in run.stdout + run.stderr
    assert len(pd.read_csv(experiment.folder / RELEASE)) == 60


def test_a_mistake_in_a_workbook_names_the_file_that_was_brought(experiment):
    table = make_table().astype({"level": "object"})
    table.loc[119, "level"] = "#DIV/0!"
    table.to_excel(experiment.folder / "data/tiny.xlsx", index=False)
    description = {key: value for key, value in DATASET.items() if key != "synthetic"}
    experiment.write("config/datasets/tiny.yaml", json.dumps({**description, "file": "tiny.xlsx"}))
    run = experiment.snakemake("results/dataset/tiny.parquet", "--cores", "1")
    assert run.returncode == 1
    assert (
        "error: data/tiny.xlsx, record 120: 'level' is '#DIV/0!', not a number; mend the value"
    ) in run.stdout + run.stderr
