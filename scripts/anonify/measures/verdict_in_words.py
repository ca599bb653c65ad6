"""The verdict in words: the first screen of the page, and what `anonify assess` says first.

Each term is explained where it first stands; numbers have three significant digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anonify.base.words import capitalize, count, name_method, per_cent, quote

ROLES = {
    "person": "key of the person",
    "identifier": "direct identifier",
    "quasi-identifier": "quasi-identifier",
    "sensitive": "sensitive",
    "target": "sensitive, predicted by classifiers",
    "weight": "survey weight",
}
"""What the roles of columns are called."""


@dataclass(frozen=True)
class Fact:
    """A figure that stands out, with what it is and a remark."""

    title: str
    figure: str
    remark: str


@dataclass(frozen=True)
class Statement:
    """The verdict as it is shown.

    Parameters
    ----------
    is_kept : None where no limit that was stated decides it.
    headline : in a few words.
    limits : a sentence on each limit, and whether it is kept.
    """

    is_kept: bool | None
    headline: str
    limits: list[tuple[str, bool]]


def state_verdict(verdict: Mapping[str, Any], is_synthetic: bool = False) -> Statement:
    """Say whether the limits are kept, and by what.

    Parameters
    ----------
    verdict : ``limits`` as :func:`anonify.measures.verdict.write_limits` has them, ``k``,
        ``deletion``, ``risk`` and, where people have several records, ``links``.
    is_synthetic : whether the data are made up.
    """
    limits = [(say_limit(limit, verdict), bool(limit["is_kept"])) for limit in verdict["limits"]]
    broken = sum(not is_kept for _, is_kept in limits)
    if is_synthetic:
        return Statement(None, "No verdict: the data are made up", limits)
    if not limits:
        return Statement(None, "No limit was stated", limits)
    if broken and verdict.get("is_bound"):
        headline = "Not known from this file: which records are of one person is not in it"
        return Statement(None, headline, limits)
    if broken:
        which = f"{broken} of {len(limits)} limits {'is' if broken == 1 else 'are'}"
        which = "The limit is" if len(limits) == 1 else which
        return Statement(False, f"{which} not kept: do not hand this table out", limits)
    if _is_risk_open(verdict):
        k = verdict["k"]
        return Statement(
            None, f"k = {k:,} was kept before deletion; what is left is for you to judge", limits
        )
    all_of_them = f"All {len(limits)} limits are"
    if (verdict.get("links") or {}).get("people"):
        return Statement(None, "Kept by each record, but records of a person can be joined", limits)
    which = {1: "The limit is", 2: "Both limits are"}.get(len(limits), all_of_them)
    return Statement(True, f"{which} kept", limits)


def _is_risk_open(verdict: Mapping[str, Any]) -> bool:
    """Tell whether no stated limit covers the risk, which deletion has raised above that of k."""
    is_limited = any(limit["name"] == "risk_limit" for limit in verdict["limits"])
    highest = verdict["risk"]["prosecutor_risk_highest"]
    return not is_limited and verdict["deletion"] > 0 and highest > 100 / verdict["k"]


def say_open_limit(verdict: Mapping[str, Any], key: str = "risk_limit") -> str:
    """Say what is for a person to decide, where no highest risk was stated; else nothing.

    Parameters
    ----------
    key : by which it is stated.
    """
    if any(limit["name"] == "risk_limit" for limit in verdict["limits"]):
        return ""
    highest = verdict["risk"]["prosecutor_risk_highest"]
    return (
        f"No highest risk was stated (`{key}`): whether {per_cent(highest)} is low enough is "
        "for you to decide."
    )


def say_limit(limit: Mapping[str, Any], verdict: Mapping[str, Any]) -> str:
    """Say in one sentence what was asked and what is reached."""
    asked, reached = limit["asked"], limit["reached"]
    match limit["name"]:
        case "k":
            had, when = ("had", " before deletion") if verdict["deletion"] else ("has", "")
            return (
                f"k = {asked:,}: every group of people who look alike {had} {asked:,} people or "
                f"more{when}; the smallest {had} {reached:,}."
            )
        case "least_after_deletion":
            return (
                f"After deletion every group has to have {asked:,} people or more; the smallest "
                f"has {reached:,}."
            )
        case "risk_limit":
            return (
                f"Accepted is a risk of {per_cent(asked)} at most; the highest is "
                f"{per_cent(reached)}."
            )
        case "distinct_l_diversity":
            return (
                f"In every group {_name(asked)} takes {asked['l']} different values or more; the "
                f"fewest are {reached:.0f}."
            )
        case "entropy_l_diversity":
            return (
                f"In every group the values of {_name(asked)} are as evenly spread as "
                f"{asked['l']} equally frequent ones or more; the least is {reached:.3g}."
            )
        case "recursive_l_diversity":
            return (
                f"In every group the most frequent value of {_name(asked)} is less frequent than "
                f"{asked['c']:g} times those from the {asked['l']}th on together; the most is "
                f"{reached:.3g} times."
            )
        case _:
            return (
                f"In no group {_name(asked)} is distributed more than {asked['t']:g} apart from "
                f"the whole table (t-closeness, 0 to 1); the most is {reached:.3g}."
            )


def _name(rule: Mapping[str, Any]) -> str:
    return f"“{rule['attribute']}”"


def count_people(number: int) -> str:
    """Return a number of people in words.

    >>> count_people(1), count_people(2000)
    ('1 person', '2,000 people')
    """
    return "1 person" if number == 1 else f"{number:,} people"


def find_odds(risk: float) -> str:
    """Write a risk in per cent as people count it.

    >>> find_odds(0.4), find_odds(7.142857), find_odds(100), find_odds(66.7)
    ('1 in 250', '1 in 14', 'certain', '2 in 3')
    """
    if risk >= 100:
        return "certain"
    if risk > 50:
        return f"{risk / 100 * 3:.0f} in 3" if risk < 80 else f"{risk / 10:.0f} in 10"
    return f"1 in {100 / risk:,.0f}" if risk else "none"


def list_facts(verdict: Mapping[str, Any]) -> list[Fact]:
    """List the figures that stand out: the risks and the cost."""
    risk, cost = verdict["risk"], verdict["cost"]
    highest, average = (risk[f"prosecutor_risk_{name}"] for name in ("highest", "average"))
    facts = [
        Fact("Highest risk", find_odds(highest), f"{per_cent(highest)} for one person"),
        Fact("Average risk", find_odds(average), f"{per_cent(average)} over everybody"),
        Fact("Cost", per_cent(cost["loss"]), "of what the quasi-identifiers said is lost"),
    ]
    certain = {name: found["people"] for name, found in verdict["certain"].items()}
    if certain:
        name = max(certain, key=lambda each: certain[each])
        people = certain[name]
        share = per_cent(100 * people / verdict["people"]) if people else "nobody"
        facts.append(
            Fact(
                "Known for certain",
                share,
                f"of the people: their “{name}”" if people else "no sensitive value is certain",
            )
        )
    return facts


def say_risk(verdict: Mapping[str, Any]) -> str:
    """Say what the risks mean."""
    risk, cost = verdict["risk"], verdict.get("cost", {})
    names = [each["name"] for each in verdict["columns"] if each["role"] == "quasi-identifier"]
    highest, average = (risk[f"prosecutor_risk_{name}"] for name in ("highest", "average"))
    text = (
        "Quasi-identifiers are what outsiders may know of a person, here "
        f"{join(names)}. Who knows them, and that the person is in this table, finds the "
        f"person's record with a probability of {per_cent(highest)} at most ({find_odds(highest)}) "
        f"and {per_cent(average)} on average ({find_odds(average)})."
    )
    if verdict.get("is_bound"):
        text += (
            " That is the worst that the original allows: a group counts as of the fewest people "
            "who have so many records. The verdict of the run that made the file knows better."
        )
    if verdict["deletion"]:
        before = cost["journalist_risk_highest"]
        text += (
            " Who only knows that the person was in the table before deletion finds it with "
            f"{per_cent(before)} at most ({find_odds(before)}): deletion hides who is left, and "
            "makes groups smaller."
        )
    if "population_risk_highest" in risk:
        population = risk["population_risk_highest"]
        text += (
            " Who only knows that the person is of the population that the weights stand for finds "
            f"it with {per_cent(population)} at most ({find_odds(population)})."
        )
    blanked = verdict["left_out"]["blanked"]
    if blanked:
        text += (
            f" {count(blanked, 'suppressed record')} {'shows' if blanked == 1 else 'show'} nothing "
            f"but `*`: who fits no other group is among these, fewer than k. They are better left "
            "out (`suppressed: drop`)."
        )
    return text


def say_cost(verdict: Mapping[str, Any]) -> str:
    """Say what the loss is made of."""
    cost, deletion = verdict["cost"], verdict["deletion"]
    text = (
        f"Generalizing took {per_cent(cost['ncp'])} of what the quasi-identifiers said (NCP: 0 % "
        "is the table as it was, 100 % one that says nothing)."
    )
    if cost["loss"] != cost["ncp"]:
        without = f"{deletion:.3g} % of each group deleted" if deletion else "records left out"
        text += f" With {without}, {per_cent(cost['loss'])} is lost in all."
    return text + " All other columns are as they were." * _are_others_whole(verdict)


def _are_others_whole(verdict: Mapping[str, Any]) -> bool:
    return any(each.get("shown") == "unchanged" for each in verdict["columns"]) and not any(
        "top" in each or "bottom" in each for each in verdict["columns"]
    )


def say_certain(verdict: Mapping[str, Any]) -> str:
    """Say for how many people a sensitive value follows from their group."""
    certain = {name: found for name, found in verdict["certain"].items() if found["people"]}
    if not verdict["certain"]:
        return ""
    if not certain:
        return (
            "No group gives a sensitive value away: in each, every sensitive column has two values "
            "or more, or none."
        )
    parts = [
        f"{join([name])} of {found['people']:,} "
        f"({per_cent(100 * found['people'] / verdict['people'])}: {_name_values(found)})"
        for name, found in sorted(certain.items(), key=lambda item: -item[1]["people"])
    ]
    return (
        f"Of {_count(verdict)} some are in a group in which all who have a value have the same "
        "one, so that whoever finds their group knows it, whatever k is: "
        f"{'; '.join(parts)}. Where that must not be known, the key `requirements` asks for groups "
        "that differ."
    )


def _name_values(found: Mapping[str, Any]) -> str:
    """Name the values that are most often given away."""
    named = [(quote(" ".join(value.split())), people) for value, people in found["values"]]
    rest = found["people"] - sum(people for _, people in named)
    named += [("others", rest)] if rest else []
    return ", ".join(f"{value} for {people:,}" for value, people in named)


def _count(verdict: Mapping[str, Any]) -> str:
    """Return whom the groups are of: records, where it is not known whose they are."""
    if verdict.get("is_bound"):
        return count(verdict["people"], "record")
    return count_people(verdict["people"])


def say_links(verdict: Mapping[str, Any]) -> str:
    """Say whose records can be joined, where people have several; else nothing."""
    links = verdict.get("links")
    if links is None:
        return ""
    if not links["people"]:
        return (
            "In no column that is released as it was do values stay the same by which records of "
            "one person could be joined."
        )
    people, columns = links["people"], join(links["columns"])
    number = people if isinstance(people, str) else f"{people:,}"
    return (
        f"The records of {number} people can be told to be of one person each, by what stays the "
        f"same in {columns}. Who joins them knows more of the person than any group of k hides, so "
        f"the limits do not cover it. Leave {columns} out (`identifier`), or make them coarser as "
        "quasi-identifiers."
    )


def say_left_out(verdict: Mapping[str, Any]) -> str:
    """Say which columns and records are not in the file."""
    left_out = verdict["left_out"]
    columns = [each["name"] for each in verdict["columns"] if "shown" not in each]
    parts = []
    if columns:
        parts.append(f"the {'column' if len(columns) == 1 else 'columns'} {join(columns)}")
    suppressed = left_out["suppressed"]
    if suppressed:
        text = suppressed if isinstance(suppressed, str) else f"{suppressed:,}"
        parts.append(f"{text} suppressed {'person' if suppressed == 1 else 'people'}")
        if isinstance(suppressed, str):
            parts[-1] += ", whose records are not counted in the cost"
    if "records" in left_out:
        parts.append(count(left_out["records"], "record"))
    elif left_out["deletion"]:
        parts.append(f"{left_out['deletion']:g} % of each group, drawn at random")
    text = "; ".join(parts) or "no column and no record"
    return f"{capitalize(text)}."


def describe_method(verdict: Mapping[str, Any]) -> str:
    """Say how the table was made."""
    deleted = f", {verdict['deletion']:g} % deleted" if verdict["deletion"] else ""
    return f"{name_method(verdict['method'])} with k = {verdict['k']:,}{deleted}"


def describe_shown(column: Mapping[str, Any]) -> str:
    """Say what a column shows.

    >>> describe_shown({"shown": {"levels": [0, 2], "height": 4}})
    'levels 0, 2 of 4'
    >>> describe_shown({"shown": "unchanged", "top": 90})
    'as it was, above 90 as 90'
    """
    shown = column.get("shown", "left out")
    if isinstance(shown, Mapping):
        levels = shown["levels"]
        if levels == [0]:
            text = "as it was"
        elif levels == [shown["height"]]:
            text = "nothing (*)"
        else:
            text = f"level{'s' if len(levels) > 1 else ''} {', '.join(map(str, levels))}"
            text += f" of {shown['height']}"
    else:
        text = {"unchanged": "as it was"}.get(shown, shown)
    ends = [f"above {column['top']} as {column['top']}"] if "top" in column else []
    ends += [f"below {column['bottom']} as {column['bottom']}"] if "bottom" in column else []
    return ", ".join([text, *ends])


def write_size(size: int) -> str:
    """Write the size of a file.

    >>> write_size(812), write_size(48_300), write_size(1_931_777)
    ('812 bytes', '48.3 kB', '1.93 MB')
    """
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1e3:.3g} kB" if size < 999_500 else f"{size / 1e6:.3g} MB"


def join(names: Sequence[str]) -> str:
    """Join names as they stand in a sentence, each in one line and in quotes."""
    *first, last = (f"“{' '.join(name.split())}”" for name in names)
    return f"{', '.join(first)} and {last}" if first else last
