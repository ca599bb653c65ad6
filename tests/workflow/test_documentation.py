"""The documentation builds, its links lead somewhere, and its examples do what they say."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from docs.write_reference import list_keys, list_options
from tests.workflow.conftest import PROJECT
from tests.workflow.documentation import (
    DOCS,
    Example,
    copy_project,
    edit,
    follow,
    list_missing,
    read_examples,
    run_commands,
)

from anonify.commands import COMMANDS
from anonify.domains.files import build_domain
from anonify.methods import METHODS
from anonify.settings import schemas as configuration
from anonify.settings.description import check_dataset_description, read_description
from anonify.settings.schemas import check_configuration, read_yaml

# Of a telephone and of a desk.
WIDTHS = (390, 1280)
CONFIG_SCHEMA = read_yaml(PROJECT / "config/config.schema.yaml")
DATASET_SCHEMA = read_yaml(Path(configuration.__file__).with_name("dataset.schema.yaml"))
# Pages with Python need no project, and have tests of their own.
IN_PYTHON = ("notebook", "coming-from")
HOW_TO = sorted(path for path in (DOCS / "how-to").glob("*.md") if path.stem not in IN_PYTHON)


# The site


class Page(HTMLParser):
    """The addresses that a page links to and loads, and the targets that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.targets: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.targets.update(filter(None, [attributes.get("id"), attributes.get("name")]))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "link":
            self.loaded.append(attributes["href"])
        self.loaded += [attributes[key] for key in ("src", "srcset") if key in attributes]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Build the site, as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "--quiet", "--fresh-env", "--fail-on-warning"]
    built = subprocess.run(
        [*build, "-d", str(folder / "doctrees"), str(DOCS), str(folder / "html")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (built.returncode, built.stderr) == (0, "")
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_there_is_a_page_for_every_text(site):
    texts = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert {text for text in texts if not (site / text).exists()} == set()


def test_every_link_within_the_site_leads_somewhere(pages):
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages.get(target)
            if not target.exists() or (
                parts.fragment and known and unquote(parts.fragment) not in known.targets
            ):
                broken.append(f"{path.name}: {link}")
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(site, pages):
    loaded = {address for page in pages.values() for address in page.loaded}
    assert {address for address in loaded if re.match(r"(https?:)?//", address)} == set()
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(\s*['\"]?(?:https?:)?//[^)]*|@import[^;]*", styles) == []


@pytest.fixture(scope="module")
def faults(site, browser) -> dict[int, list[str]]:
    """Open every page once, and list what goes wrong with it, by the width of the window."""
    faults: dict[int, list[str]] = {width: [] for width in WIDTHS}
    with browser.new_context() as context:
        page = context.new_page()

        def note(fault: str) -> None:
            """Note what goes wrong in a window of any width."""
            for each in faults.values():
                each.append(fault)

        page.on("console", lambda message: note(message.text))
        page.on("pageerror", lambda error: note(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or note(request.url))
        for path in sorted(site.rglob("*.html")):
            page.goto(path.as_uri())
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    faults[width].append(f"{path.name} is wider than the window")
    return faults


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_open_without_a_network_and_fit_the_window(faults, width):
    assert [fault for fault in faults[width] if not fault.startswith("data:")] == []


def test_the_search_shows_what_it_found_without_a_server(site, browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{(site / 'search.html').as_uri()}?q=prosecutor")
        # Results come one after the other.
        found = page.locator("ul.search li", has=page.locator("a[href*='threats.html']"))
        found.locator("p.context").first.wait_for()
        threats = found.inner_text()
    title, *excerpt = threats.splitlines()
    assert title == "Threats"
    assert "prosecutor" in "".join(excerpt).lower()


# The reference


@pytest.mark.parametrize(
    ("name", "page", "schema"),
    [("config", "configuration", CONFIG_SCHEMA), ("dataset", "dataset", DATASET_SCHEMA)],
)
def test_every_key_of_the_schemas_is_in_the_reference(site, pages, name, page, schema):
    path = site / f"reference/{page}.html"
    text = path.read_text(encoding="utf-8")
    for key in list_keys(schema):
        slug = re.sub(r"[^a-z0-9]+", "-", key.path.lower()).strip("-")
        assert f"{name}-{slug}" in pages[path].targets
        assert f'<span class="pre">{key.name.replace("<", "&lt;")}</span>' in text


def test_every_option_and_every_command_is_in_the_reference(site, pages):
    targets = pages[site / "reference/options.html"].targets
    for method in METHODS:
        for option in list_options(method):
            assert f"options-{method}-{option}".replace("_", "-") in targets
    targets = pages[site / "reference/commands.html"].targets
    assert {f"command-{name}" for name in COMMANDS} <= targets


# The examples


@pytest.fixture(scope="module")
def clinic(tmp_path_factory) -> Path:
    """A project with the table and the description of the tutorial, and tables made of it."""
    project = copy_project(tmp_path_factory.mktemp("clinic"))
    examples = read_examples(DOCS / "tutorial.md")
    follow(project, list(takewhile(lambda example: "snakemake" not in example.code, examples)))
    conf = {
        "dataset": "clinic",
        "algo_conf": {"k": [5], "algo": ["arx"]},
        "dataset_conf": {"batch_size": [0], "attrs": [[]]},
        "output": "made",
    }
    (project / "conf.json").write_text(json.dumps(conf))
    made = run_commands(project, "python scripts/anonymization.py conf.json")
    assert made.returncode == 0, made.stdout + made.stderr
    release = project / "made/clinic_arx_k5_b0_a0.csv"
    for copy in ("data/clinic_arx_k5.csv", "results/clinic/anonymized/arx/k5.csv"):
        (project / copy).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(release, project / copy)
    return project


@pytest.fixture
def project(clinic, tmp_path) -> Path:
    return Path(shutil.copytree(clinic, tmp_path / "project"))


@pytest.mark.parametrize("page", HOW_TO, ids=lambda path: path.stem)
def test_the_examples_of_a_page_do_what_it_says(page, project):
    examples, output = read_examples(page), ""
    for number, example in enumerate(examples, start=1):
        edit(project, example)
        if example.language == "yaml":
            check_yaml(project, example, examples[number:])
        elif example.language == "sh":
            output = check_commands(project, example)
        elif example.note == "prints":
            assert list_missing(example, output) == [], output
        else:
            assert example.file or example.note == "gives" or example.language == "text"


def check_yaml(project: Path, example: Example, following: list[Example]) -> None:
    """Check an example against the schema of what it shows, and against what stands below it."""
    content = yaml.safe_load(example.code)
    if example.note == "column":
        assert following[0].note == "gives"
        check_column(project, content, following[0].code)
    elif (path := example.file or example.changed_file or "").startswith("config/datasets/"):
        read_description(project / path, path)
    else:
        check_configuration(content, CONFIG_SCHEMA, example.note)


def check_column(project: Path, columns: dict, expected: str) -> None:
    """Check that the hierarchy of a column generalizes values as the lines say."""
    ((name, column),) = columns.items()
    description = {"name": "one", "title": "One", "file": "one.csv", "columns": columns}
    check_configuration(description, DATASET_SCHEMA, name)
    check_dataset_description(description, name)
    paths = [line.split(" → ") for line in expected.splitlines()]
    file = column["hierarchy"].get("file")
    values = [path[0] for path in paths]
    domain = build_domain(name, values, column, project / "data" / file if file else None)
    for path in paths:
        nodes = domain.ancestors[domain.find_nodes([path[0]])[0]]
        assert domain.labels_of(nodes) == path


def check_commands(project: Path, example: Example) -> str:
    """Run commands and return what they print; Snakemake only plans, unless told to `run`."""
    if example.note.startswith("not run"):
        checked = subprocess.run(["bash", "-n", "-c", example.code], check=False)
        assert checked.returncode == 0
        return ""
    plan = "" if example.note == "run" else 'snakemake() { command snakemake --dry-run "$@"; }\n'
    done = run_commands(project, plan + example.code)
    assert done.returncode == 0, example.code + done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "page", [path for path in sorted(DOCS.rglob("*.md")) if path not in HOW_TO], ids=str
)
def test_the_settings_that_other_pages_show_are_valid(page):
    for example in read_examples(page):
        if example.language == "yaml" and not example.note:
            check_configuration(yaml.safe_load(example.code), CONFIG_SCHEMA, page.name)


def test_every_target_of_make_that_is_named_is_there():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    there = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    texts = [path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")]
    named = {name for text in texts for name in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M)}
    assert named - there == set()
