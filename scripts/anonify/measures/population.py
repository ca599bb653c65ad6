"""What a release risks in the population that its people are a sample of.

An attacker who does not know that somebody is in the table looks for them in the population. How
large that is, a steward says; or the sampling weights add up to it; or it is there as a table.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.values import POPULATION, SUPPRESSED
from anonify.domains.domain import Domains
from anonify.measures.individual_risk import estimate_individual_risk
from anonify.measures.presence import measure_presence
from anonify.releases.dataset import Population

TABULATED = (
    "sample_uniques",
    "sample_uniqueness",
    "population_uniqueness",
    "individual_risk_highest",
    "individual_risk_average",
    "k_map",
    "presence_highest",
    "presence_lowest",
)
"""What a run tells of each of its tables."""


def measure_population(
    classes: pd.DataFrame,
    labels: pd.DataFrame,
    domains: Domains,
    population: Population | None,
) -> dict[str, Any]:
    """Measure the risk of the released people in the population, suppressed ones apart.

    Parameters
    ----------
    classes : as :func:`anonify.tables.classes.match_classes` returns them.
    labels : frame (classes, quasi-identifiers), what each class shows.
    domains : of these; empty where the population is no table.
    population : what is known of it; without it the weights say its size, where people have any.

    Returns
    -------
    ``sample_uniques``, people who are unique in the release, and ``sample_uniqueness``, their share
    in per cent. Where the size of the population is known, ``population_size``,
    ``sampling_fraction`` (per cent), and in per cent of the population how many people are unique
    in it: ``population_uniqueness`` by the rule, which takes the estimate ``uniqueness_model``, and
    ``population_uniqueness_pitman``, ``…_zayatz`` and ``…_snb``, NaN where a model finds nothing
    (:mod:`anonify.measures.uniqueness`). Where people have weights, ``individual_risk_average``,
    ``…_lowest`` and ``…_highest`` in per cent, and ``expected_identifications``, their sum over the
    people (:mod:`anonify.measures.individual_risk`). Where the population is a table,
    ``population_uniques``, released people whose labels fit nobody else of it, ``k_map`` (people),
    ``presence_highest`` and ``presence_lowest`` (per cent), and ``unmatched_people``, how
    many the release has more in its classes than the population (:mod:`anonify.measures.presence`).
    """
    is_shown = (~classes[SUPPRESSED] & (classes["released_size"] > 0)).to_numpy()
    shown = classes[is_shown]
    released = shown["released_size"].to_numpy(np.int64)
    people = int(released.sum())
    alone = int((released == 1).sum())
    found: dict[str, Any] = {
        "sample_uniques": alone,
        "sample_uniqueness": 100 * alone / people if people else float("nan"),
    }
    if not people:
        return found
    weighted = float(classes[POPULATION].sum()) if POPULATION in classes else None
    size = weighted if population is None else population.size
    if size is not None:
        found |= _estimate_uniqueness(released, max(size, people))
    if POPULATION in classes:
        found |= _sum_up_risks(released, shown[POPULATION].to_numpy(float))
    if population is not None and population.people is not None:
        presence = measure_presence(labels[is_shown], released, population.people, domains)
        found |= {
            "population_uniques": int(released[presence.population <= 1].sum()),
            "k_map": int(presence.population.min()),
            "presence_highest": 100 * presence.highest,
            "presence_lowest": 100 * presence.lowest,
            "unmatched_people": int(np.maximum(released - presence.population, 0).sum()),
        }
    return found


def _estimate_uniqueness(released: np.ndarray, size: float) -> dict[str, Any]:
    # Imported only here: few know the population, and scipy's solvers take long to import.
    from anonify.measures.uniqueness import estimate_uniques

    uniques = estimate_uniques(released, size)
    return {
        "population_size": size,
        "sampling_fraction": 100 * released.sum() / size,
        "population_uniqueness": 100 * uniques.chosen / size,
        "uniqueness_model": uniques.model,
        "population_uniqueness_pitman": 100 * uniques.pitman / size,
        "population_uniqueness_zayatz": 100 * uniques.zayatz / size,
        "population_uniqueness_snb": 100 * uniques.snb / size,
    }


def _sum_up_risks(released: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    risks = estimate_individual_risk(released, weights)
    return {
        "individual_risk_highest": 100 * float(risks.max()),
        "individual_risk_average": 100 * float(np.average(risks, weights=released)),
        "individual_risk_lowest": 100 * float(risks.min()),
        "expected_identifications": float(released @ risks),
    }


def tabulate_population(
    measured: Mapping[tuple[str, int], pd.DataFrame],
    labels: pd.DataFrame,
    domains: Domains,
    population: Population | None,
) -> pd.DataFrame:
    """Return the risk in the population of the tables of a run.

    Parameters
    ----------
    measured : as :func:`anonify.measures.risk.tabulate_risks` takes it.
    labels : frame (classes, quasi-identifiers), what each class of the anonymized table shows.
    domains : of these.
    population : as :func:`measure_population` takes it.

    Returns
    -------
    Frame as of :func:`anonify.measures.risk.tabulate_risks`, with one row for each of
    :data:`TABULATED` that is known; none where of the population nothing is.
    """
    rows = []
    for (data, deletion), classes in measured.items():
        known = population
        if data == "original" and population is not None:
            # An attacker has a release, and it is the labels of that which are looked for.
            known = Population(population.size)
        found = measure_population(classes, labels, domains, known)
        if "population_size" in found:
            rows += [
                (data, deletion, "corrected", name, found[name])
                for name in TABULATED
                if name in found
            ]
    return pd.DataFrame(rows, columns=["data", "deletion", "reading", "measure", "value"])


def mask_population(table: pd.DataFrame, k: int, is_secret: bool) -> pd.DataFrame:
    """Mask what would tell of fewer than k people of a confidential table.

    These are the people who are unique in the original, where there are any; and all that is of the
    original where the release hides how many it has.

    Parameters
    ----------
    table : as :func:`tabulate_population` returns it.
    is_secret : as :func:`anonify.measures.risk.mask_risks` takes it.

    Returns
    -------
    The same with empty values, and the boolean column ``is_masked``.
    """
    is_original = table["data"] == "original"
    alone = table.loc[is_original & (table["measure"] == "sample_uniques"), "value"]
    is_few = bool(((alone > 0) & (alone < k)).any())
    tells = table["measure"].str.contains("unique")
    is_masked = is_original & (is_secret | (is_few & tells))
    return table.assign(value=table["value"].mask(is_masked), is_masked=is_masked)
