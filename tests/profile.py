"""What the tests try, by ANONIFY_TESTS.

Without it a choice that is quick, and a tenth of the random cases; with ``all`` what takes long,
too; with ``full`` all random cases, and what takes longest. With ``few`` the quick choice draws a
twentieth: enough to see that other packages do the same.
"""

import os

import pytest

CHOSEN = os.environ.get("ANONIFY_TESTS")
IS_FULL = CHOSEN in ("all", "full")

# For what takes long and has cheaper kin in the choice.
takes_long = pytest.mark.skipif(not IS_FULL, reason="is tried with ANONIFY_TESTS=all")

# For what takes longest, and is nearly covered by what CI does beside it.
takes_longest = pytest.mark.skipif(CHOSEN != "full", reason="is tried with ANONIFY_TESTS=full")


def draws(number: int) -> int:
    """Return how many of a number of random cases are drawn."""
    return max(1, number // {"full": 1, "few": 20}.get(CHOSEN or "", 10))
