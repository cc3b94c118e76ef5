"""``aevum info`` and ``aevum datasets``: what there is."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aevum.cli.describe import description, pairs, print_columns, print_verdicts, shape_text
from aevum.cli.opening import load_run
from aevum.cli.options import JSON, epilogue
from aevum.cli.output import print_json, print_pairs

WIDE = 160


@click.command(epilog=epilogue("aevum info runs/digits-vae", "aevum info runs/digits-vae --json | jq .active_units"))
@click.argument("run")
@JSON
def info(run: str, as_json: bool) -> None:
    """Say what the model in RUN is and how its fit ended."""
    from aevum.runs import metrics_of, report_of

    estimator = load_run(run)
    folder = Path(run).expanduser()
    report, metrics = report_of(folder), metrics_of(folder)
    if as_json:
        print_json({**description(estimator, metrics), "run": folder, "report": report})
        return
    defaults = type(estimator)().get_params(deep=False)
    chosen = {k: v for k, v in estimator.get_params(deep=False).items() if v != defaults[k] and k != "callbacks"}
    arguments = ", ".join(f"{name}={value!r}" for name, value in chosen.items())
    print_verdicts(metrics)
    print_pairs(
        {
            "model": f"{type(estimator).__name__}({arguments})",
            "examples": shape_text(estimator.parts_.event),
            **pairs(estimator, metrics),
            "report": report or "none here",
        }
    )
    print_columns(estimator, metrics)


@click.command(epilog=epilogue("aevum datasets", "aevum train wine"))
@JSON
def datasets(as_json: bool) -> None:
    """List the data sets that have a name."""
    from aevum.data import datasets as named_sets

    if as_json:
        fields = ("name", "description", "rows", "shape", "source")
        print_json({"datasets": [{field: getattr(known, field) for field in fields} for known in named_sets()]})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "rows", "example", "what", "where from", box=None, pad_edge=False, header_style="")
    for known in named_sets():
        table.add_row(known.name, f"{known.rows:,}", shape_text(known.shape), known.description, known.source)
    # Where the output goes to a file or a pipe, no terminal's width should break its lines.
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDE).print(table)
