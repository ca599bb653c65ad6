"""A warm Python runs programs as a cold one does."""

import os
import subprocess
import sys

import pytest
from tests.workflow.warm import get_warm_python

STATE = "import sys, numpy; print('anonify' in sys.modules, numpy.random.random())"


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "import sys; print(sys.argv, sys.path); print(1, file=sys.stderr)", "a b"],
        ["-c", "import os, sys; os.write(1, os.environ['WORD'].encode()); sys.exit(3)"],
        ["-c", "raise SystemExit('no')"],
        ["-c", "import os; os.kill(os.getpid(), 15)"],
        ["-m", "json.tool", "nowhere.json"],
        ["program.py", "--option"],
    ],
)
def test_arguments_streams_environment_and_code_are_those_of_python(arguments, tmp_path):
    (tmp_path / "program.py").write_text("import sys; print(__name__, sys.argv, sys.path[0])")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "more"), "WORD": "wörd"}
    cold = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    warm = get_warm_python().run(arguments, tmp_path, environment)
    assert (warm.returncode, warm.stdout, warm.stderr) == (
        cold.returncode,
        cold.stdout,
        cold.stderr,
    )


def test_programs_share_neither_the_library_nor_random_numbers(tmp_path):
    runs = [get_warm_python().run(["-c", STATE], tmp_path, os.environ) for _ in range(2)]
    (first, number), (second, other) = (run.stdout.split() for run in runs)
    assert (first, second) == ("False", "False")
    assert number != other


def test_the_commands_on_the_path_are_warm(tmp_path):
    run = subprocess.run(
        [
            get_warm_python().commands / "python",
            "-c",
            "import sys; print('sklearn' in sys.modules)",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout) == (0, "True\n")
