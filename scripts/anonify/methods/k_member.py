"""k-member clustering.

Clusters are made one after the other, each of the k records that lose least together: it starts
with the record furthest from the one that the cluster before started with, and takes again and
again the record that increases its information loss least. Fewer than k records are left over;
each joins the cluster whose information loss increases least.

The information loss of a cluster is its size times the NCP of its generalization, summed over
the quasi-identifiers.

Source: Byun, Kamra, Bertino, Li, Efficient k-Anonymization Using Clustering Techniques, DASFAA
2007, in the order of processing of k-AnonML: the first cluster starts with the record furthest
from one drawn at random; among equally far records the last one starts a cluster, among equally
fit ones the first one joins it; what is left over is taken from the end of the table, and among
equally fit clusters the first one is joined. (In the paper a cluster starts with the record
furthest from the one that joined last.)
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.recoding.clusters import Cluster, Losses, add_rest, measure_losses
from anonify.recoding.effort import Effort
from anonify.recoding.recoding import Recoding

EFFORT = Effort(
    lambda task: {"records": task.records, "classes": task.classes},
    most=5 * 10**9,
    instead="choose mondrian, arx or ola, or a larger k",
)


def anonymize(
    records: Codes, domains: Sequence[Domain], k: int, generator: np.random.Generator
) -> Recoding:
    """Anonymize records; the first record is drawn from the generator. Suppresses nothing.

    Parameters
    ----------
    records : array (n, d) of leaves, n ≥ k; followed in their order, which decides between equal
        distances.
    """
    start = int(generator.integers(len(records)))
    return anonymize_from_start(records, domains, k, start)


def anonymize_from_start(records: Codes, domains: Sequence[Domain], k: int, start: int) -> Recoding:
    """Anonymize records, the first cluster being the one furthest from record ``start``."""
    cluster_of = np.full(len(records), -1, dtype=np.intp)
    rest, leaves = np.arange(len(records)), np.ascontiguousarray(records.T)
    distances = measure_losses(domains, records[start], leaves).sum(axis=0)
    for number in range(len(records) // k):
        seed = _find_furthest(distances)
        cluster = Cluster(domains, leaves, seed)
        distances = cluster.distances
        is_left = _grow(cluster, seed, k)
        cluster_of[rest[~is_left]] = number
        rest, leaves, distances = rest[is_left], leaves[:, is_left], distances[is_left]
    nodes = add_rest(records, domains, cluster_of, _measure_increase)
    return Recoding(nodes, np.zeros(len(records), dtype=bool))


def _find_furthest(distances: Losses) -> int:
    """Return the last of the furthest records."""
    return len(distances) - 1 - int(distances[::-1].argmax())


def _grow(cluster: Cluster, seed: int, k: int) -> npt.NDArray[np.bool_]:
    """Let k records join, and tell for each one whether it is left.

    Until the cluster widens, the records that it covers cost nothing: they join all at once.
    """
    is_left = np.ones(len(cluster.distances), dtype=bool)
    is_left[seed] = False
    lacking = k - 1
    while lacking:
        nearest = int(np.where(is_left, cluster.distances, np.inf).argmin())
        joining = np.array([nearest])
        if cluster.distances[nearest] > cluster.loss:
            cluster.widen(nearest)
        else:
            is_covered = cluster.distances == cluster.loss
            joining = np.flatnonzero(is_left & is_covered)[:lacking]
        is_left[joining] = False
        lacking -= len(joining)
    return is_left


def _measure_increase(sizes: npt.NDArray[np.intp], before: Losses, after: Losses) -> Losses:
    """Array (clusters,): how much the information loss increases with one more record."""
    return (sizes + 1) * after - sizes * before
