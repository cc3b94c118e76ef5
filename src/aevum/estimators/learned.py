"""The attributes that a fit sets."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.encoding import Encoding
from aevum.estimators.frames import Schema
from aevum.fitted import Fitted, Likelihood, Parts
from aevum.fitted.conditions import LabelContext
from aevum.fitted.context import Context
from aevum.fitted.diagnostics import LatentSummary
from aevum.model import LatentVariableModel
from aevum.objectives import Objective

# What the attributes are that a fit sets; those that are read off ``fitted_`` say it themselves.
FOUND = {
    "fitted_": "all of what was fitted, as one value: what follows is read off it.",
    "history_": "one record an epoch: losses, distortion, rate, learning rate, seconds.",
    "latent_summary_": "which latents are active, and whether the posterior collapsed.",
    "feature_names_": "of a table's columns, where they have names.",
    "schema_": "what a DataFrame's columns are, and so what comes back; None after arrays.",
    "decimals_": "places that a DataFrame's numbers are written with, one a column.",
}


class Learned:
    """What a fit finds: not annotated in the estimator's own class, where an annotation declares a parameter."""

    can_sample: ClassVar[bool]
    has_density: ClassVar[bool]
    conditional: ClassVar[bool | Literal["optional"]]

    fitted_: Fitted
    history_: list[dict[str, Any]]
    latent_summary_: LatentSummary
    feature_names_: tuple[str, ...] | None
    schema_: Schema | None
    decimals_: tuple[int | None, ...] | None
    splits_: bool

    @classmethod
    def _attributes(cls) -> tuple[tuple[str, str, str], ...]:
        """Name, type and meaning of what a fit sets, as the class's documentation lists it."""
        lacks = {"scaling_", "codes_" if cls.can_sample else "", "" if cls.conditional else "classes_"}
        types = inspect.get_annotations(Learned)
        found = [(name, str(types[name]), text) for name, text in FOUND.items()]
        for name, value in vars(Learned).items():
            if isinstance(value, property) and name.endswith("_") and name not in lacks:
                kind = inspect.get_annotations(value.fget)["return"]  # type: ignore[arg-type]
                text = (value.__doc__ or "").partition("; absent")[0].rstrip(".") + "."
                found.append((name, str(kind), text[:1].lower() + text[1:]))
        return (*found, ("n_features_in_", "int", "values of a row."))

    @property
    def needs_y(self) -> bool:
        """Whether y must be given with rows: to a conditional model, unless it does without where it has none."""
        return self.conditional is True

    @property
    def model_(self) -> LatentVariableModel:
        """Posterior, prior and likelihood."""
        return self.fitted_.model

    @property
    def objective_(self) -> Objective:
        """What the model was trained by."""
        return self.fitted_.objective

    @property
    def encoding_(self) -> Encoding:
        """The user's rows ↔ what the model sees."""
        return self.fitted_.encoding

    @property
    def scaling_(self) -> Encoding:
        """``encoding_`` by its earlier name: of pictures and plain tables it has a ``shift`` and a ``scale``."""
        return self.fitted_.encoding

    @property
    def codes_(self) -> NDArray[np.float32]:
        """Codes of (at most 10,000) training rows, of a model without a prior; absent for the others."""
        if self.fitted_.codes is None:
            raise AttributeError(f"{type(self).__name__} has a prior, and keeps no codes")
        return self.fitted_.codes

    @property
    def likelihood_(self) -> Likelihood:
        """The likelihood that was used, and why (``likelihood_.reason``)."""
        return self.fitted_.likelihood

    @property
    def context_(self) -> Context | None:
        """How y becomes a vector."""
        return self.fitted_.context

    @property
    def classes_(self) -> NDArray[Any]:
        """What a model of classes is conditioned on, in the order of the one-hot vector; absent for the others."""
        if isinstance(self.context_, LabelContext):
            return self.context_.classes
        raise AttributeError(f"this {type(self).__name__} is conditioned on no classes")

    @property
    def parts_(self) -> Parts:
        """Shapes and choices."""
        return self.fitted_.parts

    @property
    def device_(self) -> torch.device:
        """Where the model is."""
        return self.fitted_.device

    @property
    def dtype_(self) -> str:
        """The number type of the training rows, as numpy writes it."""
        return self.fitted_.dtype

    @property
    def seed_(self) -> int:
        """What the fit's draws are a function of."""
        return self.fitted_.seed

    @property
    def _n_features_out(self) -> int:
        return int(self.parts_.latent_dim)
