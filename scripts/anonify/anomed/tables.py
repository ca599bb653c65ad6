"""Tables to be given away in place of one of people.

Both ways k-anonymize the table, verify it, delete a part of each class, and leave suppressed
records out. Nothing of the order of the records is left: what is given away is first sorted by what
it shows and then shuffled, and has no index. Direct identifiers and the target's role aside, a
table of the challenge is read as its description says.

Source of the schemes' names: the AnoMed platform, package anomed-challenge. It leaves open how a
``generalization`` is laid out in columns; that, and synthesis, are ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from anonify.anomed.anonymization import Sampled, anonymize_records, choose_seed
from anonify.anomed.arrays import Unfit
from anonify.anomed.features import Descriptions
from anonify.base.errors import UserError
from anonify.base.seeding import make_generator
from anonify.base.values import MISSING, SUPPRESSED, Codes, number_of, parse_interval
from anonify.domains.domain import ShownDomain, find_covered
from anonify.domains.hierarchy import Hierarchy, Nodes
from anonify.domains.ranges import Ranges
from anonify.tables.coding import code_given
from anonify.tables.columns import (
    Column,
    check_columns,
    describe_columns,
    drop_identifiers,
)
from anonify.tables.parquet import write_as_text
from anonify.tables.typed import convert_records

Scheme = Literal["same", "generalization", "microaggregation"]

_NAME = "leaky-data.parquet"


class _Anonymizer:
    """How a table is anonymized.

    Parameters
    ----------
    columns : description of the table's columns, as ``columns`` of a dataset's description.
    method : of :data:`anonify.methods.METHODS`.
    k : smallest size of an equivalence class.
    deletion : per cent of each class that is deleted.
    seed : of everything that is drawn; None for one that nobody knows.
    """

    def __init__(
        self,
        columns: Descriptions,
        method: str = "mondrian",
        k: int = 5,
        deletion: int = 0,
        seed: int | None = None,
    ) -> None:
        self.columns = columns
        self.method = method
        self.k = k
        self.deletion = deletion
        self.seed = seed

    def _prepare(self, leaky_data: pd.DataFrame, seed: int) -> Sampled:
        """Anonymize and sample, and leave the suppressed records out."""
        frame = read_leaky_data(leaky_data, self.columns)
        made = anonymize_records(frame, self.columns, self.method, self.k, self.deletion, seed)
        kept = made.kept[~made.release[SUPPRESSED].to_numpy(bool)[made.kept]]
        if len(kept) == 0:
            raise Unfit("every record is suppressed, so nothing is left; take a smaller k")
        return replace(made, kept=kept)


class GeneralizingAnonymizer(_Anonymizer):
    """Gives away the anonymized table itself; scheme ``generalization``.

    A number or date becomes two columns, ``age_min`` and ``age_max``: the ends that its
    generalization names, as the intervals ``20-40`` and ``[20, 35]`` do, or else the smallest and
    largest value of the domain that it covers; nothing for a missing value. A category becomes one
    column for each value of its domain, ``gender_Female`` and so on: 1 where its generalization
    covers the value, else 0. Columns that are no quasi-identifiers stay as they are, up to their
    ``top`` and ``bottom``.
    """

    def anonymize(self, leaky_data: pd.DataFrame) -> tuple[pd.DataFrame, Scheme]:
        """Return the anonymized table and its scheme.

        Raises
        ------
        UserError : the table is not as described, or as :func:`anonymize_records`.
        """
        seed = choose_seed(self.seed)
        anonymized = self._prepare(leaky_data, seed)
        nodes = {
            name: (domain, column[anonymized.kept])
            for (name, domain), column in zip(
                anonymized.domains.items(), anonymized.recoding.nodes.T, strict=True
            )
        }
        kept = _code(leaky_data, anonymized, self.columns).iloc[anonymized.kept]
        parts: dict[str, npt.ArrayLike] = {}
        for name, column in _list_released(self.columns).items():
            if name in nodes:
                parts |= _lay_out(column, *nodes[name])
            else:
                parts[name] = kept[name].array
        return forget_order(pd.DataFrame(parts)), "generalization"


class SynthesizingAnonymizer(_Anonymizer):
    """Gives away drawn records; scheme ``same``: the columns and types of the challenge's table.

    As many records are drawn as the anonymized and sampled table has. Each is drawn from that
    table, with replacement, and shows

    - for a quasi-identifier a value that its class's generalization covers: a number or day
      evenly between the ends (see :class:`GeneralizingAnonymizer`), a text evenly among those of
      the domain, none where only a missing value is covered;
    - what the drawn record shows in the other columns.

    It is a function of the anonymized table and of the domains alone, so it identifies nobody whom
    that table does not.
    """

    def anonymize(self, leaky_data: pd.DataFrame) -> tuple[pd.DataFrame, Scheme]:
        """Return the drawn table and its scheme.

        Raises
        ------
        UserError : the table is not as described, or as :func:`anonymize_records`.
        """
        seed = choose_seed(self.seed)
        anonymized = self._prepare(leaky_data, seed)
        generator = make_generator(seed, "synthesize")
        drawn = generator.choice(anonymized.kept, len(anonymized.kept))
        given = _code(leaky_data, anonymized, self.columns)
        parts = {name: given[name].iloc[drawn].array for name in _list_released(self.columns)}
        columns = zip(anonymized.domains.items(), anonymized.recoding.nodes.T, strict=True)
        for (name, domain), nodes in columns:
            values = _draw_values(self.columns[name], domain, nodes[drawn], generator)
            parts[name] = _restore(values, leaky_data[name], self.columns[name])
        return forget_order(pd.DataFrame(parts)), "same"


def read_leaky_data(leaky_data: pd.DataFrame, columns: Descriptions) -> pd.DataFrame:
    """Return a table as :func:`anonify.tables.typed.convert_records` returns it.

    Raises
    ------
    Unfit : the table is not as described.
    """
    described = describe_columns(columns)
    try:
        text = write_as_text(pa.Table.from_pandas(leaky_data, preserve_index=False), _NAME)
        check_columns(_NAME, list(text.columns), [column.name for column in described])
    except UserError as error:  # It names columns alone.
        raise Unfit(str(error).replace(_NAME, "the challenge's table")) from None
    try:
        return convert_records(text, described, _NAME)
    except UserError as error:
        raise Unfit(f"the challenge's table: {_count_mistakes(text, described)}") from error


def _count_mistakes(text: pd.DataFrame, columns: Iterable[Column]) -> str:
    """Say which columns do not fit their description in how many records, without a value."""
    found = []
    for column in drop_identifiers(columns):
        values = text[column.name]
        is_missing = values.str.strip() == MISSING
        wrong = int(_find_wrong(values[~is_missing], column).sum())
        missing = 0 if column.role == "quasi-identifier" else int(is_missing.sum())
        if wrong:
            is_weight = column.role == "weight"
            kind = "are no weights" if is_weight else f"are not of the type {column.type}"
            found.append(f"{wrong} values of {column.name!r} {kind}")
        if missing:
            found.append(f"{missing} records have no value of {column.name!r}")
    return "; ".join(found) or "it is not as its description says"


def _find_wrong(values: "pd.Series[Any]", column: Column) -> "pd.Series[Any]":
    if column.type == "category":
        return pd.Series(False, index=values.index)
    if column.type == "date":
        return pd.to_datetime(values.str.strip(), format=column.format, errors="coerce").isna()
    numbers = pd.to_numeric(values, errors="coerce")
    is_wrong: pd.Series[Any] = numbers.isna() | np.isinf(numbers)
    if column.type == "integer":
        is_wrong |= numbers != numbers.round()
    if column.role == "weight":
        is_wrong |= numbers <= 0
    return is_wrong


def forget_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Return records without an index, in an order that depends on nothing but what they show.

    They are sorted and then shuffled by a seed that anyone may know: of equal sets of records the
    result is equal, whatever order they came in.
    """
    shown = frame.reset_index(drop=True)
    ranks = np.zeros(len(shown), dtype=np.int64)
    # One column after the other: a table may have thousands, and texts take much memory.
    for place in range(shown.shape[1]):
        codes = _rank_texts(shown.iloc[:, place])
        _, ranks = np.unique(ranks * (codes.max(initial=0) + 1) + codes, return_inverse=True)
    in_order = np.argsort(ranks, kind="stable")
    return shown.iloc[make_generator(0, "order").permutation(in_order)].reset_index(drop=True)


