import hashlib
from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from anonify.base.seeding import make_key
from anonify.releases.sampling import count_deletions, sample, sample_counts


def draw(members, deletion, seed=0):
    return sample(np.array(members), deletion, make_key(seed)).tolist()


# How many


@pytest.mark.parametrize(
    ("size", "deletion", "deleted"),
    [
        (250, 10, 25),
        (251, 10, 26),
        (29, 10, 3),
        (100, 7, 7),  # 0.07 · 100 is 7.000000000000001 in double precision
        (1, 1, 1),
        (29, 0, 0),
        (29, 100, 29),
        (8, Fraction(25, 2), 1),  # 12.5 %
        (9, Fraction(25, 2), 2),
        (300, Fraction(1, 3), 1),
        (301, Fraction(1, 3), 2),
    ],
)
def test_a_class_loses_its_share_rounded_up_exactly(size, deletion, deleted):
    assert count_deletions(np.array([size]), deletion).tolist() == [deleted]


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=5),
    st.fractions(0, 100, max_denominator=1000),
)
def test_the_share_is_rounded_up_for_any_size_and_deletion(sizes, deletion):
    deleted = count_deletions(np.array(sizes), deletion).tolist()
    assert deleted == [ceil(Fraction(size) * deletion / 100) for size in sizes]


# Which


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.integers(0, 100),
    st.integers(0, 2**32),
)
def test_every_class_loses_exactly_its_share_and_no_record_comes_twice(members, deletion, seed):
    kept = draw(members, deletion, seed)
    assert len(set(kept)) == len(kept)
    left = Counter(members[record] for record in kept)
    assert left == Counter(
        {
            name: size - ceil(Fraction(deletion, 100) * size)
            for name, size in Counter(members).items()
            if size > ceil(Fraction(deletion, 100) * size)
        }
    )


def test_the_same_key_draws_the_same_sample_and_another_one_another():
    members = [0, 1] * 50
    assert draw(members, 30, seed=5) == draw(members, 30, seed=5)
    assert draw(members, 30, seed=5) != draw(members, 30, seed=6)


def test_the_sample_keeps_the_order_of_the_table():
    kept = draw([0, 1, 0, 2] * 50, 30)
    assert kept == sorted(kept)


def test_who_stays_follows_from_md5_alone_as_an_engine_of_sql_has_it():
    key = make_key(7, "sample")
    by_rank = sorted(range(10), key=lambda n: hashlib.md5(f"{key}|{n}".encode()).hexdigest())
    assert sample(np.zeros(10, dtype=np.intp), 40, key).tolist() == sorted(by_rank[4:])


def test_every_set_of_records_of_a_class_is_as_often_deleted():
    # Classes 0 and 1 of five records each, 40 %: two of five go, which are 10 sets in each class
    # and 100 pairs of sets, each expected 40 times.
    members = [0, 1, 1, 0, 0, 1, 0, 1, 1, 0]
    deleted = Counter(
        frozenset(range(10)) - frozenset(draw(members, 40, seed)) for seed in range(4000)
    )
    by_class = [[record for record in range(10) if members[record] == name] for name in (0, 1)]
    assert set(deleted) == {
        frozenset((*first, *second))
        for first in combinations(by_class[0], 2)
        for second in combinations(by_class[1], 2)
    }
    assert chisquare(list(deleted.values())).pvalue > 0.01


def test_what_is_deleted_of_one_class_tells_nothing_of_another():
    # Two of the four records of each class go: 6 sets of one, 36 pairs, each expected 100 times.
    pairs = Counter()
    for seed in range(3600):
        kept = draw([0, 0, 0, 0, 1, 1, 1, 1], 50, seed)
        pairs[tuple(kept)] += 1
    assert len(pairs) == 36
    assert chisquare(list(pairs.values())).pvalue > 0.01


@pytest.mark.parametrize("share", [Fraction("33.33333333333333"), Fraction("30.000000000000004")])
def test_a_share_with_many_digits_does_not_overflow(share):
    sizes = np.array([5000, 3, 10**9])
    expected = [-(-size * share.numerator // (100 * share.denominator)) for size in sizes.tolist()]
    assert count_deletions(sizes, share).tolist() == expected


# Counts


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=30),
    st.integers(0, 100),
    st.integers(0, 2**32),
)
def test_every_class_of_counted_cells_loses_exactly_its_share(cells, deletion, seed):
    members, counts = np.array(cells).T
    left = sample_counts(counts, members, deletion, np.random.default_rng(seed))
    assert ((left >= 0) & (left <= counts)).all()
    for name in set(members):
        size = int(counts[members == name].sum())
        assert left[members == name].sum() == size - ceil(Fraction(deletion, 100) * size)


def test_counted_cells_keep_what_records_of_them_would():
    # Class 0 has cells of 3, 2 and 1 records, of which three go; class 1 has two of one, of which
    # one goes. Each set of records is as likely: of six three are 20 sets, of two one are two.
    members, counts = np.array([0, 1, 0, 1, 0]), np.array([3, 1, 2, 1, 1])
    found = Counter(
        tuple(sample_counts(counts, members, 50, np.random.default_rng(seed)).tolist())
        for seed in range(4000)
    )
    records = np.repeat(np.arange(5), counts)
    sets = Counter(
        tuple(np.bincount(records[[*first, *second]], minlength=5).tolist())
        for first in combinations(np.flatnonzero(members[records] == 0), 3)
        for second in combinations(np.flatnonzero(members[records] == 1), 1)
    )
    assert set(found) == set(sets)
    expected = [4000 * sets[cells] / sets.total() for cells in sets]
    assert chisquare([found[cells] for cells in sets], expected).pvalue > 0.01
