"""A fitted estimator as a plain dictionary and arrays, and back."""

from __future__ import annotations

import contextlib
import math
import reprlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aevum.errors import InputError, ModelFileError
from aevum.estimators.code_density import KEPT_CODES
from aevum.estimators.context import context_from_config
from aevum.estimators.declaring import declared as declared_parameters
from aevum.estimators.diagnostics import LatentSummary
from aevum.estimators.fitting import check_parameters
from aevum.estimators.parts import MAX_LAYERS, MAX_WIDTH, Parts, empty_scaling
from aevum.estimators.schema import (
    Check,
    choice,
    fields,
    fields_of,
    given,
    maybe,
    real,
    several,
    text,
    text_like,
    truth,
    whole,
)
from aevum.storage import CONFIG, Arrays, finite, one_line
from aevum.training import choose_device

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

PLAIN = (str, int, float, bool, type(None))
DATA_TYPE = r"[<>|=]?(b1|[iu][1248]|f[248])"
# What the readers of a history look for: always in an epoch's record, and in some.
LOSSES = {
    "best_epoch": whole(0, 2**31),
    **{name: maybe(real()) for name in ("loss", "distortion", "rate", "beta")},
}
MORE = {
    **{f"validation_{name}": maybe(real()) for name in ("loss", "distortion", "rate", "held")},
    **{name: maybe(real()) for name in ("seconds", "learning_rate")},
    **{name: whole(0, 2**62) for name in ("step", "skipped_steps")},
    "interrupted": truth,
}
TYPES = {
    torch.float32: "F32",
    torch.float64: "F64",
    torch.float16: "F16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


# The classes that load knows by name: filled by the registry, which lies above.
KNOWN: dict[str, type[LatentVariableEstimator]] = {}


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
        "latent_summary": finite(estimator.latent_summary_.to_config()),
        "history": finite(estimator.history_),
    }


def checked_config(estimator: LatentVariableEstimator) -> dict[str, Any]:
    """:func:`to_config`, of what :func:`restore` takes: better known before it is written than when it is needed.

    Raises:
        InputError: says what doesn't fit.
    """
    config, kind = to_config(estimator), type(estimator)
    if KNOWN.get(kind.__name__) is not kind:
        raise InputError(
            f"load knows no class {kind.__name__}, so it is not saved. Decorate it with @aevum.register, here and "
            f"wherever it is loaded; or keep it as a pickle"
        )
    try:
        check_parameters(estimator)
        check_parameters_are_kept(estimator, config["parameters"])
        check_agreement(estimator, declared(config, kind))
        check_composition(estimator, config)
    except ValueError as error:
        raise InputError(
            f"this model could not be loaded again, so it is not saved: {one_line(error)}; set it back, or fit again"
        ) from error
    return config


def to_arrays(estimator: LatentVariableEstimator) -> Arrays:
    """Every array of a fitted estimator, by name."""
    arrays = {f"model.{name}": value.cpu().numpy() for name, value in estimator.model_.state_dict().items()}
    arrays |= {f"scaling.{name}": value.cpu().numpy() for name, value in estimator.scaling_.state_dict().items()}
    return arrays | ({"codes": estimator.codes_} if hasattr(estimator, "codes_") else {})


def plain_parameters(estimator: LatentVariableEstimator) -> dict[str, Any]:
    """The constructor's arguments as JSON; objects that are code (networks, callbacks) are left out."""
    parameters, lists = {}, lists_of(type(estimator))
    for name, value in estimator.get_params(deep=False).items():
        if isinstance(value, np.generic):
            value = value.item()
        if name == "hidden" and value is not None:
            value = [int(width) for width in np.atleast_1d(value)]
        if name == "device":
            value = str(value)
        if name in lists and isinstance(value, (list, tuple)):
            value = [item.item() if isinstance(item, np.generic) else item for item in value]
        if all(map(is_plain, value if name in lists and isinstance(value, list) else [value])):
            parameters[name] = value
    return parameters


def is_plain(value: object) -> bool:
    """Whether JSON knows it."""
    return isinstance(value, PLAIN) and not (isinstance(value, float) and not math.isfinite(value))


def lists_of(kind: type[LatentVariableEstimator]) -> set[str]:
    """The parameters that may be lists."""
    return {each.name for each in declared_parameters(kind) if each.domain.lists}


def check_parameters_are_kept(estimator: LatentVariableEstimator, kept: Mapping[str, Any]) -> None:
    """Raise for an argument that would come back as its default."""
    for each in declared_parameters(type(estimator)):
        value = getattr(estimator, each.name)
        if each.saved and each.name not in kept and value is not each.default:
            raise ValueError(
                f"{each.name}={reprlib.repr(value)} is no finite number or text, nor a list that it may be"
            )


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
        found = declared(config, kind)
        parts: Parts = found["parts"]
        custom = parts.network == "custom"
        estimator = kind(**{**found["parameters"], **({"network": network} if custom else {})})
        check_parameters(estimator)
        check_agreement(estimator, found)
    except ModelFileError:
        raise
    except Exception as error:  # whatever a hostile file makes fail, its reader gets one clear error
        raise ModelFileError(f"config.json describes no model that aevum wrote: {one_line(error)}") from error
    estimator.parts_, estimator.seed_, estimator.context_ = parts, found["seed"], found["context"]
    estimator.dtype_ = np.dtype(found["dtype"]).str
    estimator.n_features_in_ = found["n_features_in"]
    if found["feature_names_in"] is not None:
        estimator.feature_names_in_ = np.array(found["feature_names_in"], dtype=object)
    estimator.feature_names_ = found["feature_names"]
    estimator.latent_summary_ = LatentSummary(**found["latent_summary"])
    estimator.history_ = list(found["history"])
    estimator.device_ = choose_device(device)
    try:
        with contextlib.nullcontext() if custom else torch.device("meta"):
            estimator.scaling_ = empty_scaling(found["scaling"], parts.constant)
            estimator.model_, estimator.objective_ = estimator._compose(parts, estimator.scaling_)
    except InputError as error:
        if custom:  # the user's own pair, and so the user's own error
            raise
        raise ModelFileError(f"config.json describes no model that aevum wrote: {one_line(error)}") from error
    expected = {f"model.{name}": described(value) for name, value in estimator.model_.state_dict().items()}
    expected |= {f"scaling.{name}": described(value) for name, value in estimator.scaling_.state_dict().items()}
    if found["codes"] is not None:
        expected["codes"] = ((found["codes"], parts.latent_dim), "F32")
    return estimator, expected


