"""Tables as they come: one sentence says how to mend what is wrong, and nothing else is left."""

import csv
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from tests.profile import takes_long
from tests.workflow.conftest import DATASET, PROJECT, Experiment, make_table

from anonify.tables.storage import read_table

TABLE = "results/dataset/tiny.parquet"
RELEASE = "results/anonymized/mondrian/k4.parquet"
TEXT = make_table().to_csv(index=False)
LONG = "x" * 10_000_000


def replace_last(column: str, value: object) -> bytes:
    """Return the table with another value in its last record."""
    table = make_table().astype({column: "object"})
    table.loc[119, column] = value
    return table.to_csv(index=False).encode()


def zip_up(text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", text)
    return content.getvalue()


def save_parquet() -> bytes:
    content = io.BytesIO()
    make_table().to_parquet(content)
    return content.getvalue()


def list_results(experiment: Experiment) -> set[str]:
    """Return what stands in the results folder, beside logs and benchmarks."""
    results = experiment.folder / "results"
    paths = {path.relative_to(results) for path in results.rglob("*") if path.is_file()}
    return {str(path) for path in paths if path.parts[0] not in ("logs", "benchmarks")}


def read_sentence(run: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence that a run stops with."""
    output = run.stdout + run.stderr
    assert run.returncode == 1, output
    assert "Traceback" not in output
    sentences = {line for line in output.splitlines() if line.startswith("error")}
    assert len(sentences) == 1, output
    return sentences.pop().removeprefix("error: ")


MISTAKES = {
    "empty": (b"", "data/tiny.csv: the file is empty; it needs a header and records"),
    "header twice": (
        TEXT.replace("level", "age").encode(),
        "data/tiny.csv: the column 'age' stands twice in the header; rename one",
    ),
    "infinite": (
        replace_last("level", "inf"),
        "data/tiny.csv, record 120: 'level' is 'inf', not a number; mend the value or the "
        "column's type",
    ),
    "spreadsheet": (
        zip_up(TEXT),
        "data/tiny.csv: the file is an Excel workbook; let its name end in .xlsx",
    ),
    "binary": (
        TEXT.replace("m,", "m\0,", 1).encode(),
        "data/tiny.csv: the file is no text, for line 3 has a NUL byte; save the table as CSV in "
        "UTF-8",
    ),
    "latin-1": (
        replace_last("sex", "männlich").decode().encode("latin-1"),
        "data/tiny.csv, line 121: the file is not UTF-8 text; save it as UTF-8, such as by "
        "iconv -f latin1 -t utf-8 IN > OUT",
    ),
    "cut in quotes": (
        make_table().to_csv(index=False, quoting=csv.QUOTE_ALL).encode()[:-2],
        "data/tiny.csv: the file is no regular CSV, for a quote that opens in record 120 is never "
        "closed; close it, or get the whole file if this one was cut off",
    ),
    "cut in a record": (
        TEXT.encode()[:-6],
        "data/tiny.csv, record 120: it has fewer values than the header has columns (4); mend that "
        "record, or get the whole file if this one was cut off",
    ),
    "semicolons": (
        TEXT.replace(",", ";").encode(),
        "data/tiny.csv: the column 'sex' is missing (there are sex;age;level;ill); ';' parts the "
        'columns, so write `separator: ";"` in the description',
    ),
}


# Each sentence has a test of the reader; here are the kinds that a run tells in its own way.
IN_CHOICE = ("empty", "spreadsheet", "cut in a record")


@pytest.mark.parametrize(
    "mistake",
    [pytest.param(each, marks=[takes_long] if each not in IN_CHOICE else []) for each in MISTAKES],
)
def test_a_bad_file_is_refused_with_one_sentence(experiment, mistake):
    content, sentence = MISTAKES[mistake]
    (experiment.folder / "data/tiny.csv").write_bytes(content)
    assert read_sentence(experiment.snakemake(TABLE, "--cores", "1")) == sentence
    assert list_results(experiment) == {"dataset/tiny.csv", "dataset/tiny.json"}


def test_parquet_that_was_cut_off_is_refused(experiment):
    experiment.describe_dataset(file="tiny.parquet")
    (experiment.folder / "data/tiny.parquet").write_bytes(save_parquet()[:-9])
    assert read_sentence(experiment.snakemake(TABLE, "--cores", "1")) == (
        "data/tiny.parquet: the file is no Parquet, or not whole; save the table again"
    )
    assert list_results(experiment) == {"dataset/tiny.source.parquet", "dataset/tiny.json"}


def test_a_single_record_hides_in_no_class(experiment):
    make_table().iloc[:1].to_csv(experiment.folder / "data/tiny.csv", index=False)
    assert read_sentence(experiment.snakemake(RELEASE, "--cores", "1")) == (
        "k_values: k = 4 is more than the one record of the table; choose a smaller k, or a higher "
        "`risk_limit` where k follows from it"
    )
    assert not (experiment.folder / RELEASE).exists()


def test_a_table_without_a_quasi_identifier_has_nothing_to_anonymize(experiment):
    roles = {"sex": "sensitive", "age": "sensitive", "level": "sensitive", "ill": "target"}
    columns = {name: {"role": role, "type": "category"} for name, role in roles.items()}
    experiment.describe_dataset(columns=columns, distributions={})
    assert read_sentence(experiment.snakemake("all")) == (
        "config/datasets/tiny.yaml: `columns` has no `quasi-identifier`, so there is nothing to "
        "anonymize; give the role to what may identify a person"
    )
    assert list_results(experiment) == set()


def test_a_target_that_is_always_the_same_teaches_nothing(experiment):
    make_table().assign(ill=0).to_csv(experiment.folder / "data/tiny.csv", index=False)
    measures = "results/measures/classifiers/original/all.parquet"
    assert read_sentence(experiment.snakemake(measures, "--cores", "1")) == (
        "target 'ill': all records are of one class, so there is nothing to learn; choose another "
        "target, or none"
    )
    assert not (experiment.folder / measures).exists()


# What looks odd, but is a table like any other.


def release(experiment: Experiment) -> pd.DataFrame:
    run = experiment.snakemake(RELEASE, "--cores", "1")
    assert run.returncode == 0, run.stdout + run.stderr
    return read_table(experiment.folder / RELEASE).frame


def test_records_that_are_all_alike_are_released_as_they_are(experiment):
    table = make_table().assign(sex="f", age=40)
    table.to_csv(experiment.folder / "data/tiny.csv", index=False)
    released = release(experiment)
    assert set(released["sex"]) == {"f"}
    assert set(released["age"]) == {"40"}
    assert not released["is_suppressed"].any()


def test_a_missing_value_that_identifies_is_generalized_like_any_other(experiment):
    (experiment.folder / "data/tiny.csv").write_bytes(replace_last("age", None))
    assert len(release(experiment)) == 120


def test_ten_million_characters_in_a_cell_are_a_value(experiment):
    note = {"role": "sensitive", "type": "category"}
    experiment.describe_dataset(columns={**DATASET["columns"], "note": note})
    table = make_table().assign(note="short")
    table.loc[119, ["sex", "note"]] = LONG
    table.to_csv(experiment.folder / "data/tiny.csv", index=False)
    released = release(experiment)
    assert (released["note"] == LONG).sum() == 1
    assert LONG not in set(released["sex"])


# What the machine refuses.


@pytest.fixture
def full_disk(experiment):
    """Put the results on a disk that has no room."""
    results = experiment.folder / "results"
    results.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(results)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a disk can't be mounted here")
    try:
        fill(results / "filler")
        yield experiment
    finally:
        subprocess.run(["umount", str(results)], check=True)


def fill(path: Path) -> None:
    """Make a file that takes all room."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_full_disk_is_told(full_disk):
    assert read_sentence(full_disk.snakemake(TABLE, "--cores", "1")) == (
        "results/dataset/tiny.csv: the disk is full; make room on it, and run again"
    )
    assert list_results(full_disk) == {"filler"}


def bind_by_permissions() -> Sequence[str]:
    """Return the beginning of a command that permissions bind; they don't bind root."""
    if os.geteuid():
        return []
    command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if not shutil.which("setpriv") or subprocess.run([*command, "true"]).returncode:
        pytest.skip("permissions do not bind root, and setpriv can't help it here")
    return command


@pytest.mark.parametrize(
    ("place", "mode", "named"),
    [
        ("data/tiny.csv", 0o000, "data/tiny.csv"),
        pytest.param("results/dataset", 0o500, "results/dataset/tiny.csv", marks=takes_long),
    ],
)
def test_what_may_not_be_read_or_written_is_told(experiment, place, mode, named):
    # Snakemake removes a folder that is empty.
    experiment.write("results/dataset/other", "")
    path = experiment.folder / place
    before = path.stat().st_mode
    command = [*bind_by_permissions(), sys.executable, "-m", "snakemake", TABLE, "--cores", "1"]
    command += ["--snakefile", str(PROJECT / "Snakefile"), "--configfile", "experiment.yaml"]
    environment = {**os.environ, "ANONIFY_DATA": ""}
    path.chmod(mode)
    run = subprocess.run(
        command, cwd=experiment.folder, env=environment, capture_output=True, text=True
    )
    path.chmod(before)
    assert read_sentence(run) == (
        f"{named}: permission denied; change the permissions of the file and its folder, and run "
        "again"
    )
    assert list_results(experiment) == {"dataset/other"}
