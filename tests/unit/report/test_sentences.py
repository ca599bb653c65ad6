import pandas as pd
import pytest

from anonify.report.sentences import (
    say_anonymity,
    say_attribute_inference,
    say_classifiers,
    say_distribution,
    say_drawn,
    say_identification,
    say_information_loss,
    say_membership,
    say_trade_off,
)


def plain(sentences):
    return [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in sentences]


def test_the_reading_of_the_information_loss_names_best_and_worst():
    table = pd.DataFrame(
        {
            "method": ["arx", "oka", "arx"],
            "k": [5, 5, 10],
            "ncp": [10.0, 20.5, 0.0],
            "ncp_age": [15.0, 1.0, 0.0],
            "ncp_sex": [5.0, 40.0, 0.0],
        }
    )
    first, second = plain(say_information_loss(table, {"method": "arx", "k": 5}))
    assert first == "At k = 5, ARX loses least with an NCP of 10 % and OKA most with 20.5 %."
    assert second.endswith("(ARX, k = 5), age loses most (15 %) and sex least (5 %).")


def test_the_reading_of_the_information_loss_of_a_single_method_compares_nothing():
    table = pd.DataFrame({"method": ["arx"], "k": [5], "ncp": [10.0], "ncp_age": [10.0]})
    first, second = plain(say_information_loss(table, {"method": "arx", "k": 5}))
    assert first == "At k = 5, ARX has an NCP of 10 %."
    assert second.endswith("age loses most (10 %).")


def test_the_reading_of_a_distribution_names_the_group_that_moves_most():
    rows = [
        ("original", 0, "a", 10.0, 4),
        ("original", 0, "b", 20.0, 4),
        ("original", 0, "in no group", None, 0),
        ("anonymized", 0, "a", 10.5, 4),
        ("anonymized", 0, "b", 18.0, 3),
        ("anonymized", 0, "in no group", 20.0, 1),
        ("sampled", 50, "a", 10.0, 2),
        ("sampled", 50, "b", 17.0, 2),
    ]
    table = pd.DataFrame(rows, columns=["data", "deletion", "group", "value", "records"])
    table["scaled_value"] = table["value"]
    first, second = plain(say_distribution(table, "Level / mmol", 50))
    assert first == "Level: anonymization moves the group b most, from 20 to 18 mmol."
    # 1 of 8 records; the samples are 0.5 and 1 away.
    assert second.startswith("1 anonymized record (12.5 %) lies in no group, and")
    assert "within 1 mmol of the anonymized table" in second


def test_the_reading_of_the_classifiers_compares_with_guessing():
    rows = [
        ("original", "all", "knn", 90.0, 70.0),
        ("original", "all", "svm", 91.0, 80.0),
        ("original", "all", "majority", 88.0, 50.0),
        ("original", "without_quasi_identifiers", "knn", 85.0, 60.0),
        ("anonymized", "all", "knn", 89.0, 72.0),
    ]
    columns = ["data", "features", "classifier", "accuracy", "balanced_accuracy"]
    first, second = plain(say_classifiers(pd.DataFrame(rows, columns=columns)))
    assert "91 % (SVM) on the original data and 89 % (KNN) on the anonymized" in first
    assert "majority class reaches 88 %" in first
    assert "75 % on the original and 72 % on the anonymized data" in second
    assert second.endswith("it is 60 %.")


@pytest.mark.parametrize(("suppressed", "says"), [(2, "2 suppressed records"), (0, "No record")])
def test_the_reading_of_the_risks_tells_whether_suppressed_records_matter(suppressed, says):
    values = {
        "journalist_risk_highest": 10.0,
        "prosecutor_risk_highest": 10.0,
        "suppressed_records": suppressed,
        "classes": 4,
        "classes_below_k": 1,
    }
    rows = [
        {"data": data, "deletion": deletion, "reading": reading, "measure": name, "value": value}
        for data, deletion in (("anonymized", 0), ("sampled", 50))
        for reading in ("as published", "corrected")
        for name, value in values.items()
    ]
    first, second = plain(say_anonymity(pd.DataFrame(rows), ["as published", "corrected"]))
    assert says in first
    assert second.endswith("1 of 4 classes has fewer than k records left.")


def test_the_risks_of_a_table_that_nobody_published_are_read_in_one_way():
    rows = [
        {"data": data, "deletion": deletion, "reading": reading, "measure": name, "value": 2.0}
        for data, deletion in (("anonymized", 0), ("sampled", 50))
        for reading in ("as published", "corrected")
        for name in (
            "journalist_risk_highest",
            "prosecutor_risk_highest",
            "suppressed_records",
            "classes",
            "classes_below_k",
        )
    ]
    first, _ = plain(say_anonymity(pd.DataFrame(rows), ["corrected"]))
    assert first == "The highest journalist risk is 2 %, with 2 suppressed records left out."


def test_the_reading_of_the_trade_off_names_the_ends_of_the_front_and_the_chosen(trade_off):
    first, second, third, fourth = plain(say_trade_off(trade_off))
    assert first.startswith("Of 3 combinations of method, k and deletion, 2 are on the front")
    assert second == (
        "Its ends: ARX at k = 5 with 0 % deleted loses 10 % and leaves a highest risk of 20 %; "
        "Mondrian at k = 10 with 0 % deleted loses 20 % and leaves a highest risk of 10 %."
    )
    assert third == "The chosen one, Mondrian at k = 10 with 50 % deleted, is not on it."
    assert fourth.startswith("Suppressed records are no class and in none of these risks;")
    masked = trade_off.assign(suppressed_records=float("nan"))
    assert len(say_trade_off(masked)) == 4
    assert len(say_trade_off(trade_off.assign(suppressed_records=0))) == 3


