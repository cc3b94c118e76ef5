"""Runs side by side, their epochs, and models that still learn, as people look at them."""

import json
import re
import struct
import threading
from collections import Counter

import numpy as np
import pytest

from aevum import AE, VAE
from aevum.estimators import Snapshots
from aevum.exploration.steps import finished
from aevum.server import Run, Watch
from aevum.server.about import describe

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL = {"hidden": 32, "epochs": 8, "random_state": 0}


@pytest.fixture(scope="session")
def plain(digits):
    """An auto-encoder of the rows that ``vae`` knows."""
    return AE(latent_dim=2, **SMALL).fit(digits)


@pytest.fixture(scope="session")
def wide(digits):
    return VAE(latent_dim=5, **SMALL).fit(digits)


@pytest.fixture(scope="session")
def steps(digits):
    """A model, and itself after some of its epochs."""
    model, shots = VAE(latent_dim=2, beta=0.2, **SMALL), Snapshots()
    model.set_params(callbacks=[shots]).fit(digits)
    return model, shots.found


@pytest.fixture
def with_epochs(explored, steps, digits):
    """The address of a run with epochs."""
    return explored(with_checkpoints(steps, digits))


def with_checkpoints(steps, digits):
    """A run with epochs."""
    model, found = steps
    earlier = [Run(f"demo@{epoch}", "runs/demo", shot, digits, digits.y, epoch=epoch) for epoch, shot in found.items()]
    return Run("demo", "runs/demo", model, digits, digits.y, checkpoints=earlier)


@pytest.fixture
def both(explored, vae, plain, digits):
    """The address of two runs of the same rows."""
    return explored(*(Run(id, f"runs/{id}", model, digits, digits.y) for id, model in (("vae", vae), ("ae", plain))))


def ready(page):
    page.get_by_role("definition").first.wait_for()
    page.wait_for_timeout(500)
    return page


def beside(page):
    """Several runs are side by side from the start."""
    ready(page).get_by_role("region", name="All runs").wait_for()
    page.wait_for_timeout(700)
    return page


def column(page, name):
    return page.get_by_role("region", name=name, exact=True)


def the_map(page, name):
    return page.get_by_role("application", name=f"Map of {name}")


def code(place):
    texts = place.get_by_role("definition").all_inner_texts()
    return [float(text.replace("−", "-")) for text in texts if re.fullmatch(r"−?\d+\.\d+", text)]


def drag(page, place, start, stop):
    box = place.bounding_box()
    (x0, y0), (x1, y1) = ((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, stop))
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=8)
    page.mouse.up()
    page.wait_for_timeout(300)


def state(page):
    return page.evaluate("aevum.state()")


# -------------------------------------------------------------------- side by side


@pytest.mark.slow
def test_another_run_shows_the_row_that_was_chosen(opened, both):
    page = ready(opened(both))
    page.get_by_role("button", name="Side by side").click()
    page.get_by_role("tab", name="Morph").wait_for()
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")
    row = state(page)["row"]
    assert row is not None
    page.get_by_role("combobox", name="Run").select_option("ae")
    page.get_by_text("AE", exact=True).wait_for()
    ready(page)
    found = state(page)
    assert (found["run"], found["row"]) == ("ae", row)
    assert any(found["z"])


def test_runs_are_side_by_side_from_the_start_unless_the_address_says_otherwise(
    opened, explored, vae, plain, wide, digits
):
    models = {"vae": vae, "ae": plain, "wide": wide, "more": plain}
    url = explored(*(Run(id, f"runs/{id}", model, digits, digits.y) for id, model in models.items()))
    page = beside(opened(url))
    assert [each["run"] for each in state(page)["beside"]] == ["ae", "wide"]
    toggle = page.get_by_role("button", name="Side by side")
    toggle.click()
    page.get_by_role("tab", name="Sliders").wait_for()
    page.wait_for_timeout(500)
    page.reload()
    ready(page).get_by_role("tab", name="Sliders").wait_for()
    assert state(page)["beside"] == []
    toggle.click()
    page.get_by_role("region", name="All runs").wait_for()


def test_a_drag_moves_both_probes_and_undo_takes_both_back(opened, both):
    page = beside(opened(both))
    start = code(column(page, "runs/vae"))
    drag(page, the_map(page, "runs/ae"), (0.5, 0.5), (0.7, 0.3))
    moved = code(column(page, "runs/vae"))
    assert moved == code(column(page, "runs/ae")) != start
    page.keyboard.press("Control+z")
    page.wait_for_timeout(300)
    assert code(column(page, "runs/vae")) == code(column(page, "runs/ae")) == start


