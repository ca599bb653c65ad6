"""Write the reference of the documentation from what the program itself reads and says.

Everything here is Markdown as MyST reads it. Nothing is typed in twice: the keys come from the
schemas, the options from the methods' signatures and docstrings, the commands from their help, the
functions of Python from their signatures and docstrings.
"""

import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

import click
import yaml

import anonify
from anonify.methods import METHODS

# What stands for names that the user chooses, by the key that they stand under.
PLACEHOLDERS = {"columns": "<column>", "method_options": "<method>", "releases.<name>": "<k>"}
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
    "null": "nothing",
}
WIDTH = 80


@dataclass(frozen=True)
class Key:
    """A key that a file may hold.

    Parameters
    ----------
    path : with the keys that it stands under, parted by points.
    depth : how many of those are keys of the schema.
    rule : its JSON Schema.
    same_as : path of the key whose nested keys it has, too.
    """

    path: str
    depth: int
    rule: Mapping[str, Any]
    is_required: bool
    same_as: str | None = None

    @property
    def name(self) -> str:
        """The key itself, as it is written in the file."""
        return self.path.split(".")[-1]


def list_keys(schema: Mapping[str, Any]) -> list[Key]:
    """List the keys of a schema, each before those below it."""
    seen: dict[str, str] = {}

    def walk(rule: Mapping[str, Any], path: str, depth: int) -> Iterator[Key]:
        for name, below in rule.get("properties", {}).items():
            place = f"{path}.{name}" if path else name
            reference = below.get("$ref")
            whole = _resolve(below, schema)
            is_required = name in rule.get("required", [])
            same_as = seen.get(reference) if _has_keys(whole) else None
            yield Key(place, depth, whole, is_required, same_as)
            if reference:
                seen.setdefault(reference, place)
            if same_as is None:
                yield from descend(whole, place, depth + 1)

    def descend(rule: Mapping[str, Any], path: str, depth: int) -> Iterator[Key]:
        yield from walk(rule, path, depth)
        if "items" in rule:
            yield from descend(_resolve(rule["items"], schema), f"{path}[]", depth)
        if isinstance(rule.get("additionalProperties"), Mapping):
            placeholder = PLACEHOLDERS.get(path, "<name>")
            yield from descend(rule["additionalProperties"], f"{path}.{placeholder}", depth)

    return list(walk(schema, "", 0))


def write_keys(schema: Mapping[str, Any], prefix: str) -> str:
    """Write a section for each key, nested as the keys are.

    Parameters
    ----------
    prefix : what the targets of links begin with: ``prefix-release-k`` for ``release.k``.
    """
    return "\n".join(_write_key(key, prefix) for key in list_keys(schema))


def write_options() -> str:
    """Write a section for each method that has options, and name those that have none."""
    without = [name for name in METHODS if not list_options(name)]
    parts = []
    for method in METHODS:
        module = importlib.import_module(f"anonify.methods.{method}")
        title = _to_markdown(inspect.getdoc(module).split("\n\n")[0])
        options = [_write_option(method, name) for name in list_options(method)]
        if options:
            parts.append(f"(options-{_slug(method)})=\n## `{method}`\n\n{title}\n")
            parts += options
    parts.append(f"## Methods without options\n\n{', '.join(f'`{name}`' for name in without)}.\n")
    return "\n".join(parts)


def list_options(method: str) -> dict[str, inspect.Parameter]:
    """Return the parameters of a method that ``method_options`` can set."""
    function = importlib.import_module(f"anonify.methods.{method}").anonymize
    parameters = inspect.signature(function).parameters.values()
    return {
        each.name: each
        for each in parameters
        if each.kind is each.KEYWORD_ONLY and each.name not in ("requirements", "people")
    }


