"""What the README promises is there, and the project says the same of itself everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from anonify.commands import COMMANDS, main
from anonify.methods import METHODS
from anonify.settings.schemas import check_configuration, read_yaml

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
# Within a screen, 40 lines of it.
FIRST = "\n".join(README.splitlines()[:40])
SENTENCE = "Makes of a table about people one that may be handed out"


def list_commands(text: str) -> list[str]:
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_every_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README)
    there = [link for link in links if not link.startswith("http")]
    assert len(there) > 15
    assert [link for link in there if not (PROJECT / link).exists()] == []


def test_the_first_screen_speaks_to_three_readers():
    commands = [line.split("#")[0].split() for line in list_commands(FIRST)]
    assert commands == [
        ["anonify", "init", "patients.csv"],
        ["anonify", "check", "patients"],
        ["anonify", "run", "patients", "release"],
        ["make", "run"],
        ["make", "test"],
    ]
    assert FIRST.count("```python") == 1
    before_code, *_ = FIRST.split("```python")
    assert before_code.index("table to release") < before_code.index("work in Python")


def test_every_command_target_and_extra_that_is_named_is_there():
    commands = list_commands(README)
    named = {line.split()[1] for line in commands if line.startswith("anonify ")}
    assert named
    assert named - set(COMMANDS) == set()
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:`|^|\s)make ([a-z-]+)", "\n".join(commands))) - targets == set()
    extras = set(re.findall(r"'\.\[([a-z]+)\]'", README))
    assert extras == set(PYPROJECT["optional-dependencies"]) - {"dev"}


def test_the_readme_lists_every_method():
    table = README.split("## Methods")[1].split("\n- ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", "".join(cells))) == sorted(METHODS)
    assert len(METHODS) == 10
    assert "by ten methods" in FIRST


@pytest.mark.parametrize("name", ["README.md", "docs/index.md", "CITATION.cff"])
def test_the_project_says_the_same_of_itself(name):
    text = " ".join((PROJECT / name).read_text(encoding="utf-8").split())
    assert SENTENCE in text
    assert text.index(SENTENCE) < text.index("Section 6 of")


def test_what_is_installed_says_what_it_does_before_the_paper():
    description = PYPROJECT["description"]
    assert description.startswith("Anonymize tables about people")
    assert "Section 6 of Anonify (PoPETs 2024)" in description


# The catalogue of Snakemake


def test_the_catalogue_finds_what_it_looks_for():
    usage = yaml.safe_load((PROJECT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["software-stack-deployment"]["conda"] is True
    assert (PROJECT / "envs/anonify.yaml").exists()
    assert (PROJECT / "workflow/Snakefile").exists()
    assert {"snakemake", "workflow"} <= set(re.findall(r"[a-z]+", README.lower()))


def test_the_configuration_that_the_catalogue_shows_is_one():
    text = (PROJECT / "config/README.md").read_text(encoding="utf-8")
    schema = read_yaml(PROJECT / "config/config.schema.yaml")
    dataset = read_yaml(PROJECT / "scripts/anonify/settings/dataset.schema.yaml")
    description, run = (
        yaml.safe_load(code) for code in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    )
    check_configuration(description, dataset, "description")
    check_configuration(run, schema, "run")
    keys = {
        key
        for line in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
        for key in re.findall(r"`(\w+)`", line)
    }
    assert keys
    assert keys - set(schema["properties"]) == set()


# The container


def read_container() -> str:
    text = (PROJECT / "Containerfile").read_text(encoding="utf-8")
    return re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)


def test_the_container_is_built_from_the_lock():
    text = read_container()
    assert re.search(r"--only-binary :all: --require-hashes -r requirements\.lock$", text, re.M)
    assert "--no-deps --no-build-isolation ." in text
    assert re.search(r"^USER [1-9]", text, re.MULTILINE)
    assert 'ENTRYPOINT ["anonify"]' in text


def test_the_container_has_a_python_that_the_project_allows():
    found = re.search(
        r"^ARG PYTHON=python:3\.(\d+)\.\d+-slim-\w+@sha256:[0-9a-f]{64}$",
        read_container(),
        re.MULTILINE,
    )
    assert PYPROJECT["requires-python"] == ">=3.11"
    assert 11 <= int(found[1]) <= 13
    assert all(image == "${PYTHON}" for image in re.findall(r"^FROM (\S+)", read_container(), re.M))


def test_the_container_is_given_all_that_the_package_holds():
    """And nothing that a checkout may have besides."""
    lines = re.findall(r"^COPY (?!--from)(.*) \S+$", read_container(), re.MULTILINE)
    given = {name for line in lines for name in line.split()}
    assert all((PROJECT / name).exists() for name in given)
    setup = (PROJECT / "setup.py").read_text()
    packed = set(re.findall(r'^ {12}"([^"/]+)(?:/[^"]*)?",$', setup, re.MULTILINE))
    assert "rules" in packed
    assert given == packed | {"README.md", "pyproject.toml", "requirements.lock", "setup.py"}


# Completion


def complete(monkeypatch, capsys, words: str) -> list[str]:
    monkeypatch.setenv("_ANONIFY_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"anonify {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" "))))
    with pytest.raises(SystemExit) as ended:
        main(prog_name="anonify")
    assert ended.value.code == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("an", ["plain,anonymize"]),
        ("assess x.csv --thr", ["plain,--threshold"]),
        ("init pat", ["file,pat"]),
        ("sample c", ["file,c"]),
        ("assess x", ["file,x"]),
    ],
)
def test_a_shell_completes_commands_options_and_files(monkeypatch, capsys, words, completed):
    assert complete(monkeypatch, capsys, words) == completed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion(monkeypatch, capsys, shell):
    monkeypatch.setenv("_ANONIFY_COMPLETE", f"{shell}_source")
    with pytest.raises(SystemExit) as ended:
        main(prog_name="anonify")
    assert ended.value.code == 0
    assert "_ANONIFY_COMPLETE" in capsys.readouterr().out
