"""Hierarchies in the ways in which people and other programs write them."""

import itertools

import pytest

from anonify.domains.files import build_domain
from anonify.domains.written import spell_value

ROWS = [["1", "1-2", "1-4", "Any"], ["2", "1-2", "1-4", "Any"], ["3", "3-4", "1-4", "Any"]]
VALUES = ["1", "2", "3"]


def build(tmp_path, text, kind="integer", values=VALUES, **column):
    path = tmp_path / "age.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    column = {"type": kind, "hierarchy": {"file": "age.csv"}, **column}
    return build_domain("age", values, column, path)


@pytest.mark.parametrize(
    ("mark", "header", "trailing", "pad", "end", "repeated", "bom"),
    [
        (mark, *others)
        for mark, others in zip(
            itertools.cycle(";,\t|"),
            itertools.product(
                [False, True], [0, 1, 2], ["", " "], ["\n", "\r\n"], [False, True], ["", "\ufeff"]
            ),
            strict=False,
        )
    ],
)
def test_every_way_of_writing_gives_the_same(
    tmp_path, mark, header, trailing, pad, end, repeated, bom
):
    rows = [*ROWS, ROWS[1]] if repeated else ROWS
    if header:
        rows = [["age", "level 1", "level 2", "level 3"], *rows]
    lines = [f"{pad}{mark}{pad}".join(row) + pad + mark * trailing + end for row in rows]
    domain = build(tmp_path, bom + "".join(lines))
    assert domain.rows.tolist() == ROWS
    assert domain.root_label == "Any"


@pytest.mark.parametrize(
    ("kind", "form", "written", "values"),
    [
        ("integer", {}, ["1.0", "2", "3,0"], ["1", "2", "3"]),
        ("decimal", {}, ["70,5", "1", "2.50"], ["70.5", "1.0", "2.5"]),
        ("decimal", {}, ["-0", "1e3", " 7 "], ["0.0", "1000.0", "7.0"]),
        (
            "date",
            {"format": "%d.%m.%Y"},
            ["01.03.2024", "2024-12-31", "30.04.2024"],
            ["2024-03-01", "2024-12-31", "2024-04-30"],
        ),
        ("category", {}, ["Aln", " Brae", "Coll "], ["Aln", "Brae", "Coll"]),
        ("category", {}, ["Aln", " Brae", "07"], ["Aln", " Brae", "07"]),
    ],
)
def test_values_are_written_as_the_table_writes_them(tmp_path, kind, form, written, values):
    domain = build(tmp_path, "".join(f"{value};*\n" for value in written), kind, values, **form)
    assert domain.rows.tolist() == [[value, "*"] for value in values]


def test_a_separator_in_a_label_parts_nothing(tmp_path):
    domain = build(tmp_path, "1;[1, 3[;*\n2;[1, 3[;*\n3;[3, 5[;*\n")
    assert domain.labels_of(domain.find_nodes(["[1, 3[", "[3, 5["])) == ["[1, 3[", "[3, 5["]
    quoted = build(tmp_path, '1,"[1, 3[",*\n2,"[1, 3[",*\n3,"[3, 5[",*\n')
    assert quoted.rows.tolist() == domain.rows.tolist()


def test_the_first_row_of_a_value_is_no_header(tmp_path):
    assert build(tmp_path, "1;a;*\n2;a;*\n3;b;*\n").rows.tolist()[0] == ["1", "a", "*"]
    # One root alone, and no row that could be told from others.
    assert build(tmp_path, "1;*\n2;*\n", values=["1", "2"]).leaf_count == 2


def test_a_missing_value_keeps_its_row(tmp_path):
    domain = build(tmp_path, "1;a;*;\n2;a;*;\n;none;*;\n", values=["1", "2", ""])
    assert domain.rows.tolist()[2] == ["", "none", "*"]


@pytest.mark.parametrize("digits", [400, 4301, 50_000])
def test_a_number_of_any_length_is_another_value_than_a_short_one(digits):
    long = "9" * digits
    assert spell_value(long, "integer") == long
    assert spell_value(f"-{long}", "integer") == f"-{long}"
    assert spell_value("0" * digits + "7", "integer") == "7"
    # Numbers that floating-point numbers do not tell apart stay two.
    assert spell_value("1" + "0" * 20, "integer") != spell_value("1" + "0" * 19 + "1", "integer")
