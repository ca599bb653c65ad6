"""Regrouping window by window: what is done in all windows at once, one after the other."""

from functools import reduce
from itertools import chain
from operator import add

import numpy as np
from tests.unit.plain_ncp_mondrian import Column


def regroup(leaves, rules, domains, classes, tops, window):
    """The classes, as lists of tuples in their row, of hierarchies without limits and of ranges."""
    columns = [Column(domain, own) for domain, own in zip(domains, leaves, strict=True)]
    made = []
    for before in list_windows(classes, tops, window):
        members, after = sorted(chain(*before)), before
        if len(members) <= 2 * window and rules.counts[members].sum() >= 2 * rules.k:
            after = grow(members, columns, rules)
        is_better = all(is_allowed(own, rules) for own in after)
        is_better &= lose(after, columns, rules) < lose(before, columns, rules) - 1e-7
        made += after if is_better else before
    return sorted(made, key=lambda own: np.average(classes[own], weights=rules.counts[own]))


def list_windows(classes, tops, window):
    """The classes of each window, as lists of tuples."""
    windows, end = {}, 0
    for number in range(max(classes) + 1):
        own = np.flatnonzero(classes == number).tolist()
        end += len(own)
        windows.setdefault((tops[own[0]], (end - 1) // window), []).append(own)
    return windows.values()


def grow(members, columns, rules):
    """Classes that grow one after the other; the last one joins the others if it is not allowed."""
    left, classes, nearest = list(members), [], {}
    distances = dict.fromkeys(members, 0.0)
    while left:
        own = []
        while left and not is_allowed(own, rules):
            choose = min if own else max
            own.append(choose(left, key=distances.get))
            left.remove(own[-1])
            distances = {each: measure(own, each, columns) for each in members}
        if not is_allowed(own, rules):
            break
        classes.append(own)
        for each in members:
            widening = distances[each] - distances[own[-1]]
            if each not in nearest or widening < nearest[each][0]:
                nearest[each] = widening, own
    if not classes:
        return [own]
    for each in [] if own in classes else own:
        nearest[each][1].append(each)
    return classes


def is_allowed(own, rules):
    members = np.zeros(len(own), dtype=np.intp)
    return bool(own) and rules.are_allowed(np.array(own), members).all()


def measure(own, other, columns):
    """How far a tuple is from a class, but for a number that all tuples have in common."""
    ranges = [
        column.measure([*own, other]) * column.weight for column in columns if not column.is_set
    ]
    sets = [measure_set(own, other, column) for column in columns if column.is_set]
    # The floats are added in this order.
    return reduce(add, [reduce(add, each) for each in (ranges, sets) if each])


def measure_set(own, other, column):
    present = {*column.units[own].tolist()}
    if column.units[other] in present:
        return 0.0
    return (2 if len(present) == 1 else 1) * column.weight


def lose(classes, columns, rules):
    return sum(
        rules.counts[own].sum() * column.measure(own) * column.weight
        for own in classes
        for column in columns
    )
