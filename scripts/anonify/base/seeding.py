"""Random generators that depend on the configured seed and on the job, and on nothing else."""

import hashlib

import numpy as np


def make_generator(seed: int, *keys: str | int) -> np.random.Generator:
    """Return the generator of one job.

    The same seed and keys give the same stream on any machine, whatever ran before and on
    however many cores; any other key gives an independent stream.

    >>> first, again = make_generator(1, "sample", 30), make_generator(1, "sample", 30)
    >>> bool(first.integers(1000) == again.integers(1000))
    True
    """
    digest = hashlib.sha256("\x1f".join(str(key) for key in keys).encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:16])])


def make_seed(seed: int, *keys: str | int) -> int:
    """Return a 32-bit seed for libraries that take no generator (scikit-learn)."""
    return int(make_generator(seed, *keys).integers(2**32))
