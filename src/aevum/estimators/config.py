"""A fitted estimator as a plain dictionary and arrays, and back."""

from __future__ import annotations

import logging
import math
import reprlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from aevum.distributions import InitialisedBy
from aevum.errors import InputError, MissingPackageError, ModelFileError
from aevum.estimators.declared import check_agreement, declared, lists_of, upgraded
from aevum.estimators.declaring import declared as declared_parameters
from aevum.estimators.rehearsal import account_of, place_of
from aevum.estimators.resolving import assembled, check_parameters
from aevum.fitted import stored
from aevum.fitted.diagnostics import LatentSummary
from aevum.fitted.families import FAMILIES
from aevum.fitted.fitted import Fitted
from aevum.fitted.parts import Parts
from aevum.storage import CONFIG, VERSION, bytes_of_arrays, finite, one_line, read_arrays
from aevum.training import choose_device

logger = logging.getLogger("aevum")
PLAIN = (str, int, float, bool, type(None))
# The classes that load knows by name: filled by the registry, which lies above.
KNOWN: dict[str, type[Any]] = {}


def to_config(estimator: Any) -> dict[str, Any]:
    """Everything about a fitted estimator that is no array."""
    fitted: Fitted = estimator.fitted_
    return {
        "estimator": type(estimator).__name__,
        "parameters": plain_parameters(estimator),
        "parts": fitted.parts.to_config(),
        "encoding": fitted.encoding.to_config(),
        "codes": None if fitted.codes is None else len(fitted.codes),
        "context": None if fitted.context is None else fitted.context.to_config(),
        "dtype": fitted.dtype,
        "seed": fitted.seed,
        "n_features_in": int(estimator.n_features_in_),
        "feature_names_in": list(map(str, getattr(estimator, "feature_names_in_", []))) or None,
        "feature_names": None if estimator.feature_names_ is None else list(estimator.feature_names_),
        "schema": None if estimator.schema_ is None else estimator.schema_.to_config(),
        "decimals": None if estimator.decimals_ is None else list(estimator.decimals_),
        "splits": estimator.splits_,
        "latent_summary": finite(estimator.latent_summary_.to_config()),
        "history": finite(estimator.history_),
    }


def checked_config(estimator: Any) -> dict[str, Any]:
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


def plain_parameters(estimator: Any) -> dict[str, Any]:
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


def check_parameters_are_kept(estimator: Any, kept: Mapping[str, Any]) -> None:
    """Raise for an argument that would come back as its default."""
    own = estimator.get_params(deep=False)  # what a constructor that was written passes on itself, it will again
    for each in declared_parameters(type(estimator)):
        value = own.get(each.name, each.default)
        if each.saved and each.name not in kept and value is not each.default:
            raise ValueError(
                f"{each.name}={reprlib.repr(value)} is no finite number or text, nor a list that it may be"
            )


def restore(
    kind: type[Any], config: Mapping[str, Any], network: object, device: str, file_bytes: int | None = None
) -> tuple[Any, stored.Expected]:
    """An estimator with everything but its arrays, and the arrays that it expects: name → (shape, type).

    Nothing is allocated: the model is built on PyTorch's meta device until its arrays have been checked. What can't be
    (a user's part that computes with its own weights) is built on the processor once the networks are known to be no
    larger than the file that holds their weights.

    Raises:
        ModelFileError: the config is none that :func:`to_config` writes; or names the part that can't be built.
    """
    if network is None and isinstance(config.get("parts"), dict) and config["parts"].get("network") == "custom":
        raise InputError("this model has a network of your own; pass it: load(path, network=(encoder, decoder))")
    try:
        found = declared(upgraded(config), kind)
        parts: Parts = found["parts"]
        custom = parts.network == "custom"
        estimator = kind(**{**found["parameters"], **({"network": network} if custom else {})})
        check_parameters(estimator)
        check_agreement(estimator, found)
    except ModelFileError:
        raise
    except Exception as error:  # whatever a hostile file makes fail, its reader gets one clear error
        raise ModelFileError(f"config.json describes no model that aevum wrote: {one_line(error)}") from error
    estimator.n_features_in_ = found["n_features_in"]
    if found["feature_names_in"] is not None:
        estimator.feature_names_in_ = np.array(found["feature_names_in"], dtype=object)
    estimator.feature_names_ = found["feature_names"]
    estimator.schema_ = found["schema"]
    estimator.decimals_ = found["decimals"]
    estimator.splits_ = found["splits"]
    estimator.latent_summary_ = LatentSummary(**found["latent_summary"])
    estimator.history_ = list(found["history"])

    def compose() -> Fitted:
        encoding = FAMILIES[parts.likelihood.family].encoding.from_config(
            found["encoding"], f"{CONFIG}: encoding", parts.event
        )
        if encoding.event(parts.event) != parts.encoded or encoding.seen(parts.encoded) != parts.seen:
            raise ValueError(f"an encoding of {parts.event} that gives neither {parts.encoded} nor {parts.seen}")
        dtype, where = np.dtype(found["dtype"]).str, choose_device(device)
        return assembled(estimator, parts, encoding, found["context"], where, dtype, found["seed"])

    estimator.fitted_ = composed(kind, parts, compose, file_bytes)
    expected = stored.expected_arrays(estimator.fitted_)
    if found["codes"] is not None:
        expected["codes"] = ((found["codes"], parts.latent_dim), "F32")
    return estimator, expected


