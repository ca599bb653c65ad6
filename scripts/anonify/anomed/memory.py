"""Memory that the messages of one process may take together, however many threads it has."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 10
"""Seconds that a message waits for others to end."""


class Crowded(Exception):  # noqa: N818
    """Other messages take the memory that is allowed."""


class Memory:
    """Bytes that messages may take.

    Parameters
    ----------
    most : of all of them together; none of them takes more by itself.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._freed = threading.Condition()

    @contextmanager
    def taking(self, size: int) -> Iterator[None]:
        """Have so many bytes for the length of a block, and wait for them if need be.

        Raises
        ------
        Crowded : others have not freed them in time.
        """
        with self._freed:
            if not self._freed.wait_for(lambda: size <= self._free, PATIENCE):
                raise Crowded
            self._free -= size
        try:
            yield
        finally:
            with self._freed:
                self._free += size
                self._freed.notify_all()