def declared(config: Mapping[str, Any], kind: type[LatentVariableEstimator]) -> dict[str, Any]:
    """A config's values, each looked at for itself and against the model's shapes.

    Raises:
        ValueError: says which doesn't fit, and what would.
    """
    parts = Parts.from_config(given(config, "parts", CONFIG))
    table = several(text(encodable=False), parts.event[0])

    def moments(least: float = -math.inf) -> Check:
        return several(nan_or(real(least)), parts.latent_dim)

    check = fields(
        parameters=partial(parameters_from_config, kind),
        scaling=choice([[], list(parts.event)]),
        codes=maybe(whole(1, KEPT_CODES)),
        context=maybe(context_from_config),
        dtype=text_like(DATA_TYPE),
        seed=whole(0, 2**31 - 1),
        n_features_in=whole(parts.event[0], parts.event[0]),
        feature_names_in=maybe(table),
        feature_names=maybe(table),
        latent_summary=fields(variance=moments(0.0), rate=maybe(moments())),
        history=several(record_from_config),
    )
    return {**check(config, CONFIG), "parts": parts}


def nan_or(check: Check) -> Check:
    """A number, or NaN for the None that stands in its place where JSON lacks it."""
    return lambda value, where: math.nan if value is None else check(value, where)


def parameters_from_config(kind: type[LatentVariableEstimator], value: Any, where: str) -> dict[str, Any]:
    """The constructor's arguments; what each may be is for the constructor's own checks."""
    found, lists = fields_of(value, where), lists_of(kind)
    for name, each in found.items():
        check = several(scalar_or_text) if name in lists and isinstance(each, list) else scalar_or_text
        found[name] = check(each, f"{where}: {name}")
    if isinstance(found.get("hidden"), tuple):
        found["hidden"] = several(whole(1, MAX_WIDTH), most=MAX_LAYERS)(found["hidden"], f"{where}: hidden")
    return found


def scalar_or_text(value: Any, where: str) -> Any:
    """A number, None, or a text."""
    return value if isinstance(value, (int, float, type(None))) else text()(value, where)


def record_from_config(value: Any, where: str) -> dict[str, Any]:
    """A record of the history: of a whole epoch with its losses, or of one that was cut short without them."""
    losses = LOSSES if "loss" in fields_of(value, where) else {}
    more = {name: check for name, check in MORE.items() if name in value}
    return {**value, **fields(epoch=whole(0, 2**31), **losses, **more)(value, where)}


def check_agreement(estimator: LatentVariableEstimator, found: Mapping[str, Any]) -> None:
    """Raise where the parts of a config are each possible, but not together."""
    parts, context = found["parts"], found["context"]
    name = type(estimator).__name__
    if estimator.latent_dim != parts.latent_dim:
        raise ValueError(f"latent_dim is {estimator.latent_dim} in parameters and {parts.latent_dim} in parts")
    if parts.context != (0 if context is None else context.width) or estimator.conditional != (parts.context > 0):
        raise ValueError(f"{name} with a context of width {parts.context}")
    if parts.constant and (len(found["scaling"]) != 1 or max(parts.constant) >= parts.event[0]):
        raise ValueError(f"constant columns {reprlib.repr(parts.constant)} of an example of shape {parts.event}")
    if estimator.has_prior != (found["latent_summary"]["rate"] is not None):
        raise ValueError(f"{name} {'without' if estimator.has_prior else 'with'} a rate")
    if estimator.has_prior != (found["codes"] is None):
        raise ValueError(f"{name} {'with' if estimator.has_prior else 'without'} codes of the training rows")


def move_history(estimator: LatentVariableEstimator) -> None:
    """Losses that were saved on the model's scale, in the data's units."""
    shift = estimator._log_abs_det()
    for record in estimator.history_:
        for name in ("loss", "distortion", "validation_loss", "validation_distortion"):
            if record.get(name) is not None:
                record[name] -= shift


def check_composition(estimator: LatentVariableEstimator, config: Mapping[str, Any]) -> None:
    """Raise where the model has other arrays than its class composes: some part of it was exchanged since."""
    if estimator.parts_.network == "custom":  # whose modules are the caller's, here as in load
        return
    expected = restore(type(estimator), config, None, "cpu")[1]
    found = {
        f"{prefix}.{name}": described(value)
        for prefix, module in (("model", estimator.model_), ("scaling", estimator.scaling_))
        for name, value in module.state_dict().items()
    }
    odd = sorted(name for name in found.keys() | expected.keys() - {"codes"} if found.get(name) != expected.get(name))
    if odd:
        raise ValueError(f"{odd[0]} is not what {type(estimator).__name__} composes")


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
