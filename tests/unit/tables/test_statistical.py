"""Files of SPSS, Stata and SAS that their writers wrote, read as the texts that a person sees."""

import datetime
import struct

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from anonify.base.errors import UserError
from anonify.base.extras import EXTRAS
from anonify.tables.dialect import Dialect
from anonify.tables.statistical import read_statistical
from anonify.tables.text import read_text_columns

WRITERS = {
    "sav": pyreadstat.write_sav,
    "zsav": lambda frame, path, **about: pyreadstat.write_sav(frame, path, compress=True, **about),
    "por": pyreadstat.write_por,
    "dta": pyreadstat.write_dta,
    "xpt": pyreadstat.write_xport,
}
FRAME = pd.DataFrame(
    {
        "SEX": [1.0, 2.0, np.nan, 2.0],
        "ZIP": ["01067", "80331", "", "None"],
        "WEIGHT": [70.1, 80.0, np.nan, 1e15 / 3],
        "CODE": [2.0**53 - 1, -5.0, 0.0, 12.0],
    }
)
TEXTS = {
    "SEX": ["1", "2", "", "2"],
    "ZIP": ["01067", "80331", "", "None"],
    "WEIGHT": ["70.1", "80", "", repr(1e15 / 3)],
    "CODE": ["9007199254740991", "-5", "0", "12"],
}


def refuse(path, **dialect):
    with pytest.raises(UserError) as error:
        read_text_columns(path, Dialect(**dialect))
    assert str(error.value).startswith(str(path))
    return str(error.value)


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("kind", WRITERS)
def test_numbers_and_texts_are_what_was_written(tmp_path, kind, upper):
    path = tmp_path / f"clinic.{kind.upper() if upper else kind}"
    written = tmp_path / f"clinic.{kind}"
    WRITERS[kind](FRAME, str(written))
    written.rename(path)
    found = read_text_columns(path)
    # SAS transport files hold numbers in base 16, portable ones in base 30.
    exact = ["SEX", "ZIP", "CODE"] if kind in ("por", "xpt") else list(TEXTS)
    assert found[exact].to_dict("list") == {name: TEXTS[name] for name in exact}
    assert found["WEIGHT"].iloc[:3].tolist() == TEXTS["WEIGHT"][:3]


@pytest.mark.parametrize("kind", ["sav", "zsav", "dta"])
def test_values_are_their_labels_and_codes_where_one_wants_them(tmp_path, kind):
    path = tmp_path / f"clinic.{kind}"
    labels = {"SEX": {1: "male", 2: "female"}, "CODE": {-5: "refused", 0: " "}}
    WRITERS[kind](FRAME.fillna({"CODE": 0}), str(path), variable_value_labels=labels)
    found = read_statistical(path)
    assert found.frame["SEX"].tolist() == ["male", "female", "", "female"]
    # A value without a label stays a number, and a blank is no label.
    assert found.frame["CODE"].tolist() == ["9007199254740991", "refused", "0", "12"]
    assert found.labelled == ("SEX", "CODE")
    codes = read_text_columns(path, codes=["SEX"])
    assert codes["SEX"].tolist() == ["1", "2", "", "2"]
    assert codes["CODE"].tolist()[1] == "refused"


def test_texts_have_labels_too(tmp_path):
    path = tmp_path / "clinic.sav"
    labels = {"s": {"m": "male", "f": "female"}}
    frame = pd.DataFrame({"s": ["m", "f", "d"]})
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    assert read_text_columns(path)["s"].tolist() == ["male", "female", "d"]


def test_what_spss_declares_missing_is_empty(tmp_path):
    path = tmp_path / "clinic.sav"
    frame = pd.DataFrame(
        {
            "age": [30.0, 989.0, 990.0, 999.0, -1.0],
            "sex": [1.0, 9.0, 8.0, 2.0, 1.0],
            "town": ["Aln", "NA", "Brae", "", "Aln"],
            "low": [-99.0, -98.0, 0.0, 5.0, 7.0],
        }
    )
    missing = {
        "age": [{"lo": 990, "hi": 999}, -1],
        "sex": [8, 9],
        "town": ["NA"],
        "low": [{"lo": -1000, "hi": -98}],
    }
    labels = {"sex": {1: "male", 2: "female", 9: "no answer"}}
    pyreadstat.write_sav(frame, str(path), missing_ranges=missing, variable_value_labels=labels)
    found = read_statistical(path)
    assert found.frame.to_dict("list") == {
        "age": ["30", "989", "", "", ""],
        "sex": ["male", "", "", "female", "male"],
        "town": ["Aln", "", "Brae", "", "Aln"],
        "low": ["", "", "0", "5", "7"],
    }
    assert found.absent == ("age", "sex", "town", "low")


