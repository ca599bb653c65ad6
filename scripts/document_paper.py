"""Write what is known about the original evaluation, with the evidence."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from anonify.base.files import replacing
from anonify.domains.domain import require_hierarchies
from anonify.domains.files import read_domains
from anonify.paper import findings
from anonify.paper.comparison import read_numbers
from anonify.settings.schemas import read_yaml
from anonify.tables.columns import names_with_role
from anonify.tables.storage import read_table
from job import run_job


def main(
    table: str,
    hierarchies: Sequence[str],
    anonymized: str,
    samples: Sequence[str],
    tables: Sequence[str],
    classes: str,
    comparison: str,
    published: str,
    paper: str,
    templates: Sequence[str],
    errata: str,
    reading: str,
    encodings: Mapping[str, Sequence[str]],
    deletions: Sequence[int],
    repeats: int,
    k: int,
    test_share: float,
    split_seed: int,
) -> None:
    """Write the errors of the original evaluation, and how to read its numbers."""
    original = read_table(table)
    domains = read_domains(hierarchies, original.quasi_identifiers)
    ours = {Path(path).stem: pd.read_csv(path) for path in tables}
    listed, release = pd.read_csv(classes), read_table(anonymized).frame
    facts: dict[str, Any] = {
        "swapped": findings.find_swapped_metrics(read_numbers(published), pd.read_csv(comparison)),
        "suppressed": findings.find_suppressed_class(listed, k),
        "left_out": findings.find_records_left_out(
            {name: part for name, part in ours.items() if "group" in part.columns}
        ),
        "remainders": findings.find_small_remainders(ours["info_loss"]),
        "variance": findings.find_repeats_without_variance(
            [read_table(path).frame for path in samples], original.quasi_identifiers, repeats
        ),
        "minority": findings.find_hidden_minority(ours["classifiers"]),
        "sound": findings.check_suspects(
            release,
            original.columns,
            encodings,
            require_hierarchies(list(domains.values())),
            listed,
            deletions,
        ),
        "baselines": findings.find_baselines(ours["classifiers"]),
        "rule": findings.find_two_threshold_rule(
            original.frame,
            names_with_role(original.columns, "target")[0],
            read_yaml(paper)["two_threshold_rule"],
            ours["classifiers"],
            test_share,
            split_seed,
        ),
        "mondrian": findings.find_mondrian_without(
            original.frame, domains, "gender", "Other", [50, 250, 500]
        ),
        "average": findings.find_average_risk(ours["anonymity"]),
        "sizes": findings.find_class_sizes(listed, k),
    }
    for template, path in zip(templates, (errata, reading), strict=True):
        with replacing(path) as temporary:
            temporary.write_text(_render(Path(template), facts), encoding="utf-8")


def _render(template: Path, facts: Mapping[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["markdown"] = lambda frame: frame.to_markdown(index=False)
    return environment.get_template(template.name).render(facts)


if __name__ == "__main__":
    run_job(main, snakemake)
