"""Attacks on membership, and what they reach.

The higher the score of an attack, the more a person looks like a member. Scores of shadow models,
which choose the threshold, are NaN where there is none.

Sources: Yeom et al., Privacy Risk in Machine Learning, CSF 2018 (threshold attack and advantage);
Shokri et al., Membership Inference Attacks against Machine Learning Models, S&P 2017 (black-box
attack with shadow models), as the Adversarial Robustness Toolbox has it; Carlini et al., Membership
Inference Attacks From First Principles, S&P 2022 (LiRA, and true positives at few false ones).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from anonify.base.extras import require
from anonify.base.seeding import make_generator, make_seed
from anonify.base.values import Codes
from anonify.measures.membership import Flags
from anonify.measures.membership_models import SURE, Answers, Scores

LOW_FPR = 0.01
"""Share of false positives at which the true ones are measured."""

KNOWN = 2000
"""Members, and others, of a shadow model that the black-box attack learns from, at most."""


def attack_by_threshold(answers: Answers) -> Scores:
    """Array (models, people): the confidence in a person's own class (Yeom et al.)."""
    return answers.confidences


def attack_by_likelihood_ratio(answers: Answers) -> Scores:
    """Array (models, people): log-likelihood ratio of having been learned from (LiRA).

    Each person's confidences under shadow models that learned from the record, and under those
    that did not, are taken for normally distributed (Carlini et al., online attack); their
    variances are common to all people, as befits few shadow models. Beyond Carlini et al., the
    error of a mean adds to the variance; and where all shadow models learned from a record or none
    did, as happens after a deletion, the missing mean is as far from the other as those of all
    people are on average.
    """
    confidences, is_learned = answers.confidences, answers.is_learned
    shadows = np.arange(answers.shadows)

    def describe(others: Codes) -> list[_Shadows]:
        flags = is_learned[others]
        return [_describe_shadows(confidences[others], is_in) for is_in in (flags, ~flags)]

    # A shadow model is compared with the others, an attacked one with all.
    of_all = describe(shadows)
    return np.stack(
        [
            _compare_likelihoods(
                said, *(describe(shadows[shadows != model]) if model < len(shadows) else of_all)
            )
            for model, said in enumerate(confidences)
        ]
    )


def _compare_likelihoods(target: Scores, inside: "_Shadows", outside: "_Shadows") -> Scores:
    """Array (people,): see :func:`attack_by_likelihood_ratio`.

    Parameters
    ----------
    inside, outside : shadow models that learned from each person's record, and that did not.
    """
    shifts = inside.means - outside.means
    shift = float(np.nanmean(shifts)) if np.isfinite(shifts).any() else 0.0
    means = (
        np.where(inside.counts > 0, inside.means, outside.means + shift),
        np.where(outside.counts > 0, outside.means, inside.means - shift),
    )
    with_record, without = (
        _log_normal(target, mean, side.variance * (1 + 1 / np.maximum(side.counts, 1)))
        for mean, side in zip(means, (inside, outside), strict=True)
    )
    return with_record - without


@dataclass(frozen=True)
class _Shadows:
    """Means and counts of each person's confidences, and the variance around all means."""

    means: Scores
    counts: npt.NDArray[np.int64]
    variance: float


def _describe_shadows(shadows: Scores, is_in: Flags) -> _Shadows:
    counts = is_in.sum(axis=0)
    sums = np.where(is_in, shadows, 0).sum(axis=0)
    means = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    squares = np.where(is_in, (shadows - means) ** 2, 0).sum()
    freedom = np.maximum(counts - 1, 0).sum()
    # Where all models agree there is nothing to divide by.
    return _Shadows(means, counts, max(float(squares) / max(int(freedom), 1), SURE))


def _log_normal(values: Scores, mean: Scores, variance: Scores) -> Scores:
    return -0.5 * (np.log(variance) + (values - mean) ** 2 / variance)


