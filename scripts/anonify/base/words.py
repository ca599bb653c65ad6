"""What things are called and how numbers are written, wherever a person reads them.

A title is written as it stands within a sentence: "highest prosecutor risk". Axes, headings and
terminals have it with its unit: "Highest prosecutor risk / %".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Measure:
    """What a number is called.

    Parameters
    ----------
    unit : empty where the number has none.

    >>> Measure("loss", "%").label, Measure("loss", "%").heading, Measure("achieved k").heading
    ('loss / %', 'Loss / %', 'Achieved k')
    """

    title: str
    unit: str = ""

    @property
    def label(self) -> str:
        """Title and unit, as they stand in a list."""
        return f"{self.title} / {self.unit}" if self.unit else self.title

    @property
    def heading(self) -> str:
        """Title and unit, as they stand above a column or beside an axis."""
        return capitalize(self.label)


def capitalize(text: str) -> str:
    """Return a text that begins with a capital; the rest stays as it is.

    >>> capitalize("weighted F1")
    'Weighted F1'
    """
    return text[:1].upper() + text[1:]


def _sum_up(title: str) -> dict[str, Measure]:
    """Return what a number of each record is called, and the numbers that sum it up."""
    name = title.replace(" ", "_")
    parts = ("highest", "average", "lowest")
    summed = {f"{name}_{part}": Measure(f"{part} {title}", "%") for part in parts}
    return {name: Measure(title, "%"), **summed}


def _count_above(title: str) -> Measure:
    return Measure(f"records with a {title} above {{threshold:g}} %", "%")


UNIQUENESS_MODELS = {
    "pitman": "Pitman's model",
    "zayatz": "Zayatz's model",
    "snb": "the shifted negative binomial model",
}
"""What estimates how many people are unique in the population."""

MEASURES = {
    "deletion": Measure("deletion", "%"),
    "ncp": Measure("NCP", "%"),
    "loss": Measure("loss", "%"),
    "released_records": Measure("records released, suppressed ones apart"),
    "suppressed_records": Measure("records suppressed"),
    "classes": Measure("equivalence classes"),
    "achieved_k": Measure("achieved k", "records"),
    "classes_below_k": Measure("classes below k"),
    "smallest_class": Measure("smallest class"),
    **_sum_up("prosecutor risk"),
    "prosecutor_risk_above_threshold": _count_above("prosecutor risk"),
    **_sum_up("journalist risk"),
    "journalist_risk_above_threshold": _count_above("journalist risk"),
    **_sum_up("population risk"),
    "sample_uniques": Measure("people unique in the release"),
    "sample_uniqueness": Measure("people unique in the release", "%"),
    "population_size": Measure("people in the population"),
    "sampling_fraction": Measure("people of the population who are released", "%"),
    "population_uniqueness": Measure("people unique in the population, estimated", "%"),
    **{
        f"population_uniqueness_{name}": Measure(f"the same by {title}", "%")
        for name, title in UNIQUENESS_MODELS.items()
    },
    **_sum_up("individual risk"),
    "expected_identifications": Measure("people expected to be identified"),
    "population_uniques": Measure("people released whom nobody else of the population is like"),
    "k_map": Measure("fewest people of the population who fit a class (k-map)"),
    **{
        f"presence_{part}": Measure(f"{part} chance of being in the release (δ-presence)", "%")
        for part in ("highest", "lowest")
    },
    "unmatched_people": Measure("people released beyond those of the population"),
    **_sum_up("certainty"),
    "marketer_risk": Measure("marketer risk", "%"),
    "identified_people": Measure("people identified", "%"),
    "precision": Measure("precision, 0 to 1"),
    "non_uniform_entropy": Measure("non-uniform entropy", "%"),
    "discernibility": Measure("discernibility", "records²"),
    "average_class_size": Measure("average class size", "records"),
    "normalized_average_class_size": Measure("average class size divided by k"),
    "distinction": Measure("distinction", "%"),
    "separation": Measure("separation", "%"),
    "unique": Measure("people who are unique", "%"),
    "advantage": Measure("advantage", "%"),
    "highest_advantage": Measure("highest advantage", "%"),
    "tpr_at_low_fpr": Measure("true positives at 1 % false positives", "%"),
    "success": Measure("right guesses", "%"),
    "success_without_own_record": Measure("without own record", "%"),
    "baseline": Measure("baseline", "%"),
}
"""What tables say of a released table, by the name of the column or of the measure.

