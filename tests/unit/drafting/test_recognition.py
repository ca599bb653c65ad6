"""How a CSV is written, found out from the file."""

from pathlib import Path

import pandas as pd
import pytest

import anonify
from anonify.base.errors import UserError
from anonify.drafting.drafts import write_files
from anonify.drafting.examination import examine_table
from anonify.drafting.recognition import recognize_dialect
from anonify.tables.dialect import Dialect
from anonify.tables.text import read_text_columns

ROWS = ["age;town", "30;Köln", "41;Bonn", "30;Köln"]


@pytest.mark.parametrize(
    ("lines", "encoding", "dialect"),
    [
        (ROWS, "utf-8", Dialect(";")),
        (ROWS, "utf-8-sig", Dialect(";")),
        (ROWS, "utf-16", Dialect(";", encoding="utf-16")),
        (ROWS, "cp1252", Dialect(";", encoding="cp1252")),
        (["sep=;", *ROWS], "utf-8", Dialect(";")),
        (["Wards of 2024", "", *ROWS], "utf-8", Dialect(";", first_line=3)),
        ([*ROWS, "", "Source: ward 3"], "utf-8", Dialect(";", last_line=4)),
        (["Wards", *ROWS, "as of May 2024"], "utf-8", Dialect(";", first_line=2, last_line=5)),
        ([*ROWS, ""], "utf-8", Dialect(";")),
        (["age", "30", "41"], "utf-8", Dialect()),
    ],
)
def test_a_table_tells_how_it_is_written(tmp_path, lines, encoding, dialect):
    path = tmp_path / "a.csv"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    found = recognize_dialect(path, None)
    assert found == dialect
    if len(lines) >= len(ROWS):
        read = read_text_columns(path, found)
        assert read.to_numpy().tolist() == [row.split(";") for row in ROWS[1:]]


def test_codes_in_the_place_of_dates_and_open_ends_of_numbers_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [(f"{20 + n}", f"2024-01-{1 + n % 28:02}") for n in range(70)]
    rows += [("90+", "-5"), ("90+", "-8"), ("<18", "2024-03-01")]
    frame = pd.DataFrame(rows, columns=["age", "visit"])
    frame.to_csv("clinic.csv", index=False)
    write_files(examine_table(Path("clinic.csv"), "clinic"))
    read = anonify.read_dataset("config/datasets/clinic.yaml", "clinic.csv")
    ages = [text.strip("<+") for text in frame["age"]]
    assert read.frame["age"].astype(str).tolist() == ages
    days = frame["visit"].where(~frame["visit"].isin(["-5", "-8"]), "")
    assert read.frame["visit"].astype(str).tolist() == days.tolist()
    ninety = read.domains["age"].rows[read.domains["age"].node_of["90"]]
    # No label closes what is open.
    assert all(label.startswith(">=") for label in ninety[1:-1])


def test_a_record_that_breaks_off_is_no_note(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n".join([*ROWS, "4"]))
    with pytest.raises(UserError, match="it has fewer values than the header"):
        read_text_columns(path, recognize_dialect(path, None))


def test_what_somebody_says_of_the_header_is_not_asked(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("30;f\n41;m\n30;f\n")
    with pytest.raises(UserError, match="say `--no-header`, and else `--header`"):
        recognize_dialect(path, None)
    assert recognize_dialect(path, False).header is False
    assert recognize_dialect(path, True).header is True
