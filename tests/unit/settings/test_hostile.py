"""Descriptions and settings that mean harm: one sentence each, in bounded time and memory."""

import importlib
import json
import pkgutil
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

import anonify
from anonify.base.errors import UserError
from anonify.base.extras import MissingExtraError
from anonify.base.places import CONFIGURATION, DESCRIPTIONS, SCRIPTS
from anonify.commands.jsonfile import read_json
from anonify.settings.description import read_description
from anonify.settings.schemas import LARGEST, MOST_REPEATED, read_yaml

SOUND = """\
name: clinic
title: Clinic
file: clinic.csv
columns:
  age: {role: quasi-identifier, type: integer, hierarchy: {intervals: [{start: 0, width: 10}]}}
  ill: {role: target, type: integer}
"""

# Each of nine levels has nine times the one before: 9 ** 9 values in a few lines.
LISTS = "a0: &a0 [x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 10)
)
DIGITS = "9" * 5000


def change(old: str, new: str) -> str:
    assert old in SOUND
    return SOUND.replace(old, new)


# The text of a description, and what the sentence on it names.
HOSTILE = {
    "lists": (LISTS, "aliases (`*name`) repeat more than"),
    "merges": (MERGES, "aliases (`*name`) repeat more than"),
    "itself": ("a: &a [*a]\n", "line 1: the anchor stands for something with its own alias in it"),
    "deep": ("a: " + "[" * 100_000, "nested too deeply"),
    "deep blocks": ("".join(" " * n + "a:\n" for n in range(1500)), "nested too deeply"),
    "digits": (change("start: 0", f"start: {DIGITS}"), ".start` has the number '999"),
    "hexadecimal": (change("start: 0", f"start: 0x{DIGITS}"), ".start` has the number '0x999"),
    "sixties": (change("start: 0", "start: 1" + ":1" * 20_000), ".start` has the number '1:1"),
    "huge": (change("width: 10", "width: 1" + "0" * 300), ".width` has the number '1000"),
    "infinite": (change("start: 0", "start: .inf"), "`columns.age.hierarchy.intervals[0].start`"),
    "none": (change("width: 10", "width: .NaN"), ".width` has the number '.NaN' in line 5"),
    "overflow": (change("width: 10", "width: 1.0e+999"), ".width` has the number '1.0e+999'"),
    "no date": (change("title: Clinic", "title: 2024-13-45"), "the file is no YAML (month must"),
    "no number": (change("title: Clinic", "title: !!int a"), "the file is no YAML"),
    "repeated": (SOUND + "title: Other\n", "the key 'title' stands twice"),
    "repeated in columns": (change("  ill:", "  age:"), "the key 'age' stands twice"),
    "number for a key": (SOUND + "5: 6\n", "there is no key `5`"),
    "list for a key": (SOUND + "? [a, b]\n: c\n", "found unhashable key"),
    "number for a column": (change("  ill:", "  5:"), "`columns` has the key 5"),
    "number for a distribution": (SOUND + "distributions: {5: {}}\n", "has the key 5"),
    "number for a release": (SOUND + "releases: {5: {}}\n", "has the key 5"),
    "parent": (change("name: clinic", 'name: ".."'), "`name` is '..'; it should be letters"),
    "path": (change("name: clinic", "name: ../clinic"), "`name` is '../clinic'"),
    "line feed": (change("name: clinic", 'name: "clinic\\n"'), "`name` is 'clinic\\n'"),
    "title of two lines": (change("title: Clinic", 'title: "a\\n\\n.. raw:: html"'), "in one line"),
    "script in a title": (change("title: Clinic", "title: </SCRIPT >"), "has </SCRIPT in it"),
    "script in a column": (change("  ill:", "  <script>:"), "line 6: '<script>' has <script in"),
    "comment": (change("title: Clinic", "title: a <!-- b"), "has <!-- in it"),
    "object": (change("title: Clinic", "title: !!python/name:os.system"), "the file is no YAML"),
    "large": ("#" * (LARGEST + 1), "the file has more than 4 MiB"),
}


