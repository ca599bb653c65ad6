"""A run becomes one file that the public validator accepts and that can be run again."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import requests
import yaml
from requests_cache import CachedSession
from tests.profile import takes_long
from tests.workflow.conftest import PROJECT, Experiment
from urllib3 import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"

# What is recommended and left out: nobody's name is asked for, and a folder has no address.
LEFT_OUT = {
    "The Action SHOULD have an agent that is a Person or Organization",
    "The Application SHOULD have a url",
    "The `publisher` property of a `Root Data Entity` SHOULD be an `Organization`",
    "The organization SHOULD have a URL.",
    # It is asked of the types themselves, whatever the archive says.
    "The SoftwareApplication id SHOULD be an absolute URI",
}


pytestmark = takes_long


@pytest.fixture(scope="module")
def archived(finished, tmp_path_factory) -> Experiment:
    """The finished experiment in a folder of its own, with an archive."""
    folder = tmp_path_factory.mktemp("archived") / "run"
    archived = Experiment(Path(shutil.copytree(finished.folder, folder)))
    run = archived.snakemake("archive")
    assert run.returncode == 0, run.stdout + run.stderr
    return archived


@pytest.fixture(scope="module")
def archive(archived, tmp_path_factory) -> Path:
    """The archive, unzipped."""
    folder = tmp_path_factory.mktemp("archive")
    with zipfile.ZipFile(archived.folder / "results/archive.zip") as file:
        file.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def validate(tmp_path_factory):
    """The public validator, without the network: gives the issues by their severity."""
    folder = tmp_path_factory.mktemp("validator")
    fill_cache(folder / "cache", CONTEXT, PROJECT / "tests/workflow/ro-crate-1.1-context.json")

    def validate(crate: Path) -> dict[str, set[str]]:
        command = [str(Path(sys.executable).with_name("rocrate-validator")), "validate"]
        command += ["--offline", "--cache-path", str(folder / "cache")]
        command += ["--profile-identifier", "workflow-run-crate"]
        command += ["--requirement-severity", "recommended"]
        command += ["--output-format", "json", "--output-file", str(folder / "report.json")]
        run = subprocess.run([*command, str(crate)], capture_output=True, text=True)
        assert (folder / "report.json").exists(), run.stdout + run.stderr
        report = json.loads((folder / "report.json").read_text())
        issues: dict[str, set[str]] = {"REQUIRED": set(), "RECOMMENDED": set()}
        for issue in report["issues"]:
            issues[issue["severity"]].add(issue["message"])
        return issues

    return validate


def fill_cache(path: Path, url: str, file: Path) -> None:
    """Put a file into the validator's cache, as if it had been downloaded from an address."""
    response = requests.Response()
    response.status_code, response.url = 200, url
    response.headers["Content-Type"] = "application/ld+json"
    response.request = requests.Request("GET", url).prepare()
    response.raw = HTTPResponse(
        BytesIO(file.read_bytes()), status=200, preload_content=False, request_url=url
    )
    with CachedSession(str(path), backend="sqlite") as session:
        session.cache.save_response(response)


def read_entities(folder: Path) -> dict[str, dict]:
    metadata = json.loads((folder / "ro-crate-metadata.json").read_text())
    return {entity["@id"]: entity for entity in metadata["@graph"]}


def test_the_validator_finds_nothing_that_is_required_missing(archive, validate):
    issues = validate(archive)
    assert issues["REQUIRED"] == set()
    assert issues["RECOMMENDED"] <= LEFT_OUT


def test_the_validator_would_find_it(archive, validate, tmp_path):
    crate = tmp_path / "crate"
    shutil.copytree(archive, crate)
    metadata = json.loads((crate / "ro-crate-metadata.json").read_text())
    action = next(entity for entity in metadata["@graph"] if entity["@id"] == "#run")
    del action["instrument"]
    (crate / "ro-crate-metadata.json").write_text(json.dumps(metadata))
    assert any("MUST have an instrument" in issue for issue in validate(crate)["REQUIRED"])


