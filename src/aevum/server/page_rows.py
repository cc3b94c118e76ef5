"""What a file of the page holds of a run beside its networks: a sample of the rows, and the numbers to compute with."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.evaluation.given import rows_of
from aevum.exploration.steps import finished
from aevum.server import wire
from aevum.server.about import columns_about, describe, label_scale
from aevum.server.blocks import Blocks, block_rows
from aevum.server.law import law_for_file
from aevum.server.page_scores import score_name, scores_at_the_mean, scoring_of
from aevum.server.subject import Run, short_name
from aevum.server.traits import columns_for_file

Array = NDArray[Any]
Numbers = Mapping[str, Array]
# Of all runs' rows together, packed (1.2 MB as text); of so many rows it is tried out how much one takes.
MOST_BYTES, MOST_ROWS, PROBE = 1_000_000, 20_000, 256
# Draws of the runs' laws, of 4 bytes a value, take at most a sixth of that.
DRAWN_SHARE = 24


def contents_of(runs: Sequence[Run], rows: int | None) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Of each run, what is said about it, and its packed message of rows and numbers.

    Runs of the same data get the same rows, so that a row that is pointed at can be shown under each of them.

    Args:
        runs: with distinct ids.
        rows: how many of each run; None for as many as take :data:`MOST_BYTES` together.
    """
    most = max(run.rows for run in runs)
    laws = [law_for_file(run, MOST_BYTES // (DRAWN_SHARE * len(runs))) for run in runs]
    count = min(most, MOST_ROWS if rows is None else rows)
    if rows is None and count > PROBE:
        count = min(count, max(1, int(PROBE * MOST_BYTES / _size(_contents(runs, laws, PROBE)))))
    found = _contents(runs, laws, count)
    while rows is None and count > 1 and _size(found) > MOST_BYTES:
        count = max(1, int(0.97 * count * MOST_BYTES / _size(found)))
        found = _contents(runs, laws, count)
    abouts = [{**about, "name": _title(run, runs)} for run, (about, _) in zip(runs, found, strict=True)]
    return abouts, [message for _, message in found]


def _title(run: Run, runs: Sequence[Run]) -> str:
    """The run's name without the folders above it: whoever gets the file learns nothing of where it was made."""
    names = [short_name(other.name) for other in runs]
    return short_name(run.name) if names.count(short_name(run.name)) == 1 else run.id


def _contents(runs: Sequence[Run], laws: Sequence[Numbers], count: int) -> list[tuple[dict[str, Any], bytes]]:
    return [_of_one(run, law, count) for run, law in zip(runs, laws, strict=True)]


def _size(contents: Sequence[tuple[Any, bytes]]) -> int:
    return sum(len(message) for _, message in contents)


def _of_one(run: Run, law: Numbers, count: int) -> tuple[dict[str, Any], bytes]:
    chosen = even_rows(run.rows, count)
    part = _part(run, chosen)
    scoring, labels, told = scoring_of(run), run.labelled, finished(describe(part))
    about = {
        **told,
        "data": run.data,
        "labels": None if labels is None else labels[0],
        "unlabelled": run.unlabelled,
        "label_name": run.label_name,
        "label_scale": label_scale(run),
        "label_note": run.label_note,
        "columns": columns_about(part),
        "score": score_name(run, scoring),
        "posterior": _known(run, told["posterior"]),
        "checkpoints": [],
        "version": None,
        "tour": run.tour,
    }
    finished(part.codes.fill(0, part.rows))
    scores = Blocks((part.rows,), block_rows(run.event), lambda a, b: scores_at_the_mean(part, a, b, scoring))
    finished(scores.fill(0, part.rows))
    empty = np.empty((0, *run.event), np.uint8)
    arrays: dict[str, Array] = {
        "codes": part.codes.values,
        "labels": np.full(part.rows, -1, np.int32) if labels is None else labels[1][chosen],
        "scores": scores.values,
        "x": part.examples(np.arange(part.rows)) if part.rows else empty,
        **({} if run.measured is None else {"label_values": run.measured[chosen]}),
        **law,
        **_numbers(run),
    }
    columns, names = columns_for_file(part.columns)
    return about, packed(wire.encode({"scoring": scoring, "names": names}, {**arrays, **columns}))


def _known(run: Run, told: Any) -> Any:
    """What is said of the posterior, if the encoder's mean and deviation are enough to draw from it."""
    return None if run.posterior is None or run.posterior[0] == "other" else told


def even_rows(rows: int, count: int) -> NDArray[np.intp]:
    """``count`` of the rows, as far from each other as they can be.

    >>> even_rows(10, 4).tolist(), even_rows(3, 9).tolist()
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.linspace(0, max(rows - 1, 0), min(rows, count)).round().astype(np.intp)


def _part(run: Run, chosen: NDArray[np.intp]) -> Run:
    """The run with these rows only."""
    if len(chosen) == run.rows:
        return run
    x, y = rows_of(run.x, chosen), None if run.y is None else run.y[chosen]
    labels = tuple(column.take(chosen) for column in run.columns)
    part = Run(run.id, run.name, run.estimator, x, y, labels=labels, epoch=run.epoch)
    part.feature_names = run.feature_names
    return part


def _numbers(run: Run) -> dict[str, Array]:
    """What the page computes with beside the networks: scaling and context."""
    estimator, found = run.estimator, dict[str, Array]()
    for name, value in zip(("shift", "scale"), estimator.fitted_.units(), strict=True):
        found[name] = value.reshape(1) if value.size == 1 else np.broadcast_to(value, run.event).ravel()
    for name in ("mean", "deviation"):
        standard = getattr(estimator.context_, name, None) if estimator.conditional else None
        if standard is not None:
            found[f"context_{name}"] = np.asarray(standard, dtype=np.float64)
    return found


def packed(data: bytes) -> bytes:
    """The same bytes for the same data, whenever they are packed."""
    return gzip.compress(data, 9, mtime=0)
