"""What the names of columns say."""

import pytest

from anonify.drafting.names import (
    WORDS,
    find_identifier_word,
    find_known_word,
    find_standard,
    list_words,
    make_plain,
    read_standards,
    read_words,
    says_kind,
    split_words,
)


@pytest.mark.parametrize("lists", [WORDS, read_words("value_words.yaml")])
def test_words_are_written_as_they_are_compared(lists):
    for key, words in lists.items():
        assert words, key
        assert len({*words}) == len(words), key
        assert [make_plain(word) for word in words] == words, key


def test_a_word_of_a_name_is_one_word():
    assert all(split_words(word) == (word,) for word in WORDS["quasi_identifier"])
    assert all(name == name.lower().strip() for name in read_standards())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("USUBJID", "person"),
        ("brthdtc", "quasi_identifier"),
        ("Person_ID", "person"),
        ("gender_concept_id", "quasi_identifier"),
        ("EXTRACT_HESID", "person"),
        ("STARTAGE", "scale"),
        ("BEN_NIR_PSA", "person"),
        ("BEN_NAI_ANN", "scale"),
        ("RIDRETH1", "quasi_identifier"),
        ("SEQN", "person"),
        ("patient_num", "person"),
        ("zip_cd", "quasi_identifier"),
        # Fields of UK Biobank in the ways in which they are exported.
        ("31-0.0", "quasi_identifier"),
        ("f.31.0.0", "quasi_identifier"),
        ("n_34_0_0", "scale"),
        ("p21003_i0", "scale"),
        ("p31", "quasi_identifier"),
        # No field that identifies anybody, and no field.
        ("f.4080.0.0", None),
        ("31", None),
        ("2024-01.02", None),
        ("glucose", None),
    ],
)
def test_columns_of_known_data_models_are_found(name, kind):
    assert (find_standard(name) or (None,))[0] == kind


@pytest.mark.parametrize(
    "name",
    [
        *("patient_id", "PatNr", "Fallnummer", "KV-Nummer", "N° sécurité sociale", "ID", "case no"),
        *("patientname", "Nachname", "apellidos", "cognome", "achternaam", "nazwisko", "efternavn"),
        *("e_mail", "emailadres", "Telefonnummer", "Freitext", "uwagi", "student_id", "CPR-nr"),
        *("household_id", "claim number", "Name des Patienten", "nome", "prénom", "fornamn"),
    ],
)
def test_names_that_point_at_one_person_are_found(name):
    assert find_identifier_word(name)


@pytest.mark.parametrize(
    "name",
    [
        *("drug name", "number of visits", "visit_type_id", "status_code", "average", "dose"),
        # Numbers of what outsiders may know.
        *("site_id", "MaritalStatusID", "hospital code", "race_code", "RegionNr"),
        *("address_city", "address.country", "home address postcode"),
    ],
)
def test_names_of_things_and_kinds_point_at_nobody(name):
    assert find_identifier_word(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *("age", "Alter", "edad", "âge", "età", "idade", "leeftijd", "wiek", "ålder", "alder"),
        *("sex", "Geschlecht", "sexe", "sexo", "sesso", "geslacht", "płeć", "kön", "køn"),
        *("maritalStatus", "Familienstand", "estado_civil", "burgerlijke staat", "civilstånd"),
        *("birthplace", "Geburtsort", "lieu de naissance", "miejsce urodzenia", "födelseland"),
        *("agegroup", "AGEGR_x", "educationlevel", "homepostcode", "hemkommun", "bopælskommune"),
        *("ward", "Station 3 ward", "employer", "Arbeitgeber", "escuela", "hospitalid", "site_id"),
        # Abbreviations of data models that nobody has listed.
        *("pg_famstat", "b_ethn_dv", "raeduc", "xmarstat_2", "hhgr"),
    ],
)
def test_names_of_what_outsiders_may_know_are_found(name):
    assert find_known_word(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "glucose",
            "average",
            "dosage",
            "storage",
            "percentage",
            "prostate_volume",
            "vaccination",
        ),
        *("deduction", "reduced dose", "migraine", "readmitted", "disposition", "clinical stage"),
        *("vaccination", "examination", "pressure", "Befund", "diagnosis", "unit", "data_version"),
    ],
)
def test_words_that_only_look_alike_say_nothing(name):
    assert find_known_word(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("patientname", ("patient", "name")),
        ("Wohnortplz", ("wohnort", "plz")),
        ("glucose", ("glucose",)),
        ("hemkommun", ("kommun", "hemkommun")),
    ],
)
def test_compounds_are_parted_where_their_words_are_known(name, words):
    assert list_words(name) == words


def test_numbers_stand_for_kinds_unless_the_name_says_that_they_measure():
    assert all(map(says_kind, ["marital status", "RIDRETH1", "race", "region_code", "V501"]))
    names = ["age", "birth year", "household size", "V012", "hours in job", "glucose", "weight"]
    assert not any(map(says_kind, names))
