from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit import plain_ncp_mondrian
from tests.unit.conftest import draw_records, make_hierarchy, make_ranges

from anonify.base.errors import UserError
from anonify.base.values import MISSING
from anonify.domains.hierarchy import Hierarchy, hierarchy_from_rows
from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy
from anonify.methods import get_anonymizer, ncp_mondrian
from anonify.recoding.people import list_people
from anonify.recoding.recoding import list_shown
from anonify.recoding.requirements import make_requirement
from anonify.tables.classes import group

FRUIT = build_hierarchy("fruit", ["apple", "fig", "kiwi", "lime"], {})
AGE = build_hierarchy(
    "age", [str(age) for age in range(10)], {"intervals": [{"start": 0, "width": 5}]}
)


def anonymize(rows, k, domains, requirements=(), **options):
    """The released labels of each record."""
    columns = zip(domains, zip(*rows, strict=True), strict=True)
    records = np.stack([domain.find_nodes(values) for domain, values in columns], axis=1)
    method = get_anonymizer("ncp_mondrian", options, requirements=requirements)
    recoding = method(records, domains, k, np.random.default_rng())
    assert not recoding.is_suppressed.any()
    shown = list_shown(recoding, domains)
    labels = [
        domain.labels_of(nodes) for domain, nodes in zip(shown, recoding.nodes.T, strict=True)
    ]
    return list(zip(*labels, strict=True))


def test_numbers_of_a_hierarchy_are_shown_as_ranges():
    # k = 2. A cut behind 1 would cost 2 records · 2 values + 3 · 4, one behind 6 3 · 7 + 2 · 2.
    rows = [(age,) for age in ("0", "1", "6", "8", "9")]
    assert anonymize(rows, 2, (AGE,)) == [("[0, 1]",)] * 2 + [("[6, 9]",)] * 3


def test_categories_are_shown_as_sets_of_what_a_class_has():
    # k = 3. In the order of the hierarchy, apple and fig make a class and kiwi and lime one, in
    # which 6 records lose 2/4 each. By falling frequency kiwi, alone, loses nothing.
    rows = [("apple",), ("fig",), ("kiwi",), ("kiwi",), ("kiwi",), ("lime",)]
    sets = [("{apple, fig, lime}",)] * 2 + [("kiwi",)] * 3 + [("{apple, fig, lime}",)]
    assert anonymize(rows, 3, (FRUIT,)) == sets


def test_cuts_are_priced_by_what_is_lost_over_all_attributes():
    # Along age and along fruits there is one cut that k = 2 allows in the order of the hierarchy,
    # and it saves all of age, or half of the fruits. What counts is what both halves lose in all:
    # after that by age it is two fruits of four, after that by fruit, behind fig, also all ages.
    rows = [("0", "apple"), ("0", "kiwi"), ("9", "fig"), ("9", "lime")]
    shown = [("0", "{apple, kiwi}")] * 2 + [("9", "{fig, lime}")] * 2
    assert anonymize(rows, 2, (AGE, FRUIT)) == shown
    swapped = [row[::-1] for row in rows]
    assert anonymize(swapped, 2, (FRUIT, AGE)) == [row[::-1] for row in shown]


def test_a_missing_number_is_parted_from_the_others():
    ages = build_hierarchy("age", ["1", "2", "3", ""], {"intervals": [{"start": 0, "width": 5}]})
    rows = [("1",), ("3",), ("",), ("",)]
    assert anonymize(rows, 2, (ages,)) == [("[1, 3]",)] * 2 + [("",)] * 2
    assert anonymize(rows[:3], 2, (ages,)) == [("*",)] * 3


def test_numbers_without_a_hierarchy_are_shown_as_ranges():
    bmi = Ranges("bmi", ("10", "20", "21.5", "50"))
    rows = [("10",), ("20",), ("21.5",), ("50",)]
    assert anonymize(rows, 2, (bmi,)) == [("[10, 20]",)] * 2 + [("[21.5, 50]",)] * 2


def test_a_cut_that_a_requirement_forbids_is_passed_over_for_the_next_best():
    # Fruits cost most, so they would be cut, but each kind has one illness.
    rows = [("0", "apple"), ("1", "kiwi"), ("0", "kiwi"), ("1", "apple")]
    rule = {"attribute": "ill", "model": "distinct_l_diversity", "l": 2}
    requirement = make_requirement(rule, pd.Series([*"abba"]))
    assert anonymize(rows, 2, (AGE, FRUIT))[0] == ("[0, 1]", "apple")
    assert anonymize(rows, 2, (AGE, FRUIT), [requirement])[0] == ("0", "{apple, kiwi}")


def test_fewer_records_than_k_are_one_class():
    assert anonymize([("0", "fig"), ("1", "fig")], 3, (AGE, FRUIT)) == [("[0, 1]", "fig")] * 2


@pytest.mark.parametrize("values", [(), ("5",)])
def test_no_records_are_no_class(values):
    none = np.zeros((0, 1), dtype=int)
    method = get_anonymizer("ncp_mondrian")
    recoding = method(none, [Ranges("x", values)], 2, np.random.default_rng())
    assert recoding.nodes.shape == (0, 1)


