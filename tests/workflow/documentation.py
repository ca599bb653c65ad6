"""What the pages of the documentation show as examples, and a project to try them in."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from tests.workflow.conftest import PROJECT
from tests.workflow.warm import get_warm_python

from anonify.settings.schemas import read_yaml

DOCS = PROJECT / "docs"

_EXAMPLE = re.compile(
    r"^(?P<indent> *)(?:<!-- (?P<note>[^\n]*?) -->\n\s*)?```(?P<language>\w+)\n"
    r"(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Example:
    """A fenced block of code.

    Parameters
    ----------
    note : what the comment before it says; empty without one. ``file: PATH`` is the whole of a
        file, ``change: PATH`` keys to be laid over a YAML file, ``prints`` and ``gives`` what
        comes of the example before, ``run`` and ``not run: why`` whether commands are more than
        planned.
    """

    note: str
    language: str
    code: str

    @property
    def file(self) -> str | None:
        """The file that the block shows, or None where it shows none."""
        return self.note.removeprefix("file: ") if self.note.startswith("file: ") else None

    @property
    def changed_file(self) -> str | None:
        """The file that the block changes, or None where it changes none."""
        return self.note.removeprefix("change: ") if self.note.startswith("change: ") else None


def read_examples(page: Path) -> list[Example]:
    """Return the examples of a page in their order."""
    return [
        Example(found["note"] or "", found["language"], textwrap.dedent(found["code"]))
        for found in _EXAMPLE.finditer(page.read_text(encoding="utf-8"))
    ]


def copy_project(folder: Path) -> Path:
    """Copy what a person gets who downloads the project, but for tests and documentation."""
    project = folder / "project"
    project.mkdir()
    # Whoever followed the tutorial in this project has files of it.
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "clinic.yaml")
    for name in ("rules", "scripts", "workflow", "config", "profiles", "envs", "notebooks"):
        shutil.copytree(PROJECT / name, project / name, ignore=ignored)
    for path in PROJECT.glob("*"):
        if path.is_file():
            shutil.copy(path, project)
    return project


def edit(project: Path, example: Example) -> None:
    """Write or change the file that an example shows, if it shows one."""
    if example.file:
        path = project / example.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.code, encoding="utf-8")
    if example.changed_file:
        path = project / example.changed_file
        content = {**read_yaml(path), **yaml.safe_load(example.code)}
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def follow(project: Path, examples: Sequence[Example], timeout: int = 900) -> None:
    """Do what a page says, and check that it prints what it shows."""
    output = ""
    for example in examples:
        edit(project, example)
        if example.language == "sh" and not example.note.startswith("not run"):
            done = run_commands(project, example.code, timeout)
            output = done.stdout + done.stderr
            assert done.returncode == 0, example.code + output
        if example.note == "prints":
            assert list_missing(example, output) == [], output


def list_missing(example: Example, output: str) -> list[str]:
    """Return the lines of an example that were not printed."""
    return [line for line in example.code.splitlines() if not _is_in(line, output)]


def _is_in(line: str, output: str) -> bool:
    """Tell whether a line was printed, however wide its gaps; ``…`` stands for anything."""
    pattern = r"\s+".join(map(re.escape, line.split())).replace("…", ".*")
    return re.search(rf"^\s*{pattern}\s*$", output, re.MULTILINE) is not None


def run_commands(
    project: Path, commands: str, timeout: int = 300
) -> subprocess.CompletedProcess[str]:
    """Run commands as a person types them, with the tests' own environment on the path.

    Python and Snakemake start warm.
    """
    folders = [str(get_warm_python().commands), str(Path(sys.executable).parent)]
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=project,
        env={
            **os.environ,
            "PATH": os.pathsep.join([*folders, os.environ["PATH"]]),
            "ANONIFY_DATA": "",
        },
        capture_output=True,
        text=True,
        timeout=timeout,
    )
