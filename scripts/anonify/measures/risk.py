"""Re-identification risk of a released table, before and after sampling.

Let s be the size of a record's equivalence class in the anonymized table and s' in the table
that is released after sampling. The attacker of the journalist scenario knows that a person
is among the s; the prosecutor also knows that the person is among the s'. Where the people of the
class have weights, their sum estimates how many people S of the population are like them; who
knows only that a person is of the population has to choose among these.

Sources: the paper, Section 6.3 (Figures 11 and 12); El Emam, Guide to the De-Identification
of Personal Health Information, 2013 (prosecutor, journalist and marketer risk); Templ, Statistical
Disclosure Control for Microdata, 2017, Chapter 3 (frequencies f of a sample and F of the
population, which the sum of the weights estimates, as sdcMicro's ``freqCalc`` does).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.values import POPULATION, SUPPRESSED


def measure_as_published(classes: pd.DataFrame) -> dict[str, float]:
    """Return journalist risk and certainty as the authors computed them, in per cent.

    Suppressed records count as a class, averages are over the records before sampling, and
    the lowest risk is 0 as soon as a record was deleted.
    """
    size = classes["size"].to_numpy(float)
    released = classes["released_size"].to_numpy(float)
    is_sampled = released.sum() < size.sum()
    risk = 1 / size
    certainty = released / size
    return {
        "journalist_risk_average": 100 * (released * risk).sum() / size.sum(),
        "journalist_risk_lowest": 0.0 if is_sampled else 100 * risk.min(),
        "journalist_risk_highest": 100 * risk[released > 0].max(),
        "certainty_average": 100 * released.sum() / size.sum(),
        "certainty_lowest": 100 * certainty.min(),
        "certainty_highest": 100 * certainty.max(),
    }


def measure_corrected(classes: pd.DataFrame, k: int, threshold: float) -> dict[str, float]:
    """Return the risks of the released records, suppressed ones apart.

    Parameters
    ----------
    classes : as :func:`anonify.tables.classes.match_classes` returns them. Risks are about people,
        of whom some may have several records.
    k : classes whose released size is below it are counted.
    threshold : per cent; records whose risk is above it are counted.

    Returns
    -------
    Per cent: journalist risk 1/s and prosecutor risk 1/s' as average, lowest and highest over
    the released records, and population risk 1/S likewise where people have weights; certainty
    s'/s likewise (average over the anonymized records); marketer risk, the share of released
    records that a linkage of all of them is expected to identify in the anonymized table, which is
    the average journalist risk (Dankar and El Emam, 2010); records above the threshold, in per
    cent of the released ones. Counts: classes, classes smaller than k after sampling, released and
    suppressed records.
    """
    kept = classes[~classes[SUPPRESSED]]
    shown = kept[kept["released_size"] > 0]
    size, released = shown["size"].to_numpy(float), shown["released_size"].to_numpy(float)
    journalist, prosecutor = 100 / size, 100 / released
    certainty = 100 * kept["released_size"].to_numpy(float) / kept["size"].to_numpy(float)
    population = {}
    if POPULATION in shown:
        risk = 100 / shown[POPULATION].to_numpy(float)
        population = _summarize_classes("population_risk", risk, released)
    records = classes.get("released_records", classes["released_size"])
    return {
        **_summarize_classes("journalist_risk", journalist, released),
        **_summarize_classes("prosecutor_risk", prosecutor, released),
        **population,
        **_summarize_classes("certainty", certainty, kept["size"].to_numpy(float)),
        "marketer_risk": _average(journalist, released),
        "journalist_risk_above_threshold": _average(100.0 * (journalist > threshold), released),
        "prosecutor_risk_above_threshold": _average(100.0 * (prosecutor > threshold), released),
        "classes": len(shown),
        "classes_below_k": int((released < k).sum()),
        "released_records": int(records[~classes[SUPPRESSED]].sum()),
        "suppressed_records": int(records[classes[SUPPRESSED]].sum()),
    }


def _summarize_classes(
    name: str, values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> dict[str, float]:
    return {
        f"{name}_average": _average(values, weights),
        f"{name}_lowest": float(values.min(initial=np.inf)) if len(values) else np.nan,
        f"{name}_highest": float(values.max(initial=-np.inf)) if len(values) else np.nan,
    }


def _average(values: npt.NDArray[np.floating], weights: npt.NDArray[np.float64]) -> float:
    return float(np.average(values, weights=weights)) if weights.sum() else float("nan")


def rate_classes(classes: pd.DataFrame, measure: str) -> "pd.Series[float]":
    """Return the risk of a record of each class, or the certainty, in per cent.

    Parameters
    ----------
    measure : ``journalist_risk``, 1/s, ``prosecutor_risk``, 1/s', or ``certainty``, s'/s.
    """
    size, released = classes["size"], classes["released_size"]
    if measure == "certainty":
        return 100 * released / size
    return 100 / (size if measure == "journalist_risk" else released)


def distribute_risk(classes: pd.DataFrame, measure: str) -> dict[str, Any]:
    """Return arrays for an ECDF over the released records, suppressed ones apart.

    Parameters
    ----------
    measure : ``journalist_risk`` or ``prosecutor_risk``.

    Returns
    -------
    ``risk`` in per cent, ascending; ``share``: per cent of the released records whose risk is
    at most that.
    """
    kept = classes[~classes[SUPPRESSED] & (classes["released_size"] > 0)]
    by_risk = kept.assign(risk=rate_classes(kept, measure)).groupby("risk")["released_size"].sum()
    share = 100 * by_risk.cumsum() / by_risk.sum()
    return {"risk": share.index.to_numpy(), "share": share.to_numpy()}


def tabulate_risks(
    measured: Mapping[tuple[str, int], pd.DataFrame], k: int, threshold: float
) -> pd.DataFrame:
    """Return the risks of tables in both readings.

    Parameters
    ----------
    measured : classes before and after sampling, by what the table is (``original``,
        ``anonymized`` or ``sampled``) and by the deletion in per cent.
    k, threshold : as :func:`measure_corrected` takes them.

    Returns
    -------
    Frame with one row for each table, reading and measure: ``data``, ``deletion``, ``reading``
    (``as published`` or ``corrected``), ``measure`` and ``value``.
    """
    return pd.DataFrame(
        [
            {
                "data": data,
                "deletion": deletion,
                "reading": reading,
                "measure": measure,
                "value": value,
            }
            for (data, deletion), classes in measured.items()
            for reading, values in (
                ("as published", measure_as_published(classes)),
                ("corrected", measure_corrected(classes, k, threshold)),
            )
            for measure, value in values.items()
        ]
    )


def mask_risks(risks: pd.DataFrame, k: int, is_secret: bool) -> pd.DataFrame:
    """Mask in the risks of a confidential table what would tell of fewer than k suppressed records.

    Parameters
    ----------
    risks : as :func:`tabulate_risks` returns them.
    is_secret : whether the release has fewer than k, which were left out. How many follows from how
        many records the original has, and that from any average over these.

    Returns
    -------
    The same with empty values, and the boolean column ``is_masked``.
    """
    is_count = risks["measure"] == "suppressed_records"
    is_few = is_count & (risks["value"] > 0) & (risks["value"] < k)
    hidden = (risks["data"] == "original") | is_count
    is_masked = hidden if is_secret else is_few
    return risks.assign(value=risks["value"].mask(is_masked), is_masked=is_masked)


def list_classes(measured: Mapping[tuple[str, int], pd.DataFrame]) -> pd.DataFrame:
    """List the classes of all tables but the original: ``data``, ``deletion``, then each class.

    Parameters
    ----------
    measured : as :func:`tabulate_risks` takes it.
    """
    parts = [
        classes.assign(data=data, deletion=deletion)
        for (data, deletion), classes in measured.items()
        if data != "original"
    ]
    listed = pd.concat(parts, ignore_index=True)
    first = ["data", "deletion"]
    return listed[[*first, *listed.columns.difference(first, sort=False)]]
