"""The minimality attack, computed from all tables that would have led to a release.

Who attacks knows the quasi-identifiers of everybody, the method, k and the requirement, and sees
the release: classes, and how often each sensitive value occurs in each, and among the suppressed.
A *world* is a way to give the people of each class its values. Without knowing the method all
worlds are equally likely, and a person has a value with the probability of its share in the class.
With it, those remain that the method turns into this very release.

Source: Wong, Fu, Wang, Pei, Minimality Attack in Privacy Preserving Data Publishing, VLDB 2007.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import factorial, prod
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from anonify.recoding.recoding import list_shown
from anonify.recoding.requirements import UnreachableError, require


@dataclass(frozen=True)
class Found:
    """What is believed of the people who are released; nothing is told of suppressed ones.

    Parameters
    ----------
    people : array (tuples,), how many people have each tuple that is not suppressed.
    by_class : array (tuples,), the largest share of a value in the tuple's class.
    posterior : array (tuples,), the largest probability of a value for who knows the method.
    is_coarser : whether the method merged more than k alone would have it.
    """

    people: np.ndarray
    by_class: np.ndarray
    posterior: np.ndarray
    is_coarser: bool


def attack(
    method: str,
    tuples: np.ndarray,
    values: np.ndarray,
    domains: Sequence[Any],
    k: int,
    rule: Mapping[str, Any],
    most: int,
    **options: Any,
) -> Found | None:
    """Return what is believed, or None if there is no release, or more worlds than can be tried.

    Parameters
    ----------
    tuples : array (tuples, quasi-identifiers) of leaves.
    values : array (tuples, values), how many people of each tuple have each sensitive value.
    options : of the method.
    """
    people = values.sum(axis=1)
    anonymize = importlib.import_module(f"anonify.methods.{method}").anonymize

    def release(world: np.ndarray | None) -> np.ndarray:
        """Array (tuples, quasi-identifiers + 1): labels, and 1 where a tuple is suppressed."""
        rules = [] if world is None else [require(rule, csr_array(world.astype(float)), False)]
        made = anonymize(tuples, people, domains, k, None, requirements=rules, **options)
        shown = list_shown(made, domains)
        labels = [
            domain.labels_of(nodes) for domain, nodes in zip(shown, made.nodes.T, strict=True)
        ]
        return np.array([*labels, made.is_suppressed.astype(int).astype(str)]).T

    try:
        seen = release(values)
    except UnreachableError:
        return None
    kept = seen[:, -1] == "0"
    _, members = np.unique(seen, axis=0, return_inverse=True)
    in_class = np.stack(
        [values[members == place].sum(axis=0) for place in range(members.max() + 1)]
    )
    by_class = (in_class / in_class.sum(axis=1, keepdims=True)).max(axis=1)[members]
    if (release(None) == seen).all():
        # Each world has the same classes, which keep the requirement in all of them.
        return Found(people[kept], by_class[kept], by_class[kept], False)
    ways = [
        list(list_ways(people[members == place].tolist(), total.tolist()))
        for place, total in enumerate(in_class)
    ]
    if prod(map(len, ways)) > most:
        return None
    expected, weights = np.zeros(values.shape), 0
    for chosen in product(*ways):
        world = np.empty_like(values)
        for place, way in enumerate(chosen):
            world[members == place] = way
        if (release(world) == seen).all():
            # How many ways there are to give these values to the people of each tuple.
            weight = prod(map(factorial, people.tolist())) // prod(
                map(factorial, world.ravel().tolist())
            )
            expected += weight * world
            weights += weight
    posterior = (expected / weights / people[:, np.newaxis]).max(axis=1)
    return Found(people[kept], by_class[kept], posterior[kept], True)


def list_ways(sizes: list[int], totals: list[int]) -> Iterator[list[list[int]]]:
    """List the tables of whole numbers with these sums of rows and columns."""
    if not sizes:
        yield []
        return
    for row in product(*(range(min(total, sizes[0]) + 1) for total in totals)):
        if sum(row) == sizes[0]:
            left = [total - taken for total, taken in zip(totals, row, strict=True)]
            for rest in list_ways(sizes[1:], left):
                yield [list(row), *rest]
