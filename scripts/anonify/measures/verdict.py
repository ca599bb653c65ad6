"""The verdict on a table that is handed out: which limits were stated, what it keeps and costs.

It is counted on the records that are handed out. Whoever has their file can count it again, so it
tells nothing that the file does not; what the original has to be known for, the loss and the risk
before deletion, is rounded and left out as in the trade-off.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.files import is_parquet, list_files
from anonify.base.values import PERSON, RECORDS
from anonify.domains.domain import Domains
from anonify.measures.information_loss import count_nodes
from anonify.measures.people import count_linked
from anonify.releases.handout import Handout
from anonify.tables.classes import count_classes
from anonify.tables.columns import Column
from anonify.tables.counts import Rows, count_everyone, count_records, count_rows
from anonify.tables.parquet import read_parquet_parts
from anonify.verification.privacy import count_certain, judge_requirement
from anonify.verification.releases import VerificationError

SHOWN_VALUES = 3
"""Values of an attribute that are named."""

PREVIEWED = 10
"""Records of a file that are shown."""

# Records of a file that are read at once.
_AT_ONCE = 2**18


@dataclass(frozen=True)
class Limit:
    """A limit that was stated, and what the table reaches.

    Parameters
    ----------
    name : ``k``, ``least_after_deletion``, ``risk_limit`` (per cent), or a model of a requirement.
    asked : k, the fewest people of a class, the highest risk, or the requirement.
    reached : the same of the table, of its worst class.
    """

    name: str
    asked: Any
    reached: float
    is_kept: bool


def list_limits(
    k: tuple[int, int] | None,
    smallest: int,
    risk_limit: float | None,
    least_after_deletion: int | None = None,
) -> list[Limit]:
    """List the limits on the size of classes.

    Parameters
    ----------
    k : the k that was promised, and the people of the smallest class before deletion.
    smallest : people of the smallest class that is handed out; 0 if there is none.
    risk_limit : the highest prosecutor risk that is accepted, in per cent.
    least_after_deletion : people that every class of a sample needs; None for no sample.
    """
    limits = []
    if k is not None:
        asked, reached = k
        limits.append(Limit("k", asked, reached, reached >= asked))
    if least_after_deletion is not None and least_after_deletion > 1:
        is_kept = smallest >= least_after_deletion
        limits.append(Limit("least_after_deletion", least_after_deletion, smallest, is_kept))
    if risk_limit is not None:
        highest = 100 / smallest if smallest else 0.0
        # As a limit of 100 ÷ k is written with fewer digits than it has.
        limits.append(Limit("risk_limit", risk_limit, highest, highest <= risk_limit * (1 + 1e-4)))
    return limits


def judge_requirements(
    handout: Handout, quasi_identifiers: Sequence[str], rules: Sequence[Mapping[str, Any]]
) -> list[Limit]:
    """List the requirements, as what is handed out keeps them."""
    judged = []
    for rule in rules if handout.says_anything else ():
        rows = handout.rows([*quasi_identifiers, rule["attribute"]])
        reached, is_kept = judge_requirement(rows, quasi_identifiers, rule)
        judged.append(Limit(rule["model"], dict(rule), reached, is_kept))
    return judged


def count_smallest(release: pd.DataFrame, quasi_identifiers: Sequence[str]) -> int:
    """Count the people of the smallest class, suppressed records apart; 0 if there is none."""
    classes = count_classes(release, quasi_identifiers)
    sizes = classes.sizes[~classes.is_suppressed]
    return int(sizes.min()) if len(sizes) else 0


def describe_file(
    path: str | Path,
    handout: Handout,
    quasi_identifiers: Sequence[str],
    parts: Mapping[str, int] | None = None,
) -> Any:
    """Describe what is handed out, as it was written: a CSV, a Parquet file or a folder of them.

    Parameters
    ----------
    parts : how many records the files of a folder have, by their names in their order.

    Returns
    -------
    ``name``, ``bytes``, ``records``, how many ``files``, and the ``preview``: ``header`` and
    ``rows``, records at equal distances from the first to the last.

    Raises
    ------
    VerificationError : its classes, over all files together, are not those of the table that it was
        written from, or it has other files, or one of them other records than it should have.
    """
    path = Path(path)
    files = {path / name: size for name, size in parts.items()} if parts else {path: None}
    # Snakemake has a hidden file of its own in a folder.
    if parts and [*files] != list_files(path):
        raise VerificationError(f"{path.name} has other files than its description says")
    places = [[*handout.columns].index(name) for name in quasi_identifiers]
    records = count_records(handout.marks)
    shown = sorted({round((records - 1) * step / (PREVIEWED - 1)) for step in range(PREVIEWED)})
    header: list[str] = []
    counts, preview, read = [], [], 0
    for file, size in files.items():
        start = read
        for part in _read_written(file):
            if header and header != [*map(str, part.columns)]:
                raise VerificationError(f"{file.name} has other columns than the first file")
            header = [*map(str, part.columns)]
            counts.append(count_rows(part, [header[place] for place in places]))
            numbered = part.set_axis(range(read, read + len(part)))
            preview += numbered.loc[numbered.index.intersection(shown)].to_numpy().tolist()
            read += len(part)
        if size is not None and read - start != size:
            raise VerificationError(f"{file.name} has other records than its description says")
    written = count_rows(pd.concat(counts), [header[place] for place in places])
    counted = count_rows(handout.rows(quasi_identifiers), quasi_identifiers)
    if sorted(written[RECORDS]) != sorted(counted[RECORDS]):
        raise VerificationError(f"{path.name} has other equivalence classes than its table")
    return {
        "name": f"{path.name}/" if parts else path.name,
        "bytes": sum(file.stat().st_size for file in files),
        "records": records,
        "files": len(files),
        "preview": {"header": header, "rows": preview},
    }


def _read_written(path: Path) -> Iterator[pd.DataFrame]:
    """Read a file that is handed out part by part, its values as texts."""
    if is_parquet(path):
        return read_parquet_parts(path)
    parts: Iterator[pd.DataFrame] = pd.read_csv(
        path, dtype="str", keep_default_na=False, chunksize=_AT_ONCE
    )
    return parts


def describe_columns_left(
    handout: Handout, columns: Sequence[Column], domains: Domains, described: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Say of each column what is left of it.

    Parameters
    ----------
    columns : of the table that is handed out.
    domains : of its quasi-identifiers.
    described : by the name of the column what the description of the table says of it.

    Returns
    -------
    For each column ``name``, ``role``, ``type``, what it is ``shown`` as (``unchanged``, ``ranges``
    or the ``levels`` of its hierarchy with its ``height``), its ``top`` and ``bottom``, and in per
    cent of the records handed out ``changed``, those that show less than the value, and its
    ``loss`` (NCP), where these are known.
    """
    rows = []
    for column in columns:
        if column.name not in handout.columns:
            continue
        row: dict[str, Any] = {"name": column.name, "role": column.role, "type": column.type}
        about = described[column.name]
        row |= {key: about[key] for key in ("bottom", "top") if key in about}
        if column.name in domains:
            domain = domains[column.name]
            shown, nodes, records = count_nodes(handout.rows([column.name]), column.name, domain)
            ncp = shown.ncp_of(nodes)
            changed, loss = (
                100 * float(np.average(each, weights=records)) for each in (ncp > 0, ncp)
            )
            row |= {"shown": about["generalization"], "changed": changed, "loss": loss}
        else:
            # How many values lay beyond an end is not known from what is handed out.
            changed_or_not = {} if {"bottom", "top"} & {*row} else {"changed": 0.0, "loss": 0.0}
            row |= {"shown": "unchanged", **changed_or_not}
        rows.append(row)
    return rows


