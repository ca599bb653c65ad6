"""Spellings of a value, as the library and verification read them, each by its own code."""

import ast
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from anonify.base import meanings
from anonify.base.errors import UserError
from anonify.base.meanings import join_spellings, list_spellings, read_meanings
from anonify.domains.rules import build_hierarchy
from anonify.recoding.requirements import make_requirement
from anonify.releases.anonymization import anonymize_table
from anonify.verification import meanings as verified
from anonify.verification.meanings import number_texts
from anonify.verification.privacy import measure_privacy

# What a person takes for the letter: written by hand, apart from both tables.
LOOKALIKES = {
    **{"A": "\u0410\u0391\uff21", "B": "\u0412\u0392", "C": "\u0421", "E": "\u0415\u0395"},
    **{"H": "\u041d\u0397", "I": "\u0406\u0399", "K": "\u041a\u039a", "M": "\u041c\u039c"},
    **{"N": "\u039d", "O": "\u041e\u039f", "P": "\u0420\u03a1", "S": "\u0405", "T": "\u0422\u03a4"},
    **{"V": "\u0474", "X": "\u0425\u03a7", "Y": "\u0423\u03a5", "Z": "\u0396"},
    **{"a": "\u0430\u03b1", "c": "\u0441", "e": "\u0435", "i": "\u0456\u03b9", "j": "\u0458"},
    **{"o": "\u043e\u03bf", "p": "\u0440\u03c1", "s": "\u0455", "v": "\u03bd", "x": "\u0445"},
    **{"y": "\u0443", "l": "\uff4c"},
}
UNSEEN = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\ufe0f", "\u200e"]
BLANKS = [" ", "  ", "\u00a0", "\t", "\u3000", "\u2009 "]
WORDS = ["HIV", "flu", "J44", "type 2 diabetes", "E11.9", "copd", "Morbus Crohn"]
NOTHING = ["", " ", "\u00a0", "\u200b", None]


@st.composite
def spellings(draw, word):
    """A word as somebody may have typed it."""
    letters = []
    for letter in word:
        if letter == " ":
            letters.append(draw(st.sampled_from(BLANKS)))
            continue
        cased = draw(st.sampled_from([letter.upper(), letter.lower()]))
        letters.append(draw(st.sampled_from([cased, cased, *LOOKALIKES.get(cased, "")])))
        letters.append(draw(st.sampled_from(["", "", "", *UNSEEN])))
    around = st.sampled_from(["", "", *BLANKS])
    return draw(around) + "".join(letters) + draw(around)


@st.composite
def records(draw):
    """A frame with the class of each record, its true word (NaN for none) and how it is spelt."""
    size = draw(st.integers(1, 30))
    truth = draw(st.lists(st.sampled_from([*WORDS[:4], None]), min_size=size, max_size=size))
    spelt = [draw(st.sampled_from(NOTHING) if word is None else spellings(word)) for word in truth]
    ages = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    return pd.DataFrame({"age": map(str, ages), "truth": truth, "dx": spelt}, dtype="object")


def spell_out(texts):
    """The spellings as a column of a typed table: an ordered category, a missing one empty."""
    return pd.Series(pd.Categorical(texts.fillna("").astype(str)))


@given(data=st.data())
def test_all_spellings_of_a_word_are_one_value_and_words_are_several(data):
    truth = data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=20))
    spelt = [data.draw(spellings(word)) for word in truth]
    expected = pd.factorize(pd.Series(truth))[0].tolist()
    assert join_spellings(spelt) == expected
    assert pd.factorize(number_texts(pd.Series(spelt)))[0].tolist() == expected


@given(table=records())
def test_diversity_is_that_of_the_words_by_pandas_alone(table):
    found = measure_privacy(table[["age", "dx"]], ["age"], "dx")
    by_class = table.groupby("age")["truth"]
    assert found.k == by_class.size().min()
    assert found.distinct_l == by_class.nunique().min()
    shares = table.dropna().groupby("age")["truth"].value_counts(normalize=True)
    assert found.alpha == pytest.approx(shares.max() if len(shares) else 0)
    entropies = -(shares * np.log(shares)).groupby("age").sum()
    lowest = 0 if by_class.nunique().min() == 0 else np.exp(entropies.min())
    assert found.entropy_l == pytest.approx(lowest)
    whole = table["truth"].value_counts(normalize=True)
    apart = shares.unstack("truth", fill_value=0).sub(whole).abs().sum(axis=1) / 2
    assert found.t == pytest.approx(apart.max() if len(apart) else 0)


