"""Open a described dataset where it fits: in memory, or in a file of typed records."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from anonify.base.files import reading
from anonify.datasets.described import Mistakes, describe_dataset, read_dataset, store_dataset
from anonify.engines.choice import Wanted
from anonify.releases.dataset import Dataset, StoredDataset

Tell = Callable[[str], None]
"""Says something to a person."""


def find_table(named: str | Path, table: str | Path | None) -> Path | None:
    """Return the file of a described table, whatever mistakes its description has.

    None where it is a table of a database.

    Raises
    ------
    UserError : it is in no folder.
    """
    return Path(table) if table else describe_dataset(str(named), Mistakes().noting).find_table()


def list_sources(named: str | Path, table: str | Path | None) -> list[Path]:
    """List the files that a described dataset is read from.

    Raises
    ------
    UserError : as :func:`anonify.datasets.described.describe_dataset`.
    """
    files = describe_dataset(str(named)).list_files()
    given = [Path(table)] if table else []
    # The settings of a run, which name the dataset.
    return [*files, *given, *([Path(named)] if str(named).endswith((".yaml", ".yml")) else [])]


def takes_file(wanted: Wanted, table: Path | None, tell: Tell) -> bool:
    """Tell whether a table stays in its file, and say so where nobody has asked for it.

    One of a database does, for its size is not known before it is read.

    Raises
    ------
    UserError : there is no such file.
    """
    if table is None:
        return wanted.engine != "memory"
    with reading(table):
        is_file = wanted.is_out_of_core(table)
    if is_file and wanted.engine == "auto":
        tell(f"{table}: part by part, for the memory that is free would not do")
    return is_file


@contextmanager
def opening_dataset(
    named: str | Path, table: str | Path | None, wanted: Wanted, tell: Tell
) -> Iterator[Dataset | StoredDataset]:
    """Read a described dataset for a block, in memory or into a file that goes with the block.

    Raises
    ------
    UserError : as :func:`anonify.datasets.described.read_dataset`.
    """
    if takes_file(wanted, find_table(named, table), tell):
        with wanted.limits.open_folder() as folder:
            yield store_dataset(named, folder, table)
    else:
        yield read_dataset(named, table)
