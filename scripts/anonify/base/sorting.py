"""The order of many whole numbers."""

from typing import Any

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes


def order_keys(keys: npt.NDArray[np.integer[Any]]) -> Codes:
    """Return the places of numbers ≥ 0 in rising order, of equal ones in their own order.

    Number and place are joined to one number, where 63 bits do for both. Processors compare many
    numbers at once, so that to sort these takes a tenth of the time of a stable ``argsort``.

    >>> order_keys(np.array([7, 2, 7, 2])).tolist()
    [1, 3, 0, 2]
    """
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)) >= 2 ** (63 - bits):
        return np.argsort(keys, kind="stable")
    joined = keys.astype(np.int64) << bits
    joined |= np.arange(len(keys))
    joined.sort()
    joined &= (1 << bits) - 1
    return joined.astype(np.intp, copy=False)
