"""The trade-off for choosing: its points one by one, the limit as a line, and what keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml
from markupsafe import Markup

from anonify.base.looks import Look, choose_looks
from anonify.base.words import MEASURES, capitalize, format_number, name_method
from anonify.measures.trade_off import RISKS, find_cheapest, keeps_limit, name_front
from anonify.report.sentences import say_choice
from anonify.report.verdict import mark

# In units of the drawing, which are a pixel or a little more: the whole, and what axes take of it.
WIDTH, HEIGHT = 440, 400
LEFT, RIGHT, TOP, BOTTOM = 46, 56, 12, 44

LEAST_TIMES = 5
"""Times the lowest risk that an axis reaches at least, so that nothing looks like something."""

MOST_TICKS = 9

LIMITED = ("prosecutor_risk_highest", "journalist_risk_highest")
"""Risks of which each person has one, so that the limit is one for them."""

_PLUS = "M-1.7-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z"
_SQUARE = "M-3.8-3.8h7.6v7.6h-7.6z"
_TRIANGLE = "M0-5L4.7 3.8H-4.7z"
SHAPES = {
    "o": ("M-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0-8.4 0z", 0),
    "s": (_SQUARE, 0),
    "^": (_TRIANGLE, 0),
    "D": (_SQUARE, 45),
    "v": (_TRIANGLE, 180),
    "P": (_PLUS, 0),
    "X": (_PLUS, 45),
    "*": ("M0-5.8L1.5-2L5.5-1.8L2.4.8L3.4 4.7L0 2.5L-3.4 4.7L-2.4.8L-5.5-1.8L-1.5-2z", 0),
    "p": ("M0-5L4.8-1.5L2.9 4H-2.9L-4.8-1.5z", 0),
    "<": (_TRIANGLE, 270),
    ">": (_TRIANGLE, 90),
}
"""Outlines of the markers of :mod:`anonify.base.looks`, and by how many degrees they are turned."""


@dataclass(frozen=True)
class Mark:
    """A point: the row of the table, where it is, and what it says to those who do not see it."""

    row: int
    x: float
    y: float
    text: str
    is_on_front: bool
    is_above: bool


@dataclass(frozen=True)
class Series:
    """The points of a method and a deletion, from the least k to the greatest.

    Parameters
    ----------
    name : of the method, as it is written in a configuration.
    marker : place of its sign in ``SHAPES``.
    path : the line over k, as ``polyline`` takes it.
    """

    name: str
    colour: str
    fill: str
    marker: int
    dashes: str
    path: str
    marks: list[Mark]


@dataclass(frozen=True)
class Tick:
    """A number beside an axis."""

    place: float
    text: str


@dataclass(frozen=True)
class Chart:
    """The drawing for one risk."""

    risk: str
    title: str
    heading: str
    answer: Markup
    series: list[Series]
    across: list[Tick]
    up: list[Tick]
    front: str
    limit: float | None
    chosen: Sequence[float] | None


@dataclass(frozen=True)
class Choice:
    """What the page shows for choosing.

    Parameters
    ----------
    settings : lines of configuration for the setting that keeps the limit at the least loss; empty
        where none does.
    first : row of the table that is read first.
    methods : title, colour, dashes and marker of each.
    deletions : per cent and shade of each.
    """

    charts: list[Chart]
    limit: str
    settings: str
    first: int
    methods: list[tuple[str, str, str, int]]
    deletions: list[tuple[int, str]]

    shapes: ClassVar = tuple(SHAPES.values())
    size: ClassVar = {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "top": TOP,
        "bottom": BOTTOM,
    }


def make_choice(table: pd.DataFrame, configuration: Mapping[str, Any]) -> Choice | None:
    """Make what the page shows for choosing of the trade-off; None where nobody is at risk.

    Parameters
    ----------
    table : the trade-off; losses and risks may be rounded, counts masked.
    configuration : of the run; without a ``risk_limit`` the limit is that of the release's k.
    """
    table = table.reset_index(drop=True)
    stated = configuration["risk_limit"]
    limit = 100 / configuration["release"]["k"] if stated is None else stated
    charts = [_draw_chart(table, risk, limit, stated is not None) for risk in RISKS]
    if not all(chart.series for chart in charts[:1]):
        return None
    best = find_cheapest(table, RISKS[0], limit)
    is_read = table["is_chosen"] & (table[RISKS[0]] > 0)
    shades = _share_white(table["deletion"])
    return Choice(
        [chart for chart in charts if chart.series],
        format_number(limit),
        "" if best is None else write_settings(table.to_dict("records")[best]),
        int(is_read.argmax()) if best is None else best,
        [
            (name_method(method), look.colour, _write_dashes(look), _place(look))
            for method, look in choose_looks(table["method"]).items()
        ],
        [(deletion, _fade("#666666", share)) for deletion, share in shades.items()],
    )


def write_settings(row: Mapping[Any, Any]) -> str:
    """Return the lines of a run's configuration that choose a row of the trade-off.

    >>> print(write_settings({"method": "arx", "k": 12, "deletion": 0}))
    release: {method: arx, k: 12}
    shown_deletion: 0
    """
    settings = {
        "release": {"method": str(row["method"]), "k": int(row["k"])},
        "shown_deletion": int(row["deletion"]),
    }
    return yaml.safe_dump(settings, sort_keys=False, default_flow_style=None, width=1000).strip()


def _write_scalar(text: str) -> str:
    """Return a text as it is written in a list of YAML."""
    return yaml.safe_dump([text], default_flow_style=True, width=1000).strip()[1:-1]


def _draw_chart(table: pd.DataFrame, risk: str, limit: float, is_stated: bool) -> Chart:
    at_risk = table[(table[risk] > 0) & table["loss"].notna()]
    is_limited = risk in LIMITED
    risks = [*at_risk[risk], *([limit] if is_limited else [])]
    across = _Scale(0.0, max([1.0, *at_risk["loss"]]), LEFT, WIDTH - RIGHT)
    up = _Scale(*_span(risks), HEIGHT - BOTTOM, TOP, is_logarithmic=True)
    placed = at_risk.assign(
        row=at_risk.index,
        x=across.place(at_risk["loss"]).round(1),
        y=up.place(at_risk[risk]).round(1),
        is_above=is_limited & ~keeps_limit(at_risk[risk], limit),
    )
    front = placed[placed[name_front(risk)]].sort_values(["x", "y"])
    chosen = placed[placed["is_chosen"]][["x", "y"]].to_numpy().tolist()
    answer = say_choice(table, risk, limit, is_stated) if is_limited else _say_unlimited(risk)
    return Chart(
        risk,
        capitalize(MEASURES[risk].title),
        MEASURES[risk].heading,
        mark(answer),
        _make_series(placed, risk, choose_looks(table["method"]), table["deletion"]),
        across.list_ticks(),
        up.list_ticks(),
        _trace(front[["x", "y"]].to_numpy().tolist()),
        round(float(up.place([limit])[0]), 1) if is_limited else None,
        chosen[0] if chosen else None,
    )


def _make_series(
    placed: pd.DataFrame, risk: str, looks: Mapping[str, Look], deletions: "pd.Series[int]"
) -> list[Series]:
    shades = _share_white(deletions)
    series = []
    for (method, deletion), part in placed.groupby(["method", "deletion"], sort=False):
        look = looks[str(method)]
        marks = [
            Mark(
                int(row["row"]),
                row["x"],
                row["y"],
                _describe(row, risk),
                bool(row[name_front(risk)]),
                bool(row["is_above"]),
            )
            for row in part.sort_values("k").to_dict("records")
        ]
        series.append(
            Series(
                _write_scalar(str(method)),
                look.colour,
                _fade(look.colour, shades[int(str(deletion))]),
                _place(look),
                _write_dashes(look),
                " ".join(f"{mark.x:g},{mark.y:g}" for mark in marks),
                marks,
            )
        )
    return series


def _say_unlimited(risk: str) -> str:
    return (
        f"The limit is one for the highest risk of a person, so it is no line here: "
        f"{MEASURES[risk].title} is one number for all."
    )


def _describe(row: Mapping[Any, Any], risk: str) -> str:
    deleted = f"{row['deletion']} % deleted" if row["deletion"] else "nothing deleted"
    return (
        f"{name_method(row['method'])}, k = {row['k']}, {deleted}: loss "
        f"{format_number(row['loss'])} %, {MEASURES[risk].title} {format_number(row[risk])} %"
    )


def _trace(points: Sequence[Sequence[float]]) -> str:
    """Return the steps from point to point of a front: first across, then down.

    >>> _trace([(0, 9), (4, 5)])
    'M0 9H4V5'
    """
    steps = "".join(f"H{x:g}V{y:g}" for x, y in points[1:])
    return f"M{points[0][0]:g} {points[0][1]:g}{steps}" if points else ""


@dataclass(frozen=True)
class _Scale:
    """Where numbers from ``low`` to ``high`` are drawn, from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    is_logarithmic: bool = False

    def place(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        numbers, ends = np.asarray(values, float), np.array([self.low, self.high])
        if self.is_logarithmic:
            numbers, ends = np.log(numbers), np.log(ends)
        share = (numbers - ends[0]) / (ends[1] - ends[0])
        return np.asarray(self.start + share * (self.end - self.start))

    def list_ticks(self) -> list[Tick]:
        numbers = self._list_decades() if self.is_logarithmic else self._list_steps()
        places = self.place(numbers).round(1).tolist()
        return [Tick(*each) for each in zip(places, map(_write_number, numbers), strict=True)]

    def _list_decades(self) -> list[float]:
        """List round multiples of the powers of ten, the fewer the more powers there are."""
        powers = range(int(np.floor(np.log10(self.low))), int(np.ceil(np.log10(self.high))) + 1)
        for digits in ((1, 2, 3, 4, 5, 7), (1, 2, 5), (1, 3), (1,)):
            numbers = [float(f"{digit}e{power}") for power in powers for digit in digits]
            numbers = [each for each in numbers if self.low <= each <= self.high]
            if len(numbers) <= MOST_TICKS:
                break
        return numbers

    def _list_steps(self) -> list[float]:
        steps = [float(f"{digit}e{power}") for power in range(-2, 3) for digit in (1, 2, 5)]
        step = next(each for each in steps if (self.high - self.low) / each < MOST_TICKS - 2)
        return [step * number for number in range(int(self.high / step + 1e-9) + 1)]


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Return from where to where an axis of risks goes, with some space around."""
    low, high = (min(values), max(values)) if values else (1.0, 1.0)
    missing = max(LEAST_TIMES * low / high, 1) ** 0.5
    space = (high / low) ** 0.06
    return low / missing / space, high * missing * space


def _write_number(number: float) -> str:
    return f"{number:,.10g}"


def _place(look: Look) -> int:
    return list(SHAPES).index(look.marker)


def _write_dashes(look: Look) -> str:
    return " ".join(f"{each:g}" for each in look.dashes)


def _share_white(deletions: "pd.Series[int]") -> dict[int, float]:
    """Return how much white is mixed in for each deletion: the paler, the more is deleted."""
    tried = sorted(map(int, deletions.unique()))
    return {deletion: place / len(tried) for place, deletion in enumerate(tried)}


def _fade(colour: str, share: float) -> str:
    """Mix a colour with a share of white.

    >>> _fade("#006600", 0.5)
    '#80b280'
    """
    parts = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * (1 - share)):02x}" for part in parts)
