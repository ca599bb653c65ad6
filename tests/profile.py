"""What the tests try: a choice by default, everything where ANONIFY_TESTS is ``full``."""

import os

import pytest

IS_FULL = os.environ.get("ANONIFY_TESTS") == "full"

# For what takes long and has cheaper kin in the choice.
in_full = pytest.mark.skipif(not IS_FULL, reason="is tried with ANONIFY_TESTS=full")


def draws(number: int) -> int:
    """Return how many of a number of random cases are drawn: a fifth by default."""
    return number if IS_FULL else max(1, number // 5)
