"""Who has several records, and which columns follow from others."""

import random

import pandas as pd
import pytest

import anonify
from anonify.drafting.examination import relate_roles
from anonify.drafting.profile import count_values, profile_columns

DRAW = random.Random(11)
RECORDS = 240


def relate(columns):
    """Return the role of each column, and what each follows from."""
    frame = pd.DataFrame(columns).astype("str")
    profiles = profile_columns(count_values(frame), len(frame), ".")
    guesses, sources = relate_roles(profiles, frame, ".")
    return dict(zip(frame, (guess.role for guess in guesses), strict=True)), sources


def repeat(values):
    """Return three records of each person, in an order that says nothing of them."""
    return [values[place] for place in ORDER]


PEOPLE = 80
ORDER = [place % PEOPLE for place in range(RECORDS)]
DRAW.shuffle(ORDER)
# How often the person was there before.
COUNTS = [ORDER[:place].count(person) for place, person in enumerate(ORDER)]
BIRTH = [
    pd.Timestamp("1935-01-01") + pd.Timedelta(days=DRAW.randrange(25_000)) for _ in range(RECORDS)
]
SEX = DRAW.choices("fm", k=RECORDS)
VISITS = [pd.Timestamp("2020-01-01") + pd.Timedelta(days=DRAW.randrange(900)) for _ in ORDER]
LAB = [f"{DRAW.gauss(5, 1):.1f}" for _ in ORDER]


def write(days, form="%Y-%m-%d"):
    return [day.strftime(form) for day in days]


@pytest.mark.parametrize("name", ["x", "pseudonym", "column_1", "Fall"])
@pytest.mark.parametrize("form", ["{}", "P{:04}", "{:032x}"])
def test_a_key_that_fixes_sex_and_birth_where_it_repeats_tells_people(name, form):
    keys = [form.format(1000 + 7 * number) for number in range(PEOPLE)]
    columns = {
        "visit": [f"V{number}" for number in range(RECORDS)],
        name: repeat(keys),
        "sex": repeat(SEX[:PEOPLE]),
        "birth_date": repeat(write(BIRTH[:PEOPLE])),
        "seen": write(VISITS),
        "count": COUNTS,
        "lab": LAB,
    }
    roles, sources = relate(columns)
    assert roles[name] == "person"
    assert list(roles.values()).count("person") == 1
    # A person's birth date fixes the sex only because it is the person's.
    assert sources == {}


def test_sexes_are_known_by_their_look_where_a_key_fixes_them():
    keys = repeat([f"K{n}" for n in range(PEOPLE)])
    assert relate({"x": keys, "y": repeat(SEX[:PEOPLE]), "lab": LAB})[0]["x"] == "person"
    assert relate({"x": keys, "y": SEX, "lab": LAB})[0]["x"] != "person"


def test_of_several_keys_that_with_fewest_values_tells_people():
    # A stay has the patient's sex as well, in several of its records.
    stays = [f"S{place}{DRAW.randrange(2)}" for place in ORDER]
    columns = {"stay": stays, "key": repeat([f"K{n}" for n in range(PEOPLE)])}
    roles, _ = relate({**columns, "sex": repeat(SEX[:PEOPLE]), "year_of_birth": repeat(YEARS)})
    assert roles["key"] == "person"
    assert roles["stay"] != "person"


YEARS = [day.year for day in BIRTH[:PEOPLE]]


