from types import SimpleNamespace

import pandas as pd
import pytest

from anonify.readings import (
    read_anonymity,
    read_classifiers,
    read_distribution,
    read_information_loss,
)
from anonify.report import (
    explain_absence,
    first_paragraph,
    format_number,
    make_grid,
    make_picture,
    render_caption,
    render_markdown,
    show_comparison,
    show_distribution,
    sum_times,
)

CAPTION = """\
{{ snakemake.wildcards.figure }} over
k.

From ``a.csv``.
"""


def job(figure):
    return SimpleNamespace(wildcards=SimpleNamespace(figure=figure))


def plain(sentences):
    return [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in sentences]


# Figures and texts


def test_the_text_alternative_is_what_the_caption_says_first():
    assert first_paragraph(CAPTION, job("Loss")) == "Loss over k."
    picture = make_picture("loss", b"<svg/>", CAPTION, job("Loss"))
    assert picture.text == "Loss over k."
    assert "a.csv" in picture.caption
    assert picture.address == "data:image/svg+xml;base64,PHN2Zy8+"


def test_a_caption_can_bring_no_file_and_no_markup_into_the_page():
    html = render_caption("{{ snakemake.wildcards.figure }}", job("<script>x</script>"))
    assert "<script>" not in html


def test_headings_of_a_text_come_below_those_of_the_sections():
    html = render_markdown("# Errata\n\n## One\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert "<h3>Errata</h3>" in html
    assert "<h4>One</h4>" in html
    assert '<div class="box" tabindex="0"><table>' in html


def test_a_link_to_another_text_stays_on_the_page():
    html = render_markdown("[one](reading.md), [two](https://x.test/a.md)")
    assert 'href="#reading"' in html
    assert 'href="https://x.test/a.md"' in html


def test_a_text_loads_nothing_and_runs_nothing():
    html = render_markdown("![a](http://x.test/a.png) <script>alert(1)</script>")
    assert "<img" not in html
    assert "<script>" not in html


# Tables


def test_numbers_are_sorted_by_their_value_and_not_by_what_is_shown():
    rows = make_grid(pd.DataFrame({"value": [1234.5678, None], "holds": [True, False]})).rows
    assert [cell.text for cell in rows[0]] == ["1,235", "yes"]
    assert rows[0][0].order == 1234.5678
    assert rows[1][0].text == ""


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (250, "250"), (0.4, "0.4000"), (1e6, "1,000,000")]
)
def test_whole_numbers_keep_all_digits_and_others_four(value, text):
    assert format_number(value) == text


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
    assert shown.loc["50 % deleted", ["Level", "Corrected", "Repeats"]].tolist() == [2, 4, 2]
    assert shown.loc["50 % deleted", "95 % interval ±"] > 0
    assert pd.isna(shown.loc["Original", "95 % interval ±"])


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


# Readings


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
    first, second = plain(read_information_loss(table, {"method": "arx", "k": 5}))
    assert first == "At k = 5, ARX loses least with an NCP of 10 % and OKA most with 20.50 %."
    assert second.endswith("(ARX, k = 5), age loses most (15 %) and sex least (5 %).")


def test_the_reading_of_the_information_loss_of_a_single_method_compares_nothing():
    table = pd.DataFrame({"method": ["arx"], "k": [5], "ncp": [10.0], "ncp_age": [10.0]})
    first, second = plain(read_information_loss(table, {"method": "arx", "k": 5}))
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
    first, second = plain(read_distribution(table, "Level / mmol", 50))
    assert first == "Level: anonymization moves the group b most, from 20 to 18 mmol."
    # 1 of 8 records; the samples are 0.5 and 1 away.
    assert second.startswith("1 anonymized record (12.50 %) lies in no group, and")
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
    first, second = plain(read_classifiers(pd.DataFrame(rows, columns=columns)))
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
    first, second = plain(read_anonymity(pd.DataFrame(rows)))
    assert says in first
    assert second.endswith("1 of 4 classes has fewer than k records left.")


# Why nothing is compared


@pytest.mark.parametrize(
    ("synthetic", "sha256", "is_paper_configuration", "reason"),
    [
        (True, "a", True, "synthetic stand-in"),
        (False, "b", True, "SHA-256 b"),
        (False, "a", False, "configuration is not the paper's"),
        (False, "a", True, "has not been made"),
    ],
)
def test_the_summary_says_why_nothing_is_compared(
    synthetic, sha256, is_paper_configuration, reason
):
    dataset = {"synthetic": synthetic, "sha256": sha256}
    assert reason in explain_absence(dataset, {"sha256": "a"}, is_paper_configuration)
