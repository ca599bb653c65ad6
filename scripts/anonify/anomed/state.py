"""A file that several worker processes write and serve: always whole, the newest one for all.

The file is written under another name and renamed. What it holds is kept in memory and read
again only when the file is another one than before. Locks are those of the operating system, and
so free as soon as their owner ends in whatever way: one process at a time renews the file, and one
server at a time has the folder.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Generic, TypeVar

from anonify.base.errors import UserError

Content = TypeVar("Content")


class Busy(Exception):  # noqa: N818
    """Somebody else renews the file."""


class Missing(Exception):  # noqa: N818
    """There is no such file yet."""


class NotStored(UserError):  # noqa: N818
    """The file can't be written."""


class State(Generic[Content]):
    """What one file holds.

    Parameters
    ----------
    path : of the file.
    load : reads it.
    """

    def __init__(self, path: str | Path, load: Callable[[Path], Content]) -> None:
        self._path = Path(path).absolute()
        self._load = load
        self._reading = threading.Lock()
        self._known: tuple[IO[bytes], Content] | None = None

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Keep everybody else from renewing the file.

        Raises
        ------
        Busy : somebody else does, in this process or another.
        NotStored : the folder can't be written.
        """
        lock = _lock(self._path.with_name(f".{self._path.name}.lock"))
        try:
            yield
        finally:
            os.close(lock)

    def replace(self, save: Callable[[Path], None]) -> None:
        """Write the file anew, within :meth:`renewing`.

        Raises
        ------
        NotStored : it can't be written; the old one is left.
        """
        # One name for all, so that what a killed process left behind is overwritten.
        unfinished = self._path.with_name(f".unfinished.{self._path.name}")
        try:
            save(unfinished)
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
            unfinished.replace(self._path)
        except OSError as error:
            raise _explain_refusal(self._path, error) from None
        finally:
            with suppress(OSError):
                unfinished.unlink()

    def read(self) -> Content:
        """Return what the file holds.

        Raises
        ------
        Missing : there is none yet.
        """
        with self._reading:
            if self._known is None or not self._is_current(self._known[0]):
                self._known = self._read_anew()
            return self._known[1]

    def _is_current(self, file: IO[bytes]) -> bool:
        """Whether a file that was read still is the one of that name."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(file.fileno()))
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _read_anew(self) -> tuple[IO[bytes], Content]:
        if self._known is not None:
            self._known[0].close()
            self._known = None
        # It stays open, so that no later file gets its number: times are too coarse to tell two
        # files apart. If it is replaced here, a newer one is loaded, and loaded again next time.
        try:
            file = self._path.open("rb")
        except (FileNotFoundError, NotADirectoryError):
            raise Missing from None
        try:
            return file, self._load(self._path)
        except BaseException:
            file.close()
            raise


def own_folder(folder: str | Path) -> int:
    """Keep other servers from using a folder, as long as a process has the returned file open.

    Returns
    -------
    Its descriptor.

    Raises
    ------
    UserError : another one uses it, or it can't be written.
    """
    try:
        return _lock(Path(folder) / ".server.lock")
    except Busy:
        raise UserError(
            f"{folder}: another server uses this folder; give each a `folder` of its own"
        ) from None


def _lock(path: Path) -> int:
    """Return the descriptor of a locked file, free again when it is closed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise _explain_refusal(path.parent, error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise Busy from None
    return lock


def _explain_refusal(path: Path, error: OSError) -> NotStored:
    return NotStored(
        f"{path}: it can't be written ({error.strerror or error}); choose another folder, or mend "
        "what keeps it from use"
    )
