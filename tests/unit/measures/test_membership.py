import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.domains.ranges import Ranges
from anonify.measures.membership import (
    draw_members,
    generalize,
    view_original,
    view_release,
)
from anonify.methods import get_anonymizer
from anonify.recoding.recoding import Recoding
from anonify.releases.anonymization import Anonymized
from anonify.releases.recode import release_records
from anonify.verification.releases import Verification

SEX = hierarchy_from_rows("sex", [["F", "*"], ["M", "*"]])
AGE = hierarchy_from_rows(
    "age",
    [*([age, "1-3", "*"] for age in "12"), *([age, "3-9", "*"] for age in "345")],
)
DOMAINS = {"sex": SEX, "age": AGE}


def nodes(*tuples):
    return np.array([[SEX.node_of[sex], AGE.node_of[age]] for sex, age in tuples])


def recoding(*tuples, suppressed=0):
    """The last ones are suppressed."""
    is_suppressed = np.arange(len(tuples)) >= len(tuples) - suppressed
    return Recoding(nodes(*tuples), is_suppressed)


def labels(coded):
    return [
        (sex, age)
        for sex, age in zip(
            SEX.labels_of(coded.nodes[:, 0]), AGE.labels_of(coded.nodes[:, 1]), strict=True
        )
    ]


def release(frame, made):
    """The members as they are released."""
    found = Verification(achieved_k=1, classes=1, suppressed_records=0)
    return Anonymized(release_records(frame, DOMAINS, made), made, found, 0.0)


def make_table(*tuples):
    sex, age = zip(*tuples, strict=True)
    return pd.DataFrame(
        {
            "sex": pd.Categorical(sex, ["F", "M"]),
            "age": pd.Categorical(age, list("12345")),
            "level": range(len(tuples)),
        }
    )


@pytest.mark.parametrize(("people", "members"), [(10, 5), (11, 5)])
def test_half_of_the_people_are_members(people, members):
    assert draw_members(people, np.random.default_rng(1)).sum() == members


def test_who_is_a_member_depends_on_the_generator():
    first, again, other = (draw_members(40, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


# Asked with the narrowest class


def test_a_person_is_asked_with_the_narrowest_class_that_covers_the_values():
    table = recoding(("F", "1-3"), ("*", "1-3"), ("*", "3-9"), ("*", "*"))
    asked = generalize(nodes(("F", "1"), ("M", "2"), ("F", "5")), table, DOMAINS)
    assert labels(asked) == [("F", "1-3"), ("*", "1-3"), ("*", "3-9")]
    assert asked.is_suppressed.tolist() == [False] * 3


def test_a_class_that_is_as_narrow_is_the_first_in_order():
    # Both have an NCP of (0 + 1) ÷ 2.
    table = recoding(("*", "1"), ("F", "*"))
    asked = generalize(nodes(("F", "1")), table, DOMAINS)
    assert labels(asked) == [("F", "*")]


def test_whom_no_class_covers_is_asked_as_a_suppressed_record():
    table = recoding(("F", "1-3"), ("*", "*"), suppressed=1)
    asked = generalize(nodes(("F", "1"), ("M", "1")), table, DOMAINS)
    assert labels(asked) == [("F", "1-3"), ("*", "*")]
    assert asked.is_suppressed.tolist() == [False, True]


def test_where_all_are_suppressed_everyone_is_asked_so():
    asked = generalize(nodes(("F", "1")), recoding(("*", "*"), suppressed=1), DOMAINS)
    assert asked.is_suppressed.tolist() == [True]


def test_ranges_cover_what_lies_between_their_ends():
    age = Ranges("age", ("10", "20", "30", "40"))
    narrow, wide = age.find_nodes(["[10, 20]", "[10, 30]"])
    table = Recoding(np.array([[narrow], [wide]]), np.zeros(2, dtype=bool))
    asked = generalize(np.array([[0], [2], [3]]), table, {"age": age})
    assert age.labels_of(asked.nodes[:, 0]) == ["[10, 20]", "[10, 30]", "*"]


@given(data=st.data())
def test_equal_values_are_asked_alike_and_with_a_class_that_covers_them(mixed_tables, data):
    table = data.draw(mixed_tables)
    half = max(len(table.records) // 2, 1)
    made = get_anonymizer("mondrian")(
        table.records[:half], table.domains, min(table.k, half), np.random.default_rng(1)
    )
    asked = generalize(table.records, made, table.by_name)
    released = {tuple(row) for row in made.nodes.tolist()}
    by_values = {}
    for values, shown, is_suppressed in zip(
        table.records.tolist(), asked.nodes, asked.is_suppressed, strict=True
    ):
        assert by_values.setdefault(tuple(values), shown.tolist()) == shown.tolist()
        assert is_suppressed or tuple(shown.tolist()) in released
        for domain, value, node in zip(table.domains, values, shown, strict=True):
            assert domain.join(np.array([value]), np.array([node]))[0] == node
    # Members are covered by their own class at least.
    assert not asked.is_suppressed[:half].any()


def test_the_original_is_learned_from_and_asked_about_as_it_is():
    table = make_table(("F", "1"), ("M", "2"), ("F", "3"))
    view = view_original(table, np.array([True, False, True]))
    assert view.learned.tolist() == [0, 2]
    assert view.records["level"].tolist() == [0, 2]
    assert view.asked["level"].tolist() == [0, 1, 2]


def test_members_are_learned_from_as_released_and_everyone_is_asked_about_by_the_same_rule():
    table = make_table(("F", "1"), ("F", "1"), ("F", "2"), ("M", "4"))
    is_member = np.array([True, False, True, False])
    made = recoding(("F", "1-3"), ("F", "1-3"))
    view = view_release(
        table, is_member, DOMAINS, release(table[is_member], made), 0, np.random.default_rng(1)
    )
    assert sorted(view.learned) == [0, 2]
    assert view.records["age"].tolist() == ["1-3", "1-3"]
    assert view.records["level"].tolist() == view.learned.tolist()
    assert view.asked["age"].tolist() == ["1-3", "1-3", "1-3", "*"]
    assert view.asked["level"].tolist() == [0, 1, 2, 3]


def test_of_each_class_the_share_is_deleted_that_is_asked_for():
    table = make_table(*[("F", "1")] * 4, *[("M", "5")] * 3)
    made = recoding(*[("F", "1-3")] * 4, *[("M", "3-9")] * 3)
    is_member = np.ones(7, dtype=bool)
    view = view_release(
        table, is_member, DOMAINS, release(table, made), 50, np.random.default_rng(1)
    )
    # ⌈50 % of 4⌉ = 2 and ⌈50 % of 3⌉ = 2 are deleted.
    assert view.records["sex"].value_counts().to_dict() == {"F": 2, "M": 1}
    assert view.is_member.sum() == 7
