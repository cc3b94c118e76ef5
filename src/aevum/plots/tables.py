"""Figures of tables: the same questions as of images, asked of columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from aevum.numerals import rough
from aevum.plots.classes import DATA, Words, class_map, class_marginal, class_pair, class_rows
from aevum.plots.style import (
    INK,
    MUTED,
    NORMAL,
    PALETTE,
    SMALL,
    TRAINING,
    VALIDATION,
    dressed,
    multiples,
    new_figure,
    note,
    plain,
)

Array = NDArray[Any]
Floats = NDArray[np.float64]
# The words that a column's codes 0, 1, … stand for, by its place.
Classes = Mapping[int, Words]
MOST_FEATURES, MOST_MAPS, BARS = 12, 9, 60


def as_table(x: Array) -> Floats:
    """Examples of any shape as rows of numbers, ``(N, F)``."""
    return np.asarray(x, dtype=np.float64).reshape(len(x), -1)


def names_for(count: int, names: Sequence[str] | None) -> list[str]:
    """The features' names for figures; x[0], x[1], … where there are none that fit."""
    if names is not None and len(names) == count:
        return [plain(name) for name in names]
    return [f"x[{place}]" for place in range(count)]


def spread(count: int, most: int) -> list[int]:
    """At most ``most`` of ``count`` places, evenly spaced from first to last."""
    return sorted(set(np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist()))


