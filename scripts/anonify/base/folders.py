"""Folders for what goes between, which hold confidential records and are never left behind."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from anonify.base.endings import ending_in_order

try:
    import fcntl
except ImportError:  # Windows has none, where a killed process leaves its folder.
    fcntl = None  # type: ignore[assignment]

_NAME, _LOCK = "anonify-", "lock"


@contextmanager
def temporary_folder(place: Path | None = None) -> Iterator[Path]:
    """Make a folder for a block, which goes with it, also when the block is interrupted.

    A process that is killed can't remove its own: whoever makes the next in the same place does.
    A folder is in use as long as its file ``lock`` is locked.

    Parameters
    ----------
    place : the folder where it is made; by default that of the system for such files.

    Raises
    ------
    OSError : it can't be made.
    """
    place = place or Path(gettempdir())
    _remove_abandoned(place)
    # Under another name until it is locked.
    unlocked = Path(mkdtemp(prefix=f".{_NAME}", dir=place))
    with ending_in_order(), (unlocked / _LOCK).open("w") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        folder = unlocked.rename(place / unlocked.name.removeprefix("."))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(place: Path) -> None:
    for lock in place.glob(f"{_NAME}*/{_LOCK}") if fcntl else ():
        # Another one's, in use, or removed meanwhile.
        with suppress(OSError), lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
