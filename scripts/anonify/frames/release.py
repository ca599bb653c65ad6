"""A released DataFrame: what it is, and how it is handed out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from anonify.base.values import SUPPRESSED
from anonify.base.words import count, format_number, name_method
from anonify.domains.domain import Domains
from anonify.measures.assessment import assess_disclosure
from anonify.measures.information_loss import measure_ncp, measure_quality_by_counts
from anonify.recoding.penalties import Records
from anonify.releases.description import describe_handout
from anonify.releases.handout import (
    Handout,
    Suppressed,
    find_promise,
    prepare_handout,
)
from anonify.releases.writing import check_release_place, write_release
from anonify.tables.classes import count_classes, match_classes
from anonify.tables.columns import Column, find_weight
from anonify.tables.counts import Rows, count_records, select_rows
from anonify.tables.provenance import Provenance

# Records whose risk is above it are counted; per cent.
THRESHOLD = 1.0


@dataclass(frozen=True, eq=False)
class Release:
    """A released table, what it costs and what risk is left.

    Hand out :attr:`table` alone, or the files of :meth:`write`: a release knows all values that
    occurred, and how often.

    Attributes
    ----------
    table : frame (records, columns), direct identifiers left out. Quasi-identifiers are categories
        of text; suppressed records are left out, or show ``*`` in all of them, or what else stands
        for all values. Other columns are as they were. Records are sorted by what they show, in a
        new index, so that their order tells nothing.
    k : smallest size of an equivalence class that was asked for.
    loss : by name, ``ncp`` (per cent, mean over the quasi-identifiers), ``ncp_<column>`` and what
        else :func:`anonify.measures.information_loss.measure_quality` has.
    risk : by name, ``achieved_k`` (people) and what
        :func:`anonify.measures.risk.measure_corrected` has (per cent), with a threshold of 1 %.
    classes : frame (classes, quasi-identifiers and ``is_suppressed``, ``size``,
        ``released_size``): the equivalence classes, with their people before and after sampling,
        and ``records`` and ``released_records`` where people have several records. Suppressed
        records make one row; where they are kept, they are the group that they are in the table.
    provenance : versions, and each step with its parameters; a seed that was drawn is not kept.
    """

    table: pd.DataFrame
    k: int
    loss: dict[str, float]
    risk: dict[str, float]
    classes: pd.DataFrame
    provenance: Provenance
    _made: "Made" = field(repr=False)

    def __repr__(self) -> str:
        """Say in one line what it is."""
        step = self.provenance["steps"][0]
        return (
            f"<Release: {count(len(self.table), 'record')}, "
            f"{count(int(self.risk['classes']), 'class')}, k = {self.k} by "
            f"{name_method(step['method'])}, NCP {format_number(self.loss['ncp'])} %>"
        )

    def write(self, path: str | Path, *, escape_formulas: bool = False) -> None:
        """Write the table as it may be handed out, and its description beside it.

        Parameters
        ----------
        path : of the table, ``.csv`` or ``.parquet``. The description (``….csv-metadata.json``)
            tells roles, how far each quasi-identifier is generalized, and the privacy achieved.
        escape_formulas : put ``'`` before texts that a spreadsheet takes for formulas.

        Raises
        ------
        ValueError : the name has another ending, or nothing can be written there.

        Examples
        --------
        >>> import tempfile, anonify, pandas as pd
        >>> frame = pd.DataFrame({"sex": ["f"] * 5 + ["m"] * 5, "ill": [True, False] * 5})
        >>> release = anonify.anonymize(frame, k=5, quasi_identifiers=["sex"], sensitive="ill")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     release.write(f"{folder}/ward.csv")
        ...     pd.read_csv(f"{folder}/ward.csv").shape
        (10, 2)
        """
        path = Path(path)
        check_release_place(path)
        handout = _prepare(self._made, self.provenance)
        description = describe_handout(
            handout,
            path,
            self.provenance["dataset"]["name"],
            self._made.columns,
            self._made.domains,
            find_promise(self.provenance),
        )
        write_release(handout, path, description, escape_formulas, self._made.columns)


@dataclass(frozen=True, eq=False)
class MadeOf:
    """What a release was made of.

    Parameters
    ----------
    columns : what its columns are.
    counts : array (leaves,) for each quasi-identifier, records that had each value.
    suppressed : what becomes of suppressed records.
    """

    columns: Sequence[Column]
    domains: Domains
    counts: Mapping[str, Records]
    suppressed: Suppressed


@dataclass(frozen=True, eq=False)
class Made(MadeOf):
    """What a release is measured and sampled by.

    Parameters
    ----------
    records : the table with ``is_suppressed``.
    anonymized : the same before sampling.
    """

    records: pd.DataFrame
    anonymized: pd.DataFrame


def measure_release(made: Made, k: int, provenance: Provenance) -> Release:
    """Return a release with its loss, risk and classes."""
    rows = select_rows(made.records)
    found = measure_rows(select_rows(made.anonymized), rows, made, k)
    return Release(_hand_out(made, provenance), k, *found, provenance, made)


def measure_rows(
    anonymized: Rows, released: Rows, made: MadeOf, k: int
) -> tuple[dict[str, float], dict[str, float], pd.DataFrame]:
    """Return the loss, the risk and the classes of a release, as :class:`Release` has them.

    Parameters
    ----------
    anonymized, released : give columns of the table before sampling and of the release, with
        ``is_suppressed`` and the numbers of the people where some have several records.
    """
    names, weight = list(made.domains), find_weight(made.columns)
    columns = names if weight is None else [*names, weight]
    tables = [anonymized(columns), released(columns)]
    records = tables[1]
    if made.suppressed == "keep":
        # In the table they are a group like any other.
        tables = [each.assign(**{SUPPRESSED: False}) for each in tables]
    before, after = (count_classes(each, names, weight) for each in tables)
    classes = match_classes(before, after)
    found = assess_disclosure(released, classes, names, (), k, THRESHOLD)
    suppressed = records[records[SUPPRESSED].to_numpy(bool)]
    found["risk"]["suppressed_records"] = count_records(suppressed)
    quality = measure_quality_by_counts(made.counts, records, made.domains, k)
    if count_records(records) < count_records(tables[0]):
        # The bits that the deleted records would have taken are not known from the release.
        del quality["non_uniform_entropy"]
    by_column = measure_ncp(records, made.domains)
    loss = {**quality, **{f"ncp_{name}": value for name, value in by_column.items()}}
    return loss, found["risk"], classes


def _prepare(made: Made, provenance: Provenance) -> Handout:
    promise = find_promise(provenance)
    rows = select_rows(made.records)
    return prepare_handout(rows, made.records, list(made.domains), promise, made.suppressed)


def _hand_out(made: Made, provenance: Provenance) -> pd.DataFrame:
    frame = _prepare(made, provenance).frame
    return pd.DataFrame({name: _strip_categories(values) for name, values in frame.items()})


def _strip_categories(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return values without categories that no record has: they tell of those left out."""
    if values.dtype == "category":
        return values.cat.remove_unused_categories()
    dtype = values.dtype
    if isinstance(dtype, pd.ArrowDtype) and pa.types.is_dictionary(dtype.pyarrow_dtype):
        return values.astype(pd.ArrowDtype(dtype.pyarrow_dtype.value_type)).astype(dtype)
    return values
