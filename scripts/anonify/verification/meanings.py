"""Which texts of a released column are one value to whoever reads them.

Written on purpose without a line of what made the table: characters are named as Unicode names
them, and values are joined through the readings that they share until nothing changes.

Source: Unicode Technical Standard 39, Section 4 (confusables).
"""

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pandas as pd

# Letters as Unicode names them: capital and small, where they look like a Latin letter.
_CYRILLIC_CAPITALS = (
    "A=A VE=B ES=C IE=E EN=H BYELORUSSIAN-UKRAINIAN_I=I JE=J KA=K EM=M O=O ER=P QA=Q DZE=S TE=T "
    "IZHITSA=V WE=W HA=X U=Y STRAIGHT_U=Y"
)
_CYRILLIC_SMALL = (
    "A=a VE=b ES=c KOMI_DE=d IE=e SHHA=h EN=h BYELORUSSIAN-UKRAINIAN_I=i JE=j KA=k PALOCHKA=l "
    "EM=m O=o ER=p QA=q GHE=r DZE=s TE=t IZHITSA=v WE=w HA=x U=y STRAIGHT_U=y"
)
_GREEK_CAPITALS = (
    "ALPHA=A BETA=B EPSILON=E ETA=H IOTA=I YOT=J KAPPA=K MU=M NU=N OMICRON=O RHO=P TAU=T CHI=X "
    "UPSILON=Y ZETA=Z"
)
_GREEK_SMALL = (
    "ALPHA=a BETA=b EPSILON=e ETA=n IOTA=i KAPPA=k NU=v OMICRON=o SIGMA=o RHO=p TAU=t UPSILON=u "
    "OMEGA=w CHI=x GAMMA=y ZETA=z"
)
_OTHERS = {
    "GREEK CAPITAL LUNATE SIGMA SYMBOL": "C",
    "GREEK LUNATE SIGMA SYMBOL": "c",
    "GREEK LETTER DIGAMMA": "F",
    "GREEK LETTER YOT": "j",
    "CYRILLIC LETTER PALOCHKA": "I",
    "LATIN SMALL LETTER ALPHA": "a",
    "LATIN SMALL LETTER SCRIPT G": "g",
    "LATIN SMALL LETTER DOTLESS I": "i",
}


def _list_lookalikes() -> dict[str, str]:
    found = {unicodedata.lookup(name): latin for name, latin in _OTHERS.items()}
    for kind, pairs in (
        ("CYRILLIC CAPITAL", _CYRILLIC_CAPITALS),
        ("CYRILLIC SMALL", _CYRILLIC_SMALL),
        ("GREEK CAPITAL", _GREEK_CAPITALS),
        ("GREEK SMALL", _GREEK_SMALL),
    ):
        for pair in pairs.split():
            name, latin = pair.split("=")
            found[unicodedata.lookup(f"{kind} LETTER {name.replace('_', ' ')}")] = latin
    return found


LOOKALIKES = _list_lookalikes()

_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)
_HYPHEN = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
_APOSTROPHE = re.compile("[\u2018\u2019\u02bc\u00b4\u0060\u2032]")
_BLANKS = re.compile(r"[\s\u2800]+")


def number_texts(texts: "pd.Series[str]") -> npt.NDArray[np.intp]:
    """Array (records,): the number of the value that each text is, −1 where it shows nothing.

    Parameters
    ----------
    texts : of a column; a missing one shows nothing.
    """
    if texts.dtype != "category":
        texts = texts.astype("object").where(texts.notna(), "").astype(str)
    codes, found = pd.factorize(texts, use_na_sentinel=False)
    # A missing value and an empty text are one.
    shown = ["" if pd.isna(text) else str(text) for text in found]
    numbers, distinct = pd.factorize(np.array(shown, dtype="object"), sort=True)
    codes = numbers[codes]
    values = pd.DataFrame(
        {
            "plain": [_reduce(text) for text in distinct],
            "look": [
                _reduce("".join(LOOKALIKES.get(mark, mark) for mark in _lay_open(text)))
                for text in distinct
            ],
        }
    )
    number: pd.Series[int] = pd.Series(np.arange(len(values)))
    while True:
        joined = number.groupby(values["plain"]).transform("min")
        joined = joined.groupby(values["look"]).transform("min")
        # A reading as it is may be how another text looks.
        least = pd.concat(
            [joined.groupby(values["plain"]).min(), joined.groupby(values["look"]).min()]
        )
        least = least.groupby(level=0).min()
        joined = pd.concat([values[each].map(least) for each in values], axis=1).min(axis=1)
        if joined.equals(number):
            break
        number = joined
    number[values["plain"] == ""] = -1
    return np.asarray(number.to_numpy(np.intp)[codes])


def _lay_open(text: str) -> str:
    """Return a text with its accents as characters of their own and without what is not seen."""
    opened = unicodedata.normalize("NFKD", _HYPHEN.sub("-", _APOSTROPHE.sub("'", text)))
    return _IGNORED.sub("", _HYPHEN.sub("-", _APOSTROPHE.sub("'", opened)))


def _reduce(text: str) -> str:
    small = unicodedata.normalize("NFKD", _lay_open(text).casefold())
    return _BLANKS.sub(" ", small.replace("i\u0307", "i")).strip()
