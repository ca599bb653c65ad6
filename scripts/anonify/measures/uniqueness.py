"""How many people of the population nobody else is like, estimated from a sample.

Let a sample of n people, drawn from a population of N, have u classes, of which c_j are of j
people. Whoever is unique in the sample need not be so in the population; how many people of the
population are, is estimated by three models of the sizes F of its classes, and chosen among these
by a rule:

- Zayatz: classes of the population have the sizes that those of the sample have, and samples of
  them are hypergeometric. By Bayes a class of one in the sample was one of the population with
  P(F = 1 | f = 1).
- Pitman: sizes follow Pitman's sampling formula with θ and α, of the greatest likelihood.
- SNB, the shifted negative binomial: F − 1 is negative binomial with α and β, such that c_1 and c_2
  are what is expected, of as many classes of the population as Haas and Stokes estimate.
- Rule: Pitman where n/N is at most 10 %, else the smaller one of SNB and Zayatz; Zayatz where
  the other one finds nothing.

Sources: Zayatz, Estimation of the percent of unique population elements in a microdata file using
the sample, US Census Bureau 1991; Hoshino, Journal of Official Statistics 2001 (Pitman); Chen and
Keller-McNulty, Journal of Official Statistics 1998 (SNB); Haas and Stokes, JASA 1998 (the third
modification of Shlosser's estimator); Dankar et al., BMC Medical Informatics and Decision Making
2012 (rule). ARX has the same four; of SNB it solves a second equation that has (1 − (1 − f)(1 −
β))^(α + 2) as a factor, where the distribution has it as a divisor, so its SNB and, above 10 %, its
rule may find something else.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares
from scipy.special import digamma, expit, gammaln, logit

Floats = npt.NDArray[np.float64]

LARGE_FRACTION = 0.1
"""The sampling fraction above which the rule takes SNB or Zayatz."""

_SOLVED = 1e-8


@dataclass(frozen=True)
class Uniques:
    """How many people are unique in the population, by each model.

    Parameters
    ----------
    sample_uniques : people who are unique in the sample.
    population : people of the population.
    pitman, zayatz, snb : people; NaN where the model finds nothing.
    model : what the rule takes: ``pitman``, ``zayatz``, ``snb``, or ``sample`` where nobody is
        unique in it, or it is the whole population.
    """

    sample_uniques: int
    population: float
    pitman: float
    zayatz: float
    snb: float
    model: str

    @property
    def chosen(self) -> float:
        """People who are unique in the population by the model that the rule takes."""
        return self.sample_uniques if self.model == "sample" else getattr(self, self.model)


@dataclass(frozen=True)
class _Sample:
    """How many classes are of each size.

    Parameters
    ----------
    sizes, counts : arrays (different sizes,), ascending, and how many classes are of each.
    population : people of the population, more than in the sample.
    """

    sizes: Floats
    counts: Floats
    population: float

    @property
    def people(self) -> float:
        return float(self.sizes @ self.counts)

    @property
    def classes(self) -> float:
        return float(self.counts.sum())

    @property
    def fraction(self) -> float:
        return self.people / self.population

    def count(self, size: int) -> float:
        """Return how many classes are of a size."""
        return float(self.counts[self.sizes == size].sum())


def estimate_uniques(sizes: npt.NDArray[np.integer], population: float) -> Uniques:
    """Estimate how many people are unique in the population that a sample was drawn from.

    Where nobody is unique in the sample all models say that nobody is in the population, for
    there is nothing to estimate it from; where the sample is the population, all say what it is.

    Parameters
    ----------
    sizes : array (classes,), people of the sample in each equivalence class.
    population : people of the population; at least those of the sample.

    >>> estimate_uniques(np.array([1, 1, 1, 2, 2, 3]), 100).model
    'zayatz'
    """
    different, counts = np.unique(sizes[sizes > 0], return_counts=True)
    sample = _Sample(different.astype(float), counts.astype(float), float(population))
    alone = int(sample.count(1))
    if alone == 0 or sample.population <= sample.people:
        return Uniques(alone, sample.population, alone, alone, alone, "sample")
    with np.errstate(all="ignore"):
        # What is tried on the way may be so far out that there is no number for it.
        pitman, zayatz, snb = _pitman(sample), _zayatz(sample), _snb(sample)
    model = "zayatz"
    if sample.fraction <= LARGE_FRACTION and not np.isnan(pitman):
        model = "pitman"
    elif sample.fraction > LARGE_FRACTION and snb <= zayatz:
        model = "snb"
    return Uniques(alone, sample.population, pitman, zayatz, snb, model)


def _zayatz(sample: _Sample) -> float:
    """Return the uniques of the sample by P(F = 1 | f = 1) ÷ sampling fraction."""
    drawn, whole = sample.people, sample.population
    # That one of j is drawn is n/N · j · the chance that the j − 1 others are not, one by one.
    others = np.arange(sample.sizes.max() - 1)
    missed = np.log1p(-np.minimum((drawn - 1) / (whole - 1 - others), 1))
    chances = sample.sizes * np.exp(np.append(0, missed.cumsum())[sample.sizes.astype(int) - 1])
    shares = sample.counts * chances
    return sample.count(1) * float(shares[0] / shares.sum()) / sample.fraction


def _pitman(sample: _Sample) -> float:
    """Return Γ(θ + 1) ÷ Γ(θ + α) · N^α where the likelihood is greatest, NaN where it is nowhere.

    It is nowhere where all are unique (α → 1), or classes are more even than the formula has them
    (α → 0).
    """
    n, u, sizes, counts = sample.people, sample.classes, sample.sizes, sample.counts
    if n == u:
        return float("nan")

    def split(point: Floats) -> tuple[float, float]:
        return float(np.exp(point[0])), float(expit(point[1]))

    def likelihood(point: Floats) -> float:
        theta, alpha = split(point)
        ratio = theta / alpha
        joined = (u - 1) * np.log(alpha) + gammaln(u + ratio) - gammaln(1 + ratio)
        drawn = gammaln(n + theta) - gammaln(1 + theta)
        grown = counts @ (gammaln(sizes - alpha) - gammaln(1 - alpha))
        return float(joined - drawn + grown)

    def slopes(point: Floats) -> Floats:
        theta, alpha = split(point)
        ratio = theta / alpha
        joined = ratio * (digamma(u + ratio) - digamma(1 + ratio))
        drawn = theta * (digamma(n + theta) - digamma(1 + theta))
        grown = counts @ (digamma(sizes - alpha) - digamma(1 - alpha))
        return np.array([joined - drawn, (u - 1 - joined) / alpha - grown]) / n

    starts = [(np.log(n) * power, logit(alpha)) for power in _STEPS for alpha in _SHARES]
    point = _solve(slopes, max(map(np.array, starts), key=likelihood))
    if point is None:
        return float("nan")
    theta, alpha = split(point)
    found = np.exp(gammaln(theta + 1) - gammaln(theta + alpha) + alpha * np.log(sample.population))
    return _allow(float(found), sample)


def _snb(sample: _Sample) -> float:
    """Return K β^α, NaN where no α and β give the c_1 and c_2 of the sample."""
    f, first, second = sample.fraction, sample.count(1), sample.count(2)
    if not second:
        return float("nan")
    classes = _estimate_classes(sample)

    def differ(point: Floats) -> Floats:
        alpha, beta = float(np.exp(point[0])), float(expit(point[1]))
        missed = (1 - f) * (1 - beta)
        base = classes * f * np.exp(alpha * np.log(beta / (1 - missed)))
        ones = base * (1 + alpha * missed / (1 - missed))
        twos = base * alpha * f * (1 - beta) * (2 - (1 - alpha) * missed) / 2 / (1 - missed) ** 2
        return np.log([ones / first, twos / second])

    starts = [(np.log(10) * 4 * power, logit(beta)) for power in _STEPS for beta in _SHARES]
    point = _solve(differ, min(map(np.array, starts), key=lambda each: abs(differ(each)).sum()))
    if point is None:
        return float("nan")
    return _allow(float(classes * expit(point[1]) ** np.exp(point[0])), sample)


def _estimate_classes(sample: _Sample) -> float:
    """Return how many classes the population has."""
    f, sizes, counts = sample.fraction, sample.sizes, sample.counts
    unseen = counts * (1 - f) ** sizes
    once = counts @ (sizes * f * (1 - f) ** (sizes - 1))
    once_of_sample = counts @ (sizes * f**2 * (1 - f**2) ** (sizes - 1))
    unseen_of_sample = counts @ ((1 - f**2) ** sizes - (1 - f) ** sizes)
    rate = (once_of_sample / unseen_of_sample) * (unseen.sum() / once) ** 2
    return sample.classes + sample.count(1) * float(rate)


_STEPS = (-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
_SHARES = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


def _solve(equations: Callable[[Floats], Floats], start: Floats) -> Floats | None:
    """Return where two equations are 0, None where they are nowhere near ``start``."""
    try:
        found = least_squares(equations, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    except ValueError:
        return None
    return found.x if abs(found.fun).max() < _SOLVED else None


def _allow(uniques: float, sample: _Sample) -> float:
    """Return an estimate if there can be so many."""
    return uniques if 0 <= uniques <= sample.population else float("nan")
