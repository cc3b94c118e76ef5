"""What a picture of a model shows as black and as white."""

from __future__ import annotations

import math

from aevum.estimators import LatentVariableEstimator


def value_limits(estimator: LatentVariableEstimator) -> tuple[float, float]:
    """The lowest and the highest value of a model's training data in their own units: its images' black and white.

    >>> from aevum import AE, open_data
    >>> value_limits(AE(2, epochs=1, random_state=0).fit(open_data("digits")))
    (0.0, 16.0)
    """
    parts = estimator.parts_
    if parts.likelihood.top is not None:
        return 0.0, float(parts.likelihood.top)
    if parts.eight_bit:
        return 0.0, 255.0
    shift, scale = estimator.fitted_.units()
    low, high = (float((shift + scale * value).mean()) for value in (parts.low, parts.high))
    if not high > low:
        return low, low + 1.0
    # They went through float32 and back: what was a 0 must be one again, or a likelihood would not allow it.
    digits = 5 - math.floor(math.log10(high - low))
    return round(low, digits) + 0.0, round(high, digits)
