"""What a release tells of the people of the population that it is a sample of: k-map, δ-presence.

A population table has the people of the population, with their quasi-identifiers as they are. Let S
of them fit the labels of a class of which s people are released.

- k-map: the smallest S. Whoever looks for one of the released people in the population finds at
  least so many who could be it.
- δ-presence: how likely it is that a person of the population is in the release, by all that the
  release tells. Of each class it is s/S for who fits it; who fits several is in any of them.

Sources: Sweeney, Achieving k-anonymity privacy protection using generalization and suppression,
IJUFKS 2002 (k-map); El Emam and Dankar, Protecting privacy using k-anonymity, JAMIA 2008; Nergiz,
Atzori and Clifton, Hiding the presence of individuals from shared databases, SIGMOD 2007
(δ-presence, there of classes that do not overlap).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from anonify.base.values import PERSON, Codes
from anonify.domains.domain import Domain, Domains, encode_shown, find_covered
from anonify.domains.sets import Sets
from anonify.tables.classes import group
from anonify.tables.counts import records_of


@dataclass(frozen=True)
class Presence:
    """What a release tells of the people of a population table.

    Parameters
    ----------
    population : array (classes,), people of the population who fit each class.
    lowest, highest : of the chances, 0 to 1, that somebody of the population is in the release.
    """

    population: npt.NDArray[np.int64]
    lowest: float
    highest: float


def measure_presence(
    labels: pd.DataFrame,
    released: npt.NDArray[np.integer],
    people: pd.DataFrame,
    domains: Domains,
) -> Presence:
    """Count who of the population fits the classes of a release.

    Parameters
    ----------
    labels : frame (classes, quasi-identifiers), as categories.
    released : array (classes,), people released in each class.
    people : population table: frame (records, quasi-identifiers), the node of the domain that
        covers the value, and the numbers of the people where some have several records; or counted
        (:mod:`anonify.tables.counts`). Such a person fits a class that any of the records fits.
    domains : of the quasi-identifiers of ``labels``.

    Raises
    ------
    UserError : a label is no node of its domain, and no set of its values.
    """
    groups = group(people[list(domains)].to_numpy(np.intp), records_of(people))
    counts, owners = groups.sizes, None
    if PERSON in people:
        numbers, known = pd.factorize(people[PERSON])
        owners = scipy.sparse.csr_array((np.ones(len(numbers)), (groups.members, numbers)))
        counts = np.ones(len(known), dtype=np.int64)
    chances = np.zeros(len(counts))
    found = np.zeros(len(labels), dtype=np.int64)
    for place, tuples in enumerate(_find_fitting(labels, groups.tuples, domains)):
        fitting = tuples if owners is None else np.unique(owners[tuples].indices)
        found[place] = counts[fitting].sum()
        chances[fitting] += released[place] / max(found[place], 1)
    # A release with more people in a class than the population has tells of all who fit.
    chances = np.minimum(chances, 1)
    return Presence(found, float(chances.min()), float(chances.max()))


def _find_fitting(labels: pd.DataFrame, tuples: Codes, domains: Domains) -> Iterator[Codes]:
    """Find for each class which of the tuples its labels cover."""
    columns = []
    for name, values in zip(domains, tuples.T, strict=True):
        different, members = np.unique(values, return_inverse=True)
        columns.append((*_cover(labels[name], domains[name], different), members))
    for place in range(len(labels)):
        fitting = np.arange(len(tuples))
        for nodes, covered, members in columns:
            fitting = fitting[covered[int(nodes[place])][members[fitting]]]
        yield fitting


def _cover(
    labels: "pd.Series[Any]", domain: Domain, below: Codes
) -> tuple[Codes, dict[int, npt.NDArray[np.bool_]]]:
    """Return the node of each label, and for each node which of the others it covers.

    Parameters
    ----------
    below : array (others,), nodes of the domain.
    """
    shown, nodes = encode_shown(labels, domain)
    present = np.unique(nodes)
    if isinstance(shown, Sets):
        # A set covers a node if it has all that is below it.
        leaves = find_covered(domain, below)
        covers = zip(present.tolist(), shown.find_covered(present), strict=True)
        return nodes, {node: ~(leaves & ~covered).any(axis=1) for node, covered in covers}
    return nodes, {
        node: shown.join(below, np.full(len(below), node)) == node for node in present.tolist()
    }