def test_the_reading_of_membership_names_the_classifier_that_gives_most_away():
    kinds = [
        ("original", 0, 0, "all", 20.0, 4.0),
        ("anonymized", 250, 0, "all", 12.0, 2.0),
        ("anonymized", 50, 0, "all", 90.0, 90.0),
        ("sampled", 250, 70, "all", 6.0, 0.0),
        ("sampled", 250, 70, "kept", 10.0, 1.0),
    ]
    rows = [
        (data, k, deletion, members, classifier, attack, repeat, value + repeat + shift)
        for data, k, deletion, members, *values in kinds
        for classifier, value in zip(("random_forest", "naive_bayes"), values, strict=True)
        for attack, shift in (("lira", 0), ("threshold", 50))
        for repeat in (-1, 1)
    ]
    columns = ["data", "k", "deletion", "members", "classifier", "attack", "repeat", "advantage"]
    first, second = plain(say_membership(pd.DataFrame(rows, columns=columns), 250, 70))
    assert "LiRA has the highest advantage against Random Forest, 20 %" in first
    assert "k = 250 takes it to 12 %, 70 % deleted to 6 % over all members and 10 %" in first
    # (20 + 4) ÷ 2, (12 + 2) ÷ 2 and (6 + 0) ÷ 2.
    assert "12 % on the original, 7 % on the anonymized and 3 % on the sampled data" in second


def test_the_reading_of_attribute_inference_names_the_attribute_that_is_told_most_about():
    rows = [
        ("original", 0, 0, "ill", "all", 99.0, 90.0, 80.0),
        ("original", 0, 0, "level", "all", 70.0, 60.0, 10.0),
        ("arx", 5, 0, "ill", "all", 85.0, 84.0, 80.0),
        ("arx", 5, 0, "level", "all", 40.0, 35.0, 10.0),
        ("arx", 5, 0, "level", "kept", 1.0, 1.0, 1.0),
        ("arx", 5, 50, "level", "all", 2.0, 2.0, 2.0),
        ("oka", 5, 0, "level", "all", 3.0, 3.0, 3.0),
    ]
    columns = ["method", "k", "deletion", "attribute", "members"]
    columns += ["success", "success_without_own_record", "baseline"]
    table = pd.DataFrame(rows, columns=columns)
    first, second = plain(say_attribute_inference(table, {"method": "arx", "k": 5}))
    assert "tells most about level" in first
    assert "right for 40 % of the people, that of the whole table for 10 %" in first
    assert "would be right for 35 %" in second
    assert "in the original table the guess is right for 70 %" in second


def test_a_mean_year_is_told_as_one_and_as_closely_as_it_moves():
    rows = [
        ("original", 0, "a", 2014.49, 4),
        ("anonymized", 0, "a", 2014.51, 4),
    ]
    table = pd.DataFrame(rows, columns=["data", "deletion", "group", "value", "records"])
    table["scaled_value"] = table["value"]
    first, _ = say_distribution(table, "Mean year", 50)
    assert first.endswith("most, from 2014.490 to 2014.510.")


def test_the_reading_of_what_identifies_names_the_columns_and_what_is_left():
    rows = [
        ("original", 0, 1, "age", "age", 5.0, 98.0, 1.0),
        ("original", 0, 1, "sex", None, 1.0, 50.0, 0.0),
        ("original", 0, 2, "sex, age", "sex", 60.0, 99.0, 46.5),
        ("anonymized", 0, 1, "age", "age", 0.0, 90.0, 0.0),
        ("anonymized", 0, 1, "sex", None, 1.0, 50.0, 0.0),
        ("anonymized", 0, 2, "sex, age", "sex", 10.0, 95.0, 0.5),
    ]
    columns = ["data", "deletion", "columns", "combination", "added"]
    columns += ["distinction", "separation", "unique"]
    table = pd.DataFrame(rows, columns=columns)
    first, second = plain(say_identification(table))
    assert first.startswith("By itself age tells most people of the original apart: 98 % of the")
    assert "1 % of the people have a value that nobody else has" in first
    assert second == (
        "Together with sex it makes 46.5 % of the people unique; in the release it is 0.5 %."
    )
    masked = table.assign(distinction=table["distinction"].mask(table["data"] == "original"))
    assert "about 98 % of the pairs" in plain(say_identification(masked))[0]
    alone = table[table["columns"] == 1]
    assert plain(say_identification(alone))[1] == (
        "No other column tells more of them apart; in the release it is 0 %."
    )


def test_it_is_told_where_classifiers_have_seen_drawn_records():
    provenance = {"steps": [{"step": "anonymize"}]}
    assert say_drawn(provenance) == []
    provenance["steps"].append({"step": "draw for evaluation", "records": 100_000})
    assert say_drawn(provenance) == [
        "Of each table with more than 100,000 records the classifiers have seen that many, "
        "drawn by chance."
    ]
