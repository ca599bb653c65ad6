"""Top-down greedy clustering.

All records start in one group. A group of 2k records or more is split in two:

1. Seeds: from a record drawn at random to the one furthest from it, from that to the one
   furthest from it, and once more; the last two are the seeds. The first one is taken among
   equally far records. Records that are all alike stay together.
2. The other records come in random order. Each one joins the seed's group whose generalization,
   over the records that have joined so far, has the lower NCP with it, the first one where they
   are equal.
3. A group of fewer than k takes as many of the other's records as it lacks, those nearest to
   its generalization, the first ones where they are equal.

Source: Xu, Wang, Pei, Wang, Shi, Fu, Utility-Based Anonymization Using Local Recoding, KDD 2006
(top-down approach). The paper puts a small group right at the end, and either fills it from any
other group or merges it with the nearest one. Here, as in k-AnonML, this is done after each
split and within the group that was split, where to merge never loses less: two parts are no
wider than the whole. The number of rounds in step 1 is also that of k-AnonML, which in step 2
compares the distances from the seeds alone.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.recoding.clusters import Cluster, cover, find_nearest, measure_losses
from anonify.recoding.effort import Effort
from anonify.recoding.recoding import Recoding

ROUNDS = 3

Mask = npt.NDArray[np.bool_]


EFFORT = Effort(
    lambda task: {"records": task.records, "halvings": task.classes.bit_length()},
    most=10**8,
    instead="choose mondrian, arx or ola",
)


def anonymize(
    records: Codes, domains: Sequence[Domain], k: int, generator: np.random.Generator
) -> Recoding:
    """Anonymize records; seeds and orders are drawn from the generator. Suppresses nothing.

    Parameters
    ----------
    records : array (n, d) of leaves; n < k gives one class of n. They are followed in their
        order, which decides what the draws mean, and between equal distances.
    """
    leaves = np.ascontiguousarray(records.T)
    cluster_of = np.empty(len(records), dtype=np.intp)
    groups, count = [np.arange(len(records))], 0
    while groups:
        group = groups.pop()
        is_second = _split(domains, leaves[:, group], k, generator)
        if is_second.any():
            groups += [group[is_second], group[~is_second]]
            continue
        cluster_of[group] = count
        count += 1
    nodes = cover(domains, leaves, cluster_of)
    return Recoding(nodes[cluster_of], np.zeros(len(records), dtype=bool))


def _split(
    domains: Sequence[Domain], leaves: Codes, k: int, generator: np.random.Generator
) -> Mask:
    """Tell for each record whether it goes to the second group: none where all stay together."""
    together = np.zeros(leaves.shape[1], dtype=bool)
    if len(together) < 2 * k or (leaves == leaves[:, :1]).all():
        return together
    first, second = _find_seeds(domains, leaves, generator)
    is_second = _assign(domains, leaves, first, second, generator)
    is_small = is_second if is_second.sum() < k else ~is_second
    if is_small.sum() >= k:
        return is_second
    return _fill(domains, leaves, is_small, k)


def _find_seeds(
    domains: Sequence[Domain], leaves: Codes, generator: np.random.Generator
) -> tuple[int, int]:
    """Return two records that are far from each other."""
    second = int(generator.integers(leaves.shape[1]))
    for _ in range(ROUNDS):
        first = second
        distances = measure_losses(domains, leaves[:, first], leaves).sum(axis=0)
        distances[first] = -1.0
        second = int(distances.argmax())
    return first, second


def _assign(
    domains: Sequence[Domain],
    leaves: Codes,
    first: int,
    second: int,
    generator: np.random.Generator,
) -> Mask:
    """Tell for each record whether it joins the second seed.

    Until a group widens no record's choice depends on the others: all up to the one that widens
    its group join at once.
    """
    order = generator.permutation(leaves.shape[1])
    order = np.append([first, second], order[(order != first) & (order != second)])
    leaves = leaves[:, order]
    groups = Cluster(domains, leaves, 0), Cluster(domains, leaves, 1)
    is_second = np.zeros(len(order), dtype=bool)
    is_second[1] = True
    done = 2
    while done < len(order):
        distances, others = (group.distances[done:] for group in groups)
        is_nearer = others < distances
        widens = np.where(is_nearer, others > groups[1].loss, distances > groups[0].loss)
        count = int(widens.argmax()) + 1 if widens.any() else len(widens)
        is_second[done : done + count] = is_nearer[:count]
        done += count
        groups[int(is_nearer[count - 1])].widen(done - 1)
    return is_second[np.argsort(order)]


def _fill(domains: Sequence[Domain], leaves: Codes, is_small: Mask, k: int) -> Mask:
    """Tell for each record whether it is in the small group, filled up to k records."""
    nodes = cover(domains, leaves[:, is_small], np.zeros(is_small.sum(), dtype=np.intp))
    distances = measure_losses(domains, nodes[0], leaves).sum(axis=0)
    distances[is_small] = -1.0
    is_filled = np.zeros(len(is_small), dtype=bool)
    is_filled[find_nearest(distances, k)] = True
    return is_filled
