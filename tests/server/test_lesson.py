"""Lessons over the wire: what pages may let a model do, and that others are served meanwhile."""

import asyncio
import json

import numpy as np
import pytest
from tests.server.conftest import HOST, TINY, TestClient

from aevum import VAE
from aevum.exploration.steps import finished
from aevum.server import Run, teaching
from aevum.server.app import create_app
from aevum.server.exchange import Exchange
from aevum.server.lessons import MOST_LESSONS, Lessons, rows_to_learn
from aevum.server.operations import OPERATIONS, perform
from aevum.server.tools import TOOLS
from aevum.server.worker import Worker

EVERY = ["ae", "vae", "cvae", "learned", "flow", "single", "numbers", "mixed", "table", "iwae", "last"]
NOBODY = ("a-b", "another")


@pytest.mark.parametrize("id", EVERY)
def test_every_run_learns_on_over_both_transports(over_json, over_socket, runs, id):
    run = runs[id]
    width = run.latent_dim
    first = over_socket(id, "lesson", lesson="t", weights="run")
    assert first["step"] == 0 and first["rows"] == run.rows
    np.testing.assert_allclose(np.asarray(first["codes"]), finished(run.codes.of(first["indices"])), atol=1e-4)
    answer = over_json(id, "lesson", lesson="t", at=0, steps=3, beta=0.5)
    assert answer["step"] == 3 and not answer["begun"] and answer["beta"] == 0.5
    assert np.shape(answer["codes"]) == (run.rows, width) and sorted(answer["indices"]) == [*range(run.rows)]
    assert np.shape(answer["pull_of_rate"]) == np.shape(answer["pull_of_distortion"]) == (min(48, run.rows), width)
    assert np.shape(answer["still"]) == np.shape(answer["x"]) == (6, *run.event)
    assert ("sigma" in answer) == ("drawn" in answer) == answer["has_noise"] == (id != "ae")
    few = over_json(id, "lesson", lesson="t", at=3, steps=1, shows="numbers")
    assert few["step"] == 4 and "codes" not in few and few["own_beta"] == run.estimator.beta


def test_a_request_that_comes_twice_is_done_once(over_json):
    over_json("vae", "lesson", lesson="twice", weights="run")
    answers = [over_json("vae", "lesson", lesson="twice", at=0, steps=2) for _ in range(2)]
    assert [each["step"] for each in answers] == [2, 2] and answers[0] == answers[1]
    assert over_json("vae", "lesson", lesson="twice", steps=2)["step"] == 4
    back = over_json("vae", "lesson", lesson="twice", weights="run")
    assert back["begun"] and back["step"] == 0


def test_two_pages_do_not_see_each_other(over_json, over_socket):
    for name in NOBODY:
        over_json("vae", "lesson", lesson=name, weights="run")
    over_json("vae", "lesson", lesson=NOBODY[0], at=0, steps=5, beta=0)
    other = over_socket("vae", "lesson", lesson=NOBODY[1], at=0)
    assert other["step"] == 0
    z = np.zeros((1, 3), np.float32)
    seen = [over_socket("vae", "lesson_decode", lesson=name, z=z)["x"] for name in (*NOBODY, "unknown")]
    own = over_socket("vae", "decode", z=z)["x"]
    np.testing.assert_allclose(seen[1], own)
    np.testing.assert_allclose(seen[2], own)
    assert not np.allclose(seen[0], own)


def test_the_run_is_left_as_it_was(runs):
    run = runs["cvae"]
    before = {name: value.clone() for name, value in run.estimator.fitted_.model.state_dict().items()}
    finished(perform(run, "lesson", {"lesson": "mine", "steps": 10, "noise": "off"}))
    after = run.estimator.fitted_.model.state_dict()
    assert all(before[name].equal(after[name]) for name in before)