def write_commands(group: click.Group, name: str) -> str:
    """Write the help of a command and of each command below it, as the terminal shows it."""
    settings = {"terminal_width": WIDTH, "resilient_parsing": True}
    top = group.make_context(name, [], **settings)
    parts = [f"```text\n{group.get_help(top)}\n```\n"]
    for command_name in group.list_commands(top):
        command = group.get_command(top, command_name)
        context = command.make_context(command_name, [], parent=top, **settings)
        parts.append(f"(command-{_slug(command_name)})=\n## `{name} {command_name}`\n")
        parts.append(f"```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def write_python() -> str:
    """Write a section for each name of the front door: functions first, then what they return."""
    objects = {name: getattr(anonify, name) for name in anonify.__all__}
    names = sorted(objects, key=lambda name: (not inspect.isfunction(objects[name]), name))
    return "\n".join(_write_object(name, objects[name]) for name in names)


def _write_object(name: str, found: Any) -> str:
    head = f"(python-{_slug(name)})=\n## `anonify.{name}`\n\n"
    if not callable(found):
        return f"{head}{_join(f'`{each}`' for each in found)}.\n"
    text = inspect.getdoc(found)
    if not inspect.isfunction(found):
        return head + _write_docstring(text)
    parameters = inspect.signature(found).parameters.values()
    shown = inspect.Signature([each.replace(annotation=each.empty) for each in parameters])
    lines = textwrap.fill(f"anonify.{name}{shown}", WIDTH, subsequent_indent="    ")
    return f"{head}```python\n{lines}\n```\n\n{_write_docstring(text)}"


def _write_docstring(text: str) -> str:
    """Turn a docstring of ours into Markdown: what it says, its lists, and its examples."""
    summary, *rest = re.split(r"^(\w+)\n-+\n", text, flags=re.MULTILINE)
    parts = [_write_paragraphs(summary)]
    for title, content in zip(rest[::2], rest[1::2], strict=True):
        if title == "Examples":
            parts.append(f"**{title}**\n\n```pycon\n{content.strip()}\n```\n")
        elif title in ("Parameters", "Attributes", "Raises"):
            items = re.split(r"\n(?=\S)", content.strip())
            parts.append(f"**{title}**\n\n" + "".join(map(_write_item, items)))
        else:
            parts.append(f"**{title}**\n\n{_write_paragraphs(content)}")
    return "\n".join(parts)


def _write_item(item: str) -> str:
    names, meaning = item.split(" : ", 1)
    shown = ", ".join(f"`{name}`" for name in names.split(", "))
    return f"- {shown}: {_to_markdown(meaning)}\n"


def _write_paragraphs(text: str) -> str:
    return "\n".join(f"{_to_markdown(part)}\n" for part in text.strip().split("\n\n"))


def _resolve(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" not in rule:
        return dict(rule)
    name = rule["$ref"].removeprefix("#/$defs/")
    return {**schema["$defs"][name], **{key: rule[key] for key in rule if key != "$ref"}}


def _has_keys(rule: Mapping[str, Any]) -> bool:
    return "properties" in rule or "properties" in rule.get("items", {})


def _write_key(key: Key, prefix: str) -> str:
    allowed = _describe(key.rule)
    if key.same_as:
        allowed += f"; its keys are those of [`{key.same_as}`](#{prefix}-{_slug(key.same_as)})"
    fields = {"Path": f"`{key.path}`"} if key.depth else {}
    fields |= {"Type": _name_type(key.rule), "Allowed": allowed, "Default": _name_default(key)}
    return (
        f"({prefix}-{_slug(key.path)})=\n"
        f"{'#' * (key.depth + 2)} `{key.name}`\n\n"
        f"{_close(key.rule['title'])}\n\n" + _write_fields(fields)
    )


def _write_option(method: str, name: str) -> str:
    parameter = list_options(method)[name]
    function = importlib.import_module(f"anonify.methods.{method}").anonymize
    found = re.search(
        rf"^{name} : (.*?)(?=^\S|\Z)", inspect.getdoc(function), re.MULTILINE | re.DOTALL
    )
    meaning = _to_markdown(found[1])
    if get_origin(parameter.annotation) is Literal:
        kind = "text"
        allowed = _join(f"`{choice}`" for choice in get_args(parameter.annotation))
    elif parameter.annotation is bool:
        kind, allowed = TYPES["boolean"], "`true` and `false`"
    elif get_origin(parameter.annotation) is Annotated:
        _, numbers = get_args(parameter.annotation)
        kind, allowed = "whole number", f"a whole number from {numbers[0]} to {numbers[-1]}"
    else:
        kind = {int: "whole number", float: "number"}[parameter.annotation]
        allowed = f"a {kind} from 0"
    default = _write_value(parameter.default)
    fields = {"Type": kind, "Allowed": allowed, "Default": default}
    return (
        f"(options-{_slug(method)}-{_slug(name)})=\n"
        f"### `{name}`\n\n{_close(meaning[0].upper() + meaning[1:])}\n\n{_write_fields(fields)}"
    )


def _write_fields(fields: Mapping[str, str]) -> str:
    return "".join(f":{name}: {text}\n" for name, text in fields.items())


def _describe(rule: Mapping[str, Any]) -> str:
    items = rule.get("items", rule.get("additionalProperties"))
    each = items.get("description") if isinstance(items, Mapping) and "properties" in items else ""
    return rule["description"] + (f"; each has {each}" if each else "")


def _name_type(rule: Mapping[str, Any]) -> str:
    if "enum" in rule:
        return "text"
    kinds = rule.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds == ["array"]:
        items = rule.get("items", {})
        inner = _name_type({**items, "items": {}}) if {"enum", "type"} & {*items} else ""
        plural = inner if inner == "text" else f"{inner}s"
        return f"list of {'texts' if plural == 'text' else plural}" if inner else "list"
    return _join(TYPES[kind] for kind in kinds) or "any value"


def _name_default(key: Key) -> str:
    if "default" in key.rule:
        return _write_value(key.rule["default"])
    return "none; the key must be given" if key.is_required else "none; the key may be left out"


def _write_value(value: Any) -> str:
    if value is None:
        return "nothing (`null`)"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return f"`{text.removesuffix('...' + chr(10)).strip()}`"


def _join(texts: Iterator[str]) -> str:
    *first, last = [*texts] or [""]
    return f"{', '.join(first)} or {last}" if first else last


def _to_markdown(text: str) -> str:
    """Turn the little reStructuredText of a docstring into Markdown, on one line."""
    text = re.sub(r":\w+:`([^`]*)`", r"`\1`", " ".join(text.split()))
    return text.replace("``", "`")


def _close(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _slug(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
