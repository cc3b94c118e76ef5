"""``aevum train``: data in, run folder out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.options import JSON, NO_BROWSER, PORT, data_options, epilogue, taken_opening, whole_from
from aevum.cli.plain import FAILED, INCOMPLETE, bad_data, say
from aevum.cli.progress import busy, progress_bar
from aevum.cli.recipes import estimator_of, model_options
from aevum.cli.resuming import as_begun, begun_before, how_to_go_on, left_by_an_error, resumed_folder, states_in
from aevum.cli.splits import training_data, validation_data
from aevum.cli.stopping import hold, let_go, stop_code, stopped, stopped_by
from aevum.cli.together import FOLDER, GO, Company, in_company, restarted
from aevum.cli.trained import again, report
from aevum.cli.writing import written
from aevum.errors import InputError, TrainingError

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator, Snapshots
    from aevum.server import Watch
    from aevum.training import Checkpoints

DEMONSTRATION, DEMONSTRATION_LATENTS = "digits", 2
DEFAULT_SEED = 0


@click.command(
    epilog=epilogue(
        "aevum train                                   the digits, two latents, in seconds",
        "aevum train mnist --binarize dynamic          log p(x) as in the papers",
        "aevum train wine.csv --labels grower --model cvae",
        "aevum train photos/ --image-size 64 --out runs/photos",
        "aevum train scans.npy --model dae --corruption masking --noise 0.4",
        "aevum train wine.csv --model mine.py:MyVAE --set depth=3",
        "aevum train --resume runs/photos              after a power cut",
    )
)
@click.argument("data", required=False)
@model_options
@data_options
@click.option(
    "--validation",
    metavar="FILE",
    help="Rows of your own that choose the epoch, opened like DATA; otherwise some of DATA are split off.",
)
@click.option(
    "--seed",
    type=int,
    callback=whole_from(0, 2**32 - 1),
    metavar="S",
    help="The same seed gives the same model.  [default: 0]",
)
@click.option("--checkpoints", is_flag=True, help="Keep the models of epochs 1, 2, 3, 4, 6, 8, 11, 16, … for explore.")
@click.option("--explore", "shown_live", is_flag=True, help="Show the map while it learns, and explore it then.")
@PORT
@NO_BROWSER
@click.option("-o", "--out", metavar="RUN", help="Folder to make.  [default: runs/DATA-MODEL, then -2, -3, …]")
@click.option(
    "--resume", metavar="RUN", help="Go on with a training that was cut off; with DATA, begin where there is none."
)
@click.option(
    "--save-every",
    type=click.FloatRange(min=0.0),
    default=60.0,
    metavar="SECONDS",
    help="How often the state of the training is written.  [default: 60]",
)
@click.option("--force", is_flag=True, help="Replace the run at --out.")
@JSON
@in_company
def train(
    company: Company | None,
    data: str | None,
    model: str,
    settings: dict[str, str],
    validation: str | None,
    seed: int | None,
    checkpoints: bool,
    shown_live: bool,
    port: int | None,
    no_browser: bool,
    out: str | None,
    resume: str | None,
    save_every: float,
    force: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Train a model on DATA and write a run folder.

    The folder holds the model, its history, metrics, figures, a model card, report.html, and where DATA are.

    DATA is a named data set (see aevum datasets), a .csv, .tsv, .xlsx, .parquet, .npy, .npz (file.npz::key) or IDX
    file, a folder or archive of images, or a folder of .npy, .parquet, .arrow or .tar shards. Without DATA, a VAE with
    two latents learns the digits.

    Ctrl-C keeps what was learned so far and ends with exit code 130; so do SIGTERM, with 143, and SIGHUP, with 129.
    The model is saved first: exit code 3 says that something beside it could not be written. While it trains, its
    state is written to RUN/training, and whatever ended it, --resume RUN goes on from there to the same weights.
    """
    from aevum.runs import (
        default_folder,
        forget_training,
        has_states,
        is_finished,
        noted_command,
        opening_record,
        reserved,
        run_folder,
    )

    if (port is not None or no_browser) and not shown_live:
        raise InputError("--port and --no-browser are for the page that --explore shows")
    follows = company is not None and company.follows
    at = None if resume is None else resumed_folder(resume, out, force)
    if at is not None:
        if data is None:
            with as_begun(noted_command(at), str(resume)) as begun:
                return int(click.get_current_context().invoke(train, **{**begun, "resume": str(at)}))
        if not follows and is_finished(at):
            say(f"{at} is finished: there is nothing to go on with")
            return 0
        out, force = str(at), True
    elif restarted() and out is not None and not follows and (at := begun_before(Path(out).expanduser(), own=True)):
        force = True
    folder = None if out is None or follows else run_folder(out, force)
    if company is not None:
        company.agree(GO)  # no data are opened for a folder that can't be had
    given = taken_opening(options)
    if data is None:
        data = DEMONSTRATION
        options["latent_dim"] = DEMONSTRATION_LATENTS if options["latent_dim"] is None else options["latent_dim"]
    if "random_state" not in settings:
        seed = DEFAULT_SEED if seed is None else seed
    estimator = estimator_of(model, {**options, "random_state": seed}, settings)
    label_gaps = estimator.conditional == "optional"
    found, held_out = training_data(data, given, label_gaps)
    chooses = None if validation is None else validation_data(validation, given, label_gaps)
    if estimator.conditional and found.y is None:
        raise InputError(f"{model} is conditioned on labels, and {data} has none; name them with --labels")
    if company is not None and follows:
        return company.follow(estimator, found, chooses)
    wished = folder or default_folder(found.name, type(estimator).__name__.lower())
    if restarted() and at is None and (at := begun_before(wished, own=False)):
        wished, force = at, True
    with reserved(wished, own=folder is not None or at is not None, force=force) as place:
        if at is None:
            forget_training(place.folder)
        states = states_in(place.folder, save_every)
        goes_on = str(place.folder) if has_states(place.folder) else None
        if company is not None:
            company.tell(FOLDER, (str(place.folder), goes_on))
        snapshots = _snapshots() if checkpoints else None
        watch = _watch(found, place.folder, port, no_browser) if shown_live else None
        looking = [each for each in (snapshots, watch) if each]
        with left_by_an_error(place.folder, goes_on is not None):
            seconds, failure = _fit(estimator, found, chooses, looking, states, goes_on, shown=not as_json)
        interrupted = "interrupted" in estimator.history_[-1]
        if interrupted:
            say(f"stopped by {stopped_by()}; writing what was learned so far (Ctrl-C again drops it)")
        with busy("writing the report", shown=not as_json), bad_data():
            home = place.folder
            opening = opening_record(data, **given) | ({"label_gaps": True} if label_gaps else {})
            judging = held_out or chooses
            folder, left_out = written(estimator, found, judging, place.folder, force, seconds, opening, snapshots)
        # What was cut off can be gone on with, and what is written in its place is all there is to know. Where one of
        # several processes was killed meanwhile, those that are started again write what this one could not.
        cut = company is not None and f"stopped by {stopped_by()}" in left_out
        if not interrupted and folder == home and failure is None and not cut:
            if company is not None:
                company.finish(home)
            forget_training(home)
    for error, parts in left_out.items():
        say(f"error: {parts} could not be written: {error}")
    report(estimator, found, folder, seconds, again(data, given), [*left_out.values()], as_json)
    ended = interrupted or stopped() or f"stopped by {stopped_by()}" in left_out
    if watch is not None and watch.explorer is not None and not ended:
        let_go()
        watch.done(estimator, {} if snapshots is None else snapshots.found, name=str(folder))
        click.echo(f"\n{watch.explorer.url}  (Ctrl-C ends it)", err=as_json)
        watch.explorer.wait()
    if failure is not None:
        say(f"error: {failure}; the run so far is in {folder}")
        return FAILED
    if ended:
        say(f"what was learned so far is in {folder}{f'; {how_to_go_on(home)}' if has_states(home) else ''}")
        return stop_code()
    return INCOMPLETE if left_out else 0


