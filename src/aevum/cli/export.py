"""``aevum export``: a model for other runtimes, or with the page to explore it in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.explore import lesson_in, runs_with_rows, warn_of_no_rows
from aevum.cli.opening import load_run
from aevum.cli.options import FORCE, JSON, TOUR, data_options, epilogue, given_opening, whole_from
from aevum.cli.output import output_file, print_json
from aevum.cli.plain import bad_data, say
from aevum.cli.progress import busy
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.server import Run


@click.command(
    epilog=epilogue(
        "aevum export runs/digits-vae --html digits.html",
        "aevum export runs/digits-ae runs/digits-vae --html both.html     side by side",
        "aevum export runs/wine-vae --html wine.html --data new.csv --labels grower",
        "aevum export runs/digits-vae --onnx digits.onnx",
    )
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--html", metavar="FILE", help="Write the page of aevum explore as one file, which needs no server.")
@click.option(
    "--onnx", metavar="FILE", help="Write the networks: of model.onnx, model.encoder.onnx and model.decoder.onnx."
)
@click.option("--data", metavar="DATA", help="Rows for the page.  [default: those that the run was trained on]")
@data_options
@click.option("--split", metavar="NAME", help="train or test, for mnist.")
@click.option(
    "--rows",
    type=int,
    callback=whole_from(1),
    metavar="N",
    help="Rows on the page, evenly drawn.  [default: as many as take 1.2 MB, at most 20,000]",
)
@TOUR
@click.option(
    "--runtime",
    type=click.Choice(["auto", "onnx"]),
    default="auto",
    show_default=True,
    help="What runs the networks on the page: its own script where it can, or ONNX Runtime, of 4.6 MB, in any case.",
)
@FORCE
@JSON
def export(
    runs: tuple[str, ...],
    html: str | None,
    onnx: str | None,
    rows: int | None,
    tour: str | None,
    runtime: str,
    force: bool,
    as_json: bool,
    **opening: Any,
) -> None:
    """Write the model in RUN for use without aevum.

    HTML: the page of aevum explore with the model and some of the data in it, one file to open from disk or to mail.
    It loads nothing from any network. Several RUNs are shown side by side. The page computes what aevum's own networks
    consist of; for a network of your own with other operators it carries ONNX Runtime, and the command says why.

    ONNX: two networks in float32 and in the data's units, x to the posterior's mean and deviation and z to the
    likelihood's mean (and a Gaussian's deviation), each compared with the model before it is written. A conditional
    model's take y besides: a one-hot vector in the order of the classes, or standardised numbers.
    """
    given = given_opening(opening)
    if html is None and onnx is None:
        raise InputError("say what to export to: --html FILE.html or --onnx FILE.onnx")
    if onnx is not None and len(runs) > 1:
        raise InputError("--onnx takes one run; --html shows several side by side")
    if html is None and (given or rows is not None or tour is not None or runtime != "auto"):
        raise InputError("data, rows, a tour and a runtime are for the page: name its file with --html")
    for name, file in (("--html", html), ("--onnx", onnx)):
        if file == "":
            raise InputError(f"{name} names no file")
    lesson = lesson_in(tour)
    page = None if html is None else output_file(html, (".html", ".htm"), force)
    with busy("exporting", shown=not as_json), bad_data():
        shown = [] if page is None else _shown(runs, given, lesson)  # which may fail, before anything is written
        written, how = {} if onnx is None else _write_onnx(runs[0], onnx, force), dict[str, str]()
        if page is not None:
            from aevum.server.page_file import written_page

            made = written_page(shown, page, rows=rows, overwrite=True, runtime=runtime)
            written["html"] = made.path
            how = {"runtime": made.runtime} | ({} if made.reason is None else {"reason": made.reason})
    _tell(written, how, as_json)


def _write_onnx(run: str, onnx: str, force: bool) -> dict[str, Path]:
    from aevum.storage import check_writable

    path = Path(onnx).expanduser()
    check_writable(path)
    for part in ("encoder", "decoder"):
        file = path.with_suffix(f".{part}.onnx")
        if file.exists() and not force:
            raise InputError(f"{file} exists; --force replaces it")
    return dict(zip(("encoder", "decoder"), load_run(run).export_onnx(path, overwrite=force), strict=True))


def _shown(runs: tuple[str, ...], given: dict[str, Any], tour: str | None) -> list[Run]:
    found = runs_with_rows(runs, given, checkpoints=False, tour=tour)
    warn_of_no_rows(found)
    for run in found:
        if steps := _trains(run.tour):
            step = f"step{'s' * (len(steps) > 1)} {', '.join(map(str, steps))} of the tour"
            say(f"warning: {step} shows Training, which takes a running model: in a file the panel says so")
    return found


def _trains(tour: str | None) -> list[int]:
    """The steps of a tour in which a model would learn on."""
    import json

    steps = [] if tour is None else json.loads(tour)["steps"]
    return [i for i, step in enumerate(steps, 1) if "panel=training" in step.get("state", "").lstrip("#").split("&")]


def _tell(written: dict[str, Path], how: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json(written | how)
        return
    for what, file in written.items():
        size = f"{what} in {file}, {file.stat().st_size / 2**20:.2f} MiB"
        click.echo(f"{size}; opens without a server" if what == "html" else f"{size}; within 1e-5 of the model")
    if "reason" in how:
        click.echo(f"of it, 4.4 MiB are ONNX Runtime, which runs its networks: {how['reason']}")
    elif "html" in written:
        click.echo("it runs its networks itself, without ONNX Runtime")
