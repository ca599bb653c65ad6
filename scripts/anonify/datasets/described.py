"""The walk through a described dataset: its description, its table, what both make together.

Every door goes this way, up to where it has what it needs. What differs is what becomes of a
mistake: it is raised, or it is noted so that the walk goes on; see :data:`Noting`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anonify.base.errors import Noting, UserError, UserErrors
from anonify.base.files import hash_file
from anonify.base.folders import temporary_folder
from anonify.datasets.stored import type_stored_table
from anonify.datasets.typed import read_described_table
from anonify.domains.domain import Domain
from anonify.domains.files import write_domain
from anonify.domains.hierarchy import HierarchyError
from anonify.engines.postgresql import Source, copy_source
from anonify.measures.distribution import assign_groups
from anonify.releases.dataset import Dataset, StoredDataset
from anonify.settings.description import examine_description, find_description
from anonify.settings.search import find_file
from anonify.tables.columns import describe_columns, drop_identifiers, names_with_role
from anonify.tables.dialect import Dialect
from anonify.tables.provenance import start_provenance
from anonify.tables.storage import write_table_parts
from anonify.tables.typed import check_target

# A hierarchy with more mistakes than this has the same mistake many times.
SHOWN = 20


class Mistakes:
    """The mistakes of a walk that goes on behind them.

    >>> mistakes = Mistakes()
    >>> with mistakes.noting():
    ...     raise UserError("clinic.csv: there is no such file; check the path")
    >>> mistakes.sentences
    ['clinic.csv: there is no such file; check the path']
    """

    def __init__(self) -> None:
        self.sentences: list[str] = []

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note the mistake that ends the block."""
        try:
            yield
        except UserErrors as error:
            shown = SHOWN if isinstance(error, HierarchyError) else len(error.mistakes)
            self.sentences += error.mistakes[:shown]
            if more := error.mistakes[shown:]:
                self.sentences.append(f"and {len(more):,} more mistakes like this one")
        except UserError as error:
            self.sentences.append(str(error))


@dataclass(frozen=True)
class Described:
    """The description of a dataset, and where its files are looked for.

    Parameters
    ----------
    path : of the description.
    columns : the descriptions of columns that have no mistake.
    folders : where files are looked for.
    """

    path: Path
    description: Mapping[str, Any]
    columns: Mapping[str, Mapping[str, Any]]
    folders: list[Path]

    def find_table(self) -> Path | None:
        """Return the dataset's file, None where it is a table of a database.

        Raises
        ------
        UserError : it is in no folder.
        """
        return None if self.origin else self._find(self.description["file"])

    @contextmanager
    def open_table(self) -> Iterator[Path]:
        """Give the dataset's file, or one for this block with what is read of a database.

        Raises
        ------
        UserError : it is in no folder; as :func:`anonify.engines.postgresql.copy_source`.
        """
        if file := self.find_table():
            yield file
            return
        with temporary_folder() as folder:
            path = folder / "source.parquet"
            copy_source(Source.of(self.description["database"]), path)
            yield path

    @property
    def origin(self) -> str | None:
        """What a database's table is called, None of a file."""
        database = self.description.get("database")
        return Source.of(database).name if database else None

    def find_population(self) -> Path:
        """Return the file with the people of whom those of the table are a sample.

        Raises
        ------
        UserError : it is in no folder.
        """
        return self._find(self.description["population"]["file"])

    def find_hierarchy(self, name: str) -> Path | None:
        """Return the file of a column's hierarchy, None where it has none.

        Raises
        ------
        UserError : it is in no folder.
        """
        file = self.columns[name].get("hierarchy", {}).get("file")
        return self._find(file) if file else None

    def list_files(self) -> list[Path]:
        """List the description and the files that it names, as far as there are any."""
        hierarchies = (column.get("hierarchy", {}) for column in self.columns.values())
        naming = [self.description, self.description.get("population", {}), *hierarchies]
        found = (self._look_for(each["file"]) for each in naming if "file" in each)
        return [self.path, *(path for path in found if path)]

    def _look_for(self, file: str) -> Path | None:
        return find_file(file, self.description["name"], self.folders)

    def _find(self, file: str) -> Path:
        found = self._look_for(file)
        if found is None:
            raise UserError(
                f"{file}: the file is in none of {', '.join(map(str, self.folders))}; put it "
                "there, or name its folder in ANONIFY_DATA"
            )
        return found


