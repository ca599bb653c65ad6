"""Write the report: one page with summary, figures, tables, readings and provenance."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import yaml

from anonify.base.errors import UserError
from anonify.base.files import replacing
from anonify.base.places import WORKFLOW
from anonify.base.values import SUPPRESSED
from anonify.base.words import count
from anonify.report.page import (
    Part,
    explain_absence,
    make_grid,
    make_picture,
    render_caption,
    render_markdown,
    render_page,
)
from anonify.report.sentences import describe_release, read_part
from anonify.report.tables import (
    show_comparison,
    show_judgements,
    show_part,
    show_reasons,
    show_steps,
    sum_times,
    title_part,
)
from anonify.tables.provenance import Provenance, read_provenance
from anonify.tables.storage import Table, read_table
from anonify.verification.privacy import measure_privacy
from job import run_job, tell

PACKAGES = ["matplotlib", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy"]


def main(
    tables: Sequence[str],
    metadata: Sequence[str],
    figures: Sequence[str],
    record: str,
    released: str,
    captions: Sequence[str],
    template: str,
    style: str,
    comparison: Sequence[str],
    texts: Sequence[str],
    page: str,
    parts: Sequence[Mapping[str, Any]],
    sections: Mapping[str, str],
    configuration: Mapping[str, Any],
    distributions: Mapping[str, Mapping[str, Any]],
    paper: Mapping[str, str],
    readings: Sequence[str],
    is_paper_configuration: bool,
    benchmarks: str,
    benchmark_patterns: Mapping[str, str],
) -> None:
    """Write the page; all of it but commit and run times follows from inputs and params."""
    dataset = json.loads(Path(record).read_text())
    frames = {Path(path).stem: pd.read_csv(path) for path in tables}
    names = list(frames)
    provenances = dict(zip(names, map(read_provenance, metadata), strict=True))
    check_origin(provenances, dataset)
    drawn = {Path(path).stem: Path(path).read_bytes() for path in figures}
    written = {Path(path).stem: read_text(path) for path in captions}
    judged = pd.read_csv(comparison[0], dtype={"published": "str"}) if comparison else None
    times = sum_times(read_times(benchmarks), benchmark_patterns)

    def caption_job(name: str) -> Any:
        wildcards = SimpleNamespace(figure=name, metric=name, distribution=name)
        params = SimpleNamespace(distribution=distributions.get(name), readings=readings)
        return SimpleNamespace(wildcards=wildcards, params=params, config=configuration)

    def make_part(section: str, table: str, figures: Sequence[str]) -> Part:
        distribution = distributions.get(table) if section == "distribution" else None
        note = render_caption(written[f"{section}_table"], caption_job(table))
        return Part(
            section,
            table,
            title_part(table, distribution),
            read_part(section, frames[table], configuration, distribution, readings),
            [make_picture(n, drawn[n], written[section], caption_job(n)) for n in figures],
            make_grid(show_part(section, frames[table], distribution, readings), note),
        )

    people = int(frames["equivalence_classes"].query("data == 'anonymized'")["size"].sum())
    chosen = describe_release(
        frames["trade_off"].query("is_chosen").to_dict("records")[0],
        people,
        frames.get("classifiers"),
        find_uniform(read_table(released)),
    )
    text = render_page(
        template,
        style=read_text(style),
        dataset={**dataset, "origin": name_origin(dataset["origin"])},
        paper=paper if len(readings) > 1 else None,
        configuration=configuration,
        settings=yaml.safe_dump(dict(configuration), sort_keys=False, default_flow_style=None),
        records=people,
        chosen=render_markdown(" ".join(chosen)),
        releases=len(frames["info_loss"]),
        sections=sections,
        parts=[make_part(**part) for part in parts],
        compared=0 if judged is None else len(judged),
        failed=0 if judged is None else int((~judged["holds"]).sum()),
        no_comparison=explain_absence(dataset, paper, is_paper_configuration),
        judgements=None if judged is None else make_grid(show_judgements(judged)),
        reasons=None if judged is None else make_grid(show_reasons(judged)),
        numbers=None if judged is None else make_grid(show_comparison(judged)),
        texts={Path(path).stem: render_markdown(read_text(path)) for path in texts},
        steps=make_grid(show_steps(provenances)),
        versions=list_versions(provenances),
        commit=find_commit(),
        times=make_grid(times),
        cpu_time=round(times["CPU time / s"].sum()),
    )
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    tell(f"{page}: {count(len(drawn), 'figure')}, {len(text) / 1e6:.1f} MB")


def find_uniform(released: Table) -> list[str]:
    """List the other columns that have a single value in all of some equivalence class."""
    names = released.quasi_identifiers
    others = [column.name for column in released.columns if column.name not in names]
    is_said = not released.frame[SUPPRESSED].all()
    return [
        name
        for name in others
        if is_said and measure_privacy(released.frame, names, name).alpha == 1
    ]


def check_origin(provenances: Mapping[str, Provenance], dataset: Mapping[str, Any]) -> None:
    """Make sure that all tables were made from the dataset that is described."""
    for name, provenance in provenances.items():
        if provenance["dataset"]["sha256"] != dataset["sha256"]:
            raise UserError(
                f"results/tables/{name}.csv: the table was made from another file than the "
                f"dataset {dataset['name']!r} is now; make it again with "
                f"`snakemake all --forcerun prepare_dataset`"
            )


def read_text(path: str) -> str:
    """Read a text as it is written."""
    return Path(path).read_text(encoding="utf-8")


def name_origin(origin: str) -> str:
    """Return where the dataset comes from, without the folders of this machine."""
    return origin if "://" in origin else Path(origin).name


def read_times(folder: str) -> list[tuple[str, pd.DataFrame]]:
    """Read what Snakemake measured of each job: the path as rules have it, and the times."""
    paths = sorted(Path(folder).rglob("*.tsv"))
    return [(path.as_posix(), pd.read_csv(path, sep="\t", na_values="-")) for path in paths]


def list_versions(provenances: Mapping[str, Provenance]) -> dict[str, str]:
    """List the versions that tables were made with, and those that are installed besides."""
    versions: dict[str, str] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    for provenance in provenances.values():
        versions.update(provenance["versions"])
    return dict(sorted(versions.items()))


def find_commit() -> str:
    """Return the commit of this software and whether files differ from it, if git knows it."""
    root = WORKFLOW
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--exclude=*"]
    try:
        top = subprocess.check_output(
            ["git", "-C", str(root), "rev-parse", "--show-toplevel"], text=True
        )
        if Path(top.strip()).resolve() != root.resolve():
            return "unknown"
        return subprocess.check_output([*command, "--dirty= with changes"], text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


if __name__ == "__main__":
    run_job(main, snakemake)
