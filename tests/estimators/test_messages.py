"""A fit says what it chose, to those who listen."""

from __future__ import annotations

import logging
import sys

import numpy as np
import pytest

from aevum import VAE
from aevum.estimators.messages import listen


def test_a_fit_says_what_it_chose(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="aevum"):
        VAE(latent_dim=2, network="mlp", hidden=8, epochs=1, random_state=0).fit(np.random.RandomState(0).randn(50, 4))
    assert "likelihood gaussian:emitted" in caplog.text and "latent dimensions are active" in caplog.text


@pytest.mark.parametrize("terminal", [True, False])
def test_only_a_person_is_told_unasked(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("aevum")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    listen()
    assert bool(logger.handlers) == terminal and logger.propagate != terminal


def test_who_set_a_level_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("aevum")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "level", logging.WARNING)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    listen()
    assert not logger.handlers
