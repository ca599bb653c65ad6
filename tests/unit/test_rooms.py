"""Who may import whom: the order of the rooms, and the fences between some of them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import anonify

LIBRARY = Path(anonify.__file__).parent
# A room imports rooms above it, never below.
ROOMS = [
    "base",
    "verification",
    "settings",
    "tables",
    "engines",
    "domains",
    "recoding",
    "methods",
    "disclosure",
    "releases",
    "measures",
    "figures",
    "paper",
    "report",
    "datasets",
    "drafting",
    "frames",
    "benchmarks",
    "anomed",
    "commands",
]
FENCES = [
    *(("verification", room) for room in ROOMS if room not in ("base", "verification")),
    ("domains", "tables"),
    ("tables", "domains"),
    ("report", "figures"),
    ("figures", "report"),
    *((room, "anomed") for room in ROOMS if room not in ("anomed", "commands")),
]


def list_modules() -> list[Path]:
    return sorted(LIBRARY.rglob("*.py"))


def find_imports(path: Path) -> Iterator[str]:
    """List what a module imports of the library, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("anonify."))
        elif isinstance(node, ast.ImportFrom) and node.module == "anonify":
            yield from (f"anonify.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("anonify."):
            yield node.module or ""
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which room is meant"


def find_room(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0]


@cache
def list_arrows() -> list[tuple[Path, str, str]]:
    return [
        (path, find_room(path), name.split(".")[1])
        for path in list_modules()
        if path.parent != LIBRARY
        for name in find_imports(path)
        if name.split(".")[1] in ROOMS
    ]


def test_the_library_has_these_rooms_and_no_others():
    folders = {path.name for path in LIBRARY.iterdir() if (path / "__init__.py").exists()}
    assert folders == set(ROOMS)
    assert {path.name for path in LIBRARY.glob("*.py")} == {"__init__.py"}


def test_the_page_on_the_architecture_lists_the_rooms_in_their_order():
    page = (LIBRARY.parents[1] / "docs/architecture.md").read_text(encoding="utf-8")
    table = page.split("## Rooms")[1].split("## One way through")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == ROOMS


def test_a_room_imports_rooms_above_it_and_none_below():
    arrows = list_arrows()
    assert len(arrows) > 200
    wrong = [
        f"{path.relative_to(LIBRARY)} imports {there}"
        for path, here, there in arrows
        if ROOMS.index(there) > ROOMS.index(here)
    ]
    assert not wrong


@pytest.mark.parametrize(("room", "other"), FENCES)
def test_a_fence_is_not_crossed(room, other):
    wrong = [
        path.relative_to(LIBRARY)
        for path, here, there in list_arrows()
        if (here, there) == (room, other)
    ]
    assert not wrong


def test_the_entrance_of_a_room_has_a_docstring_and_no_imports():
    # The registry of methods, the doors, and what a light installation can't do.
    doing = ("methods", "commands", "anomed", "figures", "report")
    doors = {LIBRARY / room / "__init__.py" for room in doing}
    for path in LIBRARY.glob("*/**/__init__.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path
        if path not in doors:
            assert len(tree.body) == 1, path
