"""Membership inference: does a classifier give away whose records it learned from?

Members are the people of the table that is anonymized, also those whose records are deleted
afterwards; non-members were held out of everything. The attacker knows a person's whole record,
quasi-identifiers and class included, and asks the classifier about it. Members and non-members are
asked about by the same rule: with the narrowest class of the anonymized table that covers their
quasi-identifiers.

Here are the members, and the views from which models learn and are asked.
:mod:`anonify.measures.membership_models` has what the models say,
:mod:`anonify.measures.membership_attacks` the attacks and what they reach, and
:mod:`anonify.measures.membership_experiment` puts them together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.values import Codes
from anonify.domains.domain import Domains, ShownDomain, encode_records, find_covered
from anonify.recoding.recoding import Recoding, list_shown, roots
from anonify.releases.anonymization import Anonymized
from anonify.releases.recode import release_records
from anonify.releases.sampling import sample
from anonify.tables.classes import count_classes, group

Flags = npt.NDArray[np.bool_]


def draw_members(people: int, generator: np.random.Generator) -> Flags:
    """Array (people,): who is a member; half of the people, or one less than the others."""
    is_member = np.zeros(people, dtype=bool)
    is_member[generator.permutation(people)[: people // 2]] = True
    return is_member


def generalize(records: Codes, recoding: Recoding, domains: Domains) -> Recoding:
    """Recode records by a table that was anonymized: by its narrowest class that covers them.

    Parameters
    ----------
    records : array (records, d) of leaves, whether they are in the table or not.
    recoding : of the table.

    Returns
    -------
    For each record the class of least NCP that covers all its values; the first in order where
    several are equal. Where no class does, the record is suppressed.
    """
    classes = group(recoding.nodes[~recoding.is_suppressed]).tuples
    groups = group(records)
    shown = list_shown(recoding, list(domains.values()))
    found = _find_narrowest(groups.tuples, classes, shown)[groups.members]
    nodes = np.vstack([classes, roots(shown)])[found]
    return Recoding(nodes, found == len(classes), domains=recoding.domains)


@dataclass(frozen=True)
class View:
    """What a model learns from, and how it is asked about people.

    Parameters
    ----------
    is_member : array (people,), whether the person is in the table before deletion.
    learned : array (records,), whose records the model learns from, as places among the people.
    records : frame (records, columns), these records.
    asked : frame (people, columns), the record with which the model is asked about each person.
    """

    is_member: Flags
    learned: Codes
    records: pd.DataFrame
    asked: pd.DataFrame


def view_original(people: pd.DataFrame, is_member: Flags) -> View:
    """Return the view of a model that learns from the members' records as they are."""
    return View(is_member, np.flatnonzero(is_member), people[is_member], people)


def view_release(
    people: pd.DataFrame,
    is_member: Flags,
    domains: Domains,
    release: Anonymized,
    deletion: int,
    generator: np.random.Generator,
) -> View:
    """Return the view of a model that learns from what is released of the members' records.

    Parameters
    ----------
    people : frame (people, columns).
    is_member : array (people,).
    release : of the members.
    deletion : per cent of each equivalence class that is deleted.
    """
    members = count_classes(release.frame, list(domains)).members
    kept = sample(members, deletion, generator.bytes(16).hex())
    asked = generalize(encode_records(people, domains), release.recoding, domains)
    return View(
        is_member,
        np.flatnonzero(is_member)[kept],
        release.frame.iloc[kept],
        release_records(people, domains, asked),
    )


def _find_narrowest(tuples: Codes, classes: Codes, domains: Sequence[ShownDomain]) -> Codes:
    """Array (tuples,): the narrowest class that covers each; the number of classes for none."""
    found = np.full(len(tuples), len(classes), dtype=np.intp)
    columns = list(zip(domains, tuples.T, classes.T, strict=True))
    covers = [_map_covered(domain, nodes) for domain, _, nodes in columns]
    ncp = np.mean([domain.ncp_of(nodes) for domain, _, nodes in columns], axis=0)
    # The widest class first: what is narrower takes its place.
    for place in np.argsort(ncp, kind="stable")[::-1]:
        is_covered = np.all(
            [
                by_node[int(nodes[place])][leaves]
                for by_node, (_, leaves, nodes) in zip(covers, columns, strict=True)
            ],
            axis=0,
        )
        found[is_covered] = place
    return found


def _map_covered(domain: ShownDomain, nodes: Codes) -> dict[int, Flags]:
    """Return for each node which leaves of its domain lie below it: array (leaves,)."""
    present = np.unique(nodes)
    return dict(zip(present.tolist(), find_covered(domain, present), strict=True))
