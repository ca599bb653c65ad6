"""What a person has to decide about a table before it is anonymized, in plain words."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from anonify.base.meanings import reveal
from anonify.base.words import shorten
from anonify.drafting.placeholders import find_doubtful
from anonify.drafting.profile import Profile
from anonify.drafting.proposals import Proposal, find_span
from anonify.drafting.roles import has_times
from anonify.drafting.weights import weigh

MANY_VALUES = 8
MANY_QUASI_IDENTIFIERS = 8
FEW_RECORDS = 100

NO_BREAK = "\u00a0"

# 99, 999, … lie far off if they are so many times as far from half of the records as these span.
FAR = 5

# Words in the names of columns beside which a weight is that of a body.
BODIES = frozenset(("height", "bmi", "stature", "grosse", "groesse", "taille", "imc", "altezza"))

_TWO_DIGIT_YEAR = r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}(?:\s.*)?"
_MARKED_NUMBER = r"[+-]?[0-9]{1,3}(?:[., '][0-9]{3})*(?:[.,][0-9]+)?"


@dataclass(frozen=True)
class Decision:
    """Something to decide.

    Parameters
    ----------
    stops : whether a run stops until it is decided.
    """

    text: str
    stops: bool = False


def list_decisions(
    proposals: Sequence[Proposal], records: int, decimal: str, k: int | None = None
) -> list[Decision]:
    """List what is to decide; first what a run stops without.

    Parameters
    ----------
    k : of the run that is proposed, where one is.
    """
    decisions = [
        *_ask_for_quasi_identifiers(proposals),
        *_ask_for_missing_values(proposals),
        *_ask_for_released(proposals),
        *_ask_for_fingerprints(proposals),
        *_ask_for_people(proposals),
        *_ask_for_weights(proposals),
        *_ask_for_derived(proposals),
        *_ask_for_target(proposals),
        *(decision for proposal in proposals for decision in _ask_for_spellings(proposal)),
        *(decision for proposal in proposals for decision in _ask_for_values(proposal)),
        *(decision for proposal in proposals for decision in _ask_for_hierarchy(proposal)),
        *(decision for proposal in proposals for decision in _ask_for_far(proposal, decimal)),
        *_ask_for_records(records, k),
    ]
    return sorted(decisions, key=lambda decision: not decision.stops)


def quote(text: str, width: int = 30) -> str:
    """Return a name or value in quotes as a terminal can show it: on one line, not too long.

    Its spaces are such that no line ends at them.
    """
    return f"'{show_text(text, width)}'".replace(" ", NO_BREAK)


def show_text(text: str, width: int = 30) -> str:
    """Return a text as a terminal can show it: on one line, not too long."""
    return shorten("".join(letter if letter.isprintable() else "�" for letter in text), width)


def list_values(values: Sequence[str]) -> str:
    """Return the first values of a list in a sentence, so that one sees how they differ.

    >>> list_values(["HIV", "hiv", "HIV "])
    "'HIV', 'hiv' and 'HIV '"
    """
    shown = [f"'{show_text(reveal(value))}'" for value in values[:5]]
    if len(values) > 5:
        return f"{', '.join(shown)}, …"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _ask_for_quasi_identifiers(proposals: Sequence[Proposal]) -> Iterator[Decision]:
    count = sum(proposal.role == "quasi-identifier" for proposal in proposals)
    if not count:
        yield Decision(
            "No column is a quasi-identifier, so there is nothing to generalize. Give every column "
            "that an outsider may know of a person that role and a hierarchy, such as "
            "`{role: quasi-identifier, type: category, hierarchy: {}}`.",
            stops=True,
        )
    if count > MANY_QUASI_IDENTIFIERS:
        yield Decision(
            f"{count} columns are quasi-identifiers. The more there are, the more is lost: make "
            "those `sensitive` that no outsider can know, and those `identifier` that nobody "
            "needs (they are left out)."
        )


def _ask_for_missing_values(proposals: Sequence[Proposal]) -> Iterator[Decision]:
    lacking = [
        f"{quote(proposal.name)} ({proposal.profile.missing:,})"
        for proposal in proposals
        if proposal.role in ("sensitive", "target") and proposal.profile.missing
    ]
    if lacking:
        yield Decision(
            f"Records without a value: {', '.join(lacking)}. They stay empty, count as no value in "
            "ℓ-diversity and means, and a record without a target teaches classifiers nothing. If "
            "an empty cell means something (`none`), write that."
        )


def _ask_for_released(proposals: Sequence[Proposal]) -> Iterator[Decision]:
    names = [
        quote(proposal.name) for proposal in proposals if proposal.role in ("sensitive", "target")
    ]
    if names:
        yield Decision(
            f"RELEASED AS THEY ARE: {', '.join(names)}. Could an outsider know such a value of a "
            "person, by sight, from a register or from a conversation? Then make the column a "
            "`quasi-identifier` with a `hierarchy`."
        )


def _ask_for_fingerprints(proposals: Sequence[Proposal]) -> Iterator[Decision]:
    names = [
        quote(proposal.name)
        for proposal in proposals
        if proposal.role in ("sensitive", "target") and _is_fingerprint(proposal.profile)
    ]
    if names:
        yield Decision(
            f"Rarely the same twice, so whoever knows one value finds the record: "
            f"{', '.join(names)}. Round numbers to what is needed, and leave out (`identifier`) "
            "what nobody needs."
        )


def _is_fingerprint(profile: Profile) -> bool:
    return profile.present >= FEW_RECORDS and 2 * profile.distinct > profile.present


def _ask_for_people(proposals: Sequence[Proposal]) -> Iterator[Decision]:
    for proposal in proposals:
        profile = proposal.profile
        if proposal.role == "person":
            yield Decision(
                f"{quote(profile.name)} tells {profile.distinct:,} people in {profile.present:,} "
                "records by the role `person`, so that people are counted. If it tells something "
                "else, such as their stays, give that role to the key of the people."
            )
        if proposal.may_tell_people:
            yield Decision(
                f"{quote(profile.name)} has {profile.distinct:,} values in {profile.present:,} "
                "records. If it tells people who have several records each, give it the role "
                "`person`, so that people are counted. If every record is a person of its own, "
                "write `rows_are_people: true` above the columns.",
                stops=True,
            )


def _ask_for_weights(proposals: Sequence[Proposal]) -> Iterator[Decision]:
    knows_bodies = any(BODIES.intersection(proposal.profile.words) for proposal in proposals)
    for proposal in proposals:
        weighing = weigh(proposal.profile)
        if weighing is None or (weighing.is_body and knows_bodies):
            continue
        name = quote(proposal.name)
        if proposal.role == "quasi-identifier":
            yield Decision(
                f"{name} is taken for what a person weighs, and generalized. If these are survey "
                "weights, which say how many people a record stands for, give it the role "
                "`weight`, without a hierarchy."
            )
            continue
        alone = (
            f"{weighing.alone:,} of the {weighing.records:,} records have a value of their own"
            f"{', by which whoever knows it finds them' if weighing.alone else ''}."
        )
        if proposal.role == "weight":
            yield Decision(
                f"{name} is taken for survey weights: released as they are, and used in means and "
                f"counts. {alone} If they are something else, mend the role; if nobody needs "
                "them, make it `identifier`."
            )
            continue
        what, body = "are survey weights by their name", ""
        if not weighing.is_named:
            what = "may be survey weights, or what people weigh"
            body = "; what people weigh is a `quasi-identifier` with a hierarchy"
        yield Decision(
            f"The values of {name} {what}, and are left out until you decide. {alone} One column "
            "of survey weights, above 0 in every record, gets the role `weight`: released as they "
            f"are, and used in means and counts{body}."
        )


def _ask_for_derived(proposals: Sequence[Proposal]) -> Iterator[Decision]:
    told = [
        f"{quote(proposal.name)} from {' and '.join(map(quote, proposal.sources))}"
        for proposal in proposals
        if proposal.sources and proposal.is_used
    ]
    if told:
        yield Decision(
            f"Columns that follow from others: {', '.join(told)}. What is generalized in one can "
            "be read from the other. Leave out the finer one, or either of two that say the same "
            "(`identifier`), or give both hierarchies that tell the same."
        )


def _ask_for_target(proposals: Sequence[Proposal]) -> Iterator[Decision]:
    if not any(proposal.role == "target" for proposal in proposals):
        yield Decision(
            "No column is the `target`, so no classifiers are trained. If the table is to "
            "predict something, give that role to one column of few values."
        )


def _ask_for_spellings(proposal: Proposal) -> Iterator[Decision]:
    name, missing = quote(proposal.name), proposal.missing
    for group in proposal.spellings:
        values = list_values(group).replace(" ", NO_BREAK)
        if proposal.role == "quasi-identifier":
            yield Decision(
                f"{name} has {values}, which `normalize: true` makes one value. Remove that if "
                "they mean different things."
            )
        else:
            yield Decision(
                f"{name} has {values}: ℓ-diversity counts them as one value, and they stay as they "
                "are written. Classifiers take them for several, unless you write them alike."
            )
    if missing:
        records = int(proposal.profile.missing_counts[list(missing)].sum())
        yield Decision(
            f"{name} has {list_values(missing)} in {records:,} {_agree('record', records)}, which "
            "`missing` makes empty cells, for no value. Take out of that list what is a value."
        )


def _ask_for_values(proposal: Proposal) -> Iterator[Decision]:
    profile, name = proposal.profile, quote(proposal.name)
    if not proposal.is_used:
        return
    if profile.open_ends:
        shown = ", ".join(map(quote, profile.open_ends[:5]))
        yield Decision(
            f"{name} has {shown} among its numbers. `open_ends` reads the number in it, which then "
            "stands for all beyond, too."
        )
    if profile.odd:
        records = int(profile.counts[list(profile.odd)].sum())
        shown = ", ".join(map(quote, profile.odd[:5])) + (", …" if len(profile.odd) > 5 else "")
        yield Decision(
            f"{name} has {profile.almost} but for {records:,} {_agree('record', records)} "
            f"({shown}), so it counts as text. If these say why there is no value, list them as "
            "`missing` and correct the `type`; if they are mistakes, correct the cells and run "
            "`anonify init` again; else leave it text."
        )
    if profile.other_format:
        yield Decision(
            f"{name} has dates in which day and month can't be told apart. They are read as "
            f"`{profile.format}`; if the month comes first, correct `format` to "
            f"`{profile.other_format}`."
        )
    elif profile.type == "category" and profile.matches(_TWO_DIGIT_YEAR):
        yield Decision(
            f"{name} has dates whose years have two digits, so it counts as text. Write them with "
            "four digits and run `anonify init` again."
        )
    elif has_times(profile) and profile.type == "date":
        yield Decision(
            f"{name} has dates with a time of day, which is left out: a release has the day alone, "
            "as it was where it was written."
        )
    is_date = profile.type == "date"
    if is_date and (doubtful := find_doubtful(profile.counts, profile.format)):
        records = int(profile.counts[doubtful].sum())
        yield Decision(
            f"{name} has {list_values(doubtful)} in {records:,} {_agree('record', records)}, which "
            "often stands for no date. If it does, list it: "
            f"`missing: {json.dumps(doubtful, ensure_ascii=False)}`."
        )
    if _has_other_marks(profile):
        yield Decision(
            f"{name} has numbers with marks for thousands, or with another decimal mark than other "
            f"columns ({quote(profile.values[0])}), so it counts as text. Write plain numbers and "
            "run `anonify init` again."
        )


def _has_other_marks(profile: Profile) -> bool:
    has_mark = profile.counts.index.str.contains("[.,]").any()
    return profile.type == "category" and bool(has_mark) and profile.matches(_MARKED_NUMBER)


def _ask_for_hierarchy(proposal: Proposal) -> Iterator[Decision]:
    name, distinct = quote(proposal.name), proposal.profile.distinct
    if proposal.mistake:
        yield Decision(
            "A hierarchy was found and does not fit, so it is not used: "
            f"{show_text(proposal.mistake, 200)}."
        )
    elif needs_tree(proposal):
        yield Decision(
            f"{name} has {distinct:,} values and no groups of them: a value stays or is lost. Put "
            "them into groups by a `tree`; the description shows how."
        )


def needs_tree(proposal: Proposal) -> bool:
    """Tell whether a quasi-identifier has many values that nothing generalizes."""
    profile = proposal.profile
    has_groups = proposal.hierarchy != {} or profile.distinct <= MANY_VALUES
    return not has_groups and not profile.odd and not has_times(profile)


def _ask_for_far(proposal: Proposal, decimal: str) -> Iterator[Decision]:
    profile = proposal.profile
    is_number = profile.type in ("integer", "decimal")
    if not proposal.is_used or proposal.role == "weight" or not is_number:
        return
    far = _find_far(profile.list_numbers(decimal))
    records = int(far.sum())
    if records:
        yield Decision(
            f"{quote(profile.name)} has {', '.join(f'{number:g}' for number in far.index)} far "
            f"from its other values ({records:,} {_agree('record', records)}). If that stands for "
            f"a missing value, list it: `missing: [{far.index[0]:g}]`."
        )


def _find_far(numbers: "pd.Series[int]") -> "pd.Series[int]":
    """Return the records of 99, 999, … far from the others, or of -1, -9, … alone below 0."""
    low, high = find_span(numbers, tail=0.25)
    far = numbers[numbers.index > high + FAR * (high - low)]
    negative = numbers[numbers.index < 0].iloc[:2]
    unlikely = pd.concat([far, negative[[len(negative) == 1] * len(negative)]])
    return unlikely[[bool(re.fullmatch(r"-1|-?9+", f"{number:g}")) for number in unlikely.index]]


def _ask_for_records(records: int, k: int | None) -> Iterator[Decision]:
    if k is not None and records < k:
        yield Decision(
            f"{records} {_agree('record', records)} are fewer than k = {k}, which the risk limit "
            "takes. Add records, or accept a higher risk: `risk_limit` of the run.",
            stops=True,
        )
    if records < FEW_RECORDS:
        yield Decision(
            f"{records} {_agree('record', records)} are few: what protects them leaves little of "
            "them. Use as few quasi-identifiers as you can."
        )


def _agree(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
