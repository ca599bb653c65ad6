import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
from docutils.core import publish_parts

from anonify.report.texts import first_paragraph, make_picture, render_caption, render_markdown

CAPTION = """\
{{ snakemake.wildcards.figure }} over
k.

From ``a.csv``.
"""


def job(figure):
    return SimpleNamespace(wildcards=SimpleNamespace(figure=figure))


def test_the_text_alternative_is_what_the_caption_says_first():
    assert first_paragraph(CAPTION, job("Loss")) == "Loss over k."
    picture = make_picture("loss", (b"<svg/>", b"<svg />"), CAPTION, job("Loss"))
    assert picture.text == "Loss over k."
    assert "a.csv" in picture.caption
    assert picture.address == "data:image/svg+xml;base64,PHN2Zy8+"
    assert picture.narrow == "data:image/svg+xml;base64,PHN2ZyAvPg=="


def test_a_caption_can_bring_no_file_and_no_markup_into_the_page():
    html = render_caption("{{ snakemake.wildcards.figure }}", job("<script>x</script>"))
    assert "<script>" not in html


def test_a_caption_runs_no_raw_html():
    for kind in (
        "raw:: html\n\n   <script>x</script>",
        "role:: r(raw)\n   :format: html\n\n:r:`<b>`",
    ):
        html = render_caption("Text.\n\n.. " + kind, job("Loss"))
        assert "<script" not in html
        assert "<b>" not in html


DISTRIBUTION = (Path(__file__).parents[3] / "rules/captions/distribution.rst").read_text()


@pytest.mark.parametrize(
    "label",
    [
        "<script>x</script>",
        "javascript:alert(1)",
        "https://x.test/a",
        ".. raw:: html",
        ".. image:: https://x.test/a.png",
        ".. include:: /etc/passwd",
        "- one",
        "1. one",
        ">>> one",
    ],
)
@pytest.mark.parametrize("render", [render_caption, "snakemake"])
def test_a_label_is_nothing_but_text_in_a_caption(label, render):
    shown = {"label": label, "by_label": label, "statistic": "mean"}
    context = SimpleNamespace(
        wildcards=SimpleNamespace(distribution="level"),
        params=SimpleNamespace(distribution=shown, readings=["corrected"]),
        config=SimpleNamespace(shown_deletion=50, repeats=2),
    )
    if render == "snakemake":
        # As Snakemake's report does.
        filled = jinja2.Template(DISTRIBUTION).render(snakemake=context)
        html = publish_parts(filled, writer="html")["body"]
    else:
        html = render_caption(DISTRIBUTION, context)
    tags = {tag.lower() for tag in re.findall(r"<(/?\w+)", html)}
    assert tags <= {"p", "/p", "tt", "/tt", "span", "/span", "div", "/div"}
    assert unescape(re.sub("<[^>]+>", "", html)).lower().split("in the original")[0].split() == (
        f"{label} by {label},".lower().split()
    )
    assert first_paragraph(DISTRIBUTION, context).startswith(f"{label} by")


def test_headings_of_a_text_come_below_those_of_the_sections():
    html = render_markdown("# Errata\n\n## One\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert "<h3>Errata</h3>" in html
    assert "<h4>One</h4>" in html
    assert '<div class="box" tabindex="0"><table>' in html


def test_a_link_to_another_text_stays_on_the_page():
    html = render_markdown("[one](reading.md), [two](https://x.test/a.md)")
    assert 'href="#reading"' in html
    assert 'href="https://x.test/a.md"' in html


def test_a_text_loads_nothing_and_runs_nothing():
    html = render_markdown("![a](http://x.test/a.png) <script>alert(1)</script>")
    assert "<img" not in html
    assert "<script>" not in html
