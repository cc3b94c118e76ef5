"""``aevum export``: a model for other runtimes."""

from __future__ import annotations

from pathlib import Path

import click

from aevum.cli.options import FORCE, JSON, epilogue
from aevum.cli.output import check_writable, print_json
from aevum.cli.runs import load_run
from aevum.errors import InputError


@click.command(epilog=epilogue("aevum export runs/digits-vae --onnx digits.onnx"))
@click.argument("run")
@click.option("--onnx", metavar="FILE", help="Write FILE.encoder.onnx and FILE.decoder.onnx; FILE ends in .onnx.")
@FORCE
@JSON
def export(run: str, onnx: str | None, force: bool, as_json: bool) -> None:
    """Write the model in RUN for use without aevum.

    ONNX: two networks in float32 and in the data's units, x to the posterior's mean and deviation and z to the
    likelihood's mean (and a Gaussian's deviation), each compared with the model before it is written. A conditional
    model's take y besides: a one-hot vector in the order of the classes, or standardised numbers.
    """
    if onnx is None:
        raise InputError("say what to export to: --onnx FILE.onnx")
    path = Path(onnx).expanduser()
    check_writable(path)
    files = load_run(run).export_onnx(path, overwrite=force)
    if as_json:
        print_json({"encoder": files[0], "decoder": files[1]})
        return
    for file, what in zip(files, ("encoder", "decoder"), strict=True):
        click.echo(f"{what} in {file}, {file.stat().st_size / 2**20:.2f} MiB; within 1e-5 of the model")
