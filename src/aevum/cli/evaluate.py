"""``aevum evaluate`` and ``aevum compare``: is this model good, and which of several is better."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.labels import labels_of
from aevum.cli.opening import load_run, open_for
from aevum.cli.options import FORCE, JSON, ROWS, data_options, epilogue, whole_from
from aevum.cli.output import output_file, print_json, print_pairs, written
from aevum.cli.plain import bad_data, say
from aevum.cli.progress import busy
from aevum.errors import EstimateWarning, InputError
from aevum.numerals import number, rough

if TYPE_CHECKING:
    from aevum.evaluation import Evaluation

SPLIT = click.option(
    "--split", metavar="NAME", help="train or test, for mnist.  [default: test where there is one, else train]"
)
K = click.option(
    "--k", type=int, callback=whole_from(1), metavar="K", help="Draws of z a row for log p(x).  [default: 5000]"
)
SEED = click.option("--seed", type=int, callback=whole_from(0, 2**32 - 1), default=0, metavar="S",
                    help="The same seed gives the same numbers.  [default: 0]")  # fmt: skip


@click.command(
    epilog=epilogue(
        "aevum evaluate runs/mnist-vae mnist --data-dir ~/mnist",
        "aevum evaluate runs/wine-vae held-out.csv --labels grower --json",
        "aevum evaluate runs/faces-vae faces.npy --k 500 -n 200",
    )
)
@click.argument("run")
@click.argument("data")
@K
@ROWS
@click.option(
    "--chunk", type=int, callback=whole_from(1), metavar="C", help="Draws decoded at once: bounds the memory."
)
@click.option("--train", "training", metavar="DATA2", help="Training rows, for the mean and PCA to compare with.")
@click.option("--precision", default="auto", metavar="NAME", help="auto, float32 or bfloat16.  [default: auto]")
@data_options
@SPLIT
@SEED
@JSON
def evaluate(
    run: str,
    data: str,
    k: int | None,
    rows: int | None,
    chunk: int | None,
    training: str | None,
    precision: str,
    seed: int,
    split: str | None,
    as_json: bool,
    **opening: Any,
) -> None:
    """Measure the model in RUN on DATA that it was not trained on.

    Says log p(x) with its error, the ELBO and its parts, how the latent space is used, whether the codes follow the
    prior, how well a reconstruction does, whether the intervals of a Gaussian likelihood hold what they promise, and
    how well codes tell DATA's labels. In a run folder, metrics.json and report.html get it too.
    """
    from aevum.evaluation import evaluate as measure
    from aevum.evaluation.wording import text_of, title_of
    from aevum.runs import read_metrics, trained_on

    estimator, folder = load_run(run), Path(run).expanduser()
    is_run = (folder / "model").is_dir()
    metrics = read_metrics(folder) if is_run else {}  # a damaged file is said before the work and not after it
    found = open_for(estimator, data, run=run, split=split or default_split(data), **opening)
    y = labels_of(estimator, found) if estimator.conditional else found.y
    seen, source = trained_on(metrics, found), training or (data if default_split(data) == "test" else None)
    take = slice(None, rows)
    known = found.x if seen else None
    if not seen and source is not None:
        known = open_for(estimator, source, run=run, split="train", **opening).x
    with busy("measuring", shown=not as_json), bad_data(), warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimateWarning)  # the findings say it
        made = measure(
            estimator,
            found.x[take],
            None if y is None else y[take],
            k=k,
            chunk=chunk,
            precision=precision,
            random_state=seed,
            train=known,
        )
    name = shown_name(data, split, None if rows is None or rows >= len(found) else rows)
    if seen:
        say(f"warning: the model was trained on {found.name} too: these numbers are better than on new data")
    if not as_json:
        click.echo(f"{made.model} on {made.rows:,} rows of {name}")
        for one in made.findings:
            click.echo(f"{one.severity}: {title_of(one)}. {text_of(one)}")
        print_pairs(pairs(made))
    written = _add(folder, made, name) if is_run else None
    if as_json:
        print_json({"data": name, **made.to_dict(), "metrics": written})
    elif written is None:
        click.echo("nothing was written: RUN is a model directory and no run folder")
    else:
        click.echo(f"added to {written} and to the report")


def default_split(data: str) -> str:
    """The rows that a model has not seen, where the data set keeps some apart."""
    from aevum.data.open import splits

    return "test" if "test" in splits(data) else "train"


def pairs(made: Evaluation) -> dict[str, object]:
    """What was found, a line each."""
    found: dict[str, object] = {}
    if made.evidence is not None:
        e = made.evidence
        errors = plus_minus(e.mean_standard_error, "draws") + plus_minus(e.sampling_error, "choice of rows")
        found["log p(x)"] = f"{minus(e.mean)}{errors} nats a row, k = {e.k:,}"
        found["units"] = e.units
        below = f"{e.gap:.2f} below log p(x)" if e.gap > 0.0 else "as high as log p(x), as far as the draws tell"
        found["ELBO"] = (
            f"{minus(e.elbo)}{plus_minus(e.elbo_error)} = −(distortion {minus(e.distortion.mean())} + rate "
            f"{e.rate.mean():.2f}), {below}"
        )
        found["bits/dim"] = number(e.bits_per_dim)
    else:
        found["log p(x)"] = f"none: {made.no_density}; fit a VAE for one"
    found["reconstruction"] = f"squared error {number(made.squared_error)} a row, {made.unexplained}"
    found["latents"] = made.latents.summary
    if made.calibration is not None:
        found["intervals"] = made.calibration.summary
    if made.representation is not None:
        r = made.representation
        found["labels"] = (
            f"{100 * r.neighbour_accuracy:.1f} % right by nearest neighbours, {100 * r.logistic_accuracy:.1f} % by "
            f"logistic regression, {100 * r.chance:.1f} % by chance"
        )
    return found


def minus(value: float) -> str:
    """Two places, and a true minus.

    >>> minus(-1.234)
    '−1.23'
    """
    return f"{value:.2f}".replace("-", "−")


def plus_minus(error: float, of: str = "") -> str:
    """An error behind its value, and what it is of; nothing where a single draw or row tells none.

    >>> plus_minus(0.01234), plus_minus(2.5, "choice of rows"), plus_minus(float("nan"))
    (' ± 0.012', ' ± 2.5 (choice of rows)', '')
    """
    if not math.isfinite(error):
        return ""
    return f" ± {rough(error)} ({of})" if of else f" ± {rough(error)}"


def shown_name(data: str, split: str | None, rows: int | None) -> str:
    """What an evaluation is called: the data as typed, and what was taken of them.

    >>> shown_name("mnist", "train", 100), shown_name("wines/new.csv", None, None)
    ('mnist (train, first 100 rows)', 'wines/new.csv')
    """
    taken = [split] if split is not None and default_split(data) == "test" else []
    taken += [] if rows is None else [f"first {rows:,} rows"]
    return f"{data} ({', '.join(taken)})" if taken else data


def _add(folder: Path, made: Evaluation, name: str) -> Path:
    """Into the run folder's files."""
    from aevum.runs.evaluated import add_evaluation

    return add_evaluation(folder, made, name)


