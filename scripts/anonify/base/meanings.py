"""What a text means, however it is spelt.

Texts mean the same where they differ by case, blanks, Unicode form (compatibility, as NFKC has it),
characters that nobody sees, marks for a dash or an apostrophe, and Cyrillic or Greek letters that
look like Latin ones.

A letter may look like another one than its other case does (Ν like N, ν like v). So a text has two
readings, as it is and as it looks, and texts mean the same that share one.

Sources: Unicode Standard, Section 5.21 (default ignorable code points); Unicode Technical Standard
39, Section 4 (confusables), of which this is the part for these letters. All of it, as
confusable_homoglyphs 3.3 has it, takes 1, I and l for one, too, and 0 and O: codes such as those of
ICD-10 would be one that are several.
"""

import unicodedata
from collections.abc import Iterable, Sequence

_CAPITALS = {
    "ΑА": "A",
    "ΒВ": "B",
    "СϹ": "C",
    "ΕЕ": "E",
    "Ϝ": "F",
    "ΗН": "H",
    "ΙІӀ": "I",
    "ЈͿ": "J",
    "ΚК": "K",
    "ΜМ": "M",
    "Ν": "N",
    "ΟО": "O",
    "ΡР": "P",
    "Ԛ": "Q",
    "Ѕ": "S",
    "ΤТ": "T",
    "Ѵ": "V",
    "Ԝ": "W",
    "ΧХ": "X",
    "ΥУҮ": "Y",
    "Ζ": "Z",
}
_SMALL = {
    "αаɑ": "a",
    "ϲс": "c",
    "ԁ": "d",
    "е": "e",
    "ɡ": "g",
    "һн": "h",
    "ιіı": "i",
    "јϳ": "j",
    "κк": "k",
    "ӏ": "l",
    "м": "m",
    "η": "n",
    "οоσ": "o",
    "ρр": "p",
    "ԛ": "q",
    "г": "r",
    "ѕ": "s",
    "τт": "t",
    "υ": "u",
    "νѵ": "v",
    "ωԝ": "w",
    "хχ": "x",
    "уүγ": "y",
    "вβ": "b",
    "ε": "e",
    "ζ": "z",
}
LOOKS = {
    ord(letter): latin
    for table in (_CAPITALS, _SMALL)
    for row, latin in table.items()
    for letter in row
}
"""The Latin letter that a letter of another script looks like. µ is no m: µg are no mg."""

# What people write where they know nothing; `none` is left out, for it often says something.
_UNKNOWN = (
    *("?", "??", "-", "--", "---", ".", "..", "n/a", "n.a.", "na", "#n/a", "nan", "null", "nil"),
    *("<na>", "unknown", "unk", "not known", "missing", "not available", "not reported", "no info"),
    *("not recorded", "not stated", "no information", "no data", "no answer", "undetermined"),
    # What Excel shows where a formula fails.
    *("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#nv"),
    *("#wert!", "#bezug!", "#zahl!"),
    *("unbekannt", "nicht bekannt", "keine angabe", "k.a.", "k. a.", "fehlt", "inconnu"),
    *("non renseigné", "desconocido", "sin datos", "sconosciuto", "onbekend", "okänd", "ukjent"),
)

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹘﹣－"), "-")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ´`′"), "'")
_MARKS = {**_DASHES, **_APOSTROPHES}
# Of the default ignorable characters those that are no format characters (Cf); below, a blank that
# Unicode counts as a symbol.
_UNSEEN = dict.fromkeys(
    [
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    ]
)
_SHOWN = {**_UNSEEN, 0x2800: " ", **_MARKS}


def read_meanings(text: str) -> tuple[str, str]:
    """Return a text as it reads and as it looks, in small letters and without what nobody sees.

    >>> read_meanings(" HIV\\u00a0 positive"), read_meanings("Н\\u200bIV")
    (('hiv positive', 'hiv positive'), ('нiv', 'hiv'))
    """
    if text.isascii() and text.isprintable():
        reading = " ".join(text.casefold().split()).replace("`", "'")
        return reading, reading
    shown = unicodedata.normalize("NFKD", text.translate(_MARKS)).translate(_SHOWN)
    seen = "".join(letter for letter in shown if not _is_unseen(letter))
    return _fold(seen), _fold(seen.translate(LOOKS))


def _is_unseen(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind == "Cf" or (kind == "Cc" and not letter.isspace())


def _fold(text: str) -> str:
    """Return a text in small letters, its blanks as single spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    # What a Turkish İ leaves behind.
    return " ".join(folded.replace("i\u0307", "i").split())


def is_blank(text: str) -> bool:
    """Tell whether a text shows nothing."""
    return not read_meanings(text)[0]


def join_spellings(texts: Sequence[str]) -> list[int]:
    """Return a number for each text, from 0 in order of appearance, equal where they mean the same.

    >>> join_spellings(["HIV", "flu", "hiv ", "Flu"])
    [0, 1, 0, 1]
    """
    leader: dict[str, str] = {}

    def find(reading: str) -> str:
        while leader.setdefault(reading, reading) != reading:
            leader[reading] = leader[leader[reading]]
            reading = leader[reading]
        return reading

    readings = [read_meanings(text) for text in texts]
    for plain, look in readings:
        leader[find(look)] = find(plain)
    numbers: dict[str, int] = {}
    return [numbers.setdefault(find(plain), len(numbers)) for plain, _ in readings]


def list_spellings(texts: Iterable[str]) -> list[list[str]]:
    """Return the texts that mean the same but are spelt differently, together.

    >>> list_spellings(["flu", "HIV", "HIV ", "hiv"])
    [['HIV', 'HIV ', 'hiv']]
    """
    distinct = list(dict.fromkeys(texts))
    groups: dict[int, list[str]] = {}
    for text, number in zip(distinct, join_spellings(distinct), strict=True):
        groups.setdefault(number, []).append(text)
    return [group for group in groups.values() if len(group) > 1]


def list_unknown(texts: Iterable[str]) -> list[str]:
    """Return the texts that people write where they know nothing.

    >>> list_unknown(["flu", "N/A", "unknown "])
    ['N/A', 'unknown ']
    """
    known = {read_meanings(text)[0] for text in _UNKNOWN}
    return [text for text in texts if read_meanings(text)[0] in known]


def reveal(text: str) -> str:
    """Return a text with an escape for what looks like something else, or like nothing.

    >>> print(reveal("H\u200bIV"), reveal("\u041dIV"), reveal("нет"))
    H\\u200bIV \\u041dIV нет
    """
    is_mixed = any(letter.isascii() and letter.isalpha() for letter in text)
    return "".join(
        f"\\u{ord(letter):04x}"
        if not letter.isprintable() or (is_mixed and ord(letter) in LOOKS)
        else letter
        for letter in text
    )
