"""What estimator and tables share: anonymize records, verify them, delete a part of each class."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from anonify.anomed.arrays import Unfit
from anonify.base.errors import UserError
from anonify.base.seeding import make_generator, make_key
from anonify.base.values import PERSON, Codes
from anonify.domains.domain import Domain, ShownDomain
from anonify.domains.files import build_domain
from anonify.recoding.recoding import Recoding, list_shown
from anonify.releases.anonymization import anonymize_table, count_all
from anonify.releases.sampling import sample
from anonify.tables.classes import count_classes


@dataclass(frozen=True)
class Sampled:
    """Records that were anonymized and sampled.

    Parameters
    ----------
    domains : what the quasi-identifiers are released as nodes of.
    recoding : of all records.
    release : frame of all records, with ``is_suppressed``.
    kept : the records that were not deleted, shuffled.
    """

    domains: Mapping[str, ShownDomain]
    recoding: Recoding
    release: pd.DataFrame
    kept: Codes


def anonymize_records(
    frame: pd.DataFrame,
    descriptions: Mapping[str, Mapping[str, Any]],
    method: str,
    k: int,
    deletion: int,
    seed: int,
) -> Sampled:
    """k-anonymize records, verify the result, and delete a part of each class.

    Parameters
    ----------
    frame : with the quasi-identifiers as ordered categories of text, and the numbers of the people
        where the description has them.
    descriptions : of the columns.
    deletion : per cent of each class.

    Raises
    ------
    Unfit : there are fewer than k people, or a hierarchy does not fit its column.
    UserError : there is no quasi-identifier, or as the method.
    """
    names = [n for n, column in descriptions.items() if column["role"] == "quasi-identifier"]
    check_parameters(names, k, deletion)
    if (found := count_all(frame)) < k:
        counted = "people" if PERSON in frame else "records"
        raise Unfit(f"there are {found} {counted}, fewer than k = {k}; take a smaller k")
    domains = {name: _build(frame, name, descriptions[name]) for name in names}
    made = anonymize_table(frame, domains, method, k, make_generator(seed, "anonymize", method, k))
    members = count_classes(made.frame, names).members
    kept = sample(members, deletion, make_key(seed, "sample", deletion))
    kept = make_generator(seed, "shuffle").permutation(kept)
    shown = dict(zip(names, list_shown(made.recoding, [*domains.values()]), strict=True))
    return Sampled(shown, made.recoding, made.frame, kept)


def check_parameters(quasi_identifiers: Sequence[str], k: int, deletion: int) -> None:
    """Make sure that records can be anonymized so.

    Raises
    ------
    UserError : there is no quasi-identifier, or k or the deletion is out of range.
    """
    if not quasi_identifiers:
        raise UserError("`columns` has no `quasi-identifier`, so there is nothing to anonymize")
    if k < 2:
        raise UserError(f"`k` is {k!r}; it should be a whole number from 2")
    if not 0 <= deletion < 100:
        raise UserError(f"`deletion` is {deletion!r}; it should be per cent, from 0 to below 100")


def choose_seed(seed: int | None) -> int:
    """Return the seed, or where it is None one that nobody can guess."""
    return secrets.randbits(63) if seed is None else seed


def _build(frame: pd.DataFrame, name: str, column: Mapping[str, Any]) -> Domain:
    values = frame[name].cat.categories.tolist()
    try:
        return build_domain(name, values, column, column.get("hierarchy", {}).get("file"))
    except UserError as error:
        raise Unfit(
            f"the hierarchy of {name!r} does not fit the {len(values)} different values of that "
            "column; mend it"
        ) from error
