"""``aevum mcp``: fitted models as tools for programs that speak the Model Context Protocol."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any

import click

from aevum.cli.explore import runs_with_rows, warn_of_no_rows
from aevum.cli.options import epilogue, given_opening, shown_runs
from aevum.errors import InputError


@click.command(
    epilog=epilogue(
        "aevum mcp runs/digits-vae",
        "aevum mcp runs/digits-ae runs/digits-vae           two models, which a tool's argument tells apart",
        "aevum mcp runs/wine-vae --data new.csv --labels grower",
    )
)
@shown_runs
def mcp(runs: tuple[str, ...], data: str | None, **opening: Any) -> None:
    """Let a program ask about each RUN: encode, decode, score, neighbours, walks, evaluate. Nothing is changed.

    The program that asks, such as an editor or an assistant, starts it as a server of the Model Context Protocol:
    requests come on standard input, answers leave on standard output, and people are told on standard error. It ends
    with its input, or by Ctrl-C. Needs pip install 'aevum[mcp]'.
    """
    given = given_opening({"data": data, **opening})
    try:
        from aevum.server.mcp import serve
    except ImportError as error:
        raise InputError(f"aevum mcp needs {error.name or 'mcp'}: pip install 'aevum[mcp]'") from error
    found = runs_with_rows(runs, given, checkpoints=False)
    warn_of_no_rows(found)
    signal.signal(signal.SIGINT, _leave)
    serve(found)
    sys.stdout.flush()
    os._exit(0)  # nobody waits for what is still at work, and the program that asked has two seconds for the end


def _leave(number: int, frame: FrameType | None) -> None:
    """At once: a thread waits for the next request, and nothing else would end that."""
    os._exit(0)
