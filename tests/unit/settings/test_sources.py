"""Which files a script uses."""

import ast
from pathlib import Path

import pytest

from anonify.base.places import LIBRARY
from anonify.base.places import WORKFLOW as PROJECT
from anonify.settings import sources
from anonify.settings.sources import list_sources, list_workflow


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write files of a small library and of scripts beside it."""
    monkeypatch.setattr(sources, "LIBRARY", tmp_path / "anonify")

    def write_files(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write_files


def use(folder: Path, script: str, *modules: str) -> list[str]:
    names = list_sources(folder / f"{script}.py", *modules)
    return [str(Path(name).relative_to(folder)) for name in names]


ROOMS = {
    "anonify/__init__.py": "",
    "anonify/base/__init__.py": "",
    "anonify/base/files.py": "",
    "anonify/tables/__init__.py": "",
    "anonify/tables/text.py": "from anonify.base.files import name_file",
    "anonify/methods/__init__.py": "",
    "anonify/methods/arx.py": "",
    "anonify/methods/oka.py": "from anonify.tables import text",
}


def test_a_script_uses_what_it_imports_and_what_that_imports(write):
    folder = write(ROOMS | {"measure.py": "import pandas\nfrom anonify.tables.text import read"})
    assert use(folder, "measure") == [
        "anonify/__init__.py",
        "anonify/base/__init__.py",
        "anonify/base/files.py",
        "anonify/tables/__init__.py",
        "anonify/tables/text.py",
    ]


def test_a_helper_beside_the_script_is_followed(write):
    folder = write(
        ROOMS | {"measure.py": "from job import run_job", "job.py": "import anonify.base.files"}
    )
    assert use(folder, "measure") == [
        "anonify/__init__.py",
        "anonify/base/__init__.py",
        "anonify/base/files.py",
        "job.py",
    ]


def test_a_module_that_is_loaded_by_name_is_told(write):
    folder = write(ROOMS | {"measure.py": ""})
    assert use(folder, "measure") == []
    assert use(folder, "measure", "methods.arx") == [
        "anonify/__init__.py",
        "anonify/methods/__init__.py",
        "anonify/methods/arx.py",
    ]
    assert "anonify/tables/text.py" in use(folder, "measure", "methods.oka")


def test_two_modules_that_import_each_other_are_followed_once(write):
    rooms = ROOMS | {"anonify/base/files.py": "import anonify.tables.text"}
    folder = write(rooms | {"measure.py": "import anonify.base.files"})
    assert use(folder, "measure").count("anonify/tables/text.py") == 1


def test_a_data_file_is_used_by_the_module_that_names_it(write):
    rooms = ROOMS | {
        "anonify/tables/text.py": 'WORDS = Path(__file__).with_name("words.yaml")',
        "anonify/tables/words.yaml": "",
        "anonify/tables/.cache/words.yaml": "",
        "anonify/base/other.yaml": "",
    }
    folder = write(rooms | {"measure.py": "import anonify.tables.text"})
    data = [name for name in use(folder, "measure") if name.endswith(".yaml")]
    assert data == ["anonify/tables/words.yaml"]


def test_each_data_file_of_the_library_is_named_by_a_module():
    texts = [path.read_text(encoding="utf-8") for path in LIBRARY.rglob("*.py")]
    data = [path.name for path in LIBRARY.rglob("*.*") if path.suffix in sources.DATA]
    assert "dataset.schema.yaml" in data
    assert [name for name in data if not any(name in text for text in texts)] == []


def test_imports_are_those_that_python_finds():
    for path in [*LIBRARY.rglob("*.py"), *LIBRARY.parent.glob("*.py")]:
        text = path.read_text(encoding="utf-8")
        expected = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                expected |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
            elif isinstance(node, ast.Import):
                expected |= {name.name for name in node.names}
        found = {name for name in sources._list_imports(text) if _is_module(name)}
        assert found == {name for name in expected if _is_module(name)}, path


def _is_module(name: str) -> bool:
    return bool(sources._find_module(name, LIBRARY.parent))


def test_an_import_may_take_several_lines_and_have_comments(write):
    text = "if here:\n    from anonify.tables import (  # the one, and\n        text as it,\n    )"
    folder = write(ROOMS | {"measure.py": text})
    assert "anonify/tables/text.py" in use(folder, "measure")


def test_a_file_is_read_once(write, monkeypatch):
    folder = write(ROOMS | {"one.py": "import anonify.tables.text"})
    (folder / "two.py").write_text("import anonify.tables.text")
    read = []
    read_text = Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda path, **how: read.append(path) or read_text(path, **how)
    )
    for script in ("one", "two", "one"):
        list_sources(folder / f"{script}.py")
    assert len(read) == len(set(read)) == 7


def test_a_file_that_a_docstring_speaks_of_is_no_data_file(write):
    rooms = ROOMS | {
        "anonify/tables/text.py": '"""Reads tables such as patients.yaml."""\nWORDS = "words.yaml"',
        "anonify/tables/patients.yaml": "",
        "anonify/tables/own_words.yaml": "",
        "anonify/tables/words.yaml": "",
    }
    folder = write(rooms | {"measure.py": "import anonify.tables.text"})
    data = [name for name in use(folder, "measure") if name.endswith(".yaml")]
    assert data == ["anonify/tables/words.yaml"]


CHECKOUT = {
    "Snakefile": "",
    "LICENSE": "",
    "rules/common.smk": "rule all:\n    input: 1\n\nfrom anonify.base.files import name_file\n",
    "rules/captions/anonymity.rst": "",
    "config/config.schema.yaml": "",
    "scripts/measure.py": "import job",
    "scripts/job.py": "",
}


def list_files(folder: Path, *modules: str) -> set[str]:
    rules, scripts = [folder / "rules/common.smk"], [folder / "scripts/measure.py"]
    names = list_workflow(folder, rules, scripts, *modules)
    assert len(names) == len(set(names))
    return {str(Path(name).relative_to(folder)) for name in names}


def test_a_run_is_made_with_what_it_reads_and_not_with_what_lies_beside_it(write):
    used = {*CHECKOUT, "anonify/__init__.py", "anonify/base/__init__.py", "anonify/base/files.py"}
    folders = {str(Path(name).parent) for name in [*CHECKOUT, *ROOMS, "config/datasets/x"]}
    strays = {f"{folder}/patients{kind}": "" for folder in folders for kind in (".csv", ".py")}
    folder = write(ROOMS | CHECKOUT | strays)
    assert list_files(folder) == used
    method = {"anonify/methods/__init__.py", "anonify/methods/arx.py"}
    assert list_files(folder, "methods.arx") == used | method


def test_every_file_of_the_workflow_that_is_named_is_there():
    assert [name for name in sources.WORKFLOW if not (PROJECT / name).is_file()] == []
    captions = {path.stem for path in (PROJECT / "rules/captions").glob("*.rst")}
    assert captions == set(sources.CAPTIONS)


def test_an_installed_library_lies_around_the_workflow(write):
    folder = write(
        {
            ".venv/lib/anonify/__init__.py": "",
            ".venv/lib/anonify/base/__init__.py": "",
            ".venv/lib/anonify/base/files.py": "",
            ".venv/lib/anonify/base/patients.py": "",
            ".venv/lib/anonify/workflow/Snakefile": "",
            ".venv/lib/anonify/workflow/README.md": "",
            ".venv/lib/anonify/workflow/scripts/measure.py": "import anonify.base.files",
        }
    )
    library = folder / ".venv/lib/anonify"
    base = library / "workflow"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "LIBRARY", library)
        names = list_workflow(base, [], [base / "scripts/measure.py"])
    assert {str(Path(name).relative_to(library)) for name in names} == {
        "workflow/Snakefile",
        "workflow/README.md",
        "workflow/scripts/measure.py",
        "__init__.py",
        "base/__init__.py",
        "base/files.py",
    }
