"""Less current where it gets hot: a curve from a quantity to a limit. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A limit that falls with a quantity, linear between its points.

    Attributes:
        points: (quantity, share of the full current from 1 to 0), the quantities rising, the shares not rising.
        back: How far the quantity has to fall below a point before more current is given again.
    """

    points: tuple[tuple[float, float], ...]
    back: float = 3.0

    def share(self, quantity: float) -> float:
        """The share of the full current at a quantity: 1 below the curve, its last share above."""
        first, last = self.points[0], self.points[-1]
        if quantity <= first[0]:
            return first[1]
        for (low, high_share), (high, low_share) in pairwise(self.points):
            if quantity <= high:
                return high_share + (low_share - high_share) * (quantity - low) / (high - low)
        return last[1]

    def after(self, quantity: float, before: float) -> float:
        """The share now, when it was ``before``: less at once, more only when the quantity has fallen by ``back``."""
        now = self.share(quantity)
        return now if now <= before else max(before, self.share(quantity + self.back))
