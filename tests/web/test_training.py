"""The panel in which a copy of the model learns on: played, paused, stepped, held by β and without its noise."""

import re

import numpy as np
import pytest

from aevum import AE, VAE
from aevum.server import Run
from aevum.server.page_file import page_file

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def ready(page):
    """Wait until the copy is there, and its charts."""
    page.locator(".charts .chart").first.wait_for()
    return page


def number(text):
    return float(re.search(r"-?\d[\d,]*\.?\d*(?:e-?\d+)?", text.replace("−", "-"))[0].replace(",", ""))


def sigma(page):
    return number(page.get_by_role("img", name=re.compile("Median σ")).get_attribute("aria-label"))


def step(page):
    return number(page.locator(".training .terms-sum span").first.inner_text().split("step")[1])


def terms(page):
    return [number(text) for text in page.locator(".training .terms-sum strong").all_inner_texts()]


def codes(page):
    return np.array(page.evaluate("aevum.codes()"))


def until(page, holds, seconds=40):
    for _ in range(seconds * 5):
        if holds():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it did not come to that")


@pytest.fixture(scope="module")
def fitted(digits):
    """With its rate at weight 1, so that σ has somewhere to fall from."""
    return VAE(2, hidden=32, epochs=15, random_state=0).fit(digits)


def test_without_the_kl_sigma_goes_to_nothing_and_comes_back(opened, served, fitted, digits, violations):
    page = ready(opened(served(fitted, digits) + "#v=1&panel=training"))
    distortion, rate = fitted.distortion_and_rate(digits.x)
    np.testing.assert_allclose(terms(page)[:2], [distortion.mean(), rate.mean()], rtol=0.03)
    before, first = sigma(page), terms(page)
    assert violations(page, "training", dark=True) == []
    page.get_by_role("button", name="Take the KL away").click()
    until(page, lambda: sigma(page) < 0.2 * before)
    assert terms(page)[1] > first[1] + 1 and page.evaluate("aevum.state().teaching.beta") == 0
    assert page.get_by_role("slider", name="Weight β of the rate").get_attribute("aria-valuetext").startswith("0")
    page.get_by_role("button", name="Put the KL back").click()
    until(page, lambda: sigma(page) > 0.5 * before)
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(1500)
    held = step(page)
    page.wait_for_timeout(800)
    assert step(page) == held and page.evaluate("aevum.state().teaching.beta") is None
    told = page.get_by_role("status", name="Training").inner_text()
    assert re.match(r"Epoch [\d.]+: distortion .* plus rate .* are .* nats", told)
    assert violations(page, "after training", dark=True) == []


def test_it_goes_step_by_step_moves_the_map_and_leaves_the_run_as_it_was(opened, served, fitted, digits):
    weights = {name: value.clone() for name, value in fitted.fitted_.model.state_dict().items()}
    page = ready(opened(served(fitted, digits) + "#v=1&panel=training&row=12"))
    own = codes(page)
    page.get_by_role("radio", name="1 step").check(force=True)
    page.get_by_role("button", name="Step", exact=True).click()
    until(page, lambda: step(page) == 1)
    page.get_by_role("radio", name="1 epoch").check(force=True)
    page.get_by_role("button", name="Step", exact=True).press("Enter")
    until(page, lambda: step(page) == 15)
    moved = codes(page)
    assert np.abs(moved - own).max() > 1e-3
    # The row that is chosen goes along, and is decoded by the copy.
    np.testing.assert_allclose(page.evaluate("aevum.state().z"), moved[24:26], atol=1e-3)
    page.get_by_role("tab", name="Sliders").click()
    page.wait_for_timeout(300)
    np.testing.assert_allclose(codes(page), own)
    np.testing.assert_allclose(page.evaluate("aevum.state().z"), own[24:26], atol=1e-3)
    # It goes on where it was left.
    page.get_by_role("tab", name="Training").click()
    page.wait_for_timeout(300)
    assert step(page) == 15
    np.testing.assert_allclose(codes(page), moved)
    page.get_by_role("button", name="Back to the run").click()
    until(page, lambda: step(page) == 0)
    np.testing.assert_allclose(codes(page), own, atol=1e-5)
    assert all(value.equal(fitted.fitted_.model.state_dict()[name]) for name, value in weights.items())


