"""Boxes: what a recoding has learned, for records that it has not seen.

A box is an equivalence class as it was released: one label for each quasi-identifier. A new
record belongs to exactly one, whatever the method:

1. to the nearest: the distance is 0 if every label covers the record's value, and else the sum
   over the attributes of how far the value lies outside the label, as a share of the domain's
   span (1 for a text);
2. among those equally near, to that of the least NCP;
3. among those, to that of the most records, and at last to the first.

Boxes of a partition (strict Mondrian, full-domain generalization) do not overlap, so that at most
one of them covers a record. Those of a local recoding or of clusters may; rules 2 and 3 decide.
Suppressed records are no class and make no box, unless there is no other.

A number below or above all numbers of the training records counts as the nearest of them. What a
value is generalized to is asked of the hierarchy's rule, so that a number between two known ones
falls into its own interval. A tree or a file lists its values: a number that is not among those
counts as the nearest, a text that is not is covered by the root alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.anomed.features import write_value
from anonify.base.errors import UserError
from anonify.base.values import MISSING, Codes, number_of
from anonify.domains.domain import ShownDomain, find_covered
from anonify.domains.files import build_domain
from anonify.domains.hierarchy import Hierarchy, Nodes
from anonify.domains.ranges import Ranges
from anonify.domains.sets import Sets
from anonify.recoding.recoding import Recoding, list_shown, roots
from anonify.tables.classes import group

Distances = npt.NDArray[np.float64]

# Outside a label by nothing that could be measured, as 2 between 1 and 3 in a tree of odd numbers.
_LEAST = 1e-12
# Distances that are in memory at a time.
_CHUNK = 2**20


@dataclass(frozen=True)
class Attribute:
    """One quasi-identifier of the boxes.

    Parameters
    ----------
    name : of the column.
    column : its description.
    labels : the different labels that boxes have, and ``root`` that of the root.
    bounds : array (labels, 2), smallest and largest number below each label; empty for texts.
    known : for texts, trees, files and sets of dates, which labels cover each value: array
        (labels,).
    ends : smallest and largest number of the training records; empty for texts.
    has_ranges : whether the labels of numbers are ranges, which cover all between their ends.
    """

    name: str
    column: Mapping[str, Any]
    labels: list[str]
    root: str
    bounds: Distances
    known: Mapping[str, npt.NDArray[np.bool_]]
    ends: list[float]
    has_ranges: bool = False


@dataclass(frozen=True)
class Boxes:
    """The boxes of a recoding.

    Parameters
    ----------
    attributes : one for each quasi-identifier.
    places : array (boxes, attributes), the place of each label in ``labels``.
    costs : array (boxes,), NCP, 0 to 1.
    sizes : array (boxes,), records of the anonymized table in each.
    """

    attributes: list[Attribute]
    places: Nodes
    costs: Distances
    sizes: npt.NDArray[np.int64]


def build_boxes(
    recoding: Recoding,
    domains: Mapping[str, ShownDomain],
    descriptions: Mapping[str, Mapping[str, Any]],
) -> Boxes:
    """Return the boxes of a recoding.

    Parameters
    ----------
    domains : of the quasi-identifiers.
    descriptions : of the columns that the domains are of.
    """
    shown = recoding.nodes[~recoding.is_suppressed]
    of_nodes = list_shown(recoding, [*domains.values()])
    groups = group(shown if len(shown) else roots(of_nodes)[np.newaxis])
    columns = list(zip(domains, of_nodes, groups.tuples.T, strict=True))
    attributes, places = [], []
    for name, domain, nodes in columns:
        present, place = np.unique(nodes, return_inverse=True)
        attributes.append(_describe_attribute(domain, present, descriptions[name]))
        places.append(place)
    costs = [domain.ncp_of(nodes) for _, domain, nodes in columns]
    return Boxes(attributes, np.stack(places, axis=1), np.mean(costs, axis=0), groups.sizes)


def label_boxes(boxes: Boxes) -> pd.DataFrame:
    """Return a frame (boxes, attributes) of their labels, as a released table has them."""
    return pd.DataFrame(
        {
            attribute.name: pd.Categorical.from_codes(
                places, pd.Index(attribute.labels, dtype="str")
            )
            for attribute, places in zip(boxes.attributes, boxes.places.T, strict=True)
        }
    )


def find_boxes(boxes: Boxes, frame: pd.DataFrame) -> Codes:
    """Array (records,): the box of each record.

    Parameters
    ----------
    frame : with the quasi-identifiers as categories of text, as
        :func:`anonify.anomed.features.read_features` returns them.
    """
    step = max(1, _CHUNK // len(boxes.costs))
    pieces = [frame.iloc[start : start + step] for start in range(0, len(frame), step)]
    return np.concatenate([_find_boxes(boxes, piece) for piece in pieces])


def measure_distances(attribute: Attribute, values: Sequence[str]) -> Distances:
    """Array (values, labels): how far each value lies outside each label; 0 where it is covered."""
    if not attribute.ends:
        is_root = np.array(attribute.labels) == attribute.root
        is_covered = np.stack([attribute.known.get(value, is_root) for value in values])
        return np.where(is_covered, 0.0, 1.0)
    lowest, highest = attribute.ends
    numbers = np.clip(np.array([number_of(value) for value in values]), lowest, highest)
    low, high = attribute.bounds.T
    outside = np.maximum(low - numbers[:, np.newaxis], numbers[:, np.newaxis] - high)
    distances = np.maximum(outside / ((highest - lowest) or 1.0), _LEAST)
    return np.where(_find_covered(attribute, numbers, outside), 0.0, distances)


def _find_boxes(boxes: Boxes, frame: pd.DataFrame) -> Codes:
    distances, codes = [], []
    for attribute in boxes.attributes:
        values = frame[attribute.name].cat
        present, places = np.unique(values.codes, return_inverse=True)
        distances.append(measure_distances(attribute, values.categories[present].tolist()))
        codes.append(places)
    groups = group(np.stack(codes, axis=1))
    order = np.lexsort((-boxes.sizes, boxes.costs))
    total = np.zeros((len(groups.tuples), len(order)))
    for each, rows, labels in zip(distances, groups.tuples.T, boxes.places[order].T, strict=True):
        total += each[rows[:, np.newaxis], labels]
    return np.asarray(order[total.argmin(axis=1)][groups.members])


def _describe_attribute(domain: ShownDomain, nodes: Nodes, column: Mapping[str, Any]) -> Attribute:
    labels = domain.labels_of(nodes)
    is_text = column["type"] == "category"
    known: dict[str, npt.NDArray[np.bool_]] = {}
    whole = domain.whole if isinstance(domain, Sets) else domain
    has_ranges = isinstance(domain, Sets) and domain.places.has_ranges and not _is_listed(column)
    if isinstance(whole, Hierarchy) and (
        is_text or _is_listed(column) or (isinstance(domain, Sets) and not has_ranges)
    ):
        values = whole.labels[: whole.leaf_count]
        known = dict(zip(values, find_covered(domain, nodes).T, strict=True))
    if is_text:
        no_values = {*known, *whole.labels} if isinstance(whole, Hierarchy) else {*known}
        known |= _cover_unseen(column, domain.attribute, labels, no_values)
        return Attribute(
            domain.attribute, column, labels, domain.root_label, np.empty((0, 2)), known, []
        )
    ends = domain.bounds_of(np.array([domain.root]))[0].tolist()
    bounds = domain.bounds_of(nodes)
    known.pop(MISSING, None)
    return Attribute(
        domain.attribute, column, labels, domain.root_label, bounds, known, ends, has_ranges
    )


def _is_listed(column: Mapping[str, Any]) -> bool:
    return bool({"tree", "file"} & set(column.get("hierarchy", {})))


def _cover_unseen(
    column: Mapping[str, Any], name: str, labels: Sequence[str], others: set[str]
) -> dict[str, npt.NDArray[np.bool_]]:
    """Return which labels cover the values that the encoding has and no training record had.

    Parameters
    ----------
    others : what the encoding has beside them, values that a record had and labels.
    """
    covered = {}
    unseen = [value for value in column["encoding"] if value not in others]
    places = {label: place for place, label in enumerate(labels)}
    for tree in _build_trees(name, unseen, column):
        for value, nodes in zip(tree.labels, tree.ancestors, strict=False):
            is_above = np.zeros(len(labels), dtype=bool)
            is_above[[places[label] for label in tree.labels_of(nodes) if label in places]] = True
            covered[value] = is_above
    return covered


def _build_trees(
    name: str, values: Sequence[str], column: Mapping[str, Any]
) -> Iterator[Hierarchy]:
    """Return trees of all values that the hierarchy places; the others are mere labels.

    Building a tree reads the whole hierarchy, so it is done for many values at a time.
    """
    if not values:
        return
    try:
        tree = build_domain(name, values, column, column.get("hierarchy", {}).get("file"))
    except UserError:
        if len(values) > 1:
            middle = len(values) // 2
            yield from _build_trees(name, values[:middle], column)
            yield from _build_trees(name, values[middle:], column)
        return
    assert isinstance(tree, Hierarchy)  # Only numbers have ranges.
    yield tree


def _find_covered(
    attribute: Attribute, numbers: Distances, outside: Distances
) -> npt.NDArray[np.bool_]:
    """Array (numbers, labels): whether each label covers each number."""
    if attribute.known:
        values = np.array([number_of(value) for value in attribute.known])
        nearest = np.abs(numbers[:, np.newaxis] - values).argmin(axis=1)
        return np.asarray(np.stack([*attribute.known.values()])[nearest])
    present, places = np.unique(numbers, return_inverse=True)
    texts = [write_value(number, attribute.column["type"]) for number in present.tolist()]
    domain = build_domain(attribute.name, texts, attribute.column)
    if attribute.has_ranges or isinstance(domain, Ranges):
        return np.asarray((outside <= 0) | (np.array(attribute.labels) == attribute.root))
    nodes = domain.find_nodes(attribute.labels)
    return np.asarray((domain.ancestors[..., np.newaxis] == nodes).any(axis=1)[places])
