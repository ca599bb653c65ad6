import pandas as pd
import pytest

from anonify.drafting.names import split_words
from anonify.drafting.profile import (
    count_values,
    guess_decimal,
    guess_separator,
    profile_columns,
)
from anonify.drafting.proposals import Proposal, find_hierarchy_file, propose_hierarchy
from anonify.drafting.proposed_run import propose_distributions, propose_settings
from anonify.drafting.roles import find_positive, guess_role, guess_roles
from anonify.settings.configuration import follow_limit


def profile(values, name="x", decimal="."):
    frame = pd.DataFrame({name: pd.Series(values, dtype="str")})
    return profile_columns(count_values(frame), len(frame), decimal)[0]


def profile_all(columns):
    frame = pd.DataFrame(columns, dtype="str")
    return profile_columns(count_values(frame), len(frame), ".")


def propose(values, name="x", decimal="."):
    return propose_hierarchy(profile(values, name, decimal), "", decimal).hierarchy


@pytest.mark.parametrize(
    ("lines", "separator"),
    [
        (["a,b", "1,2"], ","),
        (["a;b", "1,5;2,5", "1,0;2"], ";"),
        (["a\tb", "1\t2"], "\t"),
        (["a|b", "1|2"], "|"),
        # Within quotes nothing is parted, not even at the end of a line.
        (["a;b", '"x, y, z\n', 'w";1'], ";"),
        # One row that is broken does not make the header another one.
        (["a;b;c", "1;2;3", "1;2", "1,5;2;3"], ";"),
        (["a", "1", "2"], ","),
    ],
)
def test_the_separator_parts_most_rows_like_the_header(lines, separator):
    assert guess_separator(lines) == separator


@pytest.mark.parametrize(
    ("columns", "mark"),
    [
        ({"a": ["1.5", "2"], "b": ["x, y", "z"]}, "."),
        ({"a": ["1,5", "2"], "b": ["v. 1", "z"]}, ","),
        ({"a": ["1,5", "2,5"], "b": ["1.5", "2"], "c": ["3,5", "1"]}, ","),
        ({"a": ["1", "2"]}, "."),
    ],
)
def test_the_decimal_mark_is_that_of_most_columns(columns, mark):
    assert guess_decimal(count_values(pd.DataFrame(columns, dtype="str"))) == mark


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", " -3 "], "integer"),
        (["80.0", "81.0"], "integer"),
        (["80.5", "1e3", ".5"], "decimal"),
        (["01067", "80331"], "category"),
        # More digits than a number keeps.
        (["12345678901234567890", "22345678901234567890"], "category"),
        (["2020-02-29", "1931-01-01"], "date"),
        (["29.02.2020", "1.3.2020"], "date"),
        (["20200229", "19310101"], "date"),
        (["20200229", "19311301"], "integer"),
        (["30.02.2020", "1.3.2020"], "category"),
        (["2020-02-29 12:30", "1931-01-01 00:00"], "date"),
        (["f", "m"], "category"),
        (["", " "], "category"),
    ],
)
def test_a_type_is_what_all_values_can_be_read_as(values, kind):
    assert profile(values).type == kind


def test_codes_of_places_are_text_although_they_are_digits():
    assert profile(["94110", "10115"], name="zip_code").type == "category"


def test_missing_values_are_counted_and_are_none_of_the_values():
    found = profile(["1", "", "  ", "1", "2"])
    assert (found.missing, found.distinct, found.values) == (2, 2, ["1", "2"])
    assert found.list_domain(".") == ["1", "2", ""]


def test_decimal_commas_are_read():
    found = profile(["1,5", "10,0", "2"], decimal=",")
    assert (found.type, found.list_domain(",")) == ("decimal", ["1.5", "2.0", "10.0"])


def test_values_that_keep_a_column_from_being_numbers_are_told():
    found = profile(["1", "2", "few", "3", "90+", "few"])
    assert (found.type, found.almost, found.odd) == ("category", "numbers", ("few", "90+"))