def test_extended_missing_values_of_stata_are_empty(tmp_path):
    path = tmp_path / "clinic.dta"
    frame = pd.DataFrame({"x": [1, 2, "a", "z"], "y": [1.5, 321.25, None, 3]})
    pyreadstat.write_dta(
        frame,
        str(path),
        missing_user_values={"x": ["a", "z"]},
        variable_value_labels={"x": {1: "one", "a": "refused"}},
    )
    # The writer has them for whole numbers alone: .b in 64 bits.
    coded = (0x7FE0_0200_0000_0000).to_bytes(8, "little")
    path.write_bytes(path.read_bytes().replace(struct.pack("<d", 321.25), coded))
    found = read_text_columns(path).to_dict("list")
    assert found == {"x": ["one", "2", "", ""], "y": ["1.5", "", "", "3"]}


DAY = datetime.date(2024, 2, 29)
DATES = pd.DataFrame(
    {
        "DAY": [DAY, datetime.date(9999, 12, 31), None, datetime.date(1900, 1, 1)],
        "WHEN": [
            datetime.datetime(2024, 2, 29, 8, 30),
            None,
            datetime.datetime(1900, 1, 1),
            datetime.datetime(2024, 2, 29, 23, 59, 59),
        ],
        "SEEN": [datetime.datetime(2024, 2, 29), None, datetime.datetime(1850, 1, 1), None],
    }
)


@pytest.mark.parametrize("kind", ["sav", "zsav", "dta", "xpt"])
def test_dates_are_iso_dates(tmp_path, kind):
    path = tmp_path / f"clinic.{kind}"
    WRITERS[kind](DATES, str(path))
    assert read_text_columns(path).to_dict("list") == {
        "DAY": ["2024-02-29", "9999-12-31", "", "1900-01-01"],
        "WHEN": ["2024-02-29 08:30:00", "", "1900-01-01", "2024-02-29 23:59:59"],
        "SEEN": ["2024-02-29", "", "1850-01-01", ""],
    }


# 2024-02-29 in seconds from 1582-10-14, and in days from 1960.
SECONDS = float((DAY - datetime.date(1582, 10, 14)).days * 86_400)
DAYS = float((DAY - datetime.date(1960, 1, 1)).days)


@pytest.mark.parametrize(
    ("kind", "form", "number", "text"),
    [
        ("sav", "DATE11", SECONDS, "2024-02-29"),
        ("sav", "ADATE10", SECONDS, "2024-02-29"),
        ("sav", "EDATE8", SECONDS, "2024-02-29"),
        ("sav", "SDATE10", SECONDS, "2024-02-29"),
        ("sav", "JDATE7", SECONDS, "2024-02-29"),
        ("sav", "MOYR8", SECONDS, "2024-02-29"),
        ("sav", "QYR8", SECONDS, "2024-02-29"),
        ("sav", "DATETIME20", SECONDS + 60, "2024-02-29 00:01:00"),
        ("sav", "TIME8", 30_600.0, "08:30:00"),
        ("sav", "DTIME10", 90_061.0, "25:01:01"),
        ("sav", "N5", 1067.0, "01067"),
        ("sav", "F8.2", 1067.0, "1067"),
        ("sav", "WKDAY9", 2.0, "2"),
        ("dta", "%td", DAYS, "2024-02-29"),
        ("dta", "%tdDD/NN/CCYY", DAYS, "2024-02-29"),
        ("dta", "%d", DAYS, "2024-02-29"),
        ("dta", "%tc", (DAYS * 86_400 + 30_600) * 1000, "2024-02-29 08:30:00"),
        ("dta", "%tC", DAYS * 86_400_000, "2024-02-29"),
        ("dta", "%tm", 768.0, "2024-01-01"),
        ("dta", "%tq", 257.0, "2024-04-01"),
        ("dta", "%th", 129.0, "2024-07-01"),
        ("dta", "%tw", 64.0 * 52 + 1, "2024-01-08"),
        ("dta", "%tm", -1.0, "1959-12-01"),
        ("dta", "%ty", 2024.0, "2024"),
        ("dta", "%05.0f", 1067.0, "01067"),
        ("dta", "%9.0g", 1067.0, "1067"),
        ("xpt", "DATE9", DAYS, "2024-02-29"),
        ("xpt", "MMDDYY10", DAYS, "2024-02-29"),
        ("xpt", "YYMMDDN8", DAYS, "2024-02-29"),
        ("xpt", "MONYY7", DAYS, "2024-02-29"),
        ("xpt", "E8601DA10", DAYS, "2024-02-29"),
        ("xpt", "DATETIME20", DAYS * 86_400 + 30_600, "2024-02-29 08:30:00"),
        ("xpt", "E8601DT19", DAYS * 86_400, "2024-02-29"),
        ("xpt", "TIME8", 30_600.0, "08:30:00"),
        ("xpt", "Z5", 1067.0, "01067"),
        ("xpt", "BEST12", 1067.0, "1067"),
    ],
)
def test_a_number_is_what_its_format_shows(tmp_path, kind, form, number, text):
    path = tmp_path / f"clinic.{kind}"
    frame = pd.DataFrame({"X": [number, np.nan]})
    WRITERS[kind](frame, str(path), variable_format={"X": form})
    assert read_text_columns(path)["X"].tolist() == [text, ""]


