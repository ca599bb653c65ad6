"""How much the minimality attack learns from releases of Adult, as `docs/methods.md` has it.

The small tables are attacked exactly (`tests/unit/minimality.py`). Of the whole table there are too
many worlds; there each conclusion is drawn for itself. So there may be more people of whom a value
is sure; those who are counted are checked against the truth.
"""

from contextlib import nullcontext
from itertools import product
from math import comb
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import gammaln
from tests.profile import takes_long, takes_longest
from tests.unit.minimality import attack

from anonify.base.errors import UserError
from anonify.datasets.described import read_dataset
from anonify.domains.domain import encode_records
from anonify.methods import arx, mondrian
from anonify.recoding.lattice import find_classes
from anonify.recoding.requirements import require
from anonify.tables.classes import group

METHODS_PAGE = Path(__file__).resolve().parents[2] / "docs/methods.md"
TWO_VALUES = {"attribute": "salary-class", "model": "distinct_l_diversity", "l": 2}

pytestmark = takes_long


@pytest.fixture(scope="module")
def adult():
    try:
        return read_dataset("adult")
    except UserError as error:
        pytest.skip(f"the Adult table is needed: {error}")


def read_page(title):
    """Return the numbers of a table of the page, by its first cells."""
    lines = METHODS_PAGE.read_text().split(f"**{title}**")[1].split("\n\n")[1].split("\n")
    rows = [
        [cell.replace("`", "").strip() for cell in line.strip("|").split("|")] for line in lines[2:]
    ]
    return {tuple(row[:2]): [float(cell) for cell in row[2:]] for row in rows}


# Small tables

SMALL, PEOPLE = 60, 8
RULES = {
    "distinct": {"model": "distinct_l_diversity", "l": 2},
    "entropy": {"model": "entropy_l_diversity", "l": 2},
}


@pytest.mark.parametrize("name", ["distinct", pytest.param("entropy", marks=takes_longest)])
@pytest.mark.parametrize(
    "titled",
    [
        "arx",
        pytest.param("mondrian", marks=takes_longest),
        pytest.param("ola", marks=takes_longest),
        pytest.param("ncp_mondrian", marks=takes_longest),
        pytest.param("ncp_mondrian with polish", marks=takes_longest),
    ],
)
def test_small_tables(adult, titled, name):
    method, _, option = titled.partition(" with ")
    options = {option: True} if option else {}
    domains = {column: adult.domains[column] for column in ("sex", "age")}
    records = encode_records(adult.frame, domains)
    values = adult.frame["marital-status"].cat.codes.to_numpy()
    rule = {"attribute": "marital-status", **RULES[name]}
    found = []
    for seed in range(SMALL):
        drawn = np.random.default_rng(seed).choice(len(records), PEOPLE, replace=False)
        groups = group(records[drawn])
        _, codes = np.unique(values[drawn], return_inverse=True)
        table = np.zeros((len(groups.tuples), codes.max() + 1), dtype=int)
        np.add.at(table, (groups.members, codes), 1)
        arguments = (groups.tuples, table, [*domains.values()], 2, rule, 6000)
        found.append(attack(method, *arguments, **options))
    found = [each for each in found if each is not None]
    people = sum(each.people.sum() for each in found)

    def share(is_counted):
        return 100 * sum(each.people[is_counted(each)].sum() for each in found) / people

    shares = [
        share(lambda each: each.by_class > 0.5 + 1e-9),
        share(lambda each: each.posterior > 0.5 + 1e-9),
        share(lambda each: each.by_class > 1 - 1e-9),
        share(lambda each: each.posterior > 1 - 1e-9),
    ]
    told = [len(found), *(round(each) for each in shares)]
    assert told == read_page("Small tables")[titled, name]


# The whole table


class Release:
    """Adult as a method releases it, and what is believed of each tuple's people."""

    def __init__(self, adult, method, k, watch=nullcontext):
        self.k, self.domains = k, [*adult.domains.values()]
        groups = group(encode_records(adult.frame, adult.domains))
        self.tuples = groups.tuples
        self.values = np.zeros((len(groups.tuples), 2), dtype=int)
        np.add.at(self.values, (groups.members, adult.frame["salary-class"].cat.codes), 1)
        self.people = self.values.sum(axis=1)
        wanted = [require(TWO_VALUES, csr_array(self.values.astype(float)), False)]
        arguments = self.tuples, self.people, self.domains, k, None
        with watch(self):
            made = method.anonymize(*arguments, requirements=wanted)
        self.nodes, self.is_kept = made.nodes, ~made.is_suppressed
        seen = np.column_stack([made.nodes, made.is_suppressed])
        _, self.members = np.unique(seen, axis=0, return_inverse=True)
        columns = [np.bincount(self.members, weights=column) for column in self.values.T]
        self.in_class = np.stack(columns, axis=1).astype(int)
        shares = self.in_class / self.in_class.sum(axis=1, keepdims=True)
        self.by_class = shares.max(axis=1)[self.members]
        self.posterior = self.by_class.copy()

    def believe(self, tuples, probability):
        self.posterior[tuples] = np.maximum(self.posterior[tuples], probability)

    def count(self, beliefs, least):
        """Return of how many released people, in per cent, something is believed."""
        is_believed = self.is_kept & (beliefs > least)
        return 100 * self.people[is_believed].sum() / self.people[self.is_kept].sum()

    def list_shares(self):
        return [
            round(self.count(beliefs, least), 1)
            for least in (0.9, 1 - 1e-12)
            for beliefs in (self.by_class, self.posterior)
        ]


