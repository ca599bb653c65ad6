"""The lock, the conda environment and pyproject.toml agree."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from anonify.base.extras import EXTRAS

PROJECT = Path(__file__).resolve().parents[2]
# The commands' and the workflow's own, which conda's jobs do not need.
NOT_IN_JOBS = {"click", "jsonschema", "python-stdnum", "pyyaml", "snakemake"}


def read_lock() -> dict[str, str]:
    text = (PROJECT / "requirements.lock").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, re.MULTILINE))


def read_dependencies(*extras: str) -> set[str]:
    """Return the names of what the library needs, or of what some extras bring."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    groups = [project["optional-dependencies"][extra] for extra in extras]
    texts = [text for group in groups or [project["dependencies"]] for text in group]
    return {re.split(r"[<>=~! ;\[]", text)[0] for text in texts} - {"anonify"}


def read_conda() -> dict[str, str]:
    lines = yaml.safe_load((PROJECT / "envs/anonify.yaml").read_text())["dependencies"]
    pairs = [line.split(" =", 1) for line in lines if not line.startswith("python ")]
    return {name.replace("matplotlib-base", "matplotlib"): version for name, version in pairs}


def test_the_conda_environment_has_the_dependencies_of_the_jobs():
    needed = read_dependencies() | read_dependencies("workflow", "attacks", "files", "postgresql")
    assert set(read_conda()) == needed - NOT_IN_JOBS


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_is_looked_for_is_what_an_extra_brings(extra):
    packages = packages_distributions()
    if extra == "spark" and "pyspark" not in packages:
        pytest.skip("needs Spark: make test-spark")
    brought = {name.lower() for module in EXTRAS[extra] for name in packages[module]}
    also = {"workflow": ["attacks"]}.get(extra, [])
    assert brought == read_dependencies(extra, *also)


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


def test_what_the_public_ci_runs_is_named_by_its_commit_and_may_only_read():
    workflows = list((PROJECT / ".github/workflows").glob("*.y*ml"))
    assert workflows
    for path in workflows:
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "read"}
        steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
        actions = [step["uses"] for step in steps if "uses" in step]
        assert [name for name in actions if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []
        assert [job for job in workflow["jobs"].values() if "permissions" in job] == []