def refuse(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_description(path, str(path))
    return str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_description_is_refused_in_one_sentence(tmp_path, name):
    text, sentence = HOSTILE[name]
    path = tmp_path / "clinic.yaml"
    path.write_text(text)
    message = refuse(path)
    assert message.startswith(str(path))
    assert sentence in message
    assert "\n" not in message
    assert len(message) < 600


# Checks each description in one process with 1 GiB and 60 s of CPU time for all.
CHECK = """
import sys
from anonify.commands import main
from click.testing import CliRunner
for path in sys.argv[1:]:
    result = CliRunner().invoke(main, ["check", path])
    assert result.exit_code == 1, (path, result.output, result.exception)
    assert isinstance(result.exception, SystemExit), (path, result.exception)
    print(len(result.output.splitlines()))
"""


def test_time_and_memory_are_bounded(tmp_path):
    paths = []
    for number, (text, _) in enumerate(HOSTILE.values()):
        paths.append(tmp_path / f"{number}.yaml")
        paths[-1].write_text(text)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))

    run = subprocess.run(
        [sys.executable, "-c", CHECK, *map(str, paths)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SCRIPTS), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        preexec_fn=limit,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    # A line for each mistake; some have two.
    lines = run.stdout.split()
    assert len(lines) == len(HOSTILE)
    assert set(lines) <= {"1", "2"}


def test_aliases_that_save_writing_are_read(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: &a {x: [1, 2]}\nb: {<<: *a, y: *a}\n")
    assert read_yaml(path) == {"a": {"x": [1, 2]}, "b": {"x": [1, 2], "y": {"x": [1, 2]}}}


def test_a_long_list_is_no_repetition(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: [" + "x, " * (MOST_REPEATED + 1) + "x]\n")
    assert len(read_yaml(path)["a"]) == MOST_REPEATED + 2


def test_our_own_files_are_read():
    for path in [*DESCRIPTIONS.glob("*.yaml"), *CONFIGURATION.glob("*.yaml")]:
        assert isinstance(read_yaml(path), dict)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f'{{"a": {DIGITS}}}', "the number '999"),
        (f'{{"a": {"9" * 100}}}', "is too large"),
        ('{"a": 1e999}', "the number '1e999' is too large"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": -Infinity}', "-Infinity is no number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"b": 1, "a": 2, "a": 3}', "the key 'a' stands twice"),
        ("{" + "".join(f'"{n}": 0, ' for n in range(100_000)) + '"0": 0}', "the key '0' stands"),
    ],
)
def test_a_hostile_json_is_refused_in_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "conf.json"
    path.write_text(text)
    start = time.process_time()
    with pytest.raises(UserError) as caught:
        read_json(str(path), {"type": "object"})
    assert time.process_time() - start < 5
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_numbers_of_a_json_are_what_they_were(tmp_path):
    path = tmp_path / "conf.json"
    content = {"a": 5, "b": 0.3, "c": -(2**62), "d": 1e300}
    path.write_text(json.dumps(content))
    assert read_json(str(path), {"type": "object"}) == content


def list_patterns() -> dict[str, re.Pattern[str]]:
    """List the regular expressions that modules of the library keep."""
    patterns = {}
    # What needs packages that are not installed is not looked at.
    for module in pkgutil.walk_packages(anonify.__path__, "anonify.", lambda name: None):
        # The server's own module starts it.
        if not module.name.endswith(".wsgi") and ".workflow" not in module.name:
            try:
                content = vars(importlib.import_module(module.name))
            except (MissingExtraError, ImportError):
                continue
            for name, value in content.items():
                if isinstance(value, re.Pattern):
                    patterns[f"{module.name}.{name}"] = value
    return patterns


def test_no_pattern_takes_long_for_a_long_text():
    patterns = list_patterns()
    assert len(patterns) >= 5
    pieces = ["1", "-", "1-", "1.", ".", " ", "a", "[", "[a, ", " by ", "a ", ":", "é", "9", "\n"]
    for name, pattern in patterns.items():
        for piece in pieces:
            text = piece * 20_000 + "!"
            start = time.process_time()
            pattern.fullmatch(text)
            assert time.process_time() - start < 1, (name, piece)
