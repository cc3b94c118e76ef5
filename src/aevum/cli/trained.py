"""What a training came to, in words, and what to do with it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.describe import description, pairs, print_columns, print_verdicts, shape_text
from aevum.cli.labels import asking
from aevum.cli.output import print_json, print_pairs
from aevum.cli.recipes import command_of

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator


def report(
    estimator: LatentVariableEstimator,
    data: Dataset,
    folder: Path,
    seconds: float,
    command: str,
    missing: list[str],
    as_json: bool,
) -> None:
    """Say what was learned, and what to do with it."""
    from aevum.runs import metrics_of, report_of

    report, metrics = report_of(folder), metrics_of(folder)
    if as_json:
        about = {"data": data.name, "rows": len(data), "seconds": round(seconds, 3), "run": folder, "report": report}
        print_json({**description(estimator, metrics), **about, **({"left_out": missing} if missing else {})})
        return
    name = type(estimator).__name__
    click.echo(f"{name} of {data.name}: {len(data):,} examples of {shape_text(data.shape[1:])}, {seconds:.1f} s")
    print_verdicts(metrics)
    print_pairs({**pairs(estimator, metrics), "report": report or "none: it could not be written"})
    print_columns(estimator, metrics)
    image = len(data.shape) > 2
    run = shlex.quote(str(folder))
    aevum = command_of(estimator)
    click.echo("\nNext:")
    click.echo(f"  {aevum} sample {run}{asking(estimator, data)} -o samples.{'png' if image else 'csv'}")
    click.echo(f"  {aevum} reconstruct {run} {command} -o reconstructions.{'png' if image else 'csv'}")
    if hasattr(estimator, "impute") and has_gaps(data):
        click.echo(f"  {aevum} impute {run} {command} -o whole.csv")
    click.echo(f"  {aevum} encode {run} {command} -o codes.csv")
    click.echo(f"  {aevum} explore {run}")


def has_gaps(data: Dataset) -> bool:
    """Whether cells of this table are empty; a table that is not in memory is not read for it."""
    import numpy as np

    table = data.x
    return type(table) is np.ndarray and table.ndim == 2 and table.dtype.kind == "f" and bool(np.isnan(table).any())


def again(data: str, given: dict[str, Any]) -> str:
    """The data as another command takes it; a model knows the size of its images."""
    words = [data]
    for name, value in given.items():
        if isinstance(value, bool):
            flag = name.replace("_", "-")
            words.append(f"--{flag}" if value else f"--no-{flag}")
        elif name != "image_size":
            for text in value if isinstance(value, list) else [value]:
                words += [f"--{name.replace('_', '-')}", str(text)]
    return shlex.join(words)
