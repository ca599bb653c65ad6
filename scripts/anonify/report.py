"""The report: what its tables and figures show, and the page itself."""

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

from anonify.classifiers import CLASSIFIERS, METRICS
from anonify.errors import UserError
from anonify.paper import check_comparable, count_judgements
from anonify.plotting import mean_with_interval, name_method
from anonify.storage import Provenance

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


def format_number(value: float) -> str:
    """Return a number with four significant digits, whole numbers with all of theirs.

    >>> format_number(12345), format_number(10.9965), format_number(-0.0123456)
    ('12,345', '11.00', '−0.01235')
    """
    if float(value).is_integer():
        text = f"{int(value):,}"
    else:
        text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.4g}"
    return text.replace("-", "−")


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "record"), count(2000, "class")
    ('1 record', '2,000 classes')
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def per_cent(value: float) -> str:
    return f"{format_number(value)}\N{NO-BREAK SPACE}%"


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


# Tables


def title_part(table: str, distribution: Mapping[str, Any] | None) -> str:
    """Return the heading of a table."""
    if distribution is None:
        return table.replace("_", " ").capitalize()
    attribute, by = (distribution[key].split(" / ")[0] for key in ("label", "by_label"))
    return f"{attribute} by {by.lower()}"


def show_part(
    section: str, table: pd.DataFrame, distribution: Mapping[str, Any] | None
) -> pd.DataFrame:
    """Return what the page shows of a table, by its section."""
    if distribution is not None:
        return show_distribution(table, distribution["label"])
    return {
        "information_loss": show_information_loss,
        "classifiers": show_classifiers,
        "anonymity": show_anonymity,
    }[section](table)


