"""Captions, figures and texts as the page shows them."""

import base64
import re
from dataclasses import dataclass
from typing import Any

import jinja2
from docutils.core import publish_doctree, publish_parts
from docutils.nodes import paragraph
from markdown_it import MarkdownIt
from markupsafe import Markup


@dataclass(frozen=True)
class Picture:
    """A figure as the page shows it, in wide windows and in narrow ones.

    ``text`` is the alternative to looking at it.
    """

    name: str
    address: str
    narrow: str
    text: str
    caption: Markup


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


# A caption has no HTML in it and no file of the machine.
_DOCUTILS = {
    "report_level": 3,
    "halt_level": 3,
    "file_insertion_enabled": False,
    "raw_enabled": False,
}


def _fill(source: str, job: Any) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    return environment.from_string(source).render(snakemake=job)


def make_picture(name: str, layouts: tuple[bytes, bytes], caption: str, job: Any) -> Picture:
    """Make a figure for the page from its SVG, wide and narrow, and the source of its caption."""
    wide, narrow = (
        f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}" for svg in layouts
    )
    text = first_paragraph(caption, job)
    return Picture(name, wide, narrow, text, render_caption(caption, job))


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
