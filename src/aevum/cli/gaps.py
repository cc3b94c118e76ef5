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

    A number is filled by its mean given the cells that the row has, a class by the most probable one. DATA is a .csv or
    .parquet file; its cells are missing where they are empty, NA, nan or ?. The model is one of tables that may have
    gaps (likelihood columns).
    """
    import numpy as np

    path = output_file(output, TABLES, force)
    estimator = load_run(run)
    with bad_data():
        table = gappy(estimator, data, opening)
    gaps = int(np.isnan(table.x).sum())
    y = _labels(estimator, labels)
    with bad_data():
        made = estimator.impute(table, y, k=k, draws=draws, interval=interval, random_state=seed)
    names = list(table.feature_names or estimator.feature_names_ or [f"x{place}" for place in range(table.shape[1])])
    if interval is not None:
        filled, low, high = (columns_of(part, names) for part in made)
        ends = {f"{name}_{end}": part[name] for name in names for end, part in (("low", low), ("high", high))}
        made = {**filled, **ends}
    elif draws is not None:
        made = stacked([columns_of(part, names) for part in made])
    else:
        made = columns_of(made, names)
    write_table(path, made)
    if as_json:
        print_json({"output": path, "rows": len(table), "filled": gaps, "draws": draws})
    else:
        copies = "" if draws is None else f", {draws} times"
        click.echo(f"{gaps:,} cells of {len(table):,} rows filled{copies}, in {path}")


def gappy(estimator: LatentVariableEstimator, data: str, opening: dict[str, Any]) -> Dataset:
    """The columns of a file that the model knows, in its order; the others are left out, and it is said.

    Raises:
        InputError: some are missing, or it can't be read.
    """
    from aevum.data import open_data
    from aevum.estimators.columns import arranged
    from aevum.estimators.inputs import recoded

    expected, there = list(estimator.feature_names_ or ()), columns_in(Path(data).expanduser())
    if there and (missing := [name for name in expected if name not in there]):
        raise InputError(f"{data} has no column {missing[0]!r}, which the model was fitted on")
    known = [name for name in there if name in expected]
    if expected and (more := [name for name in there if name and name not in expected]):
        say(f"{data}: left out, since the model doesn't know them: {', '.join(more)}")
    found: Dataset = open_data(data, columns=known or None, **given_opening(opening))
    return recoded(arranged(found, estimator), estimator)  # type: ignore[no-any-return]


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
    return {name: np.array(made.iloc[:, place].astype(object).tolist()) for place, name in enumerate(names)}


def stacked(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Tables one below the other, with a first column that numbers them."""
    import numpy as np

    rows = len(next(iter(parts[0].values())))
    number = np.repeat(np.arange(len(parts)), rows)
    return {"draw": number, **{name: np.concatenate([part[name] for part in parts]) for name in parts[0]}}


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
