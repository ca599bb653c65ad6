import numpy as np
import pandas as pd

from anonify.domains.rules import build_hierarchy
from anonify.paper import findings
from anonify.tables.columns import Column

CLASSES = pd.DataFrame(
    {
        "data": ["anonymized", "anonymized", "anonymized", "sampled", "sampled", "sampled"],
        "deletion": [0, 0, 0, 50, 50, 50],
        "is_suppressed": [False, False, True, False, False, True],
        "size": [10, 5, 2, 10, 5, 2],
        "released_size": [10, 5, 2, 5, 2, 1],
    }
)


def test_the_suppressed_records_are_not_the_smallest_class():
    found = findings.find_suppressed_class(CLASSES, 5)
    assert (found["suppressed"], found["published"]) == (2, 50)
    assert (found["smallest"], found["corrected"]) == (5, 20)


def test_classes_smaller_than_k_are_counted_after_sampling():
    table = findings.find_class_sizes(CLASSES, 5)["table"]
    # 5, 2 and 1 records are left of 10, 5 and 2.
    assert table.to_dict("list") == {
        "deletion / %": [50],
        "classes": [3],
        "smaller than 5": [2],
        "records in the smallest": [1],
    }


def test_a_remainder_is_small_if_it_is_there_and_smaller_than_k():
    loss = pd.DataFrame(
        {
            "method": ["arx", "arx", "arx", "oka"],
            "k": [50, 100, 150, 50],
            "suppressed_records": [0, 62, 150, 3],
        }
    )
    found = findings.find_small_remainders(loss)
    assert (found["tables"], found["small"]) == (3, 1)
    assert found["table"]["k"].tolist() == [100]


def test_repeats_vary_if_their_class_sizes_differ():
    same = [pd.DataFrame({"sex": pd.Categorical([*sexes])}) for sexes in ("ffm", "mff")]
    other = [pd.DataFrame({"sex": pd.Categorical([*sexes])}) for sexes in ("ffm", "mmf")]
    found = findings.find_repeats_without_variance([*same, *other], ["sex"], repeats=2)
    assert found == {"repeats": 2, "deletions": 2, "same": 1}


def test_the_rule_of_thresholds_says_positive_if_any_is_reached():
    frame = pd.DataFrame({"a": [0, 9, 0, 9] * 5, "b": [0, 0, 9, 9] * 5, "ill": [0, 1, 1, 1] * 5})
    classifiers = pd.DataFrame(
        {
            "data": "original",
            "features": "all",
            "classifier": ["adaboost", "knn"],
            "accuracy": [90.0, 95.0],
        }
    )
    found = findings.find_two_threshold_rule(frame, "ill", {"a": 5, "b": 5}, classifiers, 25, 1)
    assert found["rule"] == "a ≥ 5 or b ≥ 5"
    assert (found["accuracy"], found["adaboost"], found["best"]) == (100, 90, 95)


def test_mondrian_is_measured_without_the_records_of_a_value():
    # Two records of sex x forbid any split of eight at k = 3; without them sexes are split.
    frame = pd.DataFrame({"sex": pd.Categorical(["f"] * 3 + ["m"] * 3 + ["x"] * 2)})
    tree = build_hierarchy("sex", ["f", "m", "x"], {})
    found = findings.find_mondrian_without(frame, {"sex": tree}, "sex", "x", [3])
    assert found["records"] == 2
    row = found["table"].iloc[0]
    assert (row["NCP / %"], row["NCP without these records / %"]) == (100, 0)


def test_suspects_are_counted_and_not_asserted():
    # The intervals 10-30 and 0-40 have the same middle: two classes by label, one by code.
    frame = pd.DataFrame({"age": pd.Categorical(["10-30", "0-40"])})
    columns = [Column("age", "quasi-identifier", "integer")]
    tree = build_hierarchy("age", ["15"], {})
    found = findings.check_suspects(frame, columns, {}, [tree], CLASSES, [50, 70])
    assert (found["classes_by_label"], found["classes_by_code"]) == (2, 1)
    # 0.7 · 10 is 7.000000000000001 nowhere here: 7, 3.5 and 1.4 are rounded up alike.
    assert (found["ceilings"], found["ceilings_differing"]) == (6, 0)
    assert found["nodes"] == 2


def test_the_published_precision_is_set_beside_accuracy():
    rows = [
        ("Accuracy", 90.0, 10),
        ("Precision", 90.0, 14),
        ("Recall", 92.0, 13),
        ("F1 Score", 91.0, 15),
    ]
    published = pd.DataFrame(
        [
            {
                "published_as": heading,
                "value": str(value),
                "figure": figure,
                "data": "original",
                "deletion": 0,
                "classifier": "naive_bayes",
                "our_classifier": "naive_bayes",
                "via": "raw file",
            }
            for heading, value, figure in rows
        ]
    )
    comparison = published.assign(kind="exact", ours=92.0, corrected=90.0, published="92.0")
    found = findings.find_swapped_metrics(published, comparison)
    assert (found["numbers"], found["equal"]) == (1, 1)
    assert np.isclose(found["table"]["our weighted recall"].item(), 90)
