"""What a column is in the sense of privacy, guessed from its name and its values.

A guess for a person to read and to correct. It errs towards protection: whatever may single
somebody out is left out, whatever outsiders may know is generalized, and so is what is unclear.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from anonify.drafting.looks import find_identifying_look, find_known_look, is_free_text
from anonify.drafting.names import (
    WORDS,
    find_identifier_word,
    find_known_word,
    find_standard,
    has_word,
    is_of_thing,
    numbers_something,
    says_kind,
    says_nothing,
)
from anonify.drafting.profile import Profile, are_codes
from anonify.drafting.relations import Derived
from anonify.drafting.weights import Weighing, weigh
from anonify.tables.columns import Role

# A text of more values may be known of somebody, whatever it says.
MANY_TEXTS = 20

# As many if the name does not say that they are findings.
_SEVERAL_TEXTS = 8
_FREE_TEXT_SHARE, _FREE_TEXT_LENGTH = 0.5, 30
_NEARLY_ALL = 0.9
# Digits of numbers of one length that are keys: of which hardly any repeats, and of any.
_SHORTEST_KEY, _LONG_KEY = 5, 9
_MOST_CLASSES = 10
# Records in which two values are an answer, and no persons; fewer tell little by their values.
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
    word = find_known_word(profile.name)
    if word and _names_each_record(profile):
        reason = "nearly every record has a value of its own"
        return Guess("identifier", f"{reason}; left out of everything")
    if word:
        return Guess("quasi-identifier", f"the name says {word!r}: outsiders may know it")
    if weighing:
        return Guess("quasi-identifier", "what a person weighs: outsiders may know it")
    if has_dates(profile):
        return Guess("quasi-identifier", "dates: outsiders may know them")
    reason = _find_unique(profile)
    if reason:
        return Guess("identifier", f"{reason}; left out of everything")
    look = find_known_look(profile)
    if look:
        return Guess("quasi-identifier", f"the values look like {look}: outsiders may know them")
    reason = _find_unclear(profile)
    if reason:
        return Guess("quasi-identifier", f"{reason}: unclear, so outsiders may know it")
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


def explain_person(profile: Profile) -> str:
    """Say why a column has the role of a person's key."""
    return f"{profile.distinct:,} people in {profile.present:,} records: people are counted"


def add_derived(guess: Guess, name: str, derived: Derived) -> Guess:
    """Return the guess for a column that follows from others, or that another one follows from.

    What would tell a quasi-identifier if it were released as it is, is one, too.
    """
    sources = " and ".join(map(repr, derived.sources))
    if name == derived.name:
        reason = f"it follows from {sources}: leave out one, or generalize both alike"
    else:
        reason = f"{derived.name!r} follows from it"
    if guess.role == "sensitive":
        return Guess("quasi-identifier", reason)
    return Guess(guess.role, f"{guess.reason}; {reason}") if name == derived.name else guess


def has_dates(profile: Profile) -> bool:
    """Tell whether the values are dates, with or without a time of day."""
    return profile.type == "date" or profile.almost == "dates" or has_times(profile)


def has_times(profile: Profile) -> bool:
    """Tell whether the values are dates with a time of day."""
    return profile.matches(_TIMESTAMP)


def has_many_texts(profile: Profile) -> bool:
    """Tell whether a column has more values than a category that is released as it is."""
    is_rare = 3 * profile.distinct > profile.present and profile.distinct > _MOST_CLASSES
    return profile.distinct > MANY_TEXTS or is_rare


def _find_identifying(profile: Profile) -> str | None:
    """Say by what name or look a column points at persons, None where it does not."""
    if not profile.distinct:
        return "no record has a value"
    if profile.distinct <= 2 and profile.present >= _SURE:
        return None
    word = find_identifier_word(profile.name)
    if word:
        return f"the name says {word!r}"
    if has_dates(profile):
        return None
    if _is_nearly_unique(profile) and numbers_something(profile.name):
        return "a number or code of which nearly every record has its own"
    look = find_identifying_look(profile)
    return f"the values look like {look}" if look else None


