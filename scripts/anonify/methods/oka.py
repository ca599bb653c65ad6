"""One-pass k-means (OKA).

⌊n/k⌋ records drawn at random are the seeds of clusters. Every other record joins the nearest
cluster, whose generalization is widened at once. Then clusters larger than k keep the k records
closest to their centre and give up the rest: these records go to the clusters smaller than k
until there is none left, after that to the nearest cluster.

The centre of numbers that have ranges is their mean, that of values of a hierarchy their
generalization. From the latter all members are equally far; then those that joined first stay.

Source: Lin and Wei, An Efficient Clustering Method for k-Anonymization, PAIS 2008, in the
order of processing of k-AnonML: records are taken from the end of the table, and among equally
near clusters the first one is taken.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.ranges import Ranges
from anonify.recoding.effort import Effort
from anonify.recoding.recoding import Recoding
from anonify.tables.classes import group

EFFORT = Effort(
    lambda task: {"records": task.records, "classes": task.classes},
    most=5 * 10**9,
    instead="choose mondrian, arx or ola, or a larger k",
)


def anonymize(
    records: Codes, domains: Sequence[Domain], k: int, generator: np.random.Generator
) -> Recoding:
    """Anonymize records; the seeds are drawn from the generator. Suppresses nothing.

    Parameters
    ----------
    records : array (n, d) of leaves, n ≥ k; followed in their order, which is part of the
        algorithm.
    """
    seeds = generator.choice(len(records), size=len(records) // k, replace=False)
    return anonymize_from_seeds(records, domains, k, seeds)


def anonymize_from_seeds(
    records: Codes, domains: Sequence[Domain], k: int, seeds: Codes
) -> Recoding:
    """Anonymize records with given seeds: array (clusters,) of record numbers."""
    space = _Space(records, domains, seeds)
    clusters = _Clusters(space, [[int(seed)] for seed in seeds])
    for record in np.setdiff1d(np.arange(len(records)), seeds)[::-1].tolist():
        clusters.add_to_nearest(record)

    ranked = [_rank(np.array(members), records, domains) for members in clusters.members]
    surplus = [record for members in ranked for record in members[k:]]
    complete = [members[:k] for members in ranked if len(members) >= k]
    space = _Space(records, domains, np.array([members[0] for members in ranked]))
    small = _Clusters(space, [members for members in ranked if len(members) < k])
    while surplus and small.open_count:
        cluster = small.add_to_nearest(surplus.pop())
        if len(small.members[cluster]) >= k:
            complete.append(small.members[cluster])
            small.close(cluster)
    clusters = _Clusters(space, complete)
    while surplus:
        clusters.add_to_nearest(surplus.pop())
    return Recoding(clusters.recode(len(records)), np.zeros(len(records), dtype=bool))


def _rank(members: Codes, records: Codes, domains: Sequence[Domain]) -> list[int]:
    """Return the members of a cluster, the closest to its centre first.

    Along a hierarchy the centre is the generalization, from which all are equally far.
    """
    distances = np.zeros(len(members))
    for domain, leaves in zip(domains, records[members].T, strict=True):
        if isinstance(domain, Ranges):
            distances += domain.importance * _measure_from_mean(domain, leaves)
    ranked: list[int] = members[np.argsort(distances, kind="stable")].tolist()
    return ranked


def _measure_from_mean(ranges: Ranges, leaves: Codes) -> npt.NDArray[np.float64]:
    """Array (leaves,): how far each value is from the mean, 0 to 1; 1 for a missing one.

    0 where all are missing.
    """
    is_number = leaves < len(ranges.numbers)
    if not is_number.any():
        return np.zeros(len(leaves))
    numbers = ranges.numbers[leaves[is_number]]
    distances = np.ones(len(leaves))
    distances[is_number] = np.abs(numbers - numbers.mean()) / (np.ptp(ranges.numbers) or 1.0)
    return distances


class _Tree:
    """Distances along a hierarchy, in a table.

    The generalization of a cluster covers its seed, so a value that no seed has is as far from
    it as any other such value with the same parent. Values that are alike in this sense are of
    one kind.

    Attributes
    ----------
    kinds : array (n,), from 0, of each record.
    """

    def __init__(self, hierarchy: Hierarchy, leaves: Codes, seeds: Codes) -> None:
        is_seed = np.zeros(hierarchy.leaf_count, dtype=bool)
        is_seed[leaves[seeds]] = True
        alike = np.where(
            is_seed, np.arange(hierarchy.leaf_count), hierarchy.parent[: hierarchy.leaf_count]
        )
        kinds, first, kind_of = np.unique(alike, return_index=True, return_inverse=True)
        self.nodes = np.union1d(kinds, np.arange(hierarchy.leaf_count, len(hierarchy.labels)))
        lowest = hierarchy.join_all(first, self.nodes)
        self.kinds = kind_of[leaves]
        self._distances = hierarchy.loss[lowest]
        # A value that no seed has stands for a record only: its place among the nodes is
        # never looked at, for the common ancestor with a cluster lies above it.
        self._ancestors = np.searchsorted(self.nodes, lowest)

    def find_places(self, nodes: Codes) -> Codes:
        """Return where nodes stand in the table."""
        return np.searchsorted(self.nodes, nodes)

    def find_nodes(self, places: Codes) -> Codes:
        """Return the nodes that stand there."""
        return self.nodes[places]

    def measure(self, kind: int, places: Codes) -> npt.NDArray[np.float64]:
        """Array (places,): distance of a kind of value from each generalization."""
        distances: npt.NDArray[np.float64] = self._distances[kind][places]
        return distances

    def join(self, kind: int, place: int) -> int:
        """Return the place of the lowest generalization of both."""
        return int(self._ancestors[kind, place])


class _Line:
    """Distances along ranges: as :class:`_Tree`, but there is no table, and every value is a kind.

    There are about as many ranges as pairs of values, so the distances are computed.
    """

    def __init__(self, ranges: Ranges, leaves: Codes) -> None:
        self._ranges = ranges
        self.kinds = leaves

    def find_places(self, nodes: Codes) -> Codes:
        """Return the nodes: they have no other place."""
        return nodes.copy()

    def find_nodes(self, places: Codes) -> Codes:
        """Return the places: they are the nodes."""
        return places

    def measure(self, kind: int, places: Codes) -> npt.NDArray[np.float64]:
        """Array (places,): distance of a value from each generalization."""
        return self._ranges.loss_of(self._ranges.join(places, np.asarray(kind)))

    def join(self, kind: int, place: int) -> int:
        """Return the lowest generalization of both."""
        return int(self._ranges.join(np.array([place]), np.array([kind]))[0])


class _Space:
    """Distances between records and generalizations.

    Records whose values are all of the same kinds share a key, which leaves few distinct ones.
    """

    def __init__(self, records: Codes, domains: Sequence[Domain], seeds: Codes) -> None:
        self.axes = [
            _Line(domain, leaves) if isinstance(domain, Ranges) else _Tree(domain, leaves, seeds)
            for domain, leaves in zip(domains, records.T, strict=True)
        ]
        groups = group(np.stack([axis.kinds for axis in self.axes], axis=1))
        self.keys = groups.tuples.tolist()
        self.key_of = groups.members.tolist()
        self.records = records


class _Clusters:
    """Clusters that records join, each the nearest one at its turn.

    While a cluster stays as it is, no other one comes nearer to a key, for generalizations
    only widen. So the nearest cluster of a key is looked up again only after that cluster has
    widened or closed.
    """

    def __init__(self, space: _Space, members: list[list[int]]) -> None:
        self.space = space
        self.members = members
        self.open_count = len(members)
        # Added to the distances: infinite for a cluster that is closed.
        self._closed = np.zeros(len(members))
        seeds = space.records[[records[0] for records in members]]
        self.places = [
            axis.find_places(nodes) for axis, nodes in zip(space.axes, seeds.T, strict=True)
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
        self.open_count -= 1
        self._closed[cluster] = np.inf
        self.version[cluster] += 1

    def recode(self, record_count: int) -> Codes:
        """Array (records, d): the generalization of each record's cluster."""
        cluster_of = np.empty(record_count, dtype=np.intp)
        for cluster, records in enumerate(self.members):
            cluster_of[records] = cluster
        return np.stack(
            [
                axis.find_nodes(places)[cluster_of]
                for axis, places in zip(self.space.axes, self.places, strict=True)
            ],
            axis=1,
        )

    def _find_nearest(self, key: int) -> int:
        distance = self._closed.copy()
        for axis, kind, places in zip(
            self.space.axes, self.space.keys[key], self.places, strict=True
        ):
            distance += axis.measure(kind, places)
        return int(distance.argmin())

    def _widen(self, cluster: int, key: int) -> None:
        for axis, kind, places in zip(
            self.space.axes, self.space.keys[key], self.places, strict=True
        ):
            wider = axis.join(kind, int(places[cluster]))
            if wider != places[cluster]:
                places[cluster] = wider
                self.version[cluster] += 1
