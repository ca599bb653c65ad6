"""Survey weights are told from what people weigh by names and values, and asked about."""

import numpy as np
import pandas as pd
import pytest

import anonify
from anonify.datasets.people import find_people
from anonify.drafting.decisions import list_decisions
from anonify.drafting.examination import propose_columns
from anonify.drafting.profile import count_values, profile_columns
from anonify.tables.distinct import KnownColumn

RECORDS = 300


def draw(kind):
    generator = np.random.default_rng(3)
    gamma = generator.gamma(1.2, 1.0, RECORDS) + 0.01
    normal = np.clip(generator.normal(0, 1, RECORDS), -2.5, 2.5)
    values = {
        "strata": generator.choice([51.25, 77.5, 103.125, 850.0], RECORDS),
        "own": (gamma * 20_000).round(4),
        "mean 1": (gamma / gamma.mean()).round(6),
        "whole": (gamma * 90_000).round().astype(int),
        "few whole": generator.choice([12, 40, 95, 2100], RECORDS),
        "with 0": np.where(np.arange(RECORDS) < 9, 0, generator.choice([51.25, 850.5], RECORDS)),
        "even": generator.uniform(60, 150, RECORDS).round(4),
        "adults": (75 + 14 * normal).round(1),
        "adults of all ages": generator.integers(42, 130, RECORDS),
        "pounds": (170 + 30 * normal).round().astype(int),
        "all ages": np.where(normal > 1, 8 + normal, 75 + 20 * normal).round(1),
        "adults and 999": np.where(normal > 1, 999, (75 + 14 * normal).round()).astype(int),
        "adults and -9": np.where(normal > 1, -9, (75 + 14 * normal).round(1)),
        "children": generator.uniform(4, 45, RECORDS).round(1),
        "newborns": (3.3 + 0.45 * normal).round(2),
        "grams": (3300 + 450 * normal).round().astype(int),
        "differences": (2 * normal).round(1),
    }
    return [str(value) for value in values[kind]]


def propose(**columns):
    frame = pd.DataFrame(columns, dtype="str")
    proposals = propose_columns(
        profile_columns(count_values(frame), RECORDS, "."), frame, ".", "table"
    )
    return proposals, [each.text for each in list_decisions(proposals, RECORDS, ".")]


def propose_one(name, kind):
    proposals, decisions = propose(**{name: draw(kind)})
    asked = [text for text in decisions if "survey weights" in text]
    return proposals[0], asked


SURVEYS = [
    *("sampling_weight", "Sample Weight", "survey.weight", "SurveyWeight", "pweight", "dweight"),
    *("pspwght", "anweight", "finalwt", "_FINALWT", "_LLCPWT", "WTMEC2YR", "WTINT2YR", "WTINTPRP"),
    *("WTFA_A", "fnlwgt", "PERWT", "HHWT", "pwgtp", "V005", "ANALWT_C", "wtssall", "design_wt"),
    *("hochrechnungsfaktor", "Hochrechnungsfaktor", "Gewichtung", "poids_sondage", "factor_exp"),
]


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_weight_by_its_name_is_asked_about(name):
    proposal, asked = propose_one(name, "strata")
    assert proposal.describe() == {"role": "weight", "type": "decimal"}
    (text,) = asked
    assert "is taken for survey weights" in text
    assert "0 of the 300 records have a value of their own." in text


@pytest.mark.parametrize("kind", ["own", "mean 1", "whole", "even", "with 0"])
@pytest.mark.parametrize("name", ["WTMEC2YR", "sampling_weight"])
def test_weights_that_identify_or_can_be_none_are_left_out_until_decided(name, kind):
    proposal, asked = propose_one(name, kind)
    assert proposal.role == "identifier"
    assert "survey weight (`weight`)?" in proposal.reason
    assert len(asked) == 1
    assert "are survey weights by their name, and are left out until you decide" in asked[0]


