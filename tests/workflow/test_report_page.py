"""The report of a run, opened in a browser without a network."""

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html import unescape
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.profile import takes_long, takes_longest
from tests.workflow.conftest import CONFIG, DATASET, PROJECT, Experiment, make_table

import write_report
from anonify.base.errors import UserError
from anonify.settings.parts import list_parts
from anonify.settings.schemas import fill_defaults, read_yaml

PARTS = list_parts(DATASET, CONFIG)
FIGURES = [name for part in PARTS for name in part.figures]


@pytest.fixture
def open_page(browser: Browser) -> Callable[..., AbstractContextManager[tuple[Page, list[str]]]]:
    """Open a page with an empty memory; what goes wrong or leaves the page is listed."""

    @contextmanager
    def open_page(path: Path, width: int = 1280) -> Iterator[tuple[Page, list[str]]]:
        with browser.new_context(viewport={"width": width, "height": 900}) as context:
            page = context.new_page()
            faults: list[str] = []
            page.on("console", lambda message: faults.append(message.text))
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("request", lambda request: faults.append(request.url))
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready]")
            page.wait_for_load_state("networkidle")
            yield page, [fault for fault in faults if not is_within(fault, path)]

    return open_page


def is_within(address: str, path: Path) -> bool:
    return address == path.as_uri() or address.startswith("data:")


@pytest.fixture(scope="module")
def page_path(finished) -> Path:
    return finished.folder / "results/report.html"


def write_page(folder: Path, results: Path, synthetic: bool = False, **changes: object) -> Path:
    """Write a page on the results of an experiment without Snakemake."""
    record = json.loads((results / "dataset/tiny.json").read_text())
    (folder / "record.json").write_text(json.dumps({**record, "synthetic": synthetic}))
    tables = [*(part.table for part in PARTS), "equivalence_classes"]
    arguments = {
        "tables": [str(results / f"tables/{table}.csv") for table in tables],
        "metadata": [str(results / f"tables/{table}.csv-metadata.json") for table in tables],
        "figures": [str(results / f"figures/{name}.svg") for name in FIGURES],
        "narrow": [str(results / f"figures/narrow/{name}.svg") for name in FIGURES],
        "record": str(folder / "record.json"),
        "verdict": str(results / "measures/verdict.json"),
        "captions": list(map(str, (PROJECT / "rules/captions").glob("*.rst"))),
        "comparison": [],
        "texts": [],
        "page": str(folder / "report.html"),
        "parts": [
            {"section": part.section, "table": part.table, "figures": part.figures}
            for part in PARTS
        ],
        "sections": {part.section: part.section for part in PARTS},
        "configuration": fill_defaults(CONFIG, read_yaml(PROJECT / "config/config.schema.yaml")),
        "distributions": DATASET["distributions"],
        "paper": {"title": "A paper", "doi": "10.1/2", "sha256": record["sha256"]},
        "readings": ["as published", "corrected"],
        "is_paper_configuration": True,
        "benchmarks": str(folder / "no benchmarks"),
        "benchmark_patterns": {},
    }
    write_report.main(**{**arguments, **changes})
    return folder / "report.html"


def test_the_page_opens_without_error_and_asks_the_network_for_nothing(open_page, page_path):
    with open_page(page_path) as (_, faults):
        assert faults == []


def test_every_figure_is_drawn_and_has_a_text_alternative_of_its_own(open_page, page_path):
    with open_page(page_path) as (page, _):
        pictures = page.eval_on_selector_all(
            "img", "all => all.map(i => [i.alt, i.naturalWidth, i.src.slice(0, 18)])"
        )
        assert len(pictures) == len(FIGURES)
        texts = [text for text, *_ in pictures]
        assert all(text.endswith(".") and len(text) > 40 for text in texts)
        assert len(set(texts)) == len(FIGURES)
        assert all(width > 0 for _, width, _ in pictures)
        assert {kind for *_, kind in pictures} == {"data:image/svg+xml"}


