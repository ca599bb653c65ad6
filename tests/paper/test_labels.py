"""What classes of Adult lose and tell as nodes and as sets, as `docs/methods.md` has it."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.profile import takes_long, takes_longest

from anonify.base.errors import UserError
from anonify.datasets.described import read_dataset
from anonify.domains.domain import encode_records, find_covered
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.recoding.recoding import list_shown
from anonify.releases.anonymization import anonymize_table
from anonify.tables.classes import group

METHODS_PAGE = Path(__file__).resolve().parents[2] / "docs/methods.md"
K = (5, 50, 250)

pytestmark = takes_long


@pytest.fixture(scope="module")
def adult():
    try:
        return read_dataset("adult")
    except UserError as error:
        pytest.skip(f"the Adult table is needed: {error}")


@cache
def read_rows(header):
    """The rows of the table with a header, without its marks."""
    _, _, text = METHODS_PAGE.read_text(encoding="utf-8").partition(header)
    lines = text.partition("\n\n")[0].splitlines()[2:]
    return [tuple(line.strip("| ").replace("`", "").split(" | ")) for line in lines]


def anonymize(frame, domains, method, k, labels):
    generator = np.random.default_rng(1)
    return anonymize_table(frame, domains, method, k, generator, labels=labels)


@pytest.mark.parametrize(
    "method",
    ["arx", pytest.param("greedy", marks=takes_longest), "mondrian", "ola", "ncp_mondrian"],
)
def test_what_nodes_and_sets_lose(adult, method):
    rows = read_rows(
        "| method | nodes, k = 5 | k = 50 | k = 250 | sets, k = 5 | k = 50 | k = 250 |"
    )
    assert len(rows) == 5
    (printed,) = [row[1:] for row in rows if row[0] == method]
    found = [
        mean_ncp(
            measure_ncp(
                anonymize(adult.frame, adult.domains, method, k, labels).frame, adult.domains
            )
        )
        for labels in ("nodes", "sets")
        for k in K
    ]
    assert [f"{ncp:.2f}" for ncp in found] == [*printed]


@pytest.mark.parametrize("k", K)
@pytest.mark.parametrize("method", ["arx", "mondrian"])
def test_who_fits_the_classes(adult, method, k):
    rows = read_rows("| method | k | others, nodes | sets | classes, nodes | sets |")
    assert len(rows) == 6
    (printed,) = [row[2:] for row in rows if row[:2] == (method, str(k))]
    order = np.random.default_rng(7).permutation(len(adult.frame))
    half = len(order) // 2
    anonymized = adult.frame.iloc[order[:half]].reset_index(drop=True)
    people = encode_records(adult.frame, adult.domains)[order]
    others, classes = [], []
    for labels in ("nodes", "sets"):
        recoding = anonymize(anonymized, adult.domains, method, k, labels).recoding
        fits = count_fitting(recoding, [*adult.domains.values()], people)
        others.append(100 * (fits[half:] > 0).mean())
        classes.append(fits[:half][~recoding.is_suppressed].mean())
    assert [f"{number:.1f}" for number in (*others, *classes)] == [*printed]


def count_fitting(recoding, domains, people):
    """Array (people,): the classes that show nothing but what covers a person."""
    classes = group(recoding.nodes[~recoding.is_suppressed]).tuples
    covered = [
        find_covered(domain, nodes)
        for domain, nodes in zip(list_shown(recoding, domains), classes.T, strict=True)
    ]
    fits = np.zeros(len(people), dtype=np.intp)
    for rows in zip(*covered, strict=True):
        fits += np.all([row[leaves] for row, leaves in zip(rows, people.T, strict=True)], axis=0)
    return fits
