"""NCP-Mondrian part by part: what the method does to all parts at once, one after the other."""

from functools import reduce
from operator import add

import numpy as np

from anonify.base.values import MISSING
from anonify.domains.ranges import Ranges
from anonify.recoding.requirements import ClassRules

CANDIDATES = 8


def divide(tuples, counts, domains, k, requirements=(), people=None):
    """The classes, as lists of tuples in any order, of hierarchies without limits and of ranges."""
    rules = ClassRules(counts, k, requirements, people)
    columns = [Column(domain, leaves) for domain, leaves in zip(domains, tuples.T, strict=True)]
    parts, classes = [np.arange(len(tuples))], []
    while parts:
        part = parts.pop()
        halves = cut(part, columns, rules)
        if halves:
            parts += halves
        else:
            classes.append(sorted(part.tolist()))
    return classes


def cut(part, columns, rules):
    candidates = [
        candidate
        for column in columns
        for order in column.list_orders(part, rules.counts)
        if (candidate := find_best(part, column, order, rules))
    ]
    best = sorted(range(len(candidates)), key=lambda place: -candidates[place][0])[:CANDIDATES]
    halves = [candidates[place][1] for place in sorted(best)]
    for pair in sorted(halves, key=lambda pair: price(pair, columns, rules.counts)):
        members = np.repeat([0, 1], [len(half) for half in pair])
        if rules.are_allowed(np.concatenate(pair), members).all():
            return pair
    return None


def find_best(part, column, order, rules):
    """The gain of the first best cut along an order, and the halves that it makes."""
    found = None
    for place in range(1, len(order)):
        is_first = np.isin(column.units[part], order[:place])
        halves = [part[is_first], part[~is_first]]
        records = [rules.counts[half].sum() for half in (part, *halves)]
        whole, first, second = (
            number * column.measure(each)
            for number, each in zip(records, (part, *halves), strict=True)
        )
        gain = (whole - first - second) * column.weight
        if min(records[1:]) >= rules.k and (found is None or gain > found[0]):
            found = (gain, halves)
    return found


def price(halves, columns, counts):
    costs = [
        counts[half].sum() * column.measure(half) * column.weight
        for column in columns
        for half in halves
    ]
    # The floats are added in this order: sum() adds more exactly from Python 3.12 on.
    return reduce(add, costs, 0.0)


class Column:
    """One attribute: the unit of each tuple, from 0 in their order."""

    def __init__(self, domain, leaves):
        values = domain.labels_of(np.arange(domain.leaf_count))
        numbers = [value for value in values if value != MISSING]
        self.is_set = not all(value.lstrip("-").isdecimal() for value in numbers)
        self.span = float(domain.leaf_count)
        self.ends = None
        if isinstance(domain, Ranges):
            edges = [float(edge) for edge in domain.edges or domain.values if edge != MISSING]
            self.span = (max(edges) - min(edges) if edges else 0) or 1.0
            self.ends = edges if domain.edges else None
            self.numbers = [float(number) for number in numbers]
            self.units = domain.places[leaves]
        else:
            order = range(len(values))
            if not self.is_set:
                order = sorted(
                    order,
                    key=lambda leaf: (values[leaf] == MISSING, values[leaf] and int(values[leaf])),
                )
            self.numbers = [*range(len(numbers))]
            self.units = np.argsort(order)[leaves]
        self.is_ranges = isinstance(domain, Ranges)
        self.weight = domain.importance / self.span

    def list_orders(self, part, counts):
        present = sorted({*self.units[part].tolist()})
        yield present
        if self.is_set:
            records = {unit: counts[part[self.units[part] == unit]].sum() for unit in present}
            yield sorted(present, key=lambda unit: (-records[unit], unit))

    def measure(self, part):
        present = {*self.units[part].tolist()}
        low, high = min(present), max(present)
        if self.is_set:
            return 0.0 if len(present) == 1 else float(len(present))
        places = len(self.ends) - 1 if self.ends else len(self.numbers)
        if high >= places:
            return 0.0 if low == high else self.span
        if self.ends:
            return self.ends[high + 1] - self.ends[low]
        if low == high:
            return 0.0
        return self.numbers[high] - self.numbers[low] + (0.0 if self.is_ranges else 1.0)
