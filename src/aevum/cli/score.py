"""``aevum score``: which rows are odd, and why."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.labels import labels_of
from aevum.cli.opening import load_run, open_for
from aevum.cli.options import FORCE, JSON, ROWS, SPLIT, data_options, epilogue, whole_from
from aevum.cli.output import FILE, TABLES, named_rows, output_file, print_json, rows_of, write_array, write_table
from aevum.cli.parts import is_folder, write_parts
from aevum.cli.plain import bad_data, one_line, say
from aevum.errors import DataWarning, InputError
from aevum.numerals import number

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator
    from aevum.evaluation.anomalies import Anomalies

SCORES = (".npy", *TABLES)
FEATURES_SHOWN = 3
# With fewer rows their median is no measure of what is usual.
FEWEST_ROWS = 20
# Medians over so many rows are as good as over all, and the distortions of all might not fit into memory.
USUAL_ROWS = 2000


@click.command(
    epilog=epilogue(
        "aevum score runs/wine-vae wine.csv",
        "aevum score runs/wine-vae new.csv --contamination 0.02 -o scores.csv",
        "aevum score runs/wine-vae new.csv --reference ordinary.csv --quantile 0.999 --top 20",
    )
)
@click.argument("run")
@click.argument("data")
@click.option("--top", type=int, callback=whole_from(0), default=10, metavar="N", help="Rows to show.  [default: 10]")
@click.option("--contamination", type=float, metavar="C", help="The share of DATA to flag.  [default: 0.1]")
@click.option("--reference", metavar="DATA2", help="Ordinary rows that the model has not seen; they set the threshold.")
@click.option("--quantile", type=float, metavar="Q", help="Of the ordinary rows' scores.  [default: 0.99]")
@click.option("--k", type=int, callback=whole_from(1), default=100, metavar="K", help="Draws a row.  [default: 100]")
@ROWS
@data_options
@SPLIT
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="File to write all scores to: .csv, .parquet or .npy; or a folder, FOLDER/, of numbered .parquet files.",
)
@FORCE
@JSON
def score(
    run: str,
    data: str,
    top: int,
    contamination: float | None,
    reference: str | None,
    quantile: float | None,
    k: int,
    rows: int | None,
    output: str | None,
    force: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """Find the anomalous rows of DATA with the model in RUN, and the features that make them so.

    A row's score is its −log p(x) in nats (an auto-encoder's: its distortion); higher is more anomalous. Flagged is the
    share of rows that --contamination says, or every row above a quantile of the --reference rows' scores. The features
    shown are those whose distortion most exceeds the usual one in DATA (or in DATA2). Rows are counted from 0.

    Into a folder scores are written part by part, and nothing is shown: a row is flagged where --reference rows say
    above what, and files that are there are done.
    """
    from aevum.evaluation.anomalies import detect

    if quantile is not None and reference is None:
        raise InputError("--quantile is one of ordinary rows' scores: name them with --reference")
    if reference is not None and opening.get("labels") and Path(opening["labels"]).expanduser().is_file():
        raise InputError("--labels is a file of DATA's labels, and the --reference rows would need their own")
    path = None if output is None or is_folder(output) else output_file(output, SCORES, force)
    estimator = load_run(run)
    found = open_for(estimator, data, run=run, **opening)
    found = found.part(slice(rows))
    ordinary = None if reference is None else open_for(estimator, reference, run=run, **opening)
    if output is not None and is_folder(output):
        if contamination is not None:
            raise InputError(
                "--contamination is a share of all rows, and into a folder they go part by part: use -o FILE"
            )
        score_parts(estimator, found, ordinary, quantile, k, output, force, as_json)
        return
    y = labels_of(estimator, found)
    known = {} if ordinary is None else {"reference": ordinary.x, "reference_y": labels_of(estimator, ordinary)}
    with bad_data():
        anomalies = detect(estimator, found.x, y, contamination=contamination, quantile=quantile, k=k, **known)
        shown = top_rows(estimator, found, y, anomalies, top, known)
    shown = placed(shown, found)
    if path is not None:
        write_scores(path, anomalies, found)
    if as_json:
        answer(anomalies, "negative log-likelihood" if estimator.has_density else "distortion", shown, path)
    else:
        print_rows(anomalies, shown, path, " nats")


def score_parts(
    estimator: LatentVariableEstimator,
    found: Dataset,
    ordinary: Dataset | None,
    quantile: float | None,
    k: int,
    output: str,
    force: bool,
    as_json: bool,
) -> None:
    """The scores as numbered files, with a column of flags where ordinary rows set the threshold."""
    from aevum.evaluation.anomalies import DEFAULT_QUANTILE, anomaly_scores, threshold

    labels_of(estimator, found)
    limit = None
    if ordinary is not None:
        with bad_data():
            scores = anomaly_scores(estimator, ordinary.x, labels_of(estimator, ordinary), k=k)
        limit = threshold(scores, quantile=DEFAULT_QUANTILE if quantile is None else quantile)
    [(key, called)] = named_rows(found).items()

    def columns(x: Any, y: Any, rows: slice) -> dict[str, Any]:
        with bad_data():
            scores = anomaly_scores(estimator, x, y if estimator.conditional else None, k=k)
        values: dict[str, Any] = {"score": scores, **({} if limit is None else {"flagged": scores > limit})}
        return rows_of(values, y, {key: called[rows]})

    what = {"what": "scores", "k": k, "threshold": limit}
    made, files, folder = write_parts(output, found, estimator, columns, what, force)
    if as_json:
        print_json({"rows": len(found), "threshold": limit, "output": folder, "files": files, "written": made})
    else:
        click.echo(f"scores of {len(found):,} rows in {files} files in {folder}, {made} of them new")


def top_rows(
    estimator: LatentVariableEstimator, found: Dataset, y: Any, anomalies: Anomalies, top: int, known: dict[str, Any]
) -> list[dict[str, Any]]:
    """The rows of the highest scores, each with the features that add most to it; none that lowers it."""
    import numpy as np

    from aevum.evaluation.anomalies import contributions

    rows = anomalies.order[:top]
    if not len(rows):
        return []
    if not known and len(found.x) < FEWEST_ROWS:
        say(f"{len(found.x)} rows don't tell what is usual: name ordinary ones with --reference for the features")
        return [told(anomalies, row, None) for row in rows]
    every = slice(None, None, max(1, len(known.get("reference", found.x)) // USUAL_ROWS))
    here = {"reference": found.x, "reference_y": y}
    usual: dict[str, Any] = {name: None if part is None else part[every] for name, part in (known or here).items()}
    with warnings.catch_warnings():  # of what is odd in these rows all have been told
        warnings.simplefilter("ignore", DataWarning)
        try:
            added = contributions(estimator, found.x[rows], None if y is None else y[rows], **usual)
        except InputError as error:  # the rows could be scored: it is their values one by one that can't be
            say(f"no features are shown: {error}")
            return [told(anomalies, row, None) for row in rows]
    names = found.feature_names or estimator.feature_names_
    shown = []
    for row, values in zip(rows, added.reshape(len(rows), -1), strict=True):
        most = [int(i) for i in np.argsort(-values, kind="stable")[:FEATURES_SHOWN] if values[i] > 0.0]
        why = [{"feature": _name(i, added.shape[1:], names), "added": float(values[i])} for i in most]
        shown.append(told(anomalies, row, why))
    return shown


def placed(shown: list[dict[str, Any]], found: Dataset) -> list[dict[str, Any]]:
    """The lines with each row's name, or its number in the file."""
    if found.row_names is not None:
        key = FILE if found.rows_are_files else "name"
        return [{**line, key: found.row_names[line["row"]]} for line in shown]
    return [{**line, "row": int(found.rows[line["row"]])} for line in shown]


