"""What every command shares: one plain line for each error and warning, and an exit code that a script can use."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click

from aevum.cli.stopping import stop_code, stoppable
from aevum.errors import AevumError, DataWarning, EstimateWarning, InputError, PeerError, TrainingError

# Ctrl-C, SIGTERM and SIGHUP have codes of their own: see :mod:`aevum.cli.stopping`.
FAILED, BAD_INPUT, INCOMPLETE, BUG = 1, 2, 3, 70


class Stopped(Exception):  # noqa: N818 - it is none
    """Ctrl-C and its like, which click would answer with an empty line."""


class PlainGroup(click.Group):
    """A group of commands that never shows a traceback, unless the environment has ``AEVUM_DEBUG=1``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a newcomer meets them."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Stopped from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and exit with a code; errors become one line on stderr."""
        _open_streams()
        _print_anything(sys.stdout)
        try:
            with stoppable(), plain_warnings():
                code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
        except BrokenPipeError:
            _leave_the_pipe()
        except click.UsageError as error:
            if follows():
                sys.exit(BAD_INPUT)
            fail(_usage(error), BAD_INPUT)
        except click.ClickException as error:
            fail(error.format_message(), BAD_INPUT)
        except (click.Abort, KeyboardInterrupt, Stopped):
            if follows():
                sys.exit(stop_code())
            fail("stopped; nothing was written", stop_code())
        except Exception as error:
            if debugging():
                raise
            say(f"error: {explained(error)[0]}")
            if isinstance(error, OSError):
                _leave_the_pipe(explained(error)[1])  # what it could not print it would try again at its end
            sys.exit(explained(error)[1])
        sys.exit(code if isinstance(code, int) else 0)


def fail(message: str, code: int) -> NoReturn:
    """One line on stderr, and the exit code."""
    say(f"error: {message}")
    sys.exit(code)


def say(message: str) -> None:
    """One line on stderr, whatever the message and stderr's encoding."""
    with suppress(OSError, ValueError):
        print(one_line(message), file=sys.stderr, flush=True)


def one_line(text: object) -> str:
    r"""Text without line ends and control characters, which could come from a file's name.

    >>> one_line("a\nb \x1b[2J")
    'a b  [2J'
    >>> one_line("caf\udce9.csv")
    'caf�.csv'
    """
    return "".join(c if c.isprintable() else "�" if "\ud800" <= c <= "\udfff" else " " for c in str(text).strip())


def explained(error: Exception) -> tuple[str, int]:
    """The line and the exit code for an exception.

    >>> explained(InputError("no such data"))
    ('no such data', 2)
    """
    if isinstance(error, (TrainingError, PeerError)):
        return str(error), FAILED
    if isinstance(error, AevumError):
        return str(error), BAD_INPUT
    if isinstance(error, MemoryError) or "out of memory" in str(error) or "can't allocate memory" in str(error):
        return "not enough memory; try a smaller --batch-size, fewer rows or smaller images", BAD_INPUT
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename is not None else ""
        return f"{where}{error.strerror or error}", BAD_INPUT
    bug = f"{type(error).__name__}: {error}"
    return f"a bug in aevum, please report it: {bug} (AEVUM_DEBUG=1 shows where)", BUG


def is_one_of_several() -> bool:
    """Whether torchrun has started this process with others."""
    return int(os.environ.get("WORLD_SIZE") or 1) > 1 and "RANK" in os.environ


def follows() -> bool:
    """Whether another of these processes, which was given the same words, says what is wrong with them."""
    return is_one_of_several() and os.environ["RANK"] != "0"


def debugging() -> bool:
    """Whether the user asked for tracebacks."""
    return os.environ.get("AEVUM_DEBUG", "") not in ("", "0")


@contextmanager
def bad_data() -> Iterator[None]:
    """scikit-learn's checks raise a plain ``ValueError`` of several sentences: the first is the user's answer."""
    try:
        yield
    except AevumError:
        raise
    except ValueError as error:
        first = (str(error).strip().splitlines() or ["the data can't be used"])[0]
        raise InputError(first) from error


@contextmanager
def plain_warnings() -> Iterator[None]:
    """aevum's own warnings as one line each on stderr, each once; those of other libraries only when debugging."""
    said: set[str] = set()

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        # A command may look at the same rows several times.
        if str(message) not in said:
            said.add(str(message))
            say(f"warning: {message}")

    with warnings.catch_warnings():
        if not debugging():
            warnings.simplefilter("ignore")
        # Of a collapse the findings speak, first of all.
        for category in (DataWarning, EstimateWarning):
            warnings.simplefilter("always", category)
        warnings.showwarning = show
        yield


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx is not None else "aevum"
    return f"{error.format_message().rstrip('.')} (see {path} --help)"


def _print_anything(stream: TextIO) -> None:
    """A terminal that lacks σ shows a question mark instead of an error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _open_streams() -> None:
    """Where the caller closed stdout or stderr, nothing is to be printed, and no other file to be written to instead.

    A standard stream that is closed leaves its number to the next file that is opened.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            for number in range(3):
                with suppress(OSError):
                    os.close(os.dup(number))
                    continue
                os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def _leave_the_pipe(code: int = FAILED) -> NoReturn:
    """Whoever read the output has seen enough; Python must not complain when it flushes at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