def attack_by_black_box(answers: Answers, seed: int) -> Scores:
    """Array (models, people): membership as the Adversarial Robustness Toolbox infers it.

    Its black-box attack learns, by gradient boosting, from what a shadow model says of people of
    whom it learned and of others, at most :data:`KNOWN` of each: scores of all classes and the
    person's own. Every attacked model has an attack of its own, which also scores the next shadow
    model, to choose the threshold.
    """
    require("attacks", "the black-box attack")
    with warnings.catch_warnings():
        # It warns that PyTorch is missing, of which nothing here makes use.
        warnings.filterwarnings("ignore", category=UserWarning, module="art")
        from art.attacks.inference.membership_inference import MembershipInferenceBlackBox
        from art.estimators.classification import BlackBoxClassifier
    models, people, classes = answers.scores.shape
    one_hot = np.eye(classes)[answers.labels]
    found = np.full((models, people), np.nan)
    for target in range(answers.shadows, models):
        shadow, next_shadow = target % answers.shadows, (target + 1) % answers.shadows
        generator = make_generator(seed, "black_box", target)
        is_in = answers.is_learned[shadow]
        inside, outside = (
            generator.permutation(np.flatnonzero(flags))[:KNOWN] for flags in (is_in, ~is_in)
        )
        # The toolbox is given what models say, so it asks none itself.
        silent = BlackBoxClassifier(lambda records: records, (classes,), classes)
        attack = MembershipInferenceBlackBox(silent, attack_model_type="gb")
        attack.attack_model.set_params(
            random_state=make_seed(seed, "black_box", target, "boosting")
        )
        attack.fit(
            pred=answers.scores[shadow, inside],
            y=one_hot[inside],
            test_pred=answers.scores[shadow, outside],
            test_y=one_hot[outside],
        )
        for model in (target, next_shadow):
            said = answers.scores[model]
            inferred = attack.infer(None, one_hot, pred=said, probabilities=True)
            found[model] = np.asarray(inferred, dtype=float)[:, -1]
    return found


ATTACKS: dict[str, Callable[[Answers, int], Scores]] = {
    "threshold": lambda answers, seed: attack_by_threshold(answers),
    "black_box": attack_by_black_box,
    "lira": lambda answers, seed: attack_by_likelihood_ratio(answers),
}
"""Attacks by name; each takes what models say, and a seed."""


def attack_models(answers: Answers, seed: int) -> list[dict[str, Any]]:
    """Return what each attack reaches on each attacked model, as :func:`measure_scores` has it.

    Returns
    -------
    Rows with ``attack``; ``members``, who counts: ``all`` of them, or the ``kept`` ones alone,
    whose records were not deleted, if any were; ``repeat``, the number of the attacked model; the
    measures.
    """
    counted = {"all": np.ones_like(answers.is_member)}
    if (answers.is_learned != answers.is_member).any():
        counted["kept"] = answers.is_learned | ~answers.is_member
    return [
        {"attack": name, "members": who, "repeat": repeat, **measured}
        for name, attack in ATTACKS.items()
        for scores in [attack(answers, seed)]
        for who, is_counted in counted.items()
        for repeat, measured in enumerate(
            measure_scores(scores, answers.is_member, is_counted, answers.shadows), start=1
        )
    ]


