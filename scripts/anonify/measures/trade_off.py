"""What methods, k and deletion cost and which risk they leave: the trade-off.

How many records of each class a deletion removes is no matter of chance, so that everything
follows from the anonymized table: nothing is drawn.

Sources: the paper, Sections 6.2.1 and 6.3; for the risks :mod:`anonify.measures.risk`; Pareto,
Manuale di economia politica, 1906 (what is on a front).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.values import SUPPRESSED
from anonify.domains.domain import Domains, encode_shown
from anonify.measures.risk import measure_corrected
from anonify.releases.sampling import count_deletions
from anonify.tables.classes import count_classes

RISKS = (
    "prosecutor_risk_highest",
    "prosecutor_risk_average",
    "journalist_risk_highest",
    "identified_people",
)

DECIMALS = 8
"""Digits to which loss and risk are compared: as many as tables have, fewer than rounding spoils"""


def count_costs(release: pd.DataFrame, domains: Domains) -> pd.DataFrame:
    """Count each equivalence class of an anonymized table, and what its records have lost.

    Parameters
    ----------
    release : as :func:`anonify.tables.classes.count_classes` takes it.
    domains : one for each quasi-identifier.

    Returns
    -------
    Frame with one row for each class: ``is_suppressed``, ``size`` in people, ``records``, and
    ``ncp``, the NCP of each of its records in per cent
    (:func:`anonify.measures.information_loss.measure_ncp`).
    Suppressed records make one row.

    Raises
    ------
    UserError : a label is no node of its domain, and no set of its values.
    """
    classes = count_classes(release, list(domains))
    shown = [encode_shown(classes.tuples[name], domain) for name, domain in domains.items()]
    ncp = [domain.ncp_of(nodes) for domain, nodes in shown]
    return pd.DataFrame(
        {
            SUPPRESSED: classes.is_suppressed,
            "size": classes.sizes,
            "records": classes.records,
            "ncp": 100 * np.mean(ncp, axis=0),
        }
    )


def measure_trade_off(classes: pd.DataFrame, deletions: Sequence[int]) -> list[dict[str, float]]:
    """Return what an anonymized table costs and which risk it leaves, for each deletion.

    Parameters
    ----------
    classes : what :func:`count_costs` returns.
    deletions : per cent of each class that is deleted; 0 for the table as it is.

    Returns
    -------
    For each deletion ``deletion``, ``ncp`` (of the anonymized table, in per cent, the same for
    each deletion) and what :func:`measure_deletion` returns.
    """
    ncp = float(np.average(classes["ncp"], weights=classes["records"]))
    return [
        {"deletion": deletion, "ncp": ncp, **measure_deletion(classes, deletion)}
        for deletion in deletions
    ]


def measure_deletion(classes: pd.DataFrame, deletion: int) -> dict[str, float]:
    """Return what is lost in all and which risk is left when a share of each class is deleted.

    The suppressed records lose that share like a class, but are none: they count in ``loss`` and
    among the people of the table, and nowhere else.

    Parameters
    ----------
    classes : what :func:`count_costs` returns.
    deletion : per cent of each class that is deleted, rounded up to records.

    Returns
    -------
    Per cent: ``loss``, the mean over all records of the anonymized table of their NCP where they
    are released and of 100 where they are deleted; ``prosecutor_risk_highest`` and
    ``journalist_risk_highest``, over the released records; ``prosecutor_risk_average``, the mean
    over the released records; ``identified_people``, the mean of the journalist risk over all
    people of the table, at no risk where their record is deleted or suppressed: the share of
    them that the marketer is expected to identify. Counts: ``released_records``,
    ``suppressed_records`` that are left, ``classes`` that are left and ``smallest_class`` of
    them in released records, 0 if there is none.

    Where only suppressed records are left there is no one at risk: the average over all people
    is 0, the other risks are not a number.
    """
    size, records = (classes[name].to_numpy(np.int64) for name in ("size", "records"))
    released, released_records = (
        each - count_deletions(each, deletion) for each in (size, records)
    )
    people = int(size.sum())
    is_class = ~classes[SUPPRESSED].to_numpy(bool)
    # What lies below k or above a threshold is not asked.
    left = classes.assign(released_size=released, released_records=released_records)
    measured = measure_corrected(left, k=0, threshold=100)
    # Of people who have several records, each loses the same share.
    of_each = records / size
    lost = (released * of_each * classes["ncp"].to_numpy(float)).sum()
    lost += 100 * ((size - released) * of_each).sum()
    identified = (released / size)[is_class].sum()
    risks = {**measured, "identified_people": 100 * float(identified) / people}
    return {
        "loss": float(lost) / int(records.sum()),
        "released_records": measured["released_records"],
        "suppressed_records": measured["suppressed_records"],
        "classes": measured["classes"],
        "smallest_class": min(released[is_class & (released > 0)].tolist(), default=0),
        **{risk: risks[risk] for risk in RISKS},
    }


def mark_fronts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with a boolean column for each risk: is the row on the Pareto front?

    Parameters
    ----------
    table : ``loss`` and the :data:`RISKS`, in per cent.
    """
    fronts = {name_front(risk): find_front(table["loss"], table[risk]) for risk in RISKS}
    return table.assign(**fronts)


