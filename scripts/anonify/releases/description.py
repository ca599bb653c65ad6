"""The description that goes with a table that is handed out.

It says what the columns are, how far they are generalized and what privacy is achieved: what a
reader needs, and nothing that would help to undo it (no seed, no history, no hash of the original).
Its form is that of the W3C, Metadata Vocabulary for Tabular Data, 2015.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.values import PERSON, SUPPRESSED
from anonify.disclosure.cells import is_few
from anonify.domains.domain import Domain, Domains, find_shown
from anonify.domains.ranges import Ranges
from anonify.domains.sets import Sets
from anonify.releases.handout import Handout, Promise
from anonify.tables.classes import count_classes
from anonify.tables.columns import Column, find_weight
from anonify.tables.counts import count_records
from anonify.verification.privacy import measure_privacy

_KINDS = {"i": "integer", "u": "integer", "f": "number", "b": "boolean", "M": "date"}


def name_description(path: Path) -> Path:
    """Return the file of a table's description: beside it, as CSVW has it."""
    return path.with_name(f"{path.name}-metadata.json")


def describe_handout(
    handout: Handout,
    path: str | Path,
    title: str,
    columns: Sequence[Column],
    domains: Domains,
    promise: Promise,
    confidential: bool = True,
) -> dict[str, Any]:
    """Describe a table that is handed out.

    Parameters
    ----------
    path : of the table's file, of which the name is told.
    title : of the dataset.
    columns : what the columns of the table are.
    domains : of its quasi-identifiers.
    promise : what was promised of the table.
    confidential : whether a number of left-out people is told only if they are k or more.

    Returns
    -------
    CSVW metadata: for each column its ``role``, its ``bottom`` and ``top`` where it has any, and
    for a quasi-identifier its ``generalization`` (the ``levels`` of its hierarchy in the table, 0
    for values as they were, of ``height``; or ``ranges`` or ``sets``); and ``privacy``, counted on
    the table.
    """
    described = []
    for column in columns:
        if column.name not in handout.columns:
            continue
        kind = handout.columns[column.name].dtype.kind
        about: dict[str, Any] = {
            "name": column.name,
            "datatype": _KINDS.get(kind, "string"),
            "role": column.role,
        }
        ends = {"bottom": column.bottom, "top": column.top}
        about |= {key: end for key, end in ends.items() if end is not None}
        if column.name in domains:
            labels = handout.rows([column.name])[column.name]
            about["generalization"] = _find_levels(labels, domains[column.name])
        described.append(about)
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": Path(path).name,
        "title": title,
        "records": count_records(handout.marks),
        "tableSchema": {"columns": described},
        "privacy": _describe_privacy(handout, columns, list(domains), promise, confidential),
    }


def _find_levels(labels: "pd.Series[Any]", domain: Domain) -> Any:
    """Return on which levels of its hierarchy a column's labels are."""
    if isinstance(domain, Ranges):
        return "ranges"
    present = [str(label) for label in labels.unique()]
    shown, nodes = find_shown(present, domain)
    if isinstance(shown, Sets):
        return "ranges" if shown.places.has_ranges else "sets"
    shares = domain.level_share_of(nodes)
    levels = np.rint(shares * domain.height).astype(int)
    return {"levels": sorted({*levels.tolist()}), "height": domain.height}


def _describe_privacy(
    handout: Handout,
    columns: Sequence[Column],
    quasi_identifiers: Sequence[str],
    promise: Promise,
    confidential: bool,
) -> dict[str, Any]:
    # Records that show the roots are the group that they are in the file.
    weight = find_weight(column for column in columns if column.name in handout.columns)
    needed = quasi_identifiers if weight is None else [*quasi_identifiers, weight]
    shown = handout.rows(needed).assign(**{SUPPRESSED: False})
    classes = count_classes(shown, quasi_identifiers, weight)
    smallest = int(classes.sizes.min())
    left_out: int | str = handout.dropped_people
    if confidential and is_few(handout.dropped_people, promise.k):
        left_out = "fewer than k"
    privacy: dict[str, Any] = {
        "k": promise.k,
        "counted": "people" if PERSON in handout.marks else "records",
        "classes": len(classes.sizes),
        "smallest_class": smallest,
        "prosecutor_risk_highest": 100 / smallest,
        "prosecutor_risk_average": float(100 * len(classes.sizes) / classes.sizes.sum()),
        "requirements": [dict(rule) for rule in promise.requirements],
        "suppressed_and_left_out": left_out,
        "attributes": {
            column.name: _summarize(handout, quasi_identifiers, column.name)
            for column in columns
            if column.role in ("sensitive", "target")
            and column.name in handout.columns
            and handout.says_anything
        },
    }
    if classes.population is not None and not promise.deletion:
        people = np.maximum(classes.population, classes.sizes)
        privacy["population_risk_highest"] = float(100 / people.min())
        privacy["population_risk_average"] = float(
            100 * np.average(1 / people, weights=classes.sizes)
        )
    if handout.blanked:
        privacy["suppressed_and_shown_without_values"] = handout.blanked
    if promise.deletion:
        privacy["deleted_from_each_class"] = promise.deletion
    return privacy


def _summarize(
    handout: Handout, quasi_identifiers: Sequence[str], attribute: str
) -> dict[str, float]:
    """Return what each class keeps of a sensitive attribute, where it has values."""
    rows = handout.rows([*quasi_identifiers, attribute])
    found = measure_privacy(rows, quasi_identifiers, attribute)
    return {"distinct_l": found.distinct_l, "alpha": found.alpha, "t": found.t}


def describe_sample(
    path: Path,
    columns: Sequence[str],
    quasi_identifiers: Sequence[str],
    sizes: npt.NDArray[np.int64],
    deletion: float,
) -> dict[str, Any]:
    """Describe a sample of a table of which no more is known than its quasi-identifiers.

    Parameters
    ----------
    columns : names of all columns.
    sizes : array (classes,), records that each class has left.
    deletion : per cent of each class that was left out.

    Returns
    -------
    CSVW metadata, as of :func:`describe_handout`.
    """
    roles = {name: {"role": "quasi-identifier"} for name in quasi_identifiers}
    shown = sizes[sizes > 0]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": path.name,
        "records": int(shown.sum()),
        "tableSchema": {"columns": [{"name": name, **roles.get(name, {})} for name in columns]},
        "privacy": {
            "counted": "records",
            "classes": len(shown),
            "smallest_class": int(shown.min(initial=shown.max(initial=0))),
            "deleted_from_each_class": deletion,
        },
    }
