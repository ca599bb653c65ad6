"""What is measured of a counted table is what is measured of its records."""

from typing import Any

import pandas as pd
import pytest
from tests.profile import draws
from tests.unit.counted import DOMAINS, NAMES, Clinic, count, draw_clinic

from anonify.base.errors import UserError
from anonify.base.values import PERSON, SUPPRESSED
from anonify.datasets.population import read_population
from anonify.disclosure.publishing import has_few, leave_out_few
from anonify.domains.domain import encode_leaves
from anonify.measures.attribute_inference import infer_samples
from anonify.measures.confidential_distribution import compare_confidential_distributions
from anonify.measures.distribution import Tables, compare_distributions, list_columns
from anonify.measures.identification import tabulate_identification
from anonify.measures.information_loss import count_leaves, measure_ncp, measure_quality
from anonify.measures.people import bound_people, count_linked
from anonify.measures.population import measure_population
from anonify.measures.presence import measure_presence
from anonify.measures.risk import list_classes, tabulate_risks
from anonify.measures.trade_off import count_costs
from anonify.measures.verdict import (
    count_all_people,
    count_certain_people,
    count_smallest,
    describe_columns_left,
    describe_links,
    judge_requirements,
    list_sensitive,
)
from anonify.measures.weights import examine_weights
from anonify.releases.dataset import Population
from anonify.releases.description import describe_handout
from anonify.releases.handout import Promise, prepare_handout
from anonify.tables.classes import count_classes, match_classes
from anonify.tables.columns import MARKS, Column
from anonify.tables.counts import count_everyone, count_records, count_rows, select_rows
from anonify.verification.privacy import count_certain, judge_requirement, measure_privacy
from anonify.verification.releases import VerificationError, verify_release


@pytest.fixture(
    params=[(seed, has_people) for seed in range(draws(10)) for has_people in (False, True)]
)
def clinic(request) -> Clinic:
    return draw_clinic(*request.param)


def test_classes(clinic):
    records = count_classes(clinic.release, NAMES, "weight")
    counted = count_classes(count(clinic.release, "weight"), NAMES, "weight")
    pd.testing.assert_frame_equal(counted.tuples, records.tuples)
    for name in ("sizes", "records", "is_suppressed", "population"):
        assert getattr(counted, name).tolist() == getattr(records, name).tolist(), name


def test_risks(clinic):
    released = clinic.release.iloc[::2]
    before, after = (count_classes(frame, NAMES) for frame in (clinic.release, released))
    records = {("sampled", 50): match_classes(before, after)}
    before, after = (count_classes(count(frame), NAMES) for frame in (clinic.release, released))
    counted = {("sampled", 50): match_classes(before, after)}
    assert tabulate_risks(counted, 3, 9).equals(tabulate_risks(records, 3, 9))
    assert list_classes(counted).equals(list_classes(records))


def test_risks_in_the_population(clinic):
    def measure(frame):
        classes = count_classes(frame, NAMES, "weight")
        return measure_population(match_classes(classes, classes), classes.tuples, DOMAINS, None)

    assert str(measure(count(clinic.release, "weight"))) == str(measure(clinic.release))


def test_identification(clinic):
    records = tabulate_identification({("original", 0): clinic.original}, NAMES)
    counted = tabulate_identification({("original", 0): count(clinic.original)}, NAMES)
    assert counted.equals(records)


def test_information_loss(clinic):
    counted = count(clinic.original), count(clinic.release)
    assert measure_ncp(counted[1], DOMAINS) == measure_ncp(clinic.release, DOMAINS)
    leaves = count_leaves(counted[0], DOMAINS), count_leaves(clinic.original, DOMAINS)
    assert all(leaves[0][name].tolist() == leaves[1][name].tolist() for name in DOMAINS)
    records = measure_quality(clinic.original, clinic.release, DOMAINS, 3)
    assert measure_quality(*counted, DOMAINS, 3) == records


def test_costs(clinic):
    assert count_costs(count(clinic.release), DOMAINS).equals(count_costs(clinic.release, DOMAINS))


