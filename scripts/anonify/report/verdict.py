"""The verdict as the page shows it: its first screen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from anonify.measures.verdict_in_words import (
    ROLES,
    Fact,
    describe_method,
    describe_shown,
    list_facts,
    say_certain,
    say_cost,
    say_left_out,
    say_links,
    say_open_limit,
    say_risk,
    state_verdict,
    write_size,
)
from anonify.report.grids import Cell, Grid, make_grid

STANDINGS = {True: "kept", False: "broken", None: "open"}


@dataclass(frozen=True)
class ShownVerdict:
    """The verdict, ready for the template; ``standing`` is ``kept``, ``broken`` or ``open``."""

    standing: str
    headline: str
    limits: list[tuple[Markup, bool]]
    open: Markup
    facts: list[Fact]
    file: Mapping[str, Any]
    size: str
    method: str
    risk: Markup
    cost: Markup
    certain: Markup
    links: Markup
    left_out: Markup
    columns: Grid
    preview: Grid
    preview_title: str


def show_verdict(verdict: Mapping[str, Any], is_synthetic: bool) -> ShownVerdict:
    """Make what the page shows first.

    Parameters
    ----------
    verdict : what ``judge_release`` wrote.
    """
    stated = state_verdict(verdict, is_synthetic)
    file = verdict["file"]
    preview = file["preview"]
    rows = len(preview["rows"])
    is_whole = rows == file["records"]
    return ShownVerdict(
        STANDINGS[stated.is_kept],
        stated.headline,
        [(mark(sentence), is_kept) for sentence, is_kept in stated.limits],
        mark(say_open_limit(verdict)),
        list_facts(verdict),
        file,
        write_size(file["bytes"]),
        describe_method(verdict),
        mark(say_risk(verdict)),
        mark(say_cost(verdict)),
        mark(say_certain(verdict)),
        mark(say_links(verdict)),
        mark(say_left_out(verdict)),
        make_grid(_tabulate_columns(verdict["columns"])),
        Grid(
            preview["header"],
            [[Cell(text, text, False) for text in row] for row in preview["rows"]],
            Markup(),
        ),
        "All records" if is_whole else f"{rows} records, evenly spread",
    )


def mark(text: str) -> Markup:
    """Return a sentence as HTML; what stands between backticks is code.

    >>> mark("`a` < b")
    Markup('<code>a</code> &lt; b')
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _tabulate_columns(columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Column": [each["name"] for each in columns],
            "Role": [ROLES[each["role"]] for each in columns],
            "Type": [each["type"] for each in columns],
            "Shows": [describe_shown(each) for each in columns],
            "Changed / %": [_round(each.get("changed")) for each in columns],
            "Loss / %": [_round(each.get("loss")) for each in columns],
        }
    )


def _round(value: float | None) -> Cell:
    if value is None:
        return Cell("", "", True)
    return Cell(f"{value:.3g}" if value < 99.95 or value == 100 else "99.9", value, True)
