"""The report: one page with summary, figures, tables, readings and provenance."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pandas as pd
import yaml
from itables import options
from markupsafe import Markup

from anonify.base.errors import UserError
from anonify.base.words import count, format_number, name_method
from anonify.paper.comparison import check_comparable
from anonify.report.choosing import make_choice
from anonify.report.grids import make_grid
from anonify.report.origin import check_origin, find_commit, list_versions, name_origin
from anonify.report.sections import SECTIONS, Context, Part, title_part
from anonify.report.sentences import say_drawn
from anonify.report.tables import show_comparison, show_judgements, show_reasons, show_steps
from anonify.report.texts import make_picture, render_caption, render_markdown
from anonify.report.verdict import show_verdict
from anonify.tables.provenance import Provenance

TEMPLATES = Path(__file__).with_name("templates")

PAGES = (
    "page.html.j2",
    "macros.html.j2",
    "verdict.html.j2",
    "verdict_page.html.j2",
    "choosing.html.j2",
    "report.html.j2",
)
"""The templates, each after those that it is made of."""


@dataclass(frozen=True)
class Results:
    """What a run made, as the page is written from it.

    Parameters
    ----------
    dataset : what provenance says of it, and the ``origin`` of its file.
    tables, provenances : by the name of the table.
    figures, narrow : SVG by the name of the figure, for wide windows and for narrow ones.
    captions : sources by the name of the caption: a section, or a section with ``_table``.
    verdict : on the table that is handed out.
    comparison : with the paper, where it was made; ``texts`` by name besides.
    times : run times by rule, what :func:`anonify.report.tables.sum_times` returns.
    """

    dataset: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    provenances: Mapping[str, Provenance]
    figures: Mapping[str, bytes]
    narrow: Mapping[str, bytes]
    captions: Mapping[str, str]
    verdict: Mapping[str, Any]
    comparison: pd.DataFrame | None
    texts: Mapping[str, str]
    times: pd.DataFrame


@dataclass(frozen=True)
class Outline:
    """What the page shows, and of which run.

    Parameters
    ----------
    parts : for each table its ``section``, its name ``table`` and the names of its ``figures``.
    sections : their headings by name.
    configuration : of the run.
    distributions : as the dataset's description has them.
    paper : ``title``, ``doi`` and ``sha256`` of its dataset.
    readings : ``as published`` and ``corrected``, or the latter alone.
    is_paper_configuration : whether the configuration is the paper's.
    """

    parts: Sequence[Mapping[str, Any]]
    sections: Mapping[str, str]
    configuration: Mapping[str, Any]
    distributions: Mapping[str, Mapping[str, Any]]
    paper: Mapping[str, str]
    readings: Sequence[str]
    is_paper_configuration: bool


def write_page(results: Results, outline: Outline) -> str:
    """Return the page; all of it but the commit and run times follows from the arguments.

    Raises
    ------
    UserError : a table was made from another dataset than the one that is described.
    """
    check_origin(results.provenances, results.dataset)
    provenances = {"release": results.verdict["provenance"], **results.provenances}
    dataset, configuration = results.dataset, outline.configuration
    return render_page(
        "report.html.j2",
        verdict=show_verdict(results.verdict, dataset["synthetic"]),
        dataset={**dataset, "origin": name_origin(dataset["origin"])},
        paper=outline.paper if len(outline.readings) > 1 else None,
        configuration=configuration,
        settings=yaml.safe_dump(dict(configuration), sort_keys=False, default_flow_style=None),
        sections=outline.sections,
        parts=[_make_part(results, outline, **part) for part in outline.parts],
        **_show_comparison(results.comparison),
        no_comparison=explain_absence(dataset, outline.paper, outline.is_paper_configuration),
        texts={name: render_markdown(text) for name, text in results.texts.items()},
        steps=make_grid(show_steps(provenances)),
        versions=list_versions(provenances),
        commit=find_commit(),
        times=make_grid(results.times),
        cpu_time=round(results.times["CPU time / s"].sum()),
    )


def _make_part(
    results: Results, outline: Outline, section: str, table: str, figures: Sequence[str]
) -> Part:
    """Make what the page shows of a table."""
    distribution = outline.distributions.get(table, {}) if section == "distribution" else {}
    context = Context(outline.configuration, distribution, outline.readings)
    frame, functions = results.tables[table], SECTIONS[section]
    caption = results.captions[section]
    note = render_caption(results.captions[f"{section}_table"], _imitate_job(outline, table))
    return Part(
        section,
        table,
        title_part(table, distribution),
        [*functions.say(frame, context), *say_drawn(results.provenances[table])],
        [
            make_picture(
                name,
                (results.figures[name], results.narrow[name]),
                caption,
                _imitate_job(outline, name),
            )
            for name in figures
        ],
        make_grid(functions.show(frame, context), note),
        make_choice(frame, outline.configuration) if section == "trade_off" else None,
    )


def _imitate_job(outline: Outline, name: str) -> Any:
    """Return what captions call ``snakemake`` in the job that drew a figure or made a table."""
    return SimpleNamespace(
        wildcards=SimpleNamespace(figure=name, metric=name, distribution=name),
        params=SimpleNamespace(
            distribution=outline.distributions.get(name), readings=outline.readings
        ),
        config=outline.configuration,
    )


def _show_comparison(comparison: pd.DataFrame | None) -> dict[str, Any]:
    """Return what the page shows of the comparison with the paper, where there is one."""
    if comparison is None:
        return {"compared": 0, "failed": 0}
    return {
        "compared": len(comparison),
        "failed": int((~comparison["holds"]).sum()),
        "judgements": make_grid(show_judgements(comparison)),
        "reasons": make_grid(show_reasons(comparison)),
        "numbers": make_grid(show_comparison(comparison)),
    }


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


def write_verdict(verdict: Mapping[str, Any]) -> str:
    """Return the page of the verdict alone, the first screen of the other."""
    dataset = verdict["provenance"]["dataset"]
    shown = show_verdict(verdict, dataset["synthetic"])
    return render_page("verdict_page.html.j2", verdict=shown, dataset=dataset, paper=None)


def render_page(name: str, **content: Any) -> str:
    """Fill the template of a page. Everything is in the page, it loads nothing."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({each: _read_template(each) for each in PAGES}),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=format_number, method=name_method, groups=_group_parts)
    environment.globals["count"] = count
    style = Markup("".join(map(_read_template, ("report.css", "choosing.css"))))
    script = Markup(_load_sorting() + "".join(map(_read_template, ("choosing.js", "report.js"))))
    template = environment.get_template(name)
    return template.render(**content, style=style, script=script, policy=_allow_only(script, style))


def _read_template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _load_sorting() -> str:
    """Return DataTables as the beginning of a script in the page, which knows it by that name.

    It comes from the package that keeps it, as a module; its last statement is what it exports.
    """
    module = Path(options.dt_bundle).read_text(encoding="utf-8")
    module, _, exported = module.rpartition("export{")
    name = re.findall(r"([\w$]+) as default\b", exported)[0]
    # The page would take these for the end or the beginning of a script.
    module = re.sub(r"<(?=!--|/?script)", r"\\x3c", module, flags=re.IGNORECASE)
    return f"{module}\nconst DataTable = {name};\n"


def _allow_only(script: str, style: str) -> str:
    """Return the policy that lets only these run on the page, and lets it load nothing.

    What a description smuggles in would neither run nor be asked for. Source: Content Security
    Policy Level 3 (W3C), 2.3.1, hashes of inline scripts and styles.
    """
    return (
        f"default-src 'none'; script-src {_name_hash(script)}; style-src {_name_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _name_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _group_parts(parts: Sequence[Part]) -> list[tuple[str, list[Part]]]:
    sections = dict.fromkeys(part.section for part in parts)
    return [(name, [part for part in parts if part.section == name]) for name in sections]
