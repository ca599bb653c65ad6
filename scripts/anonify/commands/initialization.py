"""Describe a table that nobody has described yet, and propose a run on it."""

import os
import re
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate

from anonify.base.errors import UserError
from anonify.base.files import is_csv, is_gzip, name_format
from anonify.commands.terminal import command
from anonify.drafting.decisions import NO_BREAK, list_decisions, show_text
from anonify.drafting.drafts import USUAL_LIMIT, Draft, write_files
from anonify.drafting.examination import examine_table
from anonify.drafting.proposals import Proposal
from anonify.tables.dialect import Dialect

# Characters on a line of the terminal.
WIDTH = 92


@command("init")
@click.argument("table", metavar="TABLE", type=click.Path())
@click.option(
    "--name",
    metavar="NAME",
    help="Name of the dataset and of its run; that of the file where it is not given.",
)
@click.option(
    "--header/--no-header",
    default=None,
    help="Whether the first line of a CSV or row of a workbook names its columns, where that is "
    "not clear.",
)
@click.option(
    "--sheet", metavar="SHEET", help="The sheet of an Excel workbook, where several have values."
)
@click.option(
    "--risk-limit",
    type=click.FloatRange(0, 100, min_open=True),
    metavar="PER_CENT",
    help="Highest risk of re-identification that you accept, from which k follows; asked for on a "
    f"terminal, else {USUAL_LIMIT:g}.",
)
def init(
    table: str,
    name: str | None,
    header: bool | None,
    sheet: str | None,
    risk_limit: float | None,
) -> None:
    """Describe a table and propose a run on it.

    TABLE is a CSV (also .csv.gz), Parquet, Excel, SPSS, Stata or SAS file, or a folder of Parquet
    files. Type, role and hierarchy of each
    column are guessed; what there is to decide is listed. Two files are written, every line
    explained, for you to correct: config/datasets/NAME.yaml, the table, and config/NAME.yaml,
    the run.

    \b
    anonify init data/patients.csv
    """
    path = Path(table)
    chosen = _choose_name(path, name)
    _check_absent(chosen, is_given=name is not None)
    draft = examine_table(path, chosen, header, sheet, risk_limit or _ask_for_limit())
    write_files(draft)
    print(write_summary(draft))


def _ask_for_limit() -> float:
    """Ask for the highest risk that is accepted, where somebody can answer."""
    if not sys.stdin.isatty():
        return USUAL_LIMIT
    limit: float = click.prompt(
        "Highest risk of re-identification that you accept, in per cent",
        default=USUAL_LIMIT,
        type=click.FloatRange(0, 100, min_open=True),
        err=True,
    )
    return limit


def _choose_name(path: Path, name: str | None) -> str:
    if name is not None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
            raise UserError(
                f"`--name` is {name!r}; it should be letters without accents, digits, `_` and `-`, "
                "60 at most"
            )
        return name
    file = path.with_suffix("") if is_gzip(path) else path
    plain = unicodedata.normalize("NFKD", file.stem).encode("ascii", "ignore").decode()
    made = re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_-")[:60]
    if not made:
        raise UserError(f"{path}: no name can be made from that of the file; give one by `--name`")
    return made


def _check_absent(name: str, is_given: bool) -> None:
    files = [Path("config/datasets", f"{name}.yaml"), Path("config", f"{name}.yaml")]
    present = [str(file) for file in files if os.path.lexists(file)]
    if present:
        are, stay = ("is", "stays") if len(present) == 1 else ("are", "stay")
        another = "another `--name`" if is_given else "another name by `--name`"
        raise UserError(
            f"{' and '.join(present)} {are} there already and {stay} untouched; give {another}, or "
            "move what is there away"
        )


def write_summary(draft: Draft) -> str:
    """Return what was found, what is to decide and how to go on, for people to read."""
    decisions = list_decisions(draft.proposals, draft.records, draft.decimal, draft.settings["k"])
    numbered = [
        _wrap(f"{number:2}. {'FIRST, OR THE RUN STOPS: ' * decision.stops}{decision.text}")
        for number, decision in enumerate(decisions, start=1)
    ]
    return "\n".join(
        [
            _summarize(draft),
            "",
            _tabulate(draft.proposals),
            "",
            f"Decide, and correct {draft.description_file}:",
            "",
            *numbered,
            "",
            "Then:",
            "",
            f"  {draft.check_command}",
            f"  {draft.release_command}",
            f"  {draft.run_command}",
            "",
            f"A risk of up to {draft.risk_limit:g} % takes k = {draft.settings['k']}. What else is "
            f"tried is said in {draft.run_file};",
            f"results come to results/{draft.run}/.",
        ]
    )


def _summarize(draft: Draft) -> str:
    form = ", ".join([name_format(draft.table), *(show_text(note, 300) for note in draft.notes)])
    if draft.dialect and is_csv(draft.table):
        form = f"CSV, {', '.join(_describe_dialect(draft.dialect))}"
    columns = len(draft.proposals)
    return (
        f"{show_text(str(draft.table), 60)}: {draft.records:,} records, {columns} "
        f"{'column' if columns == 1 else 'columns'} ({form})"
    )


def _describe_dialect(dialect: Dialect) -> Iterator[str]:
    marks = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    yield f"columns parted by {marks.get(dialect.separator, repr(dialect.separator))}"
    if dialect.decimal == ",":
        yield "decimal commas"
    if dialect.encoding != "utf-8":
        yield f"read as {dialect.encoding}: see whether its letters are right"
    if dialect.header is False:
        yield "no header"
    if dialect.first_line > 1:
        yield f"from line {dialect.first_line} on"
    if dialect.last_line:
        yield f"up to line {dialect.last_line}"


def _tabulate(proposals: Sequence[Proposal]) -> str:
    rows = [
        [
            show_text(proposal.name, 24),
            proposal.profile.type,
            proposal.profile.distinct,
            proposal.profile.missing,
            proposal.role,
            show_text(_spell_hierarchy(proposal.hierarchy), 30),
        ]
        for proposal in proposals
    ]
    headers = ["column", "type", "distinct", "missing", "role", "hierarchy"]
    return tabulate(rows, headers, disable_numparse=True, colalign=["left"] * 2 + ["right"] * 2)


def _spell_hierarchy(rule: Mapping[str, Any] | None) -> str:
    """Return a hierarchy in a few words."""
    if rule is None:
        return ""
    if "intervals" in rule:
        return f"intervals of {', '.join(str(level['width']) for level in rule['intervals'])}"
    if "prefixes" in rule:
        return f"first {', '.join(map(str, rule['prefixes']))} characters"
    if "dates" in rule:
        return ", ".join(rule["dates"])
    return "from its file" if "file" in rule else "a value, then *"


def _wrap(text: str) -> str:
    filled = textwrap.fill(
        text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
    return filled.replace(NO_BREAK, " ")
