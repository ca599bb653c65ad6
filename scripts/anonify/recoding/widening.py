"""Widening: how far tuples are from a class that grows by them, in several windows at once.

A window is a row of tuples, some of which have joined the class that grows in it. What a class
shows widens with each that joins. The distance of a tuple is by how much, in NCP of one record, but
for a number that all tuples of the window have in common.
"""

from abc import ABC, abstractmethod

import numpy as np

from anonify.base.values import Codes
from anonify.recoding.axes import Bundle, Floats, Numbers


class Widening(ABC):
    """How classes widen along the axes of a bundle.

    Parameters
    ----------
    rows : array (windows, places) of tuples; what it has where there is none does not matter.

    Attributes
    ----------
    prices : array (a, windows, places), the part of each attribute in the distance of a tuple.
    """

    def __init__(self, bundle: Bundle, rows: Codes) -> None:
        self._bundle = bundle
        self._units: Numbers = bundle.of_tuples[:, rows]
        self.prices: Floats = np.zeros(self._units.shape)

    @abstractmethod
    def start(self, windows: Codes, places: Codes) -> None:
        """Begin a class in some windows, with a tuple of each."""

    @abstractmethod
    def widen(self, windows: Codes, places: Codes) -> None:
        """Let a tuple join the class of some windows, one in each."""

    def select(self, windows: Codes, places: Codes) -> None:
        """Go on with some windows, and of each with some places.

        Parameters
        ----------
        places : array (windows, places), of each window that stays.
        """
        self._units = np.take_along_axis(self._units[:, windows], places[np.newaxis], axis=2)
        self.prices = np.take_along_axis(self.prices[:, windows], places[np.newaxis], axis=2)


class RangeWidening(Widening):
    """Classes that show ranges."""

    def __init__(self, bundle: Bundle, rows: Codes) -> None:
        super().__init__(bundle, rows)
        self._low = np.zeros(self.prices.shape[:2], dtype=np.int32)
        self._high = np.zeros_like(self._low)

    def start(self, windows: Codes, places: Codes) -> None:
        self._low[:, windows] = self._high[:, windows] = self._units[:, windows, places]
        attributes = np.repeat(np.arange(len(self.prices)), len(windows))
        self._price(attributes, np.tile(windows, len(self.prices)))

    def widen(self, windows: Codes, places: Codes) -> None:
        joined = self._low.copy()
        joined[:, windows] = self._units[:, windows, places]
        widened = np.nonzero((joined < self._low) | (joined > self._high))
        np.minimum(self._low, joined, out=self._low)
        np.maximum(self._high, joined, out=self._high)
        self._price(*widened)

    def select(self, windows: Codes, places: Codes) -> None:
        super().select(windows, places)
        self._low, self._high = self._low[:, windows], self._high[:, windows]

    def _price(self, attributes: Codes, windows: Codes) -> None:
        pairs = attributes, windows
        units = self._units[pairs]
        first = np.minimum(units, self._low[pairs][:, np.newaxis])
        last = np.maximum(units, self._high[pairs][:, np.newaxis])
        weights = self._bundle.weights[self._low[pairs]]
        self.prices[pairs] = self._bundle.measure(first, last) * weights[:, np.newaxis]


class SetWidening(Widening):
    """Classes that show sets: a unit that a class has costs nothing, any other one its own width.

    As long as a class shows a value as it is, another one also costs the width of that value.
    """

    def __init__(self, bundle: Bundle, rows: Codes) -> None:
        super().__init__(bundle, rows)
        self._widths = bundle.weights * (bundle.high - bundle.low)
        self._seeds = np.zeros(self.prices.shape[:2], dtype=np.int32)
        self._is_value = np.zeros(self.prices.shape[:2], dtype=bool)

    def start(self, windows: Codes, places: Codes) -> None:
        seeds = self._units[:, windows, places]
        is_value = self._bundle.is_exact[seeds]
        self._seeds[:, windows], self._is_value[:, windows] = seeds, is_value
        units = self._units[:, windows]
        prices = self._widths[units] + (self._widths[seeds] * is_value)[..., np.newaxis]
        self.prices[:, windows] = np.where(units == seeds[..., np.newaxis], 0.0, prices)

    def widen(self, windows: Codes, places: Codes) -> None:
        joined = np.full_like(self._seeds, -1)
        is_new = self.prices[:, windows, places] > 0
        joined[:, windows] = np.where(is_new, self._units[:, windows, places], -1)
        widened = np.nonzero(self._is_value & (joined >= 0))
        units, seeds = self._units[widened], self._seeds[widened][:, np.newaxis]
        self.prices[widened] = np.where(units == seeds, 0.0, self._widths[units])
        self._is_value[widened] = False
        np.copyto(self.prices, 0.0, where=self._units == joined[..., np.newaxis])

    def select(self, windows: Codes, places: Codes) -> None:
        super().select(windows, places)
        self._seeds, self._is_value = self._seeds[:, windows], self._is_value[:, windows]
