"""What the tests try, by ANONIFY_TESTS.

Without it a choice that is quick; with ``all`` what takes long, too; with ``full`` all random cases
besides, of which the others draw a fifth, and what takes longest.
"""

import os

import pytest

CHOSEN = os.environ.get("ANONIFY_TESTS")
IS_FULL = CHOSEN in ("all", "full")

# For what takes long and has cheaper kin in the choice.
in_full = pytest.mark.skipif(not IS_FULL, reason="is tried with ANONIFY_TESTS=all")

# For what is nearly covered by what CI does beside the tests.
in_everything = pytest.mark.skipif(CHOSEN != "full", reason="is tried with ANONIFY_TESTS=full")


def draws(number: int) -> int:
    """Return how many of a number of random cases are drawn."""
    return number if CHOSEN == "full" else max(1, number // 5)
