"""Read configurations and check them before anything runs."""

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from anonify.base.errors import UserError, UserErrors
from anonify.base.files import reading
from anonify.base.words import quote

Place = tuple[str | int, ...]
"""The keys, and numbers in lists, that lead to a part of a configuration."""


MEBIBYTE = 1 << 20
LARGEST = 4 * MEBIBYTE
"""Bytes of a description: a larger hierarchy belongs into a file of its own."""

MOST_REPEATED = 100_000
"""Values that aliases may repeat in a file; a few lines could stand for any number of them."""

LONGEST = 1 << 63
"""Whole numbers are smaller than this, as those of tables are."""

_SCRIPT = re.compile("<(!--|/?script)", re.IGNORECASE)

MOST_DIGITS = 400
"""Characters of a number; no number of a table has as many."""


class _Loader(yaml.SafeLoader):
    """Reads YAML, but refuses a key that stands twice, of which the last would win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            # What has no such value, the class above refuses.
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {quote(key.value)} stands twice", node.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: str | Path) -> Any:
    """Read a YAML file, in a time and with a memory that its size bounds.

    Raises
    ------
    UserError : there is no such file, it is no YAML, it is too large, its aliases stand for too
        much, or it has a number that is none or too large, or a tag of a script.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UserError(
                f"{path}: the file has more than {LARGEST // MEBIBYTE} MiB; name the files of long "
                "hierarchies in it instead of writing them out"
            )
        with reading(path):
            loader = _Loader(content.decode("utf-8"))
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _refuse_repetition(node, path)
            _refuse_misfits(node, path)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: there is no such file; check the name") from None
    except RecursionError:
        raise UserError(f"{path}: the file is nested too deeply; write it flatter") from None
    except UserError:
        raise
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: the file is no YAML ({reason}); mend that line") from None


@cache
def read_schema(path: str | Path) -> Mapping[str, Any]:
    """Read a JSON Schema of the project, written in YAML, once; who has it does not change it."""
    schema: Mapping[str, Any] = read_yaml(path)
    return schema


def _list_children(node: yaml.Node) -> list[tuple[str | int | None, yaml.Node]]:
    """List the nodes in a node, with the key or the number that leads to each; keys have none."""
    if isinstance(node, yaml.MappingNode):
        keys = [(None, key) for key, _ in node.value]
        values = [(str(key.value), value) for key, value in node.value]
        return [*keys, *values]
    return list(enumerate(node.value)) if isinstance(node, yaml.SequenceNode) else []


def _refuse_repetition(node: yaml.Node, path: str | Path) -> None:
    """Refuse aliases that stand for themselves, or for more than anybody writes."""
    sizes: dict[int, int | None] = {}

    def measure(node: yaml.Node) -> int:
        """Return how many values a node has, with all that aliases stand for."""
        if id(node) in sizes:
            size = sizes[id(node)]
            if size is None:
                raise UserError(
                    f"{path}, line {node.start_mark.line + 1}: the anchor stands for something "
                    "with its own alias in it; write it out"
                )
            return size
        sizes[id(node)] = None
        size = 1 + sum(measure(child) for _, child in _list_children(node))
        sizes[id(node)] = size
        return size

    if measure(node) - len(sizes) > MOST_REPEATED:
        raise UserError(
            f"{path}: aliases (`*name`) repeat more than {MOST_REPEATED:,} values; leave them out"
        )


def _refuse_misfits(node: yaml.Node, path: str | Path) -> None:
    """Refuse numbers that no table can have, and texts that would end a script in a page.

    Snakemake's report writes parameters of jobs into its script as they are.
    """
    known: set[int] = set()

    def check(node: yaml.Node, place: Place) -> None:
        if id(node) in known:
            return
        known.add(id(node))
        if isinstance(node, yaml.ScalarNode) and not _is_fit_number(node):
            where = f"`{_name(place)}`" if place else "the file"
            raise UserError(
                f"{path}: {where} has the number {quote(node.value)} in line "
                f"{node.start_mark.line + 1}, which is not finite or too large; write another "
                "number, or a text in quotes"
            )
        if isinstance(node, yaml.ScalarNode) and (tag := _SCRIPT.search(node.value)):
            raise UserError(
                f"{path}, line {node.start_mark.line + 1}: {quote(node.value)} has {tag[0]} in it, "
                "which could run in a report; leave it out"
            )
        for key, child in _list_children(node):
            check(child, place if key is None else (*place, key))

    check(node, ())


