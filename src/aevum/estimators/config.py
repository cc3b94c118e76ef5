"""A fitted estimator as a plain dictionary and arrays, and back."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aevum.errors import InputError, ModelFileError
from aevum.estimators.context import context_from_config
from aevum.estimators.diagnostics import LatentSummary
from aevum.estimators.fitting import check_parameters
from aevum.estimators.parts import Parts, empty_scaling
from aevum.storage import Arrays
from aevum.training import choose_device

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

PLAIN = (str, int, float, bool, type(None))
DATA_TYPE = r"[<>|=]?(b1|[iu][1248]|f[248])"
TYPES = {
    torch.float32: "F32",
    torch.float64: "F64",
    torch.float16: "F16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def to_config(estimator: LatentVariableEstimator) -> dict[str, Any]:
    """Everything about a fitted estimator that is no array."""
    return {
        "estimator": type(estimator).__name__,
        "parameters": plain_parameters(estimator),
        "parts": estimator.parts_.to_config(),
        "scaling": list(estimator.scaling_.scale.shape),
        "codes": len(estimator.codes_) if hasattr(estimator, "codes_") else None,
        "context": None if estimator.context_ is None else estimator.context_.to_config(),
        "dtype": estimator.dtype_,
        "seed": estimator.seed_,
        "n_features_in": int(estimator.n_features_in_),
        "feature_names_in": list(map(str, getattr(estimator, "feature_names_in_", []))) or None,
        "feature_names": None if estimator.feature_names_ is None else list(estimator.feature_names_),
        "latent_summary": estimator.latent_summary_.to_config(),
        "history": [without_nan(record) for record in estimator.history_],
    }


def to_arrays(estimator: LatentVariableEstimator) -> Arrays:
    """Every array of a fitted estimator, by name."""
    arrays = {f"model.{name}": value.cpu().numpy() for name, value in estimator.model_.state_dict().items()}
    arrays |= {f"scaling.{name}": value.cpu().numpy() for name, value in estimator.scaling_.state_dict().items()}
    return arrays | ({"codes": estimator.codes_} if hasattr(estimator, "codes_") else {})


def plain_parameters(estimator: LatentVariableEstimator) -> dict[str, Any]:
    """The constructor's arguments as JSON; objects that are code (networks, callbacks) are left out."""
    parameters = {}
    for name, value in estimator.get_params(deep=False).items():
        if isinstance(value, np.generic):
            value = value.item()
        if name == "hidden" and value is not None:
            value = [int(width) for width in np.atleast_1d(value)]
        if name == "device":
            value = str(value)
        if isinstance(value, PLAIN) or name == "hidden":
            parameters[name] = value
    return parameters


def without_nan(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with None for numbers that JSON lacks."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in record.items()}


def restore(
    kind: type[LatentVariableEstimator], config: Mapping[str, Any], network: object, device: str
) -> tuple[LatentVariableEstimator, dict[str, tuple[tuple[int, ...], str]]]:
    """An estimator with everything but its arrays, and the arrays that it expects: name → (shape, type).

    Nothing is allocated: the model is built on PyTorch's meta device until its arrays have been checked.

    Raises:
        ModelFileError: the config is none that :func:`to_config` writes.
    """
    if network is None and isinstance(config.get("parts"), dict) and config["parts"].get("network") == "custom":
        raise InputError("this model has a network of your own; pass it: load(path, network=(encoder, decoder))")
    try:
        parameters = dict(config["parameters"])
        if parameters.get("hidden") is not None:
            parameters["hidden"] = tuple(map(int, parameters["hidden"]))
        parts = Parts.from_config(config["parts"])
        custom = parts.network == "custom"
        estimator = kind(**parameters, **({"network": network} if custom else {}))
        check_parameters(estimator)
        if estimator.latent_dim != parts.latent_dim:
            raise ValueError("latent_dim disagrees")
        estimator.parts_, estimator.seed_ = parts, int(config["seed"])
        if not 0 <= estimator.seed_ < 2**31 or not re.fullmatch(DATA_TYPE, str(config["dtype"])):
            raise ValueError("seed or dtype")
        estimator.context_ = None if config["context"] is None else context_from_config(config["context"])
        estimator.dtype_ = np.dtype(str(config["dtype"])).str
        estimator.n_features_in_ = int(config["n_features_in"])
        if config["feature_names_in"] is not None:
            estimator.feature_names_in_ = np.array(list(map(str, config["feature_names_in"])), dtype=object)
        names = config["feature_names"]
        estimator.feature_names_ = None if names is None else tuple(map(str, names))
        summary = config["latent_summary"]
        rate = summary["rate"]
        estimator.latent_summary_ = LatentSummary(
            tuple(map(float, summary["variance"])), None if rate is None else tuple(map(float, rate))
        )
        estimator.history_ = [dict(record) for record in config["history"]]
        shape = tuple(map(int, config["scaling"]))
        if shape not in ((), parts.event) or parts.context != (estimator.context_.width if estimator.context_ else 0):
            raise ValueError("shapes disagree")
        width = parts.event[0]
        if estimator.n_features_in_ != width or len(estimator.latent_summary_.variance) != parts.latent_dim:
            raise ValueError("n_features_in or latent_summary disagrees")
        if estimator.conditional != (parts.context > 0):
            raise ValueError(f"{kind.__name__} with a context of width {parts.context}")
        kept = None if config["codes"] is None else int(config["codes"])
    except ModelFileError:
        raise
    except Exception as error:  # whatever a hostile file makes fail, its reader gets one clear error
        raise ModelFileError(f"config.json describes no model that aevum wrote: {str(error)[:300]}") from error
    estimator.device_ = choose_device(device)
    try:
        with contextlib.nullcontext() if custom else torch.device("meta"):
            estimator.scaling_ = empty_scaling(shape)
            estimator.model_, estimator.objective_ = estimator._compose(parts, estimator.scaling_)
    except InputError as error:
        if custom:  # the user's own pair, and so the user's own error
            raise
        raise ModelFileError(f"config.json describes no model that aevum wrote: {error}") from error
    expected = {f"model.{name}": described(value) for name, value in estimator.model_.state_dict().items()}
    expected |= {f"scaling.{name}": described(value) for name, value in estimator.scaling_.state_dict().items()}
    if kept is not None:
        expected["codes"] = ((kept, parts.latent_dim), "F32")
    return estimator, expected


def described(value: torch.Tensor) -> tuple[tuple[int, ...], str]:
    return tuple(value.shape), TYPES.get(value.dtype, str(value.dtype))


def assign(estimator: LatentVariableEstimator, arrays: Arrays) -> None:
    """Give a restored estimator its arrays."""
    for prefix, module in (("model.", estimator.model_), ("scaling.", estimator.scaling_)):
        state = {n.removeprefix(prefix): torch.from_numpy(v) for n, v in arrays.items() if n.startswith(prefix)}
        module.load_state_dict(state, assign=True)
        module.to(estimator.device_).eval()
    if not bool((estimator.scaling_.scale > 0).all()):
        raise ModelFileError("model.safetensors: a scale is not positive")
    if "codes" in arrays:
        estimator.codes_ = arrays["codes"]
