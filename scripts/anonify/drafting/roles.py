"""What a column is in the sense of privacy, guessed from its name and its values.

A guess for a person to read and to correct: whatever may single somebody out is left out, and
whatever outsiders may know is generalized, rather than too little.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from anonify.drafting.profile import WORDS, Profile
from anonify.drafting.weights import Weighing, weigh
from anonify.tables.columns import Role

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
PHONE = r"(?:[+(]|0)[0-9][0-9 ()/.-]{6,20}"
ADDRESS = r"(?:https?://\S+|(?:[0-9]{1,3}\.){3}[0-9]{1,3})"

_LOOKS = {"e-mail addresses": EMAIL, "phone numbers": PHONE, "internet addresses": ADDRESS}
_LOOKS_SHARE = 0.9
_FREE_TEXT_SHARE, _FREE_TEXT_LENGTH = 0.5, 30
_NEARLY_ALL = 0.95
_MOST_CLASSES = 10
# Records in which two values are an answer, and no persons.
_SURE = 20
_DAY = r"(?:[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4})"
_TIMESTAMP = rf"{_DAY}(?:T| +)[0-9]{{1,2}}:.*"


@dataclass(frozen=True)
class Guess:
    """A role, and why the column may have it: the rest of a sentence about the column."""

    role: Role
    reason: str


def guess_roles(profiles: Sequence[Profile]) -> list[Guess]:
    """Guess the role of each column; at most one is the target, and at most one the weight."""
    guesses = [guess_role(profile) for profile in profiles]
    weights = [place for place, guess in enumerate(guesses) if guess.role == "weight"]
    for other in weights[1:]:
        reason = "another survey weight, and a table has one; left out of everything"
        guesses[other] = Guess("identifier", reason)
    place = _find_target(profiles, guesses)
    if place is not None:
        guesses[place] = Guess("target", _explain_target(profiles[place]))
    return guesses


def guess_role(profile: Profile) -> Guess:
    """Guess the role of a column by itself: an identifier, a quasi-identifier, or sensitive."""
    reason = _find_identifying(profile)
    if reason:
        return Guess("identifier", f"{reason}; left out of everything")
    weighing = weigh(profile)
    if weighing and weighing.is_sure:
        return Guess("weight", "a survey weight by its name: released as it is. Is it one?")
    if weighing and not weighing.is_body:
        return Guess("identifier", f"{_explain_weight(weighing)} Left out until you decide")
    word = _find_word(profile, WORDS["quasi_identifier"])
    if word:
        return Guess("quasi-identifier", f"the name says {word!r}: outsiders may know it")
    if weighing:
        return Guess("quasi-identifier", "what a person weighs: outsiders may know it")
    if has_dates(profile):
        return Guess("quasi-identifier", "dates: outsiders may know them")
    reason = _find_unique(profile)
    if reason:
        return Guess("identifier", f"{reason}; left out of everything")
    return Guess("sensitive", "no sign that outsiders know it: released as it is")


def _explain_weight(weighing: Weighing) -> str:
    """Say why weights are not released before somebody decides."""
    if not weighing.is_named:
        return "survey weight (`weight`), or what a person weighs (`quasi-identifier`)?"
    if weighing.lacking:
        return "survey weight (`weight`)? Some records have none above 0."
    if weighing.kind == "body":
        return "survey weight (`weight`), for all that the values could be what people weigh?"
    return "survey weight (`weight`)? Most records have one of their own, which may identify."


def has_dates(profile: Profile) -> bool:
    """Tell whether the values are dates, with or without a time of day."""
    return profile.type == "date" or profile.almost == "dates" or has_times(profile)


def has_times(profile: Profile) -> bool:
    """Tell whether the values are dates with a time of day."""
    return profile.matches(_TIMESTAMP)


def _find_identifying(profile: Profile) -> str | None:
    """Say by what name or look a column points at persons, None where it does not."""
    if not profile.distinct:
        return "no record has a value"
    if profile.distinct <= 2 and profile.present >= _SURE:
        return None
    word = _find_identifier_word(profile)
    if word:
        return f"the name says {word!r}"
    if profile.type != "category" or profile.odd:
        return None
    looks = (look for look, pattern in _LOOKS.items() if profile.matches(pattern, _LOOKS_SHARE))
    look = next(looks, None)
    return f"the values look like {look}" if look else None


def _find_identifier_word(profile: Profile) -> str | None:
    words = profile.words
    if any(word in ("name", "names") for word in words):
        others = set(words) - {"name", "names"}
        if others <= set(WORDS["person"]):
            return "name"
    if set(WORDS["number"]).intersection(words):
        numbered = next((word for word in words if word in WORDS["numbered"]), None)
        if numbered:
            return f"{numbered} number"
    return _find_word(profile, WORDS["identifier"])


def _find_unique(profile: Profile) -> str | None:
    """Say why the values alone tell records apart, None where they do not."""
    if profile.type not in ("category", "integer") or profile.present < 2:
        return None
    share = profile.distinct / profile.present
    if share == 1:
        return "every record has a value of its own"
    if profile.type == "integer" or profile.odd:
        return None
    if share >= _NEARLY_ALL:
        return "nearly every record has a value of its own"
    length = sum(map(len, profile.values)) / profile.distinct
    if share >= _FREE_TEXT_SHARE and length >= _FREE_TEXT_LENGTH:
        return "free text, which may name persons"
    return None


def _find_target(profiles: Sequence[Profile], guesses: Sequence[Guess]) -> int | None:
    places = [
        place
        for place, (profile, guess) in enumerate(zip(profiles, guesses, strict=True))
        if guess.role == "sensitive"
        and profile.type in ("category", "integer")
        and 2 <= profile.distinct <= _MOST_CLASSES
    ]
    named = [place for place in places if _find_word(profiles[place], WORDS["target"])]
    if named:
        return min(named, key=lambda place: (_rank_target(profiles[place]), -place))
    last = len(profiles) - 1
    return last if last in places and profiles[last].distinct == 2 else None


def _rank_target(profile: Profile) -> int:
    return min(WORDS["target"].index(word) for word in profile.words if word in WORDS["target"])


def _explain_target(profile: Profile) -> str:
    word = _find_word(profile, WORDS["target"])
    named = f"the name says {word!r}" if word else "the last column"
    return f"{named}, {profile.distinct} values: what classifiers predict"


def _find_word(profile: Profile, words: Sequence[str]) -> str | None:
    return next((word for word in profile.words if word in words), None)


def find_positive(values: Sequence[str]) -> str:
    """Return which of two values says that something is the case, by default the rarer one.

    Parameters
    ----------
    values : the more frequent one first.
    """
    said = r"(?i)1|1\.0|y|yes|true|t|pos|positive|ja|j|wahr|oui|vrai|si|sí|dead|died"
    return next((value for value in values if re.fullmatch(said, value.strip())), values[-1])