def test_a_row_that_is_pointed_at_is_ringed_in_every_map(opened, both):
    page = beside(opened(both))
    box = the_map(page, "runs/vae").bounding_box()
    rings = page.locator(".live .hovered")
    for share in (0.4, 0.45, 0.5, 0.55, 0.6):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.4 * box["height"])
        page.wait_for_timeout(150)
        if rings.first.is_visible():
            break
    assert [ring.is_visible() for ring in rings.all()] == [True, True]
    page.keyboard.press("Escape")


def test_runs_of_other_latents_go_to_the_nearest_row_and_say_so(opened, explored, vae, wide, digits):
    runs = [Run(id, id, model, digits, digits.y) for id, model in (("two", vae), ("five", wide))]
    page = beside(opened(explored(*runs)))
    assert page.get_by_text("five shows the row nearest to the probe").is_visible()
    drag(page, the_map(page, "two"), (0.5, 0.5), (0.6, 0.4))
    z = state(page)["z"]
    row, _ = vae.neighbours(np.array([z], np.float32), digits.x, k=1)
    column(page, "five").get_by_role("img", name=f"The original, row {row[0, 0]}", exact=True).wait_for()


@pytest.mark.slow
def test_the_way_between_two_rows_is_seen_in_each_run(opened, both):
    page = beside(opened(both))
    page.get_by_role("button", name="Random A and B").click()
    strips = [page.get_by_role("list", name=f"Way of runs/{name}") for name in ("vae", "ae")]
    for strip in strips:
        strip.get_by_role("button", name="Frame 5 of 12").wait_for()
    strips[1].get_by_role("button", name="Frame 5 of 12").click()
    page.wait_for_timeout(200)
    for strip in strips:
        current = strip.locator("[aria-current=true]")
        assert current.get_attribute("aria-label") == "Frame 5 of 12"
    page.get_by_role("button", name="Play the way").click()
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Pause").click()
    assert strips[0].locator("[aria-current=true]").get_attribute("aria-label") != "Frame 5 of 12"


@pytest.mark.slow
def test_the_lattice_is_under_both_maps_and_the_address_brings_all_back(opened, both):
    page = beside(opened(both))
    page.get_by_role("button", name="Lattice").click()
    page.wait_for_timeout(1200)
    drawn = """() => [...document.querySelectorAll('.plot')].map((plot) => {
        const canvas = plot.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0);
    })"""
    assert page.evaluate(drawn) == [True, True]
    address = page.url
    assert "beside=ae" in address
    page.goto("about:blank")
    page.goto(address)
    page.get_by_role("region", name="All runs").wait_for()
    page.wait_for_timeout(1500)
    assert page.evaluate(drawn) == [True, True]
    page.get_by_role("button", name="Close runs/ae").click()
    page.get_by_role("tab", name="Morph").wait_for()


def test_what_each_column_shows_is_in_the_address_and_is_undone(opened, explored, vae, steps, digits):
    own = Run("vae", "runs/vae", vae, digits, digits.y)
    page = beside(opened(explored(own, with_checkpoints(steps, digits))))
    assert page.get_by_text("Passed").count() == 0
    go_to(page, column(page, "runs/demo").get_by_role("slider", name="Epoch"), -3)
    the_map(page, "runs/demo").focus()
    for _ in range(3):
        page.keyboard.press("+")
    page.wait_for_timeout(500)
    (seen,) = state(page)["beside"]
    assert seen["run"] == "demo" and seen["epoch"] == 3 and seen["view"] is not None
    address = page.url
    page.get_by_role("button", name="Close runs/demo").click()
    page.get_by_role("tab", name="Morph").wait_for()
    page.keyboard.press("Control+z")
    page.get_by_role("region", name="All runs").wait_for()
    slider = column(page, "runs/demo").get_by_role("slider", name="Epoch")
    assert slider.get_attribute("aria-valuetext") == "epoch 3"
    assert state(page)["beside"] == [seen]
    page.goto("about:blank")
    page.goto(address)
    page.get_by_role("region", name="All runs").wait_for()
    page.wait_for_timeout(1000)
    found = state(page)["beside"][0]
    np.testing.assert_allclose([found["view"][name] for name in "uv"], [seen["view"][name] for name in "uv"], atol=1e-3)
    assert slider.get_attribute("aria-valuetext") == "epoch 3"
    page.keyboard.press("Control+z")  # nothing is left to undo in a fresh page
    go_to(page, slider, 3)
    page.keyboard.press("Control+z")
    page.wait_for_timeout(600)
    assert slider.get_attribute("aria-valuetext") == "epoch 3"
    page.goto(address.replace("beside=demo", "beside=nobody").replace("panel=morph", "panel=nothing"))
    page.reload()
    ready(page)
    assert "nobody" not in page.url and "nothing" not in page.url
    assert page.get_by_role("tab", name="Sliders").get_attribute("aria-selected") == "true"


