from dataclasses import replace

import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.tables.columns import Column, describe_columns, names_with_role
from anonify.tables.dialect import Dialect
from anonify.tables.text import read_text_columns
from anonify.tables.typed import convert_records

SEX = Column("sex", "quasi-identifier", "category")
AGE = Column("age", "quasi-identifier", "decimal")
VISITS = Column("visits", "quasi-identifier", "integer")
GLUCOSE = Column("glucose", "sensitive", "integer")
HBA1C = Column("hba1c", "sensitive", "decimal")
SMOKING = Column("smoking", "sensitive", "category")


def read_records(path, columns, separator=",", decimal="."):
    return convert_records(read_text_columns(path, Dialect(separator)), columns, path, decimal)


@pytest.fixture
def read(tmp_path):
    def write_then_read(text, *columns):
        path = tmp_path / "patients.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_records(path, columns)

    return write_then_read


@pytest.fixture
def refuse(read):
    """Read a CSV that must be refused, and return the message."""

    def read_in_vain(text, *columns):
        with pytest.raises(UserError) as caught:
            read(text, *columns)
        message = str(caught.value)
        assert "patients.csv" in message
        assert "\n" not in message
        return message

    return read_in_vain


# Typed


@pytest.mark.parametrize("nothing", ["", "  ", '""', "\u00a0", "\u200b"])
def test_a_missing_value_of_another_column_stays_missing(read, nothing):
    frame = read(
        f"glucose,hba1c,smoking\n140,6.5,never\n{nothing},{nothing},{nothing}\n",
        GLUCOSE,
        HBA1C,
        SMOKING,
    )
    assert frame.dtypes.astype(str).tolist() == ["Int64", "float64", "category"]
    assert frame["smoking"].tolist() == ["never", ""]
    assert frame["smoking"].cat.categories.tolist() == ["never", ""]
    assert frame[["glucose", "hba1c"]].isna().to_numpy().tolist() == [[False] * 2, [True] * 2]


def test_without_gaps_numbers_are_plain(read):
    frame = read("glucose,hba1c\n140,6.5\n80,6\n", GLUCOSE, HBA1C)
    assert frame.dtypes.astype(str).tolist() == ["int64", "float64"]


def test_what_the_description_lists_is_missing_however_it_is_spelt(read):
    codes = ["unknown", -9, "."]
    glucose, hba1c, smoking, age = (
        replace(column, missing=codes) for column in (GLUCOSE, HBA1C, SMOKING, AGE)
    )
    frame = read(
        'glucose,hba1c,smoking,age\n-9,-9.0,never,.\n.,6,"UNKNOWN ",-9.00\n80,.,-9,40\n'
        "81,\u22129,Un\u200bknown,41\n82,7,unknown to us,42\n",
        glucose,
        hba1c,
        smoking,
        age,
    )
    assert frame["glucose"].isna().tolist() == [True, True, False, False, False]
    assert frame["hba1c"].isna().tolist() == [True, False, True, True, False]
    assert frame["smoking"].tolist() == ["never", "", "", "", "unknown to us"]
    assert frame["age"].tolist() == ["", "", "40.0", "41.0", "42.0"]


