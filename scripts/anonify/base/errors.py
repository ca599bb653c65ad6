"""What a user may do wrong."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

Noting = Callable[[], AbstractContextManager[None]]
"""Opens a block in which something is checked, and decides what becomes of its mistake.

``nullcontext`` lets it be raised: the first mistake ends everything. What notes it instead, such
as :meth:`anonify.datasets.described.Mistakes.noting`, has the rest checked, too.
"""


class UserError(ValueError):
    """A mistake that the user can mend.

    The message is one sentence: it names the file, row or key, says what is wrong and how
    to mend it. Whoever runs a command or job prints the message alone, without a traceback; who
    calls the library from Python gets the ValueError that a wrong value is there.
    """


class EffortWarning(UserWarning):
    """What is asked for may take very long; the message is one sentence and says what would not."""


@contextmanager
def telling_effort(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell in a block what may take very long as a sentence; other warnings stay what they are."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def tell_or_show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, EffortWarning):
                tell(str(message))
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = tell_or_show
        yield


class UserErrors(UserError):  # noqa: N818
    """Several mistakes; the message is the first of them.

    Parameters
    ----------
    mistakes : one sentence each.
    """

    def __init__(self, *mistakes: str) -> None:
        super().__init__(*mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return self.mistakes[0]
