from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from anonify.domains.domain import balance
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy
from anonify.methods import METHODS, get_anonymizer
from anonify.releases.anonymization import anonymize_table

X, Y = (build_hierarchy(name, ["0", "1"], {}) for name in "xy")
AGE = build_hierarchy(
    "age",
    [str(age) for age in range(12)],
    {"intervals": [{"start": 0, "width": 2}, {"start": 0, "width": 6}]},
)
# One of both has to go: each pair stands once.
SQUARE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
TAKE_RANGES = ("k_member", "knn_clustering", "mondrian", "oka", "top_down_greedy")


def weigh(domains, *importances):
    pairs = zip(domains, importances, strict=True)
    return [replace(domain, importance=importance) for domain, importance in pairs]


def count_kept(method, domains, seeds=20):
    """How often a method leaves the first and the second attribute as it is."""
    options = {"ola": {"suppression_limit": 0}}.get(method)
    kept = Counter()
    for seed in range(seeds):
        anonymize = get_anonymizer(method, options)
        nodes = anonymize(SQUARE, domains, 2, np.random.default_rng(seed)).nodes
        kept.update(np.flatnonzero((nodes < 2).all(axis=0)).tolist())
    return kept[0], kept[1]


@pytest.mark.parametrize("method", METHODS)
def test_what_matters_more_is_kept(method):
    first, second = count_kept(method, weigh([X, Y], 4, 1))
    other_first, other_second = count_kept(method, weigh([X, Y], 1, 4))
    if method == "oka":
        # Its seeds may leave no choice.
        assert first > second
        assert other_first < other_second
    else:
        assert (first, second) == (20, 0)
        assert (other_first, other_second) == (0, 20)


@pytest.mark.parametrize("method", [name for name in METHODS if name != "oka"])
def test_what_matters_more_is_kept_on_the_levels_that_may_be_shown(method):
    rows = [["0", "a", "*"], ["1", "b", "*"]]
    first, second = (
        replace(hierarchy_from_rows(name, rows), least_level=1, importance=importance)
        for name, importance in (("x", 4), ("y", 1))
    )
    for domains, place in (([first, second], 0), ([second, first], 1)):
        options = {"ola": {"suppression_limit": 0}}.get(method)
        anonymize = get_anonymizer(method, options)
        nodes = anonymize(SQUARE, domains, 2, np.random.default_rng(0)).nodes
        assert domains[place].labels_of(nodes[:, place]) == [
            "ab"[leaf] for leaf in SQUARE[:, place].tolist()
        ]
        assert {*domains[1 - place].labels_of(nodes[:, 1 - place])} == {"*"}


@pytest.mark.parametrize("method", TAKE_RANGES)
def test_ranges_may_matter_more_than_hierarchies(method):
    ranges = Ranges("x", ("0", "1"))
    assert count_kept(method, weigh([ranges, Y], 4, 1)) > count_kept(
        method, weigh([ranges, Y], 1, 4)
    )


def make_table(records=60):
    generator = np.random.default_rng(2)
    ages = generator.integers(0, 12, records)
    return np.stack([ages, generator.integers(0, 2, records), generator.integers(0, 2, records)], 1)


def cost(recoding, domains):
    columns = zip(domains, recoding.nodes.T, strict=True)
    return sum(domain.importance * domain.ncp_of(nodes).mean() for domain, nodes in columns)


def test_the_least_weighted_loss_is_found():
    records, domains = make_table(), weigh([AGE, X, Y], 2, 0.25, 0.75)
    found = get_anonymizer("optimal")(records, domains, 5, np.random.default_rng())
    assert found.facts["search"] == "proven optimal"
    assert found.facts["ncp_bound"] == pytest.approx(100 * cost(found, domains) / 3)
    # Sets are no nodes of the hierarchies, and may cost less.
    for method in {*METHODS} - {"ncp_mondrian"}:
        other = get_anonymizer(method)(records, domains, 5, np.random.default_rng(1))
        if not other.is_suppressed.any():
            assert cost(found, domains) <= cost(other, domains) + 1e-9
    plain = get_anonymizer("optimal")(records, [AGE, X, Y], 5, np.random.default_rng())
    assert cost(found, domains) < cost(plain, domains)
    assert cost(plain, [AGE, X, Y]) < cost(found, [AGE, X, Y])


@pytest.mark.parametrize("importances", [(1, 1, 1), (8, 1, 1), (1, 8, 1), (1, 1, 8)])
def test_the_full_domain_generalization_of_least_weighted_loss_is_found(importances):
    records, domains = make_table(), weigh([AGE, X, Y], *importances)
    options = {"suppression_limit": 0, "criterion": "loss"}
    found = get_anonymizer("ola", options)(records, domains, 5, np.random.default_rng())
    costs = []
    for levels in product(range(4), range(2), range(2)):
        triples = zip(domains, records.T, levels, strict=True)
        nodes = np.stack([tree.ancestors[leaves, level] for tree, leaves, level in triples], axis=1)
        if min(Counter(map(tuple, nodes.tolist())).values()) >= 5:
            columns = zip(domains, nodes.T, strict=True)
            costs.append(
                sum(tree.importance * tree.ncp_of(column).mean() for tree, column in columns)
            )
    assert cost(found, domains) == pytest.approx(min(costs))


def test_only_how_importances_compare_matters():
    domains = balance(weigh([AGE, X, Y], 2e300, 2e300, 2e300))
    assert [domain.importance for domain in domains] == [1, 1, 1]
    assert balance([AGE, X]) == [AGE, X]
    assert [domain.importance for domain in balance(weigh([X, Y], 3, 1))] == [1.5, 0.5]


@pytest.mark.parametrize("method", METHODS)
def test_equal_importances_change_nothing(method):
    records = make_table()
    frame = pd.DataFrame(
        {
            tree.attribute: pd.Categorical([tree.labels[leaf] for leaf in leaves])
            for tree, leaves in zip([AGE, X, Y], records.T, strict=True)
        }
    )

    def release(domains):
        by_name = {domain.attribute: domain for domain in domains}
        return anonymize_table(frame, by_name, method, 4, np.random.default_rng(3)).frame

    pd.testing.assert_frame_equal(release([AGE, X, Y]), release(weigh([AGE, X, Y], 7, 7, 7)))
