"""``aevum explore``: the page in which a fitted model is walked through."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.columns import KIND, apart, columns_for, kinds_of
from aevum.cli.labels import labels_of
from aevum.cli.opening import DOWNLOADED, load_checkpoints, load_run, open_for
from aevum.cli.options import JSON, NO_BROWSER, PORT, TOUR, epilogue, given_opening, shown_runs
from aevum.cli.output import print_json
from aevum.cli.plain import bad_data, say
from aevum.cli.progress import busy
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator
    from aevum.server import Explorer, Run


@click.command(
    epilog=epilogue(
        "aevum explore runs/digits-vae",
        "aevum explore runs/digits-ae runs/digits-vae       side by side",
        "aevum explore runs/mnist-vae --split test          rows that it has not seen",
        "aevum explore runs/wine-vae --data new.csv --labels grower",
        "aevum explore runs/digits-vae --tour lesson.json",
        "aevum explore runs/cells-vae --labels donors.csv    more columns, a row for each row",
        "aevum explore runs/digits-vae --no-browser --port 8000",
    )
)
@shown_runs
@TOUR
@KIND
@click.option("--host", default="127.0.0.1", metavar="H", help="Address to bind.  [default: 127.0.0.1, this machine]")
@PORT
@NO_BROWSER
@JSON
def explore(
    runs: tuple[str, ...],
    data: str | None,
    tour: str | None,
    kind: tuple[str, ...],
    host: str,
    port: int | None,
    no_browser: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """Show the latent space of each RUN on a page: a map, sliders, morphs, attributes.

    The page is served to this machine alone, under an address whose token is this call's own. Its points are the rows
    that the run was trained on, opened again from where they were, or those of --data. A run that kept --checkpoints
    has a slider over its epochs. A tour that is kept with the run (aevum tour), or named by --tour, is offered beside
    the one that every run has. Ctrl-C ends it.

    The map is coloured by labels, and the panel Traits looks for them in the codes: those of the data, other columns of
    the data's file, and those of a table beside it (--labels FILE: .csv, .parquet, .npz, …), which has one row for each
    row, or a column with the rows' names. Words are classes and numbers a quantity; --kind says it where that is wrong.
    """
    given = given_opening({"data": data, **opening})
    kinds, lesson = kinds_of(kind), lesson_in(tour)
    with busy(f"opening {runs[0]}", shown=not as_json) as tell:
        from aevum.server import ports_for, serve  # which takes seconds, too

        found = runs_with_rows(runs, given, tell=tell, tour=lesson, kinds=kinds)
    warn_of_no_rows(found)
    ports = ports_for(runs[0]) if port is None else port
    if not serve(found, host=host, port=ports, open_browser=not no_browser, tell=lambda page: _tell(page, as_json)):
        sys.stdout.flush()
        os._exit(0)  # nobody waits for an answer any more, and the terminal should not


def lesson_in(tour: str | None) -> str | None:
    """The text of the tour in this file; None where none is named.

    Raises:
        InputError: it holds none.
    """
    from aevum.runs import read_tour

    return None if tour is None else read_tour(tour)


def _own_tour(name: str) -> str | None:
    """The tour that is kept with a run; one that can't be used is left out with a word."""
    from aevum.runs import tour_of

    try:
        return tour_of(name)
    except InputError as error:
        say(f"warning: {error}")
        return None


def runs_with_rows(
    names: Sequence[str], given: dict[str, Any], *, tell: Callable[[str], None] = lambda said: None, **how: Any
) -> list[Run]:
    """Each run as :func:`run_with_rows` opens it.

    The folder of a set that is downloaded is said to the runs that learned from one, if any did.
    """
    from aevum.server import run_ids

    rows = f"the rows of {given['data']}" if "data" in given else "the rows that it learned from"
    asked = "data_dir" in given and "data" not in given
    needing = {name for name in names if asked and _source(name) in DOWNLOADED}
    others = {name: value for name, value in given.items() if name != "data_dir"} if needing else given
    found = []
    for id, name in zip(run_ids(names), names, strict=True):
        tell(f"opening {name}, its model and {rows}")
        found.append(run_with_rows(id, name, given if name in needing else others, **how))
    return found


def warn_of_no_rows(runs: Sequence[Run]) -> None:
    """Say of each run that has no rows why."""
    for run in runs:
        if run.no_data is not None:
            say(f"warning: {run.no_data}")


def _source(name: str) -> str | None:
    from aevum.runs import recorded_opening

    try:
        return str(recorded_opening(name)["data"])
    except InputError:  # which is said when the run is opened
        return None


def run_with_rows(
    id: str,
    name: str,
    given: dict[str, Any],
    *,
    checkpoints: bool = True,
    tour: str | None = None,
    kinds: Mapping[str, str] | None = None,
) -> Run:
    """A run with the data that are named, else with those that it was trained on, else with the reason for none."""
    from aevum.runs import recorded_opening

    estimator = load_run(name)
    given, beside = apart(given, estimator)
    earlier = load_checkpoints(name) if checkpoints else {}
    tour = tour or _own_tour(name)
    try:
        recorded = {"split": "train"} if "data" in given else recorded_opening(name)
        opening: dict[str, Any] = {**recorded, **given}
        source = opening.pop("data")
        rows = open_for(estimator, source, run=name if "data" in given else None, **opening)
        columns = columns_for(rows, source, beside, kinds, opening)
        with bad_data():
            return _run(id, name, estimator, earlier, tour=tour, X=rows, y=labels_of(estimator, rows), labels=columns)
    except InputError as error:
        if given or beside or kinds:  # the user's own words can't be taken, and should be
            raise
        return _run(id, name, estimator, earlier, tour=tour, no_data=f"{error}; name the data with --data")


def _run(
    id: str,
    name: str,
    estimator: LatentVariableEstimator,
    earlier: dict[int, LatentVariableEstimator],
    tour: str | None,
    **shown: Any,
) -> Run:
    from aevum.server import Run

    checkpoints = [Run(f"{id}@{epoch}", name, model, epoch=epoch, **shown) for epoch, model in earlier.items()]
    return Run(id, name, estimator, checkpoints=checkpoints, tour=tour, **shown)


def _tell(page: Explorer, as_json: bool) -> None:
    """The address, and who else could open it."""
    if not page.loopback:
        say(
            f"warning: whoever can reach {page.host} and has this address can use the page, and what it shows crosses "
            f"the network unencrypted"
        )
    if as_json:
        runs = [{"id": run.id, "run": run.name, "rows": run.rows} for run in page.runs]
        print_json({"url": page.url, "host": page.host, "port": page.port, "token": page.token, "runs": runs})
    else:
        click.echo(f"{page.url}  (Ctrl-C ends it)")
