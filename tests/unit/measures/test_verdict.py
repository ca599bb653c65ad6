import pandas as pd
import pytest

from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.measures.verdict import (
    count_certain_people,
    count_smallest,
    describe_columns_left,
    describe_file,
    describe_links,
    judge_requirements,
    list_limits,
    list_sensitive,
)
from anonify.releases.handout import Handout
from anonify.releases.writing import write_release_csv
from anonify.tables.columns import Column
from anonify.tables.counts import select_rows
from anonify.verification.releases import VerificationError

COLUMNS = [
    Column("age", "quasi-identifier", "integer"),
    Column("ill", "sensitive", "category"),
]


@pytest.fixture
def handout():
    ages = ["20-29"] * 3 + ["*"] * 2
    ill = ["flu", "flu", "Flu ", "cold", "flu"]
    return Handout.of(pd.DataFrame({"age": pd.Categorical(ages), "ill": pd.Categorical(ill)}))


def test_limits_are_judged_by_the_smallest_class():
    limits = list_limits((5, 5), 4, 20, 4)
    assert [(limit.name, limit.reached, limit.is_kept) for limit in limits] == [
        ("k", 5, True),
        ("least_after_deletion", 4, True),
        ("risk_limit", 25.0, False),
    ]
    assert list_limits(None, 3, None) == []


@pytest.mark.parametrize(("limit", "smallest", "is_kept"), [(8.333, 12, True), (8.3, 12, False)])
def test_a_limit_written_with_few_digits_is_kept_by_the_k_that_it_stands_for(
    limit, smallest, is_kept
):
    [judged] = list_limits(None, smallest, limit)
    assert judged.is_kept == is_kept


def test_a_requirement_is_judged_by_its_worst_class(handout):
    rules = [
        {"attribute": "ill", "model": "distinct_l_diversity", "l": 2},
        {"attribute": "ill", "model": "t_closeness", "t": 0.5},
    ]
    diverse, close = judge_requirements(handout, ["age"], rules)
    # The three in 20-29 all have the flu, however it is spelt.
    assert (diverse.reached, diverse.is_kept) == (1, False)
    assert close.reached == pytest.approx(0.3)
    assert close.is_kept


def test_people_whose_group_gives_a_value_away_are_counted(handout):
    found = {"ill": {"people": 3, "values": [["flu", 3]]}}
    assert count_certain_people(handout.rows, ["ill"], ["age"]) == found
    people = handout.frame.assign(**{"anonify.person": [0, 0, 1, 2, 3]})
    assert count_certain_people(select_rows(people), ["ill"], ["age"])["ill"]["people"] == 2
    assert list_sensitive(handout, COLUMNS) == ["ill"]


def test_who_has_no_value_is_given_away_by_no_group():
    frame = pd.DataFrame(
        {"age": pd.Categorical(list("aaab")), "level": [2.5, None, None, None], "n": [7, 7, 7, 8]}
    )
    found = count_certain_people(select_rows(frame), ["level", "n"], ["age"])
    assert found["level"] == {"people": 1, "values": [["2.5", 1]]}
    assert found["n"] == {"people": 4, "values": [["7", 3], ["8", 1]]}


def test_who_has_records_in_several_such_groups_is_counted_once():
    frame = pd.DataFrame({"age": pd.Categorical(list("aabb")), "ill": pd.Categorical(["flu"] * 4)})
    people = frame.assign(**{"anonify.person": [0, 1, 0, 2]})
    assert count_certain_people(select_rows(people), ["ill"], ["age"])["ill"]["people"] == 3


def test_people_whose_records_can_be_joined_are_counted_in_what_is_handed_out(handout):
    frame = handout.frame.assign(ill=pd.Categorical(["a", "a", "b", "c", "c"]))
    assert describe_links(Handout.of(frame), COLUMNS) is None
    people = frame.assign(**{"anonify.person": [0, 0, 1, 2, 2]})
    assert describe_links(Handout.of(people), COLUMNS) == {"columns": ["ill"], "people": 2}
    # Each value is that of two people.
    shared = people.assign(ill=pd.Categorical(["a", "a", "a", "a", "a"]))
    assert describe_links(Handout.of(shared), COLUMNS) == {"columns": [], "people": 0}


def test_the_smallest_class_is_of_people_and_of_no_suppressed_record(handout):
    release = handout.frame.assign(is_suppressed=[False] * 3 + [True] * 2)
    assert count_smallest(release, ["age"]) == 3
    assert count_smallest(release.assign(**{"anonify.person": [0, 0, 1, 2, 3]}), ["age"]) == 2


def test_a_file_is_described_as_it_was_written(handout, tmp_path):
    path = tmp_path / "out.csv"
    write_release_csv(handout, path)
    described = describe_file(path, handout, ["age"])
    assert described["bytes"] == len(path.read_bytes())
    assert described["records"] == 5
    assert described["preview"]["header"] == ["age", "ill"]
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    assert described["preview"]["rows"] == lines


def test_of_a_long_file_the_first_and_the_last_record_are_shown_and_some_between(tmp_path):
    frame = pd.DataFrame({"age": pd.Categorical(["*"] * 1000), "n": range(1000)})
    write_release_csv(Handout.of(frame), tmp_path / "out.csv")
    shown = describe_file(tmp_path / "out.csv", Handout.of(frame), ["age"])["preview"]["rows"]
    assert [row[1] for row in (shown[0], shown[-1])] == ["0", "999"]
    assert len(shown) == 10


def test_a_file_with_other_classes_than_its_table_is_refused(handout, tmp_path):
    write_release_csv(Handout.of(handout.frame.iloc[:4]), tmp_path / "out.csv")
    with pytest.raises(VerificationError, match=r"out\.csv has other equivalence classes"):
        describe_file(tmp_path / "out.csv", handout, ["age"])


def test_of_each_column_is_said_what_is_left(handout):
    paths = [[str(age), "20-29" if age < 30 else "30-39", "*"] for age in (20, 25, 30, 35)]
    described = {
        "age": {"generalization": {"levels": [1, 2], "height": 2}},
        "ill": {"top": 9},
    }
    domains = {"age": hierarchy_from_rows("age", paths)}
    age, ill = describe_columns_left(handout, COLUMNS, domains, described)
    assert age["shown"] == {"levels": [1, 2], "height": 2}
    assert age["changed"] == 100
    # Three records cover two of four leaves, two all of them.
    assert age["loss"] == pytest.approx(100 * (3 * 0.5 + 2 * 1) / 5)
    # How many were above it is not known.
    assert (ill["shown"], ill.get("changed"), ill["top"]) == ("unchanged", None, 9)