def test_columns_stack_on_a_phone(opened, both):
    page = beside(opened(both, **PHONE))
    first, second = (column(page, f"runs/{name}").bounding_box() for name in ("vae", "ae"))
    assert second["y"] >= first["y"] + first["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# -------------------------------------------------------------------- epochs


def decoded(page):
    return np.array(page.evaluate("aevum.decode([aevum.state().z])"), np.float32)


def go_to(page, slider, presses):
    slider.focus()
    for _ in range(abs(presses)):
        page.keyboard.press("ArrowLeft" if presses < 0 else "ArrowRight")
    page.wait_for_timeout(900)


def asked(page):
    """Counts the operations that the page sends."""
    counts = Counter()

    def seen(payload):
        if isinstance(payload, bytes):
            length = struct.unpack_from("<I", payload)[0]
            counts[json.loads(payload[4 : 4 + length])["op"]] += 1

    page.on("websocket", lambda socket: socket.on("framesent", seen))
    return counts


def test_the_slider_goes_through_the_epochs_and_fetches_each_once(opened, with_epochs, steps):
    page = opened(with_epochs)
    counts = asked(page)
    page.reload()
    ready(page)
    model, found = steps
    slider = page.get_by_role("slider", name="Epoch")
    np.testing.assert_array_equal(decoded(page), model.inverse_transform(np.zeros((1, 2))).reshape(1, -1))
    go_to(page, slider, -4)
    assert state(page)["epoch"] == 2
    assert slider.get_attribute("aria-valuetext") == "epoch 2"
    np.testing.assert_array_equal(decoded(page), found[2].inverse_transform(np.zeros((1, 2))).reshape(1, -1))
    fetched = counts["codes"]
    assert fetched <= 6
    go_to(page, slider, 4)
    go_to(page, slider, -4)
    assert counts["codes"] <= 6
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    at = state(page)
    np.testing.assert_allclose(at["z"], found[2].transform(digits_row(at["row"]))[0], atol=1e-3)


def digits_row(row):
    from aevum import open_data

    return open_data("digits").x[row : row + 1]


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_epochs_play(opened, with_epochs, motion):
    page = ready(opened(with_epochs, reduced_motion=motion))
    play = page.get_by_role("button", name="Play the epochs")
    play.click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("group", name="Epochs").get_by_text("epoch 3").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(500)
    assert "epoch=" in page.url
    epoch = state(page)["epoch"]
    page.wait_for_timeout(1800)
    assert state(page)["epoch"] == epoch


def test_the_epoch_is_in_the_address(opened, with_epochs, steps):
    page = ready(opened(with_epochs))
    page.goto(f"{page.url.partition('#')[0]}#v=1&run=demo&epoch=3&z=0.5,-0.5")
    ready(page)
    wanted = steps[1][3].inverse_transform(np.array([[0.5, -0.5]], np.float32)).reshape(1, -1)
    np.testing.assert_array_equal(decoded(page), wanted)


# -------------------------------------------------------------------- models that learn


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_the_map_follows_a_model_that_learns(opened, digits, monkeypatch):
    monkeypatch.setattr("aevum.server.watching.SECONDS_BETWEEN", 0.0)
    model = VAE(latent_dim=2, hidden=8, epochs=4, random_state=0)
    shown, next_epoch = threading.Event(), threading.Semaphore(0)
    watch = Watch(digits, digits.y, name="digits", ready=lambda explorer: shown.set())
    shots = Snapshots()

    def wait(record):
        next_epoch.acquire(timeout=30)

    model.set_params(callbacks=[shots, watch, wait])
    fit = threading.Thread(target=lambda: model.fit(digits))
    fit.start()
    assert shown.wait(30)
    page = ready(opened(watch.explorer.url))
    assert page.get_by_text("learning, epoch 1").is_visible()
    first = decoded(page)
    next_epoch.release()
    page.get_by_text("learning, epoch 2").wait_for()
    page.wait_for_timeout(600)
    assert (decoded(page) != first).any()
    for _ in range(3):
        next_epoch.release()
    fit.join(30)
    watch.done(model, shots.found)
    page.get_by_text(re.compile("learning")).wait_for(state="detached")
    page.get_by_role("slider", name="Epoch").wait_for()
    page.wait_for_timeout(800)
    np.testing.assert_array_equal(decoded(page), model.inverse_transform(np.zeros((1, 2))).reshape(1, -1))
    page.context.close()
    watch.explorer.close()


@pytest.mark.slow
def test_sliders_keep_their_places_while_a_model_learns(opened, explored, wide, digits):
    """Under the hand nothing moves, whatever each latent carries meanwhile; what has learned is ranked."""
    run, shown = Run("live", "digits", wide, digits, digits.y, version=1), []
    explored(run)
    explorer = explored.last()
    page = ready(opened(explorer.url))

    def order():
        page.wait_for_timeout(200)
        return page.locator(".slider label").all_inner_texts()

    shown.append(order())
    again = Run("live", "digits", wide, digits, digits.y, version=2)
    again.description = {**finished(describe(again)), "active": [4, 2, 0, 1, 3], "rate": [3, 2, 4, 1, 5], "epoch": 77}
    explorer.show(again)
    page.get_by_text("learning, epoch 77").wait_for()
    shown.append(order())
    assert shown == [[f"z[{d}]" for d in range(5)]] * 2
    done = Run("live", "digits", wide, digits, digits.y)
    done.description = {**finished(describe(done)), "active": [4, 2, 0, 1, 3], "rate": [3, 2, 4, 1, 5]}
    explorer.show(done)
    page.get_by_text(re.compile("learning")).wait_for(state="detached")
    assert order() == [f"z[{d}]" for d in (4, 2, 0, 1, 3)]


def test_the_rings_of_an_epoch_are_where_its_codes_lie(opened, explored, digits):
    """An auto-encoder's codes spread out while it learns; its spread, drawn, random and reset codes go with them."""
    shots = Snapshots()
    model = AE(latent_dim=2, **SMALL, callbacks=[shots]).fit(digits)
    first = shots.found[1]
    runs = Run("ae", "runs/ae", model, digits, digits.y, checkpoints=[Run("ae@1", "ae", first, digits, epoch=1)])
    page = opened(explored(runs))
    page.goto(f"{page.url.partition('#')[0]}#v=1&run=ae&epoch=1&layers=points,prior")
    page.reload()
    ready(page)
    page.wait_for_timeout(600)
    codes = first.transform(digits.x)
    page.get_by_role("button", name="Reset all").click()
    page.wait_for_timeout(300)
    np.testing.assert_allclose(page.evaluate("aevum.state().z"), codes.mean(axis=0), atol=2e-3)
    page.get_by_role("slider", name="z[0]").focus()
    ends = page.get_by_role("slider", name="z[0]").evaluate("element => [Number(element.min), Number(element.max)]")
    middle, reach = codes[:, 0].mean(), 3 * codes[:, 0].std()
    np.testing.assert_allclose(ends, [middle - reach, middle + reach], rtol=1e-3, atol=1e-3)
    assert reach < 0.8 * 3 * model.codes_[:, 0].std()


def test_scores_do_not_hold_back_a_drag(opened, both):
    sockets = []
    page = opened(both)

    def follow(socket):
        operations = set()
        sockets.append(operations)

        def seen(payload):
            length = struct.unpack_from("<I", payload)[0]
            operations.add(json.loads(payload[4 : 4 + length])["op"])

        socket.on("framesent", seen)

    page.on("websocket", follow)
    page.reload()
    ready(page)
    page.get_by_role("combobox", name="Colour").select_option("score")
    page.wait_for_timeout(500)
    slow = next(operations for operations in sockets if "scores" in operations)
    assert slow <= {"codes", "scores", "labels", "about", "law"}
    assert any("decode" in operations for operations in sockets)


# -------------------------------------------------------------------- for everyone


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(opened, both, with_epochs, violations, options):
    page = beside(opened(both, **options))
    page.get_by_role("button", name="Random A and B").click()
    page.get_by_role("list", name="Way of runs/ae").wait_for()
    found = violations(page, "beside", dark=options is not PHONE)
    page.goto(with_epochs)
    ready(page)
    assert found + violations(page, "epochs", dark=options is not PHONE) == []
