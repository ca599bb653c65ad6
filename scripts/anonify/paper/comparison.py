"""Our numbers beside the published ones, and how each is judged.

The published numbers are in config/paper/, as they are printed in the stored outputs of the
authors' notebooks. Each has a kind of judgement:

exact : nothing is drawn; ours must round to what is printed.
within spread : something is drawn; the published mean must not be further from ours than chance
    allows once in a hundred runs of the whole table (Student's t, Bonferroni's correction).
known difference : a cause is stated, and evidence that it explains the difference: the spread
    over what the cause leaves open, or another number that the cause turns equal.

A number with an ``erratum`` is judged in its published reading, and ``corrected`` holds ours in
the right one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import scipy

from anonify.base.errors import UserError
from anonify.tables.provenance import Provenance, is_confidential, is_synthetic

# Chance that a right table fails a single one of its judgements.
ERROR_RATE = 0.01

# How each file of published numbers is matched with our runs: the columns that must agree.
KEYS = {
    "info_loss": ["method", "k", "measure"],
    "distributions": ["distribution", "data", "deletion", "group"],
    "anonymity": ["data", "deletion", "measure"],
    "classifiers": ["via", "data", "deletion", "our_classifier", "measure"],
}

JUDGEMENTS = ["exact", "within spread", "known difference", "erratum"]
METRICS = ["accuracy", "precision", "recall", "f1"]
SWAPPED = {"precision": "recall", "recall": "precision"}


def check_comparable(provenance: Provenance, sha256: str) -> None:
    """Make sure that the data are those of the paper.

    Raises
    ------
    UserError : they are the synthetic stand-in, or another file than the paper's.
    """
    if is_synthetic(provenance):
        raise UserError(
            "comparison: the data are the synthetic stand-in, so their numbers can't be compared "
            "with the paper's; put the dataset into data/ or name its folder in ANONIFY_DATA"
        )
    if is_confidential(provenance):
        raise UserError(
            "comparison: the dataset is confidential, and the paper's is not; only the latter can "
            "be compared"
        )
    if provenance["dataset"]["sha256"] != sha256:
        raise UserError(
            f"comparison: the dataset has the SHA-256 {provenance['dataset']['sha256']}, the "
            f"paper's has {sha256}; only the latter can be compared"
        )


def read_numbers(path: str | Path) -> pd.DataFrame:
    """Read published numbers; ``value`` stays as it is printed, for its digits count.

    Raises
    ------
    UserError : a value is no number, a kind is unknown, or nothing is published twice.
    """
    numbers = pd.read_csv(path, dtype={"value": "str", "repeat": "str"})
    is_number = np.isfinite(pd.to_numeric(numbers["value"], errors="coerce"))
    rows = zip(numbers["value"], is_number, numbers["kind"], strict=True)
    for row, (value, is_known, kind) in enumerate(rows, 2):
        if not is_known:
            raise UserError(f"{path}, line {row}: the value {value!r} is no number; mend it")
        if kind not in JUDGEMENTS[:-1]:
            raise UserError(
                f"{path}, line {row}: the kind {kind!r} is unknown; choose from "
                f"{', '.join(JUDGEMENTS[:-1])}"
            )
    return numbers


def equals_as_printed(value: float, printed: str) -> bool:
    """Tell whether a value, rounded to as many digits as are printed, is what is printed.

    >>> equals_as_printed(10.9964831, "10.996483"), equals_as_printed(10.9964836, "10.996483")
    (True, False)
    """
    digits = len(printed.partition(".")[2])
    return bool(round(value, digits) == float(printed))


def gather_runs(
    tables: Mapping[str, pd.DataFrame], repeated: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Bring our results into the form of the published numbers: one row for each run.

    Parameters
    ----------
    tables : our tables: ``info_loss``, ``anonymity``, ``classifiers`` and each distribution.
    repeated : what was repeated for the comparison: ``info_loss``, ``distributions`` and
        ``classifiers``.

    Returns
    -------
    By the names of :data:`KEYS`: their columns, ``value`` and, where there is an erratum,
    ``corrected``.
    """
    loss = tables["info_loss"].assign(measure="ncp").rename(columns={"ncp": "value"})
    loss = loss[~loss["method"].isin(repeated["info_loss"]["method"])]
    distributions = [
        table[table["data"] != "sampled"].assign(distribution=name)
        for name, table in tables.items()
        if "group" in table.columns
    ]
    anonymity = tables["anonymity"].pivot_table(
        index=["data", "deletion", "measure"], columns="reading", values="value"
    )
    anonymity = anonymity.rename(columns={"as published": "value"}).reset_index()
    sampled = tables["classifiers"].query("data == 'sampled'").assign(via="raw file")
    classifiers = pd.concat([sampled, repeated["classifiers"]]).rename(
        columns={"classifier": "our_classifier"}
    )
    metrics = classifiers.melt(
        ["via", "data", "deletion", "our_classifier", "repeat"], METRICS, var_name="measure"
    )
    places = ["via", "data", "deletion", "our_classifier", "repeat", "measure"]
    right = metrics.assign(measure=metrics["measure"].map(SWAPPED)).dropna()
    metrics = metrics.merge(
        right.rename(columns={"value": "corrected"}), on=places, how="left", validate="1:1"
    )
    return {
        "info_loss": pd.concat([loss, repeated["info_loss"]], ignore_index=True),
        "distributions": pd.concat([*distributions, repeated["distributions"]], ignore_index=True),
        "anonymity": anonymity,
        "classifiers": metrics,
    }


