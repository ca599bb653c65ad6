"""What the values of a column look like that nobody has described yet.

Everything is judged by a sample of the distinct values.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module

from anonify.base.meanings import list_unknown
from anonify.drafting.names import make_plain, read_words
from anonify.drafting.profile import Profile

EMAIL = r"(?:mailto:)?[^@\s]+@[^@\s]+\.[^@\s]+"
PHONE = (
    r"(?:tel:)?(?:[+(]|0)[0-9][0-9 ()/.-]{6,20}"
    r"|(?:1[ .-])?[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{3,4}"
)
URL = r"(?:https?|ftp)://\S+|www\.\S+"
HARDWARE = r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
HASH = r"(?=.*[0-9])(?=.*[A-Fa-f])[0-9A-Fa-f-]{16,}"
POSITION = r"\(?[+-]?[0-9]{1,2}\.[0-9]{3,}°?[NS]?[ ,;/]+[+-]?[0-9]{1,3}\.[0-9]{3,}°?[EWO]?\)?"
SOCIAL_SECURITY = r"[0-9]{3}-[0-9]{2}-[0-9]{4}"

_PATTERNS = {
    "e-mail addresses": EMAIL,
    "phone numbers": PHONE,
    "internet addresses": URL,
    "addresses of devices": HARDWARE,
    "hashes or random keys": HASH,
    "places on a map": POSITION,
    "US social security numbers": SOCIAL_SECURITY,
}

# Numbers that people have, by the module of stdnum that checks their digits.
_NUMBERS = {
    "NHS numbers": "gb.nhs",
    "French social security numbers": "fr.nir",
    "Dutch citizen service numbers": "nl.bsn",
    "Swiss social security numbers": "ch.ssn",
    "German tax numbers": "de.idnr",
    "Austrian social security numbers": "at.vnr",
    "Danish personal numbers": "dk.cpr",
    "Swedish personal numbers": "se.personnummer",
    "Norwegian birth numbers": "no.fodselsnummer",
    "Finnish personal codes": "fi.hetu",
    "Spanish identity numbers": "es.dni",
    "Spanish identity numbers of foreigners": "es.nie",
    "Italian tax codes": "it.codicefiscale",
    "Polish personal numbers": "pl.pesel",
    "Portuguese tax numbers": "pt.nif",
    "Belgian national numbers": "be.nn",
    "Irish personal numbers": "ie.pps",
    "Brazilian tax numbers": "br.cpf",
    "Czech birth numbers": "cz.rc",
    "Estonian personal codes": "ee.ik",
    "bank accounts (IBAN)": "iban",
}
_MARKED_NUMBER = r"(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z .+/-]{6,40}"
# Digits of the shortest number of a payment card.
_CARD = 13

_TIME = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?: ?[AaPp]\.?[Mm]\.?)?"
_POSTCODE = (
    r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{2}"  # United Kingdom
    r"|[1-9][0-9]{3} ?[A-Z]{2}"  # Netherlands
    r"|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]"  # Canada
    r"|[0-9]{2}-[0-9]{3}|[0-9]{4,5}-[0-9]{3,4}|[0-9]{3} [0-9]{2}"  # Poland, Portugal, US, Sweden
    r"|[A-Z]{1,2}-[0-9]{4,5}"
)
_NUMBER = r"[$€£]?[0-9][0-9.,]*k?%?"
_TO = r"(?:-|–|—|to|bis|a|al|ate|tot|do|till|til|and|,|;|<)"
_RANGE = rf"[\[(\]]?\s*{_NUMBER}\s*{_TO}\s*{_NUMBER}\s*[\])\[]?"
_BEYOND = r"(?:[<>≤≥]=?|under|over|unter|uber|bis|ab|moins de|plus de)"
_OPEN = rf"{_BEYOND}\s*{_NUMBER}|{_NUMBER}\s*[+>]"
_OPEN_WORDS = (
    rf"{_NUMBER} (?:or|and|oder|und|et|ou|y|e|o|en|of|i|lub|och|eller|og) (?:\w+ )?"
    r"(?:older|over|more|above|younger|under|less|alter|mehr|junger|plus|mas|oltre|mais|ouder|meer"
    r"|wiecej|aldre)"
)
_UNIT = r"(?:\s*(?:years?|yrs?|y|jahre?n?|j|ans?|anos?|anni|jaar|lat|ar)\b\.?)?"
GROUP = rf"(?:{_RANGE}|{_OPEN}|{_OPEN_WORDS}){_UNIT}"

_PERSON = r"[^\W\d_][\w'’.-]*(?:,? [^\W\d_][\w'’.-]*){0,4}"
_SURNAME_FIRST = r"(?:[^\W\d_][\w'’-]+ ?){1,2}, (?:[^\W\d_][\w'’.-]* ?){1,2}"
_TITLED = (
    r"(?:dr|prof|mr|mrs|ms|miss|sir|dame|herr|frau|m|mme|mlle|sr|sra|srta|don|dona|dott|dott\.ssa|sig"
    r"|sig\.ra|dhr|mevr|mw|pan|pani|hr|fr|med|lek)\.?(?: (?:dr|med)\.?)* [^\W\d_].*"
)
_INITIALED = r"(?:[^\W\d_]\. ?){1,3}[^\W\d_][\w'’ -]+|[^\W\d_][\w'’ -]+,? [^\W\d_]\."
_HOUSE_NUMBER = r"(?:[0-9]{1,5}\s?[A-Za-z]?,? .*[^\W\d_].*|.*[^\W\d_].*,? [0-9]{1,5}\s?[A-Za-z]?)"

_STREET = r".+(?:strasse|weg|gasse|allee|platz|straat|laan|gatan|vagen|vej)"

SEXES, RACES = "sexes", "races or ethnic groups"
_KINDS = {
    "sex": SEXES,
    "marital_status": "marital statuses",
    "race": RACES,
    "religion": "religions",
    "language": "languages or nationalities",
    "education": "degrees of education",
    "work": "occupations",
}

_LOOKS_SHARE, _WORDS_SHARE, _NAMES_SHARE = 0.9, 0.6, 0.4
_FEWEST_VALUES = 3
# Of fewer numbers the digits may fit by chance.
_FEWEST_NUMBERS = 5
_LAST_YEAR = 2035
_FREE_TEXT_WORDS = 5


@cache
def _read_words() -> dict[str, frozenset[str]]:
    words = read_words("value_words.yaml")
    return {key: frozenset(values) for key, values in words.items()}


def find_identifying_look(profile: Profile) -> str | None:
    """Say what the values look like that points at one person, None where they do not."""
    if profile.odd or profile.type not in ("category", "integer"):
        return None
    values = profile.sample
    if not values:
        return None
    number = _find_number(values)
    if number or profile.type == "integer":
        return number
    return _find_personal_text(values)


def _find_personal_text(values: Sequence[str]) -> str | None:
    for look, pattern in _PATTERNS.items():
        if share(values, re.compile(pattern).fullmatch) >= _LOOKS_SHARE:
            return look
    if share(values, _is_ip_address) >= _LOOKS_SHARE:
        return "internet addresses"
    if _are_addresses(values):
        return "streets with house numbers"
    return "names of persons" if _are_persons(values) else None


def find_known_look(profile: Profile) -> str | None:
    """Say what the values look like that outsiders may know, None where they do not."""
    values = profile.sample
    if profile.type == "integer" and len(values) >= _FEWEST_VALUES:
        is_year = re.compile(r"(?:19|20)[0-9]{2}(?:\.0*)?").fullmatch
        if share(values, is_year) == 1 and max(map(float, values)) <= _LAST_YEAR:
            return "years"
    if profile.type != "category":
        return None
    plain = [make_plain(value) for value in values if not list_unknown([value])]
    for kind, look in _KINDS.items():
        if len(plain) >= 2 and share(plain, _read_words()[kind].__contains__) >= _WORDS_SHARE:
            return look
    if len(plain) < _FEWEST_VALUES:
        return None
    for kind, look in {"month": "months", "country_code": "codes of countries or states"}.items():
        if share(plain, _read_words()[kind].__contains__) >= _LOOKS_SHARE:
            return look
    if share(plain, _is_place) >= _WORDS_SHARE:
        return "places"
    if share(plain, _is_site) >= _WORDS_SHARE:
        return "sites, schools or firms"
    for look, pattern in {"times of day": _TIME, "postcodes": _POSTCODE}.items():
        if share(values, re.compile(pattern).fullmatch) >= _LOOKS_SHARE:
            return look
    groups = share(plain, re.compile(GROUP).fullmatch)
    if groups >= _WORDS_SHARE and groups * len(plain) >= _FEWEST_VALUES:
        return "numbers in groups, such as ages"
    return None


def is_free_text(profile: Profile) -> bool:
    """Tell whether the values are sentences, which may name persons."""
    values = profile.sample
    if profile.type != "category" or not values:
        return False
    words = sum(len(value.split()) for value in values) / len(values)
    return len(values) > 2 * _FREE_TEXT_WORDS and words >= _FREE_TEXT_WORDS


def share(values: Sequence[str], fits: Callable[[str], object]) -> float:
    """Return the share of texts that fit, 0 to 1."""
    return sum(bool(fits(value)) for value in values) / max(len(values), 1)


def _find_number(values: Sequence[str]) -> str | None:
    texts = [value.removesuffix(".0") for value in values]
    is_number = re.compile(_MARKED_NUMBER).fullmatch
    if len(texts) < _FEWEST_NUMBERS or share(texts, is_number) < _LOOKS_SHARE:
        return None
    for look, module in _NUMBERS.items():
        if share(texts, import_module(f"stdnum.{module}").is_valid) >= _LOOKS_SHARE:
            return look
    is_long = min(map(len, texts)) >= _CARD
    is_card = is_long and share(texts, import_module("stdnum.luhn").is_valid) >= _LOOKS_SHARE
    return "payment cards" if is_card else None


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return "." in text or ":" in text


def _are_addresses(values: Sequence[str]) -> bool:
    has_number = re.compile(_HOUSE_NUMBER).fullmatch
    return share(values, lambda text: has_number(text) and _is_street(text)) >= _WORDS_SHARE


def _is_street(text: str) -> bool:
    words = _list_words(make_plain(text))
    return any(word in _read_words()["street"] or re.fullmatch(_STREET, word) for word in words)


def _are_persons(values: Sequence[str]) -> bool:
    is_name = re.compile(_PERSON).fullmatch
    if len(values) < _FEWEST_VALUES or share(values, is_name) < _LOOKS_SHARE:
        return False
    if share(values, _is_person) >= _NAMES_SHARE:
        return share(values, _is_person) > share([make_plain(value) for value in values], _is_place)
    for pattern in (_TITLED, _INITIALED):
        if share(values, re.compile(pattern, re.IGNORECASE).fullmatch) >= _LOOKS_SHARE:
            return True
    return len(values) > 20 and share(values, re.compile(_SURNAME_FIRST).fullmatch) >= _LOOKS_SHARE


def _is_person(text: str) -> bool:
    names = _read_words()["given_name"] | _read_words()["family_name"]
    return any(word in names for word in _list_words(make_plain(text)))


def _is_place(plain: str) -> bool:
    places = _read_words()["place"]
    parts = [plain, *re.split(r"\s*[,/()]\s*", plain)]
    return any(part in places for part in parts)


def _is_site(plain: str) -> bool:
    return any(word in _read_words()["site"] for word in _list_words(plain))


def _list_words(plain: str) -> Iterable[str]:
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", plain)
