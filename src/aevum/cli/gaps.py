"""``aevum impute``: cells that rows lack, and what they may be."""

from __future__ import annotations

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
    from aevum.estimators import LatentVariableEstimator


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
    are as they are in the file. DATA is a .csv or .parquet file; its cells are missing where they are empty, NA, nan or
    ?. The model is one of tables that may have gaps (likelihood columns).
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
    names = list(table.feature_names or estimator.feature_names_ or [f"x{place}" for place in range(table.shape[1])])

    def filled_in(part: Any) -> dict[str, Any]:
        columns = columns_of(part, names)
        if own is None:
            return columns
        from aevum.data.own_cells import with_own

        text = path.suffix.lower() == ".csv"
        return {name: with_own(own[j], columns[name], read[:, j], text) for j, name in enumerate(names)}

    if interval is not None:
        filled, (low, high) = filled_in(made[0]), (columns_of(part, names) for part in made[1:])
        ends = {f"{name}_{end}": part[name] for name in names for end, part in (("low", low), ("high", high))}
        made = {**filled, **ends}
    elif draws is not None:
        made = stacked([filled_in(part) for part in made])
    else:
        made = filled_in(made)
    write_table(path, made)
    if as_json:
        print_json({"output": path, "rows": len(table), "filled": gaps, "draws": draws})
    else:
        copies = "" if draws is None else f", {draws} times"
        click.echo(f"{gaps:,} cells of {len(table):,} rows filled{copies}, in {path}")


def gappy(estimator: LatentVariableEstimator, data: str, opening: dict[str, Any]) -> tuple[Dataset, Any, Any]:
    """The columns of a file that the model knows, in its order; the others are left out, and it is said.

    Also what was read of them, ``(N, F)``, NaN where a cell is empty, and their cells as the file has them, or None.

    Raises:
        InputError: some are missing, or it can't be read.
    """
    from aevum.data import open_data
    from aevum.data.files import listed
    from aevum.data.own_cells import own_cells
    from aevum.estimators.columns import arranged
    from aevum.estimators.inputs import recoded

    expected, there = list(estimator.feature_names_ or ()), columns_in(Path(data).expanduser())
    if there and (missing := [name for name in expected if name not in there]):
        told, which = listed([repr(name) for name in missing], 10), "columns" if len(missing) > 1 else "column"
        raise InputError(f"{data} has no {which} {told}, which the model was fitted on")
    known = [name for name in there if name in expected]
    if expected and (more := [name for name in there if name and name not in expected]):
        say(f"{data}: left out, since the model doesn't know them: {', '.join(more)}")
    found: Dataset = arranged(open_data(data, columns=known or None, **given_opening(opening)), estimator)
    own = own_cells(Path(data).expanduser(), found, *(opening[name] for name in ("sep", "decimal", "encoding")))
    return recoded(found, estimator), found.x, own


def known_cells(given: Sequence[str]) -> dict[str, str]:
    """What --given says: column ↦ value, as text.

    Raises:
        InputError: no "=".

    >>> known_cells(["age=40", "job=a=b"])
    {'age': '40', 'job': 'a=b'}
    """
    found = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not (name and equals):
            raise InputError(f"--given {each}: write COLUMN=VALUE")
        found[name] = value
    return found


def columns_of(made: Any, names: Sequence[str]) -> dict[str, Any]:
    """An array's, or a DataFrame's, columns by name."""
    import numpy as np

    if isinstance(made, np.ndarray):
        return {name: made[:, place] for place, name in enumerate(names)}
    return {name: _values(made.iloc[:, place]) for place, name in enumerate(names)}


def _values(column: Any) -> Any:
    """A DataFrame's column as an array: moments without a zone as numpy's, what has no type of numpy's as objects, and
    intervals, periods and what else no file has a type for as text.
    """
    import datetime
    from decimal import Decimal

    import numpy as np

    from aevum.data.missing import is_missing

    if str(column.dtype).startswith("datetime64") and getattr(column.dtype, "tz", None) is None:
        return column.to_numpy().astype("datetime64[us]")
    known = (str, int, float, Decimal, datetime.date, datetime.timedelta)
    cells = column.astype(object).tolist()
    return np.array([cell if is_missing(cell) or isinstance(cell, known) else str(cell) for cell in cells])


def stacked(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Tables one below the other, with a first column that numbers them."""
    import numpy as np

    rows = len(next(iter(parts[0].values())))
    number = np.repeat(np.arange(len(parts)), rows)
    return {"draw": number, **{name: _joined([part[name] for part in parts]) for name in parts[0]}}


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
