"""How training went, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from aevum.numerals import number
from aevum.plots.style import INK, MUTED, NORMAL, SMALL, TRAINING, VALIDATION, dressed, new_figure

Record = dict[str, Any]
Floats = NDArray[np.float64]
TITLES = {"loss": "Loss = distortion + β · rate", "distortion": "Distortion", "rate": "Rate, KL(q‖p)"}


def history_figure(history: Sequence[Record], *, units: str = "nats per example", extras: Sequence[str] = ()) -> Figure:
    """The loss of training and validation rows, and below it the distortion and the rate that it is the sum of.

    The best epoch is marked and the KL warm-up shaded; where the first epochs are far off, the axis leaves them out
    and says so. A model without a rate (an auto-encoder) has one panel, since its loss is the distortion.

    Args:
        history: ``estimator.history_``, one record an epoch; records without a loss are left out.
        units: the unit that the vertical axes name.
        extras: further terms of the loss, by the names that records have for them; each gets a panel.

    Returns:
        A figure of three panels (or one), and one for each extra.

    Example:
        >>> record = {"epoch": 1, "loss": 3.0, "distortion": 2.0, "rate": 1.0, "beta": 1.0, "best_epoch": 1}
        >>> [axes.get_title(loc="left") for axes in history_figure([record]).axes]
        ['Loss = distortion + β · rate', 'Distortion', 'Rate, KL(q‖p)']
    """
    records = [record for record in history if _number(record, "loss") is not None]
    if not records:
        return _empty()
    has_rate = any(record.get("beta") or record.get("rate") for record in records)
    terms = ["distortion", *(["rate"] if has_rate else []), *extras] if has_rate or extras else []
    pairs = [[*terms[i : i + 2], *(terms[-1:] if i + 1 == len(terms) else [])] for i in range(0, len(terms), 2)]
    figure = new_figure(height=3.0 if not pairs else 2.5 + 2.1 * len(pairs))
    mosaic: Any = [["loss", "loss"], *pairs]
    panels = figure.subplot_mosaic(mosaic, height_ratios=[1.25, *[1.0] * len(pairs)])
    for name, axes in panels.items():
        title = TITLES.get(name, name.replace("_", " ").capitalize())
        if name == "loss" and not _is_sum(records):
            title = "Loss"
        elif name == "loss" and not has_rate:
            title = "Loss = distortion"
        dressed(axes, title=title, x="epoch", y=units)
        _curves(axes, records, name)
        _shade_warmup(axes, records)
        _mark_best(axes, records, name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.set_xlim(*_around(records[0]["epoch"], records[-1]["epoch"]))
    panels["loss"].legend(fontsize=SMALL, loc="upper right", labelcolor=INK, facecolor="white", edgecolor="none",
                          framealpha=0.9)  # fmt: skip
    return figure


def best_epoch(history: Sequence[Record]) -> int | None:
    """The epoch whose weights were kept, 0 for the start's; None where no epoch was completed.

    >>> best_epoch([{"epoch": 1, "best_epoch": 1}, {"epoch": 2, "best_epoch": 1}, {"epoch": 3, "interrupted": True}])
    1
    >>> best_epoch([{"epoch": 1, "best_epoch": 0}]), best_epoch([{"epoch": 1, "interrupted": True}])
    (0, None)
    """
    found = [record["best_epoch"] for record in history if record.get("best_epoch") is not None]
    return int(found[-1]) if found else None


def _is_sum(records: Sequence[Record]) -> bool:
    """Whether the loss is distortion + β · rate: a bound by several draws is less, and extras add to it.

    A record has the β of its epoch's last step; in a warm-up the steps before it had less, down to the epoch before's.
    """
    names = ("loss", "distortion", "rate", "beta")
    loss, distortion, rate, beta = (_number(records[-1], name) or 0.0 for name in names)
    before = _number(records[-2], "beta") or 0.0 if len(records) > 1 else 0.0
    rounding = 1e-4 * max(abs(loss), abs(distortion), 1e-2)
    ends = sorted(distortion + each * rate for each in (before, beta))
    return ends[0] - rounding <= loss <= ends[1] + rounding


def _number(record: Record, name: str) -> float | None:
    value = record.get(name)
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _values(records: Sequence[Record], name: str) -> Floats:
    found = [_number(record, name) for record in records]
    return np.array([math.nan if value is None else value for value in found])


def _curves(axes: Axes, records: Sequence[Record], name: str) -> None:
    epochs = _values(records, "epoch")
    # A curve of a few points is hard to see as a line, and one of a single point is no line at all.
    marker = "o" if len(records) <= 15 else None
    drawn = []
    for prefix, colour, label in (("", TRAINING, "training"), ("validation_", VALIDATION, "validation")):
        values = _values(records, prefix + name)
        if np.isfinite(values).any():
            axes.plot(epochs, values, color=colour, linewidth=1.3, marker=marker, markersize=2.5, label=label)
            drawn.append(values)
    if drawn:
        _fit_limits(axes, np.stack(drawn))


def _fit_limits(axes: Axes, values: Floats) -> None:
    """Limits of the settled part, so that a first epoch a hundred times as large does not flatten the rest."""
    first = min(values.shape[1] - 1, max(1, round(0.05 * values.shape[1])))
    settled = values[:, first:][np.isfinite(values[:, first:])]
    known = values[np.isfinite(values)]
    if values.shape[1] <= 3 or not settled.size:
        settled = known
    low, high = min(float(settled.min()), float(known.min())), float(settled.max())
    span = (high - low) or max(abs(high) * 0.1, 1e-3)
    if known.max() > high + 2.0 * span:
        axes.set_ylim(low - 0.06 * span, high + 0.35 * span)
        text = f"↑ the first epochs reach {number(float(known.max()))}"
        axes.text(0.45, 0.97, text, transform=axes.transAxes, fontsize=SMALL, color=MUTED, va="top", ha="center",
                  bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.9})  # fmt: skip
    else:
        high = float(known.max())
        span = (high - low) or span
        axes.set_ylim(low - 0.06 * span, high + 0.08 * span)


def _shade_warmup(axes: Axes, records: Sequence[Record]) -> None:
    betas = _values(records, "beta")
    final = float(np.nanmax(betas)) if np.isfinite(betas).any() else 0.0
    rising = np.flatnonzero(betas < final)
    if rising.size:
        start, end = records[0]["epoch"] - 0.5, records[int(rising[-1])]["epoch"] + 0.5
        label = f"KL warm-up: β rises to {final:g}"
        axes.axvspan(start, end, color="#94a4a2", alpha=0.18, linewidth=0, label=label)


def _mark_best(axes: Axes, records: Sequence[Record], name: str) -> None:
    best = best_epoch(records)
    at = next((record for record in records if record["epoch"] == best), None)
    if best is None or at is None:
        return
    validated = _number(at, f"validation_{name}")
    value = validated if validated is not None else _number(at, name)
    label = f"best epoch: {best}" if validated is not None else f"weights kept: epoch {best}"
    axes.axvline(best, color=INK, linewidth=0.8, linestyle=(0, (2, 2)), label=label)
    if value is not None:
        axes.plot([best], [value], "o", color=INK, markersize=3.5, zorder=4)


def _around(first: float, last: float) -> tuple[float, float]:
    margin = max(0.5, 0.015 * (last - first))
    return first - margin, last + margin


def _empty() -> Figure:
    figure = new_figure(height=1.2)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.text(0.5, 0.5, "No epoch was completed.", ha="center", va="center", fontsize=NORMAL, color=INK)
    return figure
