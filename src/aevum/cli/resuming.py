"""``aevum train --resume``: a training that was cut off goes on, by the command that began it."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from aevum.cli.recipes import imported
from aevum.errors import InputError, PeerError, TrainingError

if TYPE_CHECKING:
    from aevum.training import Checkpoints

# What says how a training is shown and where, and nothing of what is learned.
BESIDE = ("out", "force", "resume", "save_every", "as_json", "shown_live", "port", "no_browser")


def resumed_folder(resume: str, out: str | None, force: bool) -> Path:
    """The folder of the run to go on with.

    Raises:
        InputError: another place is named for it.
    """
    if out is not None or force:
        raise InputError("--resume names the run's folder: --out and --force don't go with it")
    return Path(resume).expanduser().absolute()


def begun_before(folder: Path, own: bool) -> Path | None:
    """The folder in which this command began a training that was cut off: this one, or one of its numbers."""
    from aevum.runs import is_unfinished, noted_command, numbered

    command, number, found = given_command(), 1, None
    while (place := numbered(folder, number)).exists() and (number == 1 or not own):
        with suppress(InputError):  # of another's, or of one that had just ended
            if is_unfinished(place) and noted_command(place) == json.loads(json.dumps(command)):
                found = place
        number += 1
    return found


def states_in(folder: Path, seconds: float) -> Checkpoints:
    """The states of the training that is running, with the command that began it beside them."""
    from aevum.runs import note_command
    from aevum.training import Checkpoints

    command = given_command()

    class Noted(Checkpoints):
        def begun(self) -> None:
            note_command(self.folder, command)

    return Noted(folder, seconds=seconds)


@contextmanager
def left_by_an_error(folder: Path, goes_on: bool) -> Iterator[None]:
    """Where an error ends the training within, its states stay if it can be gone on with: not where its data or
    arguments were refused.
    """
    from aevum.runs import forget_training, has_states

    try:
        yield
    except Exception as problem:
        kept = has_states(folder) and not isinstance(problem, (InputError, TrainingError))
        if not goes_on and not kept:
            forget_training(folder)
        if isinstance(problem, PeerError) and kept:
            raise PeerError(f"{problem}; {how_to_go_on(folder)}") from problem
        raise


def how_to_go_on(folder: Path) -> str:
    """The command that goes on with a training, in a sentence."""
    return f"aevum train --resume {shlex.quote(str(folder))} goes on"


def given_command() -> dict[str, Any]:
    """The command that is running, as plain values: what was given of it, and in which folder."""
    context = click.get_current_context()
    own = context.parent.params.get("own", ()) if context.parent is not None else ()
    return {"folder": str(Path.cwd()), "import": list(own), "options": given_options(context)}


def given_options(context: click.Context) -> dict[str, Any]:
    """The options that were given, those apart that are beside what is learned."""
    names = [name for name in context.params if name not in BESIDE]
    return {name: context.params[name] for name in names if is_given(context, name)}


def is_given(context: click.Context, name: str) -> bool:
    """Whether an option of the command was given."""
    return context.get_parameter_source(name) not in (ParameterSource.DEFAULT, None)


@contextmanager
def as_begun(command: Mapping[str, Any], run: str) -> Iterator[dict[str, Any]]:
    """The options of a command that was noted, in the folder that it was given in.

    Raises:
        InputError: something else was given beside ``--resume``, or the folder is gone.
    """
    context = click.get_current_context()
    if odd := given_options(context):
        name = next(iter(odd)).replace("_", "-")
        raise InputError(
            f"--{name} can't be changed: --resume {run} goes on as it began; to begin anew, leave --resume out"
        )
    try:
        folder, own, options = str(command["folder"]), list(command["import"]), dict(command["options"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{run} holds no command that aevum wrote") from error
    if not os.path.isdir(folder):  # noqa: PTH112 - as given, without a look at what it may be
        raise InputError(f"the training in {run} was begun in {folder}, which isn't there any more")
    known = {each.name for each in context.command.params}
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    with chdir(folder):
        for each in own:
            imported(each)
        yield {**context.params, **{name: value for name, value in plain.items() if name in known}}
