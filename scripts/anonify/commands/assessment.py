"""Say what a released table keeps and what risk it leaves."""

import math
import textwrap
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate

from anonify.base.files import check_place, write_json
from anonify.base.words import MEASURES
from anonify.commands.engines import engine_options
from anonify.commands.population import write_population
from anonify.commands.terminal import command, tell
from anonify.datasets.opened import list_sources, opening_dataset
from anonify.datasets.population import find_population
from anonify.engines.choice import Wanted
from anonify.measures.assessment import assess_release
from anonify.measures.verdict_in_words import (
    say_certain,
    say_cost,
    say_left_out,
    say_open_limit,
    say_risk,
    state_verdict,
)
from anonify.releases.dataset import Dataset, StoredDataset
from anonify.releases.description import name_description
from anonify.releases.foreign import Released, read_any_release

LEFT_OUT = {
    "prosecutor_risk_lowest",
    "journalist_risk_lowest",
    "population_risk_lowest",
    "journalist_risk_above_threshold",
    "certainty_highest",
    "certainty_average",
    "certainty_lowest",
}
"""What the terminal does not say of a released table; the JSON file has it all."""

WIDTH = 88
"""Letters in a line of the terminal."""

MODELS = {
    "distinct_l": "distinct ℓ",
    "entropy_l": "entropy ℓ",
    "recursive_c": "recursive c above",
    "t": "t",
    "alpha": "α",
}


@command("assess")
@click.argument("release", metavar="RELEASE", type=click.Path())
@click.option(
    "--config",
    "named",
    required=True,
    metavar="NAME",
    help="Dataset: a name in config/datasets/, or a .yaml: its description, or a run's settings.",
)
@click.option(
    "--original",
    metavar="TABLE",
    help="The table before anonymization; looked for where it is not given.",
)
@click.option(
    "--anonymized", metavar="TABLE", help="The table before sampling, where RELEASE is a sample."
)
@click.option(
    "-k",
    "k",
    type=click.IntRange(2),
    help="The k that was promised; the achieved one where it is not given.",
)
@click.option(
    "--risk-limit",
    type=click.FloatRange(0, 100, min_open=True),
    metavar="PERCENT",
    help="The highest risk that is accepted, in per cent, for who knows that a person is in it.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    default=1.0,
    show_default=True,
    help="Count records whose risk is above this many per cent.",
)
@click.option(
    "--json",
    "output",
    metavar="FILE",
    help="Where to write the numbers. Without it beside RELEASE; where that lies with its "
    "description, so that its folder may be handed out, in the folder in which you are.",
)
@click.option(
    "--safe-harbor",
    "is_safe_harbor_asked",
    is_flag=True,
    help="Check the columns against the eighteen identifiers of HIPAA's Safe Harbor, too.",
)
@engine_options
def assess(
    release: str,
    named: str,
    original: str | None,
    anonymized: str | None,
    k: int | None,
    risk_limit: float | None,
    threshold: float,
    output: str | None,
    is_safe_harbor_asked: bool,
    **engine: Any,
) -> None:
    """Say whether a released table keeps its limits, what it cost, and what risk it leaves.

    RELEASE is a CSV or Parquet file made by any tool. Records that show
    nothing but the roots (*) are counted as the group that they are.

    \b
    anonify assess results/anonymized/arx/k250.csv --config diabetes -k 250 --risk-limit 1
    """
    path = Path(output) if output else _choose_place(Path(release))
    given = [Path(name) for name in (release, anonymized) if name]
    described = [name_description(table) for table in given]
    check_place(path, [*given, *described, *list_sources(named, original)])
    with opening_dataset(named, original, Wanted.of(engine), tell) as dataset:
        released = read_any_release(release, dataset)
        assessment = assess_release(
            released,
            read_any_release(anonymized, dataset) if anonymized else None,
            dataset,
            k,
            threshold,
            risk_limit,
            find_population(named, dataset),
        )
        shown = _check_safe_harbor(released, dataset, assessment) if is_safe_harbor_asked else ""
    print(write_report(release, assessment), write_population(assessment["population"]), sep="\n\n")
    if shown:
        print(f"\n{shown}")
    write_json(_replace_infinite({"release": release, "dataset": dataset.name, **assessment}), path)
    tell(f"numbers in {path}")


