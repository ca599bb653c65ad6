"""Read configurations and check them before anything runs."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from anonify.base.errors import UserError, UserErrors
from anonify.base.words import quote

Place = tuple[str | int, ...]
"""The keys, and numbers in lists, that lead to a part of a configuration."""


class _Loader(yaml.SafeLoader):
    """Reads YAML, but refuses a key that stands twice, of which the last would win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        repeated = next((key for key in keys if keys.count(key) > 1), None)
        if repeated is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {repeated!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def read_yaml(path: str | Path) -> Any:
    """Read a YAML file.

    Raises
    ------
    UserError : there is no such file, or it is no YAML.
    """
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: there is no such file; check the name") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: the file is no YAML ({reason}); mend that line") from None


def fill_defaults(config: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration in which missing keys have the schema's defaults."""
    properties = schema["properties"]
    defaults = {key: rule["default"] for key, rule in properties.items() if "default" in rule}
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


# JSON Schema takes 50.0 for an integer; it would become part of a file's name.
_Validator: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator,
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
