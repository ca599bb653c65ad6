"""What values look like under names that say nothing."""

import random
from importlib import import_module

import pandas as pd
import pytest

from anonify.drafting.profile import count_values, profile_columns
from anonify.drafting.roles import guess_role

DRAW = random.Random(7)


def digits(count):
    return "".join(DRAW.choice("0123456789") for _ in range(count))


def valid(module, make, count=40):
    """Return made-up numbers whose check digits are right."""
    found = []
    while len(found) < count:
        number = make()
        if import_module(f"stdnum.{module}").is_valid(number):
            found.append(number)
    return found


def day():
    return f"{DRAW.randint(1, 28):02}", f"{DRAW.randint(1, 12):02}", f"{DRAW.randint(30, 99)}"


def guess(values, name="x"):
    frame = pd.DataFrame({name: pd.Series(values, dtype="str")})
    return guess_role(profile_columns(count_values(frame), len(frame), ".")[0])


NHS = valid("gb.nhs", lambda: digits(10))
IDENTIFYING = {
    "NHS numbers": [NHS, [f"{each[:3]} {each[3:6]} {each[6:]}" for each in NHS]],
    "US social security numbers": [[f"{digits(3)}-{digits(2)}-{digits(4)}" for _ in range(40)]],
    "Dutch citizen service numbers": [valid("nl.bsn", lambda: digits(9))],
    "Swiss social security numbers": [
        valid("ch.ssn", lambda: f"756.{digits(4)}.{digits(4)}.{digits(2)}")
    ],
    "German tax numbers": [valid("de.idnr", lambda: digits(11))],
    "Danish personal numbers": [valid("dk.cpr", lambda: "".join(day()) + f"-{digits(4)}")],
    "Swedish personal numbers": [
        valid("se.personnummer", lambda: "".join(day()[::-1]) + f"-{digits(4)}")
    ],
    "Polish personal numbers": [valid("pl.pesel", lambda: "".join(day()[::-1]) + digits(5))],
    "French social security numbers": [
        valid("fr.nir", lambda: f"1{day()[2]}{day()[1]}75{digits(8)}", 5)
    ],
    "bank accounts (IBAN)": [
        [
            "DE89370400440532013000",
            "GB82 WEST 1234 5698 7654 32",
            "FR1420041010050500013M02606",
            "NL91ABNA0417164300",
            "ES9121000418450200051332",
        ]
    ],
    "e-mail addresses": [[f"p{number}@example.org" for number in range(20)]],
    "phone numbers": [
        [f"+49 89 {digits(6)}" for _ in range(20)],
        [f"({digits(3)}) {digits(3)}-{digits(4)}" for _ in range(20)],
        [f"0{digits(1)} {digits(2)} {digits(2)} {digits(2)} {digits(2)}" for _ in range(20)],
        [f"0171/{digits(7)}" for _ in range(20)],
    ],
    "internet addresses": [
        [f"https://example.org/{number}" for number in range(20)],
        [f"10.0.{number}.7" for number in range(20)],
        [f"2001:db8::{number:x}" for number in range(1, 20)],
    ],
    "addresses of devices": [[f"00:1b:44:11:3a:{number:02x}" for number in range(20)]],
    "places on a map": [[f"48.{digits(5)}, 11.{digits(5)}" for _ in range(20)]],
    "hashes or random keys": [
        [f"{DRAW.getrandbits(128):032x}" for _ in range(20)],
        [f"{DRAW.getrandbits(32):08x}-0a1b-4c2d-8e3f-{digits(12)}" for _ in range(20)],
    ],
    "streets with house numbers": [
        [f"{street} {number}" for street in ("Lindenweg", "Hauptstraße") for number in range(9)],
        [f"{number} {street}" for street in ("High Street", "Mill Lane") for number in range(9)],
        [f"{street}, {number}" for street in ("Via Roma", "Calle Mayor") for number in range(9)],
    ],
    "names of persons": [
        ["Anna Nowak", "Piotr Wójcik", "Zofia Lis", "Jan Kowalski"],
        ["Müller, Hans", "Schmidt, Ute", "O'Brien, Mary"],
        ["Garcia", "Rossi", "Jansen", "Unterholzner"],
        ["Dr. Abara", "Prof. Cho", "Frau Farouk", "M. Quillfeldt"],
        ["J. Abara", "K. L. Cho", "B. Farouk"],
        ["MARIE", "LUKAS", "ZDENKA"],
    ],
}


@pytest.mark.parametrize(
    ("look", "values"), [(look, each) for look, lists in IDENTIFYING.items() for each in lists]
)
def test_what_points_at_one_person_is_found_by_its_look(look, values):
    # Four times each, so that none is found because every record has its own.
    found = guess(values * 4)
    assert found.role == "identifier"
    assert found.reason == f"the values look like {look}; left out of everything"


