"""What a run makes, once: all lists of tables, figures, sections and folders follow from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anonify.base.words import METRICS


@dataclass(frozen=True)
class Section:
    """An evaluation.

    Parameters
    ----------
    title : in reports.
    number : of the paper's section, where it has one.
    """

    title: str
    number: str = ""


SECTIONS = {
    "information_loss": Section("Information loss", "6.2.1"),
    "distribution": Section("Distribution of sensitive attributes", "6.2.2"),
    "classifiers": Section("Classifiers", "6.2.3"),
    "anonymity": Section("Anonymity", "6.3"),
    "identification": Section("Which columns identify"),
    "trade_off": Section("Choosing k and deletion"),
    "membership": Section("Membership inference"),
    "attribute_inference": Section("Attribute inference"),
}
"""Sections by name, in the order of reports.

Each has its rules in ``rules/<name>.smk`` and two captions in ``rules/captions/``: ``<name>.rst``
for its figures and ``<name>_table.rst``.
"""


@dataclass(frozen=True)
class Part:
    """A table with the figures that show it, all named without folder and ending.

    Parameters
    ----------
    section : name of its section.
    lists : tables that list one by one what ``table`` sums up.
    """

    section: str
    table: str
    figures: tuple[str, ...]
    lists: tuple[str, ...] = ()


PARTS = (
    Part("information_loss", "info_loss", ("info_loss", "info_loss_by_quasi_identifier")),
    Part("classifiers", "classifiers", tuple(METRICS)),
    Part(
        "anonymity",
        "anonymity",
        ("journalist_risk", "certainty", "risk_by_record"),
        lists=("equivalence_classes",),
    ),
    Part("identification", "identification", ("identification",)),
    Part("trade_off", "trade_off", ("trade_off",)),
    Part("membership", "membership", ("membership_advantage", "membership_low_fpr")),
    Part("attribute_inference", "attribute_inference", ("attribute_inference",)),
)
"""The parts that do not depend on the dataset; besides, each distribution is one."""

SETTINGS = {
    "classifiers": ("classifiers", "classifier_repeats", "test_share", "split_seed"),
    "membership": ("membership",),
}
"""Keys of the configuration that a section has for itself."""

FIGURE_KINDS = ("pdf", "png", "svg")
"""The files of a figure."""

RESULTS = frozenset(name for part in PARTS for name in (part.table, *part.lists, *part.figures))
"""Names of tables and figures, which a distribution can't have."""

RUN_FOLDERS = (
    "anonymized",
    "benchmarks",
    "dataset",
    "figures",
    "logs",
    "measures",
    "paper",
    "release",
    "sampled",
    "tables",
)
"""Folders of the run without a name, among which those of the others lie: no run is called so."""


def list_parts(description: Mapping[str, Any], config: Mapping[str, Any]) -> list[Part]:
    """List what a run makes of a dataset, in the order of the sections.

    Parameters
    ----------
    description : of the dataset.
    """
    distributions = (
        Part("distribution", name, (name,)) for name in description.get("distributions", {})
    )
    made = {*config["evaluations"]} - find_impossible(description, config).keys()
    parts = [part for part in (*PARTS, *distributions) if part.section in made]
    order = list(SECTIONS)
    return sorted(parts, key=lambda part: order.index(part.section))


def find_impossible(description: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, str]:
    """Return the sections that a dataset has nothing for, and why.

    Parameters
    ----------
    description : of the dataset.
    """
    roles = {column["role"] for column in description["columns"].values()}
    impossible = {}
    if config["release"]["method"] in description.get("releases", {}):
        impossible["membership"] = (
            "a release that was anonymized elsewhere has no members to be told from others"
        )
    if "target" not in roles:
        impossible |= dict.fromkeys(
            ("classifiers", "membership"), "no column of the dataset has the role `target`"
        )
    if not {"target", "sensitive"} & roles:
        impossible["attribute_inference"] = (
            "no column of the dataset has the role `sensitive` or `target`"
        )
    return impossible


def list_figures(section: str) -> list[str]:
    """List the figures of a section that does not depend on the dataset."""
    return [name for part in PARTS if part.section == section for name in part.figures]


def title_sections(has_numbers: bool) -> dict[str, str]:
    """Return the titles of the sections by name, with the paper's numbers or without."""
    return {
        name: f"{section.number} {section.title}".lstrip() if has_numbers else section.title
        for name, section in SECTIONS.items()
    }


def list_captions() -> list[str]:
    """List the captions of all sections: of their figures and of their tables."""
    return [f"{section}{kind}" for section in SECTIONS for kind in ("", "_table")]