def test_a_code_for_missing_has_the_tables_decimal_mark(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("hba1c\n-9,5\n6,5\n")
    column = replace(HBA1C, missing=[-9.5])
    frame = convert_records(read_text_columns(path, Dialect(";")), [column], path, ",")
    assert frame["hba1c"].isna().tolist() == [True, False]


def test_spellings_of_a_quasi_identifier_become_the_most_frequent_where_it_says_so(read):
    text = 'sex\nmale\nMale\nMale\nMALE \nfemale\nFemale\n""\n'
    assert read(text, SEX)["sex"].nunique() == 6
    joined = read(text, replace(SEX, normalize=True))["sex"]
    # Of equally frequent ones the first in the alphabet.
    assert joined.tolist() == ["Male"] * 4 + ["Female"] * 2 + [""]
    assert joined.cat.categories.tolist() == ["Female", "Male", ""]


def test_columns_are_described_in_the_order_of_the_configuration():
    columns = describe_columns(
        {
            "sex": {"role": "quasi-identifier", "type": "category", "hierarchy": {}},
            "hba1c": {"role": "sensitive", "type": "decimal"},
        }
    )
    assert columns == (SEX, HBA1C)
    assert names_with_role([HBA1C, SEX, GLUCOSE, AGE], "quasi-identifier") == ["sex", "age"]


def test_a_number_that_identifies_is_text_as_python_writes_it(read):
    frame = read("age,visits\n80,7\n.5,07\n1e1,+7\n", AGE, VISITS)
    assert frame["age"].tolist() == ["80.0", "0.5", "10.0"]
    assert frame["visits"].tolist() == ["7", "7", "7"]


def test_the_domain_of_numbers_is_ordered_by_value(read):
    frame = read("age\n100\n9\n-1\n20\n9\n", AGE)
    assert frame["age"].cat.categories.tolist() == ["-1.0", "9.0", "20.0", "100.0"]
    assert frame["age"].cat.ordered


def test_the_domain_of_text_is_ordered_by_alphabet(read):
    frame = read("sex\nMale\nFemale\nMale\n", SEX)
    assert frame["sex"].cat.categories.tolist() == ["Female", "Male"]
    assert frame["sex"].tolist() == ["Male", "Female", "Male"]


def test_minus_zero_is_zero(read):
    assert read("age\n-0.0\n0.0\n", AGE)["age"].tolist() == ["0.0", "0.0"]


def test_sensitive_numbers_are_numbers(read):
    frame = read("glucose,hba1c\n140,6\n80.0,5.5\n", GLUCOSE, HBA1C)
    assert frame.dtypes.astype("str").tolist() == ["int64", "float64"]
    assert frame.to_dict("list") == {"glucose": [140, 80], "hba1c": [6, 5.5]}


def test_sensitive_text_is_a_category(read):
    frame = read("smoking\nnever\never\n", SMOKING)
    assert isinstance(frame["smoking"].dtype, pd.CategoricalDtype)


def test_text_that_could_mean_a_missing_value_is_a_value(read):
    assert read("smoking\nNA\nNone\nnull\n", SMOKING)["smoking"].tolist() == ["NA", "None", "null"]


def test_columns_come_in_the_order_of_the_configuration(read):
    assert read("age,sex\n1,F\n", SEX, AGE).columns.tolist() == ["sex", "age"]


def test_a_file_saved_by_a_spreadsheet_is_read(read):
    frame = read('\ufeffsex,smoking\r\nF,"no, never"\r\n'.encode(), SEX, SMOKING)
    assert frame.to_dict("list") == {"sex": ["F"], "smoking": ["no, never"]}


def test_a_comma_within_a_quoted_header_parts_no_columns(read):
    # Split at the commas, the header had the piece ` x"` twice.
    first, second = Column("a, x", "sensitive", "integer"), Column("b, x", "sensitive", "integer")
    assert read('"a, x","b, x"\n1,2\n', first, second).to_dict("list") == {"a, x": [1], "b, x": [2]}


# Missing


def test_a_missing_value_that_identifies_is_a_value_of_its_own_at_the_end_of_the_domain(read):
    frame = read("sex,age,visits\nM,5,\n , ,2\nF,7,1\n", SEX, AGE, VISITS)
    assert frame["sex"].tolist() == ["M", "", "F"]
    assert frame["age"].cat.categories.tolist() == ["5.0", "7.0", ""]
    assert frame["visits"].tolist() == ["", "2", "1"]


def test_direct_identifiers_are_left_out(read):
    name = Column("name", "identifier", "category")
    assert read("name,sex\nAda,F\n,M\n", name, SEX).columns.tolist() == ["sex"]


def test_values_may_be_separated_otherwise(tmp_path):
    (tmp_path / "patients.csv").write_text("sex;smoking\nF;no, never\n")
    frame = read_records(tmp_path / "patients.csv", [SEX, SMOKING], ";")
    assert frame.to_dict("list") == {"sex": ["F"], "smoking": ["no, never"]}


def test_decimals_may_be_parted_by_a_comma(tmp_path):
    (tmp_path / "patients.csv").write_text("hba1c;age\n5,5;40\n1,25e1;-0,5\n")
    frame = read_records(tmp_path / "patients.csv", [HBA1C, AGE], ";", ",")
    assert frame.to_dict("list") == {"hba1c": [5.5, 12.5], "age": ["40.0", "-0.5"]}


def test_a_point_that_parts_thousands_is_no_number(tmp_path):
    (tmp_path / "patients.csv").write_text("hba1c\n1.234,5\n")
    with pytest.raises(UserError, match=r"'1\.234,5', not a number; .* and the table's `decimal`"):
        read_records(tmp_path / "patients.csv", [HBA1C], ";", ",")


def test_dates_are_read_as_they_are_written_and_kept_as_iso(read):
    born = Column("born", "quasi-identifier", "date", "%d.%m.%Y")
    frame = read('born\n31.12.1980\n""\n01.02.1979\n', born)
    assert frame["born"].tolist() == ["1980-12-31", "", "1979-02-01"]
    assert frame["born"].cat.categories.tolist() == ["1979-02-01", "1980-12-31", ""]


def test_what_is_no_date_is_told_with_the_format(refuse):
    seen = Column("seen", "sensitive", "date")
    message = refuse("seen\n2020-02-29\n2021-02-29\n", seen)
    assert "record 2: 'seen' is '2021-02-29', no date as %Y-%m-%d writes it" in message


# Parquet


@pytest.fixture
def parquet(tmp_path):
    def write_then_read(frame, *columns):
        frame.to_parquet(tmp_path / "patients.parquet")
        return read_records(tmp_path / "patients.parquet", columns, ";")

    return write_then_read


def test_parquet_gives_what_the_same_csv_gives(parquet, read):
    columns = (SEX, AGE, VISITS, GLUCOSE, HBA1C, Column("seen", "quasi-identifier", "date"))
    frame = pd.DataFrame(
        {
            "sex": pd.Categorical(["F", None]),
            "age": [40.5, None],
            "visits": pd.array([None, 3], dtype="Int64"),
            "glucose": [80, 90],
            "hba1c": [5.5, 6.0],
            "seen": pd.to_datetime(["2020-01-31", None]),
        }
    )
    text = "sex,age,visits,glucose,hba1c,seen\nF,40.5,,80,5.5,2020-01-31\n,,3,90,6.0,\n"
    pd.testing.assert_frame_equal(parquet(frame, *columns), read(text, *columns))


def test_dates_of_a_time_zone_are_those_of_its_clocks(parquet):
    # Midnight in Tokyo is the day before in Greenwich.
    days = pd.to_datetime(["2024-02-29", "2024-03-01"]).tz_localize("Asia/Tokyo")
    frame = parquet(pd.DataFrame({"born": days}), Column("born", "quasi-identifier", "date"))
    assert frame["born"].tolist() == ["2024-02-29", "2024-03-01"]


def test_parquet_that_is_not_whole_is_told(tmp_path):
    path = tmp_path / "patients.parquet"
    pd.DataFrame({"sex": ["F"]}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match=r"patients\.parquet: the file is no Parquet, or not whole"):
        read_records(path, [SEX])


def test_a_column_of_lists_is_told(parquet):
    with pytest.raises(UserError, match="column 'sex' holds values of the kind list"):
        parquet(pd.DataFrame({"sex": [["F"], ["M"]]}), SEX)


# Refused


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.csv: there is no such file"):
        read_records(tmp_path / "nowhere.csv", [SEX])


def test_an_empty_file_is_told(refuse):
    assert "the file is empty" in refuse("", SEX)


def test_a_file_without_records_is_told(refuse):
    assert "a header but no record" in refuse("sex,age\n", SEX, AGE)


def test_a_file_that_is_not_utf_8_is_told_with_its_line(refuse):
    message = refuse("smoking\nnie\nfrüher\n".encode("latin-1"), SMOKING)
    assert "line 3: the file is not UTF-8 text" in message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (
            b"PK\x03\x04xl/worksheets",
            "an archive that is not whole or locked; save or copy it again",
        ),
        (b"PAR1sex", "a Parquet file; let its name end in .parquet"),
        (b"sex\nF\nM\0\n", "no text, for line 3 has a NUL byte"),
        (b"sex\nF\n" * 300_000 + b"\0", "no text, for line 600001 has a NUL byte"),
    ],
)
def test_a_file_that_is_no_text_is_told(refuse, content, what):
    assert f"the file is {what}" in refuse(content, SEX)