def describe_dataset(named: str, noting: Noting = nullcontext) -> Described:
    """Find and check the description of a dataset.

    Parameters
    ----------
    named : as in :func:`anonify.settings.description.find_description`.

    Raises
    ------
    UserError : there is none, or it has a mistake; where mistakes are noted, one without which the
        table can't be read.
    """
    path, folders = find_description(named)
    description, sound = examine_description(path, str(path), noting)
    columns = {}
    for name, column in sound.items():
        with noting():
            describe_columns({name: column})
            columns[name] = column
    return Described(path, description, columns, folders)


def read_dataset(named: str | Path, table: str | Path | None = None) -> Dataset:
    """Read a described dataset: typed records, roles and hierarchies, as a run has them.

    Parameters
    ----------
    named : as in :func:`anonify.settings.description.find_description`.
    table : path of the table, where it is not to be looked for.

    Raises
    ------
    UserError : description, table or hierarchy is not found or has a mistake.

    Examples
    --------
    >>> import tempfile, anonify
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "clinic.csv").write_text("sex,age\\nf,31\\nm,52\\n")
    ...     description = Path(folder, "clinic.yaml")
    ...     _ = description.write_text(
    ...         "name: clinic\\ntitle: Clinic\\nfile: clinic.csv\\ncolumns:\\n"
    ...         "  sex: {role: quasi-identifier, type: category}\\n"
    ...         "  age: {role: quasi-identifier, type: integer}\\n"
    ...     )
    ...     clinic = anonify.read_dataset(str(description))
    >>> clinic.frame.shape, list(clinic.domains)
    ((2, 2), ['sex', 'age'])
    """
    return _read(describe_dataset(str(named)), table)


def store_dataset(
    named: str | Path, folder: Path, table: str | Path | None = None
) -> StoredDataset:
    """Read a described dataset as :func:`read_dataset` does, but into a file, part by part.

    Parameters
    ----------
    folder : where the typed records are put, and the hierarchies.

    Raises
    ------
    UserError : as :func:`read_dataset`.
    """
    return _store(describe_dataset(str(named)), table, folder)


def check_dataset(
    named: str,
    table: str | None = None,
    noting: Noting = nullcontext,
    folder: Path | None = None,
) -> Dataset | StoredDataset:
    """Read a dataset as :func:`read_dataset` does, and check what its evaluations ask for.

    Parameters
    ----------
    folder : where the records are put as :func:`store_dataset` does; in memory where it is None.

    Returns
    -------
    The dataset. Where mistakes are noted and there are any, it lacks what has them; what
    evaluations ask for is not checked then.

    Raises
    ------
    UserError : as :func:`read_dataset`, a distribution does not fit its domain, or classes can't
        be learned; where mistakes are noted, one without which the table can't be read.
    """
    described = describe_dataset(named, noting)
    dataset: Dataset | StoredDataset
    if folder is None:
        dataset = _read(described, table, noting)
        is_read = all(column.name in dataset.frame for column in dataset.columns)
    else:
        dataset = _store(described, table, folder, noting)
        is_read = dataset.table.exists()
    if is_read and names_with_role(dataset.columns, "quasi-identifier") == list(dataset.domains):
        for name, distribution in described.description.get("distributions", {}).items():
            if distribution["by"] in dataset.domains:
                with noting():
                    _check_groups(name, distribution, dataset.domains[distribution["by"]])
        for name in names_with_role(dataset.columns, "target"):
            with noting():
                check_target(dataset.rows([name])[name], described.columns[name].get("positive"))
    return dataset


