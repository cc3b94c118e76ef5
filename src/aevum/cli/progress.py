"""The progress bar of a fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from aevum.numerals import number

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.status import Status

Callback = Callable[[dict[str, Any]], None]


@contextmanager
def progress_bar(shown: bool, total: Callable[[], int]) -> Iterator[Callback]:
    """A callback for ``fit`` that moves a bar on stderr where that is a terminal, and else does nothing.

    Args:
        shown: whether to show it at all.
        total: the number of epochs; asked for at the end of the first one, when ``fit`` has checked its arguments.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield lambda _: None
        return
    columns = ("epoch", MofNCompleteColumn(), BarColumn(), TimeRemainingColumn(), TextColumn("{task.fields[losses]}"))
    progress = Progress(*columns, console=console, transient=True)
    with _shown(progress):
        task = progress.add_task("epochs", total=None, losses="starting")

        def move(record: dict[str, Any]) -> None:
            losses = f"loss {number(record['loss'])}"
            if "validation_loss" in record:
                losses += f", validation {number(record['validation_loss'])}"
            with suppress(OSError):
                progress.update(task, completed=record["epoch"], total=total(), losses=losses)

        yield move


@contextmanager
def busy(text: str, shown: bool) -> Iterator[Callable[[str], None]]:
    """A spinner on stderr where that is a terminal, for work of unknown length; what it gives changes its text."""
    from rich.console import Console
    from rich.markup import escape

    from aevum.storage import spelled

    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield lambda _: None
        return
    status = console.status(escape(spelled(text)))
    with _shown(status):
        yield lambda text: status.update(escape(spelled(text)))


@contextmanager
def _shown(what: Progress | Status) -> Iterator[None]:
    """Show it meanwhile; a terminal that is gone must not end the work."""
    with suppress(OSError):
        what.start()
    try:
        yield
    finally:
        with suppress(OSError):
            what.stop()
