"""The page on notebooks does what it says, cell by cell."""

import ast
import contextlib
import io
import re

import pandas as pd
from tests.workflow.documentation import DOCS, read_examples


def run_cell(code, names):
    """Run code as a notebook does, and return what it prints and what its last line gives."""
    *body, last = ast.parse(code).body
    is_shown = isinstance(last, ast.Expr)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body if is_shown else [*body, last], []), "cell", "exec"), names)
        if is_shown:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            print(repr(shown) if shown is not None else "", end="")
    return printed.getvalue()


def matches(line, output):
    """Tell whether a line was printed, however wide its gaps; ``…`` stands for anything."""
    pattern = r"\s+".join(map(re.escape, line.split())).replace("…", r"\S+")
    return re.search(rf"^\s*{pattern}\s*$", output, re.MULTILINE) is not None


def test_the_page_on_notebooks_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names, output, missing = {}, "", []
    for example in read_examples(DOCS / "how-to/notebook.md"):
        if example.language == "python":
            output = run_cell(example.code, names)
        else:
            missing += [line for line in example.code.splitlines() if not matches(line, output)]
    assert missing == []
    written = pd.read_csv("patients.csv", dtype="str")
    assert list(written.columns) == ["sex", "age", "zip", "admitted", "diagnosis"]
    assert len(written) == len(names["sampled"].table) < 600
