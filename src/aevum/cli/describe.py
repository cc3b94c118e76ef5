"""A fitted estimator as a plain answer, for JSON and for people."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.plain import one_line
from aevum.numerals import laws_text, number, reason_text

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

MOST_COLUMNS = 30


def description(estimator: LatentVariableEstimator, metrics: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a fitted model is and how its fit ended, as plain values; from a run's metrics also what its data tell."""
    from aevum.evaluation.columns import columns_of

    parts, summary, history = estimator.parts_, estimator.latent_summary_, estimator.history_
    plain = (str, int, float, bool, tuple, list)
    parameters = estimator.get_params(deep=False).items()
    return {
        "model": type(estimator).__name__.lower(),
        "parameters": {name: value for name, value in parameters if value is None or isinstance(value, plain)},
        "example_shape": list(parts.event),
        "classes": _classes(estimator),
        "likelihood": str(estimator.likelihood_),
        "likelihood_reason": estimator.likelihood_.reason,
        "columns": columns_of(estimator),
        "network": parts.network,
        "hidden": None if parts.hidden is None else list(parts.hidden),
        "weights": sum(p.numel() for p in estimator.model_.parameters()),
        "latent_dim": parts.latent_dim,
        "active_units": len(summary.active),
        "collapsed": summary.collapsed,
        "rate": summary.total_rate,
        "epochs": sum("loss" in record for record in history),
        "interrupted": bool(history) and "interrupted" in history[-1],
        **_losses(estimator),
        **_of_the_data(metrics or {}),
    }


def _of_the_data(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What a run's metrics.json tells beyond the model; nothing of what it lacks, as that of an earlier version may."""
    figures = metrics.get("figures")
    found = {name: metrics.get(name) for name in ("findings", "sigma", "columns")}
    found["laws"] = figures.get("laws") if isinstance(figures, dict) else None
    return {name: value for name, value in found.items() if value is not None}


def print_verdicts(metrics: Mapping[str, Any]) -> None:
    """What is to be said of a run, worst first, a line each; nothing where its metrics.json was written by others."""
    listed = metrics.get("findings")
    for found in listed if isinstance(listed, list) else []:
        if isinstance(found, dict):
            click.echo(one_line(f"{found.get('severity')}: {found.get('title')}. {found.get('text')}"))


def pairs(estimator: LatentVariableEstimator, metrics: Mapping[str, Any] | None = None) -> dict[str, object]:
    """The same for people: a name and one line each; from a run's metrics also what only its data tell."""
    from aevum.numerals import sigma_text

    found = description(estimator)
    hidden = ", ".join(map(str, found["hidden"] or ())) or "your own modules"
    lines: dict[str, object] = {
        "likelihood": found["likelihood"],
        "why": found["likelihood_reason"],
        "network": f"{found['network']} {hidden}; {found['weights']:,} weights",
        "epochs": _epochs_text(found),
        "loss": _loss_text(estimator, found),
        "latents": latents_text(found),
    }
    if metrics and metrics.get("sigma"):
        with contextlib.suppress(KeyError, TypeError, ValueError):  # the file may be anyone's
            lines["spread"] = sigma_text(metrics["sigma"])
    if found["classes"] is not None:
        lines["classes"] = ", ".join(map(str, found["classes"][:20])) + (", …" if len(found["classes"]) > 20 else "")
    figures = metrics.get("figures") if metrics else None
    if isinstance(figures, dict) and isinstance(figures.get("laws"), dict):
        with contextlib.suppress(KeyError, TypeError, ValueError):
            lines["log p(x)"] = laws_text(figures["laws"])
    return lines


def print_columns(estimator: LatentVariableEstimator, metrics: Mapping[str, Any]) -> None:
    """A line for each column of a table: its kind, the spread that was learned of it, and why it is of that kind."""
    from aevum.evaluation.columns import columns_of

    known = columns_of(estimator)
    if known is None:
        return
    written = metrics.get("columns")
    spreads = written if isinstance(written, list) and len(written) == len(known) else [{}] * len(known)
    rows = [("column", "kind", "σ", "why")]
    for each, other in zip(known[:MOST_COLUMNS], spreads, strict=False):
        sigma = other.get("sigma") if isinstance(other, dict) else None
        shown = number(sigma, digits=3) if isinstance(sigma, (int, float)) else "–"
        rows.append((each["name"], each["kind"], shown, reason_text(each)))
    lines = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(line[place]) for line in lines) for place in range(3)]
    click.echo()
    for name, kind, sigma, why in lines:
        click.echo(f"{name:<{widths[0]}}  {kind:<{widths[1]}}  {sigma:>{widths[2]}}  {why}".rstrip())
    if len(known) > MOST_COLUMNS:
        click.echo(f"… and {len(known) - MOST_COLUMNS:,} more")


