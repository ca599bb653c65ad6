"""What tests of the clustering methods share: two domains, and distances tuple by tuple."""

from functools import cache, reduce
from operator import add

import numpy as np

from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy

# Values of a pair are 2/8 apart, all others 8/8.
PAIRS = build_hierarchy(
    "letter", list("abcdefgh"), {"tree": {f"{x}{y}": [x, y] for x, y in ("ab", "cd", "ef", "gh")}}
)
# The NCP of a range is a tenth of its width.
TENTHS = Ranges("number", tuple(map(str, range(11))))


class Tuples:
    """Joins and NCP of one tuple at a time."""

    def __init__(self, domains):
        self.domains = domains
        self.join_nodes = cache(self.join_nodes)

    def join_nodes(self, attribute, node, other):
        joined = self.domains[attribute].join(np.array([node]), np.array([other]))
        return int(joined[0])

    def join(self, nodes, others):
        places = range(len(self.domains))
        return [self.join_nodes(*each) for each in zip(places, nodes, others, strict=True)]

    def ncp(self, nodes):
        columns = zip(self.domains, nodes, strict=True)
        # The floats are added in this order: sum() adds more exactly from Python 3.12 on.
        return reduce(add, [float(domain.ncp_of(np.array([node]))[0]) for domain, node in columns])

    def distance(self, nodes, others):
        return self.ncp(self.join(nodes, others))
