"""The tables of the report: what the page shows of those of the pipeline."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from anonify.base.words import (
    ATTACK_TITLES,
    MEASURES,
    METRICS,
    Kind,
    Measure,
    format_alike,
    name_data,
    name_kind,
    name_method,
)
from anonify.measures.distribution import WITHOUT
from anonify.measures.spread import mean_with_interval
from anonify.measures.trade_off import RISKS, name_front
from anonify.paper.comparison import count_judgements
from anonify.report.grids import Cell
from anonify.settings.classifiers import name_classifier
from anonify.tables.provenance import Provenance

WEIGHTED_HEADINGS = {
    "weighted_value": "Weighted",
    "scaled_weighted_value": "Weighted and corrected",
    "weights": "Sum of weights",
}
"""What a distribution says besides where the records have weights."""


def show_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as the page shows it: all of it, with names for people."""
    shown = table.drop(columns="dataset").assign(method=table["method"].map(name_method))
    return shown.rename(columns=_head_column)


def show_distribution(table: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return what the page shows of a distribution: means over the repeats."""
    rows, has_notes = [], "is_masked" in table
    for (data, deletion, group), part in table.groupby(["data", "deletion", "group"], sort=False):
        mean, half = mean_with_interval(part["value"])
        rows.append(
            {
                "Data": name_data(str(data), int(str(deletion))),
                "Group": group,
                label: mean,
                "95 % interval ±": half if len(part) > 1 else None,
                "Corrected": part["scaled_value"].mean(),
                "Records": part["records"].mean(),
                **{
                    heading: part[name].mean()
                    for name, heading in WEIGHTED_HEADINGS.items()
                    if name in part
                },
                **({"Without a value": part[WITHOUT].mean()} if WITHOUT in part else {}),
                "Repeats": len(part),
                **({"Note": "masked" if part["is_masked"].any() else ""} if has_notes else {}),
            }
        )
    shown = pd.DataFrame(rows)
    return shown.assign(**{name: _write_alike(shown[name]) for name in (label, "Corrected")})


def _write_alike(values: "pd.Series[float]") -> "pd.Series[Any]":
    """Return cells of numbers with the same decimals, empty where there is none."""
    texts = format_alike(values.astype(float).to_list())
    return pd.Series(
        [
            Cell(text, value, True) if text else None
            for text, value in zip(texts, values, strict=True)
        ],
        dtype=object,
    )


def show_classifiers(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the page shows of the classifiers: means over the repeats, in per cent."""
    keys = ["data", "deletion", "features", "classifier"]
    metrics = [name for name in METRICS if name in table]
    grouped = table.groupby(keys, sort=False)
    headings = {name: METRICS[name].heading for name in metrics}
    shown = grouped[metrics].mean().rename(columns=headings)
    shown["Repeats"] = grouped.size()
    shown = shown.reset_index()
    shown.insert(0, "Data", [name_data(*key) for key in shown[keys[:2]].itertuples(index=False)])
    shown["features"] = shown["features"].str.replace("_", " ")
    shown["classifier"] = shown["classifier"].map(name_classifier)
    titles = {"features": "Learned from", "classifier": "Classifier"}
    return shown.drop(columns=["data", "deletion"]).rename(columns=titles)


def show_identification(table: pd.DataFrame) -> pd.DataFrame:
    """Return how far combinations tell people apart: for each table a column of each share."""
    tables = list(table.groupby(["data", "deletion"], sort=False))
    # Each has the same combinations in the same order.
    shown = {"Columns": tables[0][1]["combination"].to_list()}
    for share in ("unique", "distinction", "separation"):
        for (data, deletion), part in tables:
            title = f"{MEASURES[share].title}, {name_data(str(data), int(str(deletion))).lower()}"
            shown[Measure(title, MEASURES[share].unit).heading] = part[share].to_list()
    return pd.DataFrame(shown)


def show_trade_off(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the page shows of the trade-off."""
    measures = ["loss", "ncp", "released_records", "smallest_class", *RISKS]
    marks = {name_front(RISKS[0]): "On the front", "is_chosen": "Chosen"}
    shown = table.assign(method=table["method"].map(name_method))
    shown = shown[["method", "k", "deletion", *measures, *marks]]
    return shown.rename(columns=marks).rename(columns=_head_column)


def show_membership(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the page shows of the attacks on membership: means over the models."""
    keys = ["data", "k", "deletion", "classifier", "attack", "members"]
    grouped = table.groupby(keys, sort=False)
    halves = grouped[["advantage", "tpr_at_low_fpr"]].agg(_find_half_interval)
    shown = pd.DataFrame(
        {
            MEASURES["advantage"].heading: grouped["advantage"].mean(),
            "Advantage ±": halves["advantage"],
            MEASURES["highest_advantage"].heading: grouped["highest_advantage"].mean(),
            MEASURES["tpr_at_low_fpr"].heading: grouped["tpr_at_low_fpr"].mean(),
            "True positives ±": halves["tpr_at_low_fpr"],
        }
    ).reset_index()
    kinds = [name_kind(Kind(*key)) for key in shown[keys[:3]].itertuples(index=False, name=None)]
    shown.insert(0, "Data", kinds)
    shown["classifier"] = shown["classifier"].map(name_classifier)
    shown["attack"] = shown["attack"].map(ATTACK_TITLES)
    names = {"classifier": "Classifier", "attack": "Attack", "members": "Members"}
    return shown.drop(columns=keys[:3]).rename(columns=names)


def _find_half_interval(values: "pd.Series[float]") -> float:
    return mean_with_interval(values)[1]


def show_attribute_inference(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the page shows of guesses of sensitive attributes: means over the repeats."""
    keys = ["method", "k", "deletion", "attribute", "members"]
    measures = ["success", "success_without_own_record", "baseline"]
    shown = table.groupby(keys, sort=False)[measures].mean().reset_index()
    shown = shown.assign(method=shown["method"].map(name_method))
    return shown.rename(columns={"members": "People"}).rename(columns=_head_column)


def _head_column(name: str) -> str:
    """Return the heading of a column; that of a name that is none of ours stays."""
    if name.startswith("ncp_"):
        return Measure(f"NCP of {name.removeprefix('ncp_')}", MEASURES["ncp"].unit).heading
    if name in MEASURES:
        return MEASURES[name].heading
    return {"method": "Method", "attribute": "Attribute"}.get(name, name)


def show_anonymity(table: pd.DataFrame, readings: Sequence[str], threshold: float) -> pd.DataFrame:
    """Return what the page shows of the risks: a column for each data set.

    Parameters
    ----------
    readings : ``as published`` and ``corrected``, or the latter alone.
    threshold : per cent; records whose risk is above it were counted.
    """
    table = table[table["reading"].isin(readings)]
    named = table.assign(
        data=[name_data(*key) for key in table[["data", "deletion"]].itertuples(index=False)],
        measure=[MEASURES[name].heading.format(threshold=threshold) for name in table["measure"]],
    )
    order = list(named["data"].unique())
    measures = named[["measure", "reading"]].drop_duplicates()
    wide = named.pivot(index=["measure", "reading"], columns="data", values="value")
    wide = wide.reindex(pd.MultiIndex.from_frame(measures))[order].reset_index()
    if len(readings) == 1:
        wide = wide.drop(columns="reading")
    return wide.rename(columns={"measure": "Measure", "reading": "Reading"})


def show_comparison(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return every published number beside ours, those that do not hold first."""
    rows = comparison.sort_values("holds", kind="stable")
    return pd.DataFrame(
        {
            "Figure": rows["figure"].to_list(),
            "Number": [_name_number(row) for row in rows.to_dict("records")],
            "Published": [Cell(text, float(text), True) for text in rows["published"]],
            "Ours": [
                _round_as_printed(ours, text)
                for ours, text in zip(rows["ours"], rows["published"], strict=True)
            ],
            "SD": rows["sd"].to_list(),
            "Difference": rows["difference"].to_list(),
            "Judgement": rows["judgement"].to_list(),
            "Holds": rows["holds"].to_list(),
        }
    )


def _round_as_printed(value: float, printed: str) -> Cell:
    digits = len(printed.partition(".")[2])
    return Cell(f"{value:.{digits}f}", value, True)


def show_judgements(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of the comparison."""
    counts = count_judgements(comparison)
    return counts.rename(columns={"holds": "hold"}).rename(columns=str.capitalize)


def show_reasons(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return why numbers are judged as they are, with how many of them hold."""
    keys = ["figure", "judgement", "reason"]
    counted = (
        comparison.groupby(keys, sort=False, dropna=False)["holds"]
        .agg(["size", "sum"])
        .reset_index()
    )
    counted.columns = pd.Index(["Figure", "Judgement", "Reason", "Numbers", "Hold"])
    counted = counted.sort_values("Figure", kind="stable")
    return counted[["Figure", "Judgement", "Numbers", "Hold", "Reason"]]


def _name_number(row: Mapping[Any, Any]) -> str:
    parts = []
    for key in ("method", "k", "distribution", "data", "group", "via", "classifier", "measure"):
        value = row.get(key)
        if value is None or pd.isna(value):
            continue
        if key == "data":
            parts.append(name_data(str(value), int(row["deletion"])))
        elif key == "k":
            parts.append(f"k = {int(value)}")
        elif key == "method":
            parts.append(name_method(str(value)))
        else:
            text = name_classifier(str(value)) if key == "classifier" else str(value)
            parts.append(text.replace("_", " "))
    return ", ".join(parts)


def show_steps(provenances: Mapping[str, Provenance]) -> pd.DataFrame:
    """Return every step behind each table, with its parameters."""
    rows = [
        {
            "Table": name,
            "No.": number,
            "Step": step["step"],
            "Parameters": ", ".join(
                f"{key.replace('_', ' ')} = {_write(value)}"
                for key, value in step.items()
                if key != "step"
            ),
        }
        for name, provenance in provenances.items()
        for number, step in enumerate(provenance["steps"], start=1)
    ]
    return pd.DataFrame(rows, columns=["Table", "No.", "Step", "Parameters"])


def _write(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)


def sum_times(
    jobs: Sequence[tuple[str, pd.DataFrame]], patterns: Mapping[str, str]
) -> pd.DataFrame:
    """Sum up the times of jobs by rule.

    Parameters
    ----------
    jobs : path of the benchmark of each job, and what stands in it.
    patterns : by the name of the rule, the regular expression that its benchmarks match.
    """
    rows = []
    for path, times in jobs:
        rule = next((name for name, form in patterns.items() if re.fullmatch(form, path)), None)
        if rule is not None:
            rows.append((rule, *times[["s", "cpu_time", "max_rss"]].iloc[0]))
    frame = pd.DataFrame(rows, columns=["rule", "s", "cpu_time", "max_rss"])
    summed = frame.groupby("rule", sort=False).agg(
        jobs=("s", "size"), s=("s", "sum"), cpu=("cpu_time", "sum"), rss=("max_rss", "max")
    )
    summed = summed.reindex([name for name in patterns if name in summed.index]).reset_index()
    summed.columns = pd.Index(["Rule", "Jobs", "Run time / s", "CPU time / s", "Peak memory / MB"])
    return summed
