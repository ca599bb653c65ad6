"""What is known about the original evaluation, computed from the data and our tables.

Every function returns the numbers behind one statement of docs/errata.md or docs/reading.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

from anonify.base.values import SUPPRESSED
from anonify.domains.domain import Domains, encode_records
from anonify.domains.hierarchy import Hierarchy
from anonify.measures.distribution import OUTSIDE
from anonify.measures.encoding import encode
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.methods import get_anonymizer
from anonify.releases.recode import release_records
from anonify.releases.sampling import count_deletions
from anonify.settings.classifiers import name_classifier
from anonify.tables.classes import count_classes
from anonify.tables.columns import Column, names_with_role

Facts = dict[str, Any]


def find_swapped_metrics(published: pd.DataFrame, comparison: pd.DataFrame) -> Facts:
    """Compare the numbers under the headings precision and recall with accuracy and with ours."""
    numbers = published[published["our_classifier"] != "adaboost"]
    numbers = numbers.assign(value=numbers["value"].astype(float))
    places = ["data", "deletion", "classifier"]
    by_heading = numbers.pivot_table(index=places, columns="published_as", values="value")
    exact = comparison[(comparison["kind"] == "exact") & (comparison["figure"] == 13)]
    exact = exact[exact["data"] == "original"]
    table = pd.DataFrame(
        {
            "classifier": [name_classifier(name) for name in exact["our_classifier"]],
            "published as recall": exact["published"],
            "our weighted precision": exact["ours"].round(6),
            "our weighted recall": exact["corrected"].round(6),
        }
    )
    is_accuracy = by_heading["Precision"] == by_heading["Accuracy"]
    return {"numbers": len(by_heading), "equal": int(is_accuracy.sum()), "table": table}


def find_suppressed_class(classes: pd.DataFrame, k: int) -> Facts:
    """Compare the highest journalist risk with and without the suppressed records."""
    rows = classes[classes["data"] == "anonymized"]
    suppressed = int(rows.loc[rows[SUPPRESSED], "size"].sum())
    smallest = int(rows.loc[~rows[SUPPRESSED], "size"].min())
    return {
        "k": k,
        "suppressed": suppressed,
        "published": 100 / suppressed if suppressed else 100 / smallest,
        "smallest": smallest,
        "corrected": 100 / smallest,
    }


def find_records_left_out(distributions: Mapping[str, pd.DataFrame]) -> Facts:
    """Count the records of the anonymized table that no bar of a distribution shows."""
    rows = []
    for name, table in distributions.items():
        outside = table[(table["data"] == "anonymized") & (table["group"] == OUTSIDE)].iloc[0]
        rows.append(
            {
                "distribution": name,
                "records in no group": int(outside["records"]),
                "value of these records": round(float(outside["value"]), 3)
                if outside["records"]
                else None,
            }
        )
    return {"table": pd.DataFrame(rows)}


def find_small_remainders(loss: pd.DataFrame) -> Facts:
    """List the ARX tables whose suppressed records are fewer than k."""
    rows = loss[loss["method"] == "arx"]
    table = rows[["k", "suppressed_records"]]
    small = (table["suppressed_records"] > 0) & (table["suppressed_records"] < table["k"])
    return {"tables": len(table), "small": int(small.sum()), "table": table[small]}


def find_repeats_without_variance(
    samples: Sequence[pd.DataFrame], names: Sequence[str], repeats: int
) -> Facts:
    """Count the deletions for which all repeats have the same class sizes."""
    counted = [count_classes(frame, names) for frame in samples]
    sizes = [classes.tuples.astype("str").assign(size=classes.sizes) for classes in counted]
    groups = [sizes[start : start + repeats] for start in range(0, len(sizes), repeats)]
    same = [all(size.equals(group[0]) for size in group) for group in groups]
    return {"repeats": repeats, "deletions": len(groups), "same": sum(same)}


def find_hidden_minority(classifiers: pd.DataFrame) -> Facts:
    """Set accuracy beside the recall of the positive class, on the original data."""
    rows = classifiers[(classifiers["data"] == "original") & (classifiers["features"] == "all")]
    table = pd.DataFrame(
        {
            "classifier": [name_classifier(name) for name in rows["classifier"]],
            "accuracy / %": rows["accuracy"].round(1),
            "positives found / %": rows["positive_recall"].round(1),
            "balanced accuracy / %": rows["balanced_accuracy"].round(1),
        }
    )
    return {"table": table}


def check_suspects(
    anonymized: pd.DataFrame,
    columns: Sequence[Column],
    encodings: Mapping[str, Sequence[str]],
    hierarchies: Sequence[Hierarchy],
    classes: pd.DataFrame,
    deletions: Sequence[int],
) -> Facts:
    """Check what looked wrong in the original evaluation and is sound."""
    names = names_with_role(columns, "quasi-identifier")
    encoded = encode(anonymized, [c for c in columns if c.name in names], encodings, {})
    sizes = classes.loc[classes["data"] == "anonymized", "size"].to_numpy()
    differing = sum(
        int((np.ceil(deletion / 100 * sizes) != count_deletions(sizes, deletion)).sum())
        for deletion in deletions
    )
    return {
        "classes_by_label": int(anonymized[names].astype("str").drop_duplicates().shape[0]),
        "classes_by_code": int(encoded.drop_duplicates().shape[0]),
        "ceilings": len(sizes) * len(deletions),
        "ceilings_differing": differing,
        "nodes": sum(len(hierarchy.labels) for hierarchy in hierarchies),
    }


def find_baselines(classifiers: pd.DataFrame) -> Facts:
    """Set the accuracy with all columns beside that without or with only quasi-identifiers."""
    rows = classifiers[classifiers["data"] == "original"]
    wide = rows.pivot_table(index="classifier", columns="features", values="accuracy", sort=False)
    majority = float(wide["all"]["majority"])
    wide = wide.drop(index="majority")
    table = pd.DataFrame(
        {
            "classifier": [name_classifier(str(name)) for name in wide.index],
            "all columns": wide["all"].round(2).to_numpy(),
            "without quasi-identifiers": wide["without_quasi_identifiers"].round(2).to_numpy(),
            "quasi-identifiers only": wide["quasi_identifiers_only"].round(2).to_numpy(),
        }
    )
    better = int((wide["without_quasi_identifiers"] >= wide["all"]).sum())
    return {"table": table, "majority": majority, "better": better, "classifiers": len(wide)}


def find_two_threshold_rule(
    frame: pd.DataFrame,
    target: str,
    thresholds: Mapping[str, float],
    classifiers: pd.DataFrame,
    test_share: float,
    split_seed: int,
) -> Facts:
    """Measure the rule that a record is positive if any attribute reaches its threshold."""
    _, test = train_test_split(frame, test_size=test_share / 100, random_state=split_seed)
    positive = np.any([test[name] >= value for name, value in thresholds.items()], axis=0)
    rows = classifiers[(classifiers["data"] == "original") & (classifiers["features"] == "all")]
    accuracies = rows.set_index("classifier")["accuracy"]
    return {
        "rule": " or ".join(f"{name} ≥ {value:g}" for name, value in thresholds.items()),
        "accuracy": 100 * float(accuracy_score(test[target], positive)),
        "adaboost": float(accuracies["adaboost"]),
        "best": float(accuracies.max()),
    }


def find_mondrian_without(
    frame: pd.DataFrame,
    domains: Domains,
    name: str,
    value: str,
    k_values: Sequence[int],
) -> Facts:
    """Measure Mondrian with and without the records that have a value."""
    rows = []
    kept = frame[frame[name] != value]
    for k in k_values:
        ncp = []
        for part in (frame, kept):
            records = encode_records(part, domains)
            recoding = get_anonymizer("mondrian")(
                records, list(domains.values()), k, np.random.default_rng()
            )
            release = release_records(part, domains, recoding)
            ncp.append(round(mean_ncp(measure_ncp(release, domains)), 1))
        rows.append({"k": k, "NCP / %": ncp[0], "NCP without these records / %": ncp[1]})
    return {"records": len(frame) - len(kept), "value": value, "table": pd.DataFrame(rows)}


def find_average_risk(anonymity: pd.DataFrame) -> Facts:
    """Set the published average risk beside that of the released records, by deletion."""
    rows = anonymity[
        (anonymity["data"] != "original") & (anonymity["measure"] == "journalist_risk_average")
    ]
    wide = rows.pivot_table(index="deletion", columns="reading", values="value")
    table = pd.DataFrame(
        {
            "deletion / %": wide.index,
            "as published / %": wide["as published"].round(3).to_numpy(),
            "over the released records / %": wide["corrected"].round(3).to_numpy(),
        }
    )
    return {"table": table}


def find_class_sizes(classes: pd.DataFrame, k: int) -> Facts:
    """Count the classes that are smaller than k after sampling, suppressed records included."""
    rows = classes[classes["data"] == "sampled"]
    sizes = rows.groupby("deletion")["released_size"]
    table = pd.DataFrame(
        {
            "classes": sizes.size(),
            f"smaller than {k}": sizes.apply(lambda sizes: int((sizes < k).sum())),
            "records in the smallest": sizes.min(),
        }
    )
    return {"k": k, "table": table.reset_index(names="deletion / %")}
