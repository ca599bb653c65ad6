"""How far long work is, on a terminal: records a second, and what is left."""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

# What takes no longer shows nothing; and how often an engine is asked. Seconds.
_DELAY, _PAUSE = 2, 0.25

_stream: TextIO | None = None

Part = TypeVar("Part", bound=Sized)


def show_on(stream: TextIO) -> None:
    """Choose where progress is shown: standard error without it. Only a terminal shows it."""
    global _stream
    _stream = stream


def track(parts: Iterable[Part], title: str, records: int | None = None) -> Iterator[Part]:
    """Yield parts of a table, and show how many of their records are done.

    Parameters
    ----------
    records : of all parts; None if nobody knows.
    """
    with _open_bar(title, records) as bar:
        for part in parts:
            yield part
            bar.update(len(part))


@contextmanager
def watch(title: str, records: int, ask: Callable[[], float]) -> Iterator[None]:
    """Show in a block how far what is done there is.

    Parameters
    ----------
    records : that it is done to.
    ask : returns how far it is, in per cent; negative while it can't tell.
    """
    ended = threading.Event()
    with _open_bar(title, records) as bar:

        def look() -> None:
            while not ended.wait(_PAUSE):
                done = int(records * min(ask(), 100) / 100)
                bar.update(max(done - bar.n, 0))

        if bar.disable:
            yield
            return
        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        try:
            yield
            bar.update(records - bar.n)
        finally:
            ended.set()
            watcher.join()


def _open_bar(title: str, records: int | None) -> "tqdm[None]":
    # Most jobs show none.
    from tqdm import tqdm

    return tqdm(
        desc=title,
        total=records,
        unit=" records",
        unit_scale=True,
        file=_stream or sys.stderr,
        disable=None,
        delay=_DELAY,
        leave=False,
    )