def count_certain_people(
    rows: Rows, attributes: Sequence[str], quasi_identifiers: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Count for each sensitive attribute the people whose class gives it away for certain.

    Parameters
    ----------
    rows : gives columns of what is handed out, suppressed records that are shown marked.

    Returns
    -------
    For each ``people``, and the ``values`` that are most often given away, each with its people.
    """
    certain = {}
    for name in attributes:
        found = count_certain(rows([*quasi_identifiers, name]), quasi_identifiers, name)
        values = [[str(value), int(people)] for value, people in found.head(SHOWN_VALUES).items()]
        certain[name] = {"people": int(found.sum()), "values": values}
    return certain


def list_sensitive(handout: Handout, columns: Sequence[Column]) -> list[str]:
    """List the sensitive columns that are handed out, where some record shows values."""
    return [
        column.name
        for column in columns
        if column.role in ("sensitive", "target")
        and column.name in handout.columns
        and handout.says_anything
    ]


def describe_links(handout: Handout, columns: Sequence[Column]) -> dict[str, Any] | None:
    """Say how many people's records can be joined, and by which columns.

    Returns
    -------
    ``columns`` and ``people`` (:func:`anonify.measures.people.count_linked`); None where each
    record is a person of its own.
    """
    if PERSON not in handout.marks:
        return None
    names = [
        each.name
        for each in columns
        if each.role != "quasi-identifier" and each.name in handout.columns
    ]
    links = count_linked(handout.rows, names)
    return {"columns": list(links.columns) if links.people else [], "people": links.people}


def count_all_people(handout: Handout) -> int:
    """Count the people whose records are handed out."""
    return count_everyone(handout.marks)


def write_limits(limits: Sequence[Limit]) -> list[dict[str, Any]]:
    """Return limits as JSON has them."""
    return [asdict(limit) for limit in limits]
