"""Excel workbooks that openpyxl wrote, read as the texts that a person sees."""

import datetime
import re
import zipfile

import openpyxl
import openpyxl.chart
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.base.extras import EXTRAS
from anonify.tables import workbooks
from anonify.tables.dialect import Dialect
from anonify.tables.text import read_text_columns
from anonify.tables.workbooks import read_sheet


def write(path, *rows, mend=lambda sheet: None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    mend(book.active)
    book.save(path)
    return path


def rewrite(path, change):
    """Change the XML of the first sheet of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = change(parts[name].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


def read(path, **dialect):
    return read_text_columns(path, Dialect(**dialect))


def refuse(path, **dialect):
    with pytest.raises(UserError) as error:
        read(path, **dialect)
    assert str(error.value).startswith(str(path))
    return str(error.value)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clinic.xlsx"


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (7, None, "7"),
        (7.0, None, "7"),
        (-7.0, "0.00", "-7"),
        (70.1, None, "70.1"),
        (70.5, "0", "70.5"),
        (123456789012345, None, "123456789012345"),
        (9007199254740991, "0", "9007199254740991"),
        (1e300, None, "1e+300"),
        (1067, "00000", "01067"),
        (80331, "00000", "80331"),
        ("01067", None, "01067"),
        ("1.0", None, "1.0"),
        (" x ", None, " x "),
        ("a\nb", None, "a\nb"),
        ("a_x000D_\nb_x005F_", None, "a\r\nb_"),
        ("None", None, "None"),
        ("NA", None, "NA"),
        (True, None, "true"),
        (False, None, "false"),
        ("#N/A", None, "#N/A"),
        (datetime.date(2024, 2, 29), None, "2024-02-29"),
        (datetime.date(9999, 12, 31), None, "9999-12-31"),
        (datetime.date(1900, 1, 1), None, "1900-01-01"),
        (datetime.datetime(2024, 1, 2), "dd.mm.yyyy", "2024-01-02"),
        (datetime.datetime(2024, 1, 2, 8, 30), "dd.mm.yy hh:mm", "2024-01-02 08:30:00"),
        (datetime.time(8, 30), None, "08:30:00"),
        (datetime.timedelta(hours=25, minutes=3), None, "25:03:00"),
    ],
)
def test_a_cell_is_the_text_that_a_csv_of_it_has(path, value, form, text):
    def mend(sheet):
        if form:
            sheet["B2"].number_format = form

    write(path, ["id", "value"], ["a", value], ["b", None], mend=mend)
    expected = pd.DataFrame({"id": ["a", "b"], "value": [text, ""]}, dtype="str")
    pd.testing.assert_frame_equal(read(path), expected)


def test_dates_of_a_workbook_that_counts_from_1904_are_the_same(path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in (["id", "day"], ["a", datetime.date(2024, 2, 29)]):
        book.active.append(row)
    book.save(path)
    assert read(path)["day"].tolist() == ["2024-02-29"]


@pytest.mark.parametrize("chunk", [1, 2, 3, 1000])
def test_rows_of_different_lengths_and_empty_ones_are_put_together(path, monkeypatch, chunk):
    monkeypatch.setattr(workbooks, "CHUNK", chunk)
    rows = [["a", None, "c"], [1], [], [None, None, 2], [None, None, None], [3, None, 4, None]]
    write(path, *rows)
    expected = pd.DataFrame({"a": ["1", "", "3"], "c": ["", "2", "4"]}, dtype="str")
    pd.testing.assert_frame_equal(read(path), expected)


def test_the_size_that_a_program_wrote_wrongly_is_not_believed(path):
    write(path, ["a", "b"], [1, 2], [3, 4])
    rewrite(path, lambda text: re.sub('<dimension ref="[^"]+"', '<dimension ref="A1"', text))
    assert read(path).shape == (2, 2)


def test_a_table_may_begin_anywhere(path):
    rows = [["Ward 3"], [], [None, "sex", "age"], [None, "f", 30], [None, "m", 40], ["as of May"]]
    write(path, *rows)
    expected = pd.DataFrame({"sex": ["f", "m"], "age": ["30", "40"]}, dtype="str")
    pd.testing.assert_frame_equal(read(path, first_line=3, last_line=5), expected)


def test_merged_cells_all_have_the_value_of_the_first(path, monkeypatch):
    monkeypatch.setattr(workbooks, "CHUNK", 2)
    rows = [
        ["id", "sex", "visit"],
        ["P1", "f", 1],
        *([None, None, n] for n in (2, 3)),
        ["P2", "m", 1],
    ]

    def mend(sheet):
        for area in ("A2:A4", "B2:B4"):
            sheet.merge_cells(area)

    frame = read(write(path, *rows, mend=mend))
    assert frame["id"].tolist() == ["P1", "P1", "P1", "P2"]
    assert frame["sex"].tolist() == ["f", "f", "f", "m"]
    assert frame["visit"].tolist() == ["1", "2", "3", "1"]


def test_merged_cells_of_a_header_are_one_name_twice(path):
    rows = [["id", "pressure", None], ["P1", 120, 80]]
    write(path, *rows, mend=lambda sheet: sheet.merge_cells("B1:C1"))
    assert "the column 'pressure' stands twice in the header; rename one" in refuse(path)


def test_hidden_rows_and_columns_are_read_and_counted(path):
    def mend(sheet):
        sheet.column_dimensions["B"].hidden = True
        sheet.row_dimensions[3].hidden = True

    write(path, ["a", "b"], [1, 2], [3, 4], mend=mend)
    found = read_sheet(path, Dialect())
    assert (found.hidden_rows, found.hidden_columns) == (1, 1)
    assert read(path).to_numpy().tolist() == [["1", "2"], ["3", "4"]]


def test_the_one_sheet_with_values_that_is_shown_is_read(path):
    book = openpyxl.Workbook()
    book.active.title = "Patients"
    for row in (["a"], [1]):
        book.active.append(row)
    book.create_sheet("Empty")
    book.create_sheet("Lists").append(["x"])
    book["Lists"].sheet_state = "hidden"
    book.create_chartsheet("Chart").add_chart(openpyxl.chart.BarChart())
    book.save(path)
    assert read(path)["a"].tolist() == ["1"]
    book["Lists"].sheet_state = "visible"
    book.save(path)
    message = refuse(path)
    assert "has the sheets Patients, Lists; name that of the table by `sheet`" in message
    assert read(path, sheet="Patients")["a"].tolist() == ["1"]
    message = refuse(path, sheet="patients")
    assert "no sheet 'patients' (there are Patients, Empty, Lists); correct `sheet`" in message


def test_the_result_of_a_formula_is_its_value(path):
    write(path, ["a", "b"], [1, "=A2*2"], [2, "=A3*2"])
    message = refuse(path)
    assert "the cell B2 has a formula without a result" in message
    assert "save it" in message

    def calculate(text):
        for n in (2, 4):
            text = re.sub(r"(</f>)<v ?/>|(</f>)<v></v>", f"</f><v>{n}</v>", text, count=1)
        return text

    rewrite(path, calculate)
    assert read(path)["b"].tolist() == ["2", "4"]


def test_the_result_of_a_formula_may_be_an_empty_text(path):
    write(path, ["a", "b"], [1, '=IF(A2>0,"","x")'], [2, "y"])
    rewrite(path, lambda text: text.replace('<c r="B2">', '<c r="B2" t="str">'))
    assert read(path)["b"].tolist() == ["", "y"]


def test_a_name_that_lacks_in_the_header_is_told_by_its_cell(path):
    write(path, [], ["a", None, "c"], [1, 2, 3])
    assert "the cell B2 of the header is empty" in refuse(path)


def test_a_name_that_stands_twice_is_told(path):
    write(path, ["a", "b", "a"], [1, 2, 3])
    assert "the column 'a' stands twice in the header; rename one" in refuse(path)


def test_without_a_header_the_columns_are_named_by_the_description(path):
    write(path, [30, "f"], [31, "m"], [30, "f"])
    assert "write `header: false` in the description" in refuse(path)
    frame = read_text_columns(path, Dialect(header=False), ["age", "sex"])
    assert frame["age"].tolist() == ["30", "31", "30"]
    assert len(read(path, header=True)) == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [([], "no cell with a value"), ([["a", "b"]], "a header but no record")],
)
def test_an_empty_workbook_is_told(path, rows, message):
    assert message in refuse(write(path, *rows))


def test_rows_beyond_the_table_are_told(path):
    assert "the sheet is empty" in refuse(write(path, ["a"], [1]), first_line=9)


def test_numbers_of_more_digits_than_excel_keeps_are_told(path):
    write(path, ["a", "b", "c"], [1e15, 999_999_999_999_999, "1234567890123456"])
    assert read_sheet(path, Dialect()).rounded == ("A",)


def test_a_broken_workbook_is_told(path):
    write(path, ["a"], [1])
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    assert "an archive that is not whole" in refuse(path)
    write(path, ["a"], [1])
    rewrite(path, lambda text: text[:-30])
    assert "the workbook is broken" in refuse(path)


def test_a_missing_file_is_told(path):
    assert "there is no such file" in refuse(path)


def test_without_the_extra_one_sentence_says_how_to_get_it(path, monkeypatch):
    write(path, ["a"], [1])
    monkeypatch.setitem(EXTRAS, "files", ("no_such_module",))
    assert re.search(r"an Excel workbook needs packages .* pip install '.*\[files\]'", refuse(path))