def test_where_no_part_below_the_highest_level_is_a_class_everything_is_suppressed():
    domain = replace(AGE, most_level=1)
    recoding = get_anonymizer("ncp_mondrian")(
        np.array([[0], [9]]), [domain], 2, np.random.default_rng()
    )
    assert recoding.is_suppressed.all()
    assert recoding.nodes.tolist() == [[AGE.root]] * 2


def test_all_values_are_shown_as_the_highest_node_that_may_be_shown():
    whole = hierarchy_from_rows("x", [[value, "any", "*"] for value in "ab"])
    assert anonymize([("a",), ("b",)], 2, (replace(whole, most_level=1),)) == [("any",)] * 2


def test_a_missing_value_with_numbers_is_shown_as_their_highest_node():
    rows = [["1", "low", "*"], ["2", "low", "*"], ["3", "high", "*"], ["", "high", "*"]]
    domain = replace(hierarchy_from_rows("x", rows), most_level=1)
    shown = anonymize([("1",), ("2",), ("3",), ("",)], 2, (domain,))
    assert shown == [("[1, 2]",)] * 2 + [("high",)] * 2


def test_domains_of_a_single_value_are_shown_as_it_is():
    domains = (build_hierarchy("x", ["a"], {}), Ranges("y", ("5",)), Ranges("z", ("",)))
    assert anonymize([("a", "5", "")] * 2, 2, domains) == [("a", "5", "")] * 2


def test_numbers_between_edges_are_shown_as_ranges_that_end_there():
    domain = Ranges("x", ("1", "2", "7", ""), ("0", "5", "10"))
    records = np.array([[0], [1], [2], [2], [3], [3]])
    recoding = get_anonymizer("ncp_mondrian")(records, [domain], 2, np.random.default_rng())
    labels = domain.labels_of(domain.widen(recoding.nodes[:, 0]))
    assert labels == ["[0, 5["] * 2 + ["[5, 10]"] * 2 + [""] * 2


def make_numbers(random, attribute):
    """A hierarchy over numbers, which are not always in their order, with or without a gap."""
    values = [str(number) for number in random.sample(range(-9, 20), random.randint(1, 8))]
    missing = [MISSING] if random.random() < 0.3 else []
    if random.random() < 0.5:
        values.sort(key=int)
    groups = {"low": values[:3], "high": values[3:]} if len(values) > 3 else {"all": values}
    return build_hierarchy(attribute, [*values, *missing], {"tree": groups})


def make_table(random):
    makers = [make_hierarchy, make_numbers, make_ranges]
    domains = [random.choice(makers)(random, name) for name in "abc"[: random.randint(1, 3)]]
    return domains, draw_records(random, domains, 4)


@settings(max_examples=draws(150))
@given(seed=st.integers(0, 2**32), k=st.integers(1, 4))
def test_all_parts_at_once_are_cut_as_one_after_the_other_would_be(seed, k):
    random = Random(seed)
    domains, records = make_table(random)
    groups = group(records)
    illness = pd.Series([random.choice("xyz") for _ in records], dtype="category")
    people = np.unique([random.randint(0, 9) for _ in records], return_inverse=True)[1]
    rule = {"attribute": "ill", "model": "t_closeness", "t": random.choice([0.2, 0.4, 1])}
    requirement = make_requirement(rule, illness).sum_up(groups)
    further = random.choice(
        [{}, {"requirements": [requirement]}, {"people": list_people(groups, people)}]
    )
    arguments = (groups.tuples, groups.sizes, domains, k)
    made = ncp_mondrian.anonymize(*arguments, np.random.default_rng(), **further)
    expected = plain_ncp_mondrian.divide(*arguments, **further)
    found = {}
    for place, nodes in enumerate(made.nodes.tolist()):
        found.setdefault(tuple(nodes), []).append(place)
    assert {*map(tuple, found.values())} == {*map(tuple, join_alike(expected, made.nodes))}


def join_alike(classes, nodes):
    """Classes that show the same are one: a value between others may be in a class of its own."""
    joined = {}
    for each in classes:
        joined.setdefault(tuple(nodes[each[0]].tolist()), []).extend(each)
    return map(sorted, joined.values())


@pytest.mark.parametrize("dense", [0, 10**9])
@given(seed=st.integers(0, 2**32), k=st.integers(2, 4))
def test_chunks_of_any_size_give_the_same_classes(dense, seed, k):
    domains, records = make_table(Random(seed))
    groups = group(records)
    arguments = (groups.tuples, groups.sizes, domains, k, np.random.default_rng())
    whole = ncp_mondrian.anonymize(*arguments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ncp_mondrian, "CELLS", 1)
        patch.setattr(ncp_mondrian, "DENSE", dense)
        parts = ncp_mondrian.anonymize(*arguments)
    assert parts.nodes.tolist() == whole.nodes.tolist()
    assert parts.domains == whole.domains


