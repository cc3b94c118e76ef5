"""``aevum impute``: cells that rows lack, and what they may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.opening import columns_in, load_run
from aevum.cli.options import FORCE, JSON, LABEL, epilogue, given_opening, output_option, whole_from
from aevum.cli.output import TABLES, output_file, print_json, write_table
from aevum.cli.plain import bad_data, say
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.data.own_cells import Own
    from aevum.estimators import LatentVariableEstimator

# What Parquet has a type for.
_TYPED = re.compile(r"u?int\d|U?Int\d|float\d|Float\d|bool|datetime64|timedelta64")
# Names may come twice among a file's columns that no model knows.
Columns = list[tuple[str, Any]]


@click.command(
    epilog=epilogue(
        "aevum impute runs/people-vae people.csv -o whole.csv",
        "aevum impute runs/people-vae people.csv --interval 0.9 -o whole.csv",
        "aevum impute runs/people-vae people.csv --draws 20 -o copies.parquet",
    )
)
@click.argument("run")
@click.argument("data")
@LABEL
@click.option("--draws", type=int, callback=whole_from(1), metavar="M", help="M completed copies instead of one guess.")
@click.option("--interval", type=float, metavar="L", help="Add the ends of each gap's interval of this level, as 0.9.")
@click.option("--k", type=int, callback=whole_from(1), default=1000, metavar="K", help="Codes a row.  [default: 1000]")
@click.option("--seed", type=int, callback=whole_from(0, 2**32 - 1), default=0, metavar="S", help="Of the draws.")
@click.option("--sep", metavar="C", help="A text table's separator: a character, tab or space.")
@click.option("--decimal", metavar="MARK", help="A text table's decimal mark: . or , instead of a guess.")
@click.option("--encoding", metavar="NAME", help="A text table's, such as cp1250; Unicode and cp1252 are found out.")
@output_option(".csv or .parquet")
@FORCE
@JSON
def impute(
    run: str,
    data: str,
    labels: tuple[str, ...],
    draws: int | None,
    interval: float | None,
    k: int,
    seed: int,
    output: str,
    force: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """Fill the missing cells of DATA by the model in RUN.

    A number is filled by its mean given the cells that the row has, a class by the most probable one; all other cells
    are as they are in the file, and so are columns that the model doesn't know. DATA is a .csv or .parquet file; its
    cells are missing where they are empty, NA, nan or ?. The model is one of tables that may have gaps (likelihood
    columns).
    """
    import numpy as np

    path = output_file(output, TABLES, force)
    estimator = load_run(run)
    with bad_data():
        table, read, own = gappy(estimator, data, opening)
    gaps = int(np.isnan(read).sum())
    y = _labels(estimator, labels)
    with bad_data():
        made = estimator.impute(table, y, k=k, draws=draws, interval=interval, random_state=seed)
    several = made if interval is not None or draws is not None else [made]
    made = [unsigned(estimator, written(estimator, part)) for part in several]
    names = list(table.feature_names or estimator.feature_names_ or [f"x{place}" for place in range(table.shape[1])])
    text = path.suffix.lower() == ".csv"
    if interval is not None:
        filled = whole(made[0], names, read, own, text)
        low, high = (beside(part, names, read, own, text) for part in made[1:])
        ends = [(f"{name}_{end}", part[name]) for name in names for end, part in (("low", low), ("high", high))]
        columns = [*filled, *renamed(ends, filled)]
    elif draws is not None:
        columns = stacked([whole(part, names, read, own, text) for part in made])
    else:
        columns = whole(made[0], names, read, own, text)
    write_table(path, columns, None if own is None else own.style, None if own is None else own.arrow)
    if as_json:
        print_json({"output": path, "rows": len(table), "filled": gaps, "draws": draws})
    else:
        copies = "" if draws is None else f", {draws} times"
        click.echo(f"{gaps:,} cells of {len(table):,} rows filled{copies}, in {path}")


def gappy(estimator: LatentVariableEstimator, data: str, opening: dict[str, Any]) -> tuple[Dataset, Any, Any]:
    """The columns of a file that the model knows, in its order; which others there are is said.

    Also what was read of them, ``(N, F)``, NaN where a cell is empty, and every column as the file has it, or None.

    Raises:
        InputError: some are missing, or it can't be read.
    """
    from aevum.data import open_data
    from aevum.data.files import listed
    from aevum.data.layout import TextOptions
    from aevum.data.own_cells import own_cells
    from aevum.estimators.columns import arranged
    from aevum.estimators.inputs import recoded

    said = tuple(opening[name] for name in ("sep", "decimal", "encoding"))
    expected, there = list(estimator.feature_names_ or ()), columns_in(Path(data).expanduser(), TextOptions(*said))
    if there and (missing := [name for name in expected if name not in there]):
        told, which = listed([repr(name) for name in missing], 10), "columns" if len(missing) > 1 else "column"
        raise InputError(f"{data} has no {which} {told}, which the model was fitted on")
    known = [name for name in there if name in expected]
    found: Dataset = arranged(open_data(data, columns=known or None, **given_opening(opening)), estimator)
    own = own_cells(Path(data).expanduser(), found, *said)
    if expected and (more := [name for name in there if name and name not in expected]):
        stay = "stay as they are" if own is not None else "left out"
        say(f"{data}: {stay}, since the model doesn't know them: {', '.join(more)}")
    return recoded(found, estimator), found.x, own


def whole(part: Any, names: Sequence[str], read: Any, own: Own | None, text: bool) -> Columns:
    """A file's columns, in its order, with what a model made of those that it knows; without ``own`` these alone."""
    from aevum.data.own_cells import kept, with_own

    columns = columns_of(part, names)
    if own is None:
        return list(columns.items())
    made = {
        place: with_own(own.cells[place], columns[name], read[:, j], text, own.mark)
        for j, (place, name) in enumerate(zip(own.places, names, strict=True))
    }
    called = own.names or names
    return [
        (called[place], made[place] if place in made else kept(cells, text)) for place, cells in enumerate(own.cells)
    ]