def test_numbers_at_an_open_end_are_numbers():
    found = profile(["1", "2", "<1", "3", "90+", "<1"])
    assert (found.type, found.open_ends) == ("integer", ("<1", "90+"))
    assert found.list_numbers(".").to_dict() == {1: 3, 2: 1, 3: 1, 90: 1}


def test_texts_that_say_nothing_keep_no_column_from_being_numbers():
    found = profile(["1", "2", "n/a", "3", "unknown", "n/a", "4"])
    assert (found.type, found.missing, found.distinct) == ("integer", 3, 4)
    assert found.absent.to_dict() == {"n/a": 2, "unknown": 1}
    found = profile(["01.02.2020", "03.04.2021", "?"])
    assert (found.type, found.missing) == ("date", 1)


def test_dates_of_unknown_order_of_day_and_month_are_told():
    assert profile(["01/02/2020", "03/04/2020"]).other_format == "%m/%d/%Y"
    assert profile(["13/02/2020", "03/04/2020"]).other_format is None
    assert profile(["02/13/2020", "03/04/2020"]).format == "%m/%d/%Y"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("patientID", ("patient", "id")),
        ("date_of-birth", ("date", "of", "birth")),
        ("Straße", ("strasse",)),
        ("HbA1c level", ("hb", "a", "1", "c", "level")),
        ("年齢", ("年齢",)),
        ("😀", ()),
    ],
)
def test_a_name_is_split_into_words(name, words):
    assert split_words(name) == words


MANY = [str(number % 7) for number in range(40)]


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("Patient ID", MANY, "identifier"),
        ("last_name", MANY, "identifier"),
        ("Name", MANY, "identifier"),
        ("insurance number", MANY, "identifier"),
        ("E-Mail", MANY, "identifier"),
        ("Hausnummer", MANY, "identifier"),
        # The name of a thing, a number of things, a question about an address.
        ("drug name", MANY, "sensitive"),
        ("number of visits", MANY, "sensitive"),
        ("email_consent", ["0", "1"] * 20, "sensitive"),
        # Values that point at persons under a name that says nothing.
        ("x", [f"p{number}@example.org" for number in range(20)] * 2, "identifier"),
        ("x", [f"+49 89 1234{number}" for number in range(10, 30)] * 2, "identifier"),
        ("x", [f"code {number}" for number in range(40)], "identifier"),
        ("x", [str(number) for number in range(40)], "identifier"),
        ("x", [f"seen by nurse number {number} in the morning" for number in range(30)] * 2, None),
        # A measurement may be different in each record.
        ("x", [f"{number / 7:.3f}" for number in range(40)], "sensitive"),
        ("x", [""] * 40, "identifier"),
        ("age", [str(number) for number in range(40)], "quasi-identifier"),
        ("Geschlecht", ["m", "w"] * 20, "quasi-identifier"),
        ("ageAtDiagnosis", MANY, "quasi-identifier"),
        ("average", MANY, "sensitive"),
        ("discharged", ["2020-01-02", "2020-01-03"] * 20, "quasi-identifier"),
        ("seen", ["2020-01-02 12:30", "2020-01-03 09:00"] * 20, "quasi-identifier"),
    ],
)
def test_a_role_is_guessed_from_name_and_values(name, values, role):
    guess = guess_role(profile(values, name))
    assert guess.role == (role or "identifier")
    assert guess.reason


@pytest.mark.parametrize(
    ("columns", "target"),
    [
        ({"sick": ["0", "1"] * 4, "outcome": ["a", "b"] * 4, "c": ["0", "1"] * 4}, "outcome"),
        # A target is surer than a result, whatever their order.
        ({"target": ["0", "1"] * 4, "result": ["a", "b"] * 4}, "target"),
        ({"a": ["u", "v"] * 4, "b": ["u", "v"] * 4}, "b"),
        ({"a": ["u", "v"] * 4, "b": ["u", "v", "w", "w"] * 2}, None),
        ({"a": ["u", "v"] * 4, "outcome": ["1.5", "2.5"] * 4}, None),
        ({"a": ["u", "v"] * 4, "sex": ["f", "m"] * 4}, None),
    ],
)
def test_there_is_at_most_one_target(columns, target):
    guesses = zip(columns, guess_roles(profile_all(columns)), strict=True)
    targets = [name for name, guess in guesses if guess.role == "target"]
    assert targets == ([target] if target else [])


