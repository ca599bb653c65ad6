"""What a run of the workflow is: all that rules ask of its configuration and its dataset."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from anonify.base.errors import UserError
from anonify.base.files import hash_file, is_csv, is_gzip, is_parquet, name_file
from anonify.settings.configuration import (
    FOLLOWING,
    add_evaluations,
    check_evaluations,
    check_fit,
    complete_configuration,
)
from anonify.settings.description import locate_description, read_description
from anonify.settings.parts import Part, list_parts, title_sections
from anonify.settings.schemas import read_yaml
from anonify.settings.search import find_file, list_search_path

CHANGES_NO_NUMBER = (
    "run",
    "search_path",
    "when_unavailable",
    "suppressed",
    "escape_formulas",
    "handout_format",
    "handout_records",
    "evaluations",
    "engine",
    "engine_memory",
    "engine_temp",
    "spark_url",
)
"""Where files are, what works on them, what is handed out and what is evaluated: no number hangs on
them."""

PAPERS_OWN = ("seed", "suppressed", "evaluations")
"""Keys of which the paper's configuration decides for its dataset alone.

Another one has the defaults of the schema unless a person decides otherwise: they protect people,
and leave out what takes long.
"""


def load_run(
    config: Mapping[str, Any], base: Path, given: Mapping[str, Any] | None = None
) -> "Run":
    """Check a configuration and read what it names.

    A description of the dataset in the working directory comes before one of the workflow.

    Parameters
    ----------
    config : as Snakemake gives it; missing keys take their defaults.
    base : folder of the workflow, which has ``config/``.
    given : the keys that the user gave of it, where the others are from ``config/config.yaml``.
        What that decides about :data:`PAPERS_OWN` it decides for the paper's dataset alone, and
        what follows from a limit of the user's it does not decide.

    Raises
    ------
    UserError : the first mistake in the configuration or the description.
    """
    paper_config = read_yaml(base / "config/config.yaml")
    given = config if given is None else given
    if config["dataset"] != paper_config["dataset"]:
        config = {
            key: value for key, value in config.items() if key in given or key not in PAPERS_OWN
        }
    if given.get("risk_limit") is not None:
        config = {key: value for key, value in config.items() if key not in FOLLOWING}
        config |= {key: given[key] for key in FOLLOWING if key in given}
    schema = base / "config/config.schema.yaml"
    config = complete_configuration(add_evaluations(config, schema, given), schema)
    place = locate_description(config["dataset"])
    own = Path("config/datasets") / place.name
    description = read_description(place, str(own))
    if description["name"] != config["dataset"]:
        raise UserError(
            f"{own}: `name` is {description['name']!r}; it should be {config['dataset']!r}, as "
            "the file is called"
        )
    check_fit(config, description)
    if "evaluations" in given:
        check_evaluations(config, description)
    paper = read_yaml(base / "config/paper/paper.yaml")
    return Run(config, description, place, paper, paper_config)


@dataclass(frozen=True, eq=False)
class Run:
    """A run, as :func:`load_run` makes it.

    Paths are those of rules, in which ``<results>`` is the folder of the run. Methods that take
    ``wildcards`` are input functions.

    Parameters
    ----------
    config : the checked configuration, with all keys.
    description : of the dataset, likewise.
    place : file of the description.
    paper : what is known of the published experiment.
    paper_config : configuration of the published experiment.
    """

    config: Mapping[str, Any]
    description: Mapping[str, Any]
    place: Path
    paper: Mapping[str, Any]
    paper_config: Mapping[str, Any]

    # What the run makes

    @cached_property
    def parts(self) -> list[Part]:
        """Tables with their figures, in the order of the sections."""
        return list_parts(self.description, self.config)

    @property
    def tables(self) -> list[str]:
        """Names of all tables."""
        return [part.table for part in self.parts] + [n for part in self.parts for n in part.lists]

    @property
    def figures(self) -> list[str]:
        """Names of all figures."""
        return [name for part in self.parts for name in part.figures]

    @cached_property
    def sections(self) -> dict[str, str]:
        """Titles of the sections by name; on the paper's dataset with the paper's numbers."""
        return title_sections(has_numbers=self.is_paper_dataset)

    @property
    def seed(self) -> int | str:
        """What random draws are keyed by: the configured number, or the file of a secret one."""
        configured = self.config["seed"]
        return f"{self.results}/dataset/{self.dataset}.key" if configured is None else configured

    # Where files lie

    @property
    def results(self) -> str:
        """Folder of the run."""
        name = self.config["run"]
        return f"results/{name}" if name else "results"

    @property
    def dataset(self) -> str:
        """Name of the dataset."""
        return str(self.description["name"])

    @property
    def source(self) -> str:
        """The dataset's file as it was found, with the wildcard of its name."""
        if "database" in self.description:
            return "<results>/dataset/{dataset}.source.parquet"
        file = self.description["file"]
        if is_csv(file):
            return "<results>/dataset/{dataset}.csv" + (".gz" if is_gzip(file) else "")
        kind = ".parquet" if is_parquet(file) else Path(file).suffix
        return "<results>/dataset/{dataset}.source" + kind

    @property
    def record(self) -> str:
        """What is known about that file."""
        return f"<results>/dataset/{self.dataset}.json"

    @property
    def table(self) -> str:
        """The typed table."""
        return f"<results>/dataset/{self.dataset}.parquet"

    @property
    def hierarchies(self) -> list[str]:
        """The hierarchies, in the order of the quasi-identifiers."""
        return [
            f"<results>/dataset/hierarchies/{self.dataset}_{name_file(name)}.csv"
            for name in self.list_columns("quasi-identifier")
        ]

    @property
    def chosen(self) -> str:
        """Method and k of the anonymized table that most evaluations look at, as in paths."""
        return "{method}/k{k}".format(**self.config["release"])

    @property
    def measured(self) -> list[str]:
        """The anonymized tables of all methods and k, the chosen one among them."""
        grid = [f"{m}/k{k}" for m in self.config["methods"] for k in self.config["k_values"]]
        return [
            f"<results>/anonymized/{name}.parquet" for name in dict.fromkeys([*grid, self.chosen])
        ]

    @property
    def shown(self) -> str:
        """The table that the report describes: what may be handed out.

        One sample stands for all: what a class has in common differs little between them.
        """
        deletion = self.config["shown_deletion"]
        if not deletion:
            return f"<results>/anonymized/{self.chosen}.parquet"
        return f"<results>/sampled/{self.chosen}/deletion{deletion}/repeat1.parquet"

    @property
    def handed_out(self) -> str:
        """That table as it may be handed out; its description lies beside it."""
        return f"<results>/release/{self.dataset}.{self.config['handout_format']}"

    @property
    def verdict(self) -> str:
        """What is found of that file, for the pages that show it."""
        return "<results>/measures/verdict.json"

    @property
    def left_out(self) -> list[dict[str, str]]:
        """Name, role and type of the columns that no table of ours has."""
        columns = self.description["columns"].items()
        return [
            {"name": name, "role": column["role"], "type": column["type"]}
            for name, column in columns
            if column["role"] in ("identifier", "person")
        ]

    def list_samples(self, repeats: int | None = None) -> list[str]:
        """List the samples of the chosen table: some repeats, or all, of each deletion."""
        return [
            f"<results>/sampled/{self.chosen}/deletion{deletion}/repeat{repeat}.parquet"
            for deletion in self.config["deletions"]
            for repeat in range(1, (repeats or self.config["repeats"]) + 1)
        ]

    @property
    def search_path(self) -> list[Path]:
        """Folders in which the files of the dataset are looked for."""
        return list_search_path(self.config["search_path"])

    # What the dataset is like

    def list_columns(self, *roles: str) -> list[str]:
        """List the columns with one of some roles."""
        columns = self.description["columns"].items()
        return [name for name, column in columns if column["role"] in roles]

    @property
    def dialect(self) -> dict[str, Any]:
        """How its file is written, where it is no Parquet."""
        keys = ("separator", "decimal", "encoding", "header", "first_line", "last_line", "sheet")
        return {key: self.description[key] for key in keys if key in self.description}

    @property
    def encodings(self) -> dict[str, Any]:
        """Encoding of each column that has one."""
        columns = self.description["columns"].items()
        return {name: column["encoding"] for name, column in columns if "encoding" in column}

    @property
    def positive(self) -> Any:
        """The class of the target that counts as the positive one, None for the last."""
        columns = self.description["columns"].values()
        return next((column["positive"] for column in columns if "positive" in column), None)

    @property
    def features(self) -> list[str]:
        """Choices of columns that classifiers learn from."""
        apart = ["without_quasi_identifiers", "quasi_identifiers_only"]
        return ["all", *(apart if self.list_columns("sensitive") else [])]

    @property
    def distributions(self) -> dict[str, dict[str, Any]]:
        """Distributions that are looked at, by name."""
        return dict(self.description.get("distributions", {}))

    @property
    def foreign(self) -> dict[str, dict[int, dict[str, Any]]]:
        """Tables that were anonymized elsewhere, by method and k."""
        return dict(self.description.get("releases", {}))

    @property
    def attacked(self) -> list[int]:
        """The smallest k, the largest, and the chosen one, which alone is sampled as well."""
        k_values = self.config["k_values"]
        return sorted({min(k_values), self.config["release"]["k"], max(k_values)})

    @property
    def hierarchy_files(self) -> dict[str, dict[str, Any]]:
        """Hierarchies that the description names as files, by their column as files name it."""
        columns = self.description["columns"]
        return {
            name_file(name): columns[name]["hierarchy"]
            for name in self.list_columns("quasi-identifier")
            if "file" in columns[name].get("hierarchy", {})
        }

    # What the methods can do

    @property
    def has_options(self) -> bool:
        """Whether there are options or requirements, which not every method has or keeps."""
        return bool(self.config["method_options"] or self.config["requirements"])

    def check_options(self, check: Callable[[str, Mapping[str, Any], bool], None]) -> None:
        """Check that the methods of the run have their options and keep the requirements.

        Parameters
        ----------
        check : ``anonify.methods.check_options``.

        Raises
        ------
        UserError : one does not.
        """
        named = {*self.config["methods"], *self.config["method_options"]}
        for method in sorted({*named, self.config["release"]["method"]} - {*self.foreign}):
            options = self.config["method_options"].get(method, {})
            try:
                check(method, options, bool(self.config["requirements"]))
            except UserError as error:
                raise UserError(f"configuration: {error}") from None

    # Input functions

    def get_options(self, wildcards: Any) -> dict[str, Any]:
        """Return the options of a method."""
        return dict(self.config["method_options"].get(wildcards.method, {}))

    def get_distribution(self, wildcards: Any) -> dict[str, Any]:
        """Return what a figure of a distribution shows."""
        return self.distributions[wildcards.distribution]

    def get_hierarchy_file(self, wildcards: Any) -> dict[str, Any]:
        """Return what is known of a hierarchy's file."""
        return self.hierarchy_files[wildcards.name]

    def get_hierarchy_files(self, wildcards: Any) -> list[str]:
        """List the hierarchies that the description names as files.

        One that is in no folder of the search path, but has sources, is downloaded.

        Raises
        ------
        UserError : one is nowhere and has no source.
        """
        found = []
        for name, hierarchy in self.hierarchy_files.items():
            path = find_file(hierarchy["file"], self.dataset, self.search_path)
            if path is None and not hierarchy.get("sources"):
                raise UserError(
                    f"config/datasets/{self.dataset}.yaml: the hierarchy {hierarchy['file']} is in "
                    f"none of {', '.join(map(str, self.search_path))}; put it there or correct its "
                    "name"
                )
            is_taken = path is not None and not hierarchy.get("sha256")
            download = f"<results>/dataset/hierarchies/files/{self.dataset}_{name}.csv"
            found.append(str(path) if is_taken else download)
        return found

    def get_population(self, wildcards: Any) -> list[str]:
        """List the table of the population, where the description names one.

        Raises
        ------
        UserError : it is nowhere.
        """
        file = self.description.get("population", {}).get("file")
        if file is None:
            return []
        path = find_file(file, self.dataset, self.search_path)
        if path is None:
            raise UserError(
                f"config/datasets/{self.dataset}.yaml: the population {file} is in none of "
                f"{', '.join(map(str, self.search_path))}; put it there or correct its name"
            )
        return [str(path)]

    def get_chosen_release(self, wildcards: Any) -> list[str]:
        """List what is handed out, for what is written beside it in another format."""
        is_chosen = wildcards.ending == self.config["handout_format"]
        return [] if is_chosen else [self.handed_out]

    def get_release(self, wildcards: Any) -> dict[str, Any]:
        """Return the description of a table that was anonymized elsewhere.

        Raises
        ------
        UserError : there is none with that k.
        """
        releases = self.foreign[wildcards.method]
        if int(wildcards.k) not in releases:
            raise UserError(
                f"{wildcards.method} has no table with k = {wildcards.k}, only with k = "
                f"{', '.join(map(str, releases))}"
            )
        return releases[int(wildcards.k)]

    # What is known about the dataset's file

    def read_record(self) -> dict[str, Any] | None:
        """Return what is known about the dataset's file, or None where there is none yet."""
        record, source = (
            Path(path.format(dataset=self.dataset).replace("<results>", self.results))
            for path in (self.record, self.source)
        )
        is_there = record.exists() and source.exists()
        return json.loads(record.read_text()) if is_there else None

    def is_stand_in(self) -> bool:
        """Tell whether the run works on the synthetic stand-in."""
        record = self.read_record()
        return bool(record and record["synthetic"])

    def get_lookup(self, wildcards: Any) -> dict[str, Any]:
        """Return where the dataset is looked for, and what happens if it is found nowhere.

        Once a verified file was found this stays what it was, so that neither a change of the
        search path nor `make run` after `make paper` reruns anything. A stand-in gives way as soon
        as the dataset turns up or is asked for. Whether a database has changed nobody looks.
        """
        record = self.read_record()
        if record and not record["synthetic"] and not self._is_edited(record):
            return dict(record["lookup"])
        file = self.description.get("file")
        found = find_file(file, self.dataset, self.search_path) if file else None
        return {
            "found": str(found) if found else None,
            "search_path": self.config["search_path"],
            "sha256": _hash_readable(found) if found else None,
            "when_unavailable": self.config["when_unavailable"],
        }

    def _is_edited(self, record: Mapping[str, Any]) -> bool:
        """Tell whether the file that was found is another by now; a known checksum rules it out."""
        origin = Path(record["origin"])
        if "sha256" in self.description or not origin.exists():
            return False
        return _hash_readable(origin) not in (None, record["sha256"])

    # The paper

    @property
    def is_paper_dataset(self) -> bool:
        """Whether the dataset is the paper's."""
        return bool(self.description.get("sha256") == self.paper["sha256"])

    @property
    def readings(self) -> list[str]:
        """How numbers are read: how the paper did is of interest on its dataset alone."""
        return ["as published", "corrected"] if self.is_paper_dataset else ["corrected"]

    @property
    def settings(self) -> dict[str, Any]:
        """The configuration without what says only where files are."""
        return _drop_harmless(self.config)

    @property
    def is_paper_configuration(self) -> bool:
        """Whether the configuration is the paper's, but for what changes no number."""
        return self.settings == _drop_harmless(self.paper_config)

    def is_paper_run(self) -> bool:
        """Tell whether the run is the paper's: its settings, on its dataset and no stand-in."""
        record = self.read_record()
        if record is None or record["synthetic"]:
            return False
        return bool(record["sha256"] == self.paper["sha256"]) and self.is_paper_configuration

    def get_reported_comparison(self, wildcards: Any) -> list[str]:
        """Return the comparison with the paper, where one was made and belongs to this run.

        Making it takes much longer than everything else, so the page does not ask for it.
        """
        path = Path(f"{self.results}/paper/comparison.csv")
        return [str(path)] if self.is_paper_run() and path.exists() else []

    def get_reported_texts(self, wildcards: Any) -> list[str]:
        """Return what is known about the original evaluation, likewise."""
        if not self.get_reported_comparison(wildcards):
            return []
        paths = (Path(f"{self.results}/paper/{name}.md") for name in ("errata", "reading"))
        return [str(path) for path in paths if path.exists()]

    def get_compared_table(self, wildcards: Any) -> str:
        """Return the table that a classifier is repeated on."""
        if wildcards.data == "original":
            return self.table
        published = "{method}/k{k}".format(**self.paper["release"])
        name = published if wildcards.data == "released" else self.chosen
        return f"<results>/anonymized/{name}.parquet"

    def get_via(self, wildcards: Any) -> str:
        """Return by which file a number is compared."""
        return "published release" if wildcards.data == "released" else "raw file"

    def get_varied(self, wildcards: Any) -> str:
        """Return what differs between the repeats of a classifier."""
        is_ours = wildcards.data == "anonymized"
        return "split" if is_ours else str(self.paper["varied"][wildcards.classifier])

    def get_runs(self, wildcards: Any) -> int:
        """Return how often a classifier is repeated."""
        return int(self.paper["splits" if wildcards.data == "anonymized" else "runs"])


def _drop_harmless(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in CHANGES_NO_NUMBER}


def _hash_readable(path: Path) -> str | None:
    """Return the SHA-256 of a file; None where it may not be read, which the job tells."""
    try:
        return hash_file(path)
    except OSError:
        return None
