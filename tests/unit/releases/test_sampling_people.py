"""Samples of people who have several records, and what is left of classes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sample as script
from anonify.base.errors import UserError
from anonify.releases.sampling import sample_people


@given(st.integers(0, 2**20), st.integers(1, 30), st.integers(0, 99))
def test_nobody_is_deleted_in_part_and_each_class_loses_its_share(seed, people, deletion):
    generator = np.random.default_rng(seed)
    person = generator.permutation(np.repeat(np.arange(people), generator.integers(1, 5, people)))
    members = generator.integers(0, 4, len(person))
    stays = sample_people(members, person, deletion, generator)
    frame = pd.DataFrame({"person": person, "class": members})
    left = frame.iloc[stays]
    assert len(left) == len(set(stays))
    sizes = frame.groupby("person").size()
    assert left.groupby("person").size().eq(sizes[left["person"].unique()]).all()
    # A person counts in the first of the classes.
    home = frame.groupby("person")["class"].min()
    expected = home.value_counts().map(lambda size: size - -(-size * deletion // 100))
    found = home[left["person"].unique()].value_counts().reindex(expected.index, fill_value=0)
    assert found.to_dict() == expected.to_dict()


def test_small_classes_are_told_or_refused(capsys):
    age = pd.Categorical([*"aaabbc"])
    sampled = pd.DataFrame({"age": age, "is_suppressed": [False] * 5 + [True]})
    script.tell_small_classes("s.parquet", sampled, ["age"], 1)
    assert "0 classes have one person left, 1 have two" in capsys.readouterr().err
    with pytest.raises(UserError, match="1 classes have fewer than 3 people left"):
        script.tell_small_classes("s.parquet", sampled, ["age"], 3)
    # The numbers of the people make one class of three records one person.
    one = sampled.assign(**{"anonify.person": [7, 7, 7, 8, 9, 7]})
    with pytest.raises(UserError, match="1 classes have fewer than 2 people left"):
        script.tell_small_classes("s.parquet", one, ["age"], 2)
