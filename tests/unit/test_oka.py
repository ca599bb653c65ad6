from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from anonify.anonymizers import oka
from anonify.hierarchy import build_hierarchy

# Values of a pair are 2/8 apart, all others 8/8.
PAIRS = build_hierarchy(
    "letter", list("abcdefgh"), {"tree": {f"{x}{y}": [x, y] for x, y in ("ab", "cd", "ef", "gh")}}
)


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


def common_ancestor(tree, leaf, node):
    rows = tree.ancestors.tolist()
    below = {other for other, row in enumerate(rows) if node in row}
    return next(
        ancestor for ancestor in rows[leaf] if all(ancestor in rows[other] for other in below)
    )


class Cluster:
    def __init__(self, members, records, hierarchies):
        self.records, self.hierarchies = records, hierarchies
        self.members = []
        self.nodes = records[members[0]]
        for member in members:
            self.add(member)

    def widened(self, record):
        return [
            common_ancestor(*place)
            for place in zip(self.hierarchies, self.records[record], self.nodes, strict=True)
        ]

    def distance(self, record):
        widened = self.widened(record)
        return sum(
            0 if node < tree.leaf_count
            else sum(node in row for row in tree.ancestors.tolist()) / tree.leaf_count
            for tree, node in zip(self.hierarchies, widened, strict=True)
        )  # fmt: skip

    def add(self, record):
        self.nodes = self.widened(record)
        self.members.append(record)


def anonymize_slowly(records, hierarchies, k, seeds):
    def nearest(clusters, record):
        return min(clusters, key=lambda cluster: cluster.distance(record))  # the first on ties

    clusters = [Cluster([seed], records, hierarchies) for seed in seeds]
    for record in reversed([number for number in range(len(records)) if number not in seeds]):
        nearest(clusters, record).add(record)
    surplus = [record for cluster in clusters for record in cluster.members[k:]]
    kept = [Cluster(cluster.members[:k], records, hierarchies) for cluster in clusters]
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


@settings(max_examples=200)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_the_result_is_that_of_looking_at_every_cluster_for_every_record(tables, data, seed):
    table = data.draw(tables)
    count = len(table.records)
    seeds = np.random.default_rng(seed).choice(count, count // table.k, replace=False)
    expected = anonymize_slowly(table.records.tolist(), table.hierarchies, table.k, seeds.tolist())
    recoding = oka.anonymize_from_seeds(table.records, table.hierarchies, table.k, seeds)
    assert recoding.nodes.tolist() == expected
