"""How likely somebody of a sample is found who is looked for in the population.

Let f people of the sample share what is known of a person, and F people of the population. Whoever
knows that the person is of the population finds them with 1/F. F is not known, but the sum of the
people's sampling weights estimates it: with π = f ÷ that sum, F is taken to be negative binomial,
and the risk is the mean of 1/F given f. With one person, π ÷ (1 − π) · ln(1/π); in general
π/f · ₂F₁(1, 1; f + 1; 1 − π).

Sources: Benedetti and Franconi, Statistical and technological solutions for controlled data
dissemination, New Techniques and Technologies for Statistics 1998; Franconi and Polettini,
Individual Risk Estimation in μ-Argus: A Review, Privacy in Statistical Databases 2004. sdcMicro's
``indivRisk`` with ``method = "exact"``; by default that approximates it from three people on.
"""

import numpy as np
import numpy.typing as npt
import scipy

Floats = npt.NDArray[np.float64]

_MANY = 20
"""People from which on the series of ₂F₁ has 17 digits after 60 terms, whatever π is."""


def estimate_individual_risk(sizes: npt.NDArray[np.integer], population: Floats) -> Floats:
    """Return array (classes,): the risk of each person of a class, 0 to 1.

    Parameters
    ----------
    sizes : array (classes,), people of the sample in each class, 1 or more.
    population : array (classes,), sum of their weights; taken for ``sizes`` where it is less.

    >>> estimate_individual_risk(np.array([1, 3, 3]), np.array([17, 108, 3])).round(5).tolist()
    [0.17708, 0.01355, 0.33333]
    """
    people = sizes.astype(np.float64)
    share = people / np.maximum(population, people)
    risk = np.empty_like(share)
    is_alone, is_many = people == 1, people >= _MANY
    risk[is_alone] = _rate_one(share[is_alone])
    risk[is_many] = _sum_series(people[is_many], share[is_many])
    rest = ~(is_alone | is_many)
    series = scipy.special.hyp2f1(1, 1, people[rest] + 1, 1 - share[rest])
    risk[rest] = share[rest] / people[rest] * series
    return risk


def _rate_one(share: Floats) -> Floats:
    """Return the risk of people who are unique in the sample."""
    others = np.where(share < 1, 1 - share, 1)
    return np.where(share < 1, share / others * -np.log(share), 1)


def _sum_series(people: Floats, share: Floats) -> Floats:
    term = total = share / people
    for number in range(1, 61):
        term = term * number / (people + number) * (1 - share)
        total = total + term
    return total
