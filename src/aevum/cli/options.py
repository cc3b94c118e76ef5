"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def whole_from(low: int, high: int | None = None) -> Callable[[click.Context, click.Parameter, int | None], int | None]:
    """A check of a whole number, in words."""

    def check(_: click.Context, __: click.Parameter, value: int | None) -> int | None:
        if value is not None and (value < low or (high is not None and value > high)):
            raise click.BadParameter(f"{value} must be {f'from {low} to {high}' if high else f'at least {low}'}")
        return value

    return check


JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
FORCE = click.option("--force", is_flag=True, help="Replace the output file.")
LABEL = click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="LABEL",
    help=(
        "What a conditional model is conditioned on, of several columns a=1,b=2; again for several, which take turns."
    ),
)

PORT = click.option(
    "--port",
    type=int,
    callback=whole_from(0, 65535),
    metavar="P",
    help="Port of the page.  [default: the run's own, or the next that is free]",
)
TOUR = click.option("--tour", metavar="FILE", help="A tour for the page.  [default: the one kept with the run, if any]")
NO_BROWSER = click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
SPLIT = click.option(
    "--split", default="train", metavar="NAME", help="train or test, of mnist or a folder of images.  [default: train]"
)
ROWS = click.option(
    "-n", "rows", type=int, callback=whole_from(1), metavar="N", help="The first N rows.  [default: all]"
)


def shown_runs(command: Command) -> Command:
    """The runs that are looked at, and the rows that they are shown with."""
    for option in (
        click.option("--split", metavar="NAME", help="train or test, for mnist."),
        data_options,
        click.option("--data", metavar="DATA", help="Rows to show.  [default: those that the run was trained on]"),
        click.argument("runs", nargs=-1, required=True, metavar="RUN..."),
    ):
        command = option(command)
    return command


def data_options(command: Command) -> Command:
    """How to open DATA."""
    for option in (
        click.option(
            "--header/--no-header", default=None, help="Whether a text table's first row holds the columns' names."
        ),
        click.option(
            "--encoding", metavar="NAME", help="A text table's, such as cp1250; Unicode and cp1252 are found out."
        ),
        click.option("--decimal", metavar="MARK", help="A text table's decimal mark: . or , instead of a guess."),
        click.option("--sep", metavar="C", help="A text table's separator: a character, tab or space."),
        click.option(
            "--missing",
            metavar="HOW",
            help="Rows with an empty cell: drop them, fill in the median, or leave it to the model.",
        ),
        click.option(
            "--columns",
            multiple=True,
            metavar="NAMES",
            help="A table's only columns to read, with commas between them.",
        ),
        click.option("--drop", multiple=True, metavar="NAMES", help="A table's columns to leave out, likewise."),
        click.option("--skip-damaged/--no-skip-damaged", default=None, help="Leave out images that can't be read."),
        click.option("--background", metavar="COLOUR", help="Shown where images are transparent.  [default: white]"),
        click.option("--frames", metavar="WHICH", help="first or all, of images with several frames or pages."),
        click.option(
            "--image-size", type=int, callback=whole_from(1), metavar="S", help="Resize a folder's images to S×S."
        ),
        click.option("--data-dir", metavar="DIR", help="Folder of mnist's files, instead of a download."),
        click.option(
            "--labels",
            metavar="NAME",
            help="Labels: a table's column, or several as a,b; a .npz file's key, or a file's path.",
        ),
    ):
        command = option(command)
    return command


# What opens DATA, as :func:`aevum.open_data` calls it.
OPENING = (
    "labels", "data_dir", "image_size", "frames", "background", "skip_damaged", "sep", "decimal", "encoding", "header",
    "drop", "columns", "missing",
)  # fmt: skip


def taken_opening(options: dict[str, Any]) -> dict[str, Any]:
    """Take the options that open DATA out of a command's: those that were given."""
    found = {name: options.pop(name) for name in OPENING}
    return given_opening(found)


def given_opening(options: dict[str, Any]) -> dict[str, Any]:
    """Those that were given: an option that may be said several times is a list, so that a record can hold it.

    >>> given_opening({"labels": None, "drop": ("id", "name"), "columns": ()})
    {'drop': ['id', 'name']}
    """
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    return {name: value for name, value in plain.items() if value is not None and value != []}


def output_option(kinds: str) -> Callable[[Command], Command]:
    """``-o``, with the endings that the command can write."""
    return click.option("-o", "--output", required=True, metavar="FILE", help=f"File to write: {kinds}.")


def epilogue(*examples: str) -> str:
    r"""An "Examples:" block that click leaves as it is."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in examples)
