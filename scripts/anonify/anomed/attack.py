"""How well a membership inference attack does.

These are our own figures: ``anomed_challenge.evaluate_MIA`` (0.0.21) divides the false positives by
all records in place of those that are no members, so that with as many of them as of members its
rate of false positives is half the true one.
"""

import numpy as np
import numpy.typing as npt

from anonify.base.errors import UserError

Truths = npt.NDArray[np.bool_]


def measure_attack(prediction: Truths, membership: Truths) -> dict[str, float]:
    """Return how well memberships were inferred, 0 to 1.

    Parameters
    ----------
    prediction : array (records,), who is said to be a member.
    membership : array (records,), who is.

    Returns
    -------
    ``accuracy``; ``tpr``, the share of the members that are found; ``fpr``, the share of the others
    that are taken for members; ``advantage``, tpr − fpr.

    Raises
    ------
    UserError : the arrays differ in length, or there are no members or no others.

    >>> measure_attack(np.array([True, True, True, False]), np.array([True, True, False, False]))
    {'accuracy': 0.75, 'tpr': 1.0, 'fpr': 0.5, 'advantage': 0.5}
    """
    if prediction.shape != membership.shape or membership.all() or not membership.any():
        raise UserError(
            f"{len(prediction)} predictions of {len(membership)} records, of which "
            f"{int(membership.sum())} are members; give as many of both, with members and others"
        )
    tpr, fpr = float(prediction[membership].mean()), float(prediction[~membership].mean())
    accuracy = float((prediction == membership).mean())
    return {"accuracy": accuracy, "tpr": tpr, "fpr": fpr, "advantage": tpr - fpr}
