"""k-map and δ-presence, against what counting one by one finds."""

from random import Random

import numpy as np
import pandas as pd
import pytest
from tests.unit.conftest import make_mixed_table

from anonify.base.values import PERSON
from anonify.domains.rules import build_hierarchy
from anonify.measures.population import measure_population
from anonify.measures.presence import measure_presence
from anonify.releases.dataset import Population
from anonify.tables.classes import count_classes, match_classes

AGE = build_hierarchy(
    "age", ["21", "25", "34", "38"], {"intervals": [{"start": 0, "width": 10}]}
)  # fmt: skip
SEX = build_hierarchy("sex", ["f", "m"], {})
DOMAINS = {"age": AGE, "sex": SEX}


def make_people(*people, owners=None):
    """Return a population table of ages and sexes."""
    ages, sexes = zip(*people, strict=True)
    frame = pd.DataFrame({"age": AGE.find_nodes(ages), "sex": SEX.find_nodes(sexes)})
    return frame if owners is None else frame.assign(**{PERSON: owners})


def measure(people, *classes):
    """Measure classes of an age, a sex and how many are released."""
    labels = pd.DataFrame([each[:2] for each in classes], columns=["age", "sex"])
    released = np.array([each[2] for each in classes])
    return measure_presence(labels.astype("category"), released, people, DOMAINS)


PEOPLE = make_people(
    *[("21", "f")] * 3, *[("25", "f")] * 2, *[("21", "m")] * 4, *[("34", "m")] * 6, ("38", "f")
)  # fmt: skip


def test_people_of_the_population_are_counted_who_fit_the_labels():
    found = measure(PEOPLE, ("20-30", "f", 2), ("30-40", "*", 2), ("21", "m", 1), ("*", "*", 3))
    assert found.population.tolist() == [5, 7, 4, 16]


def test_classes_apart_have_the_presence_of_nergiz():
    # Of 5 people 2 are released, of 4 one, and of 7 people 7.
    found = measure(PEOPLE, ("20-30", "f", 2), ("20-30", "m", 1), ("30-40", "*", 7))
    assert (found.lowest, found.highest) == (1 / 4, 1)


def test_who_fits_no_class_is_not_in_the_release():
    assert measure(PEOPLE, ("20-30", "f", 2)).lowest == 0


def test_who_fits_several_classes_may_be_in_any():
    # Who is 21 and f is one of 5 with a chance of 1/5, and one of the 16 with 4/16.
    found = measure(PEOPLE, ("20-30", "f", 1), ("*", "*", 4))
    assert found.highest == pytest.approx(1 / 5 + 4 / 16)
    assert found.lowest == pytest.approx(4 / 16)


def test_a_release_with_more_people_than_the_population_tells_of_all_of_them():
    found = measure(PEOPLE, ("38", "f", 3), ("34", "f", 2))
    assert found.population.tolist() == [1, 0]
    assert (found.lowest, found.highest) == (0, 1)


def test_who_has_several_records_in_the_population_is_one_person():
    people = make_people(("21", "f"), ("25", "f"), ("21", "f"), ("34", "f"), owners=[0, 0, 1, 1])
    found = measure(people, ("20-30", "f", 1), ("34", "f", 1))
    assert found.population.tolist() == [2, 1]
    # The second of them fits both classes.
    assert (found.lowest, found.highest) == (1 / 2, 1)


def test_values_that_only_the_population_has_fit_what_covers_them():
    # 29 is in no domain: the population table has the node of 20-30 for it, or the root.
    people = pd.DataFrame(
        {"age": AGE.find_nodes(["20-30", "*"]), "sex": SEX.find_nodes(["f", "f"])}
    )
    found = measure(people, ("21", "f", 1), ("20-30", "f", 1), ("*", "f", 1))
    assert found.population.tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", range(25))
def test_each_record_of_the_population_is_tried(seed):
    random = Random(seed)
    table = make_mixed_table(random)
    domains, names = table.domains, list(table.by_name)
    people = pd.DataFrame(table.records, columns=names)
    classes = [
        [random.randrange(domain.leaf_count) for domain in domains]
        for _ in range(random.randint(1, 6))
    ]
    # What covers a random record and another one.
    others = [random.choice(classes) for _ in classes]
    nodes = np.array(
        [
            [
                int(domain.join(np.array([a]), np.array([b]))[0])
                for domain, a, b in zip(domains, *pair, strict=True)
            ]
            for pair in zip(classes, others, strict=True)
        ]
    )
    labels = pd.DataFrame(
        {
            name: pd.Categorical(domain.labels_of(nodes[:, place]))
            for place, (name, domain) in enumerate(zip(names, domains, strict=True))
        }
    )
    released = np.array([random.randint(1, 3) for _ in classes])
    found = measure_presence(labels, released, people, table.by_name)

    def fits(record, each):
        return all(
            domain.join(np.array([value]), np.array([node]))[0] == node
            for domain, value, node in zip(domains, record, each, strict=True)
        )

    counts = [sum(fits(record, each) for record in table.records) for each in nodes]
    assert found.population.tolist() == counts
    chances = [
        min(
            1,
            sum(
                s / c
                for s, c, each in zip(released, counts, nodes, strict=True)
                if fits(record, each)
            ),
        )
        for record in table.records
    ]
    assert found.highest == pytest.approx(max(chances))
    assert found.lowest == pytest.approx(min(chances))


def test_k_map_and_presence_are_told_of_a_population_table():
    release = pd.DataFrame(
        {"age": ["20-30"] * 3 + ["38"], "sex": ["f"] * 3 + ["f"], "is_suppressed": False}
    ).astype({"age": "category", "sex": "category"})
    counted = count_classes(release, ["age", "sex"])
    classes = match_classes(counted, counted)
    found = measure_population(classes, counted.tuples, DOMAINS, Population(16, PEOPLE))
    assert (found["k_map"], found["population_uniques"], found["unmatched_people"]) == (1, 1, 0)
    assert (found["presence_lowest"], found["presence_highest"]) == (0, 100)
    assert (found["population_size"], found["sampling_fraction"]) == (16, 25)
    assert (found["sample_uniques"], found["sample_uniqueness"]) == (1, 25)


def test_suppressed_people_are_left_out():
    release = pd.DataFrame(
        {
            "age": ["20-30"] * 3 + ["*"],
            "sex": ["f"] * 3 + ["*"],
            "is_suppressed": [False] * 3 + [True],
        }
    ).astype({"age": "category", "sex": "category"})
    counted = count_classes(release, ["age", "sex"])
    classes = match_classes(counted, counted)
    found = measure_population(classes, counted.tuples, DOMAINS, Population(16, PEOPLE))
    assert (found["sample_uniques"], found["k_map"]) == (0, 5)
    assert found["presence_highest"] == pytest.approx(60)


def test_nothing_but_sample_uniques_is_told_of_an_unknown_population():
    classes = pd.DataFrame({"is_suppressed": False, "size": [1, 2], "released_size": [1, 2]})
    found = measure_population(classes, classes, {}, None)
    assert found == {"sample_uniques": 1, "sample_uniqueness": pytest.approx(100 / 3)}


def test_a_release_of_nobody_has_no_share_of_uniques():
    classes = pd.DataFrame({"is_suppressed": [True], "size": [3], "released_size": [3]})
    found = measure_population(classes, classes, {}, Population(100))
    assert found["sample_uniques"] == 0
    assert np.isnan(found["sample_uniqueness"])
