"""The look that all figures share, set on the artists themselves: matplotlib's global state stays as it is."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Pictures are made for screens of two device pixels a CSS pixel: the page is PAGE device pixels wide.
DPI = 200
PAGE = 1600
INK, MUTED, RULE = "#1f2328", "#6a737d", "#e3e6ea"
TRAINING, VALIDATION = "#3f90da", "#e76300"

# Ten colours that stay apart for the colour-blind: "Accessible color sequences for data visualization",
# M. A. Petroff, 2021, arXiv:2107.02270.
PALETTE = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
OTHER = "#c9ced4"
SMALL, NORMAL = 7.5, 8.5


def new_figure(width: float = PAGE / DPI, height: float = 3.6, *, constrained: bool = True) -> Figure:
    """An empty white figure of this size in inches, with a canvas of its own (no pyplot, no window)."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white", layout="constrained" if constrained else None)
    FigureCanvasAgg(figure)
    return figure


def dressed(axes: Axes, *, title: str = "", x: str = "", y: str = "") -> Axes:
    """The axes with quiet rules, and with text in colours that do not depend on the user's settings."""
    axes.set_facecolor("white")
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=MUTED, linewidth=0.6)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=SMALL, width=0.6, length=2.5)
    axes.grid(True, color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", fontsize=NORMAL, color=INK)
    axes.set_xlabel(x, fontsize=SMALL, color=INK)
    axes.set_ylabel(y, fontsize=SMALL, color=INK)
    return axes


def multiples(count: int, *, columns: int = 4, cell: tuple[float, float] = (2.0, 1.75)) -> tuple[Figure, list[Axes]]:
    """A figure of ``count`` small panels, at most ``columns`` in a row."""
    across = min(count, columns)
    down = math.ceil(count / across)
    figure = new_figure(max(cell[0] * across, 4.0), cell[1] * down + 0.35)
    found = figure.subplots(down, across, squeeze=False)
    panels = [found[place // across, place % across] for place in range(down * across)]
    for unused in panels[count:]:
        unused.remove()
    return figure, [dressed(axes) for axes in panels[:count]]


def note(figure: Figure, text: str) -> None:
    """A line of small print under the panels; the layout makes room for it."""
    figure.supxlabel(text, fontsize=SMALL, color=MUTED, x=0.01, ha="left")


def plain(text: object, longest: int = 26) -> str:
    """A user's word as matplotlib prints it: one line, not too long, its dollar signs not taken for mathematics.

    >>> plain("a$b\\nc"), plain("x" * 40, 8)
    ('a\\\\$b c', 'xxxxxxx…')
    """
    line = "".join(c if c.isprintable() else "?" for c in " ".join(str(text).split()))
    line = line if len(line) <= longest else line[: longest - 1] + "…"
    return line.replace("$", r"\$")


@dataclass(frozen=True)
class Picture:
    """A drawn figure: a PNG file's bytes, and the size at which it is to be shown, in CSS pixels."""

    png: bytes
    width: int
    height: int


def picture(figure: Figure) -> Picture:
    """The figure as a picture for a page.

    >>> found = picture(new_figure(2.0, 1.0))
    >>> found.png[1:4], found.width, found.height
    (b'PNG', 200, 100)
    """
    width, height = (round(size * DPI / 2) for size in figure.get_size_inches())
    return Picture(png_bytes(figure), width, height)


def png_bytes(figure: Figure) -> bytes:
    """The figure as a PNG file's bytes."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # Labels may be in a script that matplotlib's own font lacks: boxes then, and no warning for each of them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        # Figure.savefig draws twice, the first time for the layout alone, which drawing makes anyway. The size of the
        # file tells nothing, so no software version or date goes in: the same figure, the same bytes.
        FigureCanvasAgg(figure).print_png(stream, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return stream.getvalue()