def test_what_is_measured_once_of_each_person_is_no_key_beside_one():
    survival = [person // 2 + 300 if person > 70 else person + 100 for person in range(PEOPLE)]
    columns = {
        "id": repeat(range(1, PEOPLE + 1)),
        "futime": repeat(survival),
        "sex": repeat(SEX),
        "day": [DRAW.randrange(5000) for _ in ORDER],
    }
    roles, _ = relate(columns)
    assert len(set(survival)) < PEOPLE
    assert (roles["id"], roles["futime"]) == ("person", "sensitive")


def test_a_key_without_a_value_or_that_tells_nobody_is_none():
    sexes, years = repeat(SEX[:PEOPLE]), repeat(YEARS)
    keys = repeat([f"K{n}" for n in range(PEOPLE)])
    assert "person" not in relate({"x": ["", *keys[1:]], "sex": sexes, "birth": years})[0].values()
    wards = [f"W{DRAW.randrange(40)}" for _ in ORDER]
    assert "person" not in relate({"x": wards, "sex": sexes, "birth": years})[0].values()


def test_the_key_of_a_known_data_model_tells_people_by_its_name_where_it_repeats():
    keys = repeat([f"T-{n:05}" for n in range(PEOPLE)])
    sexes = repeat(SEX[:PEOPLE])
    assert relate({"USUBJID": keys, "AETERM": LAB})[0]["USUBJID"] == "person"
    assert relate({"USUBJID": keys, "AETERM": LAB, "SEX": sexes})[0]["USUBJID"] == "person"
    # A key of others that has the same name.
    assert relate({"pid": keys, "sex": SEX})[0]["pid"] == "identifier"
    # With a subject's key of which each record has its own, people have one record each.
    unique = [f"T-{n:05}" for n in range(RECORDS)]
    roles, _ = relate({"USUBJID": unique, "SUBJID": keys, "SEX": SEX})
    assert (roles["USUBJID"], roles["SUBJID"]) == ("identifier", "identifier")


AGES = [(pd.Timestamp("2022-06-30") - day).days // 365 for day in BIRTH]
TOWNS = DRAW.choices(["Aln", "Brae", "Carn", "Dun", "Esk"], k=RECORDS)
HEIGHTS = [DRAW.randint(150, 195) for _ in ORDER]
WEIGHTS = [DRAW.randint(45, 120) for _ in ORDER]
INDICES = [weight / (height / 100) ** 2 for weight, height in zip(WEIGHTS, HEIGHTS, strict=True)]
AT_VISIT = [int((visit - birth).days / 365.25) for visit, birth in zip(VISITS, BIRTH, strict=True)]


@pytest.mark.parametrize(
    ("columns", "name", "sources"),
    [
        ({"age": AGES, "x": [f"{a // 10 * 10}-{a // 10 * 10 + 9}" for a in AGES]}, "x", ("age",)),
        ({"age": AGES, "x": [a // 20 for a in AGES]}, "x", ("age",)),
        ({"age": AGES, "x": ["old" if a > 60 else "young" for a in AGES]}, "x", ("age",)),
        ({"birth": write(BIRTH), "x": [day.year for day in BIRTH]}, "x", ("birth",)),
        ({"birth": write(BIRTH, "%d.%m.%Y"), "x": [d.month for d in BIRTH]}, "x", ("birth",)),
        ({"birth": write(BIRTH), "x": [f"{d.month:02}" for d in BIRTH]}, "x", ("birth",)),
        ({"birth": write(BIRTH), "x": AGES}, "x", ("birth",)),
        ({"birth": write(BIRTH), "seen": write(VISITS), "x": AT_VISIT}, "x", ("birth", "seen")),
        ({"town": TOWNS, "x": ["n" if t < "C" else "s" for t in TOWNS]}, "x", ("town",)),
        ({"sex": SEX, "x": ["fm".index(sex) + 1 for sex in SEX]}, "x", ("sex",)),
        (
            {"w": WEIGHTS, "height": HEIGHTS, "x": [f"{i:.1f}" for i in INDICES]},
            "x",
            ("w", "height"),
        ),
        (
            {
                "weight": WEIGHTS,
                "height": [f"{height / 100:.2f}" for height in HEIGHTS],
                "bmi": [f"{index:.0f}" for index in INDICES],
            },
            "bmi",
            ("weight", "height"),
        ),
    ],
)
def test_a_column_that_follows_from_what_outsiders_know_is_a_quasi_identifier(
    columns, name, sources
):
    roles, found = relate({**columns, "lab": LAB})
    assert found == {name: sources}
    assert roles[name] == "quasi-identifier"
    assert roles["lab"] == "sensitive"


def test_what_a_quasi_identifier_follows_from_is_one():
    fine = [f"{age}{'abc'[place % 3]}" for place, age in enumerate(AGES)]
    roles, found = relate({"diagnosis": fine, "age": AGES})
    assert found == {"age": ("diagnosis",)}
    assert roles["diagnosis"] == "quasi-identifier"


def test_missing_values_hide_no_relation_and_make_none():
    born = ["" if place % 7 == 0 else day for place, day in enumerate(write(BIRTH))]
    years = ["" if place % 5 == 0 else day.year for place, day in enumerate(BIRTH)]
    assert relate({"birth": born, "x": years})[1] == {"x": ("birth",)}
    assert relate({"age": AGES, "x": [""] * 238 + ["1", "2"]})[1] == {}


def test_independent_columns_follow_from_nothing():
    columns = {"age": AGES, "sex": SEX, "town": TOWNS, "seen": write(VISITS), "lab": LAB}
    assert (
        relate({**columns, "w": WEIGHTS, "h": HEIGHTS, "score": DRAW.choices(range(9), k=240)})[1]
        == {}
    )


def test_what_follows_is_told_with_the_reason_and_to_decide():
    groups = [f"{age // 10 * 10}-{age // 10 * 10 + 9}" for age in AGES]
    frame = pd.DataFrame({"age": AGES, "age group": groups, "lab": LAB})
    proposed = anonify.propose(frame)
    assert proposed.columns.loc["age group", "reason"] == (
        "the name says 'age': outsiders may know it; it follows from 'age': leave out one, or "
        "generalize both alike"
    )
    told = "Columns that follow from others: 'age group' from 'age'. What is generalized in one"
    assert any(text.startswith(told) for text in proposed.decisions)


def test_people_are_proposed_and_counted():
    frame = pd.DataFrame(
        {
            "x": repeat([f"K{n}" for n in range(PEOPLE)]),
            "sex": repeat(SEX[:PEOPLE]),
            "birth_year": repeat(YEARS),
            "lab": [float(value) for value in LAB],
        }
    )
    proposed = anonify.propose(frame)
    assert proposed.person == "x"
    assert proposed.columns.loc["x", "reason"] == "80 people in 240 records: people are counted"
    assert any(text.startswith("'x' tells 80 people in 240 records") for text in proposed.decisions)
    release = anonify.anonymize(
        frame,
        k=5,
        method="mondrian",
        quasi_identifiers=proposed.quasi_identifiers,
        sensitive=proposed.sensitive,
        person=proposed.person,
    )
    assert "x" not in release.table
    assert release.risk["achieved_k"] >= 5
