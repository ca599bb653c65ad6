from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit import plain_mondrian

from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy
from anonify.methods import get_anonymizer, mondrian
from anonify.recoding.people import list_people
from anonify.recoding.recoding import roots
from anonify.recoding.requirements import make_requirement
from anonify.tables import classes
from anonify.tables.classes import group

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})


def anonymize(rows, k, domains=(SEX, AGE), requirements=()):
    """The released labels of each record."""
    columns = zip(domains, zip(*rows, strict=True), strict=True)
    records = np.stack([domain.find_nodes(values) for domain, values in columns], axis=1)
    method = get_anonymizer("mondrian", requirements=requirements)
    recoding = method(records, domains, k, np.random.default_rng())
    assert not recoding.is_suppressed.any()
    labels = [
        domain.labels_of(nodes) for domain, nodes in zip(domains, recoding.nodes.T, strict=True)
    ]
    return list(zip(*labels, strict=True))


def test_the_widest_attribute_is_split_as_long_as_every_part_keeps_k_records():
    # k = 2. Both attributes are at the root: the first one, sex, is split. In each half age is
    # the wider one and is lifted down to 1-3 and to 3-5. A further split of 1-3 would leave
    # parts of 1 and 1, of 3-5 parts of 2 and 1.
    rows = [("F", "1"), ("F", "2"), ("M", "3"), ("M", "4"), ("M", "3")]
    assert anonymize(rows, 2) == [("F", "1-3")] * 2 + [("M", "3-5")] * 3


def test_among_equally_wide_attributes_the_first_is_split():
    # Two of each sex and of each interval, but only one split keeps parts of two.
    rows = [("F", "1"), ("F", "3"), ("M", "1"), ("M", "3")]
    assert anonymize(rows, 2) == [("F", "*"), ("F", "*"), ("M", "*"), ("M", "*")]
    swapped = [row[::-1] for row in rows]
    assert anonymize(swapped, 2, (AGE, SEX)) == [
        ("1", "*"), ("3", "*"), ("1", "*"), ("3", "*")
    ]  # fmt: skip


def test_where_the_widest_attribute_leaves_too_small_a_part_the_next_is_split():
    # Sex would leave a single F. All ages are in 1-3; a split of that would leave a single 2.
    rows = [("F", "1"), ("M", "1"), ("M", "2")]
    assert anonymize(rows, 2) == [("*", "1-3")] * 3


def test_an_attribute_that_could_not_be_split_is_tried_again_in_the_parts():
    # Sex would leave a single F at first. After the split by age the records of 3-5 are all M.
    rows = [("F", "1"), ("M", "1"), ("M", "3"), ("M", "4")]
    assert anonymize(rows, 2) == [("*", "1")] * 2 + [("M", "3-5")] * 2


def test_fewer_records_than_k_stay_at_the_roots():
    assert anonymize([("F", "1"), ("F", "1")], 3) == [("*", "*")] * 2


# Ranges

BMI = Ranges("bmi", ("10", "20", "30", "40", "50"))


def test_numbers_without_a_hierarchy_are_split_at_the_median():
    # k = 2. Of six records the third lowest is 20: 10, 20, 20 | 30, 40, 50. The lower part can't
    # be split at its median 20, for nothing is above it; below it there is but one. Likewise 30 |
    # 40, 50. Each range is as wide as the values of its class.
    rows = [("10",), ("20",), ("20",), ("30",), ("40",), ("50",)]
    assert anonymize(rows, 2, (BMI,)) == [("[10, 20]",)] * 3 + [("[30, 50]",)] * 3


def test_ranges_and_hierarchies_are_split_by_their_share_of_the_domain():
    # Both at the root at first: sex is the first one. Among the F, 10 to 20 is a quarter.
    rows = [("F", "10"), ("F", "20"), ("M", "30"), ("M", "30"), ("M", "50"), ("M", "50")]
    assert anonymize(rows, 2, (SEX, BMI)) == (
        [("F", "[10, 20]")] * 2 + [("M", "30")] * 2 + [("M", "50")] * 2
    )


def test_a_missing_value_is_parted_from_the_numbers_first():
    ranges = Ranges("bmi", ("10", "20", ""))
    assert anonymize([("10",), ("20",), ("",), ("",)], 2, (ranges,)) == (
        [("[10, 20]",)] * 2 + [("",)] * 2
    )
    assert anonymize([("10",), ("20",), ("20",), ("",)], 2, (ranges,)) == [("*",)] * 4


def test_a_split_that_breaks_a_requirement_is_not_made():
    # By age the parts would be a, a and b, b; by sex each has a and b.
    rows = [("1", "F"), ("1", "M"), ("3", "F"), ("3", "M")]
    illness = pd.Series(["a", "a", "b", "b"])
    rule = {"attribute": "illness", "model": "distinct_l_diversity", "l": 2}
    requirements = [make_requirement(rule, illness)]
    assert anonymize(rows, 2, (AGE, SEX), requirements=requirements) == (
        [("*", "F"), ("*", "M")] * 2
    )


# The method as it is written down, one record at a time


def partition_slowly(records, hierarchies, k, nodes):
    """Return (record number, nodes) for each record of the partition."""
    widths = [
        sum(node in row for row in tree.ancestors.tolist()) / tree.leaf_count
        for tree, node in zip(hierarchies, nodes, strict=True)
    ]
    for attribute in sorted(range(len(nodes)), key=lambda place: -widths[place]):
        rows = hierarchies[attribute].ancestors.tolist()
        parts = {}
        for number, leaves in records.items():
            row = rows[leaves[attribute]]
            child = row[row.index(nodes[attribute]) - 1]
            parts.setdefault(child, {})[number] = leaves
        is_leaf = nodes[attribute] < hierarchies[attribute].leaf_count
        if not is_leaf and min(map(len, parts.values())) >= k:
            return [
                pair
                for child, part in parts.items()
                for pair in partition_slowly(
                    part, hierarchies, k, [*nodes[:attribute], child, *nodes[attribute + 1 :]]
                )
            ]
    return [(number, nodes) for number in records]