def latents_text(found: Mapping[str, Any]) -> str:
    """How many latents are active, and their rate."""
    text = f"{found['active_units']} of {found['latent_dim']} latent dimensions are active"
    return text if found["rate"] is None else f"{text}, rate {number(found['rate'])} nats"


def shape_text(shape: Sequence[int]) -> str:
    """The shape of one example for people.

    >>> shape_text((28, 28)), shape_text((4,))
    ('28×28', '4 values')
    """
    return "×".join(map(str, shape)) if len(shape) > 1 else f"{shape[0]} values"


def _classes(estimator: LatentVariableEstimator) -> list[Any] | None:
    classes = getattr(estimator, "classes_", None)
    return None if classes is None else classes.tolist()


def _losses(estimator: LatentVariableEstimator) -> dict[str, Any]:
    """The losses of the epoch whose weights were kept, on the validation rows where there are any.

    Epoch 0 is the start, of which the loss alone is known.
    """
    whole = [record for record in estimator.history_ if "loss" in record]
    best = whole[-1]["best_epoch"] if whole else None
    if best == 0:
        begun = {"loss": whole[0].get("validation_begun"), "loss_distortion": None, "loss_rate": None}
        return {"best_epoch": 0, "loss_of": "validation rows", **begun}
    kept: Mapping[str, Any] = next((record for record in whole if record["epoch"] == best), {})
    held_out = "validation_loss" in kept
    prefix = "validation_" if held_out else ""
    return {
        "best_epoch": best,
        "loss_of": "validation rows" if held_out else "training rows",
        "loss": kept.get(f"{prefix}loss"),
        "loss_distortion": kept.get(f"{prefix}distortion"),
        "loss_rate": kept.get(f"{prefix}rate"),
    }


def _epochs_text(found: Mapping[str, Any]) -> str:
    best = found["best_epoch"]
    kept = "" if best is None else f", weights of epoch {best} kept" if best else ", none better than the start"
    return f"{found['epochs']}{kept}{'; stopped by Ctrl-C' if found['interrupted'] else ''}"


def _loss_text(estimator: LatentVariableEstimator, found: Mapping[str, Any]) -> str:
    loss, distortion, rate = (found[name] for name in ("loss", "loss_distortion", "loss_rate"))
    if found["best_epoch"] == 0:
        of = "unknown" if loss is None else f"{number(loss)} nats on the {found['loss_of']}"
        return f"{of}: the start's, whose weights were kept"
    if loss is None or distortion is None or rate is None:
        return "unknown: no epoch was finished"
    text = f"{number(loss)} nats on the {found['loss_of']}"
    if estimator.has_density:
        beta = float(estimator.beta)
        weight = "" if beta == 1.0 else f"{beta:g} × "
        # A bound of several draws is less than their sum, and a loss with further terms more.
        is_sum = math.isclose(loss, distortion + beta * rate, rel_tol=1e-6, abs_tol=1e-6)
        text += f"{' =' if is_sum else ';'} distortion {number(distortion)} {'+' if is_sum else 'and'} "
        text += f"{weight if is_sum else ''}rate {number(rate)}"
    return text
