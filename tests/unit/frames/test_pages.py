"""Examples in Python on pages do what they say, cell by cell."""

import ast
import contextlib
import io
import re

import pandas as pd
from tests.workflow.conftest import PROJECT
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


def run_page(name):
    """Run the cells of a page; return their names, and the lines that were not printed."""
    names, output, missing = {}, "", []
    for example in read_examples(DOCS / "how-to" / name):
        if example.language == "python":
            output = run_cell(example.code, names)
        elif example.note == "prints":
            missing += [line for line in example.code.splitlines() if not matches(line, output)]
    return names, missing


def test_the_page_on_notebooks_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names, missing = run_page("notebook.md")
    assert missing == []
    written = pd.read_csv("released.csv", dtype="str")
    assert list(written.columns) == ["sex", "age", "zip", "admitted", "diagnosis"]
    assert len(written) == len(names["sampled"].table) < 600


def test_the_page_on_other_tools_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names, missing = run_page("coming-from.md")
    assert missing == []
    assert names["release"].k == 4


def test_the_example_of_the_readme_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [(20 + n % 40, 12021 + n % 3, "flu") for n in range(120)]
    frame = pd.DataFrame(rows, columns=["age", "zip", "diagnosis"])
    frame.to_csv("patients.csv", index=False)
    (example,) = (
        example for example in read_examples(PROJECT / "README.md") if example.language == "python"
    )
    names = {}
    run_cell(example.code, names)
    released = pd.read_csv("released.csv")
    assert list(released) == ["age", "zip", "diagnosis"]
    assert released.groupby(["age", "zip"]).size().min() >= 12