def test_few_suppressed_people(clinic):
    counted = count(clinic.release)
    for k in range(2, 20):
        assert has_few(counted, k) == has_few(clinic.release, k)
        left, shown = (leave_out_few(frame, k) for frame in (counted, clinic.release))
        assert count_records(left) == len(shown)
        assert count_everyone(left) == count_everyone(shown)


def test_the_smallest_class(clinic):
    assert count_smallest(count(clinic.release), NAMES) == count_smallest(clinic.release, NAMES)
    hidden = clinic.release.assign(**{SUPPRESSED: True})
    assert count_smallest(count(hidden), NAMES) == count_smallest(hidden, NAMES) == 0


def test_weights(clinic):
    counted = examine_weights(count(clinic.original, "weight"), "weight", NAMES)
    assert counted == examine_weights(clinic.original, "weight", NAMES)


@pytest.mark.parametrize("seed", range(draws(10)))
def test_linked_records(seed):
    # What few people have several of may be linked by what stays the same.
    clinic = draw_clinic(seed, has_people=True)
    by_person = clinic.original.groupby("anonify.person")
    frame = clinic.original.assign(note=by_person["note"].transform("first"))
    frame["level"] = by_person["level"].transform("first")
    shown = ["note", "level", "ill"]
    records = count_linked(select_rows(frame), shown)
    assert count_linked(select_rows(count(frame, *shown)), shown) == records
    assert records.columns[:2] == ("note", "level")


@pytest.mark.parametrize("seed", range(draws(10)))
def test_fewest_people(seed):
    clinic = draw_clinic(seed, has_people=True)
    classes = count_classes(clinic.release.drop(columns="anonify.person"), NAMES)
    counted = bound_people(classes, count(clinic.original), DOMAINS)
    assert counted.sizes.tolist() == bound_people(classes, clinic.original, DOMAINS).sizes.tolist()


LEVEL = {"by": "age", "edges": [20, 40, 60], "statistic": "mean", "attribute": "level"}
NOTES = {"by": "sex", "values": ["f", "m"], "statistic": "count", "attribute": "note"}
DISTRIBUTIONS: dict[str, dict[str, Any]] = {
    "level": LEVEL,
    "weighted level": {**LEVEL, "weight": "weight"},
    "flu": {**NOTES, "value": "flu"},
    "weighted flu": {**NOTES, "value": "flu", "weight": "weight"},
    "ill": {**NOTES, "attribute": "ill", "value": 1},
}


def list_tables(clinic, distribution):
    """Return the tables that are compared, of records and counted."""
    samples = {(50, 1): clinic.release.iloc[::2], (50, 2): clinic.release.iloc[1::2]}
    records = Tables(clinic.original, clinic.release, samples)
    names = list_columns(distribution)

    def reduce(frame):
        return count_rows(frame, [*names, *(mark for mark in MARKS if mark in frame)])

    counted = {place: reduce(frame) for place, frame in samples.items()}
    return records, Tables(reduce(clinic.original), reduce(clinic.release), counted)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distributions(clinic, name):
    distribution = DISTRIBUTIONS[name]
    domain = DOMAINS[distribution["by"]]
    records, counted = (
        compare_distributions(tables, distribution, domain, 3)
        for tables in list_tables(clinic, distribution)
    )
    pd.testing.assert_frame_equal(counted, records, check_exact=True)


def test_confidential_distributions(clinic):
    tables = {name: list_tables(clinic, each) for name, each in DISTRIBUTIONS.items()}
    records, counted = (
        compare_confidential_distributions(
            {name: each[place] for name, each in tables.items()}, DISTRIBUTIONS, DOMAINS, 3
        )
        for place in (0, 1)
    )
    for name in DISTRIBUTIONS:
        pd.testing.assert_frame_equal(counted[name], records[name], check_exact=True)


@pytest.mark.parametrize("leaves_out", [False, True])
def test_attribute_inference(clinic, leaves_out):
    frame = clinic.release
    asked = [[50], 2, 7]
    records = infer_samples(
        {"note": frame, "level": frame},
        NAMES,
        "arx",
        3,
        *asked,
        leaves_out_suppressed=leaves_out,
    )
    tables = {name: count_rows(frame, [*NAMES, name, SUPPRESSED]) for name in ("note", "level")}
    counted = infer_samples(tables, NAMES, "arx", 3, *asked, leaves_out_suppressed=leaves_out)
    assert counted == records


