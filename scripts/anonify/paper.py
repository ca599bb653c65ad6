"""Our numbers beside the published ones.

The published numbers are in config/paper/, as they are printed in the stored outputs of the
authors' notebooks.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from anonify.errors import UserError
from anonify.storage import Provenance, is_synthetic

# How each file of published numbers is matched with our table: the columns that must agree.
KEYS = {
    "info_loss": ["method", "k", "measure"],
    "distributions": ["distribution", "data", "deletion", "group"],
    "anonymity": ["data", "deletion", "measure"],
    "classifiers": ["data", "deletion", "classifier", "measure"],
}


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
    if provenance["dataset"]["sha256"] != sha256:
        raise UserError(
            f"comparison: the dataset has the SHA-256 {provenance['dataset']['sha256']}, the "
            f"paper's has {sha256}; only the latter can be compared"
        )


def read_numbers(path: str | Path) -> pd.DataFrame:
    """Read published numbers; ``value`` stays as it is printed, for its digits count."""
    return pd.read_csv(path, dtype={"value": "str", "repeat": "str"})


def equals_as_printed(value: float, printed: str) -> bool:
    """Tell whether a value, rounded to as many digits as are printed, is what is printed.

    >>> equals_as_printed(10.9964831, "10.996483"), equals_as_printed(10.9964836, "10.996483")
    (True, False)
    """
    digits = len(printed.partition(".")[2])
    return bool(round(value, digits) == float(printed))


def gather_ours(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Bring our tables into the form of the published numbers: one row for each value.

    Parameters
    ----------
    tables : our tables by name: ``info_loss``, ``anonymity``, ``classifiers``, and each
        distribution.
    """
    loss = tables["info_loss"].assign(measure="ncp").rename(columns={"ncp": "value"})
    anonymity = tables["anonymity"].query("reading == 'as published'")
    classifiers = tables["classifiers"].query("features == 'all'")
    metrics = ["accuracy", "precision", "recall", "f1"]
    keys = ["data", "deletion", "repeat", "classifier"]
    rest = {name: table for name, table in tables.items() if "group" in table.columns}
    distributions = [table.assign(distribution=name) for name, table in rest.items()]
    return {
        "info_loss": loss,
        "distributions": pd.concat(distributions, ignore_index=True),
        "anonymity": anonymity,
        "classifiers": classifiers.melt(keys, metrics, var_name="measure", value_name="value"),
    }


def compare(
    published: Mapping[str, pd.DataFrame], ours: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Set every published number beside ours.

    Parameters
    ----------
    published, ours : by the names of :data:`KEYS`.

    Returns
    -------
    Frame with one row for each published number: ``figure``, what it is, ``published`` (as
    printed), ``ours`` (mean over our repeats), ``sd`` over the repeats, ``repeats``,
    ``difference`` (ours − published), and ``equal``: whether ours rounds to what is printed.
    """
    parts = []
    for name, keys in KEYS.items():
        numbers = published[name]
        if "repeat" in numbers:
            # Single runs are published too; what the figures show are the averages.
            numbers = numbers[numbers["repeat"].fillna("average") == "average"]
        summary = ours[name].groupby(keys)["value"].agg(["mean", "std", "size"])
        matched = numbers.join(summary, on=keys, validate="1:1").rename(
            columns={"value": "published", "mean": "ours", "std": "sd", "size": "repeats"}
        )
        parts.append(matched.assign(table=name))
    rows = pd.concat(parts, ignore_index=True)
    rows["difference"] = rows["ours"] - rows["published"].astype(float)
    rows["equal"] = [
        equals_as_printed(value, printed)
        for value, printed in zip(rows["ours"], rows["published"], strict=True)
    ]
    return rows