@pytest.mark.parametrize(
    ("look", "values"),
    [
        ("sexes", ["m", "w", "d"]),
        ("sexes", ["Hombre", "Mujer"]),
        ("sexes", ["H", "F"]),
        ("marital statuses", ["ledig", "verheiratet", "verw."]),
        ("marital statuses", ["Marié(e)", "Veuf", "Célibataire"]),
        ("races or ethnic groups", ["White", "Black", "Asian", "Other"]),
        ("religions", ["katholisch", "evangelisch", "keine"]),
        ("languages or nationalities", ["Polish", "German", "Other"]),
        ("degrees of education", ["Bachelors", "HS-grad", "11th"]),
        ("occupations", ["Lehrerin", "Rentner", "Imker"]),
        ("months", ["Jan", "Feb", "Mrz", "Apr"]),
        ("codes of countries or states", ["DE", "FR", "PL"]),
        ("places", ["Köln", "Bonn", "Kiel", "Gera"]),
        ("places", ["Lyon (69)", "Paris, 75", "Lille"]),
        ("sites, schools or firms", ["Ward 3A", "Ward 5", "ICU"]),
        ("sites, schools or firms", ["Goethe-Gymnasium", "Grundschule Nord", "Liceum 4"]),
        ("sites, schools or firms", ["Blech GmbH", "Steel Ltd", "Acier SARL"]),
        ("times of day", ["08:30", "12:15:00", "7:05 pm"]),
        ("postcodes", ["SW1A 1AA", "LS2 9JT", "M1 1AE"]),
        ("postcodes", ["30-001", "31-150", "33-100"]),
        ("numbers in groups, such as ages", ["18-29", "30-44", "60+"]),
        ("numbers in groups, such as ages", ["unter 18", "18 bis 29", "60 und älter"]),
        ("numbers in groups, such as ages", ["[20,30)", "[30,40)", ">=40"]),
        ("numbers in groups, such as ages", ["45-49 years", "50-54 years", "85 or older"]),
        ("years", ["1950", "1961", "1999"]),
    ],
)
def test_what_outsiders_may_know_is_found_by_its_look(look, values):
    found = guess(values * 20)
    assert found.role == "quasi-identifier"
    assert found.reason == f"the values look like {look}: outsiders may know them"


@pytest.mark.parametrize(
    "values",
    [
        ["yes", "no"],
        ["flu", "HIV", "cold"],
        ["I10", "E11.9", "J44.1"],
        ["aspirin", "metformin", "ramipril"],
        ["mild", "moderate", "severe"],
        ["<=50K", ">50K"],
        [f"{number / 7:.2f}" for number in range(60)],
        [str(number) for number in range(60)],
        # Amounts, of one length or not.
        [str(150_000 + 1000 * number) for number in range(60)],
    ],
)
def test_findings_and_measures_are_sensitive(values):
    assert guess(values * 4).role == "sensitive"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([f"w{number}x" for number in range(25)], "25 texts"),
        ([f"w{'abcdefghi'[number]}" for number in range(9)], "9 texts, and nothing says of what"),
        (["02118", "02127", "02465"], "codes of one length"),
        (["79098", "80331", "10115"], "codes of one length"),
    ],
)
def test_what_is_unclear_is_a_quasi_identifier_with_the_reason(values, reason):
    found = guess(values * 10)
    assert found.role == "quasi-identifier"
    assert found.reason == f"{reason}: unclear, so outsiders may know it"


def test_texts_that_are_findings_by_their_name_may_have_more_values():
    values = [f"w{'abcdefghijklmno'[number]}" for number in range(15)] * 20
    assert guess(values, "diagnosis").role == "sensitive"
    assert guess(values, "x").role == "quasi-identifier"
    assert guess([f"w{number}x" for number in range(40)] * 20, "diagnosis").role != "sensitive"


@pytest.mark.parametrize(
    "values",
    [
        [f"{number} came with his daughter at {number} and was sent home" for number in range(30)],
        [f"{number:09}" for number in range(123_456_789, 123_456_829)],
        [f"w{number}x" for number in range(95)],
    ],
)
def test_free_texts_and_keys_are_identifiers_also_where_some_repeat(values):
    repeated = values + values[:3]
    assert guess(repeated).role == "identifier"


def test_a_place_of_which_nearly_every_record_has_its_own_is_an_identifier():
    assert guess([f"village {number}" for number in range(40)], "birthplace").role == "identifier"
    assert guess([f"village {number % 9}" for number in range(40)], "birthplace").role == (
        "quasi-identifier"
    )
    # Codes that can be generalized stay.
    assert guess([f"01{number:03}" for number in range(40)], "zip").role == "quasi-identifier"
