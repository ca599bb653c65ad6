"""Intervals: levels of a hierarchy over numbers, as a dataset's description gives them.

A level is ``{start, width}`` or ``{edges}``, with ``open_below`` and ``open_above`` where its
first and last interval have no end. Every interval is closed below and open above.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt

from anonify.base.values import ROOT, is_number
from anonify.base.words import quote, shorten

Numbers = npt.NDArray[np.float64]
Level = Mapping[str, Any]

_FIELDS = ("low", "high", "last")
_INTEGER = re.compile("-?[0-9]+")
# Up to here all whole numbers are told apart as floating-point numbers of 64 bits.
_MOST_EXACT = 2**53
_SHORTER = (
    "take them for texts, `type: category`, with `prefixes` or another hierarchy, or leave digits "
    "out"
)
# An opening as near to the grid as this share of a width lies on it.
_SLACK = 1e-9


def label_intervals(values: Sequence[str], levels: Sequence[Level]) -> list[list[str]]:
    """Return for each level the label of the interval that each value lies in."""
    numbers = np.array(values, dtype=float)
    return [_label_bounds(_find_bounds(numbers, level), level) for level in levels]


def find_wrong_intervals(values: Sequence[str], levels: Sequence[Level]) -> list[str]:
    """Say what keeps levels from being a hierarchy over the values."""
    mistakes = [
        f"the value {quote(value)} is no number, so it lies in no interval; mend it, or give the "
        "attribute a `tree`"
        for value in values
        if not (is_number(value) and np.isfinite(float(value)))
    ]
    mistakes += _find_too_long(values)
    mistakes += [
        f"level {number} of `intervals`: {mistake}"
        for number, level in enumerate(levels, start=1)
        for mistake in [*_find_wrong_ends(level)] or [*_find_wrong_labels(values, level)]
    ]
    if mistakes:
        return mistakes
    numbers = np.array(values, dtype=float)
    bounds = [_find_bounds(numbers, level) for level in levels]
    return [
        *_find_values_outside(values, bounds, levels),
        *_find_empty_intervals(values, bounds, levels),
        *_find_cuts(bounds, levels),
        *_find_ambiguous_labels(bounds, levels),
    ]


def find_alike(values: Sequence[str]) -> list[str]:
    """Say which two values, if any, are too long to be told apart as numbers.

    Parameters
    ----------
    values : rising.

    >>> find_alike(["5", "9007199254740993"])
    []
    """
    pairs = ((low, high) for low, high in pairwise(values) if float(low) == float(high))
    return [f"the numbers {low} and {high} are not told apart; {_SHORTER}" for low, high in pairs][
        :1
    ]


def _find_too_long(values: Sequence[str]) -> list[str]:
    """Say which value, if any, is a whole number of too many digits to be reckoned with."""
    is_whole = map(_INTEGER.fullmatch, values)
    return [
        f"the whole number {shorten(value)} is beyond {_MOST_EXACT:,}, up to which intervals are "
        f"exact; {_SHORTER}"
        for value, whole in zip(values, is_whole, strict=True)
        if whole and not -_MOST_EXACT <= Decimal(value) <= _MOST_EXACT
    ][:1]


def list_edges(values: Sequence[str], rule: Level) -> list[str]:
    """Return the edges at which ranges over the values end, rising, as labels show them.

    Where all edges are given, it is these; else those around the values, of which the last one is
    the largest value where that is an edge.

    >>> list_edges(["18", "34", "40"], {"start": 0, "width": 10})
    ['10', '20', '30', '40']
    """
    if "edges" in rule:
        return [_spell(edge) for edge in rule["edges"]]
    if not values:
        return []
    numbers = np.array(values, dtype=float)
    bounds = _find_bounds(numbers, rule)
    is_last = numbers == bounds[:, 0].max()
    below = np.nextafter(numbers[is_last], -np.inf)
    bounds[is_last] = _find_bounds(below, rule)
    return [_spell(edge) for edge in np.unique(bounds).tolist()]


def find_wrong_edges(values: Sequence[str], rule: Level) -> list[str]:
    """Say what keeps the edges from being those of ranges over the values, which rise."""
    if mistakes := [*_find_wrong_ends(rule), *_find_too_long(values)]:
        return mistakes
    if "edges" not in rule:
        bounds = _find_bounds(np.array(values, dtype=float), rule)
        return [
            f"the width {rule['width']} cannot tell {values[row]} from its neighbours; take a "
            "wider one"
            for row in np.flatnonzero(~(bounds[:, 0] < bounds[:, 1]))[:1].tolist()
        ]
    edges = [float(edge) for edge in list_edges(values, rule)]
    if any(high <= low for low, high in pairwise(edges)):
        return [f"some of the edges {rule['edges']} are too near to each other; leave them out"]
    below = [value for value in values[:1] if float(value) < edges[0]]
    above = [value for value in values[-1:] if float(value) > edges[-1]]
    return [
        f"the value {value} lies {side} the edges {edges[0]:.12g} to {edges[-1]:.12g}; add an edge "
        f"{side} it, or give the column `{key}: {end:.12g}`"
        for found, side, key, end in (
            (below, "below", "bottom", edges[0]),
            (above, "above", "top", edges[-1]),
        )
        for value in found
    ]


def _find_bounds(numbers: Numbers, level: Level) -> Numbers:
    """Array (numbers, 2): the ends of the interval that each number lies in.

    An end is infinite where the interval is open, and not a number where there is no interval.
    """
    if "edges" in level:
        ends = _list_ends(level)
        places = np.searchsorted(ends, numbers, side="right")
        ends = np.concatenate([[np.nan], ends, [np.nan]])
        return _round(np.stack([ends[places], ends[places + 1]], axis=1))
    start, width = level["start"], level["width"]
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.floor((numbers - start) / width)
        # 0.3 begins the interval 0.3-0.4 although 0.3 / 0.1 is a little less than 3.
        low, high = _round(start + np.stack([steps, steps + 1]) * width)
        steps += (numbers >= high).astype(float) - (numbers < low)
        bounds = _round(start + np.stack([steps, steps + 1], axis=1) * width)
    if "open_below" in level:
        is_below = steps < np.rint((level["open_below"] - start) / width)
        bounds[is_below] = -np.inf, level["open_below"]
    if "open_above" in level:
        is_above = steps >= np.rint((level["open_above"] - start) / width)
        bounds[is_above] = level["open_above"], np.inf
    return bounds


def _list_ends(level: Level) -> Numbers:
    """Return where the intervals of a level with edges begin and end, from low to high."""
    below, above = level.get("open_below"), level.get("open_above")
    edges = [
        edge
        for edge in level["edges"]
        if (below is None or edge >= below) and (above is None or edge <= above)
    ]
    lowest = [] if below is None else [-np.inf]
    highest = [] if above is None else [np.inf]
    return np.array([*lowest, *edges, *highest], dtype=float)


def _round(bounds: Numbers) -> Numbers:
    """Round to the digits that labels show: what is labelled alike is the same."""
    ends, places = np.unique(bounds, return_inverse=True)
    return np.array([float(_spell(end)) for end in ends.tolist()])[places].reshape(bounds.shape)


def _spell(number: float) -> str:
    """Return a number as labels show it: twelve digits, whole numbers with all of theirs.

    >>> _spell(0.1 + 0.2), _spell(20.0), _spell(1e15 + 1000)
    ('0.3', '20', '1000000000001000')
    """
    is_long = abs(number) >= 1e12 and np.isfinite(number)
    return str(int(number)) if is_long else f"{number:.12g}"


def _label_bounds(bounds: Numbers, level: Level) -> list[str]:
    lows, first = np.unique(bounds[:, 0], return_index=True)
    labels = [_write(low, high, level.get("label")) for low, high in bounds[first].tolist()]
    label_of = dict(zip(lows.tolist(), labels, strict=True))
    if "labels" in level:
        lows = _round(_list_ends(level)[:-1])
        label_of = dict(zip(lows.tolist(), level["labels"], strict=True))
    return [label_of[low] for low in bounds[:, 0].tolist()]


def _write(low: float, high: float, label: str | None = None) -> str:
    """Return the label of an interval.

    >>> _write(10, 20), _write(10, 20, "{low} to {last}"), _write(-np.inf, 10), _write(90, np.inf)
    ('10-20', '10 to 19', '<10', '>=90')
    """
    if low == -np.inf:
        return f"<{_spell(high)}"
    if high == np.inf:
        return f">={_spell(low)}"
    if label is None:
        return f"{_spell(low)}-{_spell(high)}"
    return label.format(low=_spell(low), high=_spell(high), last=_spell(high - 1))


def _list_numbers(level: Level) -> list[float]:
    keys = ("start", "width", "open_below", "open_above")
    return [*(level[key] for key in keys if key in level), *level.get("edges", [])]


def _find_wrong_ends(level: Level) -> Iterator[str]:
    numbers, edges = _list_numbers(level), level.get("edges", [])
    if not np.isfinite(np.array(numbers, dtype=float)).all():
        yield f"the numbers {numbers} are not all finite; give finite ones"
        return
    for number in numbers:
        if float(number) != number:
            yield f"the number {number} has too many digits; give {float(number):.0f}, or fewer"
            return
    if any(high <= low for low, high in pairwise(edges)):
        yield f"the edges {edges} do not rise; sort them"
        return
    for key in ("open_below", "open_above"):
        if key in level:
            yield from _find_wrong_opening(key, level)
    if "open_below" in level and level["open_below"] > level.get("open_above", np.inf):
        yield (
            f"`open_below: {level['open_below']}` is more than `open_above: "
            f"{level['open_above']}`; swap them"
        )


def _find_wrong_opening(key: str, level: Level) -> Iterator[str]:
    number = level[key]
    if "edges" in level:
        if number not in level["edges"]:
            yield (
                f"`{key}: {number}` is none of the edges {level['edges']}; give one of them, or "
                "add it to them"
            )
        return
    step = (number - level["start"]) / level["width"]
    if abs(step - np.rint(step)) > _SLACK:
        regular = {"start": level["start"], "width": level["width"]}
        low, high = _find_bounds(np.array([number], dtype=float), regular)[0]
        yield f"`{key}: {number}` cuts the interval {_write(low, high)}; give one of its ends"


def _find_wrong_labels(values: Sequence[str], level: Level) -> Iterator[str]:
    if "label" in level and "labels" in level:
        yield "it has both `label` and `labels`; keep one of them"
    elif "label" in level:
        yield from _find_wrong_fields(values, level)
    elif "labels" in level:
        yield from _find_wrong_names(level)


def _find_wrong_names(level: Level) -> Iterator[str]:
    if "edges" not in level:
        yield "`labels` need `edges`; give those in place of `start` and `width`, or a `label`"
        return
    intervals = [_write(low, high) for low, high in pairwise(_list_ends(level))]
    if len(level["labels"]) != len(intervals):
        yield (
            f"it has {len(level['labels'])} `labels` for the intervals {', '.join(intervals)}; "
            "give one for each"
        )
    if ROOT in level["labels"]:
        yield f"{ROOT!r} among its `labels` is that of the root; use another one"


def _find_wrong_fields(values: Sequence[str], level: Level) -> Iterator[str]:
    try:
        fields = _list_fields(level["label"])
    except ValueError:
        yield (
            f"`label` {level['label']!r} has a brace without its partner; write {{low}}, {{high}} "
            "or {last}"
        )
        return
    unknown = [field for field in fields if field not in _FIELDS]
    if unknown:
        yield f"`label` has the unknown field {{{unknown[0]}}}; use {{low}}, {{high}} or {{last}}"
    if "last" in fields:
        broken = [str(number) for number in _list_numbers(level) if number != np.rint(number)]
        broken += [value for value in values if not _INTEGER.fullmatch(value)]
        if broken:
            yield (
                f"`label` has {{last}}, the last whole number of an interval, but {broken[0]} is "
                "no whole number; use {high}, or whole numbers and `type: integer`"
            )


def _list_fields(label: str) -> list[str]:
    """Return what stands between braces.

    >>> _list_fields("{low} to {high:.1f}")
    ['low', 'high:.1f']
    """
    return [
        name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        for _, name, form, conversion in Formatter().parse(label)
        if name is not None
    ]


def _find_values_outside(
    values: Sequence[str], bounds: Sequence[Numbers], levels: Sequence[Level]
) -> Iterator[str]:
    for number, (ends, level) in enumerate(zip(bounds, levels, strict=True), start=1):
        for row in np.flatnonzero(np.isnan(ends).any(axis=1)).tolist():
            edges = [end for end in _list_ends(level) if np.isfinite(end)]
            side, end = ("below", edges[0]) if np.isnan(ends[row, 0]) else ("above", edges[-1])
            yield (
                f"the value {values[row]} lies outside the edges {edges[0]:.12g} to "
                f"{edges[-1]:.12g} of level {number}; add an edge {side} it, or "
                f"`open_{side}: {end:.12g}`"
            )


def _find_empty_intervals(
    values: Sequence[str], bounds: Sequence[Numbers], levels: Sequence[Level]
) -> Iterator[str]:
    """Say where a level is finer than numbers are written."""
    for number, (ends, level) in enumerate(zip(bounds, levels, strict=True), start=1):
        is_empty = ends[:, 0] >= ends[:, 1]
        if is_empty.any():
            what = f"width {level['width']}" if "width" in level else f"edges {level['edges']}"
            yield (
                f"level {number} of `intervals`: the {what} cannot tell "
                f"{values[int(is_empty.argmax())]} from its neighbours; take wider intervals"
            )


def _find_cuts(bounds: Sequence[Numbers], levels: Sequence[Level]) -> Iterator[str]:
    for number, (inner, outer) in enumerate(pairwise(levels), start=2):
        if _strip_labels(inner) == _strip_labels(outer):
            yield f"level {number} of `intervals` repeats level {number - 1}; leave one of them out"
            continue
        intervals = _list_distinct(bounds[number - 1])
        if "edges" in outer:
            # Also those that no value lies in.
            intervals = np.array([*pairwise(_round(_list_ends(outer)))])
        reached = np.stack([_find_bounds(ends, inner) for ends in intervals.T], axis=1)
        is_cut = (reached[..., 0] < intervals) & (intervals < reached[..., 1])
        if is_cut.any():
            row, side = np.argwhere(is_cut)[0]
            yield (
                f"the interval {_write(*intervals[row])} of level {number} cuts "
                f"{_write(*reached[row, side])} of level {number - 1}; order the levels from "
                f"narrow to wide, and make every edge of level {number} an edge of level "
                f"{number - 1}"
            )


def _list_distinct(bounds: Numbers) -> Numbers:
    """Return each interval once, from low to high."""
    known = bounds[~np.isnan(bounds).any(axis=1)]
    return known[np.unique(known[:, 0], return_index=True)[1]]


def _strip_labels(level: Level) -> Level:
    return {key: value for key, value in level.items() if key not in ("label", "labels")}


def _find_ambiguous_labels(bounds: Sequence[Numbers], levels: Sequence[Level]) -> Iterator[str]:
    seen: dict[str, tuple[int, tuple[float, float]]] = {}
    for number, (ends, level) in enumerate(zip(bounds, levels, strict=True), start=1):
        known = _list_distinct(ends)
        labels = _label_bounds(known, level)
        for label, low, high in zip(labels, *known.T.tolist(), strict=True):
            interval = (low, high)
            first, other = seen.setdefault(label, (number, interval))
            if other != interval:
                yield (
                    f"the label {label!r} stands for {_write(*other)} on level {first} and for "
                    f"{_write(*interval)} on level {number}; give each interval a label of its own"
                )
                break
