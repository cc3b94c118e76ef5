"""What ends a command early: Ctrl-C, SIGTERM, and SIGHUP when its terminal goes away. All do as Ctrl-C does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
if hasattr(signal, "SIGHUP"):
    NAMES[signal.SIGHUP] = "SIGHUP"

_received: list[int] = []
# Whether a first signal waits, and whether one does.
_state = {"held": False, "waiting": False}


@contextmanager
def stoppable() -> Iterator[None]:
    """Within the block such a signal raises ``KeyboardInterrupt``; one that is ignored, as under nohup, stays so."""
    _received.clear()
    _state.update(held=False, waiting=False)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in NAMES}
    for number, handler in before.items():
        if handler not in (signal.SIG_IGN, None):
            signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stopped_by() -> str:
    """What the command was stopped by, in words."""
    return NAMES[signal.Signals(_first())]


def stop_code() -> int:
    """The exit code for it, as shells count them: 130, 143 or 129."""
    return 128 + _first()


def again() -> bool:
    """Whether a second one has come: the user does not want to wait."""
    return len(_received) > 1


def stopped() -> bool:
    """Whether one has come."""
    return bool(_received)


def hold() -> None:
    """From here on a first signal waits for :func:`let_go`, since what was learned is in memory alone."""
    _state["held"] = True


def let_go() -> None:
    """Signals end the command again.

    Raises:
        KeyboardInterrupt: one has waited for this.
    """
    waited = _state["waiting"]
    _state.update(held=False, waiting=False)
    if waited:
        raise KeyboardInterrupt


def _first() -> int:
    return _received[0] if _received else signal.SIGINT


def _stop(number: int, _: FrameType | None) -> None:
    _received.append(number)
    if number == getattr(signal, "SIGHUP", None):
        leave_the_terminal()
    if _state["held"] and not again():
        _state["waiting"] = True
        return
    raise KeyboardInterrupt


def leave_the_terminal() -> None:
    """Write to nowhere what would go to a terminal that is gone, since each write to it fails."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            os.write(number, b"")
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