def composed(kind: type[Any], parts: Parts, compose: Callable[[], Fitted], file_bytes: int | None) -> Fitted:
    """What a recipe composes, without memory for its arrays where that can be.

    Raises:
        InputError: the user's own networks don't fit.
        ModelFileError: the composition fails; names the class, the part and what it said.
    """
    if parts.network == "custom":  # the user's own pair, and so the user's own error
        return compose()
    try:
        with torch.device("meta"):
            fitted = compose()
        if not stored.lacks_values(fitted):
            return fitted
    except MissingPackageError:
        raise
    except Exception as error:
        if isinstance(error, (InputError, ValueError)) and not place_of(error):
            raise ModelFileError(f"config.json describes no model that aevum wrote: {one_line(error)}") from error
        logger.debug("%s is built on the processor: %s", kind.__name__, error)  # not every module can do without memory
    with torch.device("meta"):
        bound = sum(
            4 * p.numel() for part in (parts.encoder(None, 1), parts.decoder_network(None)) for p in part.parameters()
        )
    if file_bytes is not None and bound > file_bytes:
        raise ModelFileError(
            f"config.json asks for networks of {bound} bytes, more than model.safetensors holds: {file_bytes}"
        )
    try:
        with InitialisedBy(torch.Generator().manual_seed(0)):  # weights that are replaced, and nobody else's draws
            return compose()
    except Exception as error:  # whatever a user's part may raise
        raise ModelFileError(f"{kind.__name__} can't be composed again: {account_of(error)}") from error


def move_history(estimator: Any) -> None:
    """Losses that were saved on the model's scale, in the data's units."""
    fitted: Fitted = estimator.fitted_
    shift = float(fitted.log_abs_det(torch.zeros(1, *fitted.parts.encoded, device=fitted.device))[0])
    for record in estimator.history_:
        for name in ("loss", "distortion", "validation_loss", "validation_distortion"):
            if record.get(name) is not None:
                record[name] -= shift


def check_composition(estimator: Any, config: Mapping[str, Any]) -> None:
    """Raise where the model has other arrays than its class composes: some part of it was exchanged since."""
    if estimator.parts_.network == "custom":  # whose modules are the caller's, here as in load
        return
    expected = restore(type(estimator), {"version": VERSION, **config}, None, "cpu")[1]
    found = stored.expected_arrays(estimator.fitted_)
    odd = sorted(name for name in found.keys() | expected.keys() - {"codes"} if found.get(name) != expected.get(name))
    if odd:
        raise ValueError(f"{odd[0]} is not what {type(estimator).__name__} composes")


def read(kind: type[Any], path: Path, config: Mapping[str, Any], network: object, device: str) -> Any:
    """The fitted estimator of a model directory whose config this is.

    Raises:
        ModelFileError: the arrays don't fit the config, or this can't be a fitted model.
    """
    estimator, expected = restore(kind, config, network, device, bytes_of_arrays(path))
    # Before version 3 an encoding was a scaling.
    old = "scaling." if config["version"] < VERSION else "encoding."
    names = {name: name.replace("encoding.", old, 1) if name.startswith("encoding.") else name for name in expected}
    arrays = read_arrays(path, {names[name]: what for name, what in expected.items()})
    stored.assign(estimator.fitted_, {name: arrays[names[name]] for name in expected})
    if config["version"] == 1:
        move_history(estimator)
    return estimator
