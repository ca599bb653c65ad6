import re

import numpy as np
import pandas as pd
import pytest
import yaml

from anonify.base.looks import MARKERS, choose_looks
from anonify.measures.trade_off import RISKS, mark_chosen, mark_fronts, name_front
from anonify.report.choosing import SHAPES, make_choice, write_settings
from anonify.report.page import TEMPLATES, _load_sorting
from anonify.report.sentences import say_choice

CONFIGURATION = {"risk_limit": None, "release": {"method": "arx", "k": 10}}


def make_table(rows, chosen=("arx", 10, 0)):
    """A trade-off of (method, k, deletion, loss, highest prosecutor risk); other risks are half."""
    frame = pd.DataFrame(rows, columns=["method", "k", "deletion", "loss", RISKS[0]])
    frame = frame.assign(**dict.fromkeys(RISKS[1:], frame[RISKS[0]] / 2))
    keys = ("method", "k", "deletion")
    return mark_chosen(mark_fronts(frame), dict(zip(keys, chosen, strict=True)))


@pytest.fixture
def table():
    return make_table(
        [
            ("arx", 5, 0, 10.0, 20.0),
            ("arx", 10, 0, 25.0, 10.0),
            ("arx", 10, 50, 60.0, 20.0),
            ("oka", 10, 0, 22.5, 10.0),
            ("oka", 20, 0, 40.0, 5.0),
        ]
    )


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_of_the_settings_that_keep_the_limit_the_one_that_loses_least_is_named(table):
    assert plain(say_choice(table, RISKS[0], 10.0, True)) == (
        "Of the 5 settings tried, 3 keep a highest prosecutor risk of 10 % at most. The one that "
        "loses least, 22.5 %, is OKA at k = 10 with nothing deleted; its highest prosecutor risk "
        "is 10 %. The chosen one, ARX at k = 10 with nothing deleted, loses 25 %."
    )


def test_a_limit_that_is_not_stated_is_that_of_the_chosen_k(table):
    (first, *_) = make_choice(table, CONFIGURATION).charts
    assert (
        "(100 % ÷ k of the chosen release, for no <code>risk_limit</code> is stated)"
        in first.answer
    )
    assert "10\N{NO-BREAK SPACE}% at most" in first.answer
    stated = make_choice(table, {**CONFIGURATION, "risk_limit": 5.0})
    assert "risk_limit" not in stated.charts[0].answer
    assert stated.settings == "release: {method: oka, k: 20}\nshown_deletion: 0"


def test_it_is_said_whether_the_chosen_setting_keeps_the_limit(table):
    assert "does not keep it: there the highest prosecutor risk is 10 %." in plain(
        say_choice(table, RISKS[0], 5.0, True)
    )
    chosen = make_table([("arx", 10, 0, 25.0, 10.0), ("oka", 10, 0, 25.0, 10.0)])
    assert say_choice(chosen, RISKS[0], 10.0, True).endswith("It is the chosen one.")


def test_where_nothing_keeps_the_limit_the_page_says_which_k_would(table):
    assert plain(say_choice(table, RISKS[0], 3.0, True)) == (
        "None of the 5 settings tried keeps a highest prosecutor risk of 3 % at most; the lowest "
        "is 5 %. Where nothing is deleted, it takes classes of 34 people: a larger k in "
        "`k_values`."
    )
    choice = make_choice(table, {**CONFIGURATION, "risk_limit": 3.0})
    assert choice.settings == ""
    # What is read first is the chosen one then.
    assert choice.first == 1


@pytest.mark.parametrize("k", [3, 7, 12, 250, 3000])
def test_classes_of_k_keep_the_limit_of_k_as_tables_write_it(k):
    risk = float(f"{100 / k:.10g}")
    table = make_table([("arx", k, 0, 25.0, risk)], ("arx", k, 0))
    release = {"risk_limit": None, "release": {"method": "arx", "k": k}}
    assert make_choice(table, release).settings.startswith(f"release: {{method: arx, k: {k}}}")
    missed = make_table([("arx", k - 1, 0, 25.0, 100 / (k - 1))], ("arx", k - 1, 0))
    if k < 1000:
        assert f"classes of {k:,} people" in say_choice(missed, RISKS[0], round(100 / k, 4), True)


def test_every_point_is_a_row_of_the_table_where_its_numbers_are(table):
    choice = make_choice(table, CONFIGURATION)
    for chart, risk in zip(choice.charts, RISKS, strict=True):
        marks = {mark.row: mark for series in chart.series for mark in series.marks}
        assert sorted(marks) == list(range(len(table)))
        placed = pd.DataFrame({row: (mark.x, mark.y) for row, mark in marks.items()}).T.sort_index()
        for place, values in ((placed[0], table["loss"]), (placed[1], np.log(table[risk]))):
            # Both axes are straight: 1 is their correlation without its sign.
            assert abs(np.corrcoef(place, values)[0, 1]) == pytest.approx(1, abs=1e-4)
        for row, mark in marks.items():
            assert mark.is_on_front == table[name_front(risk)][row]
        assert chart.chosen == [marks[1].x, marks[1].y]


