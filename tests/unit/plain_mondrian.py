"""Mondrian part by part: what the method does to all parts at once, one after the other."""

import numpy as np

from anonify.domains.ranges import Ranges
from anonify.recoding.recoding import roots
from anonify.recoding.requirements import ClassRules


def anonymize(tuples, counts, domains, k, requirements=(), people=None):
    """Array (m, d): the nodes of each tuple; see `anonify.methods.mondrian.anonymize`."""
    rules = ClassRules(counts, k, requirements, people)
    nodes = np.tile(roots(domains), (len(tuples), 1))
    parts = [np.arange(len(tuples))]
    while parts:
        part = parts.pop()
        for attribute, domain in enumerate(domains):
            if isinstance(domain, Ranges):
                nodes[part, attribute] = cover(domain, tuples[part, attribute])
        for attribute, node, child in split(part, nodes[part[0]], tuples, domains, rules):
            nodes[child, attribute] = node
            parts.append(child)
    return nodes


def split(part, node, tuples, domains, rules):
    widths = [domain.loss_of(node[[place]])[0] for place, domain in enumerate(domains)]
    for attribute in np.argsort(-np.array(widths), kind="stable"):
        domain, leaves = domains[attribute], tuples[part, attribute]
        if isinstance(domain, Ranges):
            nodes = halve(domain, leaves, rules.counts[part])
        else:
            nodes = descend(domain, node[attribute], leaves)
        if nodes is None:
            continue
        present, members = np.unique(nodes, return_inverse=True)
        if rules.are_allowed(part, members).all():
            children = [part[members == place] for place in range(len(present))]
            return [(attribute, *each) for each in zip(present, children, strict=True)]
    return []


def descend(hierarchy, node, leaves):
    if node < hierarchy.leaf_count:
        return None
    paths = hierarchy.ancestors[leaves]
    below = (paths == node).argmax(axis=1) - 1
    return np.take_along_axis(paths, below[:, np.newaxis], axis=1)[:, 0]


def halve(ranges, leaves, counts):
    present, members = np.unique(ranges.places[leaves], return_inverse=True)
    if len(present) == 1:
        return None
    if leaves.max() >= len(ranges.numbers):
        cut = present[-2]
    else:
        records = np.bincount(members, weights=counts).cumsum()
        cut = present[min(int(np.searchsorted(records, records[-1] / 2)), len(present) - 2)]
    is_low = ranges.places[leaves] <= cut
    return np.where(is_low, cover(ranges, leaves[is_low]), cover(ranges, leaves[~is_low]))


def cover(ranges, leaves):
    return ranges.join(leaves.min(keepdims=True), leaves.max(keepdims=True))[0]