def mark_chosen(table: pd.DataFrame, chosen: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table with the boolean column ``is_chosen``.

    Parameters
    ----------
    chosen : ``method``, ``k`` and ``deletion`` of the row.
    """
    is_chosen = [table[column] == value for column, value in chosen.items()]
    return table.assign(is_chosen=np.all(is_chosen, axis=0))


def keeps_limit(risk: npt.ArrayLike, limit: float) -> npt.NDArray[np.bool_]:
    """Array (rows,): whether risks are not above a limit; one that is not a number does not count.

    Parameters
    ----------
    limit : per cent; one of 100 ÷ k is written with fewer digits than it has.

    >>> keeps_limit([8.333333333, 9.5, np.nan], 8.3333).tolist()
    [True, False, False]
    """
    return np.asarray(np.asarray(risk, float) <= limit * (1 + 1e-4))


def find_cheapest(table: pd.DataFrame, risk: str, limit: float) -> int | None:
    """Return the place of the row that keeps a limit at the least loss; None where none does.

    Of rows that lose the same it is the chosen one, or else the one with the least risk and then
    the least deletion.

    Parameters
    ----------
    table : ``loss``, the risk, ``deletion`` and ``is_chosen``.
    limit : per cent.
    """
    places = pd.DataFrame(
        {
            "loss": table["loss"].to_numpy(float).round(DECIMALS),
            "is_other": ~table["is_chosen"].to_numpy(bool),
            "risk": table[risk].to_numpy(float).round(DECIMALS),
            "deletion": table["deletion"].to_numpy(),
        }
    )[keeps_limit(table[risk], limit)]
    ordered = places.dropna().sort_values(["loss", "is_other", "risk", "deletion"], kind="stable")
    return int(ordered.index[0]) if len(ordered) else None


def name_front(risk: str) -> str:
    """Return the column that says whether a row is on the front of loss and a risk.

    >>> name_front("prosecutor_risk_highest")
    'is_on_front_prosecutor_highest'
    """
    return f"is_on_front_{risk.replace('_risk', '')}"


def find_front(loss: npt.ArrayLike, risk: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Array (rows,): whether no other row has less of one and not more of the other.

    Rows that are equal in both are on the front together; a row without a risk never is.

    Parameters
    ----------
    loss, risk : arrays (rows,), compared to :data:`DECIMALS` digits after the point.

    >>> find_front([0, 1, 1, 2, 2], [5, 3, 4, 3, 1]).tolist()
    [True, True, False, False, True]
    """
    _, place = np.unique(np.round(np.asarray(loss, float), DECIMALS), return_inverse=True)
    risk = np.round(np.nan_to_num(np.asarray(risk, float), nan=np.inf), DECIMALS)
    lowest = np.full(place.max(initial=-1) + 1, np.inf)
    np.minimum.at(lowest, place, risk)
    lowest_before = np.minimum.accumulate(np.append(np.inf, lowest))[:-1]
    return np.asarray((risk == lowest[place]) & (risk < lowest_before[place]))
