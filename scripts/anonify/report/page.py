"""The report: what makes up the page, and the page itself."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from docutils.core import publish_doctree, publish_parts
from docutils.nodes import paragraph
from itables import options
from markdown_it import MarkdownIt
from markupsafe import Markup

from anonify.base.errors import UserError
from anonify.base.words import count, format_number, name_method
from anonify.paper.comparison import check_comparable

SEARCHED_FROM = 16
"""Rows from which a table can be searched."""


@dataclass(frozen=True)
class Cell:
    """A value as it is shown, and what it is sorted by."""

    text: str
    order: float | str
    is_number: bool


@dataclass(frozen=True)
class Grid:
    """A table as the page shows it, with a note on what it shows."""

    columns: list[str]
    rows: list[list[Cell]]
    note: Markup

    @property
    def is_long(self) -> bool:
        """Whether a search helps."""
        return len(self.rows) >= SEARCHED_FROM


@dataclass(frozen=True)
class Picture:
    """A figure as the page shows it; ``text`` is the alternative to looking at it."""

    name: str
    address: str
    text: str
    caption: Markup


@dataclass(frozen=True)
class Part:
    """What the page shows of one table of a section."""

    section: str
    table: str
    title: str
    reading: list[str]
    pictures: list[Picture]
    grid: Grid


def make_grid(frame: pd.DataFrame, note: str = "") -> Grid:
    """Make a table for the page from a frame; its columns are the headings."""
    rows = [[_make_cell(value) for value in row] for row in frame.astype(object).to_numpy()]
    return Grid([str(column) for column in frame.columns], rows, Markup(note))


def _make_cell(value: Any) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, bool):
        return Cell("yes" if value else "no", str(value), False)
    if isinstance(value, str):
        return Cell(value, value, False)
    if value is None or pd.isna(value):
        return Cell("", "", True)
    return Cell(format_number(value), float(value), True)


# Captions, figures and texts


def render_caption(source: str, job: Any) -> Markup:
    """Render a caption of Snakemake's report as HTML.

    Parameters
    ----------
    job : what captions call ``snakemake``: ``wildcards``, ``params`` and ``config``.
    """
    parts = publish_parts(_fill(source, job), writer="html5", settings_overrides=_DOCUTILS)
    return Markup(parts["fragment"])


def first_paragraph(source: str, job: Any) -> str:
    """Return what a caption says first, as plain text: what is shown."""
    tree = publish_doctree(_fill(source, job), settings_overrides=_DOCUTILS)
    return " ".join(next(iter(tree.findall(paragraph))).astext().split())


_DOCUTILS = {"report_level": 3, "halt_level": 3, "file_insertion_enabled": False}


def _fill(source: str, job: Any) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    return environment.from_string(source).render(snakemake=job)


def make_picture(name: str, svg: bytes, caption: str, job: Any) -> Picture:
    """Make a figure for the page from its SVG and the source of its caption."""
    address = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    return Picture(name, address, first_paragraph(caption, job), render_caption(caption, job))


def render_markdown(text: str) -> Markup:
    """Render a text of ours as HTML.

    Its headings come below those of the page's sections; links to our other texts lead to them
    on the page.
    """
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = renderer.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        for child in token.children or []:
            other = re.fullmatch(r"(\w+)\.md", str(child.attrGet("href") or ""))
            if other:
                child.attrSet("href", f"#{other[1]}")
    html = renderer.renderer.render(tokens, renderer.options, {})
    html = html.replace("<table>", '<div class="box" tabindex="0"><table>')
    return Markup(html.replace("</table>", "</table></div>"))


# The page


def explain_absence(
    dataset: Mapping[str, Any], paper: Mapping[str, str], is_paper_configuration: bool
) -> str:
    """Say in one sentence why there is no comparison with the paper, where there is none."""
    try:
        check_comparable({"dataset": dataset}, paper["sha256"])
    except UserError as error:
        return str(error).removeprefix("comparison: ")
    if not is_paper_configuration:
        return "the configuration is not the paper's, so its numbers are not those published"
    return "the comparison has not been made; `make paper` makes it"


def render_page(template: str | Path, **content: Any) -> str:
    """Fill the template of the page. Everything is in the page, it loads nothing."""
    template = Path(template)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=format_number, method=name_method, groups=_group_parts)
    environment.globals["count"] = count
    # The module of DataTables, from the package that keeps it.
    sorting = base64.b64encode(Path(options.dt_bundle).read_bytes()).decode()
    return environment.get_template(template.name).render(**content, sorting=sorting)


def _group_parts(parts: Sequence[Part]) -> list[tuple[str, list[Part]]]:
    sections = dict.fromkeys(part.section for part in parts)
    return [(name, [part for part in parts if part.section == name]) for name in sections]
