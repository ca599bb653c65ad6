from types import SimpleNamespace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.tuples import PAIRS, TENTHS, Tuples

from anonify.domains.ranges import Ranges
from anonify.methods import top_down_greedy


def anonymize(rows, k, domains=(TENTHS,), order=None):
    """The released labels of each record, where the first record of a group is always drawn."""
    columns = zip(domains, zip(*rows, strict=True), strict=True)
    records = np.stack([domain.find_nodes(column) for domain, column in columns], axis=1)
    generator = SimpleNamespace(
        integers=lambda count: 0,
        permutation=lambda count: np.array(order or range(count)),
    )
    recoding = top_down_greedy.anonymize(records, domains, k, generator)
    assert not recoding.is_suppressed.any()
    columns = zip(domains, recoding.nodes.T, strict=True)
    return list(zip(*[domain.labels_of(nodes) for domain, nodes in columns], strict=True))


def anonymize_numbers(values, k, domain=TENTHS):
    return [label for (label,) in anonymize([(value,) for value in values], k, [domain])]


def test_a_group_is_split_around_two_records_that_are_far_from_each_other():
    # k = 3. The furthest from 2 is 10, from that it is 0, and from that it is 10 again.
    assert anonymize_numbers(["2", "0", "1", "8", "9", "10"], 3) == [
        *["[0, 2]"] * 3, *["[8, 10]"] * 3
    ]  # fmt: skip


def test_groups_of_2k_records_are_split_again():
    # k = 2. First 0 to 3 and 7 to 10, then each of these.
    assert anonymize_numbers(["0", "1", "2", "3", "7", "8", "9", "10"], 2) == [
        *["[0, 1]"] * 2, *["[2, 3]"] * 2, *["[7, 8]"] * 2, *["[9, 10]"] * 2
    ]  # fmt: skip
    # Three are fewer than 2k.
    assert anonymize_numbers(["0", "1", "9"], 2) == ["[0, 9]"] * 3


def test_a_record_joins_the_group_that_is_narrower_with_it_as_it_stands_at_its_turn():
    # k = 2, seeds (a, 0) and (c, 10). Record 2, (b, 9), comes first: 2/8 + 9/10 with (a, 0), 8/8 +
    # 1/10 with (c, 10). It joins the latter, which is now (*, 9 to 10). So (d, 4), for all it is
    # nearer to (c, 10), makes it 8/8 + 6/10 and the other 8/8 + 4/10.
    rows = [("a", "0"), ("c", "10"), ("b", "9"), ("d", "4")]
    domains = (PAIRS, TENTHS)
    assert anonymize(rows, 2, domains, [0, 1, 2, 3]) == [
        ("*", "[0, 4]"), ("*", "[9, 10]"), ("*", "[9, 10]"), ("*", "[0, 4]")
    ]  # fmt: skip
    # When (d, 4) comes first, it joins (c, 10): 2/8 + 6/10. Then (b, 9) would make that 8/8 + 6/10.
    assert anonymize(rows, 2, domains, [3, 1, 2, 0]) == [
        ("ab", "[0, 9]"), ("cd", "[4, 10]"), ("ab", "[0, 9]"), ("cd", "[4, 10]")
    ]  # fmt: skip


def test_a_group_of_fewer_than_k_takes_the_nearest_records_of_the_other():
    # k = 2, seeds 0 and 7. 5 and 6 join 7; then 0 takes the nearest of these three.
    assert anonymize_numbers(["0", "6", "5", "7"], 2) == ["[0, 5]", "[6, 7]", "[0, 5]", "[6, 7]"]


def test_among_equally_near_records_the_first_are_taken():
    # k = 2. The furthest from a are 8/8 from it: the first of them, c, is the other seed. e is 8/8
    # from both and joins a, d joins c.
    rows = [("a",), ("c",), ("e",), ("d",)]
    assert anonymize(rows, 2, [PAIRS]) == [("*",), ("cd",), ("*",), ("cd",)]
    # Here c and d join c, and a takes the first of these, which are all 8/8 from it.
    rows = [("a",), ("c",), ("c",), ("d",)]
    assert anonymize(rows, 2, [PAIRS]) == [("*",), ("*",), ("cd",), ("cd",)]


def test_records_that_are_alike_stay_together():
    generator = SimpleNamespace()  # nothing is drawn
    recoding = top_down_greedy.anonymize(np.zeros((9, 1), dtype=int), [PAIRS], 2, generator)
    assert recoding.nodes.tolist() == [[0]] * 9


def test_a_missing_value_is_as_far_from_everything_as_the_ends_of_the_domain_from_each_other():
    # k = 2. From 1 the missing values are 8/8, 8 is 7/8. 8 is 8/8 from the missing ones, too.
    ranges = Ranges("number", ("1", "8", "9", ""))
    assert anonymize_numbers(["1", "", "8", ""], 2, ranges) == ["[1, 8]", "", "[1, 8]", ""]


# The method as it is written down, one record at a time


def anonymize_slowly(group, records, k, tuples, generator):
    """Return the nodes of each record of the group by its number."""
    if len(group) < 2 * k or all(records[record] == records[group[0]] for record in group):
        node = records[group[0]]
        for record in group:
            node = tuples.join(node, records[record])
        return dict.fromkeys(group, node)

    second = group[generator.integers(len(group))]
    for _ in range(3):
        first = second
        others = [record for record in group if record != first]
        second = max(others, key=lambda record: tuples.distance(records[first], records[record]))

    parts, nodes = ([first], [second]), [records[first], records[second]]
    for place in generator.permutation(len(group)).tolist():
        if group[place] in (first, second):
            continue
        distances = [tuples.distance(node, records[group[place]]) for node in nodes]
        nearer = 1 if distances[1] < distances[0] else 0
        parts[nearer].append(group[place])
        nodes[nearer] = tuples.join(nodes[nearer], records[group[place]])

    parts = list(map(sorted, parts))
    for small in (0, 1):
        if len(parts[small]) < k:
            near = sorted(
                parts[1 - small],
                key=lambda record: tuples.distance(nodes[small], records[record]),
            )
            filled = sorted([*parts[small], *near[: k - len(parts[small])]])
            parts = [[record for record in group if record not in filled], filled]
            break
    return anonymize_slowly(parts[0], records, k, tuples, generator) | anonymize_slowly(
        parts[1], records, k, tuples, generator
    )


@settings(max_examples=draws(200))
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_the_result_is_that_of_splitting_record_by_record(tables, mixed_tables, data, seed):
    table = data.draw(st.one_of(tables, mixed_tables))
    domains = getattr(table, "domains", None) or table.hierarchies
    expected = anonymize_slowly(
        list(range(len(table.records))),
        table.records.tolist(),
        table.k,
        Tuples(domains),
        np.random.default_rng(seed),
    )
    recoding = top_down_greedy.anonymize(
        table.records, domains, table.k, np.random.default_rng(seed)
    )
    assert recoding.nodes.tolist() == [expected[number] for number in range(len(table.records))]
