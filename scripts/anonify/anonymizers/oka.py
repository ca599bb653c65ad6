"""One-pass k-means (OKA).

⌊n/k⌋ records drawn at random are the seeds of clusters. Every other record joins the nearest
cluster, whose generalization is widened at once. Then clusters larger than k give up what
joined after the first k, and these records go to the clusters smaller than k until there is
none left, after that to the nearest cluster.

Source: Lin and Wei, An Efficient Clustering Method for k-Anonymization, PAIS 2008, in the
order of processing of k-AnonML: records are taken from the end of the table, and among equally
near clusters the first one is taken.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from anonify.anonymizers.recoding import Recoding
from anonify.domain import Domain, require_hierarchies
from anonify.equivalence import Codes
from anonify.equivalence import group_tuples as group
from anonify.hierarchy import Hierarchy


def anonymize(
    records: Codes, domains: Sequence[Domain], k: int, generator: np.random.Generator
) -> Recoding:
    """Anonymize records; the seeds are drawn from the generator. Suppresses nothing.

    Parameters
    ----------
    records : array (n, d) of leaves, n ≥ k; their order is part of the algorithm.
    """
    seeds = generator.choice(len(records), size=len(records) // k, replace=False)
    return anonymize_from_seeds(records, require_hierarchies(domains), k, seeds)


def anonymize_from_seeds(
    records: Codes, hierarchies: Sequence[Hierarchy], k: int, seeds: Codes
) -> Recoding:
    """Anonymize records with given seeds: array (clusters,) of record numbers."""
    space = _Space(records, hierarchies, seeds)
    clusters = _Clusters(space, [[int(seed)] for seed in seeds])
    for record in np.setdiff1d(np.arange(len(records)), seeds)[::-1].tolist():
        clusters.add_to_nearest(record)

    surplus = [record for members in clusters.members for record in members[k:]]
    complete = [members[:k] for members in clusters.members if len(members) >= k]
    small = _Clusters(space, [members for members in clusters.members if len(members) < k])
    while surplus and small.is_open.any():
        cluster = small.add_to_nearest(surplus.pop())
        if len(small.members[cluster]) >= k:
            complete.append(small.members[cluster])
            small.close(cluster)
    clusters = _Clusters(space, complete)
    while surplus:
        clusters.add_to_nearest(surplus.pop())
    return Recoding(clusters.recode(len(records)), np.zeros(len(records), dtype=bool))


class _Space:
    """Distances between records and generalizations.

    The generalization of a cluster covers its seed, so a value that no seed has is as far from
    it as any other such value with the same parent. Records that are alike in this sense share
    a key, which leaves few distinct ones.
    """

    def __init__(self, records: Codes, hierarchies: Sequence[Hierarchy], seeds: Codes) -> None:
        self.hierarchies = hierarchies
        self.nodes: list[Codes] = []
        self.ancestors: list[Codes] = []
        self.distances: list[npt.NDArray[np.float64]] = []
        columns = []
        for leaves, hierarchy in zip(records.T, hierarchies, strict=True):
            is_seed = np.zeros(hierarchy.leaf_count, dtype=bool)
            is_seed[leaves[seeds]] = True
            alike = np.where(
                is_seed, np.arange(hierarchy.leaf_count), hierarchy.parent[: hierarchy.leaf_count]
            )
            kinds, first, kind_of = np.unique(alike, return_index=True, return_inverse=True)
            nodes = np.union1d(kinds, np.arange(hierarchy.leaf_count, len(hierarchy.labels)))
            lowest = hierarchy.join(
                np.repeat(first, len(nodes)), np.tile(nodes, len(first))
            ).reshape(len(first), len(nodes))
            self.nodes.append(nodes)
            self.distances.append(hierarchy.ncp[lowest])
            # A value that no seed has stands for a record only: its place among the nodes is
            # never looked at, for the common ancestor with a cluster lies above it.
            self.ancestors.append(np.searchsorted(nodes, lowest))
            columns.append(kind_of[leaves])
        groups = group(np.stack(columns, axis=1))
        self.keys = groups.tuples
        self.key_of = groups.members.tolist()
        self.seed_nodes = [
            np.searchsorted(nodes, leaves)
            for nodes, leaves in zip(self.nodes, records.T, strict=True)
        ]


class _Clusters:
    """Clusters that records join, each the nearest one at its turn.

    While a cluster stays as it is, no other one comes nearer to a key, for generalizations
    only widen. So the nearest cluster of a key is looked up again only after that cluster has
    widened or closed.
    """

    def __init__(self, space: _Space, members: list[list[int]]) -> None:
        self.space = space
        self.members = members
        self.is_open = np.ones(len(members), dtype=bool)
        self.generalizations = [
            nodes[[records[0] for records in members]] for nodes in space.seed_nodes
        ]
        self.version = [0] * len(members)
        self.nearest: dict[int, tuple[int, int]] = {}
        for cluster, records in enumerate(members):
            for key in {space.key_of[record] for record in records[1:]}:
                self._widen(cluster, key)

    def add_to_nearest(self, record: int) -> int:
        """Add a record to the nearest open cluster and return the cluster."""
        key = self.space.key_of[record]
        cluster, version = self.nearest.get(key, (-1, -1))
        if cluster < 0 or version != self.version[cluster]:
            cluster = self._find_nearest(key)
            self._widen(cluster, key)
            self.nearest[key] = cluster, self.version[cluster]
        self.members[cluster].append(record)
        return cluster

    def close(self, cluster: int) -> None:
        """Let no further record join the cluster."""
        self.is_open[cluster] = False
        self.version[cluster] += 1

    def recode(self, record_count: int) -> Codes:
        """Array (records, d): the generalization of each record's cluster."""
        cluster_of = np.empty(record_count, dtype=np.intp)
        for cluster, records in enumerate(self.members):
            cluster_of[records] = cluster
        return np.stack(
            [
                nodes[places][cluster_of]
                for nodes, places in zip(self.space.nodes, self.generalizations, strict=True)
            ],
            axis=1,
        )

    def _find_nearest(self, key: int) -> int:
        distance = np.where(self.is_open, 0.0, np.inf)
        for table, kind, places in zip(
            self.space.distances, self.space.keys[key], self.generalizations, strict=True
        ):
            distance += table[kind][places]
        return int(distance.argmin())

    def _widen(self, cluster: int, key: int) -> None:
        for table, kind, places in zip(
            self.space.ancestors, self.space.keys[key], self.generalizations, strict=True
        ):
            wider = table[kind, places[cluster]]
            if wider != places[cluster]:
                places[cluster] = wider
                self.version[cluster] += 1
