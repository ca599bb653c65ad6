"""Which of the eighteen identifiers of Safe Harbor a release shows, by its labels."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from anonify.base.words import SAFE_HARBOR
from anonify.domains.rules import build_hierarchy
from anonify.drafting.safe_harbor import check_safe_harbor, find_letters
from anonify.drafting.safe_harbor_labels import read_lists
from anonify.releases.dataset import Dataset
from anonify.releases.foreign import Released
from anonify.tables.columns import describe_columns, drop_identifiers
from anonify.tables.counts import select_rows

TODAY = date(2026, 6, 1)


def check(before, after, **columns):
    """Check a release; what is given are the columns before and after, and their descriptions."""
    described = describe_columns(columns)
    shown = drop_identifiers(described)
    domains = {
        column.name: build_hierarchy(
            column.name,
            list(dict.fromkeys(before[column.name])),
            columns[column.name].get("hierarchy", {}),
        )
        for column in shown
        if column.role == "quasi-identifier"
    }
    identifiers = (*(column.name for column in described if column not in shown),)
    frame, release = (pd.DataFrame(values, dtype="category") for values in (before, after))
    dataset = Dataset("t", frame, shown, identifiers, domains, ".")
    return {
        each.letter: each
        for each in check_safe_harbor(Released([*release], select_rows(release)), dataset, TODAY)
    }


def check_as_it_is(name, values, kind="category"):
    """Check a release that shows the values of a column as they are."""
    return check({name: values}, {name: values}, **{name: {"role": "sensitive", "type": kind}})


def check_labels(name, values, labels, kind="category"):
    """Check a release that shows labels in place of values, in the order of both."""
    groups = dict(zip(values, labels, strict=True))
    tree = {
        label if values != [label] else f"as {label}": values
        for label in groups.values()
        for values in [[value for value in groups if groups[value] == label]]
    }
    hierarchy = {} if set(labels) == {"*"} else {"tree": tree}
    column = {"role": "quasi-identifier", "type": kind, "hierarchy": hierarchy}
    return check({name: values}, {name: labels}, **{name: column})


def test_there_are_eighteen_findings_in_the_order_of_the_rule():
    found = check_as_it_is("diagnosis", ["flu", "flu", "cold", "cold", "flu", "cold"])
    assert "".join(found) == "ABCDEFGHIJKLMNOPQR" == "".join(SAFE_HARBOR)
    assert {each.verdict for each in found.values()} == {"kept"}
    assert {each.why for each in found.values()} == {"no column looks like it"}


@pytest.mark.parametrize(
    ("letter", "names"),
    [
        ("A", ["name", "PatientName", "last name", "surname", "Vorname", "mother_name", "nom"]),
        ("B", ["zip", "ZIP code", "city", "county", "home_address", "street", "PLZ", "latitude"]),
        ("B", ["census_tract", "region", "hospital", "state", "birthplace", "Wohnort"]),
        ("C", ["dob", "birth_date", "date of death", "age", "yob", "admission month", "Alter"]),
        ("D", ["phone", "mobile", "Telefonnummer", "home phone"]),
        ("E", ["fax", "fax number", "office_fax"]),
        ("F", ["email", "e-mail address", "mail"]),
        ("G", ["ssn", "social security number", "SocialSecurityNumber"]),
        ("H", ["mrn", "medical record number", "patient_id", "chart no"]),
        ("I", ["insurance number", "member id", "beneficiary", "policy_no"]),
        ("J", ["account number", "iban", "card no"]),
        ("K", ["driver license number", "certificate no", "passport"]),
        ("L", ["license plate", "VIN", "vehicle id", "Kennzeichen"]),
        ("M", ["device id", "serial number", "imei", "mac address"]),
        ("N", ["url", "website", "web address"]),
        ("O", ["ip", "IP address", "ipv4"]),
        ("P", ["fingerprint", "retina scan", "biometrics"]),
        ("Q", ["photo", "portrait", "photograph"]),
        ("R", ["uuid", "hash", "id", "pseudonym", "comments"]),
    ],
)
def test_a_name_says_which_of_the_eighteen_a_column_is(letter, names):
    assert {name: find_letters(name) for name in names} == {name: [letter] for name in names}


@pytest.mark.parametrize(
    "name",
    [
        *("diagnosis", "glucose", "drug name", "plan type", "device", "dosage", "bmi", "stage"),
        *("time_in_hospital", "hours-per-week", "hospital_expire_flag", "days in hospital"),
    ],
)
def test_the_name_of_a_finding_is_none_of_the_eighteen(name):
    assert find_letters(name) == []


def test_a_number_of_a_person_is_one_whatever_else_the_name_says():
    assert find_letters("state_student_id") == ["B", "R"]
    values = [f"{number:05}" for number in range(20)]
    assert check_as_it_is("state_student_id", values)["R"].verdict == "not kept"


def test_what_programs_number_is_read_without_the_numbers():
    assert find_letters("name_0_given_1") == ["A"]
    assert find_letters("telecom_0_value") == ["D"]


def test_the_town_of_a_birth_is_a_place_and_no_date():
    assert find_letters("comune_nascita") == find_letters("town of birth") == ["B"]


def test_what_is_left_out_is_kept():
    identifier = {"role": "identifier", "type": "category"}
    town = {"role": "quasi-identifier", "type": "category"}
    before = {"ssn": ["1", "2", "3"], "tattoo": ["a", "b", "c"], "town": ["Aln", "Brae", "Aln"]}
    found = check(before, {}, ssn=identifier, tattoo=identifier, town=town)
    assert {each.verdict for each in found.values()} == {"kept"}
    assert (found["G"].columns, found["G"].why) == (("ssn",), "ssn: left out")
    # A direct identifier of no known kind is one of the rest; a town that is left out, no place.
    assert found["R"].columns == ("tattoo",)
    assert found["B"].why == "town: left out"


@pytest.mark.parametrize(
    ("letter", "values"),
    [
        ("A", ["Mary Smith", "John Jones", "James Brown", "Linda Davis", "Susan Miller"]),
        ("B", ["12 Main Street", "4 Hill Road", "7 Oak Avenue", "9 Elm Street", "1 Low Road"]),
        ("B", ["SW1A 1AA", "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT"]),
        ("D", ["(617) 555-0134", "617-555-0135", "617-555-0136", "617-555-0137"]),
        ("F", ["a@x.org", "b@x.org", "c@y.org", "d@z.org"]),
        ("G", ["123-45-6789", "123-45-6780", "123-45-6781", "123-45-6782"]),
        ("J", [f"41111111111{n}" for n in ("11111", "11129", "11137", "11145", "11152")]),
        ("M", ["00:1B:44:11:3A:B7", "00:1B:44:11:3A:B8", "00:1B:44:11:3A:B9"]),
        ("N", ["https://a.org/1", "https://a.org/2", "www.b.org/3"]),
        ("O", ["192.0.2.1", "192.0.2.44", "2001:db8::1", "192.0.2.9"]),
    ],
)
def test_values_say_it_where_the_name_does_not(letter, values):
    found = check_as_it_is("contact_x", values)
    assert found[letter].verdict == "not kept"
    assert found[letter].columns == ("contact_x",)


def test_a_value_that_may_be_of_one_person_is_not_quoted():
    found = check_as_it_is("home_phone", ["617-555-0134", "617-555-0135", "617-555-0136"])
    assert found["D"].verdict == "not kept"
    assert not any("0134" in each.why for each in found.values())


def test_a_few_values_that_repeat_are_left_to_a_person():
    assert check_as_it_is("phone", ["mobile", "office"] * 6)["D"].verdict == "cannot be told"


# Places

ZIPS = ["02138", "02139", "03601", "03602"]


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        (["02138", "02139", "03601", "03602"], "not kept"),
        (["0213*", "0213*", "0360*", "0360*"], "not kept"),
        # The area 036 has few people.
        (["021*", "021*", "036*", "036*"], "not kept"),
        (["021**", "021**", "000", "000"], "kept"),
        (["021", "021", "000**", "000**"], "kept"),
        (["0*", "0*", "0*", "0*"], "kept"),
        (["02100-02200", "02100-02200"], "kept"),
        (["02138-02140", "02138-02140"], "not kept"),
        (["MA", "MA", "New Hampshire", "New Hampshire"], "kept"),
        (["*", "*", "*", "*"], "kept"),
        (["Cambridge", "Cambridge"], "cannot be told"),
    ],
)
def test_of_zip_codes_three_digits_are_kept_but_of_small_areas(labels, verdict):
    assert check_labels("zip", ZIPS[: len(labels)], labels)["B"].verdict == verdict


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        (["2138", "2139", "60601", "601"], "not kept"),
        # Four digits of 02138, whose zero the number has lost.
        (["213*", "213*", "606**", "*"], "not kept"),
        (["21**", "21**", "606**", "*"], "kept"),
        (["*", "*", "*", "601"], "not kept"),
    ],
)
def test_zip_codes_that_are_numbers_have_lost_their_zeros(labels, verdict):
    column = {"role": "quasi-identifier", "type": "integer", "hierarchy": {}}
    values = ["2138", "2139", "60601", "601"]
    assert check({"zip": values}, {"zip": labels}, zip=column)["B"].verdict == verdict


def test_three_digits_that_are_numbers_are_three_digits():
    assert check_as_it_is("zip3", ["21", "606", "100"], "integer")["B"].verdict == "kept"


def test_what_says_that_nothing_is_known_tells_nothing():
    assert check_as_it_is("city", ["unknown", "n/a", "unknown"])["B"].verdict == "kept"
    assert check_as_it_is("birth_date", ["1980", "unknown", "1984"])["C"].verdict == "kept"


def test_the_areas_with_few_people_are_the_seventeen_of_the_census_of_2000():
    areas = sorted(read_lists()["small_zip_areas"])
    told = "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893"
    assert " ".join(areas) == told
    page = Path(__file__).parents[3] / "docs/how-to/safe-harbor.md"
    assert f"({', '.join(areas)} by the census of 2000;" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "values", "verdict"),
    [
        ("city", ["Springfield", "Salem", "Dover"], "not kept"),
        ("county", ["Middlesex", "Essex", "Kent"], "not kept"),
        ("county_fips", ["017", "009", "025"], "not kept"),
        ("latitude", ["42.3736", "42.5195", "39.1582"], "not kept"),
        ("state", ["MA", "NH", "VT"], "kept"),
        ("state", ["25", "33", "50"], "kept"),
        ("country", ["US", "Canada", "Chile"], "kept"),
        ("region", ["Northeast", "Midwest", "South"], "kept"),
        ("region", ["Merrimack Valley", "North Shore", "The Cape"], "cannot be told"),
        ("hospital", ["General", "St Anne", "Mercy"], "cannot be told"),
        ("birthplace", ["Boston", "Chicago", "Seattle"], "cannot be told"),
        ("birthplace", ["USA", "Mexico", "India"], "kept"),
    ],
)
def test_places_smaller_than_a_state_are_not_kept(name, values, verdict):
    assert check_as_it_is(name, values)["B"].verdict == verdict


# Dates

DAYS = ["1980-03-01", "1980-11-30", "1984-02-29", "1991-06-15"]


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        (DAYS, "not kept"),
        (["1980-03", "1980-11", "1984-02", "1991-06"], "not kept"),
        (["1980-Q1", "1980-Q4", "1984-Q1", "1991-Q2"], "not kept"),
        (["spring 1980", "autumn 1980", "1984", "1991"], "cannot be told"),
        (["1980", "1980", "1984", "1991"], "kept"),
        (["1980s", "1980s", "1980s", "1990s"], "kept"),
        (["1980-1984", "1980-1984", "1980-1984", "1990-1994"], "kept"),
        (["1980-01-01 - 1984-12-31"] * 3 + ["1991"], "kept"),
        (["1980-03-01 - 1984-02-29"] * 3 + ["1991"], "not kept"),
        (["*"] * 4, "kept"),
    ],
)
def test_of_dates_the_year_is_kept(labels, verdict):
    assert check_labels("admitted", DAYS, labels, "date")["C"].verdict == verdict


@pytest.mark.parametrize(
    ("name", "values", "verdict"),
    [
        ("seen", ["01.03.1980", "30.11.1980", "29.02.1984"], "not kept"),
        ("seen", ["March", "November", "February"], "not kept"),
        ("seen", ["1 March 1980", "30th of November 1980", "Feb 29, 1984"], "not kept"),
        ("seen", ["2025-W10", "2025-W11", "2025-W52"], "not kept"),
        ("seen", ["2025-03-01 10:30", "2025-03-02 11:00", "2025-03-03 09:15"], "not kept"),
        ("seen", ["20250301", "20250302", "20250415"], "not kept"),
        ("seen", ["03012025", "03022025", "04152025"], "not kept"),
        ("seen", ["031980", "041981", "121990"], "not kept"),
        ("weekday", ["Mon", "Tue", "Sun"], "not kept"),
        ("admission_month", ["3", "11", "2"], "not kept"),
        ("day", ["3", "14", "28"], "cannot be told"),
        ("seen", ["10:30", "11:15", "23:59"], "cannot be told"),
        ("year", ["1980", "1984", "1991"], "kept"),
        ("days_in_hospital", ["3", "14", "28"], "kept"),
        ("glucose", ["12.5", "11.3", "2000.1"], "kept"),
    ],
)
def test_parts_of_dates_are_not_kept(name, values, verdict):
    assert check_as_it_is(name, values)["C"].verdict == verdict


# Ages

AGES = ["34", "89", "90", "95", "101"]


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        (AGES, "not kept"),
        (["34", "80-90", "90-100", "90-100", "100-110"], "not kept"),
        # It tells who is over 89, and that nobody is over 99.
        (["34", "80-90", "90-110", "90-110", "90-110"], "not kept"),
        (["34", "89", ">=90", ">=90", ">=90"], "kept"),
        (["34", "89", "90+", "90+", "90+"], "kept"),
        (["34", "89", "90 or older", "90 or older", "90 or older"], "kept"),
        (["34", "89", ">89", ">89", ">89"], "kept"),
        # Two groups of those over 89.
        (["34", "89", "90-94", ">=95", ">=95"], "not kept"),
        (["34", "80-110", "80-110", "80-110", "80-110"], "kept"),
        (["young", "old", "old", "old", "old"], "kept"),
        (["young", "old", "oldest", "oldest", "oldest"], "not kept"),
        (["*"] * 5, "kept"),
    ],
)
def test_ages_over_89_are_kept_as_one_group_alone(labels, verdict):
    assert check_labels("age", AGES, labels, "integer")["C"].verdict == verdict


@pytest.mark.parametrize(("top", "verdict"), [(90, "kept"), (85, "kept"), (95, "not kept")])
def test_a_top_makes_one_group_of_ages(top, verdict):
    column = {"role": "quasi-identifier", "type": "integer", "top": top, "hierarchy": {}}
    coded = [str(min(int(age), top)) for age in AGES]
    assert check({"age": AGES}, {"age": coded}, age=column)["C"].verdict == verdict


def test_an_open_end_is_one_group_of_ages():
    column = {"role": "sensitive", "type": "integer", "open_ends": True}
    for ages, verdict in ((["34", "90"], "kept"), (["90", "95"], "not kept")):
        assert check({"age": ages}, {"age": ages}, age=column)["C"].verdict == verdict


def test_a_date_that_is_called_an_age_is_a_date():
    column = {"role": "quasi-identifier", "type": "date", "bottom": "1937-01-01"}
    before = {"age_since": ["1937-01-01", "1980-05-02"]}
    found = check(before, {"age_since": ["1937", "1980"]}, age_since=column)
    assert found["C"].verdict == "kept"


def test_ages_in_months_are_those_of_years():
    assert check_as_it_is("age_months", ["12", "95", "1079"], "integer")["C"].verdict == "kept"
    assert check_as_it_is("age_months", ["12", "95", "1080"], "integer")["C"].verdict == "not kept"


@pytest.mark.parametrize(
    ("values", "labels", "verdict"),
    [
        # In 2026 somebody who was born in 1936 is 89 or 90.
        (["1937", "1980", "2001"], ["1937", "1980", "2001"], "kept"),
        (["1936", "1980", "2001"], ["1936", "1980", "2001"], "cannot be told"),
        (["1920", "1930", "2001"], ["<1937", "<1937", "2001"], "kept"),
        (["1920", "1930", "2001"], ["<1936", "<1936", "2001"], "kept"),
        # Those are people over 95 alone.
        (["1920", "1930", "2001"], ["<1931", "<1931", "2001"], "cannot be told"),
        (["1920", "1930", "2001"], ["1920s", "1930s", "2000s"], "cannot be told"),
    ],
)
def test_a_year_of_birth_may_tell_an_age_over_89(values, labels, verdict):
    assert check_labels("birth_year", values, labels, "integer")["C"].verdict == verdict


# The rest


@pytest.mark.parametrize(
    ("name", "values", "verdict"),
    [
        ("story", [f"She came at {n} and said that she felt ill all day" for n in range(30)], 1),
        ("marker", ["a1", "b2", "c3", "d4", "e5"], 1),
        ("V1", ["a", "a", "b", "b", "a", "b"], 1),
        ("uuid", [f"550e8400-e29b-41d4-a716-44665544{n:04}" for n in range(5)], 2),
        ("illness", ["flu", "flu", "cold", "cold"], 0),
    ],
)
def test_what_may_be_of_one_person_alone_is_told(name, values, verdict):
    told = ("kept", "cannot be told", "not kept")[verdict]
    assert check_as_it_is(name, values)["R"].verdict == told


def test_the_worst_column_decides_and_stands_first():
    rest = {"role": "sensitive", "type": "category"}
    values = {"state": ["MA", "NH", "VT"], "city": ["Salem", "Dover", "Troy"]}
    found = check(values, values, state=rest, city=rest)["B"]
    assert (found.verdict, found.columns) == ("not kept", ("state", "city"))
    assert found.why == "city: places such as 'Dover'; state: states or wider alone"