def test_the_run_is_described(archive, finished):
    entities = read_entities(archive)
    run = entities["#run"]
    assert run["instrument"] == {"@id": "Snakefile"}
    assert run["object"] == [{"@id": "#dataset"}, {"@id": "configuration.yaml"}]
    results = {part["@id"] for part in run["result"]}
    shown = finished.files(".pdf", ".png", ".svg", ".html")
    # The narrow figures are in the report.
    figures = {f"results/{name}" for name in shown if "narrow" not in name}
    tables = {f"results/{name}" for name in finished.files(".csv") if name.startswith("tables/")}
    assert results == figures | tables | {f"{table}-metadata.json" for table in tables}
    assert run["startTime"] < run["endTime"]
    data = (finished.folder / "results/dataset/tiny.csv").read_bytes()
    assert entities["#dataset"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_each_file_is_listed_with_its_checksum(archive):
    listed = {
        name: entity["sha256"]
        for name, entity in read_entities(archive).items()
        if "File" in entity["@type"]
    }
    files = {
        path.relative_to(archive).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in archive.rglob("*")
        if path.is_file() and path.name != "ro-crate-metadata.json"
    }
    assert listed == files


def test_neither_the_records_nor_the_machine_are_in_the_archive(archive, archived, finished):
    names = {path.name for path in archive.rglob("*")}
    assert "tiny.csv" not in names
    assert not [name for name in names if name.endswith(".parquet")]
    assert "search_path" not in yaml.safe_load((archive / "configuration.yaml").read_text())
    for path in archive.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for place in (finished.folder, archived.folder, PROJECT, Path.home()):
                assert f"{place}/".encode() not in content, path


def test_an_unzipped_archive_can_be_run_again(archive, finished, tmp_path):
    folder = shutil.copytree(archive, tmp_path / "again")
    shutil.rmtree(folder / "results")
    plan = run_snakemake(folder, "all", "--dry-run", data=finished.folder / "data")
    assert "Writing the report" in plan
    table = "results/anonymized/arx/k4.csv"
    run_snakemake(folder, table, data=finished.folder / "data")
    assert len((folder / table).read_text().splitlines()) > 100


def run_snakemake(folder: Path, *arguments: str, data: Path) -> str:
    """Run Snakemake on the workflow in a folder, with the library that lies there."""
    command = [sys.executable, "-m", "snakemake", *arguments, "--cores", "1"]
    run = subprocess.run(
        [*command, "--configfile", "configuration.yaml"],
        cwd=folder,
        env={**os.environ, "ANONIFY_DATA": str(data), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


# What a checkout has, tests and what tools keep apart.
CHECKOUT = ("Snakefile", "config", "docs", "envs", "notebooks", "profiles", "rules", "scripts")
CHECKOUT += ("README.md", "LICENSE", "CITATION.cff", "Makefile", "requirements.lock", "data", ".ci")


def test_strays_in_every_folder_stay_out(finished, archived, tmp_path):
    made = (".*", "__pycache__", "*.egg-info", "_build")
    for name in CHECKOUT:
        source = PROJECT / name
        if source.is_dir():
            ignore = None if name == ".ci" else shutil.ignore_patterns(*made)
            shutil.copytree(source, tmp_path / name, ignore=ignore, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy2(source, tmp_path / name)
    for name in ("data", "results", "config"):
        shutil.copytree(finished.folder / name, tmp_path / name, dirs_exist_ok=True)
    shutil.copy2(finished.folder / "experiment.yaml", tmp_path / "configuration.yaml")
    folders = [tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())]
    assert {"datasets", "anonymized", "captions", "notebooks", "methods", "docs"} <= {
        path.name for path in folders
    }
    for folder in folders:
        for kind in (".csv", ".yaml", ".ipynb", ".py", ".parquet", ".md", ".smk", ".rst", ".png"):
            (folder / f"patients{kind}").write_text("")
    # An edit of the workflow is no matter here: the tables are there.
    told = run_snakemake(
        tmp_path, "archive", "--rerun-triggers", "mtime", data=finished.folder / "data"
    )
    with (
        zipfile.ZipFile(tmp_path / "results/archive.zip") as strewn,
        zipfile.ZipFile(archived.folder / "results/archive.zip") as clean,
    ):
        names = strewn.namelist()
        assert set(names) == set(clean.namelist())
    assert not [name for name in names if "patients" in name]
    assert not [name for name in names if name.startswith(("notebooks/", "docs/", "tests/"))]
    assert [n for n in names if n.startswith("config/datasets/")] == ["config/datasets/tiny.yaml"]
    # What is in it is said, name by name.
    assert {line.strip() for line in told.splitlines()} >= set(names)
