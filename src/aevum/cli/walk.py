"""``aevum morph``, ``traverse`` and ``attribute``: walks through the latent space, as pictures and films."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.labels import asked_labels, known, labels_of
from aevum.cli.opening import load_run, open_for
from aevum.cli.options import FORCE, JSON, SPLIT, data_options, epilogue, given_opening, output_option, whole_from
from aevum.cli.output import output_file, print_json, write_array, written
from aevum.cli.plain import bad_data
from aevum.errors import InputError
from aevum.numerals import rough

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator

FILM_WIDTH = 480
KINDS = (".png", ".gif", ".npy")
IN_PICTURE, IN_FILM = 11, 30
STEPS = click.option(
    "-n",
    "steps",
    type=int,
    callback=whole_from(2, 1000),
    metavar="N",
    help=f"Steps.  [default: {IN_PICTURE}; {IN_FILM} for .gif]",
)
OUTPUT = output_option(".png, .gif (images only; there and back) or .npy")


@click.command(
    epilog=epilogue(
        "aevum morph runs/digits-vae digits 0 5 -o morph.gif",
        "aevum morph runs/faces-vae faces/ 3 40 --path geodesic -o morph.png",
    )
)
@click.argument("run")
@click.argument("data")
@click.argument("a", type=int, callback=whole_from(0))
@click.argument("b", type=int, callback=whole_from(0))
@click.option("--path", default="linear", metavar="PATH", help="linear, spherical or geodesic.  [default: linear]")
@STEPS
@data_options
@SPLIT
@OUTPUT
@FORCE
@JSON
def morph(
    run: str,
    data: str,
    a: int,
    b: int,
    path: str,
    steps: int | None,
    output: str,
    force: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """Turn row A of DATA into row B, step by step, with the model in RUN.

    Both are encoded, and the codes between them decoded: on a straight line, on an arc (spherical) around the prior's
    mean, or on the shortest curve by how much the decoded example changes (geodesic). A conditional model mixes the two
    rows' classes on the way. Rows are counted from 0.
    """
    file = output_file(output, KINDS, force)
    estimator = _load(run, file)
    found = open_for(estimator, data, run=run, **opening)
    for row in (a, b):
        _check_row(found, row)
    y = labels_of(estimator, found)
    ys = {} if y is None else {"y": y[a], "y_end": y[b]}
    count = steps or _default_steps(file)
    with bad_data():
        z, x = estimator.interpolate(found.x[a], found.x[b], count, path, **ys)
    _write(estimator, file, x[None], _shares(count), [f"row {a} to row {b}"], across="the way from A to B, 0 to 1")
    line = f"{count} steps from row {a} to row {b} ({path}) in {file}"
    _tell(as_json, line, output=file, rows=[a, b], path=path, steps=count, codes=z.tolist())


@click.command(
    epilog=epilogue(
        "aevum traverse runs/digits-vae -o latents.png",
        "aevum traverse runs/faces-vae --dim 3 --range -4 4 -o third.gif",
        "aevum traverse runs/faces-vae --data faces/ --row 12 -o around-row-12.png",
    )
)
@click.argument("run")
@click.option("--dim", "dims", multiple=True, type=int, metavar="D", help="Which latent, from 0; again for several.")
@click.option(
    "--range",
    "bounds",
    nargs=2,
    type=float,
    metavar="LOW HIGH",
    help="Its values.  [default: prior ± 3 σ, or its central 99.73 % where it is no Gaussian; of an auto-encoder "
    "98 % of its codes]",
)
@click.option("--data", metavar="DATA", help="Start from a row of DATA instead of the prior's mean.")
@click.option("--row", type=int, callback=whole_from(0), default=0, metavar="I", help="Which row.  [default: 0]")
@click.option("--label", "asked", metavar="LABEL", help="What a conditional model is conditioned on.")
@STEPS
@data_options
@SPLIT
@OUTPUT
@FORCE
@JSON
def traverse(
    run: str,
    dims: tuple[int, ...],
    bounds: tuple[float, float] | None,
    data: str | None,
    row: int,
    asked: str | None,
    steps: int | None,
    output: str,
    force: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """Change one latent at a time and decode, with the model in RUN: what does each mean?

    Without --dim, all active latents, the most telling first. A conditional model takes the class from --label, else
    that of the row, else its first; a row is encoded under its own class.
    """
    import numpy as np

    file = output_file(output, KINDS, force)
    estimator = _load(run, file)
    at, y = None, None
    if data is None and (row or given_opening({**opening, "split": None})):
        raise InputError("--row and the options of data are for a row to start from: name its file with --data")
    if data is not None:
        found = open_for(estimator, data, run=run, **opening)
        _check_row(found, row)
        conditions = labels_of(estimator, found)
        at, y = found.x[row], None if conditions is None else conditions[row]
        if asked is not None and conditions is not None:
            at = estimator.transform(found.x[[row]], conditions[[row]])[0]
    if asked is not None or (estimator.conditional and y is None):
        y = asked_labels(estimator, () if asked is None else (asked,), 1)[0]
    chosen = list(dict.fromkeys(dims)) or list(estimator.latent_summary_.active) or [0]
    count = steps or _default_steps(file)
    with bad_data():
        walks = [estimator.traverse(d, bounds, n=count, at=at, y=y) for d in chosen]
    values = np.stack([z[:, d] for d, (z, _) in zip(chosen, walks, strict=True)])
    rate = estimator.latent_summary_.rate
    names = [f"z[{d}]" if rate is None else f"z[{d}], {rough(rate[d])} nats" for d in chosen]
    decoded = np.stack([x for _, x in walks])
    _write(estimator, file, decoded, values[0] if (values == values[0]).all() else values, names)
    shown = ", ".join(f"z[{d}]" for d in chosen)
    ranges = [[float(line[0]), float(line[-1])] for line in values]
    _tell(as_json, f"{shown} in {file}", output=file, dims=chosen, ranges=ranges, steps=count)


@click.command(
    epilog=epilogue(
        "aevum attribute runs/faces-vae faces/ --with smile -o smiles.png",
        "aevum attribute runs/faces-vae faces/ --with glasses --amount -2 -o off.gif",
        "aevum attribute runs/digits-vae digits --with 7 --without 1 -o ones-to-sevens.png",
    )
)
@click.argument("run")
@click.argument("data")
@click.option("--with", "with_", required=True, metavar="LABEL", help="The label of rows that have the attribute.")
@click.option("--without", metavar="LABEL", help="The label of rows that don't.  [default: every other row]")
@click.option("--amount", type=float, default=2.0, metavar="A", help="How far; below 0 takes it off.  [default: 2]")
@click.option("--examples", type=int, callback=whole_from(1, 64), default=8, metavar="E", help="[default: 8]")
@STEPS
@data_options
@SPLIT
@OUTPUT
@FORCE
@JSON
def attribute(
    run: str,
    data: str,
    with_: str,
    without: str | None,
    amount: float,
    examples: int,
    steps: int | None,
    output: str,
    force: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """Learn an attribute's direction from the labels of DATA, and put it on rows that lack it, with the model in RUN.

    The direction is the mean code of the rows with the attribute, minus that of the others; an amount of 1 leads from
    the one mean to the other. With a negative amount it is taken off rows that have it. The picture shows the first
    of these rows, one a line, from no change to the full amount.
    """
    import numpy as np

    from aevum.data.missing import lacking as unlabelled

    file = output_file(output, KINDS, force)
    estimator = _load(run, file)
    found = open_for(estimator, data, run=run, **opening)
    if found.y is None:
        raise InputError(f"{data} has no labels to tell rows with the attribute from others; name them with --labels")
    label = known(with_, found.classes, data)
    if without is not None and known(without, found.classes, data) == label:
        raise InputError(f"--with and --without are both {label}; a direction leads from one group to another")
    having = found.y == label
    lacking = ~(having | unlabelled(found.y)) if without is None else found.y == known(without, found.classes, data)
    y = labels_of(estimator, found)

    def of(rows: Any) -> tuple[Any, Any]:
        return found.x[rows], None if y is None else y[rows]

    shown = np.flatnonzero(lacking if amount >= 0 else having)[:examples]
    count = steps or (5 if file.suffix.lower() == ".png" else _default_steps(file))
    amounts = amount * _shares(count)
    with bad_data():
        (x_with, y_with), (x_without, y_without) = of(having), of(lacking)
        v = estimator.attribute_vector(x_with, x_without, y=None if y is None else (y_with, y_without))
        x, ys = of(shown)
        decoded = np.stack([estimator.add_attribute(x, v, each, y=ys) for each in amounts], axis=1)
    _write(estimator, file, decoded, amounts, [f"row {row}" for row in shown], across=f"how much of {label}")
    line = f"{label} {'put on' if amount >= 0 else 'taken off'} {len(shown)} rows, up to {abs(amount):g}, in {file}"
    groups = {"with": int(having.sum()), "without": int(lacking.sum())}
    _tell(as_json, line, output=file, rows=shown.tolist(), amounts=amounts.tolist(), direction=v.tolist(), **groups)


def _load(run: str, file: Path) -> LatentVariableEstimator:
    """The model of a run; films are made of images."""
    from aevum.networks.pictures import is_image

    estimator = load_run(run)
    if file.suffix.lower() == ".gif" and not is_image(estimator.parts_.event):
        raise InputError(f"{file}: .gif is for images, and this model's examples are none; use .png or .npy")
    return estimator


def _check_row(data: Dataset, row: int) -> None:
    if row >= len(data):
        raise InputError(f"there is no row {row}: {data.name} has {len(data):,}, counted from 0")


def _default_steps(file: Path) -> int:
    return IN_FILM if file.suffix.lower() == ".gif" else IN_PICTURE


def _shares(count: int) -> Any:
    import numpy as np

    return np.linspace(0.0, 1.0, count)


def _write(
    estimator: LatentVariableEstimator,
    file: Path,
    decoded: Any,
    values: Any,
    names: Sequence[str],
    across: str = "the latent's value",
) -> None:
    """Walks ``(rows, steps, *event)``: a figure, a film in which all rows move at once, or the numbers."""
    from aevum.exploration.limits import value_limits
    from aevum.networks.pictures import is_image
    from aevum.plots import image_grid, save_animation, traversal_figure
    from aevum.plots.style import png_bytes

    suffix = file.suffix.lower()
    if suffix == ".npy":
        write_array(file, decoded)
        return
    low, high = value_limits(estimator)
    if suffix == ".gif":
        frames = [image_grid(decoded[:, step], low, high, widest=FILM_WIDTH) for step in range(decoded.shape[1])]
        with written(file) as part:
            save_animation(frames, part)
        return
    up, scale = "decoded features, in their own units", estimator.fitted_.units()[1]
    if not is_image(estimator.parts_.event) and scale.ndim:
        decoded = (decoded - estimator.fitted_.units()[0]) / scale
        up = "decoded features, in standard deviations from the data's mean"
    figure = traversal_figure(
        decoded, values, names, limits=(low, high), feature_names=estimator.feature_names_, across=across, up=up
    )
    with written(file) as part:
        part.write_bytes(png_bytes(figure))


def _tell(as_json: bool, line: str, **answer: Any) -> None:
    if as_json:
        print_json(answer)
    else:
        click.echo(line)
