"""`import anonify`: light, and the same names for people, tools and types."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import anonify

LIBRARY = Path(anonify.__file__).parent


def test_the_import_loads_nothing_that_takes_time():
    code = (
        "import sys, anonify; print([name for name in ('pandas', 'numpy', 'sklearn', 'click') "
        "if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=LIBRARY.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", anonify.__all__)
def test_every_name_is_there_and_is_documented(name):
    assert name in dir(anonify)
    assert getattr(anonify, name).__doc__


def test_a_name_that_is_not_there_is_told_as_python_does():
    with pytest.raises(AttributeError, match=r"^module 'anonify' has no attribute 'anonymise'$"):
        anonify.anonymise  # noqa: B018


def test_types_know_the_same_names_in_the_same_places():
    stub = ast.parse((LIBRARY / "__init__.pyi").read_text(encoding="utf-8"))
    places = {
        alias.name: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert places == {name: f"anonify.{place}" for name, place in anonify._PLACES.items()}
