"""What is proposed to be run on a table that nobody has described yet: figures and settings."""

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any

from anonify.drafting.proposals import Proposal, Rule, choose_widths, find_span, simplify
from anonify.drafting.roles import find_positive
from anonify.settings.configuration import find_least_k, list_around

# Groups in a figure.
FEWEST_GROUPS, MOST_GROUPS = 3, 10

# The method arx searches all transformations; beyond these it takes hours on a large table.
MOST_TRANSFORMATIONS = 200_000


def propose_distributions(proposals: Sequence[Proposal], decimal: str) -> dict[str, Rule]:
    """Propose up to three figures of sensitive attributes by quasi-identifiers."""
    scales = [
        (proposal, edges) for proposal in proposals if (edges := _list_edges(proposal, decimal))
    ]
    scales.sort(key=lambda scale: not {"age", "alter"}.intersection(scale[0].profile.words))
    groups = [proposal for proposal in proposals if _has_groups(proposal)]
    measured = [proposal for proposal in proposals if _is_measured(proposal)]
    cases = [proposal for proposal in proposals if _is_case(proposal)]
    cases.sort(key=lambda proposal: proposal.role != "target")
    figures = []
    for by, edges in scales[:1]:
        figures += [_show_mean(attribute, by, {"edges": edges}) for attribute in measured[:1]]
        figures += [_show_count(attribute, by, {"edges": edges}) for attribute in cases[:1]]
    for by in groups[:1]:
        values = {"values": by.profile.values}
        figures += [_show_count(attribute, by, values) for attribute in cases[:2][-1:]]
        if not cases:
            figures += [_show_mean(attribute, by, values) for attribute in measured[:1]]
    names = [_name_figure(figure) for figure in figures]
    return {name: figure for name, figure in zip(names, figures, strict=True) if name}


def _list_edges(proposal: Proposal, decimal: str) -> list[int | float]:
    """Return the bounds of the widest intervals of a numeric quasi-identifier.

    They reach over all records, or over most where a few lie far off.
    """
    profile = proposal.profile
    is_numeric = proposal.role == "quasi-identifier" and profile.type in ("integer", "decimal")
    if not is_numeric or not proposal.hierarchy or not _is_plain(proposal.name):
        return []
    numbers = profile.list_numbers(decimal)
    widths = choose_widths(numbers, is_whole=profile.type == "integer")
    if not widths:
        return []
    whole, most = (float(numbers.index[0]), float(numbers.index[-1])), find_span(numbers)
    choices = [_find_places(ends, width) for ends in (whole, most) for width in widths[::-1]]
    fitting = [choice for choice in choices if FEWEST_GROUPS <= len(choice) - 1 <= MOST_GROUPS]
    places = next(iter(fitting), choices[-len(widths)])
    return [simplify(place) for place in places]


def _find_places(ends: tuple[float, float], width: Fraction) -> list[Fraction]:
    """Return where the intervals begin that numbers lie in, and where the last one ends."""
    low, high = (math.floor(Fraction(end) / width) for end in ends)
    # More than can be shown are not listed.
    return [place * width for place in range(low, min(high, low + MOST_GROUPS) + 2)]


def _has_groups(proposal: Proposal) -> bool:
    profile = proposal.profile
    return (
        proposal.role == "quasi-identifier"
        and profile.type == "category"
        and 2 <= profile.distinct <= MOST_GROUPS
        and all(map(_is_plain, [proposal.name, *profile.values]))
    )


def _is_released(proposal: Proposal) -> bool:
    is_sensitive = proposal.role in ("sensitive", "target")
    return is_sensitive and not proposal.profile.missing and _is_plain(proposal.name)


def _is_measured(proposal: Proposal) -> bool:
    is_numeric = proposal.profile.type in ("integer", "decimal")
    return _is_released(proposal) and is_numeric and proposal.profile.distinct > 2


def _is_case(proposal: Proposal) -> bool:
    profile = proposal.profile
    is_class = profile.type in ("category", "integer") and profile.distinct == 2
    return _is_released(proposal) and is_class and all(map(_is_plain, profile.values))


def _is_plain(text: str) -> bool:
    """Tell whether a text can stand in a figure as it is: `$` begins a formula there."""
    return 0 < len(text) <= 40 and text.isprintable() and "$" not in text


def _show_mean(attribute: Proposal, by: Proposal, groups: Rule) -> Rule:
    return {
        "statistic": "mean",
        "attribute": attribute.name,
        "label": f"Mean {spell(attribute.name)}",
        "by": by.name,
        "by_label": spell(by.name, is_first=True),
        **groups,
    }


def _show_count(attribute: Proposal, by: Proposal, groups: Rule) -> Rule:
    value = find_positive(attribute.profile.values)
    is_text = attribute.profile.type == "category"
    return {
        "statistic": "count",
        "attribute": attribute.name,
        "value": value if is_text else int(float(value.replace(",", "."))),
        "label": f"Records with {spell(attribute.name)} = {value}",
        "by": by.name,
        "by_label": spell(by.name, is_first=True),
        **groups,
    }


def _name_figure(figure: Rule) -> str:
    parts = (re.sub(r"[^A-Za-z0-9]+", "_", figure[key]).strip("_") for key in ("attribute", "by"))
    return "_by_".join(part or "column" for part in parts)


def spell(name: str, is_first: bool = False) -> str:
    """Return a name as it reads in a text.

    >>> spell("smoking_history"), spell("town", is_first=True)
    ('smoking history', 'Town')
    """
    text = re.sub(r"[_\s]+", " ", name).strip() or name
    return text[:1].upper() + text[1:] if is_first else text


def propose_settings(proposals: Sequence[Proposal], records: int, limit: float) -> dict[str, Any]:
    """Propose what a run tries: values of k and methods that fit the table.

    k is at most about a tenth of the records, of which more would be lost than kept, unless the
    limit takes more.

    Parameters
    ----------
    limit : highest risk that is accepted, in per cent.
    """
    transformations = prod(
        proposal.height + 1 for proposal in proposals if proposal.role == "quasi-identifier"
    )
    methods = ["arx", "mondrian"] if transformations <= MOST_TRANSFORMATIONS else ["mondrian"]
    k = find_least_k(limit)
    return {
        "risk_limit": simplify(Fraction(str(limit))),
        "k": k,
        "k_values": [each for each in list_around(k) if each <= max(k, records / 10)],
        "methods": methods,
        "release": {"method": methods[0]},
    }
