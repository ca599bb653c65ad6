"""A file that several worker processes write and serve: always whole, the newest one for all.

The file is written under another name and renamed. What it holds is kept in memory and read
again only when the file is another one than before. One lock, of the operating system and so
free as soon as its owner ends in whatever way, lets one process at a time renew the file.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

Content = TypeVar("Content")
_Signature = tuple[int, int, int]


class Busy(Exception):  # noqa: N818
    """Somebody else renews the file."""


class Missing(Exception):  # noqa: N818
    """There is no such file yet."""


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
        self._known: tuple[_Signature, Content] | None = None

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Keep everybody else from renewing the file.

        Raises
        ------
        Busy : somebody else does, in this process or another.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_name(f".{self._path.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy from None
            yield

    def replace(self, save: Callable[[Path], None]) -> None:
        """Write the file anew, within :meth:`renewing`."""
        # One name for all, so that what a killed process left behind is overwritten.
        unfinished = self._path.with_name(f".unfinished.{self._path.name}")
        try:
            save(unfinished)
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
            unfinished.replace(self._path)
        finally:
            unfinished.unlink(missing_ok=True)

    def read(self) -> Content:
        """Return what the file holds.

        Raises
        ------
        Missing : there is none yet.
        """
        try:
            signature = self._sign()
        except FileNotFoundError:
            raise Missing from None
        known = self._known
        if known is not None and known[0] == signature:
            return known[1]
        with self._reading:
            # Another thread may have read it meanwhile.
            if self._known is None or self._known[0] != (signature := self._sign()):
                self._known = (signature, self._load(self._path))
            return self._known[1]

    def _sign(self) -> _Signature:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_ino, status.st_size