def test_tables_sort_by_value_with_mouse_and_keyboard(open_page, page_path, finished):
    loss = pd.read_csv(finished.folder / "results/tables/info_loss.csv")["ncp"]
    values = "all => all.map(cell => Number(cell.dataset.order))"
    with open_page(page_path) as (page, _):
        heading = page.locator("#table-info_loss thead th").nth(2)
        cells = "#table-info_loss tbody td:nth-child(3)"
        heading.click()
        page.wait_for_selector('#table-info_loss th[aria-sort="ascending"]')
        assert page.eval_on_selector_all(cells, values) == sorted(loss)
        heading.locator("[tabindex]").first.press("Enter")
        page.wait_for_selector('#table-info_loss th[aria-sort="descending"]')
        assert page.eval_on_selector_all(cells, values) == sorted(loss, reverse=True)
        sortable = page.locator("table.sortable")
        assert sortable.count() == page.locator("table.dataTable").count() >= 7


def test_a_long_table_can_be_searched(open_page, page_path):
    with open_page(page_path) as (page, _):
        page.get_by_label("Search this table").first.fill("no such row")
        assert page.get_by_text("No row matches").count() == 1


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_wider_than_the_window(open_page, page_path, width):
    with open_page(page_path, width) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") == width
        # Wide tables scroll in their boxes.
        boxes = page.eval_on_selector_all(
            ".box", "all => all.map(b => [b.getBoundingClientRect().right, b.scrollWidth])"
        )
        assert all(right <= width for right, _ in boxes)


def test_in_a_narrow_window_the_text_of_figures_is_nine_pixels_high_or_more(open_page, page_path):
    with open_page(page_path, 400) as (page, _):
        page.eval_on_selector_all("details", "all => all.forEach(each => (each.open = true))")
        shown = page.eval_on_selector_all(
            "figure img", "all => all.map(i => [i.currentSrc, i.getBoundingClientRect().width])"
        )
    assert len(shown) == len(FIGURES)
    for address, width in shown:
        svg = base64.b64decode(address.partition(",")[2]).decode()
        points = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: ([\d.]+)px", svg)]
        assert min(sizes) * width / points >= 9


@pytest.fixture
def trade_off(finished) -> pd.DataFrame:
    return pd.read_csv(finished.folder / "results/tables/trade_off.csv")


