import pandas as pd
import pytest

from anonify.report.tables import (
    show_anonymity,
    show_attribute_inference,
    show_comparison,
    show_distribution,
    show_identification,
    show_membership,
    show_table,
    show_trade_off,
    sum_times,
)


def test_a_distribution_is_shown_as_the_mean_over_the_repeats():
    table = pd.DataFrame(
        {
            "data": ["original", "sampled", "sampled"],
            "deletion": [0, 50, 50],
            "group": ["a", "a", "a"],
            "value": [5.0, 1.0, 3.0],
            "scaled_value": [5.0, 2.0, 6.0],
            "records": [10, 5, 5],
        }
    )
    shown = show_distribution(table, "Level").set_index("Data")
    sampled = shown.loc["50 % deleted"]
    assert [sampled[name].text for name in ("Level", "Corrected")] == ["2", "4"]
    assert sampled["Repeats"] == 2
    assert shown.loc["50 % deleted", "95 % interval ±"] > 0
    assert pd.isna(shown.loc["Original", "95 % interval ±"])
    assert "Without a value" not in shown
    lacking = show_distribution(table.assign(records_without_value=[4, 1, 3]), "Level")
    assert lacking["Without a value"].tolist() == [4, 2]


def test_what_does_not_hold_comes_first():
    comparison = pd.DataFrame(
        {
            "figure": [6, 10],
            "method": ["arx", None],
            "k": [50, None],
            "data": [None, "sampled"],
            "deletion": [None, 30],
            "classifier": [None, "knn"],
            "measure": ["ncp", "accuracy"],
            "published": ["10.9", "95.1"],
            "ours": [10.9, 94.0],
            "sd": [None, 0.1],
            "difference": [0.0, -1.1],
            "judgement": ["exact", "within spread"],
            "holds": [True, False],
        }
    )
    shown = show_comparison(comparison)
    # Ours with as many digits as are printed.
    assert [cell.text for cell in shown["Ours"]] == ["94.0", "10.9"]
    assert shown["Number"].tolist() == ["30 % deleted, KNN, accuracy", "ARX, k = 50, ncp"]


def test_times_are_summed_by_the_rule_whose_pattern_matches():
    times = pd.DataFrame({"s": [2.0], "cpu_time": [1.0], "max_rss": [100.0]})
    jobs = [("b/anonymized/arx/k5.tsv", times), ("b/anonymized/arx/k10.tsv", times), ("b/x", times)]
    patterns = {"sample": r"b/sampled/.+\.tsv", "anonymize": r"b/anonymized/(?P<m>.+)/k\d+\.tsv"}
    assert sum_times(jobs, patterns).to_numpy().tolist() == [["anonymize", 2, 4.0, 2.0, 100.0]]


def test_a_reading_that_is_not_asked_for_is_not_shown():
    rows = [("as published", 3.4), ("corrected", 0.4)]
    table = pd.DataFrame(
        [{"data": "anonymized", "deletion": 0, "measure": "marketer_risk", "reading": r, "value": v}
         for r, v in rows]
    )  # fmt: skip
    both = show_anonymity(table, ["as published", "corrected"], 1)
    assert both["Anonymized"].tolist() == [3.4, 0.4]
    assert both["Reading"].tolist() == ["as published", "corrected"]
    shown = show_anonymity(table, ["corrected"], 1)
    assert shown.to_dict("list") == {"Measure": ["Marketer risk / %"], "Anonymized": [0.4]}


def test_the_trade_off_is_shown_with_names_for_people(trade_off):
    shown = show_trade_off(trade_off)
    assert shown["Method"].tolist() == ["ARX", "Mondrian", "Mondrian"]
    assert shown["Chosen"].tolist() == [False, False, True]


def test_attacks_on_membership_are_shown_as_means_with_names_for_people():
    rows = [
        ("sampled", 4, 50, "naive_bayes", "lira", "kept", 1, 2.0, 5.0, 1.0),
        ("sampled", 4, 50, "naive_bayes", "lira", "kept", 2, 4.0, 7.0, 3.0),
    ]
    columns = ["data", "k", "deletion", "classifier", "attack", "members", "repeat"]
    columns += ["advantage", "highest_advantage", "tpr_at_low_fpr"]
    (shown,) = show_membership(pd.DataFrame(rows, columns=columns)).to_dict("records")
    # Student's t for 2 models: 12.706 · √2 ÷ √2.
    assert shown.pop("Advantage ±") == pytest.approx(12.706, abs=1e-3)
    assert shown.pop("True positives ±") == pytest.approx(12.706, abs=1e-3)
    assert shown == {
        "Data": "k = 4, 50 % deleted",
        "Classifier": "Naive Bayes",
        "Attack": "LiRA",
        "Members": "kept",
        "Advantage / %": 3,
        "Highest advantage / %": 6,
        "True positives at 1 % false positives / %": 2,
    }


def test_guesses_of_attributes_are_shown_as_means_over_the_repeats():
    rows = [("arx", 4, 50, repeat, "ill", "all", 70.0 + repeat, 60.0, 50.0) for repeat in (1, 3)]
    columns = ["method", "k", "deletion", "repeat", "attribute", "members"]
    columns += ["success", "success_without_own_record", "baseline"]
    (shown,) = show_attribute_inference(pd.DataFrame(rows, columns=columns)).to_dict("records")
    assert (shown["Method"], shown["Right guesses / %"], shown["Baseline / %"]) == ("ARX", 72, 50)


def test_risks_above_a_threshold_are_shown_with_it():
    row = {"data": "anonymized", "deletion": 0, "reading": "corrected", "value": 3.0}
    table = pd.DataFrame([{**row, "measure": "prosecutor_risk_above_threshold"}])
    shown = show_anonymity(table, ["corrected"], 2.5)
    assert shown["Measure"].tolist() == ["Records with a prosecutor risk above 2.5 % / %"]


def test_a_table_is_shown_with_titles_and_units():
    row = {"dataset": "clinic", "method": "arx", "k": 5, "ncp": 10.0, "ncp_age": 10.0}
    shown = show_table(pd.DataFrame([{**row, "achieved_k": 6, "classes": 2}]))
    assert shown.to_dict("records") == [
        {
            "Method": "ARX",
            "k": 5,
            "NCP / %": 10,
            "NCP of age / %": 10,
            "Achieved k / records": 6,
            "Equivalence classes": 2,
        }
    ]


def test_what_identifies_is_shown_for_each_table_side_by_side():
    columns = ["data", "deletion", "columns", "combination", "distinction", "separation", "unique"]
    rows = [
        ("original", 0, 1, "age", 5.0, 98.0, 1.0),
        ("original", 0, 2, "sex, age", 60.0, 99.0, 46.5),
        ("sampled", 30, 1, "age", 0.0, 90.0, 0.0),
        ("sampled", 30, 2, "sex, age", 10.0, 95.0, 0.5),
    ]
    shown = show_identification(pd.DataFrame(rows, columns=columns))
    assert shown.to_dict("list") == {
        "Columns": ["age", "sex, age"],
        "People who are unique, original / %": [1.0, 46.5],
        "People who are unique, 30 % deleted / %": [0.0, 0.5],
        "Distinction, original / %": [5.0, 60.0],
        "Distinction, 30 % deleted / %": [0.0, 10.0],
        "Separation, original / %": [98.0, 99.0],
        "Separation, 30 % deleted / %": [90.0, 95.0],
    }
