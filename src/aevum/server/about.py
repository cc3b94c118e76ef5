"""What the page needs to know of a run before it draws anything: one dictionary of plain values."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from aevum.data.trait_columns import unit_in
from aevum.exploration.limits import value_limits
from aevum.exploration.steps import Steps
from aevum.networks.layout import ImageLayout
from aevum.server.law import LawOfCodes, describe_law
from aevum.server.subject import Run
from aevum.storage import finite

# Principal axes of so many codes are those of all of them, as far as a picture can show.
PCA_ROWS, PCA_BLOCKS = 10_000, 16


class Earlier(TypedDict):
    """The same run after an earlier epoch."""

    id: str
    epoch: int | None


class Scale(TypedDict):
    """Between which numbers labels lie, of how many rows they are missing, and their unit where their name says it."""

    low: float
    high: float
    missing: int
    unit: str | None


class ColumnAbout(TypedDict):
    """A column of labels beside y: words and how many rows have each, or the ends of a quantity."""

    name: str
    kind: Literal["category", "quantity", "name"]
    words: list[str] | None
    counts: list[int] | None
    low: float
    high: float
    missing: int
    unit: str | None


class Score(TypedDict):
    """What scores are called."""

    name: str
    unit: str
    higher: str


class Axes(TypedDict):
    """The two axes along which codes vary most: (D,), (2, D), and the share of each."""

    mean: list[float]
    axes: list[list[float]]
    share: list[float]


class ExamplesAbout(TypedDict):
    """What an example is."""

    kind: Literal["image", "table", "other"]
    event: list[int]
    height: int
    width: int
    channels: int
    position: str
    limits: list[float] | None
    dtype: str
    likelihood: str
    interval: bool
    features: list[str] | None
    feature_words: list[list[str] | None] | None
    feature_mean: list[float] | None
    feature_deviation: list[float] | None


class ContextAbout(TypedDict):
    """What the model is conditioned on."""

    conditional: bool | Literal["optional"]
    classes: list[str] | None
    context: int
    context_mean: list[float] | None


class PosteriorAbout(TypedDict):
    """Of what kind q(z|x) is, and how many numbers of noise a draw of it takes."""

    kind: Literal["gaussian", "point", "other"]
    noise: int


class LatentsAbout(LawOfCodes):
    """What the dimensions of a code are."""

    latent_dim: int
    can_sample: bool
    rate: list[float] | None
    variance: list[float]
    active: list[int]
    posterior: PosteriorAbout | None


class About(ExamplesAbout, ContextAbout, LatentsAbout):
    """A run but its arrays."""

    id: str
    name: str
    model: str
    epoch: int
    checkpoints: list[Earlier]
    version: int | None
    tour: str | None
    rows: int
    data: str | None
    no_data: str | None
    labels: list[str] | None
    unlabelled: bool
    label_name: str | None
    label_scale: Scale | None
    label_note: str | None
    columns: list[ColumnAbout]
    score: Score
    pca: Axes | None


def describe(run: Run) -> Steps[dict[str, Any]]:
    """Everything about a run but its arrays, an :class:`About`; it is found once."""
    if run.description is not None:
        return run.description
    labels = run.labelled
    found: About = {
        "id": run.id,
        "name": run.name,
        "model": type(run.estimator).__name__,
        "epoch": run.epoch or len(run.estimator.history_),
        "checkpoints": [{"id": earlier.id, "epoch": earlier.epoch} for earlier in run.checkpoints],
        "version": run.version,
        "tour": run.tour,
        **_examples(run),
        **_context(run),
        **_latents(run),
        "rows": run.rows,
        "data": run.data,
        "no_data": run.no_data,
        "labels": None if labels is None else labels[0],
        "unlabelled": run.unlabelled,
        "label_name": run.label_name,
        "label_scale": label_scale(run),
        "label_note": run.label_note,
        "columns": columns_about(run),
        "score": {
            "name": "−ELBO" if run.estimator.has_density else "distortion",
            "unit": "nats",
            "higher": "more unusual",
        },
        "pca": (yield from _principal_axes(run)),
    }
    run.description = finite(found)
    return run.description


def label_scale(run: Run) -> Scale | None:
    """What there is to know of labels that are a quantity; None for others."""
    if run.measured is None:
        return None
    known = run.measured[np.isfinite(run.measured)]
    ends = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    unit = None if run.label_name is None else unit_in(run.label_name)
    return {"low": ends[0], "high": ends[1], "missing": run.rows - len(known), "unit": unit}


def columns_about(run: Run) -> list[ColumnAbout]:
    """What there is to know of the columns of labels beside y."""
    found = list[ColumnAbout]()
    for column in run.columns:
        known = column.known
        values = column.values[known] if column.kind == "quantity" and known.any() else np.zeros(1)
        words = list(column.categories) if column.kind == "category" else None
        counts = None if words is None else np.bincount(column.index[known], minlength=len(words)).tolist()
        found.append({
            "name": column.name, "kind": column.kind, "words": words, "counts": counts, "low": float(values.min()),
            "high": float(values.max()), "missing": int((~known).sum()), "unit": column.unit,
        })  # fmt: skip
    return found


def _examples(run: Run) -> ExamplesAbout:
    """What an example is."""
    layout, event = ImageLayout.of(run.event), run.event
    kind: Literal["image", "table", "other"] = (
        "image" if layout is not None else "table" if len(event) == 1 else "other"
    )
    table = kind == "table"
    shift, scale = (np.broadcast_to(part, event) if table else part for part in run.estimator.fitted_.units())
    names = run.feature_names
    if table and (names is None or len(names) != event[0]):
        names = [f"x{place}" for place in range(event[0])]
    return {
        "kind": kind,
        "event": list(event),
        "height": 0 if layout is None else layout.height,
        "width": 0 if layout is None else layout.width,
        "channels": 0 if layout is None else layout.channels,
        "position": "none" if layout is None else layout.position,
        "limits": None if layout is None else list(value_limits(run.estimator)),
        "dtype": np.dtype(run.estimator.dtype_).name,
        "likelihood": str(run.estimator.likelihood_),
        "interval": run.estimator.fitted_.interval,
        "features": [str(name) for name in names] if table and names is not None else None,
        "feature_words": run.words if table else None,
        "feature_mean": shift.tolist() if table else None,
        "feature_deviation": scale.tolist() if table else None,
    }


def _context(run: Run) -> ContextAbout:
    """What the model is conditioned on."""
    mean = getattr(run.estimator.context_, "mean", None)
    return {
        "conditional": run.estimator.conditional,
        "classes": run.classes,
        "context": run.estimator.parts_.context,
        "context_mean": None if mean is None else mean.tolist(),
    }


def _latents(run: Run) -> LatentsAbout:
    """What the dimensions of a code are."""
    summary = run.estimator.latent_summary_
    return {
        "latent_dim": run.latent_dim,
        "can_sample": run.estimator.can_sample,
        "rate": None if summary.rate is None else list(summary.rate),
        "variance": list(summary.variance),
        "active": list(summary.active),
        "posterior": None if run.posterior is None else {"kind": run.posterior[0], "noise": run.posterior[1]},
        **describe_law(run),
    }


def _principal_axes(run: Run) -> Steps[Axes | None]:
    """The two axes along which codes vary most, where there are more than two latents and rows to tell."""
    if run.latent_dim <= 2 or run.rows < 3:
        return None
    codes = (yield from run.codes.of(_some_rows(run))).astype(np.float64)
    mean = codes.mean(axis=0)
    _, lengths, axes = np.linalg.svd(codes - mean, full_matrices=False)
    total = float(np.square(lengths).sum())
    if not total > 0.0:
        return None
    # An axis has no direction of its own: its largest part points up, so that the map never comes out mirrored.
    axes = axes[:2] * np.sign(axes[:2][np.arange(2), np.abs(axes[:2]).argmax(axis=1)])[:, None]
    return {"mean": mean.tolist(), "axes": axes.tolist(), "share": (np.square(lengths[:2]) / total).tolist()}


def _some_rows(run: Run) -> NDArray[np.intp]:
    """All rows, or runs of them from all over the data, so that few blocks have to be encoded."""
    if run.rows <= PCA_ROWS:
        return np.arange(run.rows)
    length = PCA_ROWS // PCA_BLOCKS
    starts = np.linspace(0, run.rows - length, PCA_BLOCKS).astype(np.intp)
    return np.unique(starts[:, None] + np.arange(length)[None, :])
