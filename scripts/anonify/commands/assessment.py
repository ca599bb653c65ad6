"""Say what a released table keeps and what risk it leaves."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from tabulate import tabulate

from anonify.commands.terminal import command, tell
from anonify.described_tables import Dataset, read_dataset
from anonify.domain import encode_nodes
from anonify.errors import UserError
from anonify.privacy import measure_privacy
from anonify.quality import measure_quality
from anonify.release import read_release
from anonify.risk import count_classes, measure_corrected
from anonify.storage import SUPPRESSED, read_table, write_json
from anonify.text_table import read_header

# What each number is, in the words and units of the report.
TITLES = {
    "released_records": "records released, suppressed ones apart",
    "suppressed_records": "records suppressed",
    "classes": "equivalence classes",
    "achieved_k": "achieved k / records",
    "classes_below_k": "classes below k",
    "prosecutor_risk_highest": "highest prosecutor risk / %",
    "prosecutor_risk_average": "average prosecutor risk / %",
    "prosecutor_risk_above_threshold": "records with a prosecutor risk above {threshold:g} % / %",
    "journalist_risk_highest": "highest journalist risk / %",
    "journalist_risk_average": "average journalist risk / %",
    "marketer_risk": "marketer risk / %",
    "ncp": "NCP / %",
    "precision": "precision, 0 to 1",
    "non_uniform_entropy": "non-uniform entropy / %",
    "discernibility": "discernibility / records²",
    "average_class_size": "average class size / records",
    "normalized_average_class_size": "average class size divided by k",
}

MODELS = {
    "distinct_l": "distinct ℓ",
    "entropy_l": "entropy ℓ",
    "recursive_c": "recursive c above",
    "t": "t",
    "alpha": "α",
}


@command("assess")
@click.argument("release", metavar="RELEASE")
@click.option(
    "--config",
    "named",
    required=True,
    metavar="NAME",
    help="Dataset: a name in config/datasets/, or a .yaml: its description, or a run's settings.",
)
@click.option(
    "--original",
    metavar="TABLE",
    help="The table before anonymization; looked for where it is not given.",
)
@click.option(
    "--anonymized", metavar="TABLE", help="The table before sampling, where RELEASE is a sample."
)
@click.option(
    "-k",
    "k",
    type=click.IntRange(2),
    help="The k that was promised; the achieved one where it is not given.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    default=1.0,
    show_default=True,
    help="Count records whose risk is above this many per cent.",
)
@click.option(
    "--json",
    "output",
    metavar="FILE",
    help="Where to write the numbers; beside RELEASE where it is not given.",
)
def assess(
    release: str,
    named: str,
    original: str | None,
    anonymized: str | None,
    k: int | None,
    threshold: float,
    output: str | None,
) -> None:
    """Say what a released table keeps of the original, and what risk it leaves.

    RELEASE is a CSV made by any tool, or a Parquet file of this pipeline. Records that show
    nothing but the roots (*) count as suppressed and are kept apart.

    \b
    anonify assess results/anonymized/arx/k250.csv --config diabetes -k 250
    """
    path = Path(output or f"{Path(release).with_suffix('')}.assessment.json")
    inputs = [Path(name) for name in (release, original, anonymized) if name]
    if path.exists() and (not path.is_file() or any(path.samefile(name) for name in inputs)):
        raise UserError(f"`--json`: {path} is one of the tables or no file; name another one")
    dataset = read_dataset(named, original)
    assessment = assess_release(
        read_any_release(release, dataset),
        read_any_release(anonymized, dataset) if anonymized else None,
        dataset,
        k,
        threshold,
    )
    print(write_report(release, assessment))
    write_json(_replace_infinite({"release": release, "dataset": dataset.name, **assessment}), path)
    tell(f"numbers in {path}")


def assess_release(
    release: pd.DataFrame,
    anonymized: pd.DataFrame | None,
    dataset: Dataset,
    k: int | None,
    threshold: float,
) -> dict[str, Any]:
    """Measure a released table.

    Parameters
    ----------
    anonymized : the table before sampling, where the release is a sample of it.
    k : what was promised; the achieved k where it is None.
    threshold : per cent.

    Returns
    -------
    ``risk`` (:func:`anonify.risk.measure_corrected` and ``achieved_k``), ``quality``
    (:func:`anonify.quality.measure_quality`) and ``privacy``: for each sensitive attribute that
    was released what :func:`anonify.privacy.measure_privacy` finds.
    """
    names = [name for name in dataset.domains if name in release]
    if anonymized is not None:
        check_parent(anonymized, release, names)
    if len(release) > len(dataset.frame):
        raise UserError(
            f"the released table has {len(release)} records, more than the {len(dataset.frame)} of "
            "the original one; correct `--original` or `--config`"
        )
    domains = {name: dataset.domains[name] for name in names}
    classes = count_classes(release if anonymized is None else anonymized, release, names)
    shown = classes.loc[~classes[SUPPRESSED] & (classes["released_size"] > 0), "released_size"]
    achieved = int(shown.min()) if len(shown) else 0
    quality = measure_quality(dataset.frame, release, domains, k or max(achieved, 1))
    if len(release) != len(dataset.frame):
        # The bits that the deleted records would have taken are not known from the release.
        del quality["non_uniform_entropy"]
    sensitive = [c.name for c in dataset.columns if c.name in release and c.name not in names]
    return {
        "k": k or achieved,
        "threshold": threshold,
        "risk": {**measure_corrected(classes, k or achieved, threshold), "achieved_k": achieved},
        "quality": quality,
        "privacy": {
            name: asdict(measure_privacy(release, names, name)) for name in sensitive if achieved
        },
    }


def check_parent(anonymized: pd.DataFrame, release: pd.DataFrame, names: list[str]) -> None:
    """Make sure that a table can be a sample of another one.

    Raises
    ------
    UserError : a class has more records than there, or a column is not there.
    """
    for name in names:
        if name not in anonymized:
            raise UserError(f"`--anonymized`: the table has no column {name!r}; give the right one")
    keys = [*names, SUPPRESSED]
    before = anonymized[keys].astype("str").value_counts()
    after = release[keys].astype("str").value_counts()
    surplus = after.sub(before.reindex(after.index, fill_value=0))
    if (surplus > 0).any():
        shown = ", ".join(surplus.index[int((surplus > 0).argmax())][:-1])
        raise UserError(
            f"`--anonymized`: the class ({shown}) has fewer records there than in the released "
            "table, which is no sample of it then; give the right one"
        )


def read_any_release(path: str, dataset: Dataset) -> pd.DataFrame:
    """Read a released table, a CSV or a Parquet file of this pipeline.

    Raises
    ------
    UserError : as :func:`anonify.release.read_release`; the table has no quasi-identifier.
    """
    if path.endswith(".parquet"):
        frame = _read_parquet(path)
        present = list(frame.columns)
    else:
        separator, present = read_header(path, [column.name for column in dataset.columns])
    for name in dataset.identifiers:
        if name in present:
            raise UserError(
                f"{path}: the column {name!r} is a direct identifier, so the table must not be "
                "released; remove it"
            )
    columns = [column for column in dataset.columns if column.name in present]
    roots = {
        name: domain.labels_of(np.array([domain.root]))[0]
        for name, domain in dataset.domains.items()
        if name in present
    }
    if not roots:
        raise UserError(
            f"{path}: it has none of the quasi-identifiers {', '.join(dataset.domains)}; correct "
            "`--config`, or the header"
        )
    if not path.endswith(".parquet"):
        frame = read_release(path, columns, roots, separator, dataset.decimal)
    for name in roots:
        try:
            encode_nodes(frame[name], dataset.domains[name])
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
    return frame


def _read_parquet(path: str) -> pd.DataFrame:
    try:
        frame = read_table(path).frame
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; check the path") from None
    except (OSError, ValueError, KeyError, TypeError):
        frame = pd.DataFrame()
    if SUPPRESSED not in frame:
        raise UserError(
            f"{path}: the file is no released table of this pipeline; give one from "
            "results/anonymized/ or results/sampled/, or a CSV"
        )
    return frame


def write_report(release: str, assessment: Mapping[str, Any]) -> str:
    """Return the assessment as text for the terminal."""
    parts = [release]
    for title, group in (("Risk", assessment["risk"]), ("Quality", assessment["quality"])):
        rows = [
            (text.format(threshold=assessment["threshold"]), _format(group[name]))
            for name, text in TITLES.items()
            if name in group
        ]
        parts.append(
            f"{title}\n"
            + tabulate(rows, tablefmt="plain", colalign=("left", "right"), disable_numparse=True)
        )
    rows = [
        (name, *(_format(found[model]) for model in MODELS))
        for name, found in assessment["privacy"].items()
    ]
    if rows:
        parts.append(
            "Sensitive attributes\n"
            + tabulate(
                rows,
                ["", *MODELS.values()],
                tablefmt="plain",
                disable_numparse=True,
                colalign=("left", *["right"] * len(MODELS)),
            )
        )
    if 0 < assessment["risk"]["suppressed_records"] < assessment["k"]:
        parts.append(
            "Fewer than k records are suppressed: who knows that a person fits no class knows\n"
            "the record to be one of them. They are better left out of what is handed out."
        )
    if any(found["alpha"] == 1 for found in assessment["privacy"].values()):
        parts.append(
            "α = 1: in some class all records have the same value, so whoever finds a person\n"
            "there knows it, whatever k is."
        )
    return "\n\n".join(parts)


def _format(value: float) -> str:
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return "none" if math.isinf(value) else f"{value:.4g}"


def _replace_infinite(content: Any) -> Any:
    """Return the content with None for what JSON has no number for."""
    if isinstance(content, dict):
        return {name: _replace_infinite(value) for name, value in content.items()}
    return None if isinstance(content, float) and not math.isfinite(content) else content