def beside(part: Any, names: Sequence[str], read: Any, own: Own | None, text: bool) -> dict[str, Any]:
    """The ends of intervals by column, written as the file's own cells are."""
    from aevum.data.own_cells import in_own_zone, like_own

    columns = columns_of(part, names)
    if own is None:
        return columns
    found = {}
    for j, (place, name) in enumerate(zip(own.places, names, strict=True)):
        cells, values = own.cells[place], columns[name]
        found[name] = like_own(cells, values, read[:, j], own.mark) if text else in_own_zone(cells, values)
    return found


def renamed(columns: Columns, others: Columns) -> Columns:
    """Columns under names that none of the others has."""
    taken, found = {name for name, _ in others}, []
    for name, values in columns:
        while name in taken:
            name += "_"
        found.append((name, values))
    return found


def known_cells(given: Sequence[str]) -> dict[str, str]:
    """What --given says: column ↦ value, as text.

    Raises:
        InputError: no "=", or two values of one column.

    >>> known_cells(["age=40", "job=a=b"])
    {'age': '40', 'job': 'a=b'}
    """
    found: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not (name and equals):
            raise InputError(f"--given {each}: write COLUMN=VALUE")
        if name in found:
            raise InputError(f"--given {each}: {name}={found[name]} is given already, and a column has one value")
        found[name] = value
    return found


def written(estimator: LatentVariableEstimator, rows: Any, least: int = 0) -> Any:
    """Rows of numbers with as many decimals as the columns had in training, where these are ``least`` or more."""
    from aevum.estimators.decimals import with_decimals

    return with_decimals(rows, estimator.decimals_, least)


def unsigned(estimator: LatentVariableEstimator, rows: Any) -> Any:
    """Rows with numbers where a model writes them with a sign of per cent or of a currency."""
    from aevum.estimators.frame_columns import numbers_of, unsigned_cells

    if estimator.schema_ is None or not hasattr(rows, "isetitem"):
        return rows
    for place, known in enumerate(estimator.schema_.columns):
        column = rows.iloc[:, place]
        if (bare := unsigned_cells(column, known.form)) is not column:
            rows.isetitem(place, numbers_of(bare, known.name))
    return rows


def has_words(column: Any) -> bool:
    """Whether a DataFrame's column is a category of texts."""
    return str(column.dtype) == "category" and all(isinstance(each, str) for each in column.cat.categories)


def typed(made: Any, names: Sequence[str], text: bool) -> dict[str, Any]:
    """The same as a file is to hold them: in their own types, or of moments with a zone the text with its offset."""
    found = columns_of(made, names)
    for place, name in enumerate(names if hasattr(made, "iloc") else ()):
        column = made.iloc[:, place]
        zoned = getattr(column.dtype, "tz", None) is not None
        if text and zoned:
            found[name] = column.astype(object).to_numpy()
        elif not text and (_TYPED.match(str(column.dtype)) or has_words(column)):
            found[name] = column
    return found


def columns_of(made: Any, names: Sequence[str]) -> dict[str, Any]:
    """An array's, or a DataFrame's, columns by name."""
    import numpy as np

    if isinstance(made, np.ndarray):
        return {name: made[:, place] for place, name in enumerate(names)}
    return {name: _values(made.iloc[:, place]) for place, name in enumerate(names)}


def _values(column: Any) -> Any:
    """A DataFrame's column as an array: moments as numpy's, of a zone in UTC, what has no type of numpy's as objects,
    and intervals, periods and what else no file has a type for as text.
    """
    import datetime
    from decimal import Decimal

    import numpy as np

    from aevum.data.missing import is_missing

    if str(column.dtype).startswith("datetime64"):
        if getattr(column.dtype, "tz", None) is not None:
            column = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return column.to_numpy().astype("datetime64[us]")
    if str(column.dtype) in ("float32", "float16"):  # whose digits are fewer
        return column.to_numpy()
    known = (str, int, float, Decimal, datetime.date, datetime.timedelta)
    cells = column.astype(object).tolist()
    return np.array([cell if is_missing(cell) or isinstance(cell, known) else str(cell) for cell in cells])


def stacked(parts: Sequence[Columns]) -> Columns:
    """Tables one below the other, with a first column that numbers them."""
    import numpy as np

    number = np.repeat(np.arange(len(parts)), len(parts[0][0][1]))
    columns = [(same[0][0], _joined([values for _, values in same])) for same in zip(*parts, strict=True)]
    return [*renamed([("draw", number)], columns), *columns]


def _joined(columns: Sequence[Any]) -> Any:
    import numpy as np

    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    import pyarrow

    return pyarrow.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type)


def _labels(estimator: LatentVariableEstimator, labels: Sequence[str]) -> Any:
    """What a conditional model is conditioned on, one for all rows."""
    if not estimator.conditional:
        if labels:
            raise InputError("--label is for conditional models, and this one is conditioned on nothing")
        return None
    if len(labels) != 1:
        raise InputError("this model is conditioned on labels: say one by --label")
    from aevum.cli.labels import asked_labels

    return asked_labels(estimator, tuple(labels), 1)