def _read(described: Described, table: str | Path | None, noting: Noting = nullcontext) -> Dataset:
    with _opening_file(described, table, noting) as (file, naming):
        return _read_file(described, file, naming)


def _read_file(described: Described, file: Path, noting: Noting) -> Dataset:
    description = described.description
    frame, columns, domains, coded = read_described_table(
        file,
        description["columns"],
        described.columns,
        Dialect.of(description),
        described.find_hierarchy,
        description.get("rows_are_people", False),
        noting,
    )
    return Dataset(
        description["name"],
        frame,
        columns,
        tuple(names_with_role(describe_columns(described.columns), "identifier")),
        domains,
        description["decimal"],
        tuple(coded),
    )


@contextmanager
def _opening_file(
    described: Described, table: str | Path | None, noting: Noting
) -> Iterator[tuple[Path, Noting]]:
    """Give the file to be read in a block, and what notes a mistake of it by the name it has."""
    if table:
        yield Path(table), noting
        return
    with described.open_table() as file:
        origin = described.origin
        if origin is None:
            with noting():
                _check_sum(file, described)
            yield file, noting
        else:
            # Nobody knows the file that is read in the place of a database.
            with _naming(file, origin):
                yield file, lambda: _note(noting, file, origin)


@contextmanager
def _note(noting: Noting, file: Path, origin: str) -> Iterator[None]:
    with noting(), _naming(file, origin):
        yield


@contextmanager
def _naming(file: Path, origin: str) -> Iterator[None]:
    """Let a mistake in this block name where a file came from in its place."""
    try:
        yield
    except HierarchyError:
        # It names no table.
        raise
    except UserErrors as error:
        mistakes = (mistake.replace(str(file), origin) for mistake in error.mistakes)
        raise UserErrors(*mistakes) from None
    except UserError as error:
        raise UserError(str(error).replace(str(file), origin)) from None


def _store(
    described: Described, table: str | Path | None, folder: Path, noting: Noting = nullcontext
) -> StoredDataset:
    """Store the records where none has a mistake."""
    with _opening_file(described, table, noting) as (file, naming):
        return _store_file(described, file, folder, naming)


def _store_file(described: Described, file: Path, folder: Path, noting: Noting) -> StoredDataset:
    description = described.description
    typed = type_stored_table(
        file,
        description["columns"],
        described.columns,
        Dialect.of(description),
        described.find_hierarchy,
        description.get("rows_are_people", False),
        folder,
        noting,
    )
    stored = folder / "table.parquet"
    expected = describe_columns(description["columns"])
    if [each.name for each in typed.columns] == [each.name for each in drop_identifiers(expected)]:
        provenance = start_provenance({"name": description["name"]})
        with noting():
            write_table_parts(typed.read_parts(), typed.columns, provenance, stored)
    hierarchies = {name: folder / f"{place}.csv" for place, name in enumerate(typed.domains)}
    for name, domain in typed.domains.items():
        write_domain(domain, hierarchies[name])
    return StoredDataset(
        description["name"],
        stored,
        hierarchies,
        typed.columns,
        tuple(names_with_role(describe_columns(described.columns), "identifier")),
        typed.domains,
        description["decimal"],
        tuple(typed.coded),
    )


def _check_sum(file: Path, described: Described) -> None:
    expected = described.description.get("sha256")
    if expected and hash_file(file) != expected:
        raise UserError(
            f"{file}: the file is not the one that {described.path} describes, for its SHA-256 is "
            "another; correct `sha256` there, or put the right file in its place"
        )


def _check_groups(name: str, distribution: Mapping[str, Any], domain: Domain) -> None:
    try:
        assign_groups(distribution, domain, np.array([domain.root]))
    except UserError as error:
        raise UserError(f"`distributions.{name}`: {error}") from None
