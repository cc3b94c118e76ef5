"""``aevum sample``, ``reconstruct``, ``encode`` and ``decode``: what a fitted model is for."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.describe import shape_text
from aevum.cli.gaps import known_cells, typed, unsigned, written
from aevum.cli.labels import asked_labels, labels_of
from aevum.cli.opening import load_run, open_codes, open_for
from aevum.cli.options import FORCE, JSON, LABEL, SPLIT, data_options, epilogue, output_option, whole_from
from aevum.cli.output import (
    TABLES,
    named_rows,
    output_file,
    print_json,
    rows_of,
    write_array,
    write_picture,
    write_table,
)
from aevum.cli.parts import encode_parts, is_folder
from aevum.cli.plain import bad_data
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

ANY = (".png", ".npy", *TABLES)
CODES = (".npy", *TABLES)
PAIRS_IN_PICTURE, CODES_IN_PICTURE, WIDEST = 16, 64, 32


@click.command(
    epilog=epilogue(
        "aevum sample runs/digits-vae -o digits.png",
        "aevum sample runs/mnist-cvae --label 7 -n 100 -o sevens.png",
        "aevum sample runs/wine-vae -n 1000 --seed 1 -o wines.csv",
        "aevum sample runs/people-vae --given age=40 --given job=cook -o people.csv",
    )
)
@click.argument("run")
@click.option("-n", "rows", type=int, callback=whole_from(1), default=64, metavar="N", help="How many.  [default: 64]")
@LABEL
@click.option("--seed", type=int, callback=whole_from(0, 2**32 - 1), metavar="S", help="The same samples every time.")
@click.option(
    "--mean/--draw",
    default=None,
    help="The likelihood's mean, free of the noise of single values, or a draw.  [default: mean for .png, else draw]",
)
@click.option(
    "--given",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Draw rows in which this column has this value; again for several columns.",
)
@click.option(
    "--size-factor",
    "sizes",
    type=float,
    multiple=True,
    metavar="SUM",
    help="The sum of a row's counts, where the model is given it; again for several, which take turns.",
)
@output_option(".png for images, .csv or .parquet for tables, .npy for both")
@FORCE
@JSON
def sample(
    run: str,
    rows: int,
    labels: tuple[str, ...],
    seed: int | None,
    mean: bool | None,
    given: tuple[str, ...],
    sizes: tuple[float, ...],
    output: str,
    force: bool,
    as_json: bool,
) -> None:
    """Draw new examples from the model in RUN.

    A code comes from the prior, then data from the likelihood. An auto-encoder has no prior: its codes come from a
    Gaussian mixture fitted to those of the training data. A conditional model without --label gives each class in turn.
    With --given whole rows are drawn of a table's model, the other columns as they are likely beside those given.
    """
    path = output_file(output, ANY, force)
    estimator = _load(run, path)
    y = asked_labels(estimator, labels, rows)
    with_mean = path.suffix.lower() == ".png" if mean is None else mean
    known = known_cells(given)
    if known and with_mean:
        raise InputError("--given draws rows, and --mean asks for no draws; leave one of them out")
    if known and sizes:
        raise InputError("--given draws rows of the sizes that go with its values; leave --size-factor out")
    sums = [sizes[row % len(sizes)] for row in range(rows)] if sizes else None
    with bad_data():
        if known:
            drawn = estimator.complete(known, rows, None if y is None else y[:1], random_state=seed)
        else:
            drawn = estimator.sample(rows, y, random_state=seed, mean=with_mean, size_factors=sums)
    turn = 0 if y is None else len({str(label) for label in y})
    least = 1 if with_mean else 0
    _write(estimator, path, drawn, y, columns=turn if 1 < turn <= WIDEST else None, least=least)
    kind = "means of samples" if with_mean else "samples"
    turns = "" if y is None or labels else "; the classes take turns"
    _tell(as_json, f"{rows} {kind} in {path}{turns}", output=path, rows=rows, mean=with_mean, labels=_plain(y, rows))


@click.command(
    epilog=epilogue(
        "aevum reconstruct runs/digits-vae digits -o pairs.png",
        "aevum reconstruct runs/wine-vae wine.csv --labels grower -o again.csv",
        "aevum reconstruct runs/mnist-vae mnist --split test -o again.npy",
    )
)
@click.argument("run")
@click.argument("data")
@click.option(
    "-n",
    "rows",
    type=int,
    callback=whole_from(1),
    metavar="N",
    help=f"The first N rows.  [default: {PAIRS_IN_PICTURE} for .png, else all]",
)
@data_options
@SPLIT
@output_option(".png (each row of images above their reconstructions), .csv or .parquet for tables, or .npy")
@FORCE
@JSON
def reconstruct(run: str, data: str, rows: int | None, output: str, force: bool, as_json: bool, **opening: Any) -> None:
    """Encode DATA and decode it again with the model in RUN."""
    path = output_file(output, ANY, force)
    estimator = _load(run, path)
    found = open_for(estimator, data, run=run, **opening)
    picture = path.suffix.lower() == ".png"
    rows = min(len(found), rows or (PAIRS_IN_PICTURE if picture else len(found)))
    y = labels_of(estimator, found)
    x, y = found.x[:rows], None if y is None else y[:rows]
    with bad_data():
        again = estimator.reconstruct(x, y)
    columns = min(rows, max(PAIRS_IN_PICTURE // 2, math.isqrt(2 * rows)))
    shown = again
    if picture:
        from aevum.exploration.limits import value_limits

        shown = _in_pairs(x, again, columns, value_limits(estimator)[0])
    _write(estimator, path, shown, names=found.feature_names, columns=columns, least=1)
    _tell(as_json, f"{rows} reconstructions of {len(found):,} rows in {path}", output=path, rows=rows)


@click.command(
    epilog=epilogue(
        "aevum encode runs/digits-vae digits -o codes.csv",
        "aevum encode runs/mnist-vae mnist --split test -o codes.npy",
        "aevum encode runs/wine-vae wine.csv --labels grower -o codes.parquet",
        "aevum encode runs/shop-vae orders/ -o codes/          in parts, which go on where they were cut off",
    )
)
@click.argument("run")
@click.argument("data")
@data_options
@SPLIT
@output_option(".npy, .csv or .parquet; or a folder, FOLDER/, of numbered .parquet files")
@FORCE
@JSON
def encode(run: str, data: str, output: str, force: bool, as_json: bool, **opening: Any) -> None:
    """Write the codes of DATA: the mean of each row's posterior.

    Tables begin with a column "file" where DATA are images, else "row", each row's number in DATA or its name. Then
    comes one column a latent, and a column "label" where DATA has labels. In a folder they are numbered files: those
    that are there are done, and under torchrun each process writes its share.
    """
    path = None if is_folder(output) else output_file(output, CODES, force)
    estimator = _load(run)
    found = open_for(estimator, data, run=run, **opening)
    y = labels_of(estimator, found)
    if path is None:
        line, answer = encode_parts(estimator, found, output, force)
        _tell(as_json, line, **answer)
        return
    with bad_data():
        z = estimator.transform(found.x, y)
    names = list(map(str, estimator.get_feature_names_out()))
    _write(estimator, path, z, found.y, names=names, rows=named_rows(found))
    line = f"{len(z):,} codes of {z.shape[1]} values in {path}"
    _tell(as_json, line, output=path, rows=len(z), columns=names, labels=found.y is not None)


@click.command(
    epilog=epilogue(
        "aevum decode runs/digits-vae codes.csv -o digits.png",
        "aevum decode runs/mnist-cvae codes.npy --label 3 -o threes.npy",
    )
)
@click.argument("run")
@click.argument("codes")
@LABEL
@click.option(
    "-n",
    "rows",
    type=int,
    callback=whole_from(1),
    metavar="N",
    help=f"The first N codes.  [default: {CODES_IN_PICTURE} for .png, else all]",
)
@output_option(".png for images, .csv or .parquet for tables, .npy for both")
@FORCE
@JSON
def decode(
    run: str, codes: str, labels: tuple[str, ...], rows: int | None, output: str, force: bool, as_json: bool
) -> None:
    """Turn CODES back into data with the model in RUN.

    CODES is a .npy file, or a table as aevum encode writes it. A conditional model takes the labels from --label, else
    from the table's column "label".
    """
    path = output_file(output, ANY, force)
    estimator = _load(run, path)
    found = open_codes(estimator, codes)
    rows = min(len(found), rows or (CODES_IN_PICTURE if path.suffix.lower() == ".png" else len(found)))
    known = None if found.y is None else found.y[:rows]
    y = known if estimator.conditional and not labels else asked_labels(estimator, labels, rows)
    if estimator.needs_y and y is None:
        raise InputError(f'this model is conditioned on labels, and {codes} has no column "label"; say --label')
    with bad_data():
        x = estimator.inverse_transform(found.x[:rows], y)
    _write(estimator, path, x, known if y is None else y, least=1)
    _tell(as_json, f"{rows:,} of {len(found):,} codes decoded in {path}", output=path, rows=rows)


def _load(run: str, path: Path | None = None) -> LatentVariableEstimator:
    """The model of a run; its examples must fit the ending of the file that is to hold them."""
    estimator = load_run(run)
    event = estimator.parts_.event
    if path is not None and path.suffix.lower() == ".png" and len(event) == 1:
        raise InputError(
            f"{path}: .png is for images, and this model's examples are {shape_text(event)}; use .csv or .npy"
        )
    if path is not None and path.suffix.lower() in TABLES and len(event) > 1:
        raise InputError(
            f"{path}: {path.suffix} is for tables, and this model's examples are {shape_text(event)}; use .npy"
        )
    return estimator


def _write(
    estimator: LatentVariableEstimator,
    path: Path,
    values: Any,
    labels: Any = None,
    *,
    names: Any = None,
    rows: Any = None,
    columns: int | None = None,
    least: int | None = None,
) -> None:
    """Write to the kind of file that the ending asks for; ``columns`` are those of a picture.

    Data have the columns' decimals in a table, those of ``least`` or more: the mean of what is whole tells more.
    """
    suffix = path.suffix.lower()
    if suffix == ".png":
        from aevum.exploration.limits import value_limits

        write_picture(path, values, *value_limits(estimator), columns=columns)
    elif suffix == ".npy":
        if estimator.schema_ is not None and any(column.kind != "number" for column in estimator.schema_.columns):
            raise InputError(f"{path}: .npy is for numbers, and this model's rows have text or dates; use .csv")
        values = unsigned(estimator, values)
        write_array(path, values.to_numpy(dtype=float) if hasattr(values, "iloc") else values)
    else:
        values = values if least is None else written(estimator, values, least)
        names = names or estimator.feature_names_ or [f"x{i}" for i in range(values.shape[1])]
        write_table(path, rows_of(typed(values, names, suffix == ".csv"), labels, rows))


def _in_pairs(x: Any, again: Any, columns: int, blank: float) -> Any:
    """A row of images, below it a row of their reconstructions, and so on; the last two are filled up with blanks."""
    import numpy as np

    empty = np.full((-len(x) % columns, *x.shape[1:]), blank)
    originals, found = (np.concatenate([part, empty]).reshape(-1, columns, *x.shape[1:]) for part in (x, again))
    return np.stack([originals, found], axis=1).reshape(-1, *x.shape[1:])


def _plain(labels: Any, rows: int) -> Any:
    return None if labels is None else labels[:rows].tolist()


def _tell(as_json: bool, line: str, **answer: Any) -> None:
    if as_json:
        print_json(answer)
    else:
        click.echo(line)
