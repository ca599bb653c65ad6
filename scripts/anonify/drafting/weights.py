"""Which columns may be survey weights, and which ones tell what people weigh.

Names alone do not say it: `weight` is both. What people weigh lies close together and is written
with few decimals; survey weights are skewed, of mean 1 or large, or have many decimals. Both ways
to be wrong tell too much or lose all, so that nothing is decided without a question.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from anonify.drafting.profile import Profile

Kind = Literal["survey", "body", "unclear"]

# Words of a name, and whole names without what parts their words.
_WEIGHT = r"weights?|w[gh]{0,2}ts?|wgh?t|gewichte?|gew|poids|pesos?|vikt"
_IS_WEIGHT = re.compile(rf"(?:{_WEIGHT})[0-9]*|.+(?:weight|wgh?t|wt|gewicht|poids|peso)")
_OF_SURVEYS = {
    *("sampling", "sample", "survey", "design", "probability", "expansion", "replicate", "rep"),
    *("poststratification", "stratification", "poststrat", "strat", "calibrated", "calibration"),
    *("raked", "raking", "svy", "ipw", "analysis", "analytic", "nonresponse", "stichprobe"),
    *("stichproben", "sondage", "echantillon", "muestral", "muestreo", "campionario"),
}
_OF_BODIES = {
    *("kg", "kgs", "lb", "lbs", "pound", "pounds", "g", "gram", "grams", "gm", "kilo", "kilos"),
    *("kilogram", "kilograms", "stone", "oz", "ounces", "body", "birth", "baby", "infant", "fetal"),
    *("maternal", "dry", "admission", "discharge", "corporel", "corporal", "corporeo", "naissance"),
    *("nacer", "nascita", "korper", "koerper", "geburt", "geburts", "ideal", "goal", "status"),
    *("overweight", "underweight", "loss", "lost", "gain", "gained", "change", "percentile"),
}
_SURVEYS = re.compile(
    # Stata's kinds, the European Social Survey, and what people write in short.
    r"[pfai]we?i?ghts?|pwts?|dwe?i?ght|pspwe?i?ght|anweight|samp(?:le|ling)?(?:wt|wgt|weight)"
    r"|sm(?:p|pl)(?:wt|wgt)|svywt|surveywt|(?:final|fnl|full)wg?t[0-9]*"
    # NHANES, BRFSS, NHIS, NSDUH, HCUP, NAMCS.
    r"|wt(?:mec|int|saf|sa|sb|sc|dr|ph|sh|sv|so)[a-z]*[0-9]*[a-z]*[0-9]*|(?:llcp|cnty|lndl)wt[0-9]*"
    r"|wtfa[a-z]*|analwt[a-z]*|(?:disc|trend|pat)wt"
    # Censuses and labour surveys (IPUMS, ACS), the General Social Survey, DHS, HRS.
    r"|(?:per|hh|asec|earn|lnk)wt|wtfinl|p?wgtp[0-9]*|pwsswgt|hwsuppwt|wtss[a-z]*|[hmd]?v005"
    r"|r[0-9]+wt(?:resp|crnh)|[hp]hrf|wght(?:pew|pt|hew)"
    # Factors by which samples are extrapolated.
    r"|hochrechnungs?(?:faktor|gewicht)?|(?:gewichtungs|expansions?)fa[ck]tor|gewichtung"
    r"|(?:personen|haushalts|design|stichproben)gewicht|extri|pond(?:era|eration|eracion|ere)?"
    r"|poidsind|facteurd?extrapolation|fac(?:tor)?(?:de)?exp(?:ansion)?|fexp?c?|pesocampionario"
)

# A table in which more records than this share have a weight of their own is near to unique.
MOSTLY_ALONE = 0.5


@dataclass(frozen=True)
class Weighing:
    """What a column of weights may be.

    Parameters
    ----------
    kind : what the values look like: survey weights, what people weigh, or either.
    is_named : whether the name says that these are survey weights.
    alone : records with a value that no other has, and ``records`` with a value.
    lacking : records without a value above 0.
    """

    kind: Kind
    is_named: bool
    alone: int
    records: int
    lacking: int

    @property
    def is_sure(self) -> bool:
        """Tell whether they may be proposed to be released, as survey weights."""
        is_safe = not self.lacking and self.alone <= MOSTLY_ALONE * self.records
        return self.is_named and self.kind != "body" and is_safe

    @property
    def is_body(self) -> bool:
        """Tell whether name and values say that they are what people weigh."""
        return self.kind == "body" and not self.is_named


def weigh(profile: Profile) -> Weighing | None:
    """Say what a column of weights may be, None where nothing points at weights.

    What is said to be of bodies, or in kilograms, is none.
    """
    if profile.type not in ("integer", "decimal") or profile.distinct < 2 or profile.open_ends:
        return None
    words = set(profile.words)
    # NHANES and others know names with digits as one word.
    whole = "".join(profile.words)
    has_weight = any(_IS_WEIGHT.fullmatch(word) for word in (*words, whole))
    is_named = bool(_SURVEYS.fullmatch(whole)) or bool(has_weight and words & _OF_SURVEYS)
    if not is_named and (not has_weight or words & _OF_BODIES):
        return None
    texts = [value.strip().replace(",", ".") for value in profile.values]
    numbers, counts = np.array(texts, dtype=float), profile.counts.to_numpy()
    if not is_named and ((numbers < 0).any() or {*numbers} <= {0.0, 1.0, 2.0}):
        # Differences, or yes and no.
        return None
    decimals = max(len(text.partition(".")[2].rstrip("0")) for text in texts)
    kind = _judge(np.repeat(numbers, counts), decimals)
    lacking = profile.missing + int(counts[numbers <= 0].sum())
    return Weighing(kind, is_named, int((counts == 1).sum()), profile.present, lacking)


def _judge(numbers: npt.NDArray[np.float64], decimals: int) -> Kind:
    """Say what numbers under a name that may mean both are."""
    low, median, high = np.quantile(numbers, [0.01, 0.5, 0.99])
    spread = numbers.std()
    skewness = ((numbers - numbers.mean()) ** 3).mean() / spread**3 if spread else 0.0
    if (
        decimals <= 2
        and skewness < 2
        and low > 0
        and any(
            least <= low and lower <= median <= upper and high <= most
            for least, lower, upper, most in _BODIES
            if decimals <= 1 or most < 1000
        )
    ):
        return "body"
    has_mean_1 = abs(numbers.mean() - 1) < 0.05
    return "survey" if decimals > 2 or skewness > 1.5 or has_mean_1 or median > 400 else "unclear"


_BODIES = (
    # The least, where the median lies, and the most: adults in kg and in lb, children in kg,
    # newborns in kg and in g.
    (20, 40, 110, 300),
    (60, 100, 250, 600),
    (2, 5, 40, 150),
    (0.3, 1.5, 5, 8),
    (250, 1000, 5000, 8000),
)
