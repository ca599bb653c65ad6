from types import SimpleNamespace

import pandas as pd
import pytest

from anonify.base.words import format_number
from anonify.report.page import (
    explain_absence,
    first_paragraph,
    make_grid,
    make_picture,
    render_caption,
    render_markdown,
)

CAPTION = """\
{{ snakemake.wildcards.figure }} over
k.

From ``a.csv``.
"""


def job(figure):
    return SimpleNamespace(wildcards=SimpleNamespace(figure=figure))


# Figures and texts


def test_the_text_alternative_is_what_the_caption_says_first():
    assert first_paragraph(CAPTION, job("Loss")) == "Loss over k."
    picture = make_picture("loss", b"<svg/>", CAPTION, job("Loss"))
    assert picture.text == "Loss over k."
    assert "a.csv" in picture.caption
    assert picture.address == "data:image/svg+xml;base64,PHN2Zy8+"


def test_a_caption_can_bring_no_file_and_no_markup_into_the_page():
    html = render_caption("{{ snakemake.wildcards.figure }}", job("<script>x</script>"))
    assert "<script>" not in html


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


# Tables


def test_numbers_are_sorted_by_their_value_and_not_by_what_is_shown():
    rows = make_grid(pd.DataFrame({"value": [1234.5678, None], "holds": [True, False]})).rows
    assert [cell.text for cell in rows[0]] == ["1,235", "yes"]
    assert rows[0][0].order == 1234.5678
    assert rows[1][0].text == ""


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (250, "250"), (0.4, "0.4000"), (1e6, "1,000,000")]
)
def test_whole_numbers_keep_all_digits_and_others_four(value, text):
    assert format_number(value) == text


# Why nothing is compared


@pytest.mark.parametrize(
    ("synthetic", "sha256", "is_paper_configuration", "reason"),
    [
        (True, "a", True, "synthetic stand-in"),
        (False, "b", True, "SHA-256 b"),
        (False, "a", False, "configuration is not the paper's"),
        (False, "a", True, "has not been made"),
    ],
)
def test_the_summary_says_why_nothing_is_compared(
    synthetic, sha256, is_paper_configuration, reason
):
    dataset = {"synthetic": synthetic, "sha256": sha256}
    assert reason in explain_absence(dataset, {"sha256": "a"}, is_paper_configuration)
