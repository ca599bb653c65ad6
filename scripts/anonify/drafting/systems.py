"""Which system the codes of a column are of, by its name and its values."""

from anonify.base.codes import spell_code
from anonify.drafting.profile import Profile

# What the name of a column says; the first system that all its values fit is taken.
_NAMED = {
    "icd10": {"icd", "diagnosis", "diag", "diagnose", "dx"},
    "icd9cm": {"icd", "diagnosis", "diag", "diagnose", "dx"},
    "atc": {"atc"},
    "nuts": {"nuts"},
    "uk_postcode": {"postcode", "postal", "zip", "zipcode", "postalcode"},
    "isco": {"isco"},
}
# What no other codes look like, whatever the name says.
_TELLING = {
    "atc": r"(?i)[a-z]\d{2}[a-z]{2}\d{2}",
    "uk_postcode": r"(?i)[a-z]{1,2}\d[0-9a-z]? ?\d[a-z]{2}",
    "icd10": r"(?i)[a-z]\d[0-9a-z]\.[0-9a-z]{1,4}.*",
}
# Share of the distinct values that have to look so; the others may be shorter.
_MANY = 0.5


def recognize_system(profile: Profile) -> str | None:
    """Return the system that all values are codes of, None where there is none for sure."""
    if profile.type != "category" or not profile.distinct:
        return None
    named = [system for system, words in _NAMED.items() if words.intersection(profile.words)]
    telling = [system for system, form in _TELLING.items() if profile.matches(form, _MANY)]
    fitting = (
        system
        for system in [*telling, *named]
        if all(spell_code(system, value) is not None for value in profile.values)
    )
    return next(fitting, None)