class watch_rounds:  # noqa: N801
    """Notes the groups of k people that a round of `arx` did not take: they have one value each.

    Who attacks knows them from the levels of each round, which the released labels have.
    """

    def __init__(self, release):
        self.release, self.release.refused = release, []
        self.remaining = np.arange(len(release.values))

    def __enter__(self):
        self.original = arx._find_transformation
        arx._find_transformation = self.find

    def __exit__(self, *_):
        arx._find_transformation = self.original

    def find(self, tables, hierarchies, least, most):
        levels = self.original(tables, hierarchies, least, most)
        if levels is not None:
            table = tables.table
            members = find_classes(table.tuples, hierarchies, levels)
            is_taken = table.are_allowed(members)
            sizes = np.bincount(members, weights=table.rules.counts)
            for place in np.unique(members[~is_taken]):
                if sizes[place] >= self.release.k:
                    self.release.refused.append(self.remaining[members == place])
            self.remaining = self.remaining[~is_taken]
        return levels


@pytest.mark.parametrize("k", [5, pytest.param(50, marks=takes_longest)])
def test_arx_on_all_of_adult(adult, k):
    release = Release(adult, arx, k, watch_rounds)
    assert release.refused
    for tuples in release.refused:
        # That is why it was not taken.
        assert (release.values[tuples].sum(axis=0) == 0).any()
        weights = [weigh(release, tuples, value) for value in (0, 1)]
        weights = np.exp(np.array(weights) - max(weights))
        release.believe(tuples, weights.max() / weights.sum())
        # Who is sure is right.
        if weights.min() == 0:
            assert not release.values[tuples, weights.argmin()].any()
    assert release.list_shares() == read_page("All of Adult")["arx", f"k = {k}"]


def weigh(release, tuples, value):
    """Return the logarithm of the share of worlds in which a group has one value, −∞ for none."""
    sizes = np.bincount(release.members[tuples], weights=release.people[tuples])
    places = np.flatnonzero(sizes)
    taken, total = sizes[places], release.in_class[places].sum(axis=1)
    having = release.in_class[places, value]
    if (taken > having).any():
        return -np.inf
    return (_choose(total - taken, having - taken) - _choose(total, having)).sum()


def _choose(total, chosen):
    return gammaln(total + 1) - gammaln(chosen + 1) - gammaln(total - chosen + 1)


@pytest.mark.parametrize("k", [5, 50])
def test_mondrian_on_all_of_adult(adult, k):
    release = Release(adult, mondrian, k)
    for place in range(len(release.in_class)):
        tuples = np.flatnonzero(release.members == place)
        for attribute in range(len(release.domains)):
            parts = split(release, tuples, attribute)
            sizes = [int(release.people[part].sum()) for part in parts]
            if parts and min(sizes) >= k:
                # It was tried, and not done for one part at least has one value.
                having = int(release.in_class[place, 1])
                for part, probability in zip(parts, judge_split(sizes, having), strict=True):
                    release.believe(part, max(probability, 1 - probability))
                    # Who is sure is right.
                    if probability in (0, 1):
                        assert not release.values[part, 1 - int(probability)].any()
    assert release.list_shares() == read_page("All of Adult")["mondrian", f"k = {k}"]


def split(release, tuples, attribute):
    """Return the parts of a class by the children of its node; none at a leaf."""
    domain, node = release.domains[attribute], release.nodes[tuples[0], attribute]
    if node < domain.leaf_count:
        return []
    paths = domain.ancestors[release.tuples[tuples, attribute]]
    children = paths[np.arange(len(paths)), (paths == node).argmax(axis=1) - 1]
    return [tuples[children == child] for child in np.unique(children)]


def judge_split(sizes, having):
    """Return how likely the people of each part have a value if a part at least has one value.

    By inclusion and exclusion over the parts of which nobody (0) or everybody (1) has it.

    Parameters
    ----------
    having : how many people of all parts have the value.
    """
    worlds, of_part = 0, [0] * len(sizes)
    for states in product([None, 0, 1], repeat=len(sizes)):
        is_fixed = [state is not None for state in states]
        free = sum(size for size, fixed in zip(sizes, is_fixed, strict=True) if not fixed)
        left = having - sum(size for size, state in zip(sizes, states, strict=True) if state)
        if not any(is_fixed) or not 0 <= left <= free:
            continue
        sign = 1 if sum(is_fixed) % 2 else -1
        worlds += sign * comb(free, left)
        for part, state in enumerate(states):
            if state is None and left:
                of_part[part] += sign * comb(free - 1, left - 1)
            elif state:
                of_part[part] += sign * comb(free, left)
    return [count / worlds for count in of_part]


def test_a_split_is_judged_as_by_all_worlds():
    # Two and three people, of whom two have the value: both of the first part (1 way), or two of
    # the second (3 ways); the ways with one of each part would have been split.
    assert judge_split([2, 3], 2) == [1 / 4, 2 / 4]