def _rank_texts(values: "pd.Series[Any]") -> Codes:
    """Array (records,): the rank of each value among the others, as text."""
    if values.dtype.kind == "i" and values.between(0, 9).all():
        return values.to_numpy(np.int64)  # Digits are in the order of their texts.
    codes, present = pd.factorize(values, use_na_sentinel=False)
    texts = pd.Series(present).astype("str")
    ranks: Codes = pd.factorize(texts, sort=True, use_na_sentinel=False)[0]
    return np.asarray(ranks[codes])


def _list_released(columns: Descriptions) -> dict[str, Mapping[str, Any]]:
    kept = {column.name for column in drop_identifiers(describe_columns(columns))}
    return {name: column for name, column in columns.items() if name in kept}


def _code(leaky_data: pd.DataFrame, anonymized: Sampled, columns: Descriptions) -> pd.DataFrame:
    """Return the table with the ends of its columns in place of what lies beyond them."""
    coded = [
        column
        for column in describe_columns(columns)
        if column.name not in anonymized.domains and (column.bottom, column.top) != (None, None)
    ]
    if not coded:
        return leaky_data
    given = leaky_data.reset_index(drop=True)
    typed = anonymized.release
    return given.assign(
        **{each.name: code_given(given[each.name], typed[each.name], each) for each in coded}
    )


