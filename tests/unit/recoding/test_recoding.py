import numpy as np

from anonify.recoding.recoding import TupleRecoding, recode_records, recode_undivided


def test_the_records_of_a_tuple_go_to_its_portions_in_their_order():
    # Tuple 1 has two portions, of two records and of one; tuple 0 is one portion.
    recoding = TupleRecoding(
        np.array([1, 0, 1]),
        np.array([2, 2, 1]),
        np.array([[10], [11], [12]]),
        np.array([False, False, True]),
        {"search": "ended"},
    )
    of_records = recode_records(recoding, np.array([0, 1, 1, 0, 1]))
    assert of_records.nodes[:, 0].tolist() == [11, 10, 10, 11, 12]
    assert of_records.is_suppressed.tolist() == [False, False, False, False, True]
    assert of_records.facts == {"search": "ended"}


def test_more_tuples_than_16_bits_number_are_recoded_alike():
    tuples = 70_000
    nodes = np.arange(tuples)[:, np.newaxis]
    recoding = recode_undivided(np.ones(tuples, dtype=int), nodes, np.zeros(tuples, dtype=bool))
    members = np.arange(tuples)[::-1]
    assert recode_records(recoding, members).nodes[:, 0].tolist() == members.tolist()


def test_no_records_give_no_nodes():
    nothing = recode_undivided(np.zeros(0, int), np.zeros((0, 2), int), np.zeros(0, bool))
    assert recode_records(nothing, np.zeros(0, int)).nodes.shape == (0, 2)
