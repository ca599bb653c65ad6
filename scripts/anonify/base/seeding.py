"""Random generators that depend on the seed and on the job, and on nothing else.

A seed is a number, or the file of a secret one: who knows how a release was drawn could undo what
the draw protects. The file is made where there is none, and only its owner may read it.
"""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

import numpy as np

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
    if isinstance(seed, str):
        # The secret keys the hash of a confidential table as well, which is published.
        drawn = hmac.digest(read_secret(Path(seed)), b"seed", "sha256")
        seed = int.from_bytes(drawn[:16])
    digest = hashlib.sha256("\x1f".join(str(key) for key in keys).encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:16])])


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
