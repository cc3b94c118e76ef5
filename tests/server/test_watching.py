"""Runs that change while they are looked at: earlier epochs, and models that still learn."""

import json

import numpy as np
import pytest

from aevum import CVAE, VAE
from aevum.estimators import Snapshots
from aevum.exploration.steps import finished
from aevum.server import Explorer, Run, Watch
from aevum.server.exchange import Exchange

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 4, "random_state": 0}


def asked(exchange, run, operation, **given):
    status, body = finished(exchange.json(run, operation, json.dumps(given).encode()))
    assert status == 200, body
    return json.loads(body)


@pytest.mark.parametrize("kind", [VAE, CVAE])
def test_checkpoints_answer_under_ids_of_their_own(kind, digits):
    model = kind(**TINY)
    shots = Snapshots()
    model.set_params(callbacks=[shots]).fit(digits)
    earlier = [Run(f"a@{epoch}", "a", shot, digits, digits.y, epoch=epoch) for epoch, shot in shots.found.items()]
    exchange = Exchange([Run("a", "a", model, digits, digits.y, checkpoints=earlier)])
    body = finished(exchange.everything())[1]
    (about,) = json.loads(body)["runs"]
    assert about["checkpoints"] == [{"id": f"a@{epoch}", "epoch": epoch} for epoch in (1, 2, 3, 4)]
    assert (about["epoch"], about["version"]) == (4, None)
    codes = [np.array(asked(exchange, f"a@{epoch}", "codes")["codes"]) for epoch in shots.found]
    y = digits.y if model.conditional else None
    np.testing.assert_allclose(codes[1], shots.found[2].transform(digits.x, y), atol=1e-5)
    assert (codes[0] != codes[1]).any()
    assert asked(exchange, "a@2", "about")["epoch"] == 2


def test_a_model_that_learns_is_shown_from_its_first_epoch_on(digits, monkeypatch):
    monkeypatch.setattr("aevum.server.watching.SECONDS_BETWEEN", 0.0)
    seen = []
    model = VAE(**TINY)
    watch = Watch(digits, digits.y, name="digits", ready=seen.append)

    def look(record):
        about = asked(watch.explorer._exchange, "live", "about")
        seen.append((about["epoch"], about["version"], about["rows"]))
        seen.append(np.array(asked(watch.explorer._exchange, "live", "codes")["codes"]))

    model.set_params(callbacks=[watch, look]).fit(digits)
    with watch.explorer as explorer:
        assert seen[0] is explorer and isinstance(explorer, Explorer)
        assert seen[1::2] == [(epoch, epoch, len(digits.x)) for epoch in (1, 2, 3, 4)]
        assert (seen[2] != seen[4]).any()
        watch.done(model, {}, name="runs/mine")
        about = asked(explorer._exchange, "live", "about")
        assert (about["epoch"], about["version"], about["name"]) == (4, None, "runs/mine")
        codes = asked(explorer._exchange, "live", "codes")["codes"]
        np.testing.assert_allclose(codes, model.transform(digits.x), atol=1e-5)


def test_looks_are_rare_enough_not_to_slow_the_fit(digits):
    model, looks = VAE(**TINY), []
    watch = Watch(digits, ready=looks.append)
    taken = []
    monkey = watch._show
    watch._snapshots.changed = lambda shot: (taken.append(len(shot.history_)), monkey(shot))
    model.set_params(callbacks=[watch]).fit(digits)
    watch.explorer.close()
    assert taken == [1] and len(looks) == 1  # four epochs took less than the second between two looks
