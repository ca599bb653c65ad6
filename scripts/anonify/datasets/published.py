"""What the experiments of the paper read: the dataset, and what its authors published of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonify.base.errors import UserError
from anonify.base.places import CONFIGURATION, DESCRIPTIONS
from anonify.base.words import count
from anonify.datasets.download import DataFile, Unavailable, check_found, fetch
from anonify.settings.schemas import read_yaml
from anonify.settings.search import find_file


@dataclass(frozen=True)
class Provided:
    """A file that is there, its checksum verified.

    Parameters
    ----------
    path : where it lies.
    origin : URL from which it was downloaded; None if it was there before.
    """

    path: Path
    origin: str | None


def list_files(experiment: str) -> list[DataFile]:
    """List the files that an experiment of the paper reads.

    Raises
    ------
    UserError : there is no such experiment.
    """
    needs = read_yaml(CONFIGURATION / "paper/data.yaml")
    experiments = needs["experiments"]
    if experiment not in experiments:
        raise UserError(f"EXPERIMENT is {experiment!r}; choose from {', '.join(experiments)}")
    description = read_yaml(DESCRIPTIONS / f"{needs['dataset']}.yaml")
    name = description["name"]
    release = description["releases"][needs["release"]["method"]][needs["release"]["k"]]
    files = {
        "dataset": [_describe(description, name, description["homepage"])],
        "release": [_describe(release, name, needs["homepage"])],
        "class_tables": [
            _describe(table, name, needs["homepage"])
            for table in _list_class_tables(needs["class_tables"])
        ],
    }
    return [file for need in experiments[experiment] for file in files[need]]


def provide(
    files: Sequence[DataFile], search_path: Sequence[str | Path], folder: Path
) -> Iterator[Provided]:
    """Find each file in the search path, or download it to its name below a folder.

    What is found comes first. The first file that no source has is the last one that is asked for.

    Raises
    ------
    UserError : a file in the search path has another checksum.
    Unavailable : a file is in no folder of the search path, and no source answered with it.
    """
    absent = []
    for file in files:
        found = find_file(file.name, file.dataset, search_path)
        if found:
            check_found(file, found)
            yield Provided(found, None)
        else:
            absent.append(file)
    for number, file in enumerate(absent):
        path = folder / file.name
        try:
            with _making(path.parent):
                origin = fetch(file, search_path, path)
        except Unavailable as error:
            more = len(absent) - number - 1
            told = f"; missing as well: {count(more, 'file')}" if more else ""
            raise Unavailable(f"{error}{told}") from None
        yield Provided(path, origin)


def _describe(file: Mapping[str, Any], dataset: str, homepage: str) -> DataFile:
    return DataFile(file["file"], dataset, file["sha256"], file["sources"], homepage)


def _list_class_tables(place: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """List the class tables as descriptions have files."""
    lines = (CONFIGURATION / "paper/published.sha256").read_text(encoding="utf-8").splitlines()
    for line in lines:
        sha256, name = line.split(maxsplit=1)
        folder, _, within = name.partition("/")
        if folder == place["folder"]:
            sources = [
                {"url": f"{place['url']}/{name}"},
                {"google_drive_folder": place["google_drive_folder"], "path": within},
            ]
            yield {"file": f"published/{name}", "sha256": sha256, "sources": sources}


@contextmanager
def _making(folder: Path) -> Iterator[None]:
    """Make a folder, and remove what was made of it where the block fails."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for place in new:
            with suppress(OSError):
                place.rmdir()
        raise
