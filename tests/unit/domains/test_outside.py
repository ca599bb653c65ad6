"""What covers a value that the table lacks, against a domain that was built with it."""

from random import Random

import numpy as np
import pytest

from anonify.domains.files import build_domain
from anonify.domains.outside import cover_values
from anonify.domains.ranges import Ranges

INTERVALS = {"hierarchy": {"intervals": [{"start": 0, "width": 10}, {"edges": [0, 40, 100]}]}}
PREFIXES = {"hierarchy": {"prefixes": [3, 1]}}
TREE = {"hierarchy": {"tree": {"North": ["Aln", "Brae"], "South": ["Carn", "Dun"]}}}


def cover(values, asked, column, file=None):
    domain = build_domain("a", values, column, file)
    return domain.labels_of(cover_values(domain, asked, column))


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        (INTERVALS, ["21", "35"], {"21": "21", "29": "20-30", "5": "0-40", "70": "*"}),
        # 200 is in no interval, and takes no other one with it.
        (INTERVALS, ["21", "35"], {"29": "20-30", "200": "*", "": "*"}),
        (PREFIXES, ["48109", "48202"], {"48101": "481*", "49001": "4*", "99999": "*", "": "*"}),
        (TREE, ["Aln", "Carn"], {"Brae": "North", "Dun": "South", "York": "*"}),
        ({"hierarchy": {}}, ["f", "m"], {"f": "f", "x": "*"}),
        (
            {"hierarchy": {"dates": ["month", "year"]}, "type": "date"},
            ["2020-03-01", "2021-05-05"],
            {"2020-03-09": "2020-03", "2020-12-01": "2020", "1999-01-01": "*"},
        ),
        (
            {"hierarchy": {"code": {"system": "icd10"}}},
            ["E11.9", "I10"],
            {"E11.2": "E11*", "I10": "I10", "Z00.0": "*"},
        ),
    ],
)
def test_a_value_is_covered_by_the_lowest_label_that_the_table_has(column, values, expected):
    column = {"type": "category", **column}
    assert cover(values, [*expected], column) == [*expected.values()]


def test_a_file_knows_the_values_that_it_lists(tmp_path):
    (tmp_path / "h.csv").write_text("30;30-39;*\n31;30-39;*\n40;40-49;*\n")
    column = {"type": "integer", "hierarchy": {"file": "h.csv"}}
    assert cover(["30"], ["31", "40", "32", ""], column, tmp_path / "h.csv") == [
        "31",
        "40",
        "*",
        "*",
    ]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (None, {"30": "30", "32": "[30, 34]", "33.5": "[30, 34]", "40": "40", "41": "*", "": "*"}),
        (
            {"edges": [0, 20, 40, 60]},
            {"5": "[0, 20[", "20": "[20, 40[", "60": "[40, 60]", "61": "*"},
        ),
        ({"start": 0, "width": 10}, {"31": "[30, 40]", "40": "40", "41": "*", "29": "[20, 30["}),
    ],
)
def test_a_number_is_covered_by_the_narrowest_range(ranges, expected):
    column = {"type": "decimal"} if ranges is None else {"type": "decimal", "ranges": ranges}
    assert cover(["22", "30", "34", "40"], [*expected], column) == [*expected.values()]


@pytest.mark.parametrize("seed", range(20))
def test_ranges_hold_a_number_as_those_that_were_built_with_it(seed):
    random = Random(seed)
    values = sorted(random.sample(range(60), random.randint(3, 8)))
    asked = random.randrange(70)
    edges = (*map(str, range(0, 61, 10)),) if random.random() < 0.5 else ()
    domain = Ranges("a", (*map(str, values),), edges)
    [node] = domain.surround([str(asked)])
    for first in range(len(values)):
        for last in range(first + 1, len(values)):
            pair = domain.join(np.array([first]), np.array([last]))
            low, high = domain.bounds_of(pair)[0]
            is_held = pair[0] == domain.root or low <= asked <= high
            assert (domain.join(pair, np.array([node]))[0] == pair[0]) == is_held
