import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.base.seeding import make_key
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.measures.risk import measure_corrected
from anonify.measures.trade_off import (
    RISKS,
    count_costs,
    find_cheapest,
    find_front,
    mark_chosen,
    mark_fronts,
    measure_deletion,
    measure_trade_off,
    name_front,
)
from anonify.recoding.recoding import Recoding
from anonify.releases.recode import release_records
from anonify.releases.sampling import sample
from anonify.tables.classes import count_classes, group, match_classes

SEX = hierarchy_from_rows("sex", [["F", "*"], ["M", "*"]])
AGE = hierarchy_from_rows(
    "age",
    [*([age, "1-3", "*"] for age in "12"), *([age, "3-9", "*"] for age in "345")],
)
DOMAINS = {"sex": SEX, "age": AGE}


def released(sex, age, is_suppressed):
    table = pd.DataFrame({"sex": list(sex), "age": age}, dtype="category")
    return table.assign(is_suppressed=is_suppressed)


def classes(*rows):
    """Rows of size, NCP and whether the records are suppressed."""
    classes = pd.DataFrame(rows, columns=["size", "ncp", "is_suppressed"])
    return classes.assign(records=classes["size"])


# Two classes and suppressed records; a deletion of 50 % leaves 2, 1 and 1 of them.
SEVERAL = classes((4, 25.0, False), (3, 50.0, False), (2, 100.0, True))


# Classes and what they have lost


def test_classes_are_counted_with_the_ncp_of_their_records():
    release = released("FFFM*", ["1", "1", "1-3", "1-3", "*"], [False] * 4 + [True])
    found = count_costs(release, DOMAINS)
    # 1-3 covers 2 of 5 leaves and costs 20 % as one of two quasi-identifiers.
    assert sorted(found.itertuples(index=False, name=None)) == [
        (False, 1, 1, 20),
        (False, 1, 1, 20),
        (False, 2, 2, 0),
        (True, 1, 1, 100),
    ]
    assert found.columns.tolist() == ["is_suppressed", "size", "records", "ncp"]


def test_suppressed_records_are_apart_from_a_class_at_the_roots():
    found = count_costs(released("***", ["*"] * 3, [False, False, True]), DOMAINS)
    assert sorted(found.itertuples(index=False, name=None)) == [
        (False, 2, 2, 100),
        (True, 1, 1, 100),
    ]


def test_a_label_that_is_not_in_the_hierarchy_is_told():
    with pytest.raises(UserError, match="'age', record 2: the value '1-9'"):
        count_costs(released("FF", ["1", "1-9"], [False, False]), DOMAINS)


# What a deletion costs and which risk it leaves


def test_what_is_deleted_is_lost_entirely():
    # (2·25 + 1·50 + 1·100 of the released records + 5·100) ÷ 9
    assert measure_deletion(SEVERAL, 50)["loss"] == pytest.approx(700 / 9)


def test_without_deletion_the_loss_is_the_ncp():
    (found,) = measure_trade_off(SEVERAL, [0])
    assert found["ncp"] == pytest.approx((4 * 25 + 3 * 50 + 2 * 100) / 9)
    assert found["loss"] == pytest.approx(found["ncp"])


def test_the_ncp_is_that_of_the_anonymized_table_at_each_deletion():
    found = measure_trade_off(SEVERAL, [0, 50, 70])
    assert [row["deletion"] for row in found] == [0, 50, 70]
    assert {row["ncp"] for row in found} == {50}


def test_prosecutor_risk_is_over_the_released_records():
    found = measure_deletion(SEVERAL, 50)
    # Two records of 1/2 and one of 1/1.
    assert found["prosecutor_risk_highest"] == 100
    assert found["prosecutor_risk_average"] == pytest.approx(100 * (2 / 2 + 1) / 3)


def test_the_highest_journalist_risk_is_over_the_released_records():
    assert measure_deletion(SEVERAL, 50)["journalist_risk_highest"] == pytest.approx(100 / 3)


def test_the_average_journalist_risk_is_over_all_people_of_the_table():
    # Two records of 1/4 and one of 1/3; six people are at no risk.
    found = measure_deletion(SEVERAL, 50)["identified_people"]
    assert found == pytest.approx(100 * (2 / 4 + 1 / 3) / 9)


def test_what_is_left_is_counted_suppressed_records_apart():
    found = measure_deletion(SEVERAL, 50)
    assert (found["released_records"], found["suppressed_records"]) == (3, 1)
    assert (found["classes"], found["smallest_class"]) == (2, 1)


def test_a_class_that_is_deleted_entirely_is_no_class_and_no_risk():
    found = measure_deletion(classes((4, 25.0, False), (1, 0.0, False)), 10)
    assert (found["classes"], found["smallest_class"]) == (1, 3)
    assert found["journalist_risk_highest"] == 25
    assert found["identified_people"] == pytest.approx(100 * (3 / 4) / 5)
    assert found["loss"] == pytest.approx((3 * 25 + 2 * 100) / 5)


