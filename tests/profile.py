"""How many random cases the tests draw: few by default, all where ANONIFY_TESTS is ``full``."""

import os

IS_FULL = os.environ.get("ANONIFY_TESTS") == "full"


def draws(number: int) -> int:
    """Return how many of a number of random cases are drawn: a fifth by default."""
    return number if IS_FULL else max(1, number // 5)
