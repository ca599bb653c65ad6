"""People who have several records: k of them in every class, by any method.

Methods that look at whole tuples count them themselves
(:class:`anonify.recoding.requirements.ClassRules`). For the others each person is counted at one
tuple, the home: classes of k homes have k people, whoever else joins them.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.recoding.recoding import Anonymizer, Recoding, roots
from anonify.tables.classes import Groups, group


def list_people(groups: Groups, people: Codes) -> "scipy.sparse.csr_array":
    """Sparse array (groups, people): 1 where a person has a record of the group.

    Parameters
    ----------
    people : array (records,), the person of each record, numbered from 0 without a gap.
    """
    pairs = group(np.stack([groups.members, people], axis=1)).tuples
    shape = (len(groups.tuples), int(people.max(initial=-1)) + 1)
    return scipy.sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=shape)


def count_members(members: Codes, incidence: "scipy.sparse.csr_array") -> npt.NDArray[np.int64]:
    """Array (classes,): distinct people in each class.

    Parameters
    ----------
    members : array (tuples,), the class of each, numbered from 0 without a gap.
    incidence : sparse array (tuples, people), as of :func:`list_people`.
    """
    indicator = scipy.sparse.csr_array(
        (np.ones(len(members)), (members, np.arange(len(members)))),
        shape=(int(members.max(initial=-1)) + 1, len(members)),
    )
    return np.asarray(np.diff((indicator @ incidence).indptr), dtype=np.int64)


def anonymize_people(
    anonymize: Anonymizer,
    records: Codes,
    people: Codes,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
) -> Recoding:
    """Anonymize by a method that counts records, so that every class has k people.

    A person's home is the tuple that most of the person's records have. The method anonymizes one
    record of each person, that at home. The others are released as homes of the same tuple are, or
    where there is none, in the class of least NCP that covers them. What no class covers is
    anonymized likewise, again and again, as long as k people have some; else it is suppressed.

    Parameters
    ----------
    records : array (n, d) of leaves.
    people : array (n,), the person of each record, numbered from 0 without a gap.
    """

    def of_homes(homes: Codes) -> Recoding:
        return anonymize(homes, domains, k, generator)

    nodes = np.tile(roots(domains), (len(records), 1))
    is_suppressed = np.ones(len(records), dtype=bool)
    facts: Mapping[str, float | int | str] = {}
    left, owners = np.arange(len(records)), people
    while True:
        found, is_uncovered = _anonymize_homes(of_homes, records[left], owners, domains)
        nodes[left], is_suppressed[left] = found.nodes, found.is_suppressed
        facts = facts or found.facts
        left = left[is_uncovered]
        owners = np.unique(people[left], return_inverse=True)[1]
        if owners.max(initial=-1) + 1 < k:
            return Recoding(nodes, is_suppressed, facts)


def _anonymize_homes(
    of_homes: Callable[[Codes], Recoding], records: Codes, people: Codes, domains: Sequence[Domain]
) -> tuple[Recoding, npt.NDArray[np.bool_]]:
    """Anonymize one record of each person, and release the others where they fit.

    Returns
    -------
    Recoding, and array (n,): whether no class covers a record, which is suppressed then.
    """
    groups = group(records)
    homes = _find_homes(groups.members, people)
    found = of_homes(records[homes])
    # What each record follows: its person's home, if it is there; another home of the tuple, not
    # suppressed if possible; or nothing.
    order = np.argsort(~found.is_suppressed, kind="stable")
    of_tuple = np.full(len(groups.tuples), -1)
    of_tuple[groups.members[homes[order]]] = order
    home_of = groups.members[homes][people]
    followed = np.where(home_of == groups.members, people, of_tuple[groups.members])
    nodes = found.nodes[followed]
    is_suppressed = found.is_suppressed[followed]
    is_uncovered = np.zeros(len(records), dtype=bool)
    homeless = np.flatnonzero(of_tuple < 0)
    if len(homeless):
        classes = np.unique(found.nodes[~found.is_suppressed], axis=0)
        chosen, is_covered = _cover(groups.tuples[homeless], classes, domains)
        place = np.full(len(groups.tuples), -1)
        place[homeless] = np.arange(len(homeless))
        is_lone = followed < 0
        places = place[groups.members[is_lone]]
        nodes[is_lone] = chosen[places]
        is_suppressed[is_lone] = is_uncovered[is_lone] = ~is_covered[places]
    return Recoding(nodes, is_suppressed, found.facts), is_uncovered


def _find_homes(members: Codes, people: Codes) -> Codes:
    """Array (people,): a record of each person of the tuple that most of them have."""
    pairs = pd.DataFrame({"person": people, "tuple": members, "record": np.arange(len(people))})
    counted = pairs.groupby(["person", "tuple"])["record"].agg(["size", "min"]).reset_index()
    counted = counted.sort_values(["person", "size", "tuple"], ascending=[True, False, True])
    return counted.drop_duplicates("person")["min"].to_numpy(np.intp)


def _cover(
    tuples: Codes, classes: Codes, domains: Sequence[Domain]
) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Return the class of least loss that covers each tuple, the roots where there is none."""
    chosen = np.tile(roots(domains), (len(tuples), 1))
    is_covered = np.zeros(len(tuples), dtype=bool)
    columns = zip(domains, classes.T, strict=True)
    costs = np.sum([domain.loss_of(nodes) for domain, nodes in columns], axis=0)
    for place in np.argsort(costs, kind="stable"):
        open_ones = np.flatnonzero(~is_covered)
        if not len(open_ones):
            break
        fits = np.ones(len(open_ones), dtype=bool)
        for attribute, domain in enumerate(domains):
            node = np.full(len(open_ones), classes[place, attribute])
            fits &= domain.join(node, tuples[open_ones, attribute]) == node
        chosen[open_ones[fits]] = classes[place]
        is_covered[open_ones[fits]] = True
    return chosen, is_covered
