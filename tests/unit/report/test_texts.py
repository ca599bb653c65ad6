from types import SimpleNamespace

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