def told(anomalies: Anomalies, row: int, why: list[dict[str, Any]] | None) -> dict[str, Any]:
    """What is said of a row."""
    score, flagged = float(anomalies.scores[row]), bool(anomalies.flags[row])
    return {"row": int(row), "score": score, "flagged": flagged, "features": why}


def _name(index: int, shape: Sequence[int], names: Sequence[str] | None) -> str:
    """A column's name, or the place of a value in its example, counted from 0.

    >>> _name(1, (3,), ("a", "b", "c")), _name(1, (3,), None), _name(11, (8, 8), None)
    ('b', 'x1', '[1, 3]')
    """
    import numpy as np

    if len(shape) == 1:
        return names[index] if names is not None else f"x{index}"
    return str([int(place) for place in np.unravel_index(index, tuple(shape))])


def write_scores(path: Path, anomalies: Anomalies, found: Dataset) -> None:
    """Every row's score, and in a table whether it is flagged and its label."""
    if path.suffix.lower() == ".npy":
        write_array(path, anomalies.scores)
        return
    values = {"score": anomalies.scores, "flagged": anomalies.flags}
    write_table(path, rows_of(values, found.y, named_rows(found)))


def answer(anomalies: Anomalies, score: str, shown: list[dict[str, Any]], path: Path | None) -> None:
    """One JSON object; ``score`` says what a score is."""
    print_json(
        {
            "rows": len(anomalies.scores),
            "score": score,
            "threshold": anomalies.threshold,
            "flagged": int(anomalies.flags.sum()),
            "top": shown,
            "output": path,
        }
    )


def print_rows(anomalies: Anomalies, shown: list[dict[str, Any]], path: Path | None, unit: str = "") -> None:
    """How many are flagged, and a line a row; ``unit`` is the scores'."""
    flagged, rows = int(anomalies.flags.sum()), len(anomalies.scores)
    click.echo(f"{flagged:,} of {rows:,} rows flagged: their score is above {number(float(anomalies.threshold))}{unit}")
    if shown:
        width = max(3, *(len(str(line["row"])) for line in shown))
        click.echo(f"\n{'row':>{width}}  {'score':>10}  flagged  what adds most to it")
        for line in shown:
            parts = line["features"]
            why = (
                ", ".join(f"{part['feature']} {number(part['added'], digits=3, plus=True)}" for part in parts or [])
                or "its code alone"
            )
            why = "–" if parts is None else why
            why += "".join(f"  {line[each]}" for each in (FILE, "name") if each in line)
            flag = "yes" if line["flagged"] else "no"
            click.echo(f"{line['row']:>{width}}  {line['score']:>10.5g}  {flag:<7}  {one_line(why)}")
    if path is not None:
        click.echo(f"\nscores of {rows:,} rows in {path}")
