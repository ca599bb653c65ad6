"""The generated reference: keys from the schemas, options from the methods, commands from click."""

import inspect
import re
from pathlib import Path

import click
import pytest
import yaml
from docs.write_reference import (
    list_keys,
    list_options,
    write_commands,
    write_keys,
    write_options,
    write_python,
)

import anonify
from anonify.commands import COMMANDS, main
from anonify.methods import METHODS
from anonify.settings import schemas as configuration

SCHEMAS = {
    "config": Path(__file__).parents[2] / "config/config.schema.yaml",
    "dataset": Path(configuration.__file__).with_name("dataset.schema.yaml"),
}

SCHEMA = yaml.safe_load(r"""
required: [columns]
properties:
  seed: {title: What is drawn by., type: integer, default: 7, description: a whole number}
  mark: {title: Before numbers., type: [string, "null"], default: null, description: a text}
  file: {title: The table, $ref: "#/$defs/place"}
  columns:
    title: All columns.
    type: object
    description: a role for each column
    additionalProperties:
      type: object
      properties:
        role: {title: What it is., enum: [a, b], description: "`a` or `b`"}
        file: {title: Its labels., $ref: "#/$defs/place"}
  levels:
    title: Widths.
    type: array
    description: a list of levels
    items:
      description: a `width`
      required: [width]
      properties: {width: {title: How wide., type: number, description: a number}}
$defs:
  place:
    type: object
    description: a place
    properties: {name: {title: Its name., type: string, description: a name}}
""")


@pytest.fixture(scope="module")
def written():
    return write_keys(SCHEMA, "my")


def section(written: str, target: str) -> str:
    """Return what is written about a key."""
    return re.search(rf"^\({target}\)=\n(.*?)(?=^\(|\Z)", written, re.MULTILINE | re.DOTALL)[1]


# Keys


def test_keys_stand_in_the_order_of_the_schema_with_those_below_them():
    assert [key.path for key in list_keys(SCHEMA)] == [
        "seed",
        "mark",
        "file",
        "file.name",
        "columns",
        "columns.<column>.role",
        "columns.<column>.file",
        "levels",
        "levels[].width",
    ]


def test_a_key_has_meaning_type_allowed_values_and_default(written):
    assert section(written, "my-seed") == (
        "## `seed`\n\nWhat is drawn by.\n\n"
        ":Type: whole number\n:Allowed: a whole number\n:Default: `7`\n\n"
    )


def test_a_key_below_another_says_its_path(written):
    text = section(written, "my-columns-column-role")
    assert text.startswith("### `role`\n")
    assert ":Path: `columns.<column>.role`\n" in text


def test_a_default_of_nothing_is_not_none(written):
    assert ":Type: text or nothing\n" in section(written, "my-mark")
    assert ":Default: nothing (`null`)\n" in section(written, "my-mark")


def test_it_is_told_which_keys_must_be_given(written):
    assert "must be given" in section(written, "my-columns")
    assert "must be given" in section(written, "my-levels-width")
    assert "may be left out" in section(written, "my-levels")


def test_what_each_entry_of_a_list_is_stands_with_the_list(written):
    assert ":Allowed: a list of levels; each has a `width`\n" in section(written, "my-levels")


def test_keys_that_stand_at_two_places_are_explained_once(written):
    assert "[`file`](#my-file)" in section(written, "my-columns-column-file")
    assert "my-columns-column-file-name" not in written


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_of_the_schemas_has_a_meaning_and_an_address_of_its_own(name):
    schema = yaml.safe_load(SCHEMAS[name].read_text())
    keys = list_keys(schema)
    assert [key.path for key in keys if not key.rule.get("title")] == []
    assert [key.path for key in keys if not key.rule.get("description")] == []
    targets = re.findall(r"^\((.*)\)=$", write_keys(schema, name), re.MULTILINE)
    assert len(targets) == len(set(targets)) == len(keys)


# Options


def test_options_are_the_keyword_only_parameters():
    assert list(list_options("ola")) == ["suppression_limit", "criterion"]
    assert list(list_options("mondrian")) == []


def test_an_option_has_the_meaning_that_its_docstring_gives():
    text = section(write_options(), "options-ola-suppression-limit")
    assert text == (
        "### `suppression_limit`\n\n"
        "Per cent of the records that may be suppressed, 0 to 100.\n\n"
        ":Type: number\n:Allowed: a number from 0\n:Default: `5`\n\n"
    )


def test_a_choice_lists_what_there_is():
    assert ":Allowed: `generalize` or `suppress`\n" in section(
        write_options(), "options-greedy-remainder"
    )


def test_every_method_is_named_and_every_option_explained():
    written = write_options()
    assert [name for name in METHODS if f"`{name}`" not in written] == []
    options = {(name, option) for name in METHODS for option in list_options(name)}
    targets = {f"options-{name}-{option}".replace("_", "-") for name, option in options}
    assert targets <= set(re.findall(r"^\((.*)\)=$", written, re.MULTILINE))


# Commands


def test_the_help_of_every_command_is_there_as_the_terminal_shows_it():
    written = write_commands(main, "anonify")
    for name in COMMANDS:
        assert f"## `anonify {name}`\n" in written
        assert f"Usage: anonify {name} " in section(written, f"command-{name}")


def test_a_command_keeps_the_settings_of_its_group():
    @click.group(context_settings={"help_option_names": ["-h", "--help"]})
    def tool():
        """Do things."""

    @tool.command()
    @click.argument("table")
    def show(table):
        """Show a table."""

    written = write_commands(tool, "tool")
    assert written.count("-h, --help") == 2
    assert "Usage: tool show [OPTIONS] TABLE" in written


# Python


def test_every_name_of_the_front_door_is_there_with_its_signature():
    written = write_python()
    signature = "(release, deletion, *, least_after_deletion=1, seed=None)"
    assert f"```python\nanonify.sample{signature}\n```" in section(written, "python-sample")
    assert [name for name in anonify.__all__ if f"## `anonify.{name}`\n" not in written] == []
    assert section(written, "python-methods").endswith("`top_down_greedy`.\n\n")


def test_a_parameter_has_the_meaning_that_its_docstring_gives():
    written = section(write_python(), "python-read-hierarchy")
    assert (
        "**Parameters**\n\n- `path`: of a CSV without a header: one row for each value, `;` "
        "between the levels, the value first and what stands for all values last.\n"
    ) in written
    assert "```pycon\n>>> import tempfile, anonify\n" in written


def test_every_parameter_of_the_front_door_is_explained():
    written = write_python()
    for name in anonify.__all__:
        found = getattr(anonify, name)
        if inspect.isfunction(found):
            explained = section(written, f"python-{name.replace('_', '-')}")
            parameters = inspect.signature(found).parameters
            assert [each for each in parameters if f"`{each}`" not in explained] == []
