"""The attributes that a fit sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from aevum.data.scaling import Scaling
    from aevum.estimators.context import Context
    from aevum.estimators.diagnostics import LatentSummary
    from aevum.estimators.parts import Parts
    from aevum.model import LatentVariableModel
    from aevum.objectives import Objective


class Learned:
    """What a fit finds: not annotated in the estimator's own class, where an annotation declares a parameter."""

    model_: LatentVariableModel
    objective_: Objective
    scaling_: Scaling
    parts_: Parts
    context_: Context | None
    history_: list[dict[str, Any]]
    latent_summary_: LatentSummary
    codes_: NDArray[np.float32]
    device_: torch.device
    _code_density: Any
    dtype_: str
    seed_: int
    feature_names_: tuple[str, ...] | None
