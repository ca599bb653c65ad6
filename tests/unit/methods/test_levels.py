from collections import Counter
from dataclasses import replace
from importlib import import_module
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.shown import check_covered, list_members

from anonify.domains.hierarchy import Hierarchy
from anonify.domains.levels import take_part
from anonify.domains.rules import build_hierarchy
from anonify.methods import METHODS, get_anonymizer
from anonify.recoding.recoding import list_shown
from anonify.recoding.requirements import UnreachableError, make_requirement

HIERARCHIES_ONLY = {
    name
    for name in METHODS
    if hasattr(import_module(f"anonify.methods.{name}"), "require_hierarchies")
}

every_method = pytest.mark.parametrize("method", METHODS)

AGE = build_hierarchy(
    "age",
    [str(age) for age in range(20, 40)],
    {"intervals": [{"start": 0, "width": 2}, {"start": 0, "width": 10}]},
)
SEX = build_hierarchy("sex", ["f", "m"], {})


def draw_limits(draw, tree):
    least = draw(st.integers(0, tree.height))
    most = draw(st.none() | st.integers(least, tree.height))
    return replace(tree, least_level=least, most_level=most)


def anonymize(method, records, domains, k=2, **further):
    return get_anonymizer(method, **further)(records, domains, k, np.random.default_rng(0))


def check_shown(recoding, records, domains):
    """Each value that is not suppressed is above the record's, on a level that may be shown."""
    kept = ~recoding.is_suppressed
    shown = list_shown(recoding, domains)
    columns = zip(domains, shown, records[kept].T, recoding.nodes[kept].T, strict=True)
    assert (recoding.nodes[~kept] == [domain.root for domain in domains]).all()
    for domain, of_nodes, leaves, nodes in columns:
        check_covered(of_nodes, leaves, nodes)
        if not isinstance(domain, Hierarchy):
            continue
        last = domain.height if domain.most_level is None else domain.most_level
        allowed = {*domain.ancestors[:, domain.least_level : last + 1].ravel().tolist()}
        for leaf, node in {*zip(leaves.tolist(), nodes.tolist(), strict=True)}:
            members = list_members(of_nodes, node)
            assert {*members} <= allowed
            assert {*domain.ancestors[leaf, domain.least_level : last + 1]} & {*members}
            below = np.isin(domain.ancestors, members).any(axis=1)
            assert len({*domain.ancestors[below, last].tolist()}) == 1


@every_method
@given(data=st.data())
def test_every_class_shows_allowed_levels_of_k_records(method, tables, data):
    table = data.draw(tables)
    domains = [draw_limits(data.draw, tree) for tree in table.hierarchies]
    recoding = anonymize(method, table.records, domains, table.k)
    check_shown(recoding, table.records, domains)
    kept = map(tuple, recoding.nodes[~recoding.is_suppressed].tolist())
    assert all(size >= table.k for size in Counter(kept).values())


@every_method
@given(data=st.data())
def test_people_with_several_records_are_counted_once(method, tables, data):
    table = data.draw(tables)
    domains = [draw_limits(data.draw, tree) for tree in table.hierarchies]
    drawn = data.draw(st.lists(st.integers(0, 9), min_size=len(table.records)))
    people = np.unique(drawn[: len(table.records)], return_inverse=True)[1]
    assume(people.max() > 0)
    recoding = anonymize(method, table.records, domains, people=people)
    check_shown(recoding, table.records, domains)
    kept = pd.DataFrame(recoding.nodes).assign(person=people)[~recoding.is_suppressed]
    names = [name for name in kept if name != "person"]
    assert (kept.groupby(names)["person"].nunique() >= 2).all()


@pytest.mark.parametrize("method", ["arx", "mondrian", "ncp_mondrian", "ola"])
@settings(max_examples=draws(60))
@given(data=st.data())
def test_requirements_hold_in_every_class(method, tables, data):
    table = data.draw(tables)
    domains = [draw_limits(data.draw, tree) for tree in table.hierarchies]
    illness = data.draw(st.lists(st.sampled_from("xyz"), min_size=len(table.records)))
    column = pd.Series(illness[: len(table.records)], dtype="category")
    rule = {"attribute": "ill", "model": "entropy_l_diversity", "l": 1.5}
    try:
        requirement = make_requirement(rule, column)
    except UnreachableError:
        return
    recoding = anonymize(method, table.records, domains, table.k, requirements=[requirement])
    check_shown(recoding, table.records, domains)
    kept = pd.DataFrame(recoding.nodes).assign(ill=column)[~recoding.is_suppressed]
    for _, rows in kept.groupby([name for name in kept if name != "ill"]):
        shares = rows["ill"].value_counts(normalize=True)
        shares = shares[shares > 0]
        assert len(rows) >= table.k
        assert np.exp(-(shares * np.log(shares)).sum()) >= 1.5 - 1e-9