@pytest.mark.parametrize("attribute", ["note", "level", "ill"])
def test_privacy(clinic, attribute):
    release = clinic.release
    counted = count(release, attribute)
    assert str(measure_privacy(counted, NAMES, attribute)) == str(
        measure_privacy(release, NAMES, attribute)
    )
    assert count_certain(counted, NAMES, attribute).equals(count_certain(release, NAMES, attribute))
    for rule in (
        {"model": "distinct_l_diversity", "l": 2},
        {"model": "entropy_l_diversity", "l": 2},
        {"model": "recursive_l_diversity", "l": 2, "c": 2.5},
        {"model": "t_closeness", "t": 0.4},
    ):
        named = {"attribute": attribute, **rule}
        expected = judge_requirement(release, NAMES, named)
        assert judge_requirement(counted, NAMES, named) == expected


def test_released_classes(clinic):
    release = clinic.release
    records = len(release)
    found = verify_release(release, NAMES, 1, records)
    assert verify_release(count(release), NAMES, 1, records) == found
    k = found.achieved_k + 1
    with pytest.raises(VerificationError, match=f"fewer than k = {k}"):
        verify_release(count(release), NAMES, k, records)
    with pytest.raises(
        VerificationError, match=f"{records} records were released of {records + 1}"
    ):
        verify_release(count(release), NAMES, 1, records + 1)


COLUMNS = (
    Column("sex", "quasi-identifier", "category"),
    Column("age", "quasi-identifier", "integer"),
    Column("level", "sensitive", "decimal"),
    Column("ill", "target", "integer"),
    Column("note", "sensitive", "category"),
    Column("weight", "weight", "decimal"),
)
RULES = ({"attribute": "note", "model": "t_closeness", "t": 0.9},)


def describe(rows, release, promise, suppressed):
    """Return all that is said of what is handed out."""
    handout = prepare_handout(rows, release[:0], NAMES, promise, suppressed)
    described = describe_handout(handout, "out.csv", "Clinic", COLUMNS, DOMAINS, promise)
    about = {column["name"]: column for column in described["tableSchema"]["columns"]}
    return [
        str(handout),
        described,
        describe_columns_left(handout, COLUMNS, DOMAINS, about),
        judge_requirements(handout, NAMES, RULES),
        count_certain_people(handout.rows, list_sensitive(handout, COLUMNS), NAMES),
        describe_links(handout, COLUMNS),
        count_all_people(handout),
    ]


@pytest.mark.parametrize(("suppressed", "k"), [("drop", 1), ("keep", 1), ("keep", 30)])
def test_what_is_handed_out(clinic, suppressed, k):
    release, promise = clinic.release, Promise(k, RULES)
    marks = [mark for mark in MARKS if mark in release]
    told = []
    for rows in (select_rows(release), lambda names: count_rows(release, [*names, *marks])):
        # A small class may be far from the whole table.
        try:
            told.append(str(describe(rows, release, promise, suppressed)))
        except UserError as error:
            told.append(str(error))
    records, counted = told
    assert counted == records


def test_presence_in_the_population(clinic):
    classes = count_classes(clinic.release, NAMES)
    marks = [PERSON] if PERSON in clinic.original else []
    nodes = {name: encode_leaves(clinic.original[name], DOMAINS[name]) for name in NAMES}
    people = clinic.original[marks].assign(**nodes)
    records = measure_presence(classes.tuples, classes.sizes, people, DOMAINS)
    counted = count_rows(people, [*NAMES, *marks])
    found = measure_presence(classes.tuples, classes.sizes, counted, DOMAINS)
    assert found.population.tolist() == records.population.tolist()
    assert (found.lowest, found.highest) == (records.lowest, records.highest)


def test_the_population_is_at_least_the_people_of_the_table(clinic):
    people = count_everyone(clinic.original)
    for frame in (clinic.original, count(clinic.original)):
        found = read_population({"size": people}, None, {}, frame, DOMAINS)
        assert found == Population(people)
        with pytest.raises(UserError, match=f"fewer than the {people} of the table"):
            read_population({"size": people - 1}, None, {}, frame, DOMAINS)
