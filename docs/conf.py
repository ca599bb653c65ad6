"""How Sphinx builds the documentation: `make docs`."""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent
# ruff: noqa: E402
sys.path[:0] = [str(HERE), str(PROJECT / "scripts")]

import write_reference

from anonify import __version__
from anonify.base.places import DATASET_SCHEMA, RUN_SCHEMA
from anonify.commands import main as command
from anonify.settings.schemas import read_yaml

project = "Anonify pipeline"
author = "The Anonify pipeline's authors"
copyright = f"2026, {author}"
release = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["fieldlist"]
myst_heading_anchors = 4
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}

GENERATED = {
    "<!-- generated: configuration -->": lambda: write_reference.write_keys(
        read_yaml(RUN_SCHEMA), "config"
    ),
    "<!-- generated: dataset -->": lambda: write_reference.write_keys(
        read_yaml(DATASET_SCHEMA), "dataset"
    ),
    "<!-- generated: options -->": write_reference.write_options,
    "<!-- generated: python -->": write_reference.write_python,
    "<!-- generated: commands -->": lambda: write_reference.write_commands(command, "anonify"),
}


ARTICLE = re.compile(r'<article role="main".*?</article>', re.DOTALL)


def fill_in(app, name, source):
    """Put the generated reference where a page asks for it."""
    for mark, write in GENERATED.items():
        if mark in source[0]:
            source[0] = source[0].replace(mark, write())


def add_texts(app, name, template, context, doctree):
    """Give the page of the search the texts that it shows parts of."""
    if name == "search":
        app.add_js_file("texts.js")
        app.add_js_file("search.js")


def write_texts(app, error):
    """Write what the pages say where the search finds it without a server."""
    if error or app.builder.name != "html":
        return
    folder = Path(app.outdir)
    pages = {f"{name}.html": (folder / f"{name}.html") for name in sorted(app.env.found_docs)}
    texts = {name: ARTICLE.search(page.read_text("utf-8"))[0] for name, page in pages.items()}
    script = f"const PAGES = {json.dumps(texts, ensure_ascii=False)};\n"
    (folder / "_static/texts.js").write_text(script, "utf-8")


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", fill_in)
    app.connect("html-page-context", add_texts)
    app.connect("build-finished", write_texts)
