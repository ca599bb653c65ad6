"""Read configurations and check them before anything runs."""

import difflib
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from anonify.errors import UserError

# What a run makes in its folder: names that a run can't have, for its results would lie among
# those of the run without a name.
RUN_FOLDERS = (
    "anonymized",
    "benchmarks",
    "dataset",
    "figures",
    "logs",
    "measures",
    "paper",
    "sampled",
    "tables",
)


# Tables and figures that every run makes: names that a distribution can't have.
RESULTS = (
    *("info_loss", "info_loss_by_quasi_identifier", "classifiers", "anonymity"),
    *("accuracy", "precision", "recall", "f1", "balanced_accuracy"),
    *("positive_precision", "positive_recall", "equivalence_classes"),
    *("journalist_risk", "certainty", "risk_by_record", "trade_off"),
    *("membership", "membership_advantage", "membership_low_fpr", "attribute_inference"),
)


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
    UserError : the first mistake, in one sentence that names the key.
    """
    if config is None:
        raise UserError(f"{where}: the file is empty; say what it should describe")
    if not isinstance(config, Mapping):
        raise UserError(
            f"{where}: the file holds {_quote(config)} where keys with values should be; write them"
        )
    validator = _Validator(schema)
    errors = sorted(validator.iter_errors(config), key=lambda error: list(map(str, error.path)))
    for error in errors:
        raise UserError(f"{where}: {_explain(error, where)}")


def read_description(path: str | Path, where: str) -> dict[str, Any]:
    """Read and check the description of a dataset, and fill in the defaults.

    Parameters
    ----------
    where : the file, as the message should name it.

    Raises
    ------
    UserError : there is no such file, or it has a mistake.
    """
    description = read_yaml(path)
    columns = description.get("columns") if isinstance(description, dict) else None
    for name in columns if isinstance(columns, dict) else ():
        if not isinstance(name, str):
            raise UserError(
                f"{where}: `columns` has the key {name!r}, which YAML takes for no text; put the "
                "name of the column in quotes"
            )
    schema = read_yaml(Path(__file__).with_name("dataset.schema.yaml"))
    check_configuration(description, schema, where)
    check_dataset_description(description, where)
    return fill_defaults(description, schema)


def check_dataset_description(description: Mapping[str, Any], where: str) -> None:
    """Check what the schema can't: that the parts of a dataset's description fit together.

    Raises
    ------
    UserError : there is more than one target, no quasi-identifier, a key does not fit its column,
        or a distribution names a column that is not there or does not fit.
    """
    columns = description["columns"]
    roles = [column["role"] for column in columns.values()]
    if roles.count("target") > 1:
        raise UserError(
            f"{where}: `columns` has {roles.count('target')} columns of the role `target`; give it "
            "to one at most, and to the others the role `sensitive`"
        )
    if "quasi-identifier" not in roles:
        raise UserError(
            f"{where}: `columns` has no `quasi-identifier`, so there is nothing to anonymize; "
            "give the role to what may identify a person"
        )
    for name, column in columns.items():
        _check_column(f"{where}: `columns.{name}`", column)
    for name, distribution in description.get("distributions", {}).items():
        if name in RESULTS:
            raise UserError(
                f"{where}: `distributions.{name}` has the name of another table or figure; give it "
                "another one"
            )
        _check_distribution(f"{where}: `distributions.{name}`", distribution, columns)


def _check_column(where: str, column: Mapping[str, Any]) -> None:
    if "format" in column and column["type"] != "date":
        raise UserError(f"{where} has a `format` but is no date; remove it, or mend the `type`")
    if "format" in column and not _has_whole_date(column["format"]):
        raise UserError(
            f"{where} has the `format` {column['format']!r}; it should have a day, a month and a "
            "year of four digits, such as %d.%m.%Y"
        )
    if "hierarchy" in column and column["role"] != "quasi-identifier":
        raise UserError(
            f"{where} has a `hierarchy` but is no quasi-identifier; remove it, or mend the `role`"
        )
    if "positive" not in column:
        return
    if column["role"] != "target":
        raise UserError(
            f"{where} has a `positive` value but is not the target; remove it, or mend the `role`"
        )
    is_text = column["type"] in ("category", "date")
    if isinstance(column["positive"], str) != is_text:
        raise UserError(
            f"{where} has the `positive` value {column['positive']!r}, but is "
            f"{'text' if is_text else 'a number'}; mend one of them"
        )


def _has_whole_date(form: str) -> bool:
    """Tell whether a format says day, month and year; two digits would not say which century."""
    parts = set(re.findall("%(.)", form))
    return {"d", "Y"} <= parts and len(parts & {"m", "b", "B"}) == 1 and parts <= set("dYmbB%")


def _check_distribution(
    where: str, distribution: Mapping[str, Any], columns: Mapping[str, Any]
) -> None:
    attribute, by = distribution["attribute"], distribution["by"]
    role = columns.get(attribute, {}).get("role")
    if role not in ("sensitive", "target"):
        raise UserError(
            f"{where} has the `attribute` {attribute!r}; name a sensitive column or the target, or "
            "remove the distribution"
        )
    if by not in columns or columns[by]["role"] != "quasi-identifier":
        raise UserError(
            f"{where} has `by: {by}`; name a quasi-identifier, or remove the distribution"
        )
    for key in ("label", "by_label"):
        if re.search(r"[`*|\\]|_(?!\w)", distribution[key]):
            raise UserError(
                f"{where} has the `{key}` {distribution[key]!r}, in which captions would read "
                "marks such as * or ` or _ at the end of a word; leave them out"
            )
    is_text = columns[attribute]["type"] in ("category", "date")
    if distribution["statistic"] == "mean" and is_text:
        raise UserError(f"{where}: {attribute!r} is text, which has no mean; use `count`")
    if distribution["statistic"] == "count":
        if "value" not in distribution:
            raise UserError(f"{where} lacks the key `value`; say what is counted")
        if isinstance(distribution["value"], str) != is_text:
            raise UserError(
                f"{where} counts the value {distribution['value']!r}, but {attribute!r} is "
                f"{'text' if is_text else 'a number'}; mend one of them"
            )
    edges = distribution.get("edges", [])
    if any(high <= low for low, high in pairwise(edges)):
        raise UserError(f"{where}: the `edges` {edges} do not rise; sort them")


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
        return f"`{key}` has the key {_quote(value)}; a key should be {rule['description']}"
    should = rule.get("description", error.message)
    hint = ""
    is_list_missing = error.validator == "type" and rule["type"] == "array"
    if isinstance(value, str) and is_list_missing and not where.endswith(".json"):
        hint = " (a list can't be given with --config, use --configfile)"
    return f"`{key}` is {_quote(value)}; it should be {should}{hint}"


def _name(path: Any) -> str:
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def _quote(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