def read_readout(page: Page) -> tuple[str, dict[str, str]]:
    """Return which setting is read, and its numbers."""
    titles, values = (page.locator(f".readout {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return page.inner_text(".readout .name"), dict(zip(titles, values, strict=True))


@pytest.mark.parametrize("width", [400, 1280])
def test_points_of_the_trade_off_are_read_with_the_pointer_and_held_by_a_click(
    open_page, page_path, trade_off, width
):
    row = int(trade_off["prosecutor_risk_highest"].idxmin())
    expected = trade_off.loc[row]
    with open_page(page_path, width) as (page, faults):
        chart = page.locator(".chart:visible")
        chart.scroll_into_view_if_needed()
        box = chart.locator(f"use[data-row='{row}']").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        name, numbers = read_readout(page)
        assert f"k = {expected['k']}" in name
        assert float(numbers["Loss / %"]) == pytest.approx(expected["loss"], rel=1e-3)
        assert float(numbers["Highest prosecutor risk / %"]) == pytest.approx(
            expected["prosecutor_risk_highest"], rel=1e-3
        )
        assert not page.locator(".readout .settings").is_visible()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(box["x"] - 60, box["y"] - 20)
        assert read_readout(page)[0] == name
        lines = yaml.safe_load(page.inner_text(".readout .settings"))
        assert lines["release"]["k"] == expected["k"]
        assert lines["shown_deletion"] == expected["deletion"]
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert faults == []


def test_the_trade_off_is_read_by_keyboard_along_the_front(open_page, page_path, trade_off):
    front = trade_off[trade_off["is_on_front_prosecutor_highest"]].sort_values("loss")
    with open_page(page_path) as (page, faults):
        page.locator(".tool select").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Home")
        losses = []
        for _ in range(len(front)):
            losses.append(float(read_readout(page)[1]["Loss / %"]))
            page.keyboard.press("ArrowRight")
        assert losses == pytest.approx(front["loss"].to_list(), rel=1e-3)
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused.startswith(read_readout(page)[0])
        page.keyboard.press("Enter")
        assert page.locator(".chart:visible use[aria-pressed='true']").count() == 1
        assert page.locator(".readout .settings").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator(".readout .settings").is_visible()
        # A single stop for who goes on by Tab.
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.chart')") is None
        assert faults == []


def test_each_risk_can_be_chosen_and_the_first_setting_read_is_the_one_that_is_said(
    open_page, page_path
):
    with open_page(page_path) as (page, _):
        said = page.inner_text(".choosing > div > .settings")
        assert "shown_deletion" in said
        page.locator(".tool select").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.inner_text(".readout .settings") == said
        name = read_readout(page)[0]
        select = page.locator(".tool select")
        for risk in ("identified_people", "journalist_risk_highest", "prosecutor_risk_highest"):
            select.select_option(risk)
            assert page.locator(".chart:visible").get_attribute("data-risk") == risk
            assert page.locator(".limit:visible").count() == (risk != "identified_people")
            assert page.locator(".answer:visible").count() == 1
            assert read_readout(page)[0] == name


def test_without_a_script_and_on_paper_the_trade_off_is_a_picture(open_page, page_path):
    with open_page(page_path) as (page, _):
        picture = page.locator("#figure-trade_off img")
        assert not picture.is_visible()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert picture.is_visible()
        plain = page.context.browser.new_context(java_script_enabled=False).new_page()
        plain.goto(page_path.as_uri())
        assert plain.locator("#figure-trade_off img").is_visible()
        assert plain.locator(".answer:visible").count() == 1
        assert not plain.locator(".tool").is_visible()


def test_in_print_tables_are_whole_and_fit_the_paper(open_page, page_path, tmp_path):
    with open_page(page_path) as (page, _):
        page.emulate_media(media="print")
        # A4 without its margins.
        page.set_viewport_size({"width": 688, "height": 1000})
        sizes = page.eval_on_selector_all(
            ".box",
            "all => all.map(b => [b.scrollHeight - b.clientHeight, b.scrollWidth - b.clientWidth])",
        )
        assert [size for size in sizes if size != [0, 0]] == []
        pdf = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
        assert pdf.startswith(b"%PDF")


@pytest.mark.parametrize("width", [400, pytest.param(1280, marks=takes_long)])
@pytest.mark.parametrize("name", ["report.html", "verdict.html"])
def test_no_rule_of_accessibility_is_broken(open_page, finished, name, width):
    with open_page(finished.folder / "results" / name, width) as (page, _):
        found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    checked = {rule["id"] for rule in found.response["passes"]}
    assert {"color-contrast", "document-title", "landmark-one-main"} <= checked


def test_headings_descend_one_level_at_a_time(open_page, page_path):
    with open_page(page_path) as (page, _):
        levels = page.eval_on_selector_all(
            "h1, h2, h3, h4, h5, h6", "all => all.map(h => Number(h.tagName[1]))"
        )
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert page.get_attribute("html", "lang") == "en"


def test_the_page_says_what_was_run_on_which_data(page_path, finished):
    text = page_path.read_text()
    record = json.loads((finished.folder / "results/dataset/tiny.json").read_text())
    assert record["sha256"] in text
    assert "classifier_repeats: 2" in text
    assert "measure_information_loss" in text
    # The table is not the paper's, so the page does not speak of it.
    assert "Not compared with the paper" not in text
    assert "Section 6" not in text
    assert "paper" not in read_text(page_path)
    assert "made with ARX with k = 4, 50 % deleted" in text
    assert "stand-in" not in text.partition("<body>")[2].partition("<script")[0]


def test_the_first_screen_says_what_the_file_that_is_handed_out_shows(page_path, finished):
    results = finished.folder / "results"
    released = pd.read_csv(results / "release/tiny.csv", dtype="str", keep_default_na=False)
    anonymized = pd.read_csv(results / "tables/trade_off.csv")
    chosen = anonymized[anonymized["is_chosen"]].to_dict("records")[0]
    sizes = released.groupby(["sex", "age"]).size()
    certain = {}
    for name in ("level", "ill"):
        values = released[released[name] != ""].groupby(["sex", "age"])[name].nunique()
        with_value = released[released[name] != ""].groupby(["sex", "age"]).size()
        certain[name] = int(with_value[values[values == 1].index].sum())
    for path in (page_path, results / "verdict.html"):
        told = read_text(path)
        assert f"finds the person's record with a probability of {100 / sizes.min():.3g} %" in told
        assert f"and {100 * len(sizes) / len(released):.3g} % on average" in told
        assert f"Generalizing took {chosen['ncp']:.3g} %" in told
        assert f"{chosen['loss']:.3g} % is lost in all" in told
        assert f"{len(released)} records, made with ARX with k = 4, 50 % deleted" in told
        for name, people in certain.items():
            assert (f"“{name}” of {people} (" in told) == (people > 0)
        shown = {name: (released[name] == "*").all() for name in released}
        assert all(name in told for name in shown)
        # Before deletion each class had k people; what is left is for a person to judge.
        assert "k = 4 was kept before deletion" in told
        assert "the smallest had 4" in told


def read_text(path: Path) -> str:
    """Return what a page shows, in one line."""
    body = path.read_text().partition("<body>")[2].partition("<script")[0]
    text = unescape(re.sub(r"<[^>]+>", "", body)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(text.split())


def test_a_page_on_the_papers_dataset_says_why_nothing_is_compared(finished, tmp_path):
    text = write_page(tmp_path, finished.folder / "results").read_text()
    assert "Not compared with the paper" in text
    assert "Section 6 of <cite>A paper</cite>" in text


def test_the_page_names_no_folder_of_the_machine(page_path, finished):
    assert str(finished.folder) not in page_path.read_text()
    assert str(PROJECT) not in page_path.read_text()


def test_the_page_is_the_same_in_every_run(finished, tmp_path):
    results = finished.folder / "results"
    first = write_page(tmp_path, results).read_bytes()
    assert write_page(tmp_path, results).read_bytes() == first


def test_a_page_on_the_stand_in_says_so_first(finished, tmp_path):
    text = write_page(tmp_path, finished.folder / "results", synthetic=True).read_text()
    assert "<title>Synthetic stand-in: Tiny" in text
    assert text.partition("<body>")[2].lstrip().startswith('<p class="stand-in"')
    assert text.count(" Synthetic stand-in.") == len(FIGURES)


def test_the_comparison_is_summed_up_and_listed_after_the_sections(open_page, finished, tmp_path):
    comparison, errata = tmp_path / "comparison.csv", tmp_path / "errata.md"
    rows = {"figure": [6, 6], "measure": ["ncp", "ncp"], "published": ["1.50", "2.5"]}
    rows |= {"ours": [1.5, 3.5], "sd": [None, 0.5], "difference": [0.0, 1.0]}
    rows |= {"judgement": ["exact", "within spread"], "holds": [True, False]}
    pd.DataFrame({**rows, "reason": ["Nothing is drawn.", "Seeds."]}).to_csv(comparison)
    errata.write_text("# Errata\n\nTwo figures are swapped.\n")
    path = write_page(
        tmp_path, finished.folder / "results", comparison=[str(comparison)], texts=[str(errata)]
    )
    with open_page(path) as (page, faults):
        assert faults == []
        assert "1 of 2 comparisons does not hold" in page.inner_text("#comparison")
        assert page.locator("#table-numbers tbody tr").first.inner_text().endswith("no")
        assert page.get_by_text("Two figures are swapped.").count() == 1


def test_tables_of_another_dataset_are_refused_in_one_sentence(finished, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(finished.folder / "results", results)
    record = results / "dataset/tiny.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "sha256": "other"}))
    with pytest.raises(UserError, match=r"info_loss\.csv: the table was made from another file"):
        write_page(tmp_path, results)


def test_snakemakes_report_shows_captions_by_section(finished, tmp_path):
    run = finished.snakemake("all", "--report", str(tmp_path / "report.html"))
    assert run.returncode == 0, run.stdout + run.stderr
    text = (tmp_path / "report.html").read_text()
    for section in ("Information loss", "Distribution", "Classifiers", "Anonymity", "Choosing k"):
        assert section in text
    assert "one line for each method" in text
    assert "Mean level by age" in text


ATTACK = '<img src=x onerror="document.body.dataset.owned=1">'
# A description can't have such a tag in it, a table can.
SCRIPT = "</script><script>document.body.dataset.owned=1</script>"
OTHER = "<svg/onload=document.body.dataset.owned=1>"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory) -> Experiment:
    """A run whose description and table have markup wherever a text may be."""
    experiment = Experiment(tmp_path_factory.mktemp("attacked"))
    sex, ill, file = f"sex {ATTACK}", f"ill {OTHER}", "<svg onload=alert(1)>.csv"
    table = make_table().rename(columns={"sex": sex, "level": ATTACK})
    table[sex] = table[sex].map({"f": ATTACK, "m": OTHER})
    table[ill] = table.pop("ill").map({0: f"no {SCRIPT}", 1: f"yes {ATTACK}"})
    columns = DATASET["columns"]
    experiment.describe_dataset(
        title=f"{OTHER}{ATTACK}",
        file=file,
        releases={},
        columns={
            sex: columns["sex"],
            "age": columns["age"],
            ATTACK: columns["level"],
            ill: {"role": "target", "type": "category"},
        },
        distributions={
            "one": {
                "statistic": "mean",
                "attribute": ATTACK,
                "label": f"{OTHER} javascript:alert(1)",
                "by": sex,
                "by_label": f"{ATTACK} https://x.test",
                "values": [ATTACK, OTHER],
            }
        },
    )
    experiment.configure(
        methods=["mondrian"],
        k_values=[4],
        release={"method": "mondrian", "k": 4},
        deletions=[50],
        repeats=1,
        classifiers=["naive_bayes"],
        classifier_repeats=1,
    )
    (experiment.folder / "data").mkdir()
    table.to_csv(experiment.folder / "data" / file, index=False)
    run = experiment.snakemake("all")
    assert run.returncode == 0, run.stdout + run.stderr
    return experiment


@takes_longest
def test_markup_in_a_description_and_a_table_is_shown_as_text(open_page, attacked):
    with open_page(attacked.folder / "results/report.html") as (page, faults):
        # Nor did the policy have to hold anything off, which would be told here.
        assert faults == []
        assert page.evaluate("document.body.dataset.owned") is None
        assert page.locator("script").count() == 1
        assert (
            page.locator(
                "svg:not(.choosing svg), iframe, object, embed, img:not([src^='data:image/svg'])"
            ).count()
            == 0
        )
        assert page.locator("h1").inner_text() == f"{OTHER}{ATTACK}"
        text = page.inner_text("body")
        assert f"{OTHER} javascript:alert(1) by {ATTACK.lower()} https://x.test," in text
        assert text.count(ATTACK) > 5
        links = page.eval_on_selector_all("a", "all => all.map(a => a.getAttribute('href'))")
        own = ("#", "figures/", "tables/", "release/")
        assert [link for link in links if not link.startswith(own)] == []


@pytest.mark.parametrize(
    "attack",
    [
        "<img src=x onerror='document.body.dataset.owned=1'>",
        "<iframe srcdoc='<script>parent.document.body.dataset.owned=1</script>'></iframe>",
        "<a id=attack href='javascript:document.body.dataset.owned=1'>a</a>",
        "<svg onload='document.body.dataset.owned=1'></svg>",
        "<script>document.body.dataset.owned=1</script>",
        "<script src='data:text/javascript,document.body.dataset.owned=1'></script>",
        "<script type=module>import 'data:text/javascript,document.body.dataset.owned=1'</script>",
        "<style>body {color: red}</style><p style='color: red' id=attack>a</p>",
        "<base href='https://x.test/'><img src='https://x.test/a.png'>",
    ],
)
def test_the_policy_of_the_page_holds_off_what_were_in_it_nevertheless(
    open_page, page_path, tmp_path, attack
):
    """Puts an attack into the page itself, as if something had not been escaped."""
    text = page_path.read_text()
    assert "unsafe" not in text.partition('http-equiv="Content-Security-Policy"')[2][:400]
    attacked = tmp_path / "report.html"
    attacked.write_text(text.replace("<main>", f"<main>{attack}"))
    with open_page(attacked) as (page, faults):
        if "id=attack" in attack:
            page.locator("#attack").click()
        page.wait_for_timeout(200)
        assert page.evaluate("document.body.dataset.owned") is None
        assert page.evaluate("getComputedStyle(document.body).color") != "rgb(255, 0, 0)"
        assert page.evaluate("document.baseURI") == attacked.as_uri()
        if "href='javascript" not in attack:
            # That one is told only when it is followed.
            assert any("Content Security Policy" in fault for fault in faults)
        assert page.locator("table.dataTable").count() > 0


@takes_longest
def test_markup_in_a_description_is_text_in_snakemakes_report_too(attacked, browser, tmp_path):
    path = tmp_path / "report.html"
    run = attacked.snakemake("all", "--report", str(path))
    assert run.returncode == 0, run.stdout + run.stderr
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("text=Distribution")
        page.locator("text=Distribution").first.click()
        page.wait_for_timeout(500)
        assert page.evaluate("document.body.dataset.owned") is None
        html = page.content()
    assert 'href="javascript:alert' not in html
    assert 'href="https://x.test' not in html
