from functools import reduce
from types import SimpleNamespace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.tuples import PAIRS, TENTHS, Tuples

from anonify.domains.ranges import Ranges
from anonify.methods import knn_clustering


def anonymize(values, k, seeds, domain=TENTHS):
    """The released label of each record, where these places of what is left are drawn."""
    records = domain.find_nodes(list(values))[:, np.newaxis]
    drawn = iter(seeds)
    generator = SimpleNamespace(integers=lambda count: next(drawn))
    recoding = knn_clustering.anonymize(records, [domain], k, generator)
    assert not recoding.is_suppressed.any()
    return domain.labels_of(recoding.nodes[:, 0])


def test_a_seed_takes_the_records_nearest_to_itself():
    # k = 3. 6 and 1 are 2/10 and 3/10 from the seed 4; 8 is 4/10 from it, although it would widen
    # the range from 4 to 6 less than 1 does. The rest is 8, 9 and 10.
    assert anonymize(["4", "6", "8", "1", "9", "10"], 3, [0, 0]) == [
        "[1, 6]", "[1, 6]", "[8, 10]", "[1, 6]", "[8, 10]", "[8, 10]"
    ]  # fmt: skip


def test_among_equally_near_records_the_first_are_taken():
    # k = 2. 6 and 2 are 2/10 from the seed 4: it takes 6. Then 1 is drawn and takes 2.
    assert anonymize(["6", "4", "2", "1"], 2, [1, 1]) == ["[4, 6]", "[4, 6]", "[1, 2]", "[1, 2]"]


def test_the_next_seed_is_drawn_among_the_records_that_are_left():
    # k = 2. a takes b. Number 2 of c, d and e is e, which takes the first of two that are 8/8 from
    # it, c. d is left over and 8/8 from both clusters: it joins the first.
    assert anonymize("abcde", 2, [0, 2], PAIRS) == ["*", "*", "*", "*", "*"]
    # Number 0 is c, which takes d.
    assert anonymize("abcde", 2, [0, 0], PAIRS) == ["*", "*", "cd", "cd", "*"]


def test_a_record_left_over_joins_the_cluster_that_is_narrowest_with_it():
    # k = 2. 0 takes 0, 10 takes 6. 4 is 4/10 from the zeros and 6/10 from the range 6 to 10.
    assert anonymize(["0", "0", "6", "10", "4"], 2, [0, 1]) == [
        "[0, 4]", "[0, 4]", "[6, 10]", "[6, 10]", "[0, 4]"
    ]  # fmt: skip


def test_what_is_left_over_is_taken_from_the_end_and_widens_its_cluster_at_once():
    # k = 3, clusters 4 and 7. 2 comes first and makes the one 2 to 4. From that 5 is 3/10, from 7
    # it is 2/10. (If 5 came first, it would join 4.)
    assert anonymize("44477752", 3, [0, 0]) == [*["[2, 4]"] * 3, *["[5, 7]"] * 4, "[2, 4]"]


def test_a_missing_value_is_as_far_from_everything_as_the_ends_of_the_domain_from_each_other():
    # k = 2. From 1 the missing value is 8/8, and so is 9, but 8 is 7/8.
    ranges = Ranges("number", ("1", "8", "9", ""))
    assert anonymize(["", "9", "8", "1"], 2, [3, 0], ranges) == ["*", "*", "[1, 8]", "[1, 8]"]


# The method as it is written down, one record at a time


def anonymize_slowly(records, domains, k, generator):
    tuples = Tuples(domains)
    rest, clusters = list(range(len(records))), []
    while len(rest) >= k:
        seed = rest.pop(generator.integers(len(rest)))
        distances = [tuples.distance(records[seed], records[record]) for record in rest]
        members = [
            seed,
            *[record for _, record in sorted(zip(distances, rest, strict=True))[: k - 1]],
        ]
        rest = [record for record in rest if record not in members]
        clusters.append(members)
    nodes = [reduce(tuples.join, [records[member] for member in members]) for members in clusters]
    while rest:
        record = rest.pop()
        distances = [tuples.distance(node, records[record]) for node in nodes]
        nearest = distances.index(min(distances))  # the first on ties
        clusters[nearest].append(record)
        nodes[nearest] = tuples.join(nodes[nearest], records[record])
    return {
        member: node
        for members, node in zip(clusters, nodes, strict=True)
        for member in members
    }  # fmt: skip


@settings(max_examples=draws(200))
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_the_result_is_that_of_sorting_the_records_for_every_seed(tables, mixed_tables, data, seed):
    table = data.draw(st.one_of(tables, mixed_tables))
    domains = getattr(table, "domains", None) or table.hierarchies
    expected = anonymize_slowly(
        table.records.tolist(), domains, table.k, np.random.default_rng(seed)
    )
    recoding = knn_clustering.anonymize(
        table.records, domains, table.k, np.random.default_rng(seed)
    )
    assert recoding.nodes.tolist() == [expected[number] for number in range(len(table.records))]
