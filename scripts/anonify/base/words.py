"""How things are called and numbers are written wherever a person reads them."""

from typing import NamedTuple


def quote(text: str) -> str:
    """Return a text in quotes, shortened to what fits into a sentence."""
    return repr(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


def list_names(names: list[str]) -> str:
    """Return names as a list that fits into a sentence."""
    shown = [_cut(" ".join(name.split())) for name in names[:20]]
    more = [f"{len(names) - 20} more"] if len(names) > 20 else []
    return ", ".join([*shown, *more])


STAND_IN_BANNER = """
============================== SYNTHETIC STAND-IN ==============================
 The dataset was found nowhere. This run works on synthetic data that only look
 like it: no number, table or figure of it says anything about the real data.
 To use the real data: put {file} into data/
 or name its folder in ANONIFY_DATA, and run the same command again.
================================================================================
"""


METHOD_TITLES = {
    "arx": "ARX",
    "k_member": "k-member",
    "knn_clustering": "k-NN clustering",
    "oka": "OKA",
    "ola": "OLA",
    "top_down_greedy": "Top-down greedy",
}


def name_method(method: str) -> str:
    """Return a method's name as figures show it."""
    return METHOD_TITLES.get(method, method.replace("_", " ").capitalize())


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


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "record"), count(2000, "class")
    ('1 record', '2,000 classes')
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def per_cent(value: float) -> str:
    return f"{format_number(value)}\N{NO-BREAK SPACE}%"


ATTACK_TITLES = {"threshold": "Threshold", "black_box": "Black box", "lira": "LiRA"}
"""Attacks on membership by name, with their titles."""


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


METRICS = {
    "accuracy": "Accuracy",
    "precision": "Weighted precision",
    "recall": "Weighted recall",
    "f1": "Weighted F1",
    "balanced_accuracy": "Balanced accuracy",
    "positive_precision": "Precision of the positive class",
    "positive_recall": "Recall of the positive class",
}
"""Metrics by name, with their axis labels; all in per cent."""
