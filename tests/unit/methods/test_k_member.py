import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.tuples import PAIRS, TENTHS, Tuples

from anonify.domains.ranges import Ranges
from anonify.methods import k_member


def anonymize(values, k, start, domain=TENTHS):
    """The released label of each record."""
    records = domain.find_nodes(list(values))[:, np.newaxis]
    recoding = k_member.anonymize_from_start(records, [domain], k, start)
    assert not recoding.is_suppressed.any()
    return domain.labels_of(recoding.nodes[:, 0])


def test_a_cluster_starts_with_the_furthest_record_and_takes_what_costs_least():
    # k = 2. The furthest from 0 is 10, and 8 costs it 2/10. The furthest from 10 is 0, and 1
    # costs it 1/10. The rest is 2 and 7.
    assert anonymize(["0", "1", "2", "7", "8", "10"], 2, 0) == [
        "[0, 1]", "[0, 1]", "[2, 7]", "[2, 7]", "[8, 10]", "[8, 10]"
    ]  # fmt: skip


def test_cost_is_counted_from_the_cluster_and_not_from_the_record_it_started_with():
    # k = 3. The furthest from (h, 10) is (a, 0). It takes (c, 1), which costs 8/8 + 1/10. Then
    # (d, 2) costs the cluster 1/10 more, (b, 9) 8/10, although (b, 9) is the nearer one to (a, 0):
    # 2/8 + 9/10 against 8/8 + 2/10.
    rows = [("a", 0), ("c", 1), ("b", 9), ("d", 2), ("h", 10), ("h", 10)]
    records = np.array([[PAIRS.node_of[letter], number] for letter, number in rows])
    nodes = k_member.anonymize_from_start(records, [PAIRS, TENTHS], 3, 4).nodes
    assert set(PAIRS.labels_of(nodes[:, 0])) == {"*"}
    assert TENTHS.labels_of(nodes[:, 1]) == [
        "[0, 2]", "[0, 2]", "[9, 10]", "[0, 2]", "[9, 10]", "[9, 10]"
    ]  # fmt: skip


def test_among_equally_far_records_the_last_starts_a_cluster():
    # All are 8/8 from a. The last, e, starts, and for it all cost the same: it takes the first, c.
    # (If the first one started, it were c, and it would take d.)
    assert anonymize("cdae", 2, 2, PAIRS) == ["*", "*", "*", "*"]


def test_among_equally_fit_records_the_first_joins():
    # The last of the furthest, e, takes a rather than c or d. That leaves c and d to each other.
    assert anonymize("acde", 2, 0, PAIRS) == ["*", "cd", "cd", "*"]


def test_a_record_left_over_joins_where_the_information_loss_increases_least():
    # k = 2. 10 takes 6, and 0 takes 0. 4 is left over. With 6 to 10 the loss increases from
    # 2 · 4/10 to 3 · 6/10, which is 10/10; with the zeros from 0 to 3 · 4/10, which is 12/10.
    assert anonymize(["0", "0", "6", "10", "4"], 2, 0) == [
        "0", "0", "[4, 10]", "[4, 10]", "[4, 10]"
    ]  # fmt: skip


def test_a_missing_value_is_as_far_from_everything_as_the_ends_of_the_domain_from_each_other():
    # k = 2. 9 is 8/8 from 1, and so is the missing value; 9 is the last. 2 costs it 7/8, 1 and the
    # missing value 8/8. These are left to each other.
    ranges = Ranges("number", ("1", "2", "9", ""))
    assert anonymize(["1", "", "2", "9"], 2, 0, ranges) == ["*", "*", "[2, 9]", "[2, 9]"]


def test_every_record_is_drawn_as_the_start(monkeypatch):
    drawn = set()
    monkeypatch.setattr(
        k_member, "anonymize_from_start", lambda records, domains, k, start: drawn.add(start)
    )
    for seed in range(60):
        k_member.anonymize(np.zeros((5, 1), dtype=int), [PAIRS], 2, np.random.default_rng(seed))
    assert drawn == set(range(5))


# The method as it is written down, one record at a time


def anonymize_slowly(records, domains, k, start):
    tuples = Tuples(domains)
    rest, clusters, nodes = list(range(len(records))), [], []
    seed = start
    while len(rest) >= k:
        furthest = [tuples.distance(records[seed], records[record]) for record in rest]
        seed = max(zip(furthest, rest, strict=True))[1]  # the last on ties
        members, node = [seed], records[seed]
        rest.remove(seed)
        while len(members) < k:
            # The size is the same for all, so the least increase is the least NCP.
            fittest = min(rest, key=lambda record: tuples.distance(node, records[record]))
            members.append(fittest)
            rest.remove(fittest)
            node = tuples.join(node, records[fittest])
        clusters.append(members)
        nodes.append(node)
    while rest:
        record = rest.pop()
        increases = [
            (len(members) + 1) * tuples.distance(node, records[record])
            - len(members) * tuples.ncp(node)
            for members, node in zip(clusters, nodes, strict=True)
        ]
        best = increases.index(min(increases))  # the first on ties
        clusters[best].append(record)
        nodes[best] = tuples.join(nodes[best], records[record])
    return {
        member: node
        for members, node in zip(clusters, nodes, strict=True)
        for member in members
    }  # fmt: skip


@settings(max_examples=draws(200))
@given(data=st.data())
def test_the_result_is_that_of_looking_at_every_record_for_every_member(tables, mixed_tables, data):
    table = data.draw(st.one_of(tables, mixed_tables))
    domains = getattr(table, "domains", None) or table.hierarchies
    start = data.draw(st.integers(0, len(table.records) - 1))
    expected = anonymize_slowly(table.records.tolist(), domains, table.k, start)
    recoding = k_member.anonymize_from_start(table.records, domains, table.k, start)
    assert recoding.nodes.tolist() == [expected[number] for number in range(len(table.records))]
