"""k-nearest-neighbour clustering.

A record drawn at random and the k − 1 records nearest to it make a cluster, as long as there
are k records. Each one that is left over joins the nearest cluster, whose generalization is
widened at once.

Source: k-AnonML, in its order of processing: among equally near records the first ones are
taken; what is left over is taken from the end of the table, and among equally near clusters the
first one is joined.
"""

from collections.abc import Sequence

import numpy as np

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.recoding.clusters import add_rest, find_nearest, measure_losses
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
    """Anonymize records; the seeds are drawn from the generator. Suppresses nothing.

    Parameters
    ----------
    records : array (n, d) of leaves, n ≥ k; followed in their order, which decides between equal
        distances.
    """
    cluster_of = np.full(len(records), -1, dtype=np.intp)
    rest, leaves = np.arange(len(records)), np.ascontiguousarray(records.T)
    for number in range(len(records) // k):
        seed = int(generator.integers(len(rest)))
        distances = measure_losses(domains, leaves[:, seed], leaves).sum(axis=0)
        distances[seed] = -1.0
        is_left = np.ones(len(rest), dtype=bool)
        is_left[find_nearest(distances, k)] = False
        cluster_of[rest[~is_left]] = number
        rest, leaves = rest[is_left], leaves[:, is_left]
    nodes = add_rest(records, domains, cluster_of, lambda sizes, before, after: after)
    return Recoding(nodes, np.zeros(len(records), dtype=bool))
