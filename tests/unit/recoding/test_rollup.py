"""Tables lifted of others tell what the table itself tells."""

from collections import Counter
from dataclasses import replace
from itertools import product
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws

from anonify.domains.rules import build_hierarchy
from anonify.methods import arx, ola
from anonify.recoding import rollup
from anonify.recoding.lattice import find_classes
from anonify.recoding.people import list_people
from anonify.recoding.requirements import ClassRules, make_requirement
from anonify.recoding.rollup import Lifted, LiftedTables
from anonify.tables.classes import group

AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})
SEX = build_hierarchy("sex", ["F", "M"], {})
RULES = [
    {"attribute": "illness", "model": "distinct_l_diversity", "l": 2},
    # One b among thirty has an entropy of log 1.16.
    {"attribute": "illness", "model": "entropy_l_diversity", "l": 1.1},
    {"attribute": "illness", "model": "t_closeness", "t": 0.4},
]


class PlainTables:
    """Finds the classes of every transformation from the tuples of the table."""

    def __init__(self, tuples, rules, hierarchies):
        self.table = Lifted((0,) * len(hierarchies), tuples, rules)
        self.hierarchies = hierarchies

    def find_classes(self, levels):
        return self.table, find_classes(self.table.tuples, self.hierarchies, levels)

    def take_allowed(self, levels):
        is_allowed = self.table.are_allowed(self.find_classes(levels)[1])
        self.table = self.table.select(np.flatnonzero(~is_allowed))
        return is_allowed


def draw_rules(random, groups):
    """People who have several records, and requirements, or neither."""
    rows = len(groups.members)
    people, requirements = None, []
    if random.random() < 0.4:
        drawn = [random.randrange(rows) for _ in range(rows)]
        people = np.unique(drawn, return_inverse=True)[1]
    if random.random() < 0.6:
        illness = pd.Series(["a", "b", *random.choices("aab", k=rows)][:rows])
        of_records = make_requirement(random.choice(RULES), illness, people)
        requirements = [of_records.sum_up(groups)]
    incidence = None if people is None else list_people(groups, people)
    return {"requirements": requirements, "people": incidence}


def limit_levels(random, hierarchies):
    """Hierarchies of which some may not show their lowest levels, or their highest."""
    limited = []
    for tree in hierarchies:
        least = random.choice([0, random.randint(0, tree.height)])
        most = random.choice([None, random.randint(least, tree.height)])
        limited.append(replace(tree, least_level=least, most_level=most))
    return limited


@pytest.mark.parametrize("method", [arx, ola])
@pytest.mark.parametrize("shrinkage", [1, 2])
@settings(max_examples=draws(200))
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_methods_find_the_same_with_and_without_rolling_up(method, shrinkage, tables, data, seed):
    table = data.draw(tables)
    groups = group(table.records)
    further = draw_rules(Random(seed), groups)
    hierarchies = limit_levels(Random(seed), table.hierarchies)
    if method is ola:
        criteria = ["entropy", "precision", "loss", "discernibility", "average_class_size"]
        further["criterion"] = data.draw(st.sampled_from(criteria))
        further["suppression_limit"] = data.draw(st.sampled_from([0, 5, 30]))
    made = []
    for kind in (PlainTables, LiftedTables):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(method, "LiftedTables", kind)
            patch.setattr(rollup, "SHRINKAGE", shrinkage)
            recoding = method.anonymize(
                groups.tuples, groups.sizes, hierarchies, table.k, None, **further
            )
        facts = dict(recoding.facts)
        made.append((recoding.nodes.tolist(), recoding.is_suppressed.tolist(), facts))
    assert made[0] == made[1]


@settings(max_examples=draws(200))
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_a_lifted_table_has_the_classes_of_the_table(tables, data, seed):
    table = data.draw(tables)
    groups = group(table.records)
    rules = ClassRules(groups.sizes, table.k, **draw_rules(Random(seed), groups))
    hierarchies = limit_levels(Random(seed), table.hierarchies)
    lifted = LiftedTables(groups.tuples, rules, hierarchies)
    plain = PlainTables(groups.tuples, rules, hierarchies)
    everything = list(product(*(range(tree.shown_height + 1) for tree in hierarchies)))
    for levels in data.draw(st.lists(st.sampled_from(everything), max_size=6)):
        found = []
        for tables_ in (plain, lifted):
            of, members = tables_.find_classes(levels)
            of_classes = of.lift(levels, members).rules
            everyone = np.arange(len(of_classes.counts))
            found.append(
                (
                    of_classes.counts.tolist(),
                    of_classes.are_large(everyone, everyone).tolist(),
                    of_classes.are_allowed(everyone, everyone).tolist(),
                )
            )
        assert found[0] == found[1]
        if data.draw(st.booleans()):
            assert lifted.take_allowed(levels).tolist() == plain.take_allowed(levels).tolist()
        assert sum(len(each.tuples) for each in lifted._kept) <= len(lifted.table.tuples)


def test_what_lies_above_a_lifted_table_is_found_from_it():
    # All eight tuples; ages in intervals leave four of them, and these one for each interval.
    tuples = np.array([*product(range(4), range(2))])
    rules = ClassRules(np.arange(1, 9), 2)
    tables = LiftedTables(tuples, rules, [AGE, SEX])
    table, members = tables.find_classes((1, 0))
    assert table.levels == (1, 0)
    assert members.tolist() == [0, 1, 2, 3]
    # 1 + 3, 2 + 4, 5 + 7, 6 + 8 records.
    assert table.rules.counts.tolist() == [4, 6, 12, 14]
    with pytest.MonkeyPatch.context() as patch:
        looked_at = Counter()
        patch.setattr(
            rollup,
            "find_classes",
            lambda tuples, *others: (
                looked_at.update([len(tuples)]) or find_classes(tuples, *others)
            ),
        )
        table, _ = tables.find_classes((1, 1))
    assert looked_at == {4: 1}
    assert table.rules.counts.tolist() == [10, 26]


def test_leaves_are_not_taken_for_what_the_least_levels_show():
    tuples = np.array([*product(range(4), range(2))])
    tables = LiftedTables(
        tuples, ClassRules(np.arange(1, 9), 2), [replace(AGE, least_level=1), SEX]
    )
    table, members = tables.find_classes((0, 0))
    # 1 + 3, 2 + 4, 5 + 7, 6 + 8 records.
    assert table.rules.counts[np.argsort(members)].tolist() == [4, 6, 12, 14]
