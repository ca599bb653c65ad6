"""A small dataset, and how to run the command on it."""

import json
from pathlib import Path

from click.testing import CliRunner

from anonify.commands import main

DESCRIPTION = """
name: clinic
title: Clinic
file: clinic.csv
columns:
  name: {role: identifier, type: category}
  sex: {role: quasi-identifier, type: category}
  age: {role: quasi-identifier, type: integer, hierarchy: {file: age.csv}}
  weight: {role: quasi-identifier, type: decimal}
  illness: {role: sensitive, type: category}
  dead: {role: target, type: integer}
"""

TABLE = """name,sex,age,weight,illness,dead
Ada,F,30,50,flu,0
Bea,F,30,55,"cold, bad",1
Cia,F,31,60,flu,0
Dan,M,31,70,flu,0
Eli,M,40,75,cold,1
Flo,M,40,80,cold,0
"""

HIERARCHY = "30;30-39;*\n31;30-39;*\n40;40-49;*\n"

RELEASED = (
    "sex,age,illness\r\n"
    + 'F,30-39,flu\r\nF,30-39,"cold\r\nbad"\r\n' * 5
    + ("M,*,flu\r\nM,*,00.50")
)


def run(command, content=None, *arguments):
    if content is not None:
        Path("conf.json").write_text(content if isinstance(content, str) else json.dumps(content))
        arguments = ("conf.json", *arguments)
    return CliRunner().invoke(main, [command, *arguments])


def refuse(command, content, *arguments):
    """Run a command in vain, and return its message: one line, no traceback."""
    result = run(command, content, *arguments)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    message = result.stderr.splitlines()[-1]
    assert message.startswith("Error: ")
    return message


def anonymization(**changes):
    content = {
        "dataset": "clinic.yaml",
        "algo_conf": {"k": [2], "algo": ["mondrian"]},
        "dataset_conf": {"batch_size": [0], "attrs": [[]]},
        "output": "out",
    }
    for key, value in changes.items():
        part = content["algo_conf"] if key in ("k", "algo", "options") else content
        part = content["dataset_conf"] if key in ("batch_size", "attrs") else part
        part[key] = value
    return content


def sampling(**changes):
    return {
        "id": "trial",
        "input": "released.csv",
        "qids": ["sex", "age"],
        "deletion_percentage": 0.3,
        "num_experiments": 2,
        "output": "out",
        **changes,
    }
