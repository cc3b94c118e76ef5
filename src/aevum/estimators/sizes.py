"""What a model of large examples costs, said before it is paid."""

from __future__ import annotations

import math
import warnings

from aevum.errors import DataWarning
from aevum.fitted.parts import Parts

# Of feature maps in a training step: nine to eighteen times the batch, measured at 128×128×3 to 1024×1024×3.
MAPS_PER_VALUE = 9
MOST_BYTES, MOST_MILLIONS = 4 * 2**30, 100


def warn_of_size(parts: Parts, batch_size: int) -> None:
    """Say when examples are so large that a step takes gigabytes, or the outer layers a hundred million weights."""
    values, hint = math.prod(parts.event), "--image-size (image_size=) makes pictures smaller"
    shape = "×".join(map(str, parts.event))
    if parts.network == "convolutional":
        nbytes = 4 * batch_size * values * MAPS_PER_VALUE
        if nbytes > MOST_BYTES:
            warnings.warn(
                f"examples of {shape}: a step of {batch_size} takes about {nbytes / 2**30:.0f} GiB; {hint},"
                " or take a smaller batch_size",
                DataWarning,
                stacklevel=4,
            )
    elif parts.hidden:
        millions = 2 * values * parts.hidden[0] / 1e6
        if millions > MOST_MILLIONS:
            warnings.warn(
                f"examples of {shape}: the outer layers of this {parts.network} network have {millions:.0f} million"
                f" weights; {hint}, network='convolutional' is for images of at least 8×8, or take a smaller hidden",
                DataWarning,
                stacklevel=4,
            )
