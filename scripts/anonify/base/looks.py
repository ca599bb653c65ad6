"""How methods look wherever they are drawn: each has a colour, a sign and dashes of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

# The palette of Okabe and Ito for colour-blind readers without its yellow, which is pale on white,
# and three more that stay as far from all others for those who see no red or no green.
COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#882255",
    "#785EF0",
    "#5A2D00",
)
# One more than colours: where a colour comes again, it comes with another marker.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "p", "<", ">")
# In widths of the line: drawn, not drawn, and so on.
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (6, 1.5),
    (6, 1.5, 1.5, 1.5),
    (3, 1.5),
    (10, 2),
    (1.5, 1.5),
    (10, 2, 2, 2),
    (6, 1.5, 1.5, 1.5, 1.5, 1.5),
    (3, 1.5, 1.5, 1.5),
    (3, 1.5, 1.5, 1.5, 1.5, 1.5),
)


@dataclass(frozen=True)
class Look:
    """How something is drawn.

    Parameters
    ----------
    colour : as ``#RRGGBB``.
    marker : the sign of its points, by Matplotlib's names.
    dashes : of its line, in widths of the line: drawn, not drawn, and so on; () for a whole one.
    """

    colour: str
    marker: str
    dashes: tuple[float, ...]


def _make_look(place: int) -> Look:
    return Look(
        COLOURS[place % len(COLOURS)],
        MARKERS[place % len(MARKERS)],
        DASHES[place % len(DASHES)],
    )


METHOD_LOOKS = {
    name: _make_look(place)
    for place, name in enumerate(
        (
            "arx",
            "mondrian",
            "oka",
            "ola",
            "greedy",
            "knn_clustering",
            "k_member",
            "top_down_greedy",
            "optimal",
            "ncp_mondrian",
        )
    )
}
"""The looks of our methods, which are the same in every run."""


def choose_looks(methods: Iterable[str]) -> dict[str, Look]:
    """Return how each of some methods looks; others than ours have what ours leave free.

    >>> choose_looks(["mondrian", "arx"])["arx"].colour, choose_looks(["arx"])["arx"].colour
    ('#0072B2', '#0072B2')
    """
    names = list(dict.fromkeys(methods))
    taken = [METHOD_LOOKS[name] for name in names if name in METHOD_LOOKS]
    free = (look for look in map(_make_look, count()) if look not in taken)
    return {name: METHOD_LOOKS.get(name) or next(free) for name in names}
