"""Where there is no room for all transformations, `arx` and `ola` find what they find with it."""

from dataclasses import replace
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.methods.test_ola import CRITERIA, make_ragged

from anonify.methods import arx, ola
from anonify.recoding import lattice
from anonify.recoding.people import list_people
from anonify.recoding.requirements import UnreachableError, make_requirement
from anonify.tables.classes import group


def anonymize_both(method, table, requirements, owners, **options):
    """The recoding with account of all transformations, and without."""
    groups = group(table.records)
    options["requirements"] = [each.sum_up(groups) for each in requirements]
    options["people"] = None if owners is None else list_people(groups, owners)
    arguments = (groups.tuples, groups.sizes, table.hierarchies, table.k, None)
    whole = method.anonymize(*arguments, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattice, "MOST_TRANSFORMATIONS", 0)
        return whole, method.anonymize(*arguments, **options)


def draw_people(random, records):
    """The person of each record, some of whom have several; or None where each is another's."""
    if random.random() < 0.5:
        return None
    drawn = [random.randrange(1 + random.randrange(2 * len(records))) for _ in records]
    return np.unique(drawn, return_inverse=True)[1]


def weigh(random, hierarchies):
    """Hierarchies that matter more and less, or all the same."""
    if random.random() < 0.5:
        return hierarchies
    return [replace(tree, importance=random.choice([0.2, 1.0, 3.0])) for tree in hierarchies]


def draw_requirements(random, records):
    model = random.choice(["none", "distinct_l_diversity", "t_closeness"])
    values = pd.Series([random.choice("xyz") for _ in records], dtype="category")
    rule = {"attribute": "ill", "model": model, "l": 2, "t": 0.4}
    try:
        return [] if model == "none" else [make_requirement(rule, values)]
    except UnreachableError:
        return []


@pytest.mark.parametrize("criterion", CRITERIA)
@settings(max_examples=draws(60))
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_ola_finds_the_same(tables, criterion, data, seed):
    table, random = data.draw(tables), Random(seed)
    if random.random() < 0.5:
        table.hierarchies = [make_ragged(tree, random) for tree in table.hierarchies]
    table.hierarchies = weigh(random, table.hierarchies)
    options = {"criterion": criterion, "suppression_limit": random.choice([0, 10, 50])}
    requirements = draw_requirements(random, table.records)
    owners = draw_people(random, table.records)
    whole, found = anonymize_both(ola, table, requirements, owners, **options)
    assert found.nodes.tolist() == whole.nodes.tolist()
    assert found.is_suppressed.tolist() == whole.is_suppressed.tolist()
    if "levels" in whole.facts:
        assert found.facts["levels"] == whole.facts["levels"]
        assert found.facts["search"] == "proven optimal"
        assert found.facts[f"{criterion}_bound"] == pytest.approx(found.facts[criterion])


@settings(max_examples=draws(200))
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_arx_finds_the_same(tables, data, seed):
    table, random = data.draw(tables), Random(seed)
    table.hierarchies = weigh(random, table.hierarchies)
    requirements = draw_requirements(random, table.records)
    owners = draw_people(random, table.records)
    whole, found = anonymize_both(arx, table, requirements, owners)
    assert found.nodes.tolist() == whole.nodes.tolist()
    assert found.is_suppressed.tolist() == whole.is_suppressed.tolist()
    assert "in 0 of" in found.facts["search"]


@pytest.mark.parametrize("criterion", CRITERIA)
@settings(max_examples=draws(60))
@given(data=st.data(), work=st.integers(0, 10**5))
def test_ola_tells_a_bound_where_it_stops(tables, criterion, data, work):
    table = data.draw(tables)
    groups = group(table.records)
    arguments = (groups.tuples, groups.sizes, table.hierarchies, table.k, None)
    whole = ola.anonymize(*arguments, criterion=criterion)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattice, "MOST_TRANSFORMATIONS", 0)
        patch.setattr(ola, "MOST_WORK", work)
        found = ola.anonymize(*arguments, criterion=criterion)
    if criterion not in found.facts:
        assert criterion not in whole.facts
        return
    sign = -1 if criterion == "precision" else 1
    best, bound, value = (
        sign * facts[name]
        for facts, name in (
            (whole.facts, criterion),
            (found.facts, f"{criterion}_bound"),
            (found.facts, criterion),
        )
    )
    assert bound <= best + 1e-6 * abs(best)
    assert best <= value + 1e-6 * abs(value)
    assert_classes_are_large(found, table.k)


@settings(max_examples=draws(100))
@given(data=st.data(), work=st.integers(0, 10**5))
def test_arx_releases_what_is_valid_where_it_stops(tables, data, work):
    table = data.draw(tables)
    groups = group(table.records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattice, "MOST_TRANSFORMATIONS", 0)
        patch.setattr(arx, "MOST_WORK", work)
        found = arx.anonymize(groups.tuples, groups.sizes, table.hierarchies, table.k, None)
    assert_classes_are_large(found, table.k)
    assert found.facts["largest_gap"] >= 0
    assert found.records[~found.is_suppressed].sum() >= len(table.records) - table.k + 1 or (
        len(table.records) < table.k or any(tree.is_limited for tree in table.hierarchies)
    )


@pytest.mark.parametrize("method", [arx, ola])
@settings(max_examples=draws(100))
@given(data=st.data(), seed=st.integers(0, 2**32), work=st.integers(0, 10**5))
def test_where_it_stops_each_class_has_k_people(tables, method, data, seed, work):
    table, random = data.draw(tables), Random(seed)
    groups = group(table.records)
    drawn = [random.randrange(len(table.records)) for _ in table.records]
    owners = np.unique(drawn, return_inverse=True)[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattice, "MOST_TRANSFORMATIONS", 0)
        patch.setattr(method, "MOST_WORK", work)
        found = method.anonymize(
            groups.tuples,
            groups.sizes,
            weigh(random, table.hierarchies),
            table.k,
            None,
            people=list_people(groups, owners),
        )
    nodes = pd.DataFrame(found.nodes[~found.is_suppressed]).assign(
        tuple=found.tuples[~found.is_suppressed]
    )
    kept = nodes.merge(pd.DataFrame({"tuple": groups.members, "person": owners}), on="tuple")
    classes = kept.groupby(list(range(len(table.hierarchies))))["person"].nunique()
    assert (classes >= min(table.k, owners.max() + 1)).all()


def assert_classes_are_large(recoding, k):
    shown = ~recoding.is_suppressed
    if shown.any():
        classes = group(recoding.nodes[shown]).members
        assert np.bincount(classes, weights=recoding.records[shown]).min() >= k


def test_a_search_that_stops_tells_what_it_has_and_a_bound(tables, monkeypatch):
    monkeypatch.setattr(lattice, "MOST_TRANSFORMATIONS", 0)
    monkeypatch.setattr(ola, "MOST_WORK", 1)
    domains = [arx_tree(name) for name in "abcdef"]
    records = np.random.default_rng(1).integers(0, 8, (200, 6))
    groups = group(records)
    made = ola.anonymize(groups.tuples, groups.sizes, domains, 5, None, criterion="loss")
    assert made.facts["search"] == "stopped at its effort"
    assert 0 <= made.facts["loss_bound"] <= made.facts["loss"]
    assert made.facts["transformations"] == 4**6


def arx_tree(name):
    from anonify.domains.rules import build_hierarchy

    steps = [{"start": 0, "width": 2}, {"start": 0, "width": 4}]
    return build_hierarchy(name, [str(number) for number in range(8)], {"intervals": steps})
