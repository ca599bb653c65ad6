import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.anomed.boxes import build_boxes, find_boxes, label_boxes
from anonify.anomed.features import read_features
from anonify.domains.domain import encode_records
from anonify.domains.files import build_domain
from anonify.methods import get_anonymizer
from anonify.recoding.recoding import Recoding, list_shown
from anonify.releases.anonymization import anonymize_table

QUASI = {"role": "quasi-identifier"}
NUMBER = {**QUASI, "type": "decimal"}
AGE = {**NUMBER, "hierarchy": {"intervals": [{"edges": [0, 30, 60, 120]}]}}
SEX = {**QUASI, "type": "category", "encoding": ["f", "m", "x", "*"], "hierarchy": {}}
BORN = {**QUASI, "type": "date", "hierarchy": {"dates": ["year"]}}
CUT = {**NUMBER, "ranges": {"edges": [0, 3, 8]}}
PARITY = {**NUMBER, "hierarchy": {"tree": {"odd": ["1.0", "3.0"], "even": ["2.0", "4.0"]}}}


def learn(X, labels, is_suppressed=None, **columns):
    """Return the boxes of records that were released with the given labels."""
    frame = read_features(np.array(X, dtype=float), columns)
    domains = {
        name: build_domain(name, frame[name].cat.categories.tolist(), column)
        for name, column in columns.items()
    }
    rows = [(label,) if isinstance(label, str) else label for label in labels]
    nodes = [
        domain.find_nodes(list(shown))
        for domain, shown in zip(domains.values(), zip(*rows, strict=True), strict=True)
    ]
    suppressed = np.zeros(len(X), bool) if is_suppressed is None else np.array(is_suppressed)
    return build_boxes(Recoding(np.stack(nodes, axis=1), suppressed), domains, columns)


def show(boxes, X, **columns):
    """Return the labels of the box that each record finds."""
    found = find_boxes(boxes, read_features(np.array(X, dtype=float), columns))
    return [tuple(row) for row in label_boxes(boxes).astype("str").to_numpy()[found].tolist()]


def test_a_record_finds_the_box_that_covers_it():
    boxes = learn([[10], [20], [40]], ["0-30", "0-30", "30-60"], age=AGE)
    # 29.9 and 30 were never seen, but the rule says where they lie.
    assert show(boxes, [[29.9], [30], [20]], age=AGE) == [("0-30",), ("30-60",), ("0-30",)]


def test_a_number_beyond_the_known_ones_counts_as_the_nearest():
    boxes = learn([[10], [20], [40]], ["0-30", "0-30", "30-60"], age=AGE)
    assert show(boxes, [[-5], [1000]], age=AGE) == [("0-30",), ("30-60",)]


def test_of_several_boxes_the_narrowest_is_taken():
    labels = [("0-30", "*"), ("0-30", "f"), ("*", "*")]
    boxes = learn([[10, 1], [20, 0], [40, 0]], labels, age=AGE, sex=SEX)
    assert show(boxes, [[10, 0], [10, 1], [50, 1]], age=AGE, sex=SEX) == [
        ("0-30", "f"),
        ("0-30", "*"),
        ("*", "*"),
    ]


def test_of_equally_narrow_ones_that_of_the_most_records():
    # x is covered by neither; both are as near and as narrow.
    boxes = learn([[0], [1], [1]], ["f", "m", "m"], sex=SEX)
    assert show(boxes, [[2]], sex=SEX) == [("m",)]


def test_where_no_box_covers_a_record_the_nearest_is_taken():
    boxes = learn(
        [[0], [10], [30], [40]], ["[0.0, 10.0]"] * 2 + ["[30.0, 40.0]"] * 2, weight=NUMBER
    )
    assert show(boxes, [[12], [29], [10], [25]], weight=NUMBER) == [
        ("[0.0, 10.0]",),
        ("[30.0, 40.0]",),
        ("[0.0, 10.0]",),
        ("[30.0, 40.0]",),
    ]


def test_a_number_at_an_edge_finds_the_range_that_it_begins():
    labels = ["[0, 3[", "[0, 3[", "[3, 8]", "[3, 8]"]
    boxes = learn([[1], [2], [4], [7]], labels, weight=CUT)
    # Both boxes are as wide as what holds no number of the table: 2.9 and 3 are told apart all the
    # same, and what is beyond the edges counts as these.
    shown = show(boxes, [[0], [2.9], [3], [8], [-5], [100]], weight=CUT)
    assert shown == [("[0, 3[",)] * 2 + [("[3, 8]",)] * 2 + [("[0, 3[",), ("[3, 8]",)]


