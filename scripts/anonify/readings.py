"""What the report says beside its figures: sentences computed from the tables.

They quote no number that is not computed, so they hold for any dataset.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from anonify.distribution import OUTSIDE
from anonify.plotting import name_method
from anonify.report import count, format_number, name_classifier, per_cent


def read_part(
    section: str,
    table: pd.DataFrame,
    configuration: Mapping[str, Any],
    distribution: Mapping[str, Any] | None,
) -> list[str]:
    """Return the reading of a table, by its section."""
    if distribution is not None:
        return read_distribution(table, distribution["label"], configuration["shown_deletion"])
    if section == "information_loss":
        return read_information_loss(table, configuration["release"])
    return {"classifiers": read_classifiers, "anonymity": read_anonymity}[section](table)


def read_information_loss(table: pd.DataFrame, release: Mapping[str, Any]) -> list[str]:
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


def read_distribution(table: pd.DataFrame, label: str, deletion: int) -> list[str]:
    """Say how far anonymization and sampling move a distribution."""
    name, _, unit = label.partition(" / ")
    unit = f" {unit}" if unit else ""
    inside = table[table["group"] != OUTSIDE]
    original, anonymized = (
        inside[inside["data"] == data].set_index("group")["value"]
        for data in ("original", "anonymized")
    )
    change = (anonymized - original).abs()
    if change.max() > 0:
        group = str(change.idxmax())
        first = (
            f"{name}: anonymization moves the group {group} most, from "
            f"{format_number(original[group])} to {format_number(anonymized[group])}{unit}."
        )
    else:
        first = f"{name}: anonymization moves no group."
    after = table[table["data"] == "anonymized"]
    outside = int(after.loc[after["group"] == OUTSIDE, "records"].sum())
    share = 100 * outside / after["records"].sum()
    sampled = inside[(inside["data"] == "sampled") & (inside["deletion"] == deletion)]
    moved = (sampled.groupby("group")["scaled_value"].mean() - anonymized).abs()
    second = (
        f"{count(outside, 'anonymized record')} ({per_cent(share)}) "
        f"{'lies' if outside == 1 else 'lie'} in no group"
    )
    if moved.notna().any():
        second += (
            f", and with {deletion} % deleted the samples' mean, scaled to all records, is within "
            f"{format_number(moved.max())}{unit} of the anonymized table in every group"
        )
    return [first, f"{second}."]


def read_classifiers(table: pd.DataFrame) -> list[str]:
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
    without = learned[learned["features"] == "without_quasi_identifiers"]
    balanced = [
        complete.loc[complete["data"] == "original", "balanced_accuracy"].mean(),
        complete.loc[complete["data"] == "anonymized", "balanced_accuracy"].mean(),
        without["balanced_accuracy"].mean(),
    ]
    before, after, baseline = map(per_cent, balanced)
    second = (
        f"Averaged over the classifiers, balanced accuracy is {before} on the original and "
        f"{after} on the anonymized data; on the original without the quasi-identifiers it is "
        f"{baseline}."
    )
    return [first, second]


def _name_best(accuracy: "pd.Series[float]") -> str:
    name = str(accuracy.idxmax())
    return f"{per_cent(accuracy[name])} ({name_classifier(name)})"


def read_anonymity(table: pd.DataFrame) -> list[str]:
    """Say what the highest risks are in both readings, and what sampling does to them."""
    values = table.set_index(["data", "deletion", "reading", "measure"])["value"].sort_index()
    anonymized = values["anonymized", 0]
    published = anonymized["as published", "journalist_risk_highest"]
    corrected = anonymized["corrected", "journalist_risk_highest"]
    suppressed = int(anonymized["corrected", "suppressed_records"])
    if suppressed:
        first = (
            f"With the {count(suppressed, 'suppressed record')} taken for a class, as published, "
            f"the highest journalist risk is {per_cent(published)}; apart from them it is "
            f"{per_cent(corrected)}."
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


# The page