def test_few_are_held_and_one_that_was_forgotten_begins_anew(runs):
    run, lessons = runs["vae"], Lessons()
    first = lessons.begin(run, "0")
    first.learn(1.0)
    for name in range(1, MOST_LESSONS):
        lessons.begin(run, str(name))
    assert lessons.find(run, "0") is first
    lessons.begin(run, "more")
    assert len(lessons) == MOST_LESSONS and lessons.find(run, "0") is first and lessons.find(run, "1") is None
    # Another model in the place of the run is another one's lesson.
    assert lessons.find(Run(run.id, run.name, run.estimator, run.x, run.y), "0") is None
    own = Run("own", "own", run.estimator, run.x, run.y)
    finished(perform(own, "lesson", {"lesson": "a", "steps": 4}))
    own.lessons = Lessons()
    answer = finished(perform(own, "lesson", {"lesson": "a", "at": 4, "steps": 4})).values
    assert answer["begun"] and answer["step"] == 0


def test_all_runs_and_their_epochs_share_the_room(runs):
    run = runs["vae"]
    earlier = Run("vae@1", "vae", run.estimator, run.x, run.y)
    first, second = (Run(name, name, run.estimator, run.x, run.y, checkpoints=[earlier]) for name in "ab")
    exchange = Exchange([first, second])
    assert first.lessons is second.lessons is earlier.lessons is exchange.lessons


def test_many_rows_are_a_sample_in_an_order_that_stays(runs):
    x = np.random.default_rng(0).normal(size=(5000, 1)) * [1.0, 2.0, -1.0]
    run = Run("many", "many", VAE(2, **TINY).fit(x[:100]), x)
    answer = finished(perform(run, "lesson", {"lesson": "a", "steps": 1}))
    rows = answer.arrays["indices"]
    assert answer.values["rows"] == len(rows) == len({*rows.tolist()}) == 2048
    np.testing.assert_array_equal(rows, rows_to_learn(run))
    held = run.lessons.find(run, "a")
    np.testing.assert_allclose(held.x, x[rows], rtol=1e-6)


def test_why_a_model_can_not_learn_here(runs, monkeypatch):
    run = runs["vae"]
    learning = Run("live", "live", run.estimator, run.x, run.y, version=1)
    ask = {"lesson": "a"}
    for other, why in ((learning, "still learning by itself"), (runs["first"], "no data to show: gone")):
        with pytest.raises(Exception, match=why):
            finished(perform(other, "lesson", ask))
    monkeypatch.setattr(teaching, "MOST_WEIGHTS", 10)
    with pytest.raises(Exception, match=r"this model has [\d,]+ weights, and the page lets at most 10 learn"):
        finished(perform(run, "lesson", ask))
    assert not OPERATIONS["lesson"].possible(run)


def test_it_is_no_tool_of_an_assistant():
    assert not {"lesson", "lesson_decode"} & {*TOOLS} and {"lesson", "lesson_decode"} <= {*OPERATIONS}


def test_a_slow_model_makes_fewer_steps_than_it_was_asked_for(runs, monkeypatch):
    monkeypatch.setattr(teaching, "MOST_SECONDS", 0.0)
    answer = finished(perform(runs["vae"], "lesson", {"lesson": "slow", "steps": 50, "weights": "run"})).values
    assert answer["step"] == 0
    monkeypatch.setattr(teaching, "MOST_SECONDS", 1e-9)
    assert finished(perform(runs["vae"], "lesson", {"lesson": "slow", "steps": 50})).values["step"] == 1


def test_others_are_answered_between_its_steps(runs):
    order = []

    async def ask():
        worker = Worker()

        async def one(name, operation, given):
            await worker.work(perform(runs["vae"], operation, given))
            order.append(name)

        try:
            long = asyncio.create_task(one("lesson", "lesson", {"lesson": "long", "steps": 1024, "weights": "run"}))
            await asyncio.sleep(0.05)
            for _ in range(3):
                await one("decode", "decode", {"z": np.zeros((1, 3))})
            await long
        finally:
            worker.close()

    asyncio.run(ask())
    assert order == ["decode"] * 3 + ["lesson"]


def test_a_page_that_goes_leaves_a_lesson_that_goes_on(runs, access):
    worker = Worker()
    app = create_app(Exchange([runs["table"]]), access, worker)
    headers = {"authorization": f"Bearer {access.token}"}
    with TestClient(app, base_url=f"http://{HOST}", headers=headers) as client:
        for at in (0, 2):
            body = json.dumps({"lesson": "a", "at": at, "steps": 2})
            answer = client.post("/api/runs/table/lesson", content=body).json()
        assert answer["step"] == 4
    worker.close()