def test_the_positive_value_is_yes_or_the_rarer_one():
    assert find_positive(["yes", "no"]) == "yes"
    assert find_positive(["<=50K", ">50K"]) == ">50K"


@pytest.mark.parametrize(
    ("values", "widths"),
    [
        (range(101), [5, 10, 20]),
        (range(1931, 2006), [5, 10, 20]),
        # Whole numbers are not cut into intervals of one number each.
        (range(9), [2]),
        (range(4), None),
        ([number / 100 for number in range(101)], [0.05, 0.1, 0.2]),
        # A stand-in for a missing value does not make all intervals wide.
        ([*range(101), 999], [5, 10, 20]),
        ([10**9 * number for number in range(50)], [5 * 10**9, 10**10, 2 * 10**10]),
    ],
)
def test_intervals_have_round_widths_that_nest(values, widths):
    rule = propose([str(value) for value in values])
    assert [level["width"] for level in rule.get("intervals", [])] == (widths or [])


def test_intervals_begin_at_a_multiple_of_the_widest():
    levels = propose([str(year) for year in range(1931, 2006)])["intervals"]
    assert {level["start"] for level in levels} == {1920}


@pytest.mark.parametrize(
    ("days", "times"),
    [
        (["1931-05-01", "1999-05-01"], ["month", "year", "decade"]),
        (["2018-05-01", "2021-05-01"], ["month", "quarter", "year"]),
        (["2020-05-01", "2021-02-01"], ["month", "quarter"]),
        (["2020-05-01", "2020-05-02"], None),
    ],
)
def test_dates_are_generalized_by_the_time_that_they_span(days, times):
    assert propose(days).get("dates") == times


@pytest.mark.parametrize(
    ("name", "numbers", "kind"),
    [
        ("day", range(1, 32), "category"),
        ("month", range(1, 13), "category"),
        ("day", range(0, 4000, 7), "integer"),
        ("months", range(100), "integer"),
    ],
)
def test_days_since_something_are_counted(name, numbers, kind):
    assert profile([str(number) for number in numbers], name).type == kind


@pytest.mark.parametrize(
    ("values", "lengths"),
    [
        (["01067", "01069", "01059", "01159", "02625", "80331"], [4, 3, 2]),
        (["E119", "E1165", "E101", "I10", "I251"], [3, 1]),
        # A level that joins nothing is left out.
        (["A10", "B10", "B20"], [1]),
        (["red", "blue", "green"], None),
        (["f1*", "f2*"], None),
    ],
)
def test_codes_are_cut_to_their_first_characters(values, lengths):
    assert propose(values).get("prefixes") == lengths


@pytest.mark.parametrize(
    ("name", "values", "system"),
    [
        ("x", ["E11.9", "e11.65", "E10.1 ", "I10", "I25.1", "M90.7*"], "icd10"),
        ("ICD_10", ["E119", "E1165", "E101", "I10", "E11.-"], "icd10"),
        ("primaryDiagnosis", ["250.83", "V57", "8", "E909"], "icd9cm"),
        ("drug", ["A10BA02", "c09aa05", "N02BE01", "N02"], "atc"),
        ("residence", ["sw1a1aa", "SW1A 2AA", "M1 1AE", "M1"], "uk_postcode"),
        ("postcode", ["SW1A", "M1", "LS2"], "uk_postcode"),
        ("nuts3", ["DE212", "AT130", "FR10"], "nuts"),
        ("isco08", ["2211", "0110", "51"], "isco"),
        # One that is none, and what may be anything.
        ("icd", ["E11.9", "E11.65", "Q0"], None),
        ("region", ["DE21", "DE13", "BS1"], None),
        ("room", ["A101", "B202", "C303"], None),
        ("zip", ["10115", "10117", "80331"], None),
        ("x", ["2211", "3122"], None),
    ],
)
def test_the_system_of_codes_is_recognized(name, values, system):
    rule = propose_hierarchy(profile(values, name), "", ".").hierarchy
    assert rule.get("code", {}).get("system") == system