def summarize_runs(runs: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return mean, spread and number of our runs for each number.

    Returns
    -------
    Frame indexed by the keys: ``ours``, ``sd``, ``our_runs``, ``freedom`` (degrees of freedom
    behind the spread) and ``corrected``.
    """
    runs = runs if "corrected" in runs else runs.assign(corrected=np.nan)
    groups = runs.groupby(list(keys))
    summary = pd.DataFrame(groups["value"].agg(ours="mean", sd="std", our_runs="size"))
    summary["freedom"] = summary["our_runs"] - 1
    summary["corrected"] = groups["corrected"].mean()
    return summary


def pool_spread(summary: pd.DataFrame) -> pd.DataFrame:
    """Pool the spread of a classifier's metric over the anonymized and sampled data.

    Ten samples tell little of their spread. Variances are inversely proportional to the number
    of test records, that is to the share of records that are left, so that those of all
    deletions together tell it with four to five times as many degrees of freedom.

    Parameters
    ----------
    summary : what :func:`summarize_runs` returns for ``classifiers``.
    """
    rows = summary.reset_index()
    is_meant = (rows["via"] == "raw file") & (rows["data"] != "original") & (rows["freedom"] > 0)
    left = 1 - rows["deletion"] / 100
    rows["squares"] = rows["freedom"] * rows["sd"] ** 2 * left
    pooled = rows[is_meant].groupby(["our_classifier", "measure"])[["squares", "freedom"]].sum()
    of_row = pooled.loc[pd.MultiIndex.from_frame(rows.loc[is_meant, ["our_classifier", "measure"]])]
    variance = (of_row["squares"] / of_row["freedom"]).to_numpy(float)
    rows.loc[is_meant, "sd"] = np.sqrt(variance / left[is_meant])
    rows.loc[is_meant, "freedom"] = of_row["freedom"].to_numpy()
    return rows.drop(columns="squares").set_index(list(summary.index.names))


def judge_numbers(
    published: Mapping[str, pd.DataFrame],
    runs: Mapping[str, pd.DataFrame],
    reasons: Mapping[str, str],
    errata: Mapping[str, str],
) -> pd.DataFrame:
    """Set every published number beside ours and judge it.

    Parameters
    ----------
    published, runs : by the names of :data:`KEYS`.
    reasons, errata : the texts behind the names in the published numbers.

    Returns
    -------
    Frame with one row for each published number (two where it is compared twice): ``figure``,
    ``table``, what the number is, ``published`` (as printed), ``runs`` behind it, ``ours``
    (mean), ``sd`` of a single run, ``our_runs``, ``difference`` (ours − published), ``chance``
    (of a difference as large; per cent, for random numbers), ``judgement`` (one of
    :data:`JUDGEMENTS`), ``kind`` (how it was tested), ``holds``, ``reason``, ``corrected``.

    Raises
    ------
    UserError : we have no number where one is published.
    """
    parts = []
    for name, keys in KEYS.items():
        summary = summarize_runs(runs[name], keys)
        if name == "classifiers":
            summary = pool_spread(summary)
        numbers = published[name].rename(columns={"value": "published"})
        parts.append(numbers.join(summary, on=keys, validate="m:1").assign(table=name))
    rows = pd.concat(parts, ignore_index=True)
    numeric = ["runs", "ours", "sd", "our_runs", "freedom", "corrected"]
    rows[numeric] = rows[numeric].astype(float)
    missing = rows[rows["ours"].isna()]
    if len(missing):
        raise UserError(
            f"comparison: there is none of ours for {len(missing)} published numbers, the first "
            f"in Figure {missing['figure'].iloc[0]}; run the paper's own configuration"
        )
    value = rows["published"].astype(float)
    for column, known in (("reason", reasons), ("erratum", errata)):
        unknown = set(rows[column].dropna()) - set(known)
        if unknown:
            raise UserError(
                f"config/paper: the {column} {min(unknown)!r} is not explained in paper.yaml; "
                "add it"
            )
    rows["difference"] = rows["ours"] - value
    rows["chance"] = _find_chance(rows)
    rows["holds"] = _decide_what_holds(rows)
    rows["judgement"] = rows["kind"].where(rows["erratum"].isna(), "erratum")
    why = rows["reason"].map(reasons)
    rows["reason"] = why.where(rows["erratum"].isna(), rows["erratum"].map(errata) + " " + why)
    rows.loc[rows["erratum"].isna(), "corrected"] = np.nan
    first = ["figure", "table", "judgement", "holds", "published", "ours", "difference"]
    keys = list(dict.fromkeys(key for columns in KEYS.values() for key in columns))
    rest = ["repeat", "classifier", "published_as", "runs", "our_runs", "sd", "freedom", "chance"]
    last = ["kind", "corrected", "reason", "source"]
    return rows[[*first, *keys, *rest, *last]]


def _find_chance(rows: pd.DataFrame) -> "pd.Series[float]":
    """Chance in per cent of a difference at least as large, NaN for a number without spread."""
    error = rows["sd"] * np.sqrt(1 / rows["runs"] + 1 / rows["our_runs"])
    t: pd.Series[float] = rows["difference"].abs() / error.where(error > 0)
    # The function of `scipy.stats` is this one, and takes half a second to import.
    chance = scipy.special.stdtr(rows["freedom"].clip(lower=1), -t)
    return pd.Series(200 * chance, index=rows.index)


def _decide_what_holds(rows: pd.DataFrame) -> "pd.Series[bool]":
    equal = pd.Series(
        [
            equals_as_printed(ours, printed)
            for ours, printed in zip(rows["ours"], rows["published"], strict=True)
        ],
        index=rows.index,
    )
    is_drawn = (rows["kind"] != "exact") & rows["chance"].notna()
    allowed = 100 * ERROR_RATE / max(int(is_drawn.sum()), 1)
    holds = equal | (is_drawn & (rows["chance"] >= allowed))
    # Without a spread a known difference is explained by the number that its cause turns equal:
    # the same one, reached by what was removed since.
    same = ["figure", "via", "data", "deletion", "classifier", "measure"]
    explained = rows[equal & (rows["kind"] == "exact")][same].apply(tuple, axis=1)
    is_explained = rows[same].apply(tuple, axis=1).isin(set(explained))
    return holds | ((rows["kind"] == "known difference") & ~is_drawn & is_explained)


def count_judgements(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each judgement: numbers, how many hold, how many failed."""
    counts = comparison.groupby("judgement")["holds"].agg(numbers="size", holds="sum")
    counts = counts.reindex(JUDGEMENTS, fill_value=0)
    counts["failed"] = counts["numbers"] - counts["holds"]
    return counts.astype(int).reset_index()
