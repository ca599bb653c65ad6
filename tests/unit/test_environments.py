"""The lock, the conda environment and pyproject.toml agree."""

import re
import tomllib
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2]
# The workflow's own, which conda's jobs do not need.
NOT_IN_JOBS = {"click", "falcon", "gunicorn", "jsonschema", "pyyaml", "skops", "snakemake"}


def read_lock() -> dict[str, str]:
    text = (PROJECT / "requirements.lock").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, re.MULTILINE))


def read_dependencies() -> set[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    return {re.split(r"[<>=~! ;\[]", text)[0] for text in project["dependencies"]}


def read_conda() -> dict[str, str]:
    lines = yaml.safe_load((PROJECT / "envs/anonify.yaml").read_text())["dependencies"]
    pairs = [line.split(" =", 1) for line in lines if not line.startswith("python ")]
    return {name.replace("matplotlib-base", "matplotlib"): version for name, version in pairs}


def test_the_conda_environment_has_the_dependencies_of_the_jobs():
    assert set(read_conda()) == read_dependencies() - NOT_IN_JOBS


def test_both_environments_have_the_same_versions():
    lock = read_lock()
    assert {name: lock[name] for name in read_conda()} == read_conda()


def test_every_locked_package_has_hashes_and_no_address():
    text = (PROJECT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[a-z])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)
    assert "://" not in text
    assert "index-url" not in text


def test_one_version_of_each_package_serves_python_3_11_to_3_13():
    text = (PROJECT / "requirements.lock").read_text()
    names = re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)
    assert len(names) == len(set(names))
