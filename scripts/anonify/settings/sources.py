"""Which files a run is made with, and which of them a script of the workflow uses.

These are inputs of the script's rule, so that an edit reruns exactly the jobs that use it;
Snakemake itself looks at the script alone.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from anonify.base.places import LIBRARY, SHIPPED
from anonify.settings.parts import PARTS, list_captions

WORKFLOW = (
    "Snakefile",
    "config/config.schema.yaml",
    "config/config.yaml",
    "config/paper/anonymity.csv",
    "config/paper/classifiers.csv",
    "config/paper/distributions.csv",
    "config/paper/info_loss.csv",
    "config/paper/paper.yaml",
    "envs/anonify.yaml",
    "profiles/default/config.yaml",
    "CITATION.cff",
    "LICENSE",
    # What a checkout has besides: how to install what is needed, and how to begin.
    "Makefile",
    "README.md",
    "requirements.lock",
)
"""What every run reads besides its rules, its scripts and what these use.

One by one: a folder may also have what nobody wants to see in an archive.
"""

CAPTIONS = (
    *list_captions(),
    *(name for part in PARTS for name in part.lists),
    "stand_in",
    "workflow",
)
"""The captions of a run, and the front pages of Snakemake's report."""

DATA = (".css", ".j2", ".js", ".yaml")
"""What a data file of the library ends in."""

# Of a file of rules, too, which is no Python as it is.
_COMMENT = re.compile("#.*")
_IMPORT = re.compile(r"^[ \t]*(?:from ([\w.]+) )?import (\([^)]*\)|[^\n]+)", re.MULTILINE)
_NAMED_DATA = re.compile(rf"""["']([^"'\n]+(?:{"|".join(map(re.escape, DATA))}))["']""")


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
    """Find what a file uses itself, or names in a text as if it did.

    Its text is searched, not parsed: each job of a run looks at all modules anew.
    """
    if file.suffix not in (".py", ".smk"):
        return ()
    text = file.read_text(encoding="utf-8")
    modules = (path for name in _list_imports(text) for path in _find_module(name, scripts))
    return tuple({*modules, *_find_data(text)})


def _list_imports(text: str) -> Iterator[str]:
    """List what may be a module that a source imports: also each name that it takes from one."""
    for source, listed in _IMPORT.findall(_COMMENT.sub("", text)):
        names = [name.split()[0] for name in listed.strip("()").split(",") if name.strip()]
        if source:
            yield from (f"{source}.{name}" for name in names)
            yield source
        else:
            yield from names


def _find_data(text: str) -> Iterator[Path]:
    """Find the data files of the library that a source names, by the end of their path."""
    ends = tuple(f"/{name}" for name in _NAMED_DATA.findall(text))
    return (path for path in _list_data(LIBRARY) if path.as_posix().endswith(ends))


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
    files = (path for path in folder.glob("**/*") if path.suffix in DATA and path.is_file())
    return tuple(
        path
        for path in sorted(files)
        if not path.is_relative_to(SHIPPED) and not _is_kept_by_tool(path.relative_to(folder))
    )


def _is_kept_by_tool(path: Path) -> bool:
    return any(folder.startswith(".") for folder in path.parts[:-1])


def list_workflow(
    base: Path, rules: Iterable[Path], scripts: Iterable[Path], *modules: str
) -> list[str]:
    """List what a run is made with, but for the dataset: what its jobs read, and nothing beside it.

    Parameters
    ----------
    base : folder of the workflow. The library lies in it, or around it where it is installed.
    rules : the files of rules that the workflow includes.
    scripts : the scripts of all rules.
    modules : as in :func:`list_sources`.
    """
    used = [base / name for name in WORKFLOW]
    used += [base / f"rules/captions/{name}.rst" for name in CAPTIONS]
    # Files of rules that include ours are somebody else's workflow.
    used += [path for path in rules if path.is_relative_to(base)]
    for script in scripts:
        used += [script, *map(Path, list_sources(script, *modules))]
    for file in rules:
        used += map(Path, list_sources(file))
    return list(map(str, dict.fromkeys(path for path in used if path.is_file())))