def _is_fit_number(node: yaml.ScalarNode) -> bool:
    """Tell whether a scalar is a finite number, of 64 bits where it is whole, or no number."""
    text = str(node.value).replace("_", "")
    if node.tag == "tag:yaml.org,2002:float":
        # 1:30.5 is a number of minutes and seconds.
        return len(text) < MOST_DIGITS and (":" in text or math.isfinite(float(_spell(text))))
    if node.tag == "tag:yaml.org,2002:int":
        return len(text) < MOST_DIGITS and abs(_construct_integer(node)) < LONGEST
    return True


def _spell(text: str) -> str:
    """Return a number of YAML as Python writes it: .inf is inf."""
    return text.lower().replace(".inf", "inf").replace(".nan", "nan")


def _construct_integer(node: yaml.ScalarNode) -> int:
    return int(yaml.constructor.SafeConstructor().construct_yaml_int(node))


def fill_defaults(config: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration in which missing keys have the schema's defaults."""
    properties = schema["properties"]
    defaults = {
        key: deepcopy(rule["default"]) for key, rule in properties.items() if "default" in rule
    }
    return {**defaults, **config}


def check_configuration(config: Any, schema: Mapping[str, Any], where: str) -> None:
    """Check a configuration against a schema.

    Parameters
    ----------
    schema : JSON Schema; a description says what a key should be ("a whole number from 2").
    where : the file, as the message should name it.

    Raises
    ------
    UserErrors : what :func:`locate_mistakes` finds.
    """
    mistakes = locate_mistakes(config, schema, where)
    if mistakes:
        raise UserErrors(*mistakes.values())


def locate_mistakes(config: Any, schema: Mapping[str, Any], where: str) -> dict[Place, str]:
    """Return the first mistake in each place, in one sentence that names the key.

    The parameters are those of :func:`check_configuration`.
    """
    if config is None:
        return {(): f"{where}: the file is empty; say what it should describe"}
    if not isinstance(config, Mapping):
        content = quote(config)
        return {
            (): f"{where}: the file holds {content} where keys with values should be; write them"
        }
    errors = _Validator(schema).iter_errors(config)
    mistakes: dict[Place, str] = {}
    for error in sorted(errors, key=lambda error: list(map(str, error.absolute_path))):
        mistakes.setdefault(tuple(error.absolute_path), f"{where}: {_explain(error, where)}")
    return mistakes


def _check_pattern(
    _: Any, pattern: str, value: Any, __: Any
) -> Iterator[jsonschema.ValidationError]:
    """Check a text against a pattern; `$` is its end, not also a line feed before its end."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield jsonschema.ValidationError(f"a text like {pattern}")


# JSON Schema takes 50.0 for an integer; it would become part of a file's name.
_Validator: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator,
    validators={"pattern": _check_pattern},
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def _explain(error: jsonschema.ValidationError, where: str) -> str:
    key = _name(error.absolute_path)
    rule = error.schema if isinstance(error.schema, Mapping) else {}
    value: Any = error.instance
    if error.validator == "additionalProperties":
        known = list(rule.get("properties", {}))
        unknown = next(name for name in value if name not in known)
        close = difflib.get_close_matches(str(unknown), known, n=1)
        mend = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
        place = f" in `{key}`" if key else ""
        return f"there is no key `{unknown}`{place}; {mend}"
    if error.validator == "required":
        required: Any = error.validator_value
        missing = next(name for name in required if name not in value)
        place = f"`{key}` lacks the key" if key else "the file lacks the key"
        return f"{place} `{missing}`; add it"
    if "propertyNames" in error.absolute_schema_path:
        return f"`{key}` has the key {quote(value)}; a key should be {rule['description']}"
    should = rule.get("description", error.message)
    hint = ""
    is_list_missing = error.validator == "type" and rule["type"] == "array"
    if isinstance(value, str) and is_list_missing and where == "configuration":
        hint = " (a list can't be given with --config, use --configfile)"
    return f"`{key}` is {quote(value)}; it should be {should}{hint}"


def _name(path: Any) -> str:
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name