def _snapshots() -> Snapshots:
    from aevum.estimators import Snapshots

    return Snapshots()


def _watch(data: Dataset, folder: Path, port: int | None, no_browser: bool) -> Watch:
    """The page of what learns, where the run will be: a link to it works again under ``aevum explore``."""
    from aevum.server import Explorer, Watch, ports_for, run_ids

    def ready(explorer: Explorer) -> None:
        say(f"the map while it learns: {explorer.url}")
        if not no_browser:
            explorer.open_browser()

    ports = ports_for(str(folder)) if port is None else port
    return Watch(data, data.y, id=run_ids([str(folder)])[0], name=data.name, port=ports, ready=ready)


def _fit(
    estimator: LatentVariableEstimator,
    data: Dataset,
    chooses: Dataset | None,
    callbacks: Sequence[Callable[..., object]],
    states: Checkpoints,
    goes_on: str | None,
    shown: bool,
) -> tuple[float, TrainingError | None]:
    """Fit with a progress bar: the seconds it took, and the error that ended it after at least one good epoch."""
    started = time.perf_counter()
    failure = None

    def total() -> int:
        found: int = estimator.budget_.epochs
        return found

    with progress_bar(shown, total) as move:
        estimator.set_params(callbacks=[move, *callbacks])
        try:
            with bad_data():
                estimator.fit(data, X_val=chooses, checkpoints=states, resume=goes_on)
                hold()
        except TrainingError as error:
            hold()
            if not error.history:
                raise
            failure = error
        except KeyboardInterrupt:  # one that came when all was learned leaves the estimator fitted
            hold()
            if not hasattr(estimator, "latent_summary_"):
                raise
    estimator.set_params(callbacks=None)
    return time.perf_counter() - started, failure
