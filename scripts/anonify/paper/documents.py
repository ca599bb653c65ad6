"""The comparison, and what is known about the original evaluation, as documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from anonify.domains.domain import Domain, require_hierarchies
from anonify.paper import findings
from anonify.paper.comparison import count_judgements
from anonify.paper.findings import Facts
from anonify.tables.columns import names_with_role
from anonify.tables.storage import Table

TEMPLATES = Path(__file__).with_name("templates")

# Named in full: an edit of a file reruns what names it.
DOCUMENTS = {"errata": "errata.md.j2", "reading": "reading.md.j2"}


@dataclass(frozen=True)
class Evidence:
    """What the statements of the documents are computed from.

    Parameters
    ----------
    original : the typed table.
    domains : by the name of the quasi-identifier.
    anonymized : frame of the table that is evaluated.
    samples : frames of its samples, all repeats of a deletion after each other.
    tables : our tables by name: ``info_loss``, ``anonymity``, ``classifiers``, the distributions.
    classes : all equivalence classes before and after sampling.
    comparison : of every published number with ours.
    published : published numbers of the classifiers.
    """

    original: Table
    domains: Mapping[str, Domain]
    anonymized: pd.DataFrame
    samples: Sequence[pd.DataFrame]
    tables: Mapping[str, pd.DataFrame]
    classes: pd.DataFrame
    comparison: pd.DataFrame
    published: pd.DataFrame


def gather_facts(
    evidence: Evidence,
    encodings: Mapping[str, Sequence[str]],
    thresholds: Mapping[str, float],
    *,
    deletions: Sequence[int],
    repeats: int,
    k: int,
    test_share: float,
    split_seed: int,
) -> dict[str, Facts]:
    """Return the numbers behind each statement, by the name that the documents have for it.

    Parameters
    ----------
    thresholds : of the rule that a record is positive if any attribute reaches its threshold.
    """
    original, tables = evidence.original, evidence.tables
    return {
        "swapped": findings.find_swapped_metrics(evidence.published, evidence.comparison),
        "suppressed": findings.find_suppressed_class(evidence.classes, k),
        "left_out": findings.find_records_left_out(
            {name: part for name, part in tables.items() if "group" in part.columns}
        ),
        "remainders": findings.find_small_remainders(tables["info_loss"]),
        "variance": findings.find_repeats_without_variance(
            evidence.samples, list(evidence.domains), repeats
        ),
        "minority": findings.find_hidden_minority(tables["classifiers"]),
        "sound": findings.check_suspects(
            evidence.anonymized,
            original.columns,
            encodings,
            require_hierarchies(list(evidence.domains.values())),
            evidence.classes,
            deletions,
        ),
        "baselines": findings.find_baselines(tables["classifiers"]),
        "rule": findings.find_two_threshold_rule(
            original.frame,
            names_with_role(original.columns, "target")[0],
            thresholds,
            tables["classifiers"],
            test_share,
            split_seed,
        ),
        "mondrian": findings.find_mondrian_without(
            original.frame, evidence.domains, "gender", "Other", [50, 250, 500]
        ),
        "average": findings.find_average_risk(tables["anonymity"]),
        "sizes": findings.find_class_sizes(evidence.classes, k),
    }


def render_document(name: str, facts: Mapping[str, Any]) -> str:
    """Return a document as Markdown.

    Parameters
    ----------
    name : of :data:`DOCUMENTS`.
    facts : what :func:`gather_facts` returns.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["markdown"] = lambda frame: frame.to_markdown(index=False)
    return environment.get_template(DOCUMENTS[name]).render(facts)


def describe_comparison(rows: pd.DataFrame, about: Mapping[str, str]) -> str:
    """Return the comparison as Markdown: the totals, and every number by its figure.

    Parameters
    ----------
    rows : what :func:`anonify.paper.comparison.judge_numbers` returns.
    about : ``title`` and ``doi`` of the paper.
    """
    parts = [
        "# Every published number beside ours",
        f"{about['title']}, doi:{about['doi']}.",
        count_judgements(rows).to_markdown(index=False),
    ]
    for figure, group in rows.groupby("figure"):
        shown = group.dropna(axis="columns", how="all")
        shown = shown.drop(columns=["figure", "table", "source", "freedom"], errors="ignore")
        as_printed = [shown.columns.get_loc("published")]
        text = shown.to_markdown(index=False, floatfmt=".8g", disable_numparse=as_printed)
        parts += [f"## Figure {figure}", text]
    return "\n\n".join(parts) + "\n"