def test_a_missing_column_is_told_with_those_that_are_there(refuse):
    message = refuse("Sex,age\nF,1\n", SEX, AGE)
    assert "the column 'sex' is missing (there are Sex, age)" in message


def test_of_many_columns_some_are_named(refuse):
    names = ["x" * 100, *(f"c{number}" for number in range(30))]
    message = refuse(f"{','.join(names)}\n{','.join('1' * 31)}\n", SEX)
    assert f"(there are {'x' * 79}…, c0, " in message
    assert "c18, 11 more)" in message


@pytest.mark.parametrize(("separator", "written"), [(";", '";"'), ("\t", r'"\t"')])
def test_what_parts_the_columns_is_told_where_it_is_another(refuse, separator, written):
    message = refuse(f"sex{separator}age\nF{separator}1\n", SEX, AGE)
    assert f"parts the columns, so write `separator: {written}` in the description" in message


def test_what_parts_the_columns_is_doubted_where_the_header_is_one(refuse):
    message = refuse("sex;age\nF;40,5\n", SEX, AGE)
    assert "line 2 has 2 values where the header has 1" in message
    assert "say by `separator` what parts the columns" in message


def test_a_column_without_a_name_is_told(refuse):
    assert "a column has no name in the header" in refuse("sex,\nF,\n", SEX)


