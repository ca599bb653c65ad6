import pandas as pd
import pytest

from anonify.base.words import MEASURES, METRICS, format_number, list_names, quote
from anonify.measures.risk import measure_corrected
from anonify.measures.trade_off import RISKS


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (250, "250"), (0.4, "0.4000"), (1e6, "1,000,000")]
)
def test_whole_numbers_keep_all_digits_and_others_four(value, text):
    assert format_number(value) == text


def test_every_measured_risk_has_a_title():
    classes = pd.DataFrame({"is_suppressed": [False], "size": [4], "released_size": [2]})
    assert set(measure_corrected(classes, 2, 1)) <= set(MEASURES)
    assert set(RISKS) <= set(MEASURES)


def test_headings_tell_title_and_unit():
    assert MEASURES["prosecutor_risk_highest"].heading == "Highest prosecutor risk / %"
    assert MEASURES["ncp"].heading == "NCP / %"
    assert MEASURES["classes"].heading == "Equivalence classes"
    assert METRICS["f1"].heading == "Weighted F1 / %"


def test_what_is_quoted_fits_into_a_sentence():
    assert quote("a'b") == '"a\'b"'
    assert quote([1, 2]) == "[1, 2]"
    assert quote("x" * 81) == f"'{'x' * 79}…'"
    assert len(quote(list(range(100)))) == 80


def test_of_many_names_the_first_are_listed():
    assert list_names(["a", "b\nc"]) == "a, b c"
    assert list_names([str(number) for number in range(22)]).endswith("19, 2 more")