def test_a_point_says_its_numbers_and_whether_it_is_above_the_limit(table):
    choice = make_choice(table, CONFIGURATION)
    marks = {mark.row: mark for series in choice.charts[0].series for mark in series.marks}
    assert marks[2].text == ("ARX, k = 10, 50 % deleted: loss 60 %, highest prosecutor risk 20 %")
    assert [marks[row].is_above for row in range(5)] == [True, False, True, False, False]
    # The line is where the risk is that of the limit.
    assert choice.charts[0].limit == marks[1].y


def test_only_risks_that_each_person_has_have_a_limit(table):
    limits = {chart.risk: chart.limit for chart in make_choice(table, CONFIGURATION).charts}
    assert [risk for risk, limit in limits.items() if limit is not None] == [
        "prosecutor_risk_highest",
        "journalist_risk_highest",
    ]


def test_settings_at_no_risk_are_not_drawn_and_keep_no_limit():
    table = make_table([("arx", 10, 0, 25.0, 10.0), ("arx", 10, 50, 100.0, np.nan)])
    choice = make_choice(table, CONFIGURATION)
    assert [mark.row for mark in choice.charts[0].series[0].marks] == [0]
    assert "Of the 2 settings tried, 1 keeps" in choice.charts[0].answer
    nobody = make_table([("arx", 10, 0, 100.0, np.nan)])
    assert make_choice(nobody, CONFIGURATION) is None


def test_what_is_masked_is_not_needed(table):
    counts = dict.fromkeys(("released_records", "suppressed_records", "classes"), pd.NA)
    masked = table.assign(**counts, loss=table["loss"].round())
    assert make_choice(masked, CONFIGURATION).settings == write_settings(
        {"method": "oka", "k": 10, "deletion": 0}
    )


def test_settings_that_lose_the_same_yield_to_the_chosen_one():
    rows = [("oka", 10, 0, 25.0, 9.0), ("arx", 10, 0, 25.0, 10.0), ("ola", 10, 0, 25.0, 8.0)]
    assert "arx" in make_choice(make_table(rows), CONFIGURATION).settings
    others = make_table([*rows, ("arx", 5, 0, 5.0, 50.0)], ("arx", 5, 0))
    assert "ola" in make_choice(others, CONFIGURATION).settings


@pytest.mark.parametrize("method", ["arx", "on", "a: b", "{x}", "1", "a, b", "it's", "né"])
def test_lines_of_configuration_are_read_back_as_what_was_chosen(method, table):
    lines = write_settings({"method": method, "k": 12, "deletion": 30})
    assert yaml.safe_load(lines) == {"release": {"method": method, "k": 12}, "shown_deletion": 30}
    renamed = table.replace({"method": {"arx": method}})
    names = {series.name for series in make_choice(renamed, CONFIGURATION).charts[0].series}
    assert {*(yaml.safe_load(f"{{method: {each}, k: 1}}")["method"] for each in names)} == {
        method,
        "oka",
    }


def test_methods_look_as_in_the_figures(table):
    choice = make_choice(table, CONFIGURATION)
    looks = choose_looks(table["method"])
    assert [(colour, [*SHAPES][marker]) for _, colour, _, marker in choice.methods] == [
        (look.colour, look.marker) for look in looks.values()
    ]
    assert {*SHAPES} == {*MARKERS}
    # The more is deleted, the paler.
    (whole, half) = (series.fill for series in choice.charts[0].series[:2])
    assert whole == looks["arx"].colour.lower()
    assert [int(half[at : at + 2], 16) > int(whole[at : at + 2], 16) for at in (1, 3, 5)] == [
        True
    ] * 3


@pytest.mark.parametrize("risk", [0.001, 0.4, 25.0, 100.0])
def test_an_axis_spans_five_times_the_lowest_risk_and_has_ticks(risk):
    table = make_table([("arx", 10, 0, 25.0, risk)])
    chart = make_choice(table, {**CONFIGURATION, "risk_limit": risk}).charts[0]
    numbers = [float(tick.text) for tick in chart.up]
    assert len(numbers) >= 2
    assert numbers == sorted(numbers)
    assert [tick.place for tick in chart.up] == sorted((t.place for t in chart.up), reverse=True)


@pytest.mark.parametrize("lowest", [50.0, 12.5, 3.0, 0.4, 0.01, 1e-7])
def test_ticks_do_not_touch_however_far_the_risks_are_apart(lowest):
    table = make_table([("arx", 10, 0, 1.0, 100.0), ("oka", 9, 0, 50.0, lowest)])
    for chart in make_choice(table, CONFIGURATION).charts:
        places = [tick.place for tick in chart.up]
        assert len(places) >= 3
        assert min(-np.diff(places)) > 14


def test_the_script_has_no_end_of_a_script_in_it_and_the_templates_no_style_of_an_element():
    assert "</script" not in _load_sorting() + (TEMPLATES / "choosing.js").read_text()
    template = (TEMPLATES / "choosing.html.j2").read_text()
    assert not re.search(r"\s(style|on\w+)=", template)
