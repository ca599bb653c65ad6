"""The files that describe a table and a run on it, as they are proposed: commented YAML."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jinja2
import yaml

from anonify.base.errors import UserError
from anonify.base.files import hash_file, is_csv, is_folder, is_statistical, replacing
from anonify.base.places import CONFIGURATION, DATASET_SCHEMA, IS_INSTALLED, RUN_SCHEMA
from anonify.drafting.decisions import needs_tree, show_text
from anonify.drafting.proposals import Proposal, find_ends
from anonify.drafting.proposed_run import propose_distributions, propose_settings, spell
from anonify.settings.description import read_description
from anonify.settings.parts import RUN_FOLDERS
from anonify.settings.schemas import check_configuration, read_schema, read_yaml
from anonify.tables.dialect import Dialect

# Characters on a line.
WIDTH = 100

USUAL_LIMIT = 9.0
"""Per cent: the limit of the European Medicines Agency (Policy 0070) and of Health Canada."""


@dataclass(frozen=True)
class Draft:
    """What was found, and what is proposed.

    Parameters
    ----------
    dialect : how a CSV or the sheet of a workbook is written; None for other files.
    notes : what a person should know of how it was read.
    risk_limit : highest risk that the steward accepts, in per cent.
    """

    table: Path
    name: str
    records: int
    dialect: Dialect | None
    proposals: Sequence[Proposal]
    notes: Sequence[str] = ()
    risk_limit: float = USUAL_LIMIT

    @property
    def settings(self) -> dict[str, Any]:
        """What the run tries."""
        return propose_settings(self.proposals, self.records, self.risk_limit)

    @property
    def decimal(self) -> str:
        """What parts the decimals of its numbers."""
        return self.dialect.decimal if self.dialect else "."

    @property
    def title(self) -> str:
        """The name as it reads in figures."""
        return spell(self.name.replace("-", " "), is_first=True)

    @property
    def run(self) -> str:
        """The name of the run."""
        return f"{self.name}_run" if self.name in RUN_FOLDERS else self.name

    @property
    def description_file(self) -> Path:
        """Where the table is described."""
        return Path("config/datasets", f"{self.name}.yaml")

    @property
    def run_file(self) -> Path:
        """Where the run is configured."""
        return Path("config", f"{self.name}.yaml")

    @property
    def check_command(self) -> str:
        """What checks the description: a checkout has no command of its own."""
        return f"anonify check {self.name}" if IS_INSTALLED else f"make check NAME={self.name}"

    @property
    def release_command(self) -> str:
        """What makes what is handed out, and nothing else."""
        name, file = self.name, self.run_file
        return f"anonify run {name} release" if IS_INSTALLED else f"make release CONFIG={file}"

    @property
    def run_command(self) -> str:
        """What starts the run."""
        return f"anonify run {self.name}" if IS_INSTALLED else f"make run CONFIG={self.run_file}"


def write_files(draft: Draft) -> None:
    """Write description and run; neither if one is not as it should be.

    Raises
    ------
    UserError : what was written is not read as it was meant.
    """
    content = describe(draft)
    draft.description_file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(draft.description_file) as description, replacing(draft.run_file) as run:
        description.write_text(_render_description(draft, content), encoding="utf-8")
        _check_description(description, content, str(draft.description_file))
        run.write_text(_render_run(draft), encoding="utf-8")
        _check_run(run, str(draft.run_file))


def _render_description(draft: Draft, content: Mapping[str, Any]) -> str:
    k = draft.settings["k"]
    lines = [
        line
        for proposal in draft.proposals
        for line in (*_write_column(proposal), *_mention_ends(proposal, draft.decimal, k))
    ]
    return _render(
        "description.yaml.j2",
        **{"separator": None, "distributions": {}, **content, "columns": lines},
        unusual=_list_unusual(draft),
        has_labels=is_statistical(draft.table),
        run_file=draft.run_file,
        checksum=_write_checksum(draft.table),
    )


def _render_run(draft: Draft) -> str:
    return _render(
        "run.yaml.j2",
        name=draft.name,
        title=draft.title,
        run=draft.run,
        command=draft.run_command,
        defaults=CONFIGURATION / "config.yaml" if IS_INSTALLED else "config/config.yaml",
        records=f"{draft.records:,}",
        folder=_name_folder(draft.table),
        settings=draft.settings,
    )


def describe(draft: Draft) -> dict[str, Any]:
    """Return the description of a table."""
    marks: dict[str, Any] = {}
    if draft.dialect and is_csv(draft.table):
        marks = {"separator": draft.dialect.separator, "decimal": draft.dialect.decimal}
    content = {
        "name": draft.name,
        "title": draft.title,
        "file": _name_table(draft.table),
        **marks,
        **_list_unusual(draft),
        "sha256": hash_file(draft.table),
        "confidential": True,
        "columns": {proposal.name: proposal.describe() for proposal in draft.proposals},
    }
    distributions = propose_distributions(draft.proposals, draft.decimal)
    return {**content, "distributions": distributions} if distributions else content


def _name_table(table: Path) -> str:
    """Return a table as the description names it, so that a folder is known to be one."""
    return table.name if is_folder(table.name) or not table.is_dir() else f"{table.name}/"


def _write_checksum(table: Path) -> str:
    """Return the command that computes :func:`anonify.base.files.hash_file`."""
    name = shlex.quote(table.name)
    if not table.is_dir():
        return f"sha256sum {name}"
    listed = "find . -type f ! -path '*/[._]*' -printf '%P\\n' | LC_ALL=C sort"
    return f"(cd {name} && {listed} | xargs -d '\\n' sha256sum) | sha256sum"


def _list_unusual(draft: Draft) -> dict[str, Any]:
    """Return what of a dialect is not as usual, beside the marks that are said of every CSV."""
    if draft.dialect is None:
        return {}
    found, usual = asdict(draft.dialect), asdict(Dialect())
    if is_csv(draft.table):
        usual |= {key: found[key] for key in ("separator", "decimal")}
    return {key: value for key, value in found.items() if value != usual[key]}


def _name_folder(table: Path) -> str:
    """Return the folder of a table, from here if it lies below."""
    folder, here = table.parent.resolve(), Path.cwd().resolve()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)


def _check_description(path: Path, content: Mapping[str, Any], where: str) -> None:
    if read_yaml(path) != content:
        raise UserError(f"{where}: a name in the table can't be written to it; rename the columns")
    schema = read_schema(DATASET_SCHEMA)
    check_configuration(content, schema, where)
    if any(column["role"] == "quasi-identifier" for column in content["columns"].values()):
        read_description(path, where)


def _check_run(path: Path, where: str) -> None:
    check_configuration(read_yaml(path), read_schema(RUN_SCHEMA), where)


class _Dumper(yaml.SafeDumper):
    """Writes a text on one line, whatever is in it."""


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _write_scalar(value: Any) -> str:
    """Return a value as YAML on one line.

    >>> _write_scalar("no"), _write_scalar({"a": [1, "x: y"]})
    ("'no'", "{a: [1, 'x: y']}")
    """
    text: str = yaml.dump(
        [value],
        Dumper=_Dumper,
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=10**9,
    )
    return text.removesuffix("\n")[1:-1]


def _comment(text: object) -> str:
    """Return a text that stays in its comment: without the ends of lines."""
    return show_text(str(text), 300)


def _write_column(proposal: Proposal) -> list[str]:
    """Return the lines that describe a column, and in a comment why."""
    key, column = _write_scalar(proposal.name), proposal.describe()
    line = f"{key}: {_write_scalar(column)}"
    reason = f"# {_comment(proposal.reason)}"
    if len(line) + len(reason) <= WIDTH - 4:
        lines = [f"{line}  {reason}"]
    elif len(line) <= WIDTH - 2:
        lines = [reason, line]
    else:
        parts = [f"  {part}: {_write_scalar(value)}" for part, value in column.items()]
        lines = [f"{key}:  {reason}", *parts]
    if needs_tree(proposal):
        values = [value for value in proposal.profile.values if len(value) <= 20][:4]
        tree = {"Group A": values[:2], "Group B": [*values[2:], "…"]}
        lines.append(f"# in groups: hierarchy: {_write_scalar({'tree': tree})}")
    return lines


def _mention_ends(proposal: Proposal, decimal: str, k: int) -> list[str]:
    """Say in a comment which ends would hide the extremes of a number that few records have."""
    profile = proposal.profile
    is_shown = proposal.role in ("quasi-identifier", "sensitive")
    if not is_shown or profile.type not in ("integer", "decimal"):
        return []
    ends = find_ends(profile.list_numbers(decimal), k)
    keys = [f"{key}: {int(end) if profile.type == 'integer' else end}" for key, end in ends.items()]
    if not keys:
        return []
    verb = "s" if len(keys) == 1 else ""
    return [f"# extremes: {' and '.join(keys)} leave{verb} no end to fewer than {k} records"]


def _render(template: str, **content: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(scalar=_write_scalar, comment=_comment)
    return environment.get_template(template).render(**content)