def measure_scores(
    scores: Scores, is_member: Flags, is_counted: Flags, shadows: int
) -> list[dict[str, float]]:
    """Return what an attack reaches on each attacked model.

    Parameters
    ----------
    scores : array (models, people); the attack takes people with a score from a threshold on for
        members. NaN counts for nobody.
    is_member : array (models, people).
    is_counted : array (models, people), who counts: all people, or all but those who were deleted.
    shadows : how many of the models, the first ones, are the attacker's own.

    Returns
    -------
    For each attacked model, in per cent:

    - ``advantage``: true positives as a share of members minus false positives as a share of
      non-members, at the threshold that is best on the shadow models; 0 by chance.
    - ``highest_advantage``: the same at the threshold that is best on the attacked model and
      people themselves, which nobody knows beforehand: an upper bound, above 0 by chance.
    - ``tpr_at_low_fpr``: true positives at :data:`LOW_FPR` false positives, see
      :meth:`Curve.find_tpr`; as much as false positives by chance.
    """
    is_known = is_counted[:shadows] & ~np.isnan(scores[:shadows])
    own = find_curve(scores[:shadows][is_known], is_member[:shadows][is_known])
    rows = []
    for model in range(shadows, len(scores)):
        people = is_counted[model]
        curve = find_curve(scores[model, people], is_member[model, people])
        rows.append(
            {
                "advantage": 100 * curve.advantage_at(own.best_threshold),
                "highest_advantage": 100 * float(curve.advantages.max()),
                "tpr_at_low_fpr": 100 * curve.find_tpr(LOW_FPR),
            }
        )
    return rows


@dataclass(frozen=True)
class Curve:
    """True and false positives at each threshold, the strictest first: the ROC curve.

    Parameters
    ----------
    thresholds : array (thresholds,), falling from infinity, where nobody is a positive.
    hits : array (thresholds,), members among the positives.
    false_hits : array (thresholds,), non-members among them.
    """

    thresholds: Scores
    hits: Codes
    false_hits: Codes

    @property
    def tpr(self) -> Scores:
        """Array (thresholds,): true positives as a share of the members."""
        return np.asarray(self.hits / self.hits[-1])

    @property
    def fpr(self) -> Scores:
        """Array (thresholds,): false positives as a share of the non-members."""
        return np.asarray(self.false_hits / self.false_hits[-1])

    @property
    def advantages(self) -> Scores:
        """Array (thresholds,): true minus false positives."""
        return self.tpr - self.fpr

    @property
    def best_threshold(self) -> float:
        """The threshold of the highest advantage, the strictest of several."""
        return float(self.thresholds[self.advantages.argmax()])

    def advantage_at(self, threshold: float) -> float:
        """Return the advantage of a threshold, 0 to 1."""
        # The last one that is not below the threshold takes the same people.
        place = np.searchsorted(-self.thresholds, -threshold, side="right") - 1
        return float(self.advantages[place])

    def find_tpr(self, fpr: float) -> float:
        """Return the true positives at a share of false ones, 0 to 1.

        They are the members before the j-th non-member, with j = fpr · (non-members + 1): that
        share is fpr by chance, however few people there are. Between two whole j it is
        interpolated, and among people of the same score it is what their random order leads to
        expect.
        """
        place = fpr * (self.false_hits[-1] + 1)
        whole = int(place)
        before, after = (self._expect_hits(number) for number in (whole, whole + 1))
        return float((before + (place - whole) * (after - before)) / self.hits[-1])

    def _expect_hits(self, number: int) -> float:
        """Return how many members are expected before the non-member of a number from 1."""
        if number == 0:
            return 0.0
        end = int(np.searchsorted(self.false_hits, number))
        if end == len(self.false_hits):
            return float(self.hits[-1])
        start = end - 1
        alike = self.hits[end] - self.hits[start]
        share = (number - self.false_hits[start]) / (
            self.false_hits[end] - self.false_hits[start] + 1
        )
        return float(self.hits[start] + alike * share)


def find_curve(scores: Scores, is_member: Flags) -> Curve:
    """Return the ROC curve of scores; members and non-members must not be empty.

    >>> curve = find_curve(np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, True, False, False]))
    >>> curve.tpr.tolist(), curve.fpr.tolist()
    ([0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 1.0])
    """
    order = np.argsort(-scores, kind="stable")
    falling, hits = scores[order], is_member[order]
    is_last = np.append(falling[1:] != falling[:-1], True)
    counts = [np.append(0, np.cumsum(flags)[is_last]) for flags in (hits, ~hits)]
    return Curve(np.append(np.inf, falling[is_last]), *counts)
