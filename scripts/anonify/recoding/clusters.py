"""Clusters of records, as the clustering methods grow them.

The distance of a record from a cluster is the NCP of the lowest generalization of both, times the
importance, summed over the quasi-identifiers: 0 to d where each has an importance of 1. Where
distances are equal, the record that stands first counts as the nearer one. Records are kept as an
array (d, n) of leaves, one row for each quasi-identifier: all records are looked at in every step,
attribute by attribute.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.ranges import Ranges

Losses = npt.NDArray[np.float64]
Cost = Callable[[npt.NDArray[np.intp], Losses, Losses], Losses]


class Cluster:
    """A cluster that widens, and how far every record is from it.

    Parameters
    ----------
    leaves : array (d, n), the records.
    seed : number of the record that the cluster starts with.

    Attributes
    ----------
    distances : array (n,), 0 to d.
    loss : of the cluster's generalization, 0 to d: the distance of the records that it covers.
    """

    def __init__(self, domains: Sequence[Domain], leaves: Codes, seed: int) -> None:
        self._domains = domains
        self._leaves = leaves
        self._nodes = leaves[:, seed].copy()
        self._losses = measure_losses(domains, self._nodes, leaves)
        self._settle(seed)

    def widen(self, record: int) -> None:
        """Widen the generalization to cover a record."""
        for attribute in np.flatnonzero(self._losses[:, record] > self._covered).tolist():
            domain, leaves = self._domains[attribute], self._leaves[attribute]
            joined = domain.join(self._nodes[[attribute]], leaves[[record]])[0]
            self._nodes[attribute] = joined
            self._losses[attribute] = _measure_joins(domain, joined)[leaves]
        self._settle(record)

    def _settle(self, record: int) -> None:
        self.distances = self._losses.sum(axis=0)
        self.loss = float(self.distances[record])
        self._covered = self._losses[:, record].copy()


def measure_losses(domains: Sequence[Domain], nodes: Codes, leaves: Codes) -> Losses:
    """Array (d, n): loss of the lowest node over a tuple's node and each record's leaf.

    Parameters
    ----------
    nodes : array (d,).
    leaves : array (d, n).
    """
    return np.stack(
        [
            _measure_joins(domain, node)[column]
            for domain, node, column in zip(domains, nodes, leaves, strict=True)
        ]
    )


def find_nearest(distances: Losses, count: int) -> Codes:
    """Array (count,), count ≥ 1: the nearest records, the first ones where they are equal."""
    limit = np.partition(distances, count - 1)[count - 1]
    nearer = np.flatnonzero(distances < limit)
    return np.append(nearer, np.flatnonzero(distances == limit)[: count - len(nearer)])


def cover(domains: Sequence[Domain], leaves: Codes, cluster_of: Codes) -> Codes:
    """Array (clusters, d): the lowest generalization of each cluster's records.

    Parameters
    ----------
    leaves : array (d, n).
    cluster_of : array (n,), from 0, no number left out.
    """
    order = np.argsort(cluster_of, kind="stable")
    return np.stack(
        [
            _cover(domain, column[order], cluster_of[order])
            for domain, column in zip(domains, leaves, strict=True)
        ],
        axis=1,
    )


def add_rest(records: Codes, domains: Sequence[Domain], cluster_of: Codes, cost: Cost) -> Codes:
    """Array (n, d): the generalizations, once every record left over has joined a cluster.

    They are taken from the end of the table. Each one joins the cluster of least cost, the first
    one where costs are equal, and widens it at once.

    Parameters
    ----------
    records : array (n, d) of leaves.
    cluster_of : array (n,), −1 for a record left over.
    cost : from the clusters' sizes and their losses before and after the record has joined.
    """
    cluster_of = cluster_of.copy()
    rest, members = np.flatnonzero(cluster_of < 0), np.flatnonzero(cluster_of >= 0)
    nodes = cover(domains, records[members].T, cluster_of[members])
    sizes = np.bincount(cluster_of[members])
    for record in rest[::-1]:
        joined = _join(domains, nodes, records[record])
        cluster = cost(sizes, sum_losses(domains, nodes), sum_losses(domains, joined)).argmin()
        nodes[cluster] = joined[cluster]
        sizes[cluster] += 1
        cluster_of[record] = cluster
    return nodes[cluster_of]


def sum_losses(domains: Sequence[Domain], nodes: Codes) -> Losses:
    """Array (clusters,): loss of each generalization, 0 to d; ``nodes`` is array (clusters, d)."""
    columns = zip(domains, nodes.T, strict=True)
    total: Losses = np.stack([domain.loss_of(column) for domain, column in columns]).sum(axis=0)
    return total


def _join(domains: Sequence[Domain], nodes: Codes, record: Codes) -> Codes:
    """Array (clusters, d): each cluster's generalization widened to cover a record."""
    return np.stack(
        [
            domain.join(column, np.full_like(column, leaf))
            for domain, column, leaf in zip(domains, nodes.T, record, strict=True)
        ],
        axis=1,
    )


def _measure_joins(domain: Domain, node: int) -> Losses:
    """Array (leaves,): loss of the lowest node over a node and each leaf."""
    if isinstance(domain, Ranges):
        return domain.loss_of(domain.join(np.arange(domain.leaf_count), np.asarray(node)))
    return _measure_common_ancestors(domain, node)


def _measure_common_ancestors(hierarchy: Hierarchy, node: int) -> Losses:
    # The lowest of a leaf's ancestors that lie over the node is the one of least loss. This takes
    # a twentieth of the time that joining the node with every leaf does.
    path = hierarchy.ancestors[hierarchy.first_leaf[node]]
    above = path[np.argmax(path == node) :]
    losses = np.full(len(hierarchy.labels), np.inf)
    losses[above] = hierarchy.loss[above]
    lowest: Losses = losses[hierarchy.ancestors.T].min(axis=0)
    return lowest


def _cover(domain: Domain, nodes: Codes, cluster_of: Codes) -> Codes:
    """Join the nodes of each cluster pair by pair; ``cluster_of`` is sorted."""
    while True:
        first = np.searchsorted(cluster_of, cluster_of)
        is_left = (np.arange(len(nodes)) - first) % 2 == 0
        if is_left.all():
            return nodes
        left = np.flatnonzero(is_left)
        right = np.minimum(left + 1, len(nodes) - 1)
        right = np.where(cluster_of[right] == cluster_of[left], right, left)
        nodes, cluster_of = domain.join(nodes[left], nodes[right]), cluster_of[left]