def test_a_column_that_is_not_described_is_told(refuse):
    message = refuse("sex,name\nF,Ann\n", SEX)
    assert "the column 'name' is not described" in message


@pytest.mark.parametrize("header", ["sex,age,sex", '"sex",age,sex'])
def test_a_header_that_stands_twice_is_told(refuse, header):
    message = refuse(f"{header}\nF,1,M\n", SEX, AGE)
    assert "the column 'sex' stands twice" in message


@pytest.mark.parametrize("value", ["high", "nan", "inf", "1 40"])
def test_a_value_that_is_no_number_is_told_with_its_record(refuse, value):
    message = refuse(f"hba1c\n6\n{value}\n", HBA1C)
    assert f"record 2: 'hba1c' is '{value}', not a number" in message


@pytest.mark.parametrize("column", [GLUCOSE, VISITS])
def test_a_value_that_is_no_whole_number_is_told_with_its_record(refuse, column):
    message = refuse(f"{column.name}\n140\n80.5\n", column)
    assert f"record 2: '{column.name}' is '80.5', not a whole number" in message


@pytest.mark.parametrize("column", [GLUCOSE, VISITS])
def test_a_whole_number_that_no_64_bits_hold_is_told(refuse, column):
    message = refuse(f"{column.name}\n140\n99999999999999999999\n", column)
    assert f"record 2: '{column.name}' is '99999999999999999999'" in message


def test_a_record_with_too_few_values_is_told(refuse):
    message = refuse("sex,smoking\nF,never\nM\n", SEX, SMOKING)
    assert "record 2: it has fewer values than the header has columns (2)" in message


def test_a_record_with_too_many_values_is_told(refuse):
    message = refuse("sex,smoking\nF,never\nM,no,never\n", SEX, SMOKING)
    assert "the file is no regular CSV, for line 3 has 3 values where the header has 2" in message
    assert "put quotes around values with ',' in them" in message


def test_records_that_all_have_a_value_too_many_are_not_shifted(refuse):
    # M would become the sex of a person whose sex is F.
    assert refuse("sex,smoking\nF,M,never\nF,M,never\n", SEX, SMOKING)


def test_a_quote_that_is_not_closed_is_told(refuse):
    message = refuse('sex,smoking\nM,ever\nF,"never\nM,ever\n', SEX, SMOKING)
    assert "a quote that opens in record 2 is never closed" in message


@pytest.mark.parametrize(
    "name", ["is_suppressed", "IS_Suppressed", "anonify.person", "anonify.place", "Anonify.number"]
)
def test_a_column_named_like_one_of_our_own_is_told(name):
    with pytest.raises(UserError, match=f"'{name}' is a name that our tables use"):
        describe_columns({name: {"role": "sensitive", "type": "integer"}})


def test_only_what_is_left_out_may_have_no_name():
    with pytest.raises(UserError, match="columns: the column in place 2 has no name; write one"):
        describe_columns(
            {
                "sex": {"role": "quasi-identifier", "type": "category"},
                "": {"role": "quasi-identifier", "type": "integer"},
            }
        )
    # As pandas writes an index.
    assert describe_columns({"": {"role": "identifier", "type": "integer"}})
