"""The attributes that a fit sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aevum.fitted import Fitted
    from aevum.fitted.diagnostics import LatentSummary


class Learned:
    """What a fit finds: not annotated in the estimator's own class, where an annotation declares a parameter."""

    fitted_: Fitted
    history_: list[dict[str, Any]]
    latent_summary_: LatentSummary
    feature_names_: tuple[str, ...] | None
