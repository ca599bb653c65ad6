import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.measures.membership_experiment import Treatment, prepare_experiment
from anonify.tables.columns import Column
from anonify.tables.storage import Table

AGE = hierarchy_from_rows("age", [[age, "1-3", "*"] for age in "123"])
COLUMNS = (
    Column("age", "quasi-identifier", "integer"),
    Column("level", "sensitive", "integer"),
    Column("ill", "target", "category"),
)


def make_table(records=40, ill=("no", "yes")):
    return Table(
        pd.DataFrame(
            {
                "age": pd.Categorical([str(place % 3 + 1) for place in range(records)]),
                "level": range(records),
                "ill": pd.Categorical([ill[place % len(ill)] for place in range(records)]),
            }
        ),
        COLUMNS,
        {},
    )


def prepare(table, treatment, **changes):
    sizes = {"members": 10, "shadow_models": 2, "repeats": 1, "seed": 1, **changes}
    return prepare_experiment("job", table, {"age": AGE}, treatment, {}, **sizes)


def treat(k=2, deletion=0, requirements=(), labels="nodes"):
    return Treatment("mondrian", k, deletion, {}, requirements, labels)


def test_twice_as_many_people_are_drawn_as_are_members_of_each_model():
    experiment = prepare(make_table(), None)
    assert (experiment.members, experiment.non_members) == (10, 10)
    assert [int(view.is_member.sum()) for view in experiment.views] == [10, 10, 10]
    assert len(experiment.labels) == 20


def test_of_few_people_half_are_members():
    experiment = prepare(make_table(records=7), None)
    assert (experiment.members, experiment.non_members) == (3, 4)


def test_the_same_people_are_members_whatever_is_done_to_their_records():
    original, anonymized = prepare(make_table(), None), prepare(make_table(), treat(deletion=50))
    for before, after in zip(original.views, anonymized.views, strict=True):
        assert before.is_member.tolist() == after.is_member.tolist()
        assert before.asked["level"].tolist() == after.asked["level"].tolist()
        assert set(after.learned) < set(before.learned)


def test_models_have_members_of_their_own():
    first, second, third = (view.is_member for view in prepare(make_table(), None).views)
    assert (first != second).any()
    assert (second != third).any()


def test_models_learn_from_what_classes_show_and_are_asked_with_it():
    # With ten members of three ages and k = 6 there is one class.
    (view, *_) = prepare(make_table(), treat(6, labels="sets")).views
    members = view.asked["age"][view.is_member]
    assert {*view.records["age"]} == {*members} == {"*"}
    # Of two ages it shows the range of these two alone; who is older is in no class.
    table = make_table()
    table.frame["age"] = pd.Categorical(["1", "2"] * 20, categories=["1", "2", "3"])
    (view, *_) = prepare(table, treat(6, labels="sets")).views
    assert {*view.records["age"]} == {*view.asked["age"]} == {"[1, 2]"}


def test_members_that_do_not_meet_the_requirements_are_all_suppressed():
    # No ten members have eleven different levels.
    rule = {"model": "distinct_l_diversity", "attribute": "level", "l": 11}
    experiment = prepare(make_table(), treat(requirements=[rule]))
    assert all(view.records["is_suppressed"].all() for view in experiment.views)


def test_people_of_one_class_alone_are_refused():
    with pytest.raises(UserError, match="job: the 20 people drawn are all of one class of 'ill'"):
        prepare(make_table(ill=("no",)), None)


def test_a_model_without_a_record_to_learn_from_is_refused():
    with pytest.raises(UserError, match="job: none of the 10 members"):
        prepare(make_table(), treat(k=10, deletion=100))


def test_each_attacked_model_has_a_row_for_each_attack():
    rows = pd.DataFrame(prepare(make_table(), None, repeats=2).attack("naive_bayes", 1))
    assert (rows["classifier"] == "naive_bayes").all()
    assert rows.groupby("attack")["repeat"].agg(list).to_dict() == {
        "black_box": [1, 2], "lira": [1, 2], "threshold": [1, 2]
    }  # fmt: skip
    assert np.isfinite(rows["advantage"]).all()