def test_beta_by_keyboard_is_undone_and_in_the_link(opened, served, fitted, digits):
    page = ready(opened(served(fitted, digits) + "#v=1&panel=training&beta=4&sigma=off"))
    assert page.evaluate("aevum.state().teaching") == {"beta": 4, "noise": False}
    assert "not in the loss" in page.locator(".training .terms-sum").inner_text()
    slider = page.get_by_role("slider", name="Weight β of the rate")
    slider.focus()
    page.keyboard.press("End")
    assert page.evaluate("aevum.state().teaching.beta") == 100
    page.keyboard.press("Home")
    assert page.evaluate("aevum.state().teaching.beta") == 0
    page.keyboard.press("Control+z")
    assert page.evaluate("aevum.state().teaching.beta") == 4
    page.get_by_role("button", name="Noise σ·ε").click()
    page.wait_for_timeout(800)
    assert re.search("beta=4", page.evaluate("location.hash")) and "sigma" not in page.evaluate("location.hash")


def test_a_dragged_probe_is_answered_while_it_plays(opened, served, fitted, digits):
    page = ready(opened(served(fitted, digits) + "#v=1&panel=training"))
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(500)
    took = page.evaluate("""async () => {
        const took = [];
        for (let i = 0; i < 40; i++) {
            const asked = performance.now();
            await aevum.decode([[i / 20, -1]]);
            took.push(performance.now() - asked);
            await new Promise((resume) => setTimeout(resume, 30));
        }
        return took;
    }""")
    page.get_by_role("button", name="Pause").click()
    print(f"decoded in {np.median(took):.1f} ms, 95 % within {np.quantile(took, 0.95):.1f} ms, while it plays")
    assert step(page) > 0 and np.median(took) < 500


def test_pulls_begin_at_the_codes_also_in_front_of_a_room(opened, served, fitted, digits):
    """What they are drawn in is as large as the map's frame, which is enlarged there."""
    page = ready(opened(served(fitted, digits) + "#v=1&panel=training"))
    for presenting in (False, True):
        if presenting:
            page.keyboard.press("p")
            page.wait_for_timeout(300)
        page.locator("svg.pulls path.rate").wait_for(state="attached")
        drawn, frame, room = page.evaluate(
            "() => { const svg = document.querySelector('svg.pulls'), { a, d } = svg.getScreenCTM(),"
            " { width, height } = document.querySelector('canvas.inset').getBoundingClientRect();"
            " return [[a, d], aevum.frame(), [width, height]]; }"
        )
        np.testing.assert_allclose(drawn, [room[0] / frame["width"], room[1] / frame["height"]], rtol=1e-3)


def test_an_auto_encoder_has_neither_beta_nor_sigma(opened, served, digits, violations):
    ae = AE(2, hidden=16, epochs=3, random_state=0).fit(digits)
    page = ready(opened(served(ae, digits) + "#v=1&panel=training"))
    assert page.get_by_role("slider", name="Weight β").count() == 0
    assert page.get_by_role("button", name=re.compile("KL|Noise")).count() == 0
    assert "β has no place here" in page.locator(".training").inner_text()
    assert page.locator(".chart").count() == 1
    page.get_by_role("button", name="Step", exact=True).click()
    until(page, lambda: step(page) == 15)
    assert violations(page, "training of an auto-encoder") == []


@pytest.mark.slow
def test_a_conditional_model_and_a_table_on_a_phone(opened, served, cvae, table, digits, violations):
    page = ready(opened(served(cvae, digits) + "#v=1&panel=training"))
    page.get_by_role("button", name="Step", exact=True).click()
    until(page, lambda: step(page) == 15)
    model, wine = table
    page = ready(opened(served(model, wine) + "#v=1&panel=training", **PHONE))
    page.get_by_role("button", name="Step", exact=True).click()
    until(page, lambda: step(page) > 0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page, "training on a phone", dark=True) == []


@pytest.mark.slow
def test_a_file_says_that_training_needs_a_server(opened, fitted, digits, tmp_path, one_registry):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    run = Run("digits", "digits", fitted, digits.x[:200], digits.y[:200])
    page = opened(f"{page_file([run], tmp_path / 'page.html').as_uri()}#v=1&panel=training")
    page.get_by_text("open the run with “aevum explore”").wait_for()
