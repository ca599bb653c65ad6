import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.paper.comparison import (
    check_comparable,
    count_judgements,
    equals_as_printed,
    judge_numbers,
    pool_spread,
    read_numbers,
    summarize_runs,
)
from anonify.tables.provenance import start_provenance

SHA256 = "f" * 64
REASONS = {"why": "Because.", "removed": "It was removed."}
ERRATA = {"swapped": "Swapped."}
PLACE = {"via": "raw file", "data": "original", "deletion": 0, "classifier": "adaboost"}


def provenance(**changes):
    about = {"name": "d", "title": "D", "sha256": SHA256, "synthetic": False}
    return start_provenance({**about, **changes})


def test_the_papers_own_data_are_compared():
    check_comparable(provenance(), SHA256)


def test_the_synthetic_stand_in_is_not_compared():
    with pytest.raises(UserError, match="synthetic stand-in"):
        check_comparable(provenance(synthetic=True), SHA256)


def test_another_file_is_not_compared():
    with pytest.raises(UserError, match="only the latter can be compared"):
        check_comparable(provenance(sha256="0" * 64), SHA256)


@pytest.mark.parametrize(
    ("value", "printed", "equal"),
    [
        (10.9964834, "10.996483", True),
        (10.9964836, "10.996483", False),
        (10.996483, "10.996484", False),
        (4197.0, "4197.0", True),
        (0.19100, "0.191", True),
    ],
)
def test_a_value_equals_what_is_printed_if_it_rounds_to_it(value, printed, equal):
    assert equals_as_printed(value, printed) is equal


def published(**numbers):
    """Return the published numbers of one experiment: one exact, one drawn, one explained."""
    loss = {"figure": 6, "method": "arx", "k": 50, "measure": "ncp", "runs": 1}
    metric = {"figure": 10, **PLACE, "measure": "accuracy", "runs": 1}
    tables = {
        "info_loss": [
            {**loss, "value": numbers["exact"], "kind": "exact", "reason": "why"},
            {
                **{**loss, "method": "oka"},
                "value": numbers["drawn"],
                "kind": "within spread",
                "reason": "why",
            },
        ],
        "distributions": [],
        "anonymity": [],
        "classifiers": [
            {
                **metric,
                "our_classifier": "old",
                "value": "97.184",
                "kind": "exact",
                "reason": "why",
            },
            {
                **metric,
                "our_classifier": "new",
                "value": "97.184",
                "kind": "known difference",
                "reason": "removed",
            },
        ],
    }
    columns = {
        "distributions": ["distribution", "data", "deletion", "group", "repeat"],
        "anonymity": ["data", "deletion", "measure"],
    }
    more = ["figure", "value", "runs", "kind", "reason", "erratum", "source", "published_as"]
    frames = {}
    for name, rows in tables.items():
        frame = pd.DataFrame(rows, columns=None if rows else [*columns[name], *more])
        frame = frame.reindex(columns=list(dict.fromkeys([*frame.columns, *more])))
        frames[name] = frame.astype({"erratum": "str"}).assign(erratum=None)
    return frames


def our_runs(old=97.184):
    # Forty runs of mean 20 and standard deviation 1 for the drawn number.
    spread = np.tile([-1.0, 1.0], 20) * np.sqrt(39 / 40)
    oka = pd.DataFrame({"method": "oka", "k": 50, "measure": "ncp", "value": 20 + spread})
    arx = pd.DataFrame([{"method": "arx", "k": 50, "measure": "ncp", "value": 10.996483}])
    metric = {**PLACE, "measure": "accuracy"}
    del metric["classifier"]
    return {
        "info_loss": pd.concat([arx, oka]),
        "distributions": pd.DataFrame(
            columns=["distribution", "data", "deletion", "group", "value"]
        ),
        "anonymity": pd.DataFrame(columns=["data", "deletion", "measure", "value"]),
        "classifiers": pd.DataFrame(
            [
                {**metric, "our_classifier": "old", "value": old},
                {**metric, "our_classifier": "new", "value": 97.204},
            ]
        ),
    }


def judge(exact="10.996483", drawn="20.5", old=97.184):
    rows = judge_numbers(published(exact=exact, drawn=drawn), our_runs(old), REASONS, ERRATA)
    return rows["holds"].tolist()


def test_equal_close_and_explained_numbers_hold():
    assert judge() == [True, True, True, True]


def test_an_exact_number_that_is_off_by_one_in_the_last_digit_fails():
    assert judge(exact="10.996484") == [False, True, True, True]


@pytest.mark.parametrize("drawn", ["25.5", "14.5"])
def test_a_drawn_number_that_is_moved_by_5_sd_fails(drawn):
    assert judge(drawn=drawn) == [True, False, True, True]


def test_a_known_difference_without_its_evidence_fails():
    # What was removed does not give the published number either.
    assert judge(old=97.0) == [True, True, False, False]


def test_judgements_are_counted():
    rows = judge_numbers(published(exact="1.0", drawn="20.5"), our_runs(), REASONS, ERRATA)
    counts = count_judgements(rows).set_index("judgement")
    assert counts["numbers"].to_dict() == {
        "exact": 2,
        "within spread": 1,
        "known difference": 1,
        "erratum": 0,
    }
    assert counts["failed"].sum() == 1


def test_an_erratum_is_judged_in_its_published_reading_and_shows_the_other():
    numbers = published(exact="10.996483", drawn="20.5")
    numbers["info_loss"].loc[0, "erratum"] = "swapped"
    runs = our_runs()
    runs["info_loss"]["corrected"] = 12.5
    row = judge_numbers(numbers, runs, REASONS, ERRATA).iloc[0]
    assert (row["judgement"], row["holds"], row["corrected"]) == ("erratum", True, 12.5)
    assert row["reason"] == "Swapped. Because."


def test_a_published_number_that_we_lack_stops_the_comparison():
    runs = our_runs()
    runs["info_loss"] = runs["info_loss"][runs["info_loss"]["method"] != "oka"]
    with pytest.raises(UserError, match="none of ours for 1 published numbers"):
        judge_numbers(published(exact="1.0", drawn="1.0"), runs, REASONS, ERRATA)


def test_a_reason_that_is_not_explained_stops_the_comparison():
    with pytest.raises(UserError, match="the reason 'removed' is not explained"):
        judge_numbers(published(exact="1.0", drawn="1.0"), our_runs(), {"why": "Because."}, ERRATA)


def test_spreads_are_pooled_over_deletions_by_the_records_that_are_left():
    # Variances 1 with all records and 4 with a quarter of them are the same spread: 1 = 4 · ¼.
    spread = np.array([-1.0, 1.0]) / np.sqrt(2)
    rows = [
        {"via": "raw file", "data": data, "deletion": deletion, "value": 90 + scale * value}
        for data, deletion, scale in (("anonymized", 0, 1), ("sampled", 75, 2))
        for value in spread
    ]
    runs = pd.DataFrame(rows).assign(our_classifier="knn", measure="accuracy")
    keys = ["via", "data", "deletion", "our_classifier", "measure"]
    pooled = pool_spread(summarize_runs(runs, keys))
    assert pooled["sd"].tolist() == pytest.approx([1, 2])
    assert pooled["freedom"].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [("high", "exact", "line 2: the value 'high'"), ("1.0", "roughly", "the kind 'roughly'")],
)
def test_published_numbers_are_checked(tmp_path, value, kind, message):
    path = tmp_path / "numbers.csv"
    path.write_text(f"figure,value,kind\n6,{value},{kind}\n")
    with pytest.raises(UserError, match=message):
        read_numbers(path)
