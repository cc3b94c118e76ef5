"""What the config of a saved estimator may hold: each field for itself, and against the others."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from aevum.estimators.declaring import declared as declared_parameters
from aevum.estimators.fitting import KEPT_CODES
from aevum.estimators.frame_columns import MOST_DECIMALS
from aevum.estimators.frames import schema_from_config
from aevum.fitted.context import context_from_config
from aevum.fitted.parts import MAX_LAYERS, MAX_WIDTH, Parts
from aevum.schema import (
    Check,
    UnfitError,
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
from aevum.storage import CONFIG, VERSION

logger = logging.getLogger("aevum")
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


def upgraded(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config of an earlier version as today's would be."""
    if config.get("version") == VERSION:
        return dict(config)
    parts, summary = fields_of(given(config, "parts", CONFIG), "parts"), given(config, "latent_summary", CONFIG)
    rate = given(summary, "rate", "latent_summary")
    total = sum(value for value in rate if isinstance(value, (int, float))) if isinstance(rate, list) else None
    constant = parts.pop("constant", [])
    return {
        **{name: value for name, value in config.items() if name != "scaling"},
        "parts": parts,
        "encoding": {"shape": given(config, "scaling", CONFIG), "constant": constant},
        "latent_summary": {**summary, "total_rate": total},
    }


def declared(config: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
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
        encoding=fields_of,
        codes=maybe(whole(1, KEPT_CODES)),
        context=maybe(context_from_config),
        dtype=text_like(DATA_TYPE),
        seed=whole(0, 2**31 - 1),
        n_features_in=whole(parts.event[0], parts.event[0]),
        feature_names_in=maybe(table),
        feature_names=maybe(table),
        schema=maybe(schema_from_config),
        decimals=maybe(several(maybe(whole(0, MOST_DECIMALS)), parts.event[0])),
        splits=truth,
        latent_summary=fields(variance=moments(0.0), rate=maybe(moments()), total_rate=maybe_number),
        history=several(record_from_config),
    )
    found = check({"schema": None, "decimals": None, "splits": True, **config}, CONFIG)
    if found["schema"] is not None and len(found["schema"].columns) != parts.event[0]:
        raise UnfitError(f"{CONFIG}: schema has {len(found['schema'].columns)} columns, expected {parts.event[0]}")
    return {**found, "parts": parts}


def maybe_number(value: Any, where: str) -> float | None:
    """A finite number, or None."""
    return maybe(real())(value, where)  # type: ignore[no-any-return]


def nan_or(check: Check) -> Check:
    """A number, or NaN for the None that stands in its place where JSON lacks it."""
    return lambda value, where: math.nan if value is None else check(value, where)


def lists_of(kind: type[Any]) -> set[str]:
    """The parameters that may be lists."""
    return {each.name for each in declared_parameters(kind) if each.domain.lists}


def parameters_from_config(kind: type[Any], value: Any, where: str) -> dict[str, Any]:
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


def check_agreement(estimator: Any, found: Mapping[str, Any]) -> None:
    """Raise where the parts of a config are each possible, but not together."""
    parts, context = found["parts"], found["context"]
    name = type(estimator).__name__
    if estimator.latent_dim not in ("auto", parts.latent_dim):
        raise ValueError(f"latent_dim is {estimator.latent_dim} in parameters and {parts.latent_dim} in parts")
    if parts.context != (0 if context is None else context.width) or bool(estimator.conditional) != (parts.context > 0):
        raise ValueError(f"{name} with a context of width {parts.context}")
    summary = found["latent_summary"]
    if not estimator.has_density and (summary["total_rate"] is not None or summary["rate"] is not None):
        raise ValueError(f"{name} with a rate")
    if estimator.can_sample != (found["codes"] is None):
        raise ValueError(f"{name} {'with' if estimator.can_sample else 'without'} codes of the training rows")