def _check_safe_harbor(
    released: Released, dataset: Dataset | StoredDataset, assessment: dict[str, Any]
) -> str:
    """Add to an assessment which identifiers of Safe Harbor a release shows, and return it as text.

    What knows of them is imported here, as few ask for it.
    """
    from anonify.commands.safe_harbor import write_safe_harbor
    from anonify.drafting.safe_harbor import check_safe_harbor

    findings = check_safe_harbor(released, dataset)
    assessment["safe_harbor"] = [asdict(finding) for finding in findings]
    return write_safe_harbor(findings)


def _choose_place(release: Path) -> Path:
    """Return where the numbers go: not beside what may be handed out, for they tell more."""
    place = release.with_suffix(".assessment.json")
    return Path(place.name) if name_description(release).exists() else place


def write_report(release: str, assessment: Mapping[str, Any]) -> str:
    """Return the assessment as text for the terminal."""
    parts = [release, *write_verdict(assessment["verdict"])]
    for title, group in (("Risk", assessment["risk"]), ("Quality", assessment["quality"])):
        rows = [
            (MEASURES[name].label.format(threshold=assessment["threshold"]), _format(group[name]))
            for name in MEASURES
            if name in group and name not in LEFT_OUT
        ]
        parts.append(
            f"{title}\n"
            + tabulate(rows, tablefmt="plain", colalign=("left", "right"), disable_numparse=True)
        )
    rows = [
        (name, *(_format(found[model]) for model in MODELS))
        for name, found in assessment["privacy"].items()
    ]
    if rows:
        parts.append(
            "Sensitive attributes\n"
            + tabulate(
                rows,
                ["", *MODELS.values()],
                tablefmt="plain",
                disable_numparse=True,
                colalign=("left", *["right"] * len(MODELS)),
            )
        )
    suppressed = assessment["risk"]["suppressed_records"]
    if suppressed:
        parts.append(
            f"{suppressed:,} records show nothing but the roots. They are counted as the group\n"
            "that they are: who fits no other class is one of them. They are better left out of\n"
            "what is handed out."
        )
    if assessment["counted"] == "people":
        parts.append(
            "k and risks count people: the fewest that each class may be of, as the original has\n"
            "several records of some."
        )
    return "\n\n".join(parts)


def write_verdict(verdict: Mapping[str, Any]) -> list[str]:
    """Return the verdict as paragraphs for the terminal."""
    stated = state_verdict(verdict)
    broken = "Not certain" if verdict.get("is_bound") else "Not kept"
    limits = [f"{'Kept' if is_kept else broken}. {sentence}" for sentence, is_kept in stated.limits]
    texts = [
        f"Verdict: {stated.headline}.",
        *(
            f"- {sentence}"
            for sentence in (*limits, say_open_limit(verdict, "--risk-limit"))
            if sentence
        ),
    ]
    parts = {
        "Risk": say_risk(verdict),
        "Cost": say_cost(verdict),
        "What the groups give away": say_certain(verdict),
        "Left out": say_left_out(verdict),
    }
    paragraphs = [f"{title}. {text}" for title, text in parts.items() if text]
    lines = [_fill(text, indent="  ") for text in texts]
    return ["\n".join(lines), *map(_fill, paragraphs)]


def _fill(text: str, indent: str = "") -> str:
    """Break a text into lines; no line ends before the sign of per cent."""
    filled = textwrap.fill(text, WIDTH, subsequent_indent=indent)
    return filled.replace("\N{NO-BREAK SPACE}", " ")


def _format(value: float) -> str:
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return "none" if math.isinf(value) else f"{value:.4g}"


def _replace_infinite(content: Any) -> Any:
    """Return the content with None for what JSON has no number for."""
    if isinstance(content, dict):
        return {name: _replace_infinite(value) for name, value in content.items()}
    return None if isinstance(content, float) and not math.isfinite(content) else content
