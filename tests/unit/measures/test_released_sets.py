"""What the measures make of a release that shows sets and ranges of a hierarchy's values."""

import numpy as np
import pandas as pd
import pytest

import anonify
from anonify.base.values import PERSON
from anonify.domains.domain import encode_shown
from anonify.domains.rules import build_hierarchy
from anonify.measures.distribution import assign_groups
from anonify.measures.encoding import encode
from anonify.measures.information_loss import measure_ncp, measure_quality
from anonify.measures.membership import generalize
from anonify.measures.people import bound_people
from anonify.measures.presence import measure_presence
from anonify.measures.trade_off import count_costs
from anonify.methods import get_anonymizer
from anonify.releases.foreign import read_release
from anonify.tables.classes import count_classes
from anonify.tables.columns import Column

TOWNS = ["Aln", "Brae", "Carn", "Dun"]
TOWN = build_hierarchy("town", TOWNS, {"tree": {"North": TOWNS[:2], "South": TOWNS[2:]}})
AGE = build_hierarchy("age", [str(age) for age in range(20, 30)], {})
DAY = build_hierarchy("day", ["2020-01-01", "2020-01-03", "2020-01-11"], {})
DOMAINS = {"town": TOWN, "age": AGE}

RELEASE = pd.DataFrame(
    {"town": ["{Aln, Dun}", "{Aln, Dun}", "Brae", "*"], "age": ["[20, 24]", "[20, 24]", "25", "*"]},
    dtype="category",
).assign(is_suppressed=[False, False, False, True])


def test_the_loss_of_a_set_is_its_share_of_the_values():
    # Towns 2/4, 2/4, 0 and 1; ages 5/10, 5/10, 0 and 1.
    assert measure_ncp(RELEASE, DOMAINS) == {"town": 50, "age": 50}
    costs = count_costs(RELEASE, DOMAINS)
    assert sorted(zip(costs["ncp"], costs["records"], strict=True)) == [(0, 1), (50, 2), (100, 1)]


def test_entropy_counts_the_records_that_a_set_covers():
    original = pd.DataFrame({"town": pd.Categorical(["Aln", "Dun", "Brae", "Carn"])})
    release = RELEASE[["town", "is_suppressed"]]
    # Bits: one for each of two towns, none for one, two for all; of 2 each at most.
    found = measure_quality(original, release, {"town": TOWN}, 2)
    assert found["non_uniform_entropy"] == pytest.approx(100 * (1 + 1 + 0 + 2) / 8)
    assert found["precision"] == 1 - (0.5 + 0.5 + 0 + 1) / 4


def test_classifiers_get_the_mean_place_or_the_middle():
    columns = [
        Column("town", "quasi-identifier", "category"),
        Column("age", "quasi-identifier", "integer"),
        Column("day", "quasi-identifier", "date"),
    ]
    frame = pd.DataFrame(
        {
            "town": ["{Aln, Dun}", "Brae"],
            "age": ["[20, 24]", "{20, 29}"],
            "day": ["{2020-01-01, 2020-01-11}", "2020-01-03"],
        },
        dtype="category",
    )
    encoded = encode(frame, columns, {"town": [*TOWNS, "*"]}, {**DOMAINS, "day": DAY})
    assert encoded["town"].tolist() == [1.5, 1]
    assert encoded["age"].tolist() == [22, 24.5]
    assert encoded["day"].tolist() == [18262 + 5, 18262 + 2]


def find_groups(labels, domain, **distribution):
    column = pd.Series(labels).astype("category")
    return assign_groups(distribution, *encode_shown(column, domain)).tolist()


def test_a_set_belongs_to_the_group_of_all_its_values():
    labels = ["{Aln, Brae}", "{Aln, Dun}", "Carn", "{Carn, Dun}", "*"]
    assert find_groups(labels, TOWN, values=["North", "South"]) == [0, -1, 1, 1, -1]
    assert find_groups(["[20, 24]", "[24, 25]", "{25, 29}"], AGE, edges=[20, 25, 30]) == [0, -1, 1]


def test_people_of_the_population_fit_a_set_if_all_that_covers_them_is_in_it():
    # Of Esk, which the table lacks, the population has what covers it: South, or all.
    people = pd.DataFrame({"town": TOWN.find_nodes(["Aln", "Dun", "Dun", "South", "*"])})
    labels = pd.DataFrame({"town": ["{Aln, Dun}", "{Brae, Carn, Dun}", "*"]}, dtype="category")
    found = measure_presence(labels, np.array([1, 1, 1]), people, {"town": TOWN})
    assert found.population.tolist() == [3, 3, 5]


def test_people_who_may_be_of_a_class_are_those_whose_values_a_set_has():
    original = pd.DataFrame({"town": ["Aln", "Dun", "Dun", "Carn"], PERSON: [0, 1, 1, 2]})
    original["town"] = original["town"].astype("category")
    release = pd.DataFrame({"town": ["{Aln, Dun}"] * 2 + ["Carn"]}, dtype="category")
    classes = count_classes(release.assign(is_suppressed=False), ["town"])
    # Two records of {Aln, Dun} may both be of the second person.
    assert bound_people(classes, original, {"town": TOWN}).sizes.tolist() == [1, 1]


def test_people_are_asked_about_with_the_narrowest_set_that_has_their_values():
    records = np.array([[0], [0], [3], [1], [1], [1]])
    recoding = get_anonymizer("ncp_mondrian")(records, [TOWN], 2, np.random.default_rng())
    asked = generalize(np.array([[3], [1], [2]]), recoding, {"town": TOWN})
    (shown,) = asked.domains
    labels = shown.labels_of(asked.nodes[:, 0])
    assert labels[1:] == ["Brae", "*"]
    assert labels[0] == "{Aln, Dun}"
    assert asked.is_suppressed.tolist() == [False, False, True]


def test_a_release_made_elsewhere_may_have_sets(tmp_path):
    columns = (
        Column("town", "quasi-identifier", "category"),
        Column("age", "quasi-identifier", "integer"),
    )
    (tmp_path / "release.csv").write_text('town,age\n"{Aln, Dun}","[20, 24]"\nNorth,25\n')
    frame = read_release(tmp_path / "release.csv", columns, DOMAINS)
    assert frame["town"].tolist() == ["{Aln, Dun}", "North"]
    assert measure_ncp(frame, DOMAINS) == {"town": 50, "age": 25}


def test_the_description_says_which_columns_show_sets_and_which_ranges(tmp_path):
    generator = np.random.default_rng(0)
    towns, ages = generator.choice(TOWNS, 40), generator.integers(20, 30, 40)
    frame = pd.DataFrame({"town": towns, "age": ages, "ill": [0, 1] * 20})
    release = anonify.anonymize(
        frame,
        k=8,
        method="ncp_mondrian",
        quasi_identifiers={"town": {"tree": TOWNS}, "age": [5]},
        sensitive="ill",
    )
    assert release.table["town"].str.startswith("{").any()
    assert release.table["age"].str.startswith("[").any()
    release.write(tmp_path / "ward.csv")
    described = pd.read_json(tmp_path / "ward.csv-metadata.json", typ="series")
    columns = described["tableSchema"]["columns"]
    assert [each.get("generalization") for each in columns] == ["sets", "ranges", None]