def test_a_hierarchy_file_is_taken_where_it_fits(tmp_path):
    folder = tmp_path / "hierarchies"
    folder.mkdir()
    (folder / "my_table_sex.csv").write_text("f;*\nm;*\n")
    assert find_hierarchy_file(folder, "ex") is None
    file = find_hierarchy_file(folder, "sex")
    fitting = propose_hierarchy(profile(["f", "m"], "sex"), "", ".", file)
    assert (fitting.hierarchy, fitting.mistake) == ({"file": "hierarchies/my_table_sex.csv"}, None)
    other = propose_hierarchy(profile(["f", "m", "d"], "sex"), "", ".", file)
    assert other.hierarchy == {}
    assert "'d'" in other.mistake


def propose_all(columns):
    profiles = profile_all(columns)
    return [
        propose_hierarchy(found, guess.reason, ".")
        if guess.role == "quasi-identifier"
        else Proposal(found, guess.role, guess.reason)
        for found, guess in zip(profiles, guess_roles(profiles), strict=True)
    ]


def test_figures_show_a_number_and_a_case_by_age_and_by_a_group():
    columns = {
        "age": [str(number % 90) for number in range(180)],
        "sex": ["f", "m"] * 90,
        "pressure": [str(100 + number % 50) for number in range(180)],
        "sick": ["no", "no", "yes"] * 60,
    }
    figures = propose_distributions(propose_all(columns), ".")
    assert list(figures) == ["pressure_by_age", "sick_by_age", "sick_by_sex"]
    # Ages 0 to 89 in the widest intervals, those of 20 years.
    assert figures["pressure_by_age"]["edges"] == [0, 20, 40, 60, 80, 100]
    assert figures["sick_by_sex"]["value"] == "yes"
    assert figures["sick_by_sex"]["values"] == ["f", "m"]


def test_columns_with_missing_values_or_a_dollar_are_in_no_figure():
    columns = {
        "age": [str(number % 90) for number in range(180)],
        "cost in $": [str(number % 50) for number in range(180)],
        "sick": ["no", "", "yes"] * 60,
    }
    assert propose_distributions(propose_all(columns), ".") == {}


@pytest.mark.parametrize(
    ("records", "limit", "k_values", "k"),
    [
        (12, 9.0, [3, 6, 12], 12),
        (12, 50.0, [2], 2),
        (60, 20.0, [2, 3, 5], 5),
        (240, 9.0, [3, 6, 12, 24], 12),
        (100_000, 9.0, [3, 6, 12, 24, 48], 12),
        (100_000, 0.1, [250, 500, 1000, 2000, 4000], 1000),
    ],
)
def test_k_follows_from_the_limit_and_the_others_fit_the_records(records, limit, k_values, k):
    settings = propose_settings([], records, limit)
    assert (settings["k_values"], settings["k"]) == (k_values, k)
    assert settings["release"] == {"method": "arx"}
    # So it is in the run that is made of it.
    written = {"risk_limit": settings["risk_limit"], "release": settings["release"]}
    assert follow_limit(written, ["oka"])["release"] == {"method": "arx", "k": k}


def test_a_method_that_searches_is_not_proposed_for_too_many_columns():
    columns = {f"age {place}": [str(number) for number in range(90)] for place in range(10)}
    assert propose_settings(propose_all(columns), 90, 9.0)["methods"] == ["mondrian"]
