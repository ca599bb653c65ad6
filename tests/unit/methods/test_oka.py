from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from tests.profile import draws
from tests.unit.tuples import PAIRS, TENTHS, Tuples

from anonify.base.values import MISSING
from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy
from anonify.methods import oka


def anonymize(letters, seeds, k):
    """The released label of each record."""
    records = np.array([[PAIRS.node_of[letter]] for letter in letters])
    recoding = oka.anonymize_from_seeds(records, [PAIRS], k, np.array(seeds))
    assert not recoding.is_suppressed.any()
    return [PAIRS.labels[node] for node in recoding.nodes[:, 0]]


def test_among_equally_near_clusters_the_first_is_joined():
    # g is 8/8 away from a and from c. (With k = 1 it has to leave again and meets the same choice.)
    assert anonymize("acg", [0, 1], 1) == ["*", "c", "*"]


def test_records_are_taken_from_the_end_of_the_table():
    # k = 2, clusters a and c. e comes first and widens the first cluster to the root. So b, too, is
    # 8/8 away from both, joins the first, has to leave it as the third one and goes to c.
    assert anonymize("acbe", [0, 1], 2) == ["*", "*", "*", "*"]
    # Here b comes first: ab. e joins ab, has to leave it again and goes to c.
    assert anonymize("aceb", [0, 1], 2) == ["ab", "*", "*", "ab"]


def test_the_first_k_stay_and_the_last_to_give_up_goes_first_and_to_a_cluster_that_is_too_small():
    # k = 2, clusters 0 (a), 1 (c) and 2 (e); from the end: b, a and b join 0, d joins 1.
    #   0: a b a b    1: c d    2: e      (record numbers 0 6 5 4, 1 3, 2)
    # Cluster 0 keeps records 0 and 6 and gives up 5 and 4. Record 4 goes first: to cluster 2, the
    # only one too small, although 0 is nearer. That completes 2, so record 5 may go to the
    # nearest, which is 0.
    letters = ["a", "c", "e", "d", "b", "a", "b"]
    assert anonymize(letters, [0, 1, 2], 2) == ["ab", "cd", "*", "cd", "*", "ab", "ab"]


def test_a_cluster_is_not_wider_than_the_records_that_stay_in_it():
    # k = 2, clusters a and c. a joins the first, then g does and widens it to the root, then it
    # leaves: both a stay a.
    assert anonymize("acga", [0, 1], 2) == ["a", "*", "*", "a"]


def test_distances_are_the_sum_over_the_attributes():
    # Record 2 (b, M) is 2/8 + 2/2 away from (a, F), and 8/8 + 0 from (c, M): the latter is
    # nearer. By the letter alone it was the former.
    sex = build_hierarchy("sex", ["F", "M"], {})
    records = np.array([[0, 0], [2, 1], [1, 1], [0, 0]])
    recoding = oka.anonymize_from_seeds(records, [PAIRS, sex], 2, np.array([0, 1]))
    root = PAIRS.root
    assert recoding.nodes.tolist() == [[0, 0], [root, 1], [root, 1], [0, 0]]


def test_ranges_and_a_hierarchy_stand_beside_each_other():
    # Clusters (a, 1) and (c, 9). From the end: (d, missing) is 2/8 + 8/8 from the latter and 16/8
    # from the former; (b, 5) is 2/8 + 4/8 from the former. Nothing but the missing value itself is
    # released other than as * where a value is missing.
    ranges = Ranges("number", ("1", "5", "9", ""))
    records = np.array([[0, 0], [2, 2], [1, 1], [3, 3]])
    nodes = oka.anonymize_from_seeds(records, [PAIRS, ranges], 2, np.array([0, 1])).nodes
    assert PAIRS.labels_of(nodes[:, 0]) == ["ab", "cd", "ab", "cd"]
    assert ranges.labels_of(nodes[:, 1]) == ["[1, 5]", "*", "[1, 5]", "*"]


