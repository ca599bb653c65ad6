import numpy as np
import pandas as pd
import pytest

from anonify.measures.risk import (
    distribute_risk,
    list_classes,
    measure_as_published,
    measure_corrected,
    tabulate_risks,
)


def table(*records):
    """Records as ``name``, or ``*`` for a suppressed one."""
    return pd.DataFrame(
        {
            "name": pd.Categorical(records),
            "is_suppressed": [record == "*" for record in records],
        }
    )


def classes(*rows):
    """Rows of size, released size and whether the records are suppressed."""
    return pd.DataFrame(rows, columns=["size", "released_size", "is_suppressed"])


# Classes a and b of 4 and 3 records and 2 suppressed ones, whole and after a deletion of 50 %.
WHOLE = classes((4, 4, False), (3, 3, False), (2, 2, True))
SAMPLED = classes((4, 2, False), (3, 1, False), (2, 1, True))


def measure(counted, k=3, threshold=30.0):
    return measure_corrected(counted, k, threshold)


# As published


def test_published_averages_are_over_the_records_before_sampling():
    found = measure_as_published(SAMPLED)
    # (2/4 + 1/3 + 1/2) ÷ 9 and (2 + 1 + 1) ÷ 9
    assert found["journalist_risk_average"] == pytest.approx(100 * (4 / 3) / 9)
    assert found["certainty_average"] == pytest.approx(100 * 4 / 9)


def test_the_published_highest_risk_takes_suppressed_records_for_a_class():
    assert measure_as_published(WHOLE)["journalist_risk_highest"] == 50  # 1/2


def test_a_class_without_released_records_has_no_published_risk():
    # 1/2 of a, of which one record is left; not the 1 of the suppressed record that was deleted.
    assert (
        measure_as_published(classes((2, 1, False), (1, 0, True)))["journalist_risk_highest"] == 50
    )


def test_the_published_lowest_risk_is_0_as_soon_as_a_record_was_deleted():
    assert measure_as_published(WHOLE)["journalist_risk_lowest"] == 25  # 1/4
    assert measure_as_published(SAMPLED)["journalist_risk_lowest"] == 0


def test_published_certainty_is_the_share_of_a_class_that_is_released():
    found = measure_as_published(SAMPLED)
    assert found["certainty_lowest"] == pytest.approx(100 / 3)
    assert found["certainty_highest"] == 50


# Corrected


def test_journalist_risk_is_over_the_released_records_without_the_suppressed():
    found = measure(SAMPLED)
    # Two records of 1/4 and one of 1/3.
    assert found["journalist_risk_average"] == pytest.approx(100 * (2 / 4 + 1 / 3) / 3)
    assert found["journalist_risk_lowest"] == 25
    assert found["journalist_risk_highest"] == pytest.approx(100 / 3)


def test_prosecutor_risk_is_by_the_released_size_of_the_class():
    found = measure(SAMPLED)
    # Two records of 1/2 and one of 1/1.
    assert found["prosecutor_risk_average"] == pytest.approx(100 * (2 / 2 + 1) / 3)
    assert found["prosecutor_risk_lowest"] == 50
    assert found["prosecutor_risk_highest"] == 100


def test_certainty_is_over_the_anonymized_records_without_the_suppressed():
    found = measure(SAMPLED)
    # Four records of 2/4 and three of 1/3.
    assert found["certainty_average"] == pytest.approx(100 * 3 / 7)
    assert found["certainty_lowest"] == pytest.approx(100 / 3)
    assert found["certainty_highest"] == 50


def test_marketer_risk_is_the_share_of_records_that_a_linkage_identifies():
    # Of the 2 records of a class of 4 expect 2/4 to be linked right, of the 1 of 3 expect 1/3.
    assert measure(SAMPLED)["marketer_risk"] == pytest.approx(100 * (1 / 2 + 1 / 3) / 3)


@pytest.mark.parametrize(
    ("threshold", "journalist", "prosecutor"),
    [(24, 100, 100), (25, 100 / 3, 100), (50, 0, 100 / 3)],
)
def test_records_above_the_threshold_are_counted_but_not_those_at_it(
    threshold, journalist, prosecutor
):
    found = measure(SAMPLED, threshold=threshold)
    assert found["journalist_risk_above_threshold"] == pytest.approx(journalist)
    assert found["prosecutor_risk_above_threshold"] == pytest.approx(prosecutor)


def test_classes_that_sampling_took_below_k_are_counted():
    assert measure(WHOLE, k=3)["classes_below_k"] == 0
    assert measure(SAMPLED, k=2)["classes_below_k"] == 1
    assert measure(SAMPLED, k=3)["classes_below_k"] == 2


def test_released_and_suppressed_records_are_counted_apart():
    found = measure(SAMPLED)
    assert (found["classes"], found["released_records"], found["suppressed_records"]) == (2, 3, 1)


def test_a_class_without_released_records_counts_in_certainty_alone():
    found = measure(classes((4, 2, False), (2, 0, False)))
    assert found["classes"] == 1
    assert found["journalist_risk_highest"] == 25
    assert found["certainty_lowest"] == 0
    assert found["certainty_average"] == pytest.approx(100 * 2 / 6)


def test_a_table_of_suppressed_records_alone_has_no_risk():
    found = measure(classes((9, 5, True)))
    assert np.isnan(found["journalist_risk_average"])
    assert np.isnan(found["prosecutor_risk_highest"])
    assert (found["released_records"], found["suppressed_records"]) == (0, 5)


# Over the records


# Classes of 5, 4 and 5 records, of which 2, 1 and 1 are released; one that is not released at all,
# and suppressed records.
SEVERAL = classes(
    (5, 2, False), (4, 1, False), (5, 1, False), (3, 0, False), (2, 1, True)
)  # fmt: skip


def test_shares_of_records_are_accumulated_by_journalist_risk():
    # 3 of 4 records have 1/5, the last one 1/4.
    curve = distribute_risk(SEVERAL, "journalist_risk")
    assert curve["risk"].tolist() == [20, 25]
    assert curve["share"].tolist() == [75, 100]


def test_shares_of_records_are_accumulated_by_prosecutor_risk():
    # 2 of 4 records have 1/2, the others 1/1.
    curve = distribute_risk(SEVERAL, "prosecutor_risk")
    assert curve["risk"].tolist() == [50, 100]
    assert curve["share"].tolist() == [50, 100]


def test_risks_are_tabulated_for_each_table_in_both_readings():
    measured = {("original", 0): classes((4, 4, False)), ("sampled", 50): classes((4, 2, False))}
    table = tabulate_risks(measured, 4, 1).set_index(["data", "deletion", "reading", "measure"])
    value = table["value"].sort_index()
    assert value["original", 0, "corrected", "prosecutor_risk_highest"] == 25
    assert value["sampled", 50, "corrected", "prosecutor_risk_highest"] == 50
    assert value["sampled", 50, "as published", "journalist_risk_lowest"] == 0
    assert value["sampled", 50, "corrected", "classes_below_k"] == 1


def test_the_classes_of_the_original_are_not_listed():
    measured = {("original", 0): classes((1, 1, False)), ("sampled", 50): classes((4, 2, True))}
    listed = list_classes(measured)
    assert listed[["data", "deletion", "size"]].to_numpy().tolist() == [["sampled", 50, 4]]
    assert list(listed)[:2] == ["data", "deletion"]