Where measures are listed they come in this order.
"""

METRICS = {
    "accuracy": Measure("accuracy", "%"),
    "precision": Measure("weighted precision", "%"),
    "recall": Measure("weighted recall", "%"),
    "f1": Measure("weighted F1", "%"),
    "balanced_accuracy": Measure("balanced accuracy", "%"),
    "positive_precision": Measure("precision of the positive class", "%"),
    "positive_recall": Measure("recall of the positive class", "%"),
}
"""What classifiers are measured by, by the name of the column."""

METHOD_TITLES = {
    "arx": "ARX",
    "k_member": "k-member",
    "knn_clustering": "k-NN clustering",
    "ncp_mondrian": "NCP Mondrian",
    "oka": "OKA",
    "ola": "OLA",
    "top_down_greedy": "Top-down greedy",
}

ATTACK_TITLES = {"threshold": "Threshold", "black_box": "Black box", "lira": "LiRA"}
"""Attacks on membership by name, with their titles."""

SAFE_HARBOR = {
    "A": "names",
    "B": "places smaller than a state",
    "C": "dates but for the year, ages over 89",
    "D": "telephone numbers",
    "E": "fax numbers",
    "F": "e-mail addresses",
    "G": "social security numbers",
    "H": "medical record numbers",
    "I": "health plan beneficiary numbers",
    "J": "account numbers",
    "K": "certificate and licence numbers",
    "L": "vehicle identifiers, licence plates",
    "M": "device identifiers, serial numbers",
    "N": "web addresses (URLs)",
    "O": "internet addresses (IP)",
    "P": "biometric identifiers",
    "Q": "photographs of the face",
    "R": "whatever else one person alone has",
}
"""The identifiers that HIPAA's Safe Harbor asks to remove, by their letters in the rule."""


def name_method(method: str) -> str:
    """Return a method's name as figures show it.

    >>> name_method("arx"), name_method("top_down")
    ('ARX', 'Top down')
    """
    return METHOD_TITLES.get(method, method.replace("_", " ").capitalize())


def name_data(data: str, deletion: int) -> str:
    """Return what a table is called: original, anonymized or sampled.

    >>> name_data("anonymized", 0), name_data("sampled", 30)
    ('Anonymized', '30 % deleted')
    """
    return f"{deletion} % deleted" if data == "sampled" else data.capitalize()


class Kind(NamedTuple):
    """A kind of table that classifiers learn from; k and deletion are 0 where there is none."""

    data: str
    k: int
    deletion: int


def name_kind(kind: Kind) -> str:
    """Return what figures and tables call a kind of table.

    >>> name_kind(Kind("sampled", 250, 70))
    'k = 250, 70 % deleted'
    """
    if kind.data == "original":
        return "Original"
    return f"k = {kind.k}" + (f", {kind.deletion} % deleted" if kind.deletion else "")


def shorten(text: str, width: int = 80) -> str:
    """Return a text that is not longer than a number of letters.

    >>> shorten("one, two, three", 8)
    'one, tw…'
    """
    return text if len(text) <= width else f"{text[: width - 1]}…"


def quote(value: object) -> str:
    """Return a text in quotes, or another value as it is written, as it fits into a sentence."""
    return repr(shorten(value)) if isinstance(value, str) else shorten(repr(value))


def list_names(names: list[str]) -> str:
    """Return names as a list that fits into a sentence."""
    shown = [shorten(" ".join(name.split())) for name in names[:20]]
    more = [f"{len(names) - 20} more"] if len(names) > 20 else []
    return ", ".join([*shown, *more])


def format_number(value: float) -> str:
    """Return a number with four significant digits, whole numbers with all of theirs.

    >>> format_number(12345), format_number(10.9965), format_number(-0.0123456)
    ('12,345', '11.00', '−0.01235')
    """
    if float(value).is_integer():
        text = f"{int(value):,}"
    else:
        text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.4g}"
    return text.replace("-", "−")


def format_alike(values: Sequence[float]) -> list[str]:
    """Return numbers with as many decimals as their differences have that count: two digits.

    Four digits are not parted, so that a mean year reads as one.

    >>> format_alike([2014.49, 2014.51]), format_alike([20.0, 18.0]), format_alike([12345.6, 2300])
    (['2014.490', '2014.510'], ['20', '18'], ['12,346', '2300'])
    """
    numbers = [value for value in values if math.isfinite(value)]
    # Of equal ones their own digits count.
    spread = max(numbers, default=0) - min(numbers, default=0) or max(map(abs, numbers), default=0)
    decimals = 0
    if spread and not all(float(value).is_integer() for value in numbers):
        decimals = min(max(1 - math.floor(math.log10(spread)), 0), 9)
    return [
        f"{value:{',' if abs(value) >= 9999.5 else ''}.{decimals}f}".replace("-", "−")
        if math.isfinite(value)
        else ""
        for value in values
    ]


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "record"), count(2000, "class")
    ('1 record', '2,000 classes')
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def per_cent(value: float) -> str:
    """Return a number in per cent, with three significant digits; no line ends before the sign.

    >>> per_cent(12.3456), per_cent(0.4), per_cent(100), per_cent(99.96)
    ('12.3\xa0%', '0.4\xa0%', '100\xa0%', '99.96\xa0%')
    """
    text = f"{value:.3g}"
    if "e" in text or (text == "100" and value != 100):
        text = f"{value:.4g}" if "e" not in f"{value:.4g}" else f"{value:.4f}"
    return f"{text.replace('-', '−')}\N{NO-BREAK SPACE}%"


STAND_IN_BANNER = """
============================== SYNTHETIC STAND-IN ==============================
 The dataset was found nowhere. This run works on synthetic data that only look
 like it: no number, table or figure of it says anything about the real data.
 To use the real data: put {file} into data/
 or name its folder in ANONIFY_DATA, and run the same command again.
================================================================================
"""