def test_of_numbers_those_closest_to_the_mean_stay():
    # k = 2, clusters 0 and 9. From the end: 4, 3 and 1 join 0. Their mean is 2: 3 and 1 are
    # 1/10 from it, 4 and 0 are 2/10. The former stay. The surplus is 0 and 4, in the order in which
    # they joined: 4 goes first, to 9, which is too small, and 0 to the nearest, 1 to 3.
    records = np.array([[0], [9], [1], [3], [4]])
    nodes = oka.anonymize_from_seeds(records, [TENTHS], 2, np.array([0, 1])).nodes
    assert TENTHS.labels_of(nodes[:, 0]) == [
        "[0, 3]", "[4, 9]", "[0, 3]", "[0, 3]", "[4, 9]"
    ]  # fmt: skip


def test_every_set_of_records_is_as_often_the_seeds(monkeypatch):
    # 5 records and k = 2 make 2 seeds: 10 sets, each expected 200 times.
    drawn = Counter()
    monkeypatch.setattr(
        oka,
        "anonymize_from_seeds",
        lambda _, __, k, seeds: drawn.update([frozenset(seeds.tolist())]),
    )
    for seed in range(2000):
        oka.anonymize(np.zeros((5, 1), dtype=int), [PAIRS], 2, np.random.default_rng(seed))
    assert set(drawn) == set(map(frozenset, combinations(range(5), 2)))
    assert chisquare(list(drawn.values())).pvalue > 0.01


# The method as it is written down, one record and one cluster at a time


class Cluster:
    def __init__(self, members, records, tuples):
        self.records, self.tuples = records, tuples
        self.members = []
        self.nodes = records[members[0]]
        for member in members:
            self.add(member)

    def distance(self, record):
        return self.tuples.distance(self.nodes, self.records[record])

    def add(self, record):
        self.nodes = self.tuples.join(self.nodes, self.records[record])
        self.members.append(record)


def sort_by_distance(members, records, domains):
    distance = dict.fromkeys(members, 0.0)
    for attribute, domain in enumerate(domains):
        if not isinstance(domain, Ranges):
            continue
        texts = {member: domain.values[records[member][attribute]] for member in members}
        numbers = [float(text) for text in texts.values() if text != MISSING]
        width = (max(domain.numbers) - min(domain.numbers)) or 1.0
        for member, text in texts.items():
            if text != MISSING:
                distance[member] += abs(float(text) - np.mean(numbers)) / width
            elif numbers:
                distance[member] += 1.0
    return sorted(members, key=distance.get)


def anonymize_slowly(records, domains, k, seeds):
    tuples = Tuples(domains)

    def nearest(clusters, record):
        return min(clusters, key=lambda cluster: cluster.distance(record))  # the first on ties

    clusters = [Cluster([seed], records, tuples) for seed in seeds]
    for record in reversed([number for number in range(len(records)) if number not in seeds]):
        nearest(clusters, record).add(record)
    ranked = [sort_by_distance(cluster.members, records, domains) for cluster in clusters]
    surplus = [record for members in ranked for record in members[k:]]
    kept = [Cluster(members[:k], records, tuples) for members in ranked]
    complete = [cluster for cluster in kept if len(cluster.members) == k]
    small = [cluster for cluster in kept if len(cluster.members) < k]
    while small:
        record = surplus.pop()
        joined = nearest(small, record)
        joined.add(record)
        if len(joined.members) == k:
            small.remove(joined)
            complete.append(joined)
    while surplus:
        record = surplus.pop()
        nearest(complete, record).add(record)
    nodes_of = {member: cluster.nodes for cluster in complete for member in cluster.members}
    return [nodes_of[record] for record in range(len(records))]


@settings(max_examples=draws(200))
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_the_result_is_that_of_looking_at_every_cluster_for_every_record(
    tables, mixed_tables, data, seed
):
    table = data.draw(st.one_of(tables, mixed_tables))
    domains = getattr(table, "domains", None) or table.hierarchies
    count = len(table.records)
    seeds = np.random.default_rng(seed).choice(count, count // table.k, replace=False)
    expected = anonymize_slowly(table.records.tolist(), domains, table.k, seeds.tolist())
    recoding = oka.anonymize_from_seeds(table.records, domains, table.k, seeds)
    assert recoding.nodes.tolist() == expected
