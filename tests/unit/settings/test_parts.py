"""What a run makes, and that the workflow makes what is told."""

import re
from pathlib import Path

import pytest

from anonify.base.places import RUN_SCHEMA
from anonify.settings.parts import (
    PARTS,
    RESULTS,
    RUN_FOLDERS,
    SECTIONS,
    SETTINGS,
    list_captions,
    list_figures,
    list_parts,
    title_sections,
)
from anonify.settings.schemas import read_yaml

RULES = Path(__file__).parents[3] / "rules"
CONFIG = {"release": {"method": "arx", "k": 4}, "evaluations": list(SECTIONS)}


def describe(*roles: str, **more: object) -> dict[str, object]:
    columns = {f"column{number}": {"role": role} for number, role in enumerate(roles)}
    return {"columns": columns, **more}


def test_parts_come_in_the_order_of_the_sections():
    description = describe(
        "quasi-identifier", "sensitive", "target", distributions={"one": {}, "two": {}}
    )
    made = list_parts(description, CONFIG)
    assert list(dict.fromkeys(part.section for part in made)) == list(SECTIONS)
    assert [part.table for part in made][:4] == ["info_loss", "one", "two", "classifiers"]


@pytest.mark.parametrize(
    ("roles", "method", "missing"),
    [
        (["quasi-identifier"], "arx", {"classifiers", "membership", "attribute_inference"}),
        (["quasi-identifier", "sensitive"], "arx", {"classifiers", "membership"}),
        (["quasi-identifier", "target"], "arx", set()),
        # A table of others has no members that could be told from those held out.
        (["quasi-identifier", "target"], "elsewhere", {"membership"}),
    ],
)
def test_a_part_is_left_out_where_the_dataset_has_nothing_for_it(roles, method, missing):
    description = describe(*roles, releases={"elsewhere": {4: {}}})
    config = {**CONFIG, "release": {"method": method, "k": 4}}
    made = {part.section for part in list_parts(description, config)}
    assert set(SECTIONS) - made == missing | {"distribution"}


def test_what_is_not_to_be_evaluated_is_left_out():
    description = describe("quasi-identifier", "target", distributions={"age": {}})
    made = list_parts(description, {**CONFIG, "evaluations": ["trade_off", "distribution"]})
    assert [part.table for part in made] == ["age", "trade_off"]


def test_settings_are_of_sections_and_keys_that_there_are():
    assert set(SETTINGS) < set(SECTIONS)
    assert {key for keys in SETTINGS.values() for key in keys} < set(
        read_yaml(RUN_SCHEMA)["properties"]
    )


def test_a_distribution_is_a_table_and_a_figure_of_its_name():
    description = describe("quasi-identifier", distributions={"age": {}})
    part = next(p for p in list_parts(description, CONFIG) if p.section == "distribution")
    assert (part.table, part.figures, part.lists) == ("age", ("age",), ())


def test_the_names_of_results_are_those_of_tables_lists_and_figures():
    assert {"info_loss", "equivalence_classes", "f1", "risk_by_record"} < RESULTS
    assert "level_by_age" not in RESULTS


def test_the_figures_of_a_section_are_told():
    assert list_figures("anonymity") == ["journalist_risk", "certainty", "risk_by_record"]
    assert len(list_figures("classifiers")) == 7
    assert list_figures("distribution") == []


def test_no_figure_is_drawn_by_two_parts():
    figures = [name for part in PARTS for name in part.figures]
    assert len(figures) == len(set(figures))


def test_sections_have_the_numbers_of_the_paper_or_none():
    numbered, plain = title_sections(has_numbers=True), title_sections(has_numbers=False)
    assert numbered["information_loss"] == "6.2.1 Information loss"
    assert plain["information_loss"] == "Information loss"
    assert numbered["trade_off"] == plain["trade_off"] == "Choosing k and deletion"
    assert list(numbered) == list(plain) == list(SECTIONS)


# What the workflow has, is told here.


def test_each_section_has_its_rules():
    assert set(SECTIONS) <= {path.stem for path in RULES.glob("*.smk")}


def list_priorities(section):
    text = (RULES / f"{section}.smk").read_text()
    rules = re.findall(r"^rule .*?^    script:", text, re.MULTILINE | re.DOTALL)
    found = [re.search(r"^    priority: (\w+)", rule, re.MULTILINE) for rule in rules]
    return {priority and priority[1] for priority in found}


def test_what_takes_long_has_less_priority_than_what_does_not():
    expected = {section: {"NEXT"} for section in SECTIONS}
    expected |= {"classifiers": {"LATER"}, "membership": {None}, "attribute_inference": {None}}
    assert {section: list_priorities(section) for section in SECTIONS} == expected


def test_each_section_has_its_captions():
    written = {path.stem for path in (RULES / "captions").glob("*.rst")}
    lists = {name for part in PARTS for name in part.lists}
    assert written == {*list_captions(), *lists, "workflow", "stand_in"}


def test_a_folder_of_results_is_no_name_of_a_run():
    text = "".join(path.read_text() for path in RULES.glob("*.smk"))
    folders = {*re.findall(r"<results>/(\w+)/", text), *re.findall(r"<(logs|benchmarks)>", text)}
    assert folders == set(RUN_FOLDERS)
