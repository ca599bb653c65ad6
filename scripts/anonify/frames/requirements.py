"""Requirements beside k, as a caller gives them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anonify.base.errors import UserError
from anonify.base.words import list_names

# What each model takes.
PARAMETERS = {
    "distinct_l_diversity": ("l",),
    "entropy_l_diversity": ("l",),
    "recursive_l_diversity": ("l", "c"),
    "t_closeness": ("t",),
}


def list_requirements(requirements: Any) -> list[Any]:
    """Return the rules that a caller gives, to be read more than once.

    Raises
    ------
    UserError : it is no list of them.
    """
    if not isinstance(requirements, Iterable) or isinstance(requirements, str | Mapping):
        raise UserError(
            f"`requirements` is {requirements!r}; it should be a list of mappings with "
            "`attribute`, `model` and its parameters"
        )
    return list(requirements)


def check_requirements(rules: Iterable[Any], attributes: Sequence[str]) -> None:
    """Make sure that rules are such that requirements can be made of them.

    Parameters
    ----------
    attributes : what they may be about.

    Raises
    ------
    UserError : one names another attribute or no model, or a parameter is missing, unknown or
        unfit.
    """
    for place, rule in enumerate(rules):
        where = f"`requirements[{place}]`"
        if not isinstance(rule, Mapping):
            raise UserError(
                f"{where} is {rule!r}; it should be a mapping with `attribute`, `model` and its "
                "parameters"
            )
        model, attribute = rule.get("model"), rule.get("attribute")
        if not isinstance(model, str) or model not in PARAMETERS:
            raise UserError(
                f"{where} has the `model` {model!r}; choose from {', '.join(PARAMETERS)}"
            )
        if attribute not in attributes:
            raise UserError(
                f"{where} has the `attribute` {attribute!r}; name a sensitive column or the target "
                f"(there are {list_names([*attributes]) or 'none'})"
            )
        wanted = PARAMETERS[model]
        if set(rule) != {"model", "attribute", *wanted}:
            raise UserError(
                f"{where} has the keys {list_names(sorted(map(str, rule)))}; {model} takes "
                f"attribute, model and {' and '.join(wanted)}"
            )
        for key in wanted:
            _check_parameter(where, key, rule[key])


def _check_parameter(where: str, key: str, value: Any) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = {
        "l": is_number and isinstance(value, int) and value >= 1,
        "c": is_number and value > 0,
        "t": is_number and 0 <= value <= 1,
    }
    should = {"l": "a whole number from 1", "c": "a number above 0", "t": "a number from 0 to 1"}
    if not fits[key]:
        raise UserError(f"{where} has the `{key}` {value!r}; it should be {should[key]}")