def _is_nearly_unique(profile: Profile) -> bool:
    return profile.present >= _SURE and profile.distinct >= _NEARLY_ALL * profile.present


def _names_each_record(profile: Profile) -> bool:
    """Tell whether kinds, such as employers or birthplaces, have hardly two records each."""
    is_text = profile.type in ("category", "integer") and not has_dates(profile)
    is_kind = says_kind(profile.name) and find_standard(profile.name) is None
    is_postal = any(word in WORDS["postal"] for word in profile.words)
    return is_text and is_kind and not is_postal and _is_nearly_unique(profile)


def _find_unique(profile: Profile) -> str | None:
    """Say why the values alone tell records apart, None where they do not."""
    if profile.type not in ("category", "integer") or profile.present < 2:
        return None
    share = profile.distinct / profile.present
    if share == 1:
        return "every record has a value of its own"
    if has_many_texts(profile) and _are_keys(profile, _LONG_KEY):
        return "numbers like keys"
    if profile.type == "integer":
        is_key = _is_nearly_unique(profile) and _are_keys(profile, _SHORTEST_KEY)
        return "numbers like keys" if is_key else None
    if profile.odd:
        return None
    if _is_nearly_unique(profile):
        return "nearly every record has a value of its own"
    length = sum(map(len, profile.sample)) / len(profile.sample)
    is_long = share >= _FREE_TEXT_SHARE and length >= _FREE_TEXT_LENGTH
    if is_long or (has_many_texts(profile) and is_free_text(profile)):
        return "free text, which may name persons"
    return None


def _are_keys(profile: Profile, digits: int) -> bool:
    """Tell whether the values are whole numbers of one length with so many digits, or more."""
    is_one_length = len({len(value) for value in profile.sample}) == 1
    return is_one_length and profile.matches(rf"\s*[0-9]{{{digits},}}\s*")


def _find_unclear(profile: Profile) -> str | None:
    """Say why the values may be known although nothing says what they are; None if they may not."""
    if says_nothing(profile.name):
        return "the name says nothing"
    if profile.type != "category" or profile.almost == "numbers":
        return None
    if has_many_texts(profile):
        return f"{profile.distinct:,} texts"
    if are_codes(profile):
        return "codes of one length"
    is_told = has_word(profile.name, "finding") or is_of_thing(profile.name)
    if profile.distinct > _SEVERAL_TEXTS and not is_told:
        return f"{profile.distinct:,} texts, and nothing says of what"
    return None


def _find_target(profiles: Sequence[Profile], guesses: Sequence[Guess]) -> int | None:
    places = [
        place
        for place, (profile, guess) in enumerate(zip(profiles, guesses, strict=True))
        if guess.role == "sensitive"
        and profile.type in ("category", "integer")
        and 2 <= profile.distinct <= _MOST_CLASSES
    ]
    named = [place for place in places if has_word(profiles[place].name, "target")]
    if named:
        return min(named, key=lambda place: (_rank_target(profiles[place]), -place))
    last = len(profiles) - 1
    return last if last in places and profiles[last].distinct == 2 else None


def _rank_target(profile: Profile) -> int:
    return min(WORDS["target"].index(word) for word in profile.words if word in WORDS["target"])


def _explain_target(profile: Profile) -> str:
    word = has_word(profile.name, "target")
    named = f"the name says {word!r}" if word else "the last column"
    return f"{named}, {profile.distinct} values: what classifiers predict"


def find_positive(values: Sequence[str]) -> str:
    """Return which of two values says that something is the case, by default the rarer one.

    Parameters
    ----------
    values : the more frequent one first.
    """
    said = r"(?i)1|1\.0|y|yes|true|t|pos|positive|ja|j|wahr|oui|vrai|si|sí|dead|died"
    return next((value for value in values if re.fullmatch(said, value.strip())), values[-1])
