"""What a fit says: the likelihood and network it chose, and at its end how many latents are active."""

from __future__ import annotations

import logging
import sys


def listen() -> None:
    """Show the messages of the logger "aevum" to a person at a terminal or notebook; elsewhere leave it as it is.

    ``logging.getLogger("aevum").setLevel("WARNING")``, before or after, silences them.
    """
    logger = logging.getLogger("aevum")
    interactive = "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
    if not interactive or logger.handlers or logger.level != logging.NOTSET:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("aevum: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False  # else a configured root logger would say everything twice