def test_where_suppressed_records_alone_are_left_no_one_is_at_risk():
    found = measure_deletion(classes((9, 100.0, True)), 50)
    assert (found["released_records"], found["suppressed_records"]) == (0, 4)
    assert (found["classes"], found["smallest_class"], found["loss"]) == (0, 0, 100)
    assert found["identified_people"] == 0
    assert np.isnan([found[risk] for risk in RISKS if risk != "identified_people"]).all()


@given(data=st.data())
def test_numbers_are_those_of_the_table_and_of_a_sample_of_it(tables, data):
    table = data.draw(tables)
    deletion = data.draw(st.integers(1, 99))
    levels = [data.draw(st.integers(0, tree.height - 1)) for tree in table.hierarchies]
    nodes = [
        tree.ancestors[leaves, level]
        for tree, leaves, level in zip(table.hierarchies, table.records.T, levels, strict=True)
    ]
    is_suppressed = np.arange(len(table.records)) < data.draw(st.integers(0, 3))
    nodes = np.stack(nodes, axis=1)
    nodes[is_suppressed] = [tree.root for tree in table.hierarchies]
    domains = table.by_name
    release = release_records(
        pd.DataFrame(index=range(len(nodes))), domains, Recoding(nodes, is_suppressed)
    )
    members = group(np.column_stack([nodes, is_suppressed])).members
    kept = release.iloc[sample(members, deletion, make_key(1))]
    ncp = mean_ncp(measure_ncp(release, domains))

    (found,) = measure_trade_off(count_costs(release, domains), [deletion])

    assert found["ncp"] == pytest.approx(ncp)
    left = mean_ncp(measure_ncp(kept, domains)) * len(kept) if len(kept) else 0
    assert found["loss"] == pytest.approx((left + 100 * (len(release) - len(kept))) / len(release))
    risks = measure_corrected(
        match_classes(*(count_classes(each, list(domains)) for each in (release, kept))),
        table.k,
        threshold=1,
    )
    of_both = [risk for risk in RISKS if risk != "identified_people"]
    shared = [*of_both, "released_records", "suppressed_records", "classes"]
    assert {name: found[name] for name in shared} == pytest.approx(
        {name: risks[name] for name in shared}, nan_ok=True
    )
    # The same people are identified, as a share of all instead of the released ones.
    identified = np.nan_to_num(risks["journalist_risk_average"]) * risks["released_records"]
    assert found["identified_people"] == pytest.approx(identified / len(release))


# The front


def test_a_row_is_on_the_front_if_no_other_is_as_good_in_both_and_better_in_one():
    found = find_front([0, 1, 1, 2, 2, 3], [5, 3, 4, 3, 1, 1])
    assert found.tolist() == [True, True, False, False, True, False]


def test_equal_rows_are_on_the_front_together():
    assert find_front([1, 2, 1], [3, 4, 3]).tolist() == [True, False, True]


def test_what_differs_by_rounding_is_equal():
    assert find_front([0.1 + 0.2, 0.3], [5, 5]).tolist() == [True, True]
    assert find_front([5, 5], [0.1 + 0.2, 0.3]).tolist() == [True, True]


def test_a_row_without_a_risk_is_not_on_the_front():
    assert find_front([1, 2], [np.nan, 3]).tolist() == [False, True]
    assert find_front([1], [np.nan]).tolist() == [False]


def test_a_table_without_rows_has_no_front():
    assert find_front([], []).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1))
def test_the_front_is_what_comparing_all_pairs_finds(points):
    def is_better(other, point):
        return other[0] <= point[0] and other[1] <= point[1] and other != point

    expected = [not any(is_better(other, point) for other in points) for point in points]
    assert find_front(*zip(*points, strict=True)).tolist() == expected


def test_each_risk_has_a_front_of_its_own():
    rows = {"loss": [1, 2], **{risk: [1, 1] for risk in RISKS}, RISKS[3]: [2, 1]}
    marked = mark_fronts(pd.DataFrame(rows))
    assert marked[name_front(RISKS[0])].tolist() == [True, False]
    assert marked["is_on_front_identified_people"].tolist() == [True, True]


def test_the_chosen_row_is_that_of_the_method_the_k_and_the_deletion():
    table = pd.DataFrame(
        {"method": ["arx", "arx", "oka"], "k": [4, 8, 4], "deletion": [50, 50, 50]}
    )
    marked = mark_chosen(table, {"method": "arx", "k": 4, "deletion": 50})
    assert marked["is_chosen"].tolist() == [True, False, False]


def test_the_cheapest_setting_keeps_the_limit_and_loses_least():
    table = pd.DataFrame(
        {
            "loss": [5.0, 20.0, 20.0, 20.0, 30.0],
            "risk": [20.0, 10.0, 8.0, 8.0, 1.0],
            "deletion": [0, 0, 30, 10, 0],
            "is_chosen": False,
        }
    )
    # Of three that lose the same the one with the least risk, and of these with less deleted.
    assert find_cheapest(table, "risk", 10) == 3
    assert (
        find_cheapest(table.assign(is_chosen=[False, True, False, False, False]), "risk", 10) == 1
    )
    assert find_cheapest(table, "risk", 50) == 0
    assert find_cheapest(table, "risk", 0.5) is None
    assert find_cheapest(table.assign(risk=np.nan), "risk", 50) is None
