"""What the attack believes, worked out by hand and by all tables through the front door."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from tests.unit.minimality import attack

import anonify
from anonify.domains.rules import build_hierarchy

SEXES = build_hierarchy("sex", ["f", "m"], {"tree": ["f", "m"]})
TWO_VALUES = {"attribute": "ill", "model": "distinct_l_diversity", "l": 2}


def test_two_of_five():
    # Two f are ill, three m are not, so that they can't be two classes. Of the 10 ways in which two
    # of five are ill, the method would part the 6 with one ill f; it merges where both f are ill (1
    # way) or two of the m (3 ways). So an f is ill with 1/4, and an m with 2/4; the class says 2/5.
    values = np.array([[0, 2], [3, 0]])
    found = attack("mondrian", np.array([[0], [1]]), values, [SEXES], 2, TWO_VALUES, 100)
    assert found.is_coarser
    assert found.by_class == pytest.approx([3 / 5, 3 / 5])
    assert found.posterior == pytest.approx([3 / 4, 2 / 4])


def test_nothing_is_learned_where_k_alone_would_have_it_so():
    values = np.array([[1, 1], [2, 1]])
    found = attack("mondrian", np.array([[0], [1]]), values, [SEXES], 2, TWO_VALUES, 100)
    assert not found.is_coarser
    assert found.posterior == pytest.approx(found.by_class)


@pytest.mark.parametrize("method", ["arx", "mondrian", "ola"])
@pytest.mark.parametrize("seed", range(3))
def test_all_tables_through_the_front_door(method, seed):
    generator = np.random.default_rng(seed)
    sex = np.sort(generator.permutation(["f", "f", "f", "m", "m", "m"][: 5 + seed % 2]))
    ill = generator.permutation([0, 0, 1, 1, 1, 0][: len(sex)])

    def release(values):
        frame = pd.DataFrame({"sex": sex, "ill": values, "number": range(len(sex))})
        made = anonify.anonymize(
            frame,
            2,
            quasi_identifiers={"sex": {"tree": ["f", "m"]}},
            sensitive=["ill", "number"],
            method=method,
            requirements=[TWO_VALUES],
            suppressed="keep",
        )
        # Whom a record is of is known by the quasi-identifiers of everybody.
        by_number = made.table.sort_values("number")["sex"].tolist()
        shown = pd.DataFrame({"class": by_number, "ill": values}).value_counts().to_dict()
        return by_number, shown

    seen = release(ill)
    ways = map(np.array, sorted(set(permutations(ill.tolist()))))
    worlds = [way for way in ways if release(way) == seen]
    shares = np.mean(worlds, axis=0)
    tuples, members = np.unique(sex, return_inverse=True)
    table = np.zeros((len(tuples), 2), dtype=int)
    np.add.at(table, (members, ill), 1)
    found = attack(method, np.array([[0], [1]]), table, [SEXES], 2, TWO_VALUES, 1000)
    expected = [np.maximum(shares, 1 - shares)[sex == each].mean() for each in ("f", "m")]
    assert found.posterior == pytest.approx(expected)
