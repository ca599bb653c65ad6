import pytest

from anonify.base.codes import SYSTEMS, label_codes, spell_code
from anonify.base.places import DATASET_SCHEMA
from anonify.settings.schemas import read_yaml


def test_the_description_knows_the_systems():
    columns = read_yaml(DATASET_SCHEMA)["properties"]["columns"]["additionalProperties"]
    code = columns["properties"]["hierarchy"]["properties"]["code"]
    assert code["properties"]["system"]["enum"] == [*SYSTEMS]


@pytest.mark.parametrize(
    ("system", "code", "spellings"),
    [
        (
            "icd10",
            "E11.9",
            ["e11.9", "E119", "E11.9 ", " e 11.9", "E11.9-", "E11 9", "E11,9", "\u0415\uff111.9"],
        ),
        ("icd10", "E11.90", ["E11.90", "e1190", "E11.90!", "E11.90-"]),
        ("icd10", "M90.7", ["M90.7*", "m907*", "M90.7 *", "M90.7†", "M90.7+", "M90.7#"]),
        (
            "icd10",
            "I10",
            ["I10", "I10.-", "I10-", "i10.", "I10.X", "I10X", "I10 .-", "I10.*", "I10--"],
        ),
        ("icd10", "T36.0X1A", ["t36.0x1a", "T360X1A"]),
        ("icd10", "C7A.00", ["c7a00"]),
        ("icd9cm", "008.45", ["8.45", "008.45", "00845", "08.45"]),
        ("icd9cm", "250", ["250", "250.", " 250 "]),
        ("icd9cm", "250.83", ["25083", "250,83"]),
        ("icd9cm", "V57.89", ["v57.89", "V5789"]),
        ("icd9cm", "E888.9", ["E8889", "e888.9"]),
        ("atc", "A10BA02", ["a10ba02", "A10 BA 02", "A10-BA-02", "A10.BA.02"]),
        ("atc", "A", ["a"]),
        ("nuts", "DE212", ["de212", "DE 212"]),
        ("nuts", "EL30", ["GR30", "el30"]),
        ("nuts", "UKI", ["GBI", "uki"]),
        ("uk_postcode", "SW1A 1AA", ["sw1a 1aa", "SW1A1AA", "sw1a\u00a01aa", " SW1A  1AA "]),
        ("uk_postcode", "M1 1AE", ["m11ae", "M1 1AE"]),
        ("uk_postcode", "B33 8TH", ["b338th"]),
        # Without a blank it is the district M11; with it the sector 1 of M1.
        ("uk_postcode", "M11", ["m11"]),
        ("uk_postcode", "M1 1", ["M1 1"]),
        ("uk_postcode", "SW1A 1", ["SW1A1", "sw1a 1"]),
        ("uk_postcode", "SW", ["sw"]),
        ("uk_postcode", "GIR 0AA", ["gir0aa"]),
        ("isco", "0110", ["0110", " 0110"]),
    ],
)
def test_spellings_of_a_code_are_one(system, code, spellings):
    assert {spell_code(system, text) for text in spellings} == {code}
    assert spell_code(system, code) == code


@pytest.mark.parametrize(
    ("system", "texts"),
    [
        # A10 to A14 are in no block; ranges and diagnoses with a certainty are no codes.
        (
            "icd10",
            ["", "A12", "ZZZ", "E1", "E10-E14", "E11.90 G", "E11.9/I10", "E11.12345", "11.9"],
        ),
        ("icd9cm", ["?", "", "V99", "E99", "2500000", "1.234"]),
        ("atc", ["A1", "E10", "QA01", "A10BA0", "A10BA02X", "10"]),
        ("nuts", ["D", "ZZ1", "DE2123", "12"]),
        ("uk_postcode", ["XX1 1AA", "SW1A 1A", "10115", "Z1 1AA", "SW1A-1AA1", "1AA"]),
        ("isco", ["22111", "22A", "-1"]),
    ],
)
def test_what_is_no_code_is_none(system, texts):
    assert [text for text in texts if spell_code(system, text) is not None] == []


@pytest.mark.parametrize(
    ("system", "code", "labels"),
    [
        ("icd10", "E11.90", ["E11.9*", "E11*", "E10-E14", "E00-E90"]),
        ("icd10", "E11.9", ["E11.9", "E11*", "E10-E14", "E00-E90"]),
        ("icd10", "B20", ["B20", "B20", "B20-B24", "A00-B99"]),
        # Chapters that share a letter, and a chapter of several letters.
        ("icd10", "D48.9", ["D48.9", "D48*", "D37-D48", "C00-D49"]),
        ("icd10", "D50.0", ["D50.0", "D50*", "D50-D53", "D50-D89"]),
        ("icd10", "H59.0", ["H59.0", "H59*", "H55-H59", "H00-H59"]),
        ("icd10", "H60.1", ["H60.1", "H60*", "H60-H62", "H60-H95"]),
        ("icd10", "T14.9", ["T14.9", "T14*", "T08-T14", "S00-T98"]),
        ("icd10", "X85.1", ["X85.1", "X85*", "X85-Y09", "V00-Y99"]),
        ("icd10", "Y04.2", ["Y04.2", "Y04*", "X85-Y09", "V00-Y99"]),
        # Of ICD-10-CM: categories with letters, and a block that the WHO lacks.
        ("icd10", "M1A.0", ["M1A.0", "M1A*", "M05-M14", "M00-M99"]),
        ("icd10", "O9A.11", ["O9A.1*", "O9A*", "O94-O99", "O00-O9A"]),
        ("icd10", "I1A.0", ["I1A.0", "I1A*", "I10-I15", "I00-I99"]),
        ("icd10", "D49.0", ["D49.0", "D49*", "D49-D49", "C00-D49"]),
        ("icd9cm", "250.83", ["250.8*", "250*", "240-279"]),
        ("icd9cm", "E888.9", ["E888.9", "E888*", "E000-E999"]),
        ("icd9cm", "V57", ["V57", "V57", "V01-V91"]),
        ("atc", "A10BA02", ["A10BA*", "A10B*", "A10*", "A*"]),
        ("nuts", "DE212", ["DE21*", "DE2*", "DE*"]),
        ("uk_postcode", "SW1A 1AA", ["SW1A 1*", "SW1A *", "SW*"]),
        ("uk_postcode", "M1", ["M1", "M1", "M*"]),
        ("isco", "2211", ["221*", "22*", "2*"]),
    ],
)
def test_a_code_is_generalized_by_its_structure(system, code, labels):
    found = [level[0] for level in label_codes(system, [code])]
    assert found == labels
    assert len(SYSTEMS[system].levels) == len(labels)


def test_a_short_code_is_with_the_longer_ones_that_it_begins():
    four, category, block, _ = label_codes("icd10", ["E11", "E11.9", "E11.90", "E12"])
    assert four == ["E11", "E11.9*", "E11.9*", "E12"]
    assert category == ["E11*", "E11*", "E11*", "E12"]
    assert block == ["E10-E14"] * 4


def test_a_district_is_no_beginning_of_another_one():
    _, district, area = label_codes("uk_postcode", ["SW1 1AA", "SW11 1AA", "SW1A 1AA", "S1 1AA"])
    assert district == ["SW1 *", "SW11 *", "SW1A *", "S1 *"]
    assert area == ["SW*", "SW*", "SW*", "S*"]
