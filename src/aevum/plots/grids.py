"""Figures made of images: every pixel of an image is a whole number of pixels of the figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from aevum.networks.pictures import Limits, Pictures, as_pictures, montage, scaled_to
from aevum.plots.style import DPI, INK, MUTED, NORMAL, PAGE, SMALL, new_figure, plain

Array = NDArray[Any]
Floats = NDArray[np.float64]
GAP, LARGEST, LINE = 6, 200, 34


def framed(sheet: Pictures, *, left: int = 0, top: int = 0, bottom: int = 0) -> tuple[Figure, Axes]:
    """A figure that shows ``sheet`` pixel for pixel, with margins for text; data coordinates are the sheet's pixels."""
    height, width = sheet.shape[:2]
    whole = (max(left + width, 300), top + height + bottom)
    figure = new_figure(whole[0] / DPI, whole[1] / DPI, constrained=False)
    axes = figure.add_axes((left / whole[0], bottom / whole[1], width / whole[0], height / whole[1]))
    axes.imshow(sheet, interpolation="nearest", aspect="auto", extent=(0, width, height, 0))
    axes.set_axis_off()
    return figure, axes


def write(axes: Axes, x: float, y: float, text: str, **options: Any) -> None:
    """Small text at a place of the sheet, which may lie in the figure's margins."""
    options = {"fontsize": SMALL, "color": INK, "clip_on": False, **options}
    axes.text(x, y, text, **options)


def signed(value: float) -> str:
    """A code's value as a tick.

    >>> signed(-1.64), signed(-1e-9)
    ('−1.64', '0')
    """
    return f"{value:.2f}".replace("-", "−") if abs(value) >= 0.005 else "0"


def label_room(labels: Sequence[str]) -> int:
    """Pixels that the longest label takes at the left of a grid."""
    return 30 + round(0.60 * SMALL * DPI / 72 * max(map(len, labels), default=0))


def image_pairs(
    originals: Array,
    reconstructions: Array,
    limits: Limits | None,
    columns: int = 8,
    labels: tuple[str, str] = ("original", "reconstruction"),
) -> Figure:
    """Originals above their reconstructions, in bands of ``columns`` pairs."""
    columns = min(columns, len(originals))
    left = label_room(labels)
    both = as_pictures(np.concatenate([originals, reconstructions]), limits)
    both = scaled_to(both, columns, PAGE - left - GAP * columns, LARGEST)
    upper, lower = np.split(both, 2)
    height, band_gap = both.shape[1], 5 * GAP
    bands = []
    for start in range(0, len(upper), columns):
        part = slice(start, start + columns)
        pair = [montage(rows[part], columns, GAP) for rows in (upper, lower)]
        bands.append(np.concatenate([pair[0], np.full((GAP, *pair[0].shape[1:]), 255, np.uint8), pair[1]]))
        bands.append(np.full((band_gap, *pair[0].shape[1:]), 255, np.uint8))
    figure, axes = framed(np.concatenate(bands[:-1]), left=left)
    for band in range(len(bands) // 2):
        top = band * (2 * height + GAP + band_gap)
        write(axes, -14, top + height / 2, labels[0], ha="right", va="center")
        write(axes, -14, top + 1.5 * height + GAP, labels[1], ha="right", va="center", color=MUTED)
    return figure


def image_sheet(images: Array, limits: Limits | None, columns: int | None = None) -> Figure:
    """Images in a near-square grid, wider than high."""
    across = columns or even_columns(len(images))
    pictures = scaled_to(as_pictures(images, limits), across, PAGE - GAP * across, LARGEST)
    return framed(montage(pictures, across, GAP))[0]


def even_columns(count: int) -> int:
    """Columns of a grid that is wider than high, and if possible without a gap at its end.

    >>> even_columns(60), even_columns(7)
    (10, 4)
    """
    wanted = min(count, max(4, math.ceil(math.sqrt(1.6 * count))))
    fitting = [columns for columns in range(wanted, 2 * wanted) if count % columns == 0 and columns <= count]
    return fitting[0] if fitting and count > 4 and fitting[0] < count else wanted


def image_rows(
    rows: Mapping[str, Array], limits: Limits | None, *, heads: Sequence[str] = (), title: str = "", gap: int = GAP
) -> Figure:
    """A labelled row of images for each entry, with a line of heads above the columns."""
    across = max(len(images) for images in rows.values())
    labels = [plain(label, 18) for label in rows]
    left = label_room(labels)
    first = next(iter(rows.values()))
    shape = (len(rows) * across, *first.shape[1:])
    images = np.zeros(shape, np.result_type(*[np.asarray(found).dtype for found in rows.values()]))
    for place, found in enumerate(rows.values()):
        images[place * across : place * across + len(found)] = found
    pictures = scaled_to(as_pictures(images, limits), across, PAGE - left - gap * across, LARGEST // 2 * 3 // 2)
    for place, found in enumerate(rows.values()):
        pictures[place * across + len(found) : (place + 1) * across] = 255
    height, width = pictures.shape[1:3]
    top = LINE * (bool(title) + bool(heads)) + (8 if title or heads else 0)
    figure, axes = framed(montage(pictures, across, gap), left=left, top=top)
    for place, label in enumerate(labels):
        write(axes, -14, place * (height + gap) + height / 2, label, ha="right", va="center")
    for place, head in enumerate(heads):
        write(axes, place * (width + gap) + width / 2, -10, head, ha="center", color=MUTED)
    if title:
        write(axes, 0, -10 - LINE * bool(heads), plain(title, 90), fontsize=NORMAL)
    return figure


def image_map(
    grid: Array, limits: Limits | None, values: tuple[Floats, Floats] | None, names: tuple[str, str]
) -> Figure:
    """Decoded images where their codes lie: ``grid`` is (rows from the top, columns from the left, event)."""
    down, across = grid.shape[:2]
    pictures = as_pictures(grid.reshape(down * across, *grid.shape[2:]), limits)
    left, gap = (120, 2)
    pictures = scaled_to(pictures, across, min(1200, PAGE - left) - gap * across, LARGEST)
    height, width = pictures.shape[1:3]
    sheet = montage(pictures, across, gap)
    figure, axes = framed(sheet, left=left, bottom=2 * LINE + 16, top=10)
    if values is None:
        return figure
    for place in np.unique(np.linspace(0, across - 1, min(5, across)).round().astype(int)):
        text = signed(values[0][place])
        write(axes, place * (width + gap) + width / 2, sheet.shape[0] + 10, text, ha="center", va="top", color=MUTED)
    for place in np.unique(np.linspace(0, down - 1, min(5, down)).round().astype(int)):
        text = signed(values[1][place])
        write(axes, -12, place * (height + gap) + height / 2, text, ha="right", va="center", color=MUTED)
    write(axes, sheet.shape[1] / 2, sheet.shape[0] + 12 + LINE, plain(names[0]), ha="center", va="top")
    write(axes, -left + 6, sheet.shape[0] / 2, plain(names[1]), ha="left", va="center", rotation=90)
    return figure
