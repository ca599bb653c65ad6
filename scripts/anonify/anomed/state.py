"""A file that several worker processes write and serve: always whole, the newest one for all.

The file is written under another name and renamed. What it holds is kept in memory and read
again only when the file is another one than before. Locks are those of the operating system, and
so free as soon as their owner ends in whatever way: one process at a time renews the file, and one
server at a time has the folder.

Beside it a private file remembers when it was last renewed, and a keyed digest of what it was made
from: so that all workers together renew it only so often, and never twice from the same data.
"""

import fcntl
import hashlib
import json
import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from anonify.base.errors import UserError

Content = TypeVar("Content")

_MINUTE = 60
FITS = 30
"""How often a file is renewed in a minute at most, where nothing else is said."""


class Busy(Exception):  # noqa: N818
    """Somebody else renews the file."""


class Missing(Exception):  # noqa: N818
    """There is no such file yet."""


class TooOften(Exception):  # noqa: N818
    """The file was renewed too often of late.

    Parameters
    ----------
    most : how often it may be in a minute.
    wait : seconds until it may be again.
    """

    def __init__(self, most: int, wait: int) -> None:
        super().__init__(most, wait)
        self.most = most
        self.wait = wait


class NotStored(UserError):  # noqa: N818
    """The file can't be written."""


class State(Generic[Content]):
    """What one file holds.

    Parameters
    ----------
    path : of the file.
    load : reads it.
    most_renewals : in a minute, by all processes together.
    """

    def __init__(
        self, path: str | Path, load: Callable[[Path], Content], most_renewals: int = FITS
    ) -> None:
        self._path = Path(path).absolute()
        self._load = load
        self._most_renewals = most_renewals
        self._reading = threading.Lock()
        self._known: tuple[IO[bytes], Content] | None = None

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Keep everybody else from renewing the file.

        Raises
        ------
        Busy : somebody else does, in this process or another.
        TooOften : it was renewed too often of late.
        NotStored : the folder can't be written.
        """
        lock = _lock(self._path.with_name(f".{self._path.name}.lock"))
        try:
            self._count_renewal()
            yield
        finally:
            os.close(lock)

    def is_made_of(self, pieces: Iterable[Any]) -> bool:
        """Whether the file is there and was made from such data; within :meth:`renewing`."""
        memory = self._remember()
        try:
            self.read()
        except (Missing, UserError):
            return False
        return bool(memory["made_of"] == _digest(memory["key"], pieces))

    def replace(self, save: Callable[[Path], None], made_of: Iterable[Any] = ()) -> None:
        """Write the file anew, within :meth:`renewing`.

        Parameters
        ----------
        made_of : buffers of bytes that it was made from, for :meth:`is_made_of`.

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
        memory = self._remember()
        self._keep({**memory, "made_of": _digest(memory["key"], made_of)})

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

    def _count_renewal(self) -> None:
        memory, now = self._remember(), time.time()
        # A clock that was set back makes nobody wait for it.
        recent = [start for start in memory["renewed"] if now - _MINUTE < start <= now]
        if len(recent) >= self._most_renewals:
            wait = math.ceil(recent[-self._most_renewals] + _MINUTE - now)
            raise TooOften(self._most_renewals, max(1, wait))
        self._keep({**memory, "renewed": [*recent, now]})

    @property
    def _memory(self) -> Path:
        return self._path.with_name(f".{self._path.name}.fits")

    def _remember(self) -> dict[str, Any]:
        nothing: dict[str, Any] = {"key": secrets.token_hex(32), "made_of": None, "renewed": []}
        try:
            memory = json.loads(self._memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return nothing
        return memory if isinstance(memory, dict) and set(memory) == set(nothing) else nothing

    def _keep(self, memory: dict[str, Any]) -> None:
        unfinished = self._path.with_name(f".unfinished.{self._memory.name}")
        try:
            # A digest of a table that can be guessed would tell whether a guess is right.
            unfinished.touch(0o600)
            unfinished.write_text(json.dumps(memory), encoding="utf-8")
            unfinished.replace(self._memory)
        except OSError as error:
            raise _explain_refusal(self._memory, error) from None

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


def describe_maker(anonymizer: object) -> Iterator[bytes]:
    """Return what, beside the data, decides what is made: an anonymizer's class and parameters."""
    kind = type(anonymizer)
    yield f"{kind.__module__}.{kind.__qualname__}".encode()
    yield repr(sorted(getattr(anonymizer, "__dict__", {}).items())).encode()


def _digest(key: str, pieces: Iterable[Any]) -> str:
    digest = hashlib.blake2b(key=bytes.fromhex(key))
    for piece in pieces:
        # With their lengths, so that no two rows of pieces run into one.
        digest.update(len(piece).to_bytes(8, "big"))
        digest.update(piece)
    return digest.hexdigest()


def _explain_refusal(path: Path, error: OSError) -> NotStored:
    return NotStored(
        f"{path}: it can't be written ({error.strerror or error}); choose another folder, or mend "
        "what keeps it from use"
    )