def test_numbers_that_are_no_date_of_ours_stay_numbers(tmp_path):
    path = tmp_path / "clinic.sav"
    frame = pd.DataFrame({"x": [1e18, -1e18]})
    pyreadstat.write_sav(frame, str(path), variable_format={"x": "DATE11"})
    assert read_text_columns(path)["x"].tolist() == ["1000000000000000000", "-1000000000000000000"]


def test_numbers_of_32_bits_are_written_as_short_as_they_read_back(tmp_path):
    path = tmp_path / "clinic.dta"
    frame = pd.DataFrame({"x": np.array([0.1, 70.5, np.nan, 16_777_216], dtype="float32")})
    frame.to_stata(path, write_index=False)
    assert read_text_columns(path)["x"].tolist() == ["0.1", "70.5", "", "16777216"]


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_stata_of_every_version_is_read(tmp_path, version):
    path = tmp_path / "clinic.dta"
    frame = pd.DataFrame({"name": pd.Categorical(["Müller", "Ada", "Müller"]), "n": [1, 2, 3]})
    frame.to_stata(path, version=version, write_index=False)
    assert read_text_columns(path).to_dict("list") == {
        "name": ["Müller", "Ada", "Müller"],
        "n": ["1", "2", "3"],
    }


def test_another_encoding_than_the_file_says_is_told(tmp_path):
    path = tmp_path / "clinic.sav"
    frame = pd.DataFrame({"town": ["K__ln", "Bonn"]})
    pyreadstat.write_sav(frame, str(path))
    path.write_bytes(path.read_bytes().replace(b"K__ln", b"K\xf6ln "))
    assert "write" not in refuse(path)
    assert "name it by `encoding` in the description" in refuse(path)
    read = read_text_columns(path, Dialect(encoding="cp1252"))
    assert read["town"].tolist() == ["Köln", "Bonn"]
    assert read_text_columns(path, Dialect(encoding="latin-1")).equals(read)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_is_not_whole_is_told(tmp_path, kind):
    path = tmp_path / f"clinic.{kind}"
    WRITERS[kind](FRAME, str(path))
    path.write_bytes(path.read_bytes()[:300])
    assert "or not whole; save or copy it again" in refuse(path)


def test_a_file_without_a_record_is_told(tmp_path):
    path = tmp_path / "clinic.dta"
    FRAME.iloc[:0].to_stata(path, write_index=False)
    assert "a header but no record" in refuse(path)


def test_a_missing_file_is_told(tmp_path):
    assert "there is no such file" in refuse(tmp_path / "clinic.dta")


def test_without_the_extra_one_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    path = tmp_path / "clinic.sav"
    pyreadstat.write_sav(FRAME, str(path))
    monkeypatch.setitem(EXTRAS, "files", ("no_such_module",))
    assert "a file of SPSS needs packages that are not installed; run: pip" in refuse(path)
