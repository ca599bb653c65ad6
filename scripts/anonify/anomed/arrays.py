"""Arrays as they go over HTTP: NumPy's .npz format, read without trust.

Nothing is loaded before the directory of the archive and the header of the array say how large
it will be, and no pickle is ever read.
"""

import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from anonify.base.errors import UserError

Array = npt.NDArray[Any]

# An archive of more files than this is no message between these servers.
_MOST_FILES = 64
# Those of numbers have about 120 characters; deeply nested ones would overflow Python's parser.
_LONGEST_HEADER = 1000
_ENTRY = b"PK\x01\x02"
_NUMBERS = "biuf"
# Whatever is predicted or learned from is first made to numbers of so many bytes.
_CELL = 8

MEBIBYTE = 2**20
PIECE = 2**16
"""Bytes that are read at a time from others."""


@dataclass(frozen=True)
class Limits:
    """What is taken from others at most.

    Parameters
    ----------
    upload : bytes of a message, as it is sent.
    expanded : bytes of the arrays or the table in it, as they are worked with in memory: a cell
        of an array takes 8, one of a table 192 and eight times what it holds. All that a process
        predicts at a time takes no more together.
    records : in one message.
    """

    upload: int = 32 * MEBIBYTE
    expanded: int = 256 * MEBIBYTE
    records: int = 1_000_000


class Unfit(UserError):  # noqa: N818
    """What is wrong with data, told by names and counts.

    Its message is for clients, so it never holds a value of the data. Any other message stays in
    the server's log.
    """


class TooLarge(Unfit):
    """A message is larger than the limits allow."""


def write_arrays(**arrays: Array) -> bytes:
    """Return arrays as a compressed .npz file."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def measure_arrays(content: bytes, names: tuple[str, ...], limits: Limits) -> int:
    """Return how many bytes the named arrays of a .npz file take, as they are worked with.

    Raises
    ------
    TooLarge, Unfit : as :func:`read_arrays`.
    """
    with _opening(content, limits) as archive:
        return _measure(_find_members(archive, names, limits), archive, limits)


def read_arrays(content: bytes, names: tuple[str, ...], limits: Limits) -> dict[str, Array]:
    """Read the named arrays of a .npz file; others in it are never looked at.

    Returns
    -------
    Arrays of numbers or truth values, by name.

    Raises
    ------
    TooLarge : together they would take more memory than is allowed.
    Unfit : it is no .npz file or not whole, lacks an array, or one is not of numbers.
    """
    with _opening(content, limits) as archive:
        members = _find_members(archive, names, limits)
        _measure(members, archive, limits)
        return {name: _read_member(archive, members[name], name, limits) for name in names}


@contextmanager
def _opening(content: bytes, limits: Limits) -> Iterator[zipfile.ZipFile]:
    if len(content) > limits.upload:
        raise TooLarge(f"{len(content)} bytes are more than the {limits.upload} that are taken")
    try:
        with _open_archive(content) as archive:
            yield archive
    except UserError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Unfit(
            f"the body is no .npz file or not whole ({' '.join(str(error).split())[:200]}); send "
            "what numpy.savez writes"
        ) from None


def _open_archive(content: bytes) -> zipfile.ZipFile:
    if content.startswith(b"\x93NUMPY"):
        raise Unfit(
            "the body is a single array (.npy), which has no name; send a .npz file, as "
            "numpy.savez writes it"
        )
    if content.count(_ENTRY) > _MOST_FILES:
        raise TooLarge(f"the .npz file holds more than {_MOST_FILES} arrays; send fewer")
    return zipfile.ZipFile(io.BytesIO(content))


def _find_members(
    archive: zipfile.ZipFile, names: tuple[str, ...], limits: Limits
) -> dict[str, zipfile.ZipInfo]:
    members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
    for name in names:
        if name not in members:
            there_are = ", ".join(repr(found[:40]) for found in members) or "none"
            raise Unfit(f"the .npz file has no array {name!r} (there are {there_are}); name it so")
    _check_size(sum(members[name].file_size for name in names), limits)
    return {name: members[name] for name in names}


def _measure(
    members: Mapping[str, zipfile.ZipInfo], archive: zipfile.ZipFile, limits: Limits
) -> int:
    """Return how many bytes arrays take together, as their heads say."""
    size = 0
    for name, member in members.items():
        with _opening_member(archive, member, name, limits) as (_, head):
            size += head.expanded
            _check_size(size, limits)
    return size


def _check_size(expanded: int, limits: Limits) -> None:
    """Make sure that data take no more memory than is allowed.

    Raises
    ------
    TooLarge : they do.
    """
    if expanded > limits.expanded:
        raise TooLarge(
            f"the arrays take {expanded} bytes, more than the {limits.expanded} that are allowed; "
            "send fewer records at a time, or raise the limit"
        )


@dataclass(frozen=True)
class _Head:
    """What an array says of itself."""

    shape: tuple[int, ...]
    is_transposed: bool
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """Bytes, as it is written."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def expanded(self) -> int:
        """Bytes, as it is worked with."""
        return math.prod(self.shape) * max(_CELL, self.dtype.itemsize)


@contextmanager
def _opening_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, limits: Limits
) -> Iterator[tuple[IO[bytes], _Head]]:
    """Open an array of an archive, at its first value."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unfit(f"the array {name!r} is packed in another way than numpy.savez does")
    with archive.open(member) as file:
        start = io.BytesIO(file.read(min(member.file_size, _LONGEST_HEADER)))
        head = _Head(*_read_header(start))
        if head.dtype.kind not in _NUMBERS:
            raise Unfit(f"the array {name!r} holds {head.dtype}; send numbers or truth values")
        is_negative = any(length < 0 for length in head.shape)
        if is_negative or start.tell() + head.size != member.file_size:
            raise Unfit(f"the array {name!r} is not as large as its header says; send it again")
        if head.shape and head.shape[0] > limits.records:
            raise TooLarge(
                f"the array {name!r} has {head.shape[0]} records, more than the {limits.records} "
                "that are taken at a time; send fewer"
            )
        file.seek(start.tell())
        yield file, head


def _read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, limits: Limits
) -> Array:
    with _opening_member(archive, member, name, limits) as (file, head):
        values = _read_bytes(file, head.size, name).view(head.dtype)
    return values.reshape(head.shape, order="F" if head.is_transposed else "C")


def _read_bytes(file: IO[bytes], size: int, name: str) -> npt.NDArray[np.uint8]:
    """Read so many bytes; in pieces, for at once they would be in memory twice."""
    content = np.empty(size, np.uint8)
    filled = 0
    while filled < size and (piece := file.read(min(PIECE, size - filled))):
        content[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
        filled += len(piece)
    if filled < size:
        raise Unfit(f"the array {name!r} is not whole; send it again")
    return content


def _read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise ValueError(f"version {version} of the .npy format is not known")
    try:
        shape, is_transposed, dtype = read(file, max_header_size=_LONGEST_HEADER)
    except Exception:  # NumPy has Python parse it, which fails in many ways.
        raise ValueError("the header of an array can't be read") from None
    return tuple(int(length) for length in shape), is_transposed, dtype