def test_dates_follow_their_rule():
    boxes = learn([[0], [200], [400]], ["1970", "1970", "1971"], born=BORN)
    assert show(boxes, [[364], [365]], born=BORN) == [("1970",), ("1971",)]


def test_a_tree_of_numbers_lists_its_values():
    boxes = learn([[1], [2], [3], [4]], ["odd", "even", "odd", "even"], digit=PARITY)
    # 2.9 is no leaf; the nearest is 3, although 2 to 4 lie around it.
    assert show(boxes, [[2], [3], [2.9]], digit=PARITY) == [("even",), ("odd",), ("odd",)]


def test_a_text_that_no_training_record_had_is_covered_by_the_root_alone():
    boxes = learn([[0], [0], [1]], ["f", "f", "*"], sex=SEX)
    assert show(boxes, [[2], [0], [3]], sex=SEX) == [("*",), ("f",), ("*",)]


def test_suppressed_records_make_no_box():
    labels = ["0-30", "0-30", "*"]
    boxes = learn([[10], [20], [40]], labels, [False, False, True], age=AGE)
    assert show(boxes, [[40]], age=AGE) == [("0-30",)]


def test_where_all_are_suppressed_there_is_one_box():
    boxes = learn([[10], [20]], ["*", "*"], [True, True], age=AGE)
    assert show(boxes, [[40]], age=AGE) == [("*",)]


COLUMNS = {"sex": SEX, "age": AGE, "weight": NUMBER}
RECORD = st.tuples(st.integers(0, 1), st.integers(0, 110), st.integers(0, 8))


@pytest.mark.parametrize("method", ["mondrian", "ncp_mondrian"])
@given(
    st.lists(RECORD, min_size=4, max_size=40),
    st.integers(2, 4),
    st.sampled_from([NUMBER, CUT, {**CUT, "ranges": {"start": 1, "width": 2}, "top": 6}]),
)
def test_a_partition_places_its_training_records_as_it_released_them(method, records, k, weight):
    columns = {**COLUMNS, "weight": weight}
    frame = read_features(np.array(records, dtype=float), columns)
    domains = {
        name: build_domain(name, frame[name].cat.categories.tolist(), column)
        for name, column in columns.items()
    }
    generator = np.random.default_rng(1)
    recoding = anonymize_table(frame, domains, method, k, generator).recoding
    boxes = build_boxes(recoding, domains, columns)
    released = pd.DataFrame(
        {
            name: domain.labels_of(nodes)
            for name, domain, nodes in zip(
                domains, list_shown(recoding, [*domains.values()]), recoding.nodes.T, strict=True
            )
        }
    )
    found = label_boxes(boxes).astype("str").iloc[find_boxes(boxes, frame)].reset_index(drop=True)
    assert (found == released).all(axis=None)


@given(
    st.lists(RECORD, min_size=4, max_size=30),
    st.lists(RECORD, min_size=1, max_size=10),
    st.sampled_from(["mondrian", "ncp_mondrian", "k_member", "top_down_greedy"]),
)
def test_every_record_finds_a_box_whatever_the_method(records, others, method):
    frame = read_features(np.array(records, dtype=float), COLUMNS)
    domains = {
        name: build_domain(name, frame[name].cat.categories.tolist(), column)
        for name, column in COLUMNS.items()
    }
    codes = encode_records(frame, domains)
    recoding = get_anonymizer(method)(codes, [*domains.values()], 2, np.random.default_rng(1))
    boxes = build_boxes(recoding, domains, COLUMNS)
    new = read_features(np.array(others, dtype=float), COLUMNS)
    found = find_boxes(boxes, new)
    assert ((found >= 0) & (found < len(boxes.costs))).all()
    # One record alone finds the same box as among others.
    alone = [find_boxes(boxes, new.iloc[[row]].reset_index(drop=True)) for row in range(len(new))]
    assert np.concatenate(alone).tolist() == found.tolist()


def test_boxes_of_many_records_are_found_in_pieces(monkeypatch):
    monkeypatch.setattr("anonify.anomed.boxes._CHUNK", 3)
    boxes = learn([[10], [20], [40]], ["0-30", "0-30", "30-60"], age=AGE)
    ages = [[age] for age in range(60)]
    assert show(boxes, ages, age=AGE) == [("0-30",)] * 30 + [("30-60",)] * 30