@every_method
def test_equal_values_are_shown_on_the_least_level(method):
    # All are alike, so nothing but the level asks for more than the values.
    domains = [replace(AGE, least_level=1), SEX]
    recoding = anonymize(method, np.array([[3, 0]] * 4), domains)
    assert domains[0].labels_of(recoding.nodes[:, 0]) == ["22-24"] * 4
    assert SEX.labels_of(recoding.nodes[:, 1]) == ["f"] * 4


@every_method
def test_what_only_a_higher_level_would_join_is_suppressed(method):
    records = np.array([[0, 0], [2, 0], [4, 0], [15, 0]])
    domains = [replace(AGE, most_level=2), SEX]
    options = {"ola": {"suppression_limit": 30}}
    recoding = anonymize(method, records, domains, options=options.get(method))
    assert recoding.is_suppressed.tolist() == [False, False, False, True]
    assert SEX.labels_of(recoding.nodes[3:, 1]) == ["*"]


@pytest.mark.parametrize("method", [name for name in METHODS if name not in HIERARCHIES_ONLY])
@given(data=st.data())
def test_ranges_beside_limited_hierarchies_have_no_levels(method, mixed_tables, data):
    table = data.draw(mixed_tables)
    domains = [
        draw_limits(data.draw, domain) if isinstance(domain, Hierarchy) else domain
        for domain in table.domains
    ]
    recoding = anonymize(method, table.records, domains, table.k)
    check_shown(recoding, table.records, domains)
    kept = map(tuple, recoding.nodes[~recoding.is_suppressed].tolist())
    assert all(size >= table.k for size in Counter(kept).values())


def test_the_cheapest_of_all_recodings_within_the_levels_is_found():
    generator = np.random.default_rng(3)
    records = np.stack([generator.integers(0, 20, 12), generator.integers(0, 2, 12)], axis=1)
    limited = [replace(AGE, least_level=1, most_level=2), SEX]

    def cost(recoding):
        columns = zip(limited, recoding.nodes.T, strict=True)
        return sum(tree.ncp_of(nodes).sum() for tree, nodes in columns)

    found = anonymize("optimal", records, limited, 3)
    assert found.facts["search"] == "proven optimal"
    assert found.facts["ncp_gap"] == 0
    # Sets are no nodes of the hierarchies, and may cost less.
    others = [anonymize(each, records, limited, 3) for each in METHODS if each != "ncp_mondrian"]
    is_complete = [each for each in others if not each.is_suppressed.any()]
    assert len(is_complete) > 3
    assert all(cost(found) <= cost(each) + 1e-9 for each in is_complete)


def test_full_domain_generalization_is_the_best_of_the_allowed_levels():
    generator = np.random.default_rng(5)
    records = np.stack([generator.integers(0, 20, 40), generator.integers(0, 2, 40)], axis=1)
    limited = [replace(AGE, least_level=1), replace(SEX, most_level=0)]
    options = {"suppression_limit": 20, "criterion": "loss"}
    found = anonymize("ola", records, limited, 3, options=options)
    costs = {}
    for levels in product(range(1, 4), range(1)):
        nodes = np.stack(
            [
                tree.ancestors[leaves, level]
                for tree, leaves, level in zip(limited, records.T, levels, strict=True)
            ],
            axis=1,
        )
        sizes = Counter(map(tuple, nodes.tolist()))
        if sum(size for size in sizes.values() if size < 3) <= 8:
            losses = [tree.ncp_of(column) for tree, column in zip(limited, nodes.T, strict=True)]
            costs[levels] = np.mean(losses)
    best = min(costs, key=costs.get)
    assert found.facts["levels"] == f"age {best[0]}, sex {best[1]}"
    assert found.facts["transformations"] == 3


@given(data=st.data())
def test_a_part_of_a_hierarchy_is_one_with_the_losses_of_the_whole(hierarchies, data):
    whole = draw_limits(data.draw, data.draw(hierarchies))
    top = int(data.draw(st.sampled_from(whole.shown[:, -1].tolist())))
    part = take_part(whole, top)
    below = np.flatnonzero(whole.shown[:, -1] == top)
    lifted = part.lift(below)
    assert part.nodes[part.root] == top
    assert set(lifted.tolist()) == set(range(part.leaf_count))
    assert part.nodes[part.ancestors[lifted]].tolist() == whole.shown[below].tolist()
    nodes = np.arange(len(part.labels))
    assert part.labels_of(nodes) == whole.labels_of(part.nodes)
    assert part.ncp.tolist() == whole.ncp[part.nodes].tolist()
    assert part.leaves_below.tolist() == whole.leaves_below[part.nodes].tolist()
    first, second = (nodes[data.draw(st.sampled_from(nodes.tolist()))] for _ in range(2))
    joined = part.join(np.array([first]), np.array([second]))
    expected = whole.join(part.nodes[[first]], part.nodes[[second]])
    assert part.nodes[joined].tolist() == expected.tolist()
