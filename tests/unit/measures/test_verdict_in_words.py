import re

import pytest

from anonify.measures.verdict_in_words import (
    list_facts,
    say_certain,
    say_cost,
    say_left_out,
    say_limit,
    say_links,
    say_open_limit,
    say_risk,
    state_verdict,
)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def make_verdict(**changes):
    return {
        "method": "arx",
        "k": 10,
        "deletion": 0,
        "limits": [{"name": "k", "asked": 10, "reached": 12, "is_kept": True}],
        "risk": {"prosecutor_risk_highest": 100 / 12, "prosecutor_risk_average": 2.0},
        "cost": {"ncp": 12.345, "loss": 12.345, "journalist_risk_highest": 100 / 12},
        "columns": [
            {"name": "name", "role": "identifier", "type": "category"},
            {"name": "age", "role": "quasi-identifier", "shown": "ranges"},
            {"name": "sex", "role": "quasi-identifier", "shown": {"levels": [0], "height": 1}},
            {"name": "ill", "role": "sensitive", "shown": "unchanged"},
        ],
        "people": 200,
        "certain": {
            "ill": {"people": 30, "values": [["flu", 20], ["cold", 5]]},
            "level": {"people": 0, "values": []},
        },
        "left_out": {"suppressed": 0, "blanked": 0, "deletion": 0},
        **changes,
    }


def test_a_table_that_keeps_its_limits_may_be_handed_out():
    stated = state_verdict(make_verdict())
    assert (stated.is_kept, stated.headline) == (True, "The limit is kept")
    assert stated.limits == [
        (
            "k = 10: every group of people who look alike has 10 people or more; the smallest has "
            "12.",
            True,
        )
    ]


def test_a_single_limit_that_is_broken_holds_a_table_back():
    kept = make_verdict()["limits"]
    broken = {"name": "risk_limit", "asked": 8, "reached": 100 / 12, "is_kept": False}
    stated = state_verdict(make_verdict(limits=[*kept, broken]))
    assert stated.is_kept is False
    assert stated.headline == "1 of 2 limits is not kept: do not hand this table out"
    assert plain(stated.limits[1][0]) == (
        "Accepted is a risk of 8 % at most; the highest is 8.33 %."
    )


def test_of_made_up_data_there_is_no_verdict():
    stated = state_verdict(make_verdict(), is_synthetic=True)
    assert (stated.is_kept, stated.headline) == (None, "No verdict: the data are made up")


def test_a_risk_that_deletion_raised_is_left_to_a_person_unless_a_limit_covers_it():
    risk = {"prosecutor_risk_highest": 20.0, "prosecutor_risk_average": 4.0}
    sampled = make_verdict(deletion=50, risk=risk)
    stated = state_verdict(sampled)
    assert (stated.is_kept, stated.headline) == (
        None,
        "k = 10 was kept before deletion; what is left is for you to judge",
    )
    assert "had 10 people or more before deletion; the smallest had 12" in stated.limits[0][0]
    assert "whether 20 % is low enough is for you to decide" in plain(say_open_limit(sampled))
    limit = {"name": "risk_limit", "asked": 25, "reached": 20.0, "is_kept": True}
    covered = {**sampled, "limits": [*sampled["limits"], limit]}
    assert state_verdict(covered).headline == "Both limits are kept"
    assert say_open_limit(covered) == ""


@pytest.mark.parametrize(
    ("rule", "reached", "sentence"),
    [
        ({"model": "distinct_l_diversity", "l": 3}, 2, "takes 3 different values or more; the few"),
        ({"model": "entropy_l_diversity", "l": 3}, 2.987, "3 equally frequent ones or more; the l"),
        ({"model": "recursive_l_diversity", "l": 2, "c": 4.0}, 3.21, "than 4 times those from the"),
        ({"model": "t_closeness", "t": 0.2}, 0.15, "more than 0.2 apart from the whole table"),
    ],
)
def test_a_requirement_is_said_with_what_is_asked_and_what_is_reached(rule, reached, sentence):
    asked = {**rule, "attribute": "ill"}
    told = say_limit({"name": rule["model"], "asked": asked, "reached": reached}, make_verdict())
    assert sentence in told
    assert f"{reached:.3g}" in told
    assert "“ill”" in told


def test_the_risk_is_said_as_people_count():
    told = plain(say_risk(make_verdict()))
    assert "here “age” and “sex”" in told
    assert "8.33 % at most (1 in 12) and 2 % on average (1 in 50)." in told
    assert "deletion" not in told
    sampled = plain(say_risk(make_verdict(deletion=30)))
    assert "before deletion finds it with 8.33 % at most (1 in 12)" in sampled