def test_a_tuple_moves_to_the_next_class_where_less_is_lost_if_it_is_polished():
    # k = 2. Kiwis make a class, and the others lose 3 · (3/10 + 3/4). Where the apple of age 7 goes
    # to them, it is 2 · (2/10 + 2/4) + 3 · (2/10 + 2/4) in all, which is 0.05 less.
    rows = [("5", "lime"), ("6", "fig"), ("6", "kiwi"), ("7", "apple"), ("7", "kiwi")]
    others, kiwis = ("[5, 7]", "{apple, fig, lime}"), ("[6, 7]", "kiwi")
    assert anonymize(rows, 2, (AGE, FRUIT)) == [others, others, kiwis, others, kiwis]
    left, right = ("[5, 6]", "{fig, lime}"), ("[6, 7]", "{apple, kiwi}")
    polished = anonymize(rows, 2, (AGE, FRUIT), polish=True)
    assert polished == [left, left, right, right, right]


def test_classes_are_put_together_anew_where_less_is_lost_if_it_is_polished():
    # k = 2. The cuts leave two classes of three, which lose 3 · (2/10 + 2/4) + 3 · 1; three of two
    # lose 2 · (2/10 + 2/4 + 9/10).
    rows = [("0", "apple"), ("0", "fig"), ("0", "kiwi"), ("1", "apple"), ("1", "fig"), ("9", "fig")]
    others, figs = ("[0, 1]", "{apple, kiwi}"), ("*", "fig")
    assert anonymize(rows, 2, (AGE, FRUIT)) == [others, figs, others, others, figs, figs]
    apples, zero, figs = ("[0, 1]", "apple"), ("0", "{fig, kiwi}"), ("[1, 9]", "fig")
    polished = anonymize(rows, 2, (AGE, FRUIT), polish=True)
    assert polished == [apples, zero, zero, apples, figs, figs]


def test_beside_a_requirement_classes_are_not_put_together_anew():
    # What a new class must have would tell more of the illnesses than a move that is not made.
    rows = [("0", "apple"), ("0", "fig"), ("0", "kiwi"), ("1", "apple"), ("1", "fig"), ("9", "fig")]
    rule = {"attribute": "ill", "model": "distinct_l_diversity", "l": 2}
    requirement = make_requirement(rule, pd.Series([*"abcdef"]))
    cut = anonymize(rows, 2, (AGE, FRUIT))
    assert anonymize(rows, 2, (AGE, FRUIT), [requirement], polish=True) == cut


@pytest.mark.parametrize("polish", [3, "yes"])
def test_polish_is_true_or_false(polish):
    with pytest.raises(UserError, match=r"ncp_mondrian\.polish` is .*; it should be true or false"):
        get_anonymizer("ncp_mondrian", {"polish": polish})


@settings(max_examples=draws(150))
@given(seed=st.integers(0, 2**32), k=st.integers(1, 4))
def test_polished_classes_keep_k_and_cover_their_values_and_lose_no_more(seed, k):
    random = Random(seed)
    domains, records = make_table(random)
    if random.random() < 0.3:
        domains = [
            replace(domain, most_level=domain.height - 1)
            if isinstance(domain, Hierarchy) and domain.height > 1
            else domain
            for domain in domains
        ]
    plain, polished = (
        get_anonymizer("ncp_mondrian", {"polish": flag})(
            records, domains, k, np.random.default_rng()
        )
        for flag in (False, True)
    )
    assert polished.is_suppressed.tolist() == plain.is_suppressed.tolist()
    assert lose(polished, domains) <= lose(plain, domains) + 1e-9
    shown = list_shown(polished, domains)
    sizes = Counter(map(tuple, polished.nodes[~polished.is_suppressed].tolist()))
    assert all(size >= min(k, len(records)) for size in sizes.values())
    for domain, whole, leaves, nodes in zip(
        shown, domains, records.T, polished.nodes.T, strict=True
    ):
        for leaf, node in zip(leaves.tolist(), nodes.tolist(), strict=True):
            values = whole.labels_of(np.array([leaf]))
            assert domain.count_below(
                np.array([node]), np.bincount([leaf], minlength=whole.leaf_count)
            ) == [1], values


def lose(recoding, domains):
    """The NCP of all records, summed up."""
    columns = zip(list_shown(recoding, domains), recoding.nodes.T, strict=True)
    return sum(domain.loss_of(nodes).sum() for domain, nodes in columns)


@settings(max_examples=draws(30))
@given(seed=st.integers(0, 2**32))
def test_a_class_shows_exactly_what_it_has(seed):
    random = Random(seed)
    tree = make_hierarchy(random, "a")
    records = draw_records(random, [tree], 2)
    recoding = get_anonymizer("ncp_mondrian")(records, [tree], 2, np.random.default_rng())
    (shown,) = list_shown(recoding, [tree])
    for node in np.unique(recoding.nodes):
        present = np.unique(records[recoding.nodes[:, 0] == node, 0])
        assert np.flatnonzero(shown.find_covered(np.array([node]))[0]).tolist() == present.tolist()