@given(table=records(), l=st.integers(1, 3))
def test_what_a_method_is_told_counts_words(table, l):  # noqa: E741
    rule = {"attribute": "dx", "model": "distinct_l_diversity", "l": l}
    nunique = table["truth"].nunique()
    if nunique < l:
        with pytest.raises(UserError, match="the whole table does not meet"):
            make_requirement(rule, spell_out(table["dx"]))
        return
    counted = make_requirement(rule, spell_out(table["dx"])).frequencies.toarray()
    by_class = pd.DataFrame(counted).groupby(table["age"].to_numpy()).sum()
    assert ((by_class > 0).sum(axis=1) == table.groupby("age")["truth"].nunique()).all()


@given(table=records(), method=st.sampled_from(["mondrian", "arx", "ola"]))
def test_a_release_keeps_words_apart_that_differ_not_spellings(table, method):
    assume(table["truth"].nunique() >= 2)
    ages = sorted(table["age"].unique())
    domain = build_hierarchy("age", ages, {"intervals": [{"start": 0, "width": 2}]})
    frame = pd.DataFrame(
        {
            "age": pd.Categorical(table["age"], categories=ages, ordered=True),
            "dx": spell_out(table["dx"]),
        }
    )
    rule = {"attribute": "dx", "model": "distinct_l_diversity", "l": 2}
    released = anonymize_table(
        frame, {"age": domain}, method, 1, np.random.default_rng(0), requirements=[rule]
    ).frame
    kept = ~released["is_suppressed"]
    shown = table["truth"][kept].groupby(released["age"][kept].astype(str)).nunique()
    assert not len(shown) or shown.min() >= 2


# By hand


@pytest.mark.parametrize(
    "text",
    ["HIV", "hiv", " HIV ", "H\u200bIV", "\u041dIV", "H\u0406V", "HI\u03bd", "Ｈｉｖ", "hıv"],
)
def test_one_diagnosis(text):
    assert join_spellings(["HIV", text]) == [0, 0]
    assert number_texts(pd.Series(["HIV", text])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("N10", "V10"),
        # A microgram is no milligram, whatever µ may look like.
        ("5 µg", "5 mg"),
        ("type 1", "type 2"),
        ("type1", "type 1"),
        ("resume", "résumé"),
        ("E11.9", "E119"),
        ("1", "I"),
        ("0", "O"),
    ],
)
def test_two_values(one, other):
    assert join_spellings([one, other]) == [0, 1]
    assert sorted(number_texts(pd.Series([one, other]))) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("ΝΑΙ", "ναι"), ("НЕТ", "нет"), ("e\u0301te\u0301", "ÉTÉ"), ("straße", "STRASSE")],
)
def test_words_of_other_scripts_have_two_cases_too(one, other):
    assert join_spellings([one, other]) == [0, 0]
    assert number_texts(pd.Series([one, other])).tolist() == [0, 0]


def test_values_are_joined_through_a_third():
    # By its case the first is the second, by its looks the third.
    texts = ["\u03bdia", "\u039dIA", "NIA", "via"]
    assert len({*join_spellings(texts[:3])}) == 1
    assert len({*number_texts(pd.Series(texts))}) == len({*join_spellings(texts)}) == 1


def test_what_is_spelt_in_one_way_is_not_listed():
    assert list_spellings(["a", "b", "B", "a", "c", " b"]) == [["b", "B", " b"]]


def test_the_library_and_verification_read_every_character_alike():
    # The format characters that show (of Arabic, Syriac, Kaithi and hieroglyphs) are left out, and
    # what stands for no character yet.
    differing = []
    for point in range(sys.maxunicode + 1):
        letter = chr(point)
        kind = unicodedata.category(letter)
        shows = kind == "Cf" and unicodedata.name(letter, "").split()[0] in (
            *("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN"),
        )
        if kind in ("Cs", "Cn", "Co") or shows:
            continue
        look = "".join(verified.LOOKALIKES.get(mark, mark) for mark in verified._lay_open(letter))
        if read_meanings(f"x{letter}") != (
            verified._reduce(f"x{letter}"),
            verified._reduce(f"x{look}"),
        ):
            differing.append(letter)
    assert differing == []


def test_they_share_no_line():
    tree = ast.parse(Path(verified.__file__).read_text(encoding="utf-8"))
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not any(str(name).startswith("anonify") for name in imported)
    lines, others = (
        {line.strip() for line in Path(module.__file__).read_text(encoding="utf-8").splitlines()}
        for module in (verified, meanings)
    )
    shared = {line for line in lines & others if len(line) > 30}
    assert shared <= {"from collections.abc import Iterable, Sequence"}
