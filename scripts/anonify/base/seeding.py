"""Random generators that depend on the seed and on the job, and on nothing else.

A seed is a number, or the file of a secret one: who knows how a release was drawn could undo what
the draw protects. The file is made where there is none, and only its owner may read it.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

Seed = int | str
"""A number, or the path of the file that :func:`read_secret` reads."""


def make_generator(seed: Seed, *keys: str | int) -> np.random.Generator:
    """Return the generator of one job.

    The same seed and keys give the same stream on any machine, whatever ran before and on
    however many cores; any other key gives an independent stream.

    >>> first, again = make_generator(1, "sample", 30), make_generator(1, "sample", 30)
    >>> bool(first.integers(1000) == again.integers(1000))
    True
    """
    digest = hashlib.sha256(_join(keys)).digest()
    return np.random.default_rng([_read_seed(seed), int.from_bytes(digest[:16])])


def make_key(seed: Seed, *keys: str | int) -> str:
    """Return the key of one draw of records, which :func:`rank_by_key` draws by.

    As :func:`make_generator`, but what is drawn does not depend on who draws it: an engine of SQL
    draws the same. Without the seed nobody can tell the key from those of other draws.

    Source: Krawczyk, Bellare, Canetti, HMAC, RFC 2104, 1997.
    """
    number = _read_seed(seed)
    secret = number.to_bytes(number.bit_length() // 8 + 1)
    return hmac.digest(secret, _join(("draw", *keys)), "sha256").hex()[:32]


# Digests that are joined at once.
_AT_ONCE = 2**16


def draw_by_key(size: int, count: int, key: str) -> npt.NDArray[np.intp]:
    """Array (count,): the first of the numbers that :func:`rank_by_key` orders, rising.

    There is never much more in memory than these.

    >>> draw_by_key(4, 2, "key").tolist()
    [1, 2]
    """
    numbers = np.zeros(0, dtype=np.intp)
    high, low = np.zeros((2, 0), dtype=np.uint64)
    for first in range(0, size, _AT_ONCE):
        part = range(first, min(first + _AT_ONCE, size))
        more = np.frombuffer(_digest(part, key), dtype=">u8").reshape(-1, 2).T
        high, low = np.append(high, more[0]), np.append(low, more[1])
        numbers = np.append(numbers, part)
        if len(numbers) > 2 * count or part.stop == size:
            drawn = np.lexsort((low, high))[:count]
            high, low, numbers = high[drawn], low[drawn], numbers[drawn]
    return np.sort(numbers)


def rank_by_key(size: int, key: str) -> npt.NDArray[np.intp]:
    """Array (size,): the numbers from 0 in an order that the key draws.

    Numbers are in the order of md5 of the key, ``|`` and the number, which DuckDB, Spark and
    PostgreSQL have as well. Who does not know the key knows nothing of the order.

    >>> rank_by_key(4, "key").tolist()
    [2, 1, 3, 0]
    """
    digests = b"".join(
        # Millions of digests one by one would take five times the memory.
        _digest(range(size)[first : first + _AT_ONCE], key)
        for first in range(0, size, _AT_ONCE)
    )
    high, low = np.frombuffer(digests, dtype=">u8").reshape(-1, 2).T.astype(np.uint64)
    order = np.argsort(high)
    ordered = high[order]
    # The second half tells next to never; both halves take six times as long to sort.
    if (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((low, high))
    return order.astype(np.intp, copy=False)


def _digest(numbers: Iterable[int], key: str) -> bytes:
    md5, start = hashlib.md5, f"{key}|".encode()
    digests = [md5(start + b"%d" % number, usedforsecurity=False).digest() for number in numbers]
    return b"".join(digests)


def _join(keys: Iterable[str | int]) -> bytes:
    return "\x1f".join(str(key) for key in keys).encode()


def _read_seed(seed: Seed) -> int:
    if isinstance(seed, int):
        return seed
    # The secret keys the hash of a confidential table as well, which is published.
    return int.from_bytes(hmac.digest(read_secret(Path(seed)), b"seed", "sha256")[:16])


def make_seed(seed: Seed, *keys: str | int) -> int:
    """Return a 32-bit seed for libraries that take no generator (scikit-learn)."""
    return int(make_generator(seed, *keys).integers(2**32))


def read_secret(path: Path) -> bytes:
    """Return the secret of a file, which is made where there is none.

    Jobs that start at once find the same one: the file gets its name when it is whole.
    """
    if not path.exists():
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT, 0o600), "w") as opened:
            opened.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
    return bytes.fromhex(path.read_text())
