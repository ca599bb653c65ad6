"""What the name of a column says that nobody has described yet."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from anonify.settings.schemas import read_yaml

Kind = Literal["person", "identifier", "quasi_identifier", "scale"]

# A field of UK Biobank with its instance and array: `31-0.0`, `f.31.0.0`, `n_31_0_0`, `p31_i0`.
_FIELD = re.compile(r"(?:[a-z]{0,2}[._]?([0-9]+)[._-][0-9]+[._][0-9]+|p([0-9]+)(?:_[ai][0-9]+)*)")
_NUMBERED = re.compile(
    r"(?:col|column|var|variable|field|unnamed|feature|attribute|attr|spalte|feld|variavel|colonne"
    r"|champ|colonna|campo|coluna|columna|kolom|kolumn|kolonne)[\W_]*[0-9]+|[vx]_?[0-9]{1,2}"
)
# What makes a name that of a person.
_NAMED = {"first", "last", "middle", "given", "family", "maiden", "full", "fore", "sur"}
# Known words of fewer letters are no parts of others, but at their end.
_SHORTEST = 3
# Letters of a known word that says something at the end of an unknown one, or before a longer rest.
_LONG = 5


def read_words(file: str) -> dict[str, list[str]]:
    """Return the words of each list in a file beside this one, which parts them by commas."""
    content: dict[str, str] = read_yaml(Path(__file__).with_name(file))
    return {key: _part(words) for key, words in content.items()}


def _part(words: object) -> list[str]:
    return [word for each in str(words).split(",") if (word := each.strip())]


WORDS = read_words("column_words.yaml")
"""The words in the names of columns by what they say."""


@cache
def read_standards() -> dict[str, tuple[Kind, str]]:
    """Return of each column of the known data models what it is, and of which model."""
    content = read_yaml(Path(__file__).with_name("standard_columns.yaml"))
    return {
        word: (kind, model)
        for model, lists in content.items()
        for kind, words in lists.items()
        for word in _part(words)
    }


def split_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and without accents.

    >>> split_words("dateOfBirth"), split_words("Größe_2"), split_words("HIVStatus")
    (('date', 'of', 'birth'), ('grosse', '2'), ('hiv', 'status'))
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    # N° is a number as № and Nº are.
    parted = re.sub(r"(?<=\b[Nn])°", "o ", parted)
    return tuple(re.findall(r"[^\W\d_]+|\d+", make_plain(parted)))


def make_plain(text: str) -> str:
    """Return a text in lower case and without accents.

    >>> make_plain("Größe, José")
    'grosse, jose'
    """
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def list_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, a compound as the known words that it is made of.

    >>> list_words("PatientName"), list_words("patientname"), list_words("Wohnortplz")
    (('patient', 'name'), ('patient', 'name'), ('wohnort', 'plz'))
    """
    return tuple(part for word in split_words(name) for part in _cut(word) or _find_part(word))


@cache
def _list_known() -> frozenset[str]:
    return frozenset(word for key, words in WORDS.items() if key != "target" for word in words)


@cache
def _cut(word: str) -> tuple[str, ...]:
    """Return the known words that a word is made of, the longest first; none if it is of others."""
    known = _list_known()
    if word in known:
        return (word,)
    for end in range(len(word) - 1, _SHORTEST - 1, -1):
        if word[:end] in known and (rest := _cut(word[end:])):
            return (word[:end], *rest)
    return ()


@cache
def _find_part(word: str) -> tuple[str, ...]:
    """Return a word, and before it what outsiders may know that it ends or begins with, or has."""
    known = {*WORDS["quasi_identifier"], *WORDS["scale"]} - {*WORDS["no_part"]}
    ends = (word[place:] for place in range(1, len(word) - _LONG + 1))
    starts = (word[:place] for place in range(len(word) - 1, _LONG, -1))
    parts = [part for part in (*ends, *starts) if part in known]
    # A deduction is no education.
    parts += [stem for stem in WORDS["stem"] if re.search(rf"(?<![rd]){stem}", word)]
    return (*parts[:1], word)


def find_standard(name: str) -> tuple[Kind, str] | None:
    """Return what a column of a known data model is, and of which one; None if it is of none.

    >>> find_standard("RIAGENDR"), find_standard("f.31.0.0")
    (('quasi_identifier', 'NHANES'), ('quasi_identifier', 'UK Biobank'))
    """
    key = re.sub(r"[\s.]+", "_", name.strip().lower())
    field = _FIELD.fullmatch(name.strip().lower())
    if field:
        return read_standards().get(next(filter(None, field.groups())))
    return None if key.isdecimal() else read_standards().get(key)


def has_word(name: str, key: str) -> str | None:
    """Return the first word of a name that is in a list of :data:`WORDS`."""
    return next((word for word in list_words(name) if word in WORDS[key]), None)


def says_kind(name: str) -> bool:
    """Tell whether numbers under a name stand for kinds, such as marital status, race or region."""
    standard = find_standard(name)
    if standard:
        return standard[0] == "quasi_identifier"
    words = list_words(name)
    return _has_any(words, "quasi_identifier", "stem") and not _has_any(words, "scale", "counted")


def says_nothing(name: str) -> bool:
    """Tell whether a name is but a place in the table, as programs and people number columns.

    >>> [says_nothing(name) for name in ("column_3", "Unnamed: 3", "V12", "B12")]
    [True, True, True, False]
    """
    return bool(_NUMBERED.fullmatch(make_plain(name)))


def find_identifier_word(name: str) -> str | None:
    """Return the word by which a name points at one person, None where it does not."""
    words = list_words(name)
    standard = find_standard(name)
    if standard:
        return name if standard[0] in ("person", "identifier") else None
    others = {*words} - {"name", "names"}
    if len(others) < len({*words}) and others <= {*WORDS["person"]}:
        return "name"
    if not _has_any(words, "thing", "code") and any(
        word in _NAMED and after == "name" for word, after in pairwise(words)
    ):
        # Whatever else stands there, such as in `mother_first_name`.
        return "name"
    is_of_kind = _has_any(words, "quasi_identifier", "scale")
    if _has_any(words, "number"):
        numbered = [word for word in words if word in WORDS["numbered"]]
        rest = [word for word in words if word not in WORDS["numbered"]]
        if _has_any(words, "thing") or _has_any(rest, "quasi_identifier", "scale"):
            return None
        if numbered:
            return f"{numbered[0]} number"
    found = has_word(name, "identifier")
    # The town of an address is none.
    return None if found in WORDS["address"] and is_of_kind else found


def find_known_word(name: str) -> str | None:
    """Return the word by which outsiders may know what is in a column, None where there is none."""
    standard = find_standard(name)
    if standard:
        return name if standard[0] in ("quasi_identifier", "scale") else None
    words = list_words(name)
    if len([word for word in words if not word.isdecimal()]) == 1 and words[0] in WORDS["alone"]:
        return words[0]
    known = {*WORDS["scale"], *WORDS["quasi_identifier"], *WORDS["stem"]}
    return next((word for word in words if word in known), None)


def numbers_something(name: str) -> bool:
    """Tell whether a name is that of a number or code."""
    return _has_any(list_words(name), "number")


def counts_something(name: str) -> bool:
    """Tell whether a name is that of a measure, a count or an amount."""
    return _has_any(list_words(name), "scale", "counted")


def is_of_thing(name: str) -> bool:
    """Tell whether a name is that of a thing or of a kind of things, such as a drug."""
    return _has_any(list_words(name), "thing", "code")


def _has_any(words: Iterable[str], *keys: str) -> bool:
    return any(word in WORDS[key] for word in words for key in keys)
