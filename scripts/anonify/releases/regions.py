"""Tables whose distinct tuples do not fit in memory: anonymized region by region.

Some methods split a table into parts that do not depend on each other. So it is first cut by the
method's own rule, for which it is enough to know how often each value occurs in a part, until the
tuples of each region fit in memory. Then each region is anonymized and verified by itself. The
classes are those of the whole table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.progress import track
from anonify.base.values import PERSON, RECORDS, SUPPRESSED, Codes
from anonify.domains.domain import Domains, balance, encode_records, widen
from anonify.domains.hierarchy import Hierarchy
from anonify.engines.choice import Limits
from anonify.engines.recoding import RELEASED
from anonify.methods import cuts_parts, get_cutter
from anonify.recoding.effort import Task
from anonify.recoding.parts import Cut, Cutter
from anonify.recoding.recoding import Counts, roots
from anonify.releases.mapping import Decision, label_nodes, make_mapping
from anonify.tables.classes import group
from anonify.tables.storage import Table, count_stored, read_parts
from anonify.verification.releases import Verification, verify_recoding, verify_release

# Bytes that a tuple takes in memory, and the share of `engine_memory` that tuples may take.
_PER_TUPLE, _SHARE = 300, 0.5
# Odd, so that a product of 64 bits keeps what there was.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
# Rows that are read, and tuples that are written, at once.
_AT_ONCE = 2**20

Rows = npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Region:
    """Parts of a table whose rows lie in one file.

    Parameters
    ----------
    file : array (rows, 2 + d) of 32 bits: the part that each row is of, from 0, its records, its
        leaves. A tuple may have several rows, whose records add up.
    nodes : array (parts, d).
    rows : how many the file has.
    is_class : whether its one part is a class, or some tuples of one, that no split is allowed of.
    """

    file: Path
    nodes: Codes
    rows: int
    is_class: bool = False

    def __len__(self) -> int:
        return self.rows

    def read(self, rows: int = _AT_ONCE) -> Iterator[Rows]:
        """Read the file, so many rows at once."""
        width = 2 + self.nodes.shape[1]
        with self.file.open("rb") as file:
            while content := file.read(rows * width * 4):
                yield np.frombuffer(content, dtype=np.int32).reshape(-1, width)


def count_fitting(limits: Limits) -> int:
    """Return how many distinct tuples fit in memory."""
    return int(limits.memory * _SHARE / _PER_TUPLE)


def can_be_cut(
    about: Table, domains: Domains, method: str, requirements: Sequence[Mapping[str, Any]]
) -> bool:
    """Tell whether a table can be anonymized region by region.

    How often a value occurs tells which splits are allowed only where classes keep nothing but k,
    each record is of another person, and all levels may be shown.
    """
    is_limited = any(
        isinstance(domain, Hierarchy) and domain.is_limited for domain in domains.values()
    )
    return cuts_parts(method) and not (requirements or is_limited or PERSON in about.frame)


def has_more_tuples(table: str | Path, domains: Domains, most: int) -> bool:
    """Tell whether a table has more distinct tuples than fit in memory; it is read in parts.

    Tuples are told apart by a hash. Where two have the same, that is one less, which is no matter.
    """
    possible = prod(domain.leaf_count for domain in domains.values())
    if min(count_stored(table), possible) <= most:
        return False
    hashes = np.zeros(0, dtype=np.uint64)
    for part in read_parts(table, list(domains)):
        added = np.zeros(len(part), dtype=np.uint64)
        for leaves in encode_records(part, domains).T:
            added = added * _FACTOR + leaves.astype(np.uint64)
        hashes = pd.unique(np.concatenate([hashes, added]))
        if len(hashes) > most:
            return True
    return False


def decide_in_regions(
    table: str | Path,
    domains: Domains,
    files: Mapping[str, str | Path],
    method: str,
    k: int,
    most: int,
    folder: Path,
    options: Mapping[str, Any] | None = None,
) -> Decision:
    """Decide about the tuples of a table, and verify what was decided.

    Parameters
    ----------
    table : typed, for which :func:`can_be_cut` holds.
    files : the domains as they were read, against which it is verified.
    most : tuples that fit in memory.
    folder : for what goes between, and for the mapping.
    options : of the method, which can have none.

    Raises
    ------
    UserError : there are options, or a value is in no domain.
    VerificationError : the method did not keep what it promises.
    """
    cutter = get_cutter(method, options)
    balanced = dict(zip(domains, balance(list(domains.values())), strict=True))
    whole, parts = _encode(table, balanced, folder / "tuples")
    records = count_stored(table)
    # A tuple counts again where its records stand far apart.
    task = Task(whole.rows, records, list(balanced.values()), k)
    cutter.EFFORT.announce(method, task)
    # A single tuple, which can't be cut, has no more rows than the table was read in parts.
    regions = _cut(cutter, whole, balanced, k, max(most, parts))
    decided = _Decided(cutter, balanced, files, k)
    mapping = folder / "mapping.parquet"
    with pq.ParquetWriter(mapping, _make_schema(list(domains))) as writer:
        for region in track(regions, Path(table).name, whole.rows):
            _write_mapping(decided.decide(region), writer)
    return decided.sum_up(mapping)


def _encode(table: str | Path, domains: Domains, file: Path) -> tuple[_Region, int]:
    """Write the tuples of a table, counted in each part that is read; tell how many parts."""
    parts, rows = 0, 0
    with file.open("wb") as written:
        read = track(read_parts(table, list(domains)), Path(table).name, count_stored(table))
        for part in read:
            groups = group(encode_records(part, domains))
            numbers = np.zeros(len(groups.sizes), dtype=np.intp)
            content = np.column_stack([numbers, groups.sizes, groups.tuples])
            written.write(content.astype(np.int32).tobytes())
            parts, rows = parts + 1, rows + len(content)
    return _Region(file, roots(list(domains.values()))[np.newaxis], rows), parts


def _cut(cutter: Cutter, whole: _Region, domains: Domains, k: int, most: int) -> Iterator[_Region]:
    """Cut a table until no region has more rows than fit in memory; each is gone with the next."""
    waiting, numbers = [whole], count()
    while waiting:
        region = waiting.pop()
        if region.rows <= most:
            yield region
        else:
            waiting += _divide(cutter, region, domains, k, most, numbers)
        region.file.unlink()


def _divide(
    cutter: Cutter, region: _Region, domains: Domains, k: int, most: int, numbers: Iterator[int]
) -> list[_Region]:
    """Divide a region of one part; children that fit in memory together stay together."""
    records, rows = _count_values(region, domains)
    cut = Cut(region.nodes, 0, rows[0])
    if not region.is_class:
        cut = cutter.cut_part(region.nodes[0], records, list(domains.values()), k)
    is_class = len(cut.nodes) == 1
    if is_class:
        cut = _halve(cut.nodes, rows)
    of_children = np.bincount(cut.places, weights=rows[cut.attribute], minlength=len(cut.nodes))
    bins = _pack(of_children.astype(np.int64), most)
    firsts = np.flatnonzero(np.diff(bins, prepend=-1))
    paths = [region.file.with_name(f"region-{next(numbers)}") for _ in firsts]
    for part in region.read():
        children = cut.places[part[:, 2 + cut.attribute]]
        content = part.copy()
        content[:, 0] = children - firsts[bins[children]]
        order = np.argsort(bins[children], kind="stable")
        ends = np.searchsorted(bins[children][order], np.arange(len(paths)), side="right")
        for path, chosen in zip(paths, np.split(order, ends[:-1]), strict=True):
            with path.open("ab") as file:
                file.write(content[chosen].tobytes())
    return [
        _Region(path, cut.nodes[bins == number], int(of_children[bins == number].sum()), is_class)
        for number, path in enumerate(paths)
    ]


def _count_values(region: _Region, domains: Domains) -> tuple[list[Counts], list[Counts]]:
    """Return for each attribute arrays (leaves,): the records, and the rows, with each value."""
    sizes = [domain.leaf_count for domain in domains.values()]
    records = [np.zeros(size, dtype=np.int64) for size in sizes]
    rows = [np.zeros(size, dtype=np.int64) for size in sizes]
    for part in region.read():
        for place, size in enumerate(sizes):
            leaves = part[:, 2 + place]
            rows[place] += np.bincount(leaves, minlength=size)
            weighed = np.bincount(leaves, weights=part[:, 1], minlength=size)
            records[place] += weighed.astype(np.int64)
    return records, rows


def _halve(nodes: Codes, rows: Sequence[Counts]) -> Cut:
    """Halve a class, which stays one, where most values differ.

    Parameters
    ----------
    nodes : array (1, d).
    rows : for each attribute an array (leaves,); one has two values at least.
    """
    attribute = int(np.argmax([np.count_nonzero(of_values) for of_values in rows]))
    upto = rows[attribute].cumsum()
    # The last value alone is a half, too.
    last = int(np.flatnonzero(rows[attribute])[-1])
    places = np.arange(len(upto)) >= min(int(np.searchsorted(upto, upto[-1] / 2)) + 1, last)
    return Cut(np.repeat(nodes, 2, axis=0), attribute, places.astype(np.intp))


def _pack(rows: Counts, most: int) -> Codes:
    """Array (children,): the number of the file of each, in which there are at most so many rows.

    A child with more has one for itself.
    """
    bins = np.zeros(len(rows), dtype=np.intp)
    number, filled = 0, 0
    for child, size in enumerate(rows.tolist()):
        if filled and filled + size > most:
            number, filled = number + 1, 0
        bins[child] = number
        filled += size
    return bins


class _Decided:
    """What was decided about the regions so far.

    Parameters
    ----------
    domains : whose importance is balanced.
    files, k : as :func:`decide_in_regions`.
    """

    def __init__(
        self, cutter: Cutter, domains: Domains, files: Mapping[str, str | Path], k: int
    ) -> None:
        self._cutter = cutter
        self._domains, self._files, self._k = domains, files, k
        self._found: list[Verification] = []
        self._shown = [np.zeros(0, dtype=np.intp) for _ in domains]
        # The records of classes that are larger than a region.
        self._classes: dict[tuple[int, ...], int] = {}

    def decide(self, region: _Region) -> pd.DataFrame:
        """Anonymize a region that fits in memory, verify it, and return its mapping."""
        domains = list(self._domains.values())
        (rows,) = region.read(region.rows)
        groups = group(np.delete(rows, 1, axis=1).astype(np.intp), rows[:, 1].astype(np.int64))
        members, tuples = groups.tuples[:, 0], groups.tuples[:, 1:]
        if region.is_class:
            nodes = region.nodes[members]
        else:
            nodes = self._cutter.anonymize_parts(
                tuples, groups.sizes, domains, self._k, region.nodes, members
            ).nodes
        nodes = widen(nodes, domains)
        self._shown = [
            np.union1d(seen, pd.unique(column))
            for seen, column in zip(self._shown, nodes.T, strict=True)
        ]
        original, shown = (label_nodes(codes, self._domains) for codes in (tuples, nodes))
        shown[SUPPRESSED] = False
        verify_recoding(original, shown, self._files)
        if region.is_class:
            key = tuple(nodes[0].tolist())
            self._classes[key] = self._classes.get(key, 0) + int(groups.sizes.sum())
        else:
            self._verify(shown, groups.sizes)
        return make_mapping(original, shown)

    def sum_up(self, mapping: Path) -> Decision:
        """Return what was decided about all regions, whose mapping is in a file."""
        if self._classes:
            shown = label_nodes(np.array([*self._classes]), self._domains)
            self._verify(shown.assign(**{SUPPRESSED: False}), np.array([*self._classes.values()]))
        found = Verification(
            achieved_k=min(each.achieved_k for each in self._found),
            classes=sum(each.classes for each in self._found),
            suppressed_records=sum(each.suppressed_records for each in self._found),
        )
        labels = {
            name: domain.labels_of(nodes)
            for (name, domain), nodes in zip(self._domains.items(), self._shown, strict=True)
        }
        return Decision(mapping, pq.read_schema(mapping).names, labels, found)

    def _verify(self, shown: pd.DataFrame, records: Counts) -> None:
        expected = shown.assign(**{RECORDS: records})
        names = list(self._domains)
        self._found.append(verify_release(expected, names, self._k, int(records.sum())))


def _make_schema(names: Sequence[str]) -> pa.Schema:
    label = pa.dictionary(pa.int32(), pa.string())
    released = [RELEASED.format(name) for name in names]
    fields = [(name, label) for name in (*names, *released)]
    return pa.schema([*fields, (SUPPRESSED, pa.bool_())])


def _write_mapping(mapping: pd.DataFrame, writer: pq.ParquetWriter) -> None:
    for start in range(0, len(mapping), _AT_ONCE):
        part = mapping.iloc[start : start + _AT_ONCE]
        writer.write_table(pa.Table.from_pandas(part, writer.schema, preserve_index=False))