def _lay_out(
    column: Mapping[str, Any], domain: ShownDomain, nodes: Nodes
) -> dict[str, npt.ArrayLike]:
    """Return the columns that stand for a generalized quasi-identifier."""
    name = domain.attribute
    if column["type"] == "category":
        return {
            f"{name}_{value}": covered.astype(np.int8)
            for value, covered in zip(
                domain.labels_of(np.arange(domain.leaf_count)), _cover(domain, nodes), strict=True
            )
        }
    ends = zip(("min", "max"), _find_ends(domain, nodes, column["type"]).T, strict=True)
    return {f"{name}_{end}": _give_type(numbers, column["type"]) for end, numbers in ends}


def _find_ends(domain: ShownDomain, nodes: Nodes, type: str) -> npt.NDArray[np.float64]:
    """Array (nodes, 2): the ends of each node of numbers or dates, NaN for a missing value.

    What a label names comes first: the largest value below ``80-100`` may be that of a suppressed
    record.
    """
    if isinstance(domain, Hierarchy) and type != "date":
        low, high = domain.bounds_of(np.arange(domain.root + 1)).T
        named = np.array([parse_interval(label) or (np.nan, np.nan) for label in domain.labels])
        low, high = np.fmin(low, named[:, 0]), np.fmax(high, named[:, 1])
        for below, above in pairwise(domain.ancestors.T):
            np.fmin.at(low, above, low[below])
            np.fmax.at(high, above, high[below])
        ends = np.stack([low, high], axis=1)[nodes]
    elif isinstance(domain, Ranges):
        ends = domain.ends_of(nodes)
    else:
        ends = domain.bounds_of(nodes)
    return np.where(np.isfinite(ends), ends, np.nan)


def _give_type(numbers: npt.NDArray[np.float64], type: str) -> Any:
    values = pd.Series(numbers)
    if type == "date":
        return pd.to_datetime(values, unit="D").array
    if type == "integer":
        return values.astype("Int64" if values.isna().any() else "int64").array
    return values.array


def _cover(domain: ShownDomain, nodes: Nodes) -> npt.NDArray[np.bool_]:
    """Array (leaves, records): whether each node covers each leaf."""
    present, places = np.unique(nodes, return_inverse=True)
    return find_covered(domain, present).T[:, places]


def _draw_values(
    column: Mapping[str, Any], domain: ShownDomain, nodes: Nodes, generator: np.random.Generator
) -> npt.NDArray[Any]:
    """Array (records,): a value below each node; numbers, days since 1970, or texts."""
    if column["type"] == "category":
        present, places = np.unique(nodes, return_inverse=True)
        covered = _cover(domain, present).T
        # All leaves of the first node, then all of the second one, and so on.
        leaves, counts = np.nonzero(covered)[1], covered.sum(axis=1)
        starts = np.cumsum(counts) - counts
        drawn = generator.integers(0, counts[places])
        return np.array(domain.labels_of(leaves[starts[places] + drawn]), dtype=object)
    low, high = _find_ends(domain, nodes, column["type"]).T
    is_missing = np.isnan(low)
    digits = _count_decimals(domain) if column["type"] == "decimal" else 0
    unit = 10.0**-digits
    # An interval is open above, so that no value that it covers reaches its end.
    is_open = high > domain.bounds_of(nodes)[:, 1]
    steps = np.where(is_missing, 0, np.rint((high - low) / unit) - is_open).astype(np.int64)
    drawn = generator.integers(0, np.maximum(steps, 0), endpoint=True)
    return np.asarray(np.round(low + drawn * unit, digits))


def _count_decimals(domain: ShownDomain) -> int:
    """Return how many decimals the numbers of a domain have at most."""
    leaves: Codes = np.arange(domain.leaf_count)
    numbers = [number_of(label) for label in domain.labels_of(leaves) if label]
    return max(
        (len(f"{number:.6f}".rstrip("0").partition(".")[2]) for number in numbers), default=0
    )


def _restore(
    values: npt.NDArray[Any], original: "pd.Series[Any]", column: Mapping[str, Any]
) -> Any:
    """Return drawn values as the challenge's table writes that column."""
    if column["type"] == "date":
        return _restore_dates(pd.Series(_give_type(values, "date")), original, column)
    if column["type"] == "category":
        written = pd.Series(values).mask(values == MISSING, None)
        is_truth = pd.api.types.is_bool_dtype(original.dtype)
        return (written == "true" if is_truth else written).astype(original.dtype).array
    numbers = pd.Series(_give_type(values, column["type"]))
    return numbers.astype(original.dtype).mask(np.isnan(values)).array


def _restore_dates(
    days: "pd.Series[Any]", original: "pd.Series[Any]", column: Mapping[str, Any]
) -> Any:
    if pd.api.types.is_datetime64_any_dtype(original.dtype):
        return days.astype(original.dtype).array
    if any(isinstance(value, str) for value in original):
        return days.dt.strftime(column.get("format", "%Y-%m-%d")).array
    return days.dt.date.array
