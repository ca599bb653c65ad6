"""HIPAA's Safe Harbor: which of its eighteen identifiers a released table shows.

The rule takes health data for de-identified if eighteen kinds of identifiers, of the person and of
relatives, employers and household members, are removed, and if whoever releases the table does not
know that the rest could identify somebody. The first half is checked here, column by column: which
of the eighteen a column is, by its name and its values, and what the release shows of it. What is
unclear is left to a person. The second half is no matter of columns.

Sources: 45 CFR 164.514(b)(2)(i); U.S. Department of Health and Human Services, Guidance Regarding
Methods for De-identification of Protected Health Information, 2012 (the areas of ZIP codes with few
people, by the census of 2000).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from anonify.base.meanings import list_unknown
from anonify.base.values import MISSING, ROOT
from anonify.base.words import SAFE_HARBOR, quote
from anonify.domains.domain import Domain
from anonify.drafting.looks import find_identifying_look, find_known_look, is_free_text, share
from anonify.drafting.names import (
    WORDS,
    counts_something,
    find_identifier_word,
    list_words,
    says_nothing,
)
from anonify.drafting.profile import Profile, order_counts, profile_columns
from anonify.drafting.roles import has_dates, has_many_texts
from anonify.drafting.safe_harbor_labels import (
    is_finer_date,
    is_open_above,
    is_open_below,
    is_wide_place,
    is_years,
    read_first_year,
    read_lists,
    read_lowest,
    read_zip,
)
from anonify.releases.dataset import Dataset, StoredDataset
from anonify.releases.foreign import Released
from anonify.tables.columns import Column
from anonify.tables.counts import count_records, records_of

Verdict = Literal["kept", "cannot be told", "not kept"]

VERDICTS: tuple[Verdict, ...] = ("kept", "cannot be told", "not kept")
"""From the best to the worst."""

OLDEST = 89
"""Years: higher ages may be told as one group alone."""

# Letters by the lists of words that say them. What stands under `…_numbered` counts where the name
# is that of a number or key.
_NAMED = {
    "A": ("names",),
    "B": ("small_places", "zips", "wide_places", "unclear_places"),
    "C": ("dates", "date_parts", "unclear_date_parts", "years", "ages"),
    "D": ("phones",),
    "E": ("faxes",),
    "F": ("mails",),
    "G": ("social", "social_numbered"),
    "H": ("records", "records_numbered"),
    "I": ("plans", "plans_numbered"),
    "J": ("accounts", "accounts_numbered"),
    "K": ("certificates", "certificates_numbered"),
    "L": ("vehicles", "vehicles_numbered"),
    "M": ("devices", "devices_numbered"),
    "N": ("links",),
    "O": ("internet",),
    "P": ("biometrics",),
    "Q": ("photos",),
}
# What another letter says better: the address of a machine is no place, a fax number no telephone.
_BETTER_SAID = {"B": "FMNO", "D": "E", "J": "I", "K": "L"}
_LOOKS = {
    "names of persons": "A",
    "streets with house numbers": "B",
    "places on a map": "B",
    "places": "B",
    "postcodes": "B",
    "sites, schools or firms": "B",
    "months": "C",
    "times of day": "C",
    "phone numbers": "D",
    "e-mail addresses": "F",
    "US social security numbers": "G",
    "French social security numbers": "G",
    "Swiss social security numbers": "G",
    "NHS numbers": "H",
    "payment cards": "J",
    "bank accounts (IBAN)": "J",
    "addresses of devices": "M",
}
_SMALL_PLACES = ("streets with house numbers", "places on a map", "postcodes")
_NUMBERS = re.compile(r"[0-9]+")
# Values of so many records each are kinds, such as private and office phones.
_FEW, _REPEATED = 20, 3
# Share of the records from which on most have a value of their own.
_OWN = 0.9
_YEARS_IN = {"month": 12, "months": 12, "week": 52, "weeks": 52, "day": 365, "days": 365}

Judgement = tuple[Verdict, str]


@dataclass(frozen=True)
class Finding:
    """What a released table shows of one of the eighteen identifiers.

    Parameters
    ----------
    letter : A to R, as in the rule.
    columns : that are of this kind, those that are left out among them.
    why : for each column what the release shows of it.
    """

    letter: str
    title: str
    verdict: Verdict
    columns: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Shown:
    """A column of a released table.

    Parameters
    ----------
    labels : the distinct ones that tell something, the most frequent one first.
    profile : what they look like.
    domain : where it is a quasi-identifier.
    """

    column: Column
    labels: tuple[str, ...]
    profile: Profile
    domain: Domain | None

    @cached_property
    def originals(self) -> tuple[str, ...]:
        """The labels that are values of the original."""
        if self.domain is None:
            return self.labels
        leaves = {*map(str, self.domain.rows[:, 0])}
        return tuple(label for label in self.labels if label in leaves)

    @cached_property
    def look(self) -> str | None:
        """What the values look like that points at one person, or that outsiders may know."""
        return find_identifying_look(self.profile) or find_known_look(self.profile)

    def says(self, *keys: str) -> bool:
        """Tell whether the name has a word of some lists."""
        return _has_word(self.column.name, *keys)


def check_safe_harbor(
    release: Released, dataset: Dataset | StoredDataset, today: date | None = None
) -> list[Finding]:
    """Check a released table against the eighteen identifiers of Safe Harbor.

    Parameters
    ----------
    release : as :func:`anonify.releases.foreign.read_any_release` returns it.
    dataset : what it was made from.
    today : tells which years of birth are those of people over 89; the day of the check if it is
        not given.

    Returns
    -------
    Eighteen findings, A to R. ``kept`` means that names and values show nothing of it.
    """
    judged: dict[str, list[tuple[str, Judgement]]] = {letter: [] for letter in SAFE_HARBOR}
    absent = [column.name for column in dataset.columns if column.name not in release.names]
    for name in (*dataset.identifiers, *absent):
        for letter in find_letters(name) or ["R"] * (name in dataset.identifiers):
            judged[letter].append((name, ("kept", "left out")))
    this_year = (today or date.today()).year
    for shown in _list_shown(release, dataset):
        for letter, judgement in _judge(shown, this_year):
            judged[letter].append((shown.column.name, judgement))
    return [_sum_up(letter, found) for letter, found in judged.items()]


def find_letters(name: str) -> list[str]:
    """Return which of the eighteen a column is by its name.

    >>> find_letters("home_phone"), find_letters("zip_code"), find_letters("IP address")
    (['D'], ['B'], ['O'])
    >>> find_letters("account number"), find_letters("account type"), find_letters("uuid")
    (['J'], [], ['R'])
    """
    found = [letter for letter, keys in _NAMED.items() if _has_word(name, *keys)]
    if found and _is_of_stay(name):
        found = [letter for letter in found if letter not in "BC"]
    # Programs number what comes several times: name_0_given_1.
    identifying = find_identifier_word(_NUMBERS.sub(" ", name)) or find_identifier_word(name)
    if identifying == "name" and "A" not in found:
        found.insert(0, "A")
    kept = [letter for letter in found if not {*_BETTER_SAID.get(letter, "")} & {*found}]
    is_said = any(letter not in "BC" for letter in kept)
    if is_said or (identifying and _has_word(name, "small_places", "zips")):
        return kept
    return [*kept, "R"] if identifying or _numbers_person(name) else kept


def _numbers_person(name: str) -> bool:
    """Tell whether a name is that of a number of persons, and not of a kind of things."""
    words = {*list_words(name)}
    is_number = all(not words.isdisjoint(WORDS[key]) for key in ("number", "numbered"))
    return is_number and words.isdisjoint(WORDS["thing"])


def _is_of_stay(name: str) -> bool:
    """Tell whether what may be a place or a part of a date is neither, as in time in hospital."""
    if _has_word(
        name, "small_places", "zips", "wide_places", "dates", "date_parts", "years", "ages"
    ):
        return False
    is_counted = _has_word(name, "unclear_date_parts") and counts_something(name)
    return is_counted or (_has_word(name, "unclear_places") and _has_word(name, "no_place"))


def _has_word(name: str, *keys: str) -> bool:
    words = {*list_words(name)}
    is_number = not words.isdisjoint(WORDS["number"])
    lists = (read_lists()[key] for key in keys if is_number or not key.endswith("_numbered"))
    return any(not words.isdisjoint(known) for known in lists)


def _list_shown(release: Released, dataset: Dataset | StoredDataset) -> list[Shown]:
    columns = [column for column in dataset.columns if column.name in release.names]
    domains = [dataset.domains.get(column.name) for column in columns]
    counts = {}
    for column, domain in zip(columns, domains, strict=True):
        rows = release.rows([column.name])
        texts = _write(rows[column.name], domain.root_label if domain else ROOT)
        records = pd.Series(records_of(rows), rows.index)
        counts[column.name] = order_counts(records.groupby(texts).sum())
    profiles = profile_columns(counts, count_records(release.rows([])), ".")
    return [
        Shown(column, _leave_out_unknown(profile.values), profile, domain)
        for column, profile, domain in zip(columns, profiles, domains, strict=True)
    ]


def _leave_out_unknown(labels: Sequence[str]) -> tuple[str, ...]:
    unknown = {*list_unknown(labels)}
    return tuple(label for label in labels if label not in unknown)


def _write(values: "pd.Series[Any]", root: str) -> "pd.Series[Any]":
    """Return values as text, those that tell nothing as missing ones."""
    texts = values.astype("str")
    return texts.mask(values.isna() | (texts == root), MISSING)


def _sum_up(letter: str, found: Sequence[tuple[str, Judgement]]) -> Finding:
    worst = max((verdict for _, (verdict, _) in found), key=VERDICTS.index, default=VERDICTS[0])
    reasons: dict[str, list[str]] = {}
    for name, (_, why) in sorted(found, key=lambda each: -VERDICTS.index(each[1][0])):
        reasons.setdefault(why, []).append(name)
    why = "; ".join(f"{', '.join(names)}: {why}" for why, names in reasons.items())
    columns = tuple(dict.fromkeys(name for name, _ in found))
    return Finding(letter, SAFE_HARBOR[letter], worst, columns, why or "no column looks like it")


def _judge(shown: Shown, this_year: int) -> Iterator[tuple[str, Judgement]]:
    """Say for each letter that a released column is of what the release shows of it."""
    named = find_letters(shown.column.name)
    if not shown.labels:
        yield from ((letter, ("kept", "nothing is shown")) for letter in named)
        return
    seen = _find_letters_by_look(shown)
    letters = list(dict.fromkeys([*(named if named != ["R"] or not seen else []), *seen]))
    for letter in letters:
        if letter == "B":
            yield letter, _judge_places(shown)
        elif letter == "C":
            yield letter, _judge_times(shown, this_year)
        else:
            yield letter, _judge_identifier(shown)
    if not letters and (judgement := _judge_rest(shown)):
        yield "R", judgement


def _find_letters_by_look(shown: Shown) -> list[str]:
    sample = shown.profile.sample
    is_birth = shown.says("births") and share(sample, is_years) > 0.5
    is_date = shown.column.type == "date" or has_dates(shown.profile)
    if is_date or is_birth or share(sample, is_finer_date) > 0.5:
        return ["C"]
    if shown.look == "internet addresses":
        return ["N" if any("/" in text or "www" in text for text in sample) else "O"]
    if shown.look in _LOOKS:
        return [_LOOKS[shown.look]]
    return ["R"] * (find_identifying_look(shown.profile) is not None)


def _judge_identifier(shown: Shown) -> Judgement:
    # No value is quoted: it may be that of one person.
    if not shown.originals:
        return "cannot be told", "other labels in place of its values"
    profile = shown.profile
    is_kind = profile.distinct <= _FEW and profile.present >= _REPEATED * profile.distinct
    if is_kind and shown.look not in _LOOKS:
        return "cannot be told", "a few values that repeat: is one of them that of a person?"
    return "not kept", "its values are released"


def _judge_rest(shown: Shown) -> Judgement | None:
    """Say of a column of no known kind why it may be something that one person alone has."""
    profile = shown.profile
    if is_free_text(profile) and has_many_texts(profile):
        return "cannot be told", "texts, in which each of the eighteen may stand"
    is_own = profile.present > 1 and profile.distinct >= _OWN * profile.present
    if is_own and profile.type in ("category", "integer"):
        return "cannot be told", "nearly every record has a value of its own"
    if says_nothing(shown.column.name):
        return "cannot be told", "the name does not say what it is"
    return None


def _judge_places(shown: Shown) -> Judgement:
    small = [label for label in shown.labels if not is_wide_place(label)]
    is_named = shown.says("small_places", "unclear_places", "wide_places")
    if shown.says("zips") or (not is_named and share(small, read_zip) == 1):
        return _judge_zips(shown, small)
    if not small:
        return "kept", "states or wider alone"
    if shown.says("wide_places") and not shown.says("small_places", "unclear_places"):
        return "kept", "a state or wider, by its name"
    example = next((label for label in small if label in shown.originals), None)
    if example is not None and (shown.says("small_places") or shown.look in _SMALL_PLACES):
        return "not kept", f"places such as {quote(example)}"
    return "cannot be told", f"is {quote(small[0])} smaller than a state?"


def _judge_zips(shown: Shown, labels: Sequence[str]) -> Judgement:
    digits = {label: _read_zip(label, shown) for label in labels}
    for label, shown_digits in digits.items():
        if shown_digits is None and label in shown.originals and _NUMBERS.search(label):
            return "not kept", f"postcodes such as {quote(label)}"
        if shown_digits is not None and len(shown_digits) > 3:
            return "not kept", f"more than three digits, such as {quote(label)}"
        if shown_digits in read_lists()["small_zip_areas"]:
            return "not kept", f"{quote(label)} has 20,000 people or fewer: make it 000"
    unclear = next((label for label, found in digits.items() if found is None), None)
    if unclear is not None:
        return "cannot be told", f"is {quote(unclear)} smaller than three digits of a ZIP code?"
    return "kept", "three digits at most, of areas of more than 20,000 people"


def _read_zip(label: str, shown: Shown) -> str | None:
    """Return the digits that a label shows of a ZIP code, with zeros that numbers have lost."""
    digits = read_zip(label)
    if digits is None or shown.column.type != "integer":
        return digits
    codes = shown.labels if shown.domain is None else [*map(str, shown.domain.rows[:, 0])]
    # A code of three digits alone is none of whole ones.
    if max(map(len, codes)) > 3 and label in shown.originals:
        return digits.zfill(5)
    has_lost = any(len(code) == 4 and code.startswith(digits) for code in codes)
    return f"0{digits}" if has_lost and label.strip() != digits else digits


def _judge_times(shown: Shown, this_year: int) -> Judgement:
    if shown.says("ages") and shown.column.type != "date" and not has_dates(shown.profile):
        return _judge_ages(shown)
    others = [label for label in shown.labels if not is_years(label)]
    finer = next(filter(is_finer_date, others), None)
    if finer is not None:
        return "not kept", f"more than the year, such as {quote(finer)}"
    if others and shown.says("date_parts"):
        return "not kept", f"parts of dates, such as {quote(others[0])}"
    if others:
        return "cannot be told", f"is {quote(others[0])} a part of a date other than its year?"
    if shown.says("births"):
        return _judge_births(shown, this_year)
    return "kept", "years or wider alone"


def _judge_births(shown: Shown, this_year: int) -> Judgement:
    last = this_year - OLDEST - 1
    old = [label for label in shown.labels if read_first_year(label) <= last]
    if not old:
        return "kept", f"years or wider alone, none up to {last}"
    bottom = str(shown.column.bottom)[:4]
    is_group = is_open_below(old[0]) or old[0] == bottom
    if len(old) == 1 and is_group and read_first_year(old[0]) == last:
        return "kept", f"years or wider alone, {quote(old[0])} as one group"
    first = min(old, key=read_first_year)
    return (
        "cannot be told",
        f"{quote(first)} tells an age over 89 if the table is from after "
        f"{read_first_year(first) + OLDEST}: join the years up to {last}",
    )


def _judge_ages(shown: Shown) -> Judgement:
    words = list_words(shown.column.name)
    unit = next((_YEARS_IN[word] for word in words if word in _YEARS_IN), 1)
    first = (OLDEST + 1) * unit
    old = {label: low for label in shown.labels if (low := _find_lowest(label, shown)) >= first}
    if not old:
        return "kept", "no age over 89 is told"
    (label, low), *more = old.items()
    top = shown.column.top
    is_top = shown.column.open_ends or (top is not None and float(top) <= first)
    if not more and low <= first and (is_top or is_open_above(label)):
        return "kept", f"{quote(label)} as one group"
    return "not kept", f"ages over 89, such as {quote(label)}: make 90 or more one group"


def _find_lowest(label: str, shown: Shown) -> float:
    """Return the lowest age that a label stands for, by what is below it where it has no number."""
    lowest = read_lowest(label)
    if lowest is not None:
        return lowest
    rows = [] if shown.domain is None else shown.domain.rows.tolist()
    below = (read_lowest(str(row[0])) for row in rows if label in row[1:])
    return min((low for low in below if low is not None), default=float("-inf"))
