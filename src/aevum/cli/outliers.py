"""``aevum outliers``: which rows of a table are odd, without a model that is trained before."""

from __future__ import annotations

from typing import Any

import click

from aevum.cli.opening import open_for, refuse_data_dir
from aevum.cli.options import FORCE, JSON, ROWS, data_options, epilogue, given_opening, whole_from
from aevum.cli.output import output_file
from aevum.cli.plain import bad_data
from aevum.cli.score import SCORES, answer, placed, print_rows, top_rows, write_scores

# The share that is flagged unless told: of rows that may be odd themselves, and of ordinary ones.
FLAGGED, FALSE_ALARMS = 0.1, 0.01


@click.command(
    epilog=epilogue(
        "aevum outliers payments.csv --drop id -o scores.csv",
        "aevum outliers payments.csv --contamination 0.02 --top 20",
        "aevum outliers new.csv --ordinary known-good.csv",
    )
)
@click.argument("data")
@click.option("--top", type=int, callback=whole_from(0), default=10, metavar="N", help="Rows to show.  [default: 10]")
@click.option("--ordinary", metavar="DATA2", help="Rows that are known to be ordinary, to learn from instead of DATA.")
@click.option(
    "--contamination",
    type=float,
    metavar="C",
    help="The share to flag, of the rows that are learned from.  [default: 0.1, with --ordinary 0.01]",
)
@click.option("--seed", type=int, callback=whole_from(0), default=0, metavar="S", help="[default: 0]")
@ROWS
@data_options
@click.option("-o", "--output", metavar="FILE", help="File to write all scores to: .csv, .parquet or .npy.")
@FORCE
@JSON
def outliers(
    data: str,
    top: int,
    ordinary: str | None,
    contamination: float | None,
    seed: int,
    rows: int | None,
    output: str | None,
    force: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """Find the odd rows of a table, and the columns that make them so.

    What is usual is learned from DATA itself, whose oddest rows are left out of it, or from --ordinary rows. Two models
    score each row, and the mean of their scores counts: 0 is the median row's, and higher is more odd. Labels are not
    looked at, but written beside the scores. Rows are counted from 0.
    """
    from aevum.data import open_data
    from aevum.evaluation import Anomalies, OutlierDetector

    path = None if output is None else output_file(output, SCORES, force)
    refuse_data_dir(data, opening.get("data_dir"))
    found = open_data(data if ordinary is None else ordinary, **given_opening(opening))
    if contamination is None:
        contamination = FLAGGED if ordinary is None else FALSE_ALARMS
    detector = OutlierDetector(contaminated=ordinary is None, contamination=contamination, random_state=seed)
    with bad_data():
        detector.fit(found.part(slice(rows)) if ordinary is None else found)
    model, known = detector.members_[0].model, {}
    if ordinary is not None:
        known = {"reference": found.x, "reference_y": None}
        found = open_for(model, data, **opening)
    found = found.part(slice(rows))
    with bad_data():
        anomalies = Anomalies(-detector.score_samples(found), -detector.offset_)
        shown = placed(top_rows(model, found, None, anomalies, top, known), found)
    if path is not None:
        write_scores(path, anomalies, found)
    if as_json:
        answer(anomalies, "mean of two models' scores, 0 the median", shown, path)
    else:
        print_rows(anomalies, shown, path)