def test_suppressed_records_that_are_shown_are_no_hiding_place():
    left_out = {"suppressed": 0, "blanked": 3, "deletion": 0}
    told = say_risk(make_verdict(left_out=left_out))
    assert "3 suppressed records show nothing but `*`" in told
    assert "fewer than k" in told


def test_the_cost_is_that_of_generalizing_and_of_deleting():
    assert plain(say_cost(make_verdict())) == (
        "Generalizing took 12.3 % of what the quasi-identifiers said (NCP: 0 % is the table as it "
        "was, 100 % one that says nothing). All other columns are as they were."
    )
    cost = {"ncp": 10.0, "loss": 55.0, "journalist_risk_highest": 5.0}
    told = plain(say_cost(make_verdict(deletion=50, cost=cost)))
    assert "With 50 % of each group deleted, 55 % is lost in all." in told


def test_a_column_whose_ends_are_cut_is_not_as_it_was():
    columns = [
        {"name": "ill", "role": "sensitive", "shown": "unchanged", "top": 90},
        {"name": "age", "role": "quasi-identifier", "shown": "ranges"},
    ]
    assert "as they were" not in say_cost(make_verdict(columns=columns))


def test_what_groups_give_away_is_counted_in_people_and_named():
    told = plain(say_certain(make_verdict()))
    assert "Of 200 people some are in a group" in told
    assert "“ill” of 30 (15 %: 'flu' for 20, 'cold' for 5, others for 5)." in told
    assert "level" not in told
    whole = {"ill": {"people": 2, "values": [["flu", 2]]}}
    assert "(1 %: 'flu' for 2)." in plain(say_certain(make_verdict(certain=whole)))
    nobody = {"ill": {"people": 0, "values": []}}
    assert "No group gives a sensitive value away" in say_certain(make_verdict(certain=nobody))
    assert say_certain(make_verdict(certain={})) == ""
    assert "Of 200 records" in say_certain(make_verdict(is_bound=True))


def test_where_people_are_not_known_a_broken_limit_is_no_verdict():
    broken = [{"name": "risk_limit", "asked": 8, "reached": 50.0, "is_kept": False}]
    stated = state_verdict(make_verdict(limits=broken, is_bound=True))
    assert stated.is_kept is None
    assert stated.headline.startswith("Not known from this file")
    assert "the worst that the original allows" in say_risk(make_verdict(is_bound=True))


def test_limits_do_not_cover_records_that_can_be_joined():
    joined = make_verdict(links={"columns": ["status", "arm"], "people": 277})
    stated = state_verdict(joined)
    assert stated.is_kept is None
    assert stated.headline == "Kept by each record, but records of a person can be joined"
    assert "The records of 277 people can be told" in say_links(joined)
    assert "“status” and “arm”" in say_links(joined)
    few = make_verdict(links={"columns": ["status"], "people": "fewer than k"})
    assert "The records of fewer than k people" in say_links(few)
    apart = make_verdict(links={"columns": [], "people": 0})
    assert state_verdict(apart).is_kept
    assert say_links(apart).startswith("In no column that is released as it was")
    assert say_links(make_verdict()) == ""


def test_what_is_left_out_is_said():
    assert say_left_out(make_verdict()) == "The column “name”."
    left_out = {"suppressed": "fewer than k", "blanked": 0, "deletion": 30}
    columns = make_verdict()["columns"][1:]
    told = say_left_out(make_verdict(left_out=left_out, columns=columns))
    assert told == (
        "Fewer than k suppressed people, whose records are not counted in the cost; 30 % of each "
        "group, drawn at random."
    )
    none = make_verdict(columns=columns)
    assert say_left_out(none) == "No column and no record."


def test_four_figures_stand_out():
    facts = {fact.title: plain(fact.figure) for fact in list_facts(make_verdict())}
    assert facts == {
        "Highest risk": "1 in 12",
        "Average risk": "1 in 50",
        "Cost": "12.3 %",
        "Known for certain": "15 %",
    }


def test_no_number_has_more_than_three_digits_that_count():
    verdict = make_verdict()
    told = [say_risk(verdict), say_cost(verdict), say_certain(verdict)]
    told += [sentence for sentence, _ in state_verdict(verdict).limits]
    for number in re.findall(r"\d+\.\d+", " ".join(told)):
        assert len(number.replace(".", "").lstrip("0")) <= 3
