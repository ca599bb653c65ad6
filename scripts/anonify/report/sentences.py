"""What the report says beside its figures: sentences computed from the tables.

They quote no number that is not computed, so they hold for any dataset.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from anonify.base.words import (
    MEASURES,
    count,
    format_alike,
    format_number,
    list_names,
    name_method,
    per_cent,
)
from anonify.measures.distribution import OUTSIDE
from anonify.measures.trade_off import find_cheapest, keeps_limit
from anonify.settings.classifiers import name_classifier
from anonify.tables.drawn import count_drawn
from anonify.tables.provenance import Provenance


def say_information_loss(table: pd.DataFrame, release: Mapping[str, Any]) -> list[str]:
    """Say which method loses least, and which quasi-identifier most."""
    k = release["k"]
    at_k = table[table["k"] == k].set_index("method")
    best, worst = at_k["ncp"].idxmin(), at_k["ncp"].idxmax()
    if at_k["ncp"].nunique() > 1:
        first = (
            f"At k = {k}, {name_method(best)} loses least with an NCP of "
            f"{per_cent(at_k['ncp'][best])} and {name_method(worst)} most with "
            f"{per_cent(at_k['ncp'][worst])}."
        )
    else:
        each = "each method" if len(at_k) > 1 else name_method(best)
        first = f"At k = {k}, {each} has an NCP of {per_cent(at_k['ncp'][best])}."
    method = release["method"]
    parts = at_k.loc[method, [name for name in map(str, table) if name.startswith("ncp_")]].astype(
        float
    )
    most, least = parts.idxmax(), parts.idxmin()
    second = (
        f"Of the quasi-identifiers of the table that is evaluated further "
        f"({name_method(method)}, k = {k}), {most[4:]} loses most ({per_cent(parts[most])})"
    )
    if least != most:
        second += f" and {least[4:]} least ({per_cent(parts[least])})"
    return [first, f"{second}."]


def say_distribution(table: pd.DataFrame, label: str, deletion: int) -> list[str]:
    """Say how far anonymization and sampling move a distribution."""
    name, _, unit = label.partition(" / ")
    unit = f" {unit}" if unit else ""
    value, scaled = "value", "scaled_value"
    if "weighted_value" in table:
        name, value, scaled = f"{name}, weighted", "weighted_value", "scaled_weighted_value"
    inside = table[table["group"] != OUTSIDE]
    original, anonymized = (
        inside[inside["data"] == data].set_index("group")[value]
        for data in ("original", "anonymized")
    )
    change = (anonymized - original).abs()
    if change.isna().all():
        first = (
            f"{name}: the groups of the original are masked, for beside the release they would "
            "tell of fewer than k people."
        )
    elif change.max() > 0:
        group = str(change.idxmax())
        before, after = format_alike([original[group], anonymized[group]])
        first = (
            f"{name}: anonymization moves the group {group} most, from {before} to {after}{unit}."
        )
    else:
        first = f"{name}: anonymization moves no group."
    released = table[table["data"] == "anonymized"]
    outside = released.loc[released["group"] == OUTSIDE, "records"].sum(min_count=1)
    sampled = inside[(inside["data"] == "sampled") & (inside["deletion"] == deletion)]
    moved = (sampled.groupby("group")[scaled].mean() - anonymized).abs()
    if pd.isna(outside):
        second = "How many anonymized records lie in no group is masked"
    else:
        share = per_cent(100 * outside / released["records"].sum())
        verb = "lies" if outside == 1 else "lie"
        second = f"{count(int(outside), 'anonymized record')} ({share}) {verb} in no group"
    if moved.notna().any():
        second += (
            f", and with {deletion} % deleted the samples' mean, scaled to all records, is within "
            f"{format_number(moved.max())}{unit} of the anonymized table in every group"
        )
    return [first, f"{second}."]


def say_classifiers(table: pd.DataFrame) -> list[str]:
    """Say what the classifiers reach, and what they reach without quasi-identifiers."""
    learned = table[table["classifier"] != "majority"]
    complete = learned[learned["features"] == "all"]
    best = {
        data: complete[complete["data"] == data].set_index("classifier")["accuracy"]
        for data in ("original", "anonymized")
    }
    majority = table[(table["classifier"] == "majority") & (table["data"] == "original")]
    guess = majority["accuracy"].iloc[0]
    first = (
        f"The highest accuracy is {_name_best(best['original'])} on the original data and "
        f"{_name_best(best['anonymized'])} on the anonymized; always guessing the majority class "
        f"reaches {per_cent(guess)}."
    )
    before, after = (
        per_cent(complete.loc[complete["data"] == data, "balanced_accuracy"].mean())
        for data in ("original", "anonymized")
    )
    second = (
        f"Averaged over the classifiers, balanced accuracy is {before} on the original and "
        f"{after} on the anonymized data"
    )
    without = learned[learned["features"] == "without_quasi_identifiers"]
    if len(without):
        second += (
            "; on the original without the quasi-identifiers it is "
            f"{per_cent(without['balanced_accuracy'].mean())}"
        )
    return [first, f"{second}."]


def say_drawn(provenance: Provenance) -> list[str]:
    """Say how many records classifiers learned from, where a table had more."""
    records = count_drawn(provenance)
    if records is None:
        return []
    return [
        f"Of each table with more than {count(records, 'record')} the classifiers have seen that "
        "many, drawn by chance."
    ]


def say_identification(table: pd.DataFrame) -> list[str]:
    """Say which columns tell people apart most, and what is left of that in the release."""
    before, after = (table[(table["data"] == "original") == flag] for flag in (True, False))
    single, last = before.iloc[0], before[before["added"].notna()].iloc[-1]
    is_last = (after["columns"] == last["columns"]) & (after["combination"] == last["combination"])
    released = f"in the release it is {per_cent(after.loc[is_last, 'unique'].iloc[0])}"
    name, *others = before["added"].dropna()
    # Where the distinction is masked, the shares are rounded.
    about = "about " if before["distinction"].isna().all() else ""
    first = (
        f"By itself {list_names([name])} tells most people of the original apart: "
        f"{about}{per_cent(single['separation'])} of the pairs differ in it, and "
        f"{about}{per_cent(single['unique'])} of the people have a value that nobody else has."
    )
    if not others:
        return [first, f"No other column tells more of them apart; {released}."]
    return [
        first,
        f"Together with {list_names(others)} it makes {about}{per_cent(last['unique'])} of the "
        f"people unique; {released}.",
    ]


def say_trade_off(table: pd.DataFrame) -> list[str]:
    """Say which combinations no other beats, whether the chosen one is among them, of whom."""
    front = table[table["is_on_front_prosecutor_highest"]].sort_values("loss")
    first = (
        f"Of {count(len(table), 'combination')} of method, k and deletion, {len(front):,} "
        f"{'is' if len(front) == 1 else 'are'} on the front of loss and highest prosecutor risk: "
        "any other loses as much or more and leaves as much risk or more."
    )
    ends = [
        f"{_name_combination(row)} loses {per_cent(row['loss'])} and leaves a highest risk of "
        f"{per_cent(row['prosecutor_risk_highest'])}"
        for row in front.iloc[[0, -1][: len(front)]].to_dict("records")
    ]
    chosen = table[table["is_chosen"]].to_dict("records")[0]
    is_on_front = bool(chosen["is_on_front_prosecutor_highest"])
    third = f"The chosen one, {_name_combination(chosen)}, is {'' if is_on_front else 'not '}on it."
    suppressed = chosen["suppressed_records"]
    # A number is masked where it is small.
    fourth = (
        "Suppressed records are no class and in none of these risks; the verdict counts those that "
        "are handed out."
    )
    others = [fourth] if pd.isna(suppressed) or suppressed else []
    return [first, f"Its ends: {'; '.join(ends)}.", third, *others]


def say_membership(table: pd.DataFrame, k: int, deletion: int) -> list[str]:
    """Say what anonymization and deletion do to the strongest attack on membership."""
    lira = table[table["attack"] == "lira"]
    means = lira.groupby(["data", "k", "deletion", "members", "classifier"])["advantage"].mean()
    original = means["original", 0, 0, "all"]
    name = str(original.idxmax())
    first = (
        f"On the original data LiRA has the highest advantage against {name_classifier(name)}, "
        f"{per_cent(original[name])}; k = {k} takes it to "
        f"{per_cent(means['anonymized', k, 0, 'all', name])}, {deletion} % deleted to "
        f"{per_cent(means['sampled', k, deletion, 'all', name])} over all members and "
        f"{per_cent(means['sampled', k, deletion, 'kept', name])} over those that are kept."
    )
    second = (
        f"Averaged over the classifiers, it is {per_cent(original.mean())} on the original, "
        f"{per_cent(means['anonymized', k, 0, 'all'].mean())} on the anonymized and "
        f"{per_cent(means['sampled', k, deletion, 'all'].mean())} on the sampled data; by "
        "chance it would be 0."
    )
    return [first, second]


def say_attribute_inference(table: pd.DataFrame, release: Mapping[str, Any]) -> list[str]:
    """Say which sensitive attribute the chosen release gives away most."""
    everyone = table[(table["members"] == "all") & (table["deletion"] == 0)]
    is_chosen = (everyone["method"] == release["method"]) & (everyone["k"] == release["k"])
    original, chosen = (
        rows.set_index("attribute") for rows in (everyone[everyone["k"] == 0], everyone[is_chosen])
    )
    attribute = str((chosen["success"] - chosen["baseline"]).idxmax())
    right, without, baseline = (
        per_cent(float(chosen[name][attribute]))
        for name in ("success", "success_without_own_record", "baseline")
    )
    return [
        f"In the anonymized table a person's class tells most about {attribute}: its most frequent "
        f"value is right for {right} of the people, that of the whole table for {baseline}.",
        f"Without the person's own record it would be right for {without}; in the original table "
        f"the guess is right for {per_cent(float(original['success'][attribute]))}.",
    ]


def say_choice(table: pd.DataFrame, risk: str, limit: float, is_stated: bool) -> str:
    """Say which setting keeps the limit at the least loss, and whether the chosen one does.

    Parameters
    ----------
    table : the trade-off.
    limit : per cent, of the highest risk of a person.
    is_stated : whether the limit is the run's ``risk_limit``, or that of the chosen k.
    """
    of_limit = f"a {MEASURES[risk].title} of {per_cent(limit)} at most"
    if not is_stated:
        of_limit += " (100 % ÷ k of the chosen release, for no `risk_limit` is stated)"
    tried, kept = count(len(table), "setting"), int(keeps_limit(table[risk], limit).sum())
    place = find_cheapest(table, risk, limit)
    if place is None:
        return (
            f"None of the {tried} tried keeps {of_limit}; the lowest is "
            f"{per_cent(table[risk].min())}. Where nothing is deleted, it takes classes of "
            f"{math.ceil(100 / limit - 1e-4):,} people: a larger k in `k_values`."
        )
    best, chosen = (table.to_dict("records")[each] for each in (place, table["is_chosen"].argmax()))
    sentence = (
        f"Of the {tried} tried, {kept:,} {'keeps' if kept == 1 else 'keep'} {of_limit}. The one "
        f"that loses least, {per_cent(best['loss'])}, is {_name_setting(best)}; its "
        f"{MEASURES[risk].title} is {per_cent(best[risk])}."
    )
    if best["is_chosen"]:
        return f"{sentence} It is the chosen one."
    if pd.isna(chosen[risk]):
        return sentence
    if keeps_limit(chosen[risk], limit):
        loss = per_cent(chosen["loss"])
        return f"{sentence} The chosen one, {_name_setting(chosen)}, loses {loss}."
    return (
        f"{sentence} The chosen one, {_name_setting(chosen)}, does not keep it: there the "
        f"{MEASURES[risk].title} is {per_cent(chosen[risk])}."
    )


def _name_setting(row: Mapping[Any, Any]) -> str:
    deleted = f"{row['deletion']} % deleted" if row["deletion"] else "nothing deleted"
    return f"{name_method(row['method'])} at k = {row['k']} with {deleted}"


def _name_combination(row: Mapping[Any, Any]) -> str:
    return f"{name_method(row['method'])} at k = {row['k']} with {row['deletion']} % deleted"


def _name_best(accuracy: "pd.Series[float]") -> str:
    name = str(accuracy.idxmax())
    return f"{per_cent(accuracy[name])} ({name_classifier(name)})"


def say_anonymity(table: pd.DataFrame, readings: Sequence[str]) -> list[str]:
    """Say what the highest risks are in the readings, and what sampling does to them."""
    values = table.set_index(["data", "deletion", "reading", "measure"])["value"].sort_index()
    anonymized = values["anonymized", 0]
    published = anonymized["as published", "journalist_risk_highest"]
    corrected = anonymized["corrected", "journalist_risk_highest"]
    suppressed = anonymized["corrected", "suppressed_records"]
    if pd.isna(suppressed):
        first = (
            f"The highest journalist risk is {per_cent(corrected)}, with suppressed records left "
            "out, which are of fewer than k people."
        )
    elif len(readings) == 1:
        first = (
            f"The highest journalist risk is {per_cent(corrected)}, with "
            f"{count(int(suppressed), 'suppressed record')} left out."
        )
    elif suppressed:
        first = (
            f"With the {count(int(suppressed), 'suppressed record')} taken for a class, as "
            f"published, the highest journalist risk is {per_cent(published)}; apart from them it "
            f"is {per_cent(corrected)}."
        )
    else:
        first = (
            "No record is suppressed, so both readings of the highest journalist risk agree: "
            f"{per_cent(corrected)}."
        )
    deletion = max(table["deletion"])
    sampled = values["sampled", deletion, "corrected"]
    below, classes = int(sampled["classes_below_k"]), int(sampled["classes"])
    second = (
        f"Deleting {deletion} % of each class takes the highest prosecutor risk from "
        f"{per_cent(anonymized['corrected', 'prosecutor_risk_highest'])} to "
        f"{per_cent(sampled['prosecutor_risk_highest'])}, and {below:,} of "
        f"{count(classes, 'class')} {'has' if below == 1 else 'have'} fewer than k records left."
    )
    return [first, second]