@settings(max_examples=draws(200))
@given(data=st.data())
def test_the_result_is_that_of_splitting_record_by_record(tables, data):
    table = data.draw(tables)
    records = dict(enumerate(table.records.tolist()))
    roots = [tree.root for tree in table.hierarchies]
    expected = dict(partition_slowly(records, table.hierarchies, table.k, roots))
    recoding = get_anonymizer("mondrian")(
        table.records, table.hierarchies, table.k, np.random.default_rng()
    )
    assert recoding.nodes.tolist() == [expected[number] for number in records]


# Ranges with edges


def test_what_lies_between_two_edges_is_not_parted():
    # Five of 10 to 14 are of one interval; halves of it would show the same range.
    ages = Ranges("age", ("10", "11", "14", "20", "21"), ("0", "15", "30"))
    records = [(age,) for age in ("10", "10", "11", "14", "14", "20", "21")]
    low, high = ["[0, 15["] * 5, ["[15, 30]"] * 2
    assert anonymize(records, 2, (ages,)) == [(label,) for label in low + high]
    # Three of 20 and 21 there are not.
    assert anonymize(records, 3, (ages,)) == [("*",)] * 7


def test_missing_values_are_parted_from_what_lies_between_edges():
    ages = Ranges("age", ("10", "14", ""), ("0", "15", "30"))
    records = [("10",), ("14",), ("",), ("",)]
    assert anonymize(records, 2, (ages,)) == [("[0, 15[",)] * 2 + [("",)] * 2


# All parts at once against one after the other


def draw_large_table(random):
    """Tuples, their counts and domains with ranges, edges, gaps and a hierarchy."""
    gaps = [""] * random.randint(0, 1)
    numbers = [str(number) for number in range(random.randint(2, 60))]
    edges = ("0", "3", "4", "10", "30", "60") if random.random() < 0.5 else ()
    domains = [
        Ranges("bmi", (*map(str, range(random.randint(1, 40))), *gaps)),
        Ranges("age", (*numbers, *gaps), edges, importance=random.choice([1, 3])),
        build_hierarchy("zip", numbers, {"intervals": [{"start": 0, "width": w} for w in (2, 6)]}),
        SEX,
    ][: random.randint(1, 4)]
    random.shuffle(domains)
    rows = random.randint(2, 500)
    columns = [[random.randrange(domain.leaf_count) for _ in range(rows)] for domain in domains]
    groups = group(np.array(columns).T)
    return groups, domains


MODELS = {
    "l": {"model": "distinct_l_diversity", "l": 2},
    "t": {"model": "t_closeness", "t": 0.2},
}


@pytest.mark.parametrize("dense", [0, 16])
@settings(max_examples=draws(150))
@given(seed=st.integers(0, 2**32), k=st.integers(1, 9), model=st.sampled_from([None, "l", "t"]))
def test_splitting_all_parts_at_once_is_splitting_one_after_the_other(dense, seed, k, model):
    random = Random(seed)
    groups, domains = draw_large_table(random)
    rows = len(groups.members)
    people, requirements = None, []
    if random.random() < 0.3:
        drawn = [random.randrange(rows) for _ in range(rows)]
        people = list_people(groups, np.unique(drawn, return_inverse=True)[1])
    if model is not None:
        illness = pd.Series(["a", "b", *random.choices("aaab", k=rows)][:rows])
        rule = {"attribute": "illness", **MODELS[model]}
        requirements = [make_requirement(rule, illness).sum_up(groups)]
    table = (groups.tuples, groups.sizes, domains, k)
    expected = plain_mondrian.anonymize(*table, requirements, people)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classes, "DENSE", dense)
        found = mondrian.anonymize(
            *table, np.random.default_rng(), requirements=requirements, people=people
        )
    assert found.nodes.tolist() == expected.tolist()
    assert found.records.tolist() == groups.sizes.tolist()


# Parts that are cut by how often values occur


def test_a_part_is_cut_by_how_often_each_value_occurs_in_it():
    # Five records, k = 2: of both attributes, equally wide, the first leaves three F and two M.
    cut = mondrian.cut_part(
        roots([SEX, AGE]), [np.array([3, 2]), np.array([2, 1, 0, 2])], [SEX, AGE], 2
    )
    assert cut.attribute == 0
    assert SEX.labels_of(cut.nodes[:, 0]) == ["F", "M"]
    assert AGE.labels_of(cut.nodes[:, 1]) == ["*", "*"]
    assert cut.places.tolist() == [0, 1]


def test_a_part_whose_records_lie_below_one_child_goes_down_first():
    # All are F and within 1-3, where an age of its own would leave a single record.
    records = [np.array([3, 0]), np.array([2, 1, 0, 0])]
    cut = mondrian.cut_part(roots([SEX, AGE]), records, [SEX, AGE], 2)
    assert len(cut.nodes) == 1
    assert SEX.labels_of(cut.nodes[:, 0]) == ["F"]
    assert AGE.labels_of(cut.nodes[:, 1]) == ["1-3"]


def test_a_part_of_numbers_is_cut_at_the_median():
    # Of seven records the fourth lowest is 20; 10 and 20 against 40, which alone is there above.
    cut = mondrian.cut_part(roots([BMI]), [np.array([1, 3, 0, 3, 0])], [BMI], 2)
    assert cut.places[[0, 1, 3]].tolist() == [0, 0, 1]