@click.command(
    epilog=epilogue(
        "aevum compare runs/mnist-ae runs/mnist-vae runs/mnist-cvae",
        "aevum compare runs/wine-* --data held-out.csv --labels grower --train wine.csv",
        "aevum compare runs/a runs/b --data faces.npy --html faces.html",
    )
)
@click.argument("runs", nargs=-1, required=True)
@click.option("--data", metavar="DATA", help="Rows that no model was trained on.  [default: the runs' own named set]")
@click.option("--train", "training", metavar="DATA2", help="Training rows, for PCA.  [default: mnist has its own]")
@click.option("--pca", type=int, callback=whole_from(0), metavar="D",
              help="PCA's components; 0 leaves it out.  [default: the most latents]")  # fmt: skip
@click.option("--k", type=int, callback=whole_from(1), default=500, metavar="K", help="Draws a row.  [default: 500]")
@click.option("--samples", type=int, callback=whole_from(20), default=2000, metavar="S",
              help="Samples of each model.  [default: 2000]")  # fmt: skip
@ROWS
@data_options
@SPLIT
@SEED
@click.option("--html", metavar="FILE", help="Also write a page with pictures side by side.")
@FORCE
@JSON
def compare(
    runs: tuple[str, ...],
    data: str | None,
    training: str | None,
    pca: int | None,
    k: int,
    samples: int,
    rows: int | None,
    split: str | None,
    seed: int,
    html: str | None,
    force: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """One table of the models in RUNS (and PCA) on the same held-out rows.

    Squared error of reconstructions, log p(x), active latents, Fréchet distance, precision and recall of samples, how
    well codes tell labels, training time and size. Where labels are known, samples are compared on the features of a
    small classifier trained on them (on those of the training rows, if --train or mnist has any), else on the data
    themselves.
    """
    from aevum.evaluation import compare as measure
    from aevum.runs import data_of, metrics_of, run_names, trained_on

    path = None if html is None else output_file(html, (".html",), force)
    named = run_names(runs)
    models = {name: load_run(run) for name, run in named.items()}
    data = data or data_of(list(named.values()))
    first, run = next(iter(models.values())), next(iter(named.values()))
    found = open_for(first, data, run=run, split=split or default_split(data), **opening)
    for name, model in models.items():
        if model.parts_.event != first.parts_.event:
            raise InputError(f"{name} and {next(iter(models))} are of examples of different shapes; no data fit both")
        labels_of(model, found)
    if training is None and default_split(data) == "test" and split != "train":
        training = data
    if pca and training is None:
        raise InputError("--pca needs training rows to be fitted to: name them with --train")
    known = None if training is None else open_for(first, training, run=run, split="train", **opening)
    with busy("measuring", shown=not as_json), bad_data():
        made = measure(
            models,
            found.x[:rows],
            None if found.y is None else found.y[:rows],
            train=None if known is None else known.x,
            y_train=None if known is None else known.y,
            pca=pca,
            k=k,
            samples=samples,
            random_state=seed,
        )
    seen = [name for name, place in named.items() if trained_on(metrics_of(place), found)]
    for name in seen:
        say(f"warning: {name} was trained on {found.name} too: its numbers are better than on new data")
    if path is not None:
        from aevum.reports import comparison_page

        with written(path) as part:
            part.write_text(comparison_page(made, found.name, seen), encoding="utf-8")
    if as_json:
        print_json({"data": found.name, **made.to_dict(), "html": path})
        return
    click.echo(str(made))
    if path is not None:
        click.echo(f"\npictures side by side in {path}")
