"""Samples of people who have several records, and what is left of classes."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.command_line import refuse, run

import anonify
from anonify.base.errors import UserError
from anonify.base.seeding import make_key
from anonify.releases.sampling import check_small_classes, sample_people


@given(st.integers(0, 2**20), st.integers(1, 30), st.integers(0, 99))
def test_nobody_is_deleted_in_part_and_each_class_loses_its_share(seed, people, deletion):
    generator = np.random.default_rng(seed)
    person = generator.permutation(np.repeat(np.arange(people), generator.integers(1, 5, people)))
    members = generator.integers(0, 4, len(person))
    stays = sample_people(members, person, deletion, make_key(seed))
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


def test_small_classes_are_told_or_refused():
    told = check_small_classes(np.array([3, 2, 0]), 1, "s.parquet")
    assert told == "s.parquet: 0 classes with one person left, 1 with two"
    with pytest.raises(UserError, match="1 class has fewer than 3 people left"):
        check_small_classes(np.array([3, 2, 0]), 3, "s.parquet")
    assert check_small_classes(np.array([3, 4]), 3, "s.parquet") == ""


def test_the_command_tells_small_classes_or_refuses_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"age": [*"aaaabbb"], "ill": 0}).to_csv("released.csv", index=False)
    conf = {"id": "s", "input": "released.csv", "qids": ["age"], "deletion_percentage": 0.5}
    conf |= {"num_experiments": 2, "output": "out"}
    result = run("sample", conf)
    # Of four two are left, of three one.
    assert "released.csv: 1 class with one person left, 1 with two" in result.stderr
    shutil.rmtree("out")
    message = refuse("sample", {**conf, "least_after_deletion": 2})
    assert "1 class has fewer than 2 people left, against `least_after_deletion`" in message
    assert not Path("out").exists()


def test_python_refuses_small_classes():
    frame = pd.DataFrame({"sex": [*"ffffmmmm"], "ill": [0, 1] * 4})
    release = anonify.anonymize(frame, k=4, quasi_identifiers=["sex"], sensitive="ill")
    assert len(anonify.sample(release, 50, least_after_deletion=2).table) == 4
    with pytest.raises(ValueError, match="2 classes have fewer than 3 people left"):
        anonify.sample(release, 50, least_after_deletion=3)
    with pytest.raises(ValueError, match="`least_after_deletion` is 0"):
        anonify.sample(release, 50, least_after_deletion=0)