@pytest.mark.parametrize("name", ["finalwt", "sample_wt"])
def test_a_survey_weight_that_looks_like_a_body_is_left_out(name):
    proposal, asked = propose_one(name, "adults of all ages")
    assert proposal.role == "identifier"
    assert "could be what people weigh?" in proposal.reason
    assert len(asked) == 1


AMBIGUOUS = ["weight", "wt", "wgt", "Weight", "poids", "gewicht", "peso", "final_weight", "weight1"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "strata") for name in AMBIGUOUS),
        *(("weight", kind) for kind in ("own", "mean 1", "whole", "few whole", "even")),
    ],
)
def test_a_weight_that_may_be_either_is_left_out_until_decided(name, kind):
    proposal, asked = propose_one(name, kind)
    assert proposal.role == "identifier"
    assert "or what a person weighs (`quasi-identifier`)?" in proposal.reason
    assert len(asked) == 1
    assert "may be survey weights, or what people weigh" in asked[0]


BODIES = [
    *("adults", "adults of all ages", "all ages", "adults and 999", "adults and -9"),
    *("pounds", "children", "newborns", "grams"),
]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "adults") for name in [*AMBIGUOUS, "BMXWT", "admissionweight"]),
        *(("weight", kind) for kind in BODIES[1:]),
    ],
)
def test_what_people_weigh_is_generalized_and_asked_about(name, kind):
    proposal, asked = propose_one(name, kind)
    assert proposal.role == "quasi-identifier"
    assert len(asked) == 1
    assert "is taken for what a person weighs, and generalized" in asked[0]
    # Beside a height nobody has to be asked.
    _, decisions = propose(**{name: draw(kind), "height": draw("adults")})
    assert not any("survey weights" in text for text in decisions)


@pytest.mark.parametrize("name", ["weight_kg", "body_weight", "birth weight", "Gewicht (kg)"])
@pytest.mark.parametrize("kind", ["adults", "own", "strata"])
def test_what_says_kilograms_or_bodies_is_no_survey_weight(name, kind):
    proposal, asked = propose_one(name, kind)
    assert proposal.role == "quasi-identifier"
    assert not asked


@pytest.mark.parametrize("name", ["growth", "light", "sweat", "wait", "wealth_index", "width"])
def test_other_words_are_no_weights(name):
    proposal, asked = propose_one(name, "strata")
    assert proposal.role == "sensitive"
    assert not asked


def test_differences_and_answers_are_no_weights():
    _, asked = propose_one("weight", "differences")
    assert not asked
    _, decisions = propose(overweight=["0", "1"] * (RECORDS // 2), weight=["1", "2", "2"] * 100)
    assert not any("survey weights" in text for text in decisions)


def test_of_several_survey_weights_one_is_the_weight():
    names = ["WTINT2YR", "WTMEC2YR", "WTSAF2YR"]
    proposals, _ = propose(**{name: draw("strata") for name in names})
    assert [each.role for each in proposals] == ["weight", "identifier", "identifier"]
    assert proposals[1].reason.startswith("another survey weight")


def test_decimal_commas_are_read():
    frame = pd.DataFrame({"pweight": [each.replace(".", ",") for each in draw("strata")]})
    profiles = profile_columns(count_values(frame.astype("str")), RECORDS, ",")
    assert propose_columns(profiles, frame, ",", "table")[0].role == "weight"


def test_numbers_with_decimals_are_no_key_of_people():
    frame = pd.DataFrame({"weight": draw("strata"), "mrn": [f"{n // 2}" for n in range(RECORDS)]})
    roles = {"weight": "identifier", "mrn": "identifier"}
    assert find_people({name: KnownColumn.of(frame[name]) for name in roles}, roles) == ["mrn"]


def test_a_data_frame_is_told_of_its_weight():
    frame = pd.DataFrame({"sex": ["f", "m"] * 150, "pweight": np.array(draw("strata"), float)})
    assert anonify.propose(frame).weight == "pweight"
    assert anonify.propose(frame[["sex"]]).weight is None