def show_information_loss(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the page shows of the information loss."""
    shown = table.drop(columns="dataset").assign(method=table["method"].map(name_method))
    titles = {
        "method": "Method",
        "ncp": "NCP / %",
        "achieved_k": "Smallest class",
        "classes": "Classes",
        "suppressed_records": "Suppressed records",
    }
    parts = {name: f"NCP of {name[4:]} / %" for name in map(str, shown) if name.startswith("ncp_")}
    return shown.rename(columns={**titles, **parts})


def show_distribution(table: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return what the page shows of a distribution: means over the repeats."""
    rows = []
    for (data, deletion, group), part in table.groupby(["data", "deletion", "group"], sort=False):
        mean, half = mean_with_interval(part["value"])
        rows.append(
            {
                "Data": name_data(str(data), int(str(deletion))),
                "Group": group,
                label: mean,
                "95 % interval ±": half if len(part) > 1 else None,
                "Corrected": part["scaled_value"].mean(),
                "Records": part["records"].mean(),
                "Repeats": len(part),
            }
        )
    return pd.DataFrame(rows)


def show_classifiers(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the page shows of the classifiers: means over the repeats, in per cent."""
    keys = ["data", "deletion", "features", "classifier"]
    metrics = [name for name in METRICS if name in table]
    grouped = table.groupby(keys, sort=False)
    shown = grouped[metrics].mean().rename(columns=METRICS)
    shown["Repeats"] = grouped.size()
    shown = shown.reset_index()
    shown.insert(0, "Data", [name_data(*key) for key in shown[keys[:2]].itertuples(index=False)])
    shown["features"] = shown["features"].str.replace("_", " ")
    shown["classifier"] = shown["classifier"].map(name_classifier)
    titles = {"features": "Learned from", "classifier": "Classifier"}
    return shown.drop(columns=["data", "deletion"]).rename(columns=titles)


def show_anonymity(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the page shows of the risks: a column for each data set."""
    named = table.assign(
        data=[name_data(*key) for key in table[["data", "deletion"]].itertuples(index=False)],
        measure=table["measure"].str.replace("_", " ").str.capitalize(),
    )
    order = list(named["data"].unique())
    measures = named[["measure", "reading"]].drop_duplicates()
    wide = named.pivot_table(index=["measure", "reading"], columns="data", values="value")
    wide = wide.reindex(pd.MultiIndex.from_frame(measures))[order].reset_index()
    return wide.rename(columns={"measure": "Measure", "reading": "Reading"})


def name_data(data: str, deletion: int) -> str:
    """Return the name of a data set, as figures have it."""
    return f"{deletion} % deleted" if data == "sampled" else data.capitalize()


def name_classifier(name: str) -> str:
    """Return the title of a classifier, or its name if it is none of ours."""
    return CLASSIFIERS[name].title if name in CLASSIFIERS else name


def show_comparison(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return every published number beside ours, those that do not hold first."""
    rows = comparison.sort_values("holds", kind="stable")
    return pd.DataFrame(
        {
            "Figure": rows["figure"].to_list(),
            "Number": [_name_number(row) for row in rows.to_dict("records")],
            "Published": [Cell(text, float(text), True) for text in rows["published"]],
            "Ours": [
                _round_as_printed(ours, text)
                for ours, text in zip(rows["ours"], rows["published"], strict=True)
            ],
            "SD": rows["sd"].to_list(),
            "Difference": rows["difference"].to_list(),
            "Judgement": rows["judgement"].to_list(),
            "Holds": rows["holds"].to_list(),
        }
    )


def _round_as_printed(value: float, printed: str) -> Cell:
    digits = len(printed.partition(".")[2])
    return Cell(f"{value:.{digits}f}", value, True)


def show_judgements(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of the comparison."""
    counts = count_judgements(comparison)
    return counts.rename(columns={"holds": "hold"}).rename(columns=str.capitalize)


def show_reasons(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return why numbers are judged as they are, with how many of them hold."""
    keys = ["figure", "judgement", "reason"]
    counted = (
        comparison.groupby(keys, sort=False, dropna=False)["holds"]
        .agg(["size", "sum"])
        .reset_index()
    )
    counted.columns = pd.Index(["Figure", "Judgement", "Reason", "Numbers", "Hold"])
    counted = counted.sort_values("Figure", kind="stable")
    return counted[["Figure", "Judgement", "Numbers", "Hold", "Reason"]]


def _name_number(row: Mapping[Any, Any]) -> str:
    parts = []
    for key in ("method", "k", "distribution", "data", "group", "via", "classifier", "measure"):
        value = row.get(key)
        if value is None or pd.isna(value):
            continue
        if key == "data":
            parts.append(name_data(str(value), int(row["deletion"])))
        elif key == "k":
            parts.append(f"k = {int(value)}")
        elif key == "method":
            parts.append(name_method(str(value)))
        else:
            text = name_classifier(str(value)) if key == "classifier" else str(value)
            parts.append(text.replace("_", " "))
    return ", ".join(parts)


def show_steps(provenances: Mapping[str, Provenance]) -> pd.DataFrame:
    """Return every step behind each table, with its parameters."""
    rows = [
        {
            "Table": name,
            "No.": number,
            "Step": step["step"],
            "Parameters": ", ".join(
                f"{key.replace('_', ' ')} = {_write(value)}"
                for key, value in step.items()
                if key != "step"
            ),
        }
        for name, provenance in provenances.items()
        for number, step in enumerate(provenance["steps"], start=1)
    ]
    return pd.DataFrame(rows, columns=["Table", "No.", "Step", "Parameters"])


def _write(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)


def sum_times(
    jobs: Sequence[tuple[str, pd.DataFrame]], patterns: Mapping[str, str]
) -> pd.DataFrame:
    """Sum up the times of jobs by rule.

    Parameters
    ----------
    jobs : path of the benchmark of each job, and what stands in it.
    patterns : by the name of the rule, the regular expression that its benchmarks match.
    """
    rows = []
    for path, times in jobs:
        rule = next((name for name, form in patterns.items() if re.fullmatch(form, path)), None)
        if rule is not None:
            rows.append((rule, *times[["s", "cpu_time", "max_rss"]].iloc[0]))
    frame = pd.DataFrame(rows, columns=["rule", "s", "cpu_time", "max_rss"])
    summed = frame.groupby("rule", sort=False).agg(
        jobs=("s", "size"), s=("s", "sum"), cpu=("cpu_time", "sum"), rss=("max_rss", "max")
    )
    summed = summed.reindex([name for name in patterns if name in summed.index]).reset_index()
    summed.columns = pd.Index(["Rule", "Jobs", "Run time / s", "CPU time / s", "Peak memory / MB"])
    return summed


# Readings: two sentences each


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
