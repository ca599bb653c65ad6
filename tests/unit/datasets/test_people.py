import numpy as np
import pandas as pd
import pytest

from anonify.datasets import people
from anonify.datasets.people import find_people
from anonify.tables.distinct import KnownColumn

ROLES = {
    "sex": "quasi-identifier",
    "age": "quasi-identifier",
    "chip": "sensitive",
    "late": "sensitive",
    "ill": "sensitive",
}


def draw_visits():
    """Draw visits of 40 people; ``late`` tells people apart up to the last record alone."""
    generator = np.random.default_rng(3)
    of = generator.permutation(np.repeat(np.arange(40), 3))
    visits = pd.DataFrame(
        {
            "sex": generator.choice(["f", "m"], 40)[of],
            "age": generator.integers(20, 60, 40)[of],
            "chip": of,
            "late": of,
            "ill": generator.integers(0, 3, len(of)),
        }
    ).astype("str")
    other = (visits[["sex", "age"]] != visits[["sex", "age"]].iloc[-1]).any(axis="columns")
    visits.loc[len(visits) - 1, "late"] = visits["late"][other.argmax()]
    return visits


@pytest.mark.parametrize("cut", [1, 7, 2**16])
def test_what_fixes_the_tuples_is_found_whatever_is_looked_at_at_once(monkeypatch, cut):
    monkeypatch.setattr(people, "_CUT", cut)
    visits = draw_visits()
    columns = {name: KnownColumn.of(visits[name]) for name in ROLES}
    assert find_people(columns, ROLES) == ["chip"]