def explained(x: Floats, found: Floats) -> Floats:
    """R² of each feature over the cells that there are, ``(F,)``; NaN where a feature is constant."""
    there = ~np.isnan(x)
    mean = np.where(there, x, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    total = np.square(np.where(there, x - mean, 0.0)).sum(axis=0)
    left = np.square(np.where(there, x - found, 0.0)).sum(axis=0)
    return np.where(total > 0, 1.0 - left / np.where(total > 0, total, 1.0), np.nan)


def table_pairs(
    originals: Array, found: Array, sigma: Array | None, names: Sequence[str] | None, classes: Classes
) -> Figure:
    """A panel a feature: the reconstruction against the original, from the best to the worst R²; of classes the share
    of each that comes back right.
    """
    x, mean = as_table(originals), as_table(found)
    deviation = None if sigma is None else np.broadcast_to(as_table(sigma), x.shape)
    labels, score = names_for(x.shape[1], names), explained(x, mean)
    for d in classes:
        there = ~np.isnan(x[:, d])
        score[d] = np.mean(np.round(mean[there, d]) == x[there, d]) if there.any() else math.nan
    order = np.argsort(-np.nan_to_num(score, nan=-np.inf), kind="stable")
    chosen = [int(order[place]) for place in spread(x.shape[1], MOST_FEATURES)]
    figure, panels = multiples(len(chosen))
    for axes, d in zip(panels, chosen, strict=True):
        if d in classes:
            class_pair(axes, x[:, d], mean[:, d], classes[d])
            axes.set_title(f"{labels[d]}: {100 * np.nan_to_num(score[d]):.0f} % right", loc="left", fontsize=NORMAL,
                           color=INK)  # fmt: skip
            continue
        fit = "constant" if math.isnan(score[d]) else f"R² {score[d]:.2f}"
        dressed(axes, title=labels[d])
        axes.text(0.04, 0.96, fit.replace("-", "−"), transform=axes.transAxes, fontsize=SMALL, color=INK, va="top")
        low, high = float(np.fmin(x[:, d], mean[:, d]).min()), float(np.fmax(x[:, d], mean[:, d]).max())
        axes.plot([low, high], [low, high], color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
        if deviation is not None:
            bars = slice(None, BARS)
            axes.errorbar(x[bars, d], mean[bars, d], yerr=deviation[bars, d], fmt="none", ecolor=TRAINING,
                          elinewidth=0.6, alpha=0.45, zorder=2)  # fmt: skip
        axes.plot(x[:, d], mean[:, d], "o", color=TRAINING, markersize=2, alpha=0.7, markeredgewidth=0, zorder=3)
        axes.ticklabel_format(style="sci", scilimits=(-3, 4), useMathText=False)
        axes.yaxis.get_offset_text().set(fontsize=SMALL, color=MUTED)
        axes.xaxis.get_offset_text().set(fontsize=SMALL, color=MUTED)
    text = "across: original · up: reconstruction" + ("" if sigma is None else " ± σ of the likelihood")
    if len(chosen) < x.shape[1]:
        text += f" · {len(chosen)} of {x.shape[1]} features, from the best to the worst reconstructed"
    note(figure, text)
    return figure


def table_repairs(clean: Array, corrupted: Array, repaired: Array, names: Sequence[str] | None) -> Figure:
    """A panel a feature: corrupted and repaired values against the clean ones."""
    x, damaged, mended = as_table(clean), as_table(corrupted), as_table(repaired)
    labels = names_for(x.shape[1], names)
    known = np.flatnonzero(~np.isnan(damaged).all(axis=0))
    chosen = [int(known[place]) for place in spread(len(known), MOST_FEATURES)] if len(known) else []
    if not chosen:
        figure = new_figure(height=0.5)
        note(figure, "no column is a number on a scale of its own")
        return figure
    figure, panels = multiples(len(chosen))
    for axes, d in zip(panels, chosen, strict=True):
        dressed(axes, title=labels[d])
        low, high = float(np.nanmin(x[:, d])), float(np.nanmax(x[:, d]))
        axes.plot([low, high], [low, high], color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
        for values, colour in ((damaged, DATA), (mended, TRAINING)):
            axes.plot(x[:, d], values[:, d], "o", color=colour, markersize=2, alpha=0.7, markeredgewidth=0)
        before, after = (float(np.sqrt(np.nanmean((values[:, d] - x[:, d]) ** 2))) for values in (damaged, mended))
        axes.text(0.04, 0.96, f"error {rough(before)} → {rough(after)}", transform=axes.transAxes, fontsize=SMALL,
                  color=INK, va="top")  # fmt: skip
    text = "across: clean · up: grey corrupted, blue repaired · error: root of the mean square"
    note(figure, text + (f" · {len(chosen)} of {x.shape[1]} features" if len(chosen) < x.shape[1] else ""))
    return figure


def table_marginals(samples: Array, data: Array | None, names: Sequence[str] | None, classes: Classes) -> Figure:
    """A panel a feature: the distribution of the samples over that of the data; of classes a bar each."""
    drawn = as_table(samples)
    real = None if data is None else as_table(data)
    labels = names_for(drawn.shape[1], names)
    chosen = spread(drawn.shape[1], MOST_FEATURES)
    figure, panels = multiples(len(chosen))
    for axes, d in zip(panels, chosen, strict=True):
        dressed(axes, title=labels[d])
        if d in classes:
            class_marginal(axes, None if real is None else real[:, d], drawn[:, d], classes[d])
            continue
        values = drawn[:, d] if real is None else real[~np.isnan(real[:, d]), d]
        edges = _bins(values if len(values) else drawn[:, d], drawn[:, d])
        if real is not None:
            axes.hist(values, edges, density=True, color=DATA, label="data")
        axes.hist(drawn[:, d], edges, density=True, histtype="step", color=VALIDATION, linewidth=1.2, label="samples")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(False)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, fontsize=SMALL,
                  frameon=False, labelcolor=INK, handlelength=1.2, borderaxespad=0.1)  # fmt: skip
    if len(chosen) < drawn.shape[1]:
        note(figure, f"{len(chosen)} of {drawn.shape[1]} features, evenly spaced")
    return figure


def table_rows(rows: Mapping[str, Array], names: Sequence[str] | None, classes: Classes) -> Figure:
    """A panel a feature and a line a class: the samples' median, and the middle 80 %; of classes their shares."""
    asked, found = [plain(label, 14) for label in rows], [as_table(x) for x in rows.values()]
    count = found[0].shape[1]
    labels, chosen = names_for(count, names), spread(count, MOST_FEATURES)
    figure, panels = multiples(len(chosen), cell=(2.0, max(1.2, 0.55 + 0.16 * len(found))))
    places = np.arange(len(found))
    for column, (axes, d) in enumerate(zip(panels, chosen, strict=True)):
        dressed(axes, title=labels[d])
        if d in classes:
            class_rows(axes, [x[:, d] for x in found], classes[d])
        else:
            low, middle, high = np.array([np.quantile(x[:, d], [0.1, 0.5, 0.9]) for x in found]).T
            axes.hlines(places, low, high, color=TRAINING, linewidth=1.6, alpha=0.5)
            axes.plot(middle, places, "o", color=TRAINING, markersize=3.5)
        axes.set_yticks(places, asked if column % 4 == 0 else [""] * len(found))
        axes.set_ylim(len(found) - 0.5, -0.5)
    text = "dot: median of the samples · line: their middle 80 %"
    note(figure, text + (f" · {len(chosen)} of {count} features" if len(chosen) < count else ""))
    return figure


def table_maps(grid: Array, values: tuple[Floats, Floats] | None, names: Sequence[str] | None,
               latents: tuple[str, str], classes: Classes) -> Figure:  # fmt: skip
    """A panel a feature: its decoded value over the two latents, or its likeliest class."""
    down, across = grid.shape[:2]
    decoded = as_table(grid.reshape(down * across, *grid.shape[2:])).reshape(down, across, -1)
    labels, chosen = names_for(decoded.shape[2], names), spread(decoded.shape[2], MOST_MAPS)
    right, up = values if values is not None else (np.arange(across) * 1.0, np.arange(down)[::-1] * 1.0)
    figure, panels = multiples(len(chosen), columns=3, cell=(2.65, 2.2))
    for axes, d in zip(panels, chosen, strict=True):
        dressed(axes, title=labels[d], x=plain(latents[0]), y=plain(latents[1]))
        axes.grid(False)
        if d in classes:
            bar = class_map(figure, axes, right, up, decoded[..., d], classes[d])
        else:
            mesh = axes.pcolormesh(right, up, decoded[..., d], cmap="viridis", shading="nearest", rasterized=True)
            bar = figure.colorbar(mesh, ax=axes, pad=0.02)
        bar.ax.tick_params(labelsize=SMALL, labelcolor=INK, color=MUTED, width=0.6)
        bar.outline.set_visible(False)
    if len(chosen) < decoded.shape[2]:
        note(figure, f"{len(chosen)} of {decoded.shape[2]} features, evenly spaced")
    return figure


def table_traversals(decoded: Floats, values: Floats, latents: Sequence[str], names: Sequence[str] | None,
                     title: str, axes_are: tuple[str, str]) -> Figure:  # fmt: skip
    """A panel a latent: every feature's decoded value along it; the three that change most are named."""
    labels = names_for(decoded.shape[2], names)
    columns = min(3, len(decoded))
    down = math.ceil(len(decoded) / columns)
    figure = new_figure(max(2.65 * columns, 4.0), 2.1 * down + 0.4)
    grid = figure.subplots(down, columns, squeeze=False, sharey=True)
    for place in range(down * columns):
        axes = grid[place // columns, place % columns]
        if place >= len(decoded):
            axes.remove()
            continue
        dressed(axes, title=plain(latents[place], 40))
        _traversal(axes, decoded[place], values[place], labels)
    low, high = float(decoded.min()), float(decoded.max())
    # Room above the curves for the names.
    grid[0, 0].set_ylim(low - 0.06 * (high - low or 1.0), high + 0.4 * (high - low or 1.0))
    if title:
        figure.suptitle(plain(title, 90), fontsize=SMALL, color=INK, x=0.01, ha="left")
    # A single panel is too narrow for both on a line.
    note(figure, f"across: {axes_are[0]}{' · ' if columns > 1 else chr(10)}up: {axes_are[1]}")
    return figure


def _traversal(axes: Axes, lines: Floats, x: Floats, labels: Sequence[str]) -> None:
    """Grey lines, and coloured and named ones for the three features with the largest range."""
    order = np.argsort(-np.ptp(lines, axis=0), kind="stable")
    axes.plot(x, lines[:, order[3:]], color="#c3c9d0", linewidth=0.7)
    for colour, d in zip((PALETTE[0], PALETTE[6], PALETTE[4]), order[:3], strict=False):
        axes.plot(x, lines[:, d], color=colour, linewidth=1.5, label=labels[d])
    axes.legend(fontsize=SMALL - 1, frameon=False, labelcolor=INK, handlelength=1, borderaxespad=0.1, loc="upper left")


def _bins(x: Floats, other: Floats) -> list[float]:
    """Shared bins over the data's range, and as much of the samples' as is not far outside; of few whole numbers one
    each.
    """
    low, high = float(x.min()), float(x.max())
    if high - low < 30 and bool((x == np.round(x)).all() and (other == np.round(other)).all()):
        return [float(edge) for edge in np.arange(low - 0.5, high + 1.0)]
    reach = 0.25 * ((high - low) or 1.0)
    low, high = max(low - reach, min(low, float(other.min()))), min(high + reach, max(high, float(other.max())))
    return [float(edge) for edge in np.linspace(low, high if high > low else low + 1.0, 31)]
