"""What a released table keeps and what risk it leaves, in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import PERSON, SUPPRESSED
from anonify.domains.domain import Domains
from anonify.measures.information_loss import measure_quality
from anonify.measures.people import bound_people
from anonify.measures.population import measure_population
from anonify.measures.risk import measure_corrected
from anonify.measures.verdict import Limit, count_certain_people, list_limits, write_limits
from anonify.releases.dataset import Dataset, Population, StoredDataset
from anonify.releases.foreign import Released, check_parent
from anonify.tables.classes import Classes, count_classes, match_classes, sum_least_weights
from anonify.tables.columns import MARKS, find_weight
from anonify.tables.counts import Rows, count_everyone, count_records, count_rows, records_of
from anonify.verification.privacy import measure_privacy


def assess_release(
    release: Released,
    anonymized: Released | None,
    dataset: Dataset | StoredDataset,
    k: int | None,
    threshold: float,
    risk_limit: float | None = None,
    population: Population | None = None,
) -> dict[str, Any]:
    """Measure a released table.

    Parameters
    ----------
    anonymized : the table before sampling, where the release is a sample of it.
    k : what was promised; the achieved k where it is None.
    threshold : per cent.
    risk_limit : the highest prosecutor risk that is accepted, in per cent; None without one.
    population : that the people of the original are a sample of, where it is described.

    Returns
    -------
    What :func:`assess_disclosure` does; ``verdict``, as
    :mod:`anonify.measures.verdict_in_words` says it; ``population``
    (:func:`anonify.measures.population.measure_population`); ``counted``, what k and risks count:
    ``records``, or ``people`` where some have several records
    (:func:`anonify.measures.people.bound_people`); and ``quality``
    (:func:`anonify.measures.information_loss.measure_quality`). Records that show nothing but the
    roots are the group that they are in the file.

    Raises
    ------
    UserError : the release is no sample of the table before sampling, or has more records than
        the original.
    """
    names = [name for name in dataset.domains if name in release.names]
    original = dataset.rows(names)
    tuples = release.rows(names)
    here, there = count_records(tuples), count_records(original)
    if anonymized is not None:
        check_parent(anonymized, release, names)
    if here > there:
        raise UserError(
            f"the released table has {here} records, more than the {there} of the original one; "
            "correct `--original` or `--config`"
        )
    sensitive = [
        column.name
        for column in dataset.columns
        if column.name in release.names and column.role in ("sensitive", "target")
    ]
    domains = {name: dataset.domains[name] for name in names}
    shown = _show_all(release)
    released = _count(release, dataset, original, domains)
    before = released
    if anonymized is not None:
        before = _count(anonymized, dataset, original, domains)
    classes = match_classes(before, released)
    found = assess_disclosure(shown, classes, names, sensitive, k, threshold)
    found["risk"]["suppressed_records"] = count_records(tuples[tuples[SUPPRESSED].to_numpy(bool)])
    found["population"] = measure_population(classes, before.tuples, domains, population)
    found["counted"] = "people" if PERSON in original else "records"
    quality = measure_quality(original, tuples, domains, max(found["k"], 1))
    if here != there:
        # The bits that the deleted records would have taken are not known from the release.
        del quality["non_uniform_entropy"]
    found["quality"] = quality
    share = 0.0
    if anonymized is not None:
        share = 100 * (1 - here / count_records(anonymized.rows([])))
    limits = list_limits(
        None if k is None else (k, int(before.sizes.min())), int(released.sizes.min()), risk_limit
    )
    return {**found, "verdict": _judge(found, limits, dataset, release, (here, there), share)}


def _show_all(release: Released) -> Rows:
    """Return what gives columns of a release where suppressed records are a group like any."""
    return lambda names: release.rows(names).assign(**{SUPPRESSED: False})


def _judge(
    found: Mapping[str, Any],
    limits: Sequence[Limit],
    dataset: Dataset | StoredDataset,
    release: Released,
    records: tuple[int, int],
    deletion: float,
) -> dict[str, Any]:
    """Return the verdict on a released table, as the page on a run has it.

    ``records``: of the release, and of the original.
    """
    names = [name for name in dataset.domains if name in release.names]
    here, there = records
    ncp, kept, missing = found["quality"]["ncp"], here / there, there - here
    marks = release.rows([])
    return {
        "k": found["k"],
        "deletion": deletion,
        "is_kept": all(limit.is_kept for limit in limits) if limits else None,
        "limits": write_limits(limits),
        "risk": found["risk"],
        "cost": {
            "ncp": ncp,
            "loss": ncp * kept + 100 * (1 - kept) if missing else ncp,
            "journalist_risk_highest": found["risk"]["journalist_risk_highest"],
        },
        "columns": [
            {"name": column.name, "role": column.role}
            | ({"shown": "as released"} if column.name in release.names else {})
            for column in dataset.columns
        ],
        "people": count_everyone(marks),
        # Whose records they are is not known from the table.
        "is_bound": found["counted"] == "people" and PERSON not in marks,
        "certain": count_certain_people(_show_all(release), list(found["privacy"]), names),
        "left_out": {"suppressed": 0, "blanked": 0, "deletion": deletion}
        | ({"records": missing} if missing else {}),
    }


def _count(
    release: Released, dataset: Dataset | StoredDataset, original: pd.DataFrame, domains: Domains
) -> Classes:
    weight = find_weight(column for column in dataset.columns if column.name in release.names)
    names = [*domains, *([] if weight is None else [weight])]
    shown = _show_all(release)(names)
    if weight is not None:
        # A sum of weights depends on how its terms are put together, so that is always the same.
        marks = [mark for mark in MARKS if mark in shown]
        shown = count_rows(shown, [*names, *marks])
    classes = count_classes(shown, list(domains), weight)
    if PERSON in shown or PERSON not in original:
        return classes
    bound = bound_people(classes, original, domains)
    if weight is None:
        return bound
    weights, records = shown[weight].to_numpy(float, na_value=0), records_of(shown)
    return replace(
        bound, population=sum_least_weights(bound.members, weights, bound.sizes, records)
    )


def assess_disclosure(
    release: Rows,
    classes: pd.DataFrame,
    quasi_identifiers: Sequence[str],
    sensitive: Sequence[str],
    k: int | None,
    threshold: float,
) -> dict[str, Any]:
    """Measure what a released table gives away, which is known from the table alone.

    Parameters
    ----------
    release : gives columns of it with ``is_suppressed``.
    classes : of it, as :func:`anonify.tables.classes.match_classes` gives them.
    k : what was promised; the achieved k where it is None.
    threshold : per cent.

    Returns
    -------
    ``k`` and ``threshold``, ``risk`` (:func:`anonify.measures.risk.measure_corrected` and
    ``achieved_k``) and ``privacy``: for each sensitive attribute what
    :func:`anonify.verification.privacy.measure_privacy` finds; nothing where every record is
    suppressed.
    """
    shown = classes.loc[~classes[SUPPRESSED] & (classes["released_size"] > 0), "released_size"]
    achieved = int(shown.min()) if len(shown) else 0
    return {
        "k": k or achieved,
        "threshold": threshold,
        "risk": {**measure_corrected(classes, k or achieved, threshold), "achieved_k": achieved},
        "privacy": {
            name: asdict(
                measure_privacy(release([*quasi_identifiers, name]), quasi_identifiers, name)
            )
            for name in sensitive
            if achieved
        },
    }
