"""Which files a run is made with, and which of them a script of the workflow uses.

These are inputs of the script's rule, so that an edit reruns exactly the jobs that use it;
Snakemake itself looks at the script alone.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from anonify.base.places import LIBRARY, SHIPPED

WORKFLOW = (
    "Snakefile",
    "rules/**/*.*",
    "scripts/**/*.*",
    "config/**/*.*",
    "envs/*.*",
    "profiles/**/*.*",
    "notebooks/*.*",
    "*.md",
    "*.toml",
    "setup.py",
    "requirements.*",
    "CITATION.cff",
    "LICENSE",
    "Makefile",
    # What the Makefile calls.
    ".ci/*",
)
"""The files of the workflow."""


def list_sources(script: Path, *modules: str) -> list[str]:
    """List the files that a script uses, directly or not: of the library, and helpers beside it.

    A data file of the library is used by the modules that name it.

    Parameters
    ----------
    modules : of the library that the script loads without an import, such as ``methods.arx``.
    """
    pending = [script]
    for module in modules:
        pending += _find_module(f"anonify.{module}", script.parent)
    found: set[Path] = set()
    while pending:
        file = pending.pop()
        if file not in found:
            found.add(file)
            pending += _find_used(file, script.parent)
    return sorted(map(str, found - {script}))


@cache
def _find_used(file: Path, scripts: Path) -> tuple[Path, ...]:
    """Find what a file uses itself."""
    if file.suffix != ".py":
        return ()
    text = file.read_text(encoding="utf-8")
    modules = (path for name in _list_imports(text) for path in _find_module(name, scripts))
    data = (path for path in _list_data(LIBRARY) if path.name in text)
    return tuple({*modules, *data})


def _list_imports(text: str) -> Iterator[str]:
    """List what may be a module that a source imports: also each name that it takes from one."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@cache
def _find_module(name: str, scripts: Path) -> tuple[Path, ...]:
    """Find the file of a module, and of the packages it lies in, which are imported with it."""
    parts = name.split(".")
    folder = LIBRARY.parent if parts[0] == LIBRARY.name else scripts
    module = folder.joinpath(*parts[:-1], f"{parts[-1]}.py")
    packages = (folder.joinpath(*parts[:end], "__init__.py") for end in range(1, len(parts) + 1))
    return tuple(path for path in (module, *packages) if path.is_file())


@cache
def _list_data(folder: Path) -> tuple[Path, ...]:
    """List the files of a library that are no code; the workflow in an installed one is apart."""
    files = (path for path in _list_files(folder, "**/*") if path.suffix != ".py")
    return tuple(path for path in files if not path.is_relative_to(SHIPPED))


def list_workflow(base: Path) -> list[str]:
    """List what a run is made with, but for the dataset.

    Parameters
    ----------
    base : folder of the workflow. The library lies in it, or around it where it is installed.
    """
    files = [path for pattern in WORKFLOW for path in _list_files(base, pattern)]
    if not LIBRARY.is_relative_to(base):
        library = _list_files(LIBRARY, "**/*")
        files += [path for path in library if not path.is_relative_to(base)]
    return list(map(str, files))


def _list_files(folder: Path, pattern: str) -> list[Path]:
    """List the files of a folder, but for those that tools keep there in folders of their own."""
    files = sorted(path for path in folder.glob(pattern) if path.is_file())
    return [path for path in files if not _is_made(path.relative_to(folder))]


def _is_made(path: Path) -> bool:
    folders = set(path.parts[:-1]) - {".ci"}
    return any(
        folder.startswith(".") or folder == "__pycache__" or folder.endswith(".egg-info")
        for folder in folders
    )
