"""The panel that shows one example inside of the model: what it says is what Python says."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from aevum import AE
from aevum.server import Run
from aevum.server.page_file import page_file

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NOISE = [1.5, -0.75]


def ready(page):
    """Wait until the first example has gone through and its draws have come."""
    page.get_by_role("definition").first.wait_for()
    page.locator(".diagram").wait_for()
    page.wait_for_timeout(900)
    return page


def numbers(text):
    return [float(each) for each in re.findall(r"-?\d+\.?\d*", text.replace("−", "-").replace(",", ""))]


def terms(page):
    """Distortion, rate and −ELBO as they stand beside the bars."""
    return [numbers(text)[0] for text in page.locator(".terms-sum strong").all_inner_texts()]


def told(page):
    return page.locator(".diagram svg").get_attribute("aria-label")


def expect_terms(page, found, digits=0.06):
    distortion, rate = float(found.distortion[0]), float(found.rate[0])
    np.testing.assert_allclose(terms(page), [distortion, rate, distortion + rate], atol=digits)


def test_a_row_goes_through_as_in_python_and_noise_moves_its_code(opened, served, vae, digits, violations):
    page = ready(opened(served(vae, digits) + f"#v=1&panel=inside&row=12&noise={NOISE[0]},{NOISE[1]}"))
    found = vae.inside(digits.x[12:13], noise=[NOISE])
    expect_terms(page, found)
    assert all(f"{value:.2f}".replace("-", "−") in told(page) for value in found.z[0])
    still = vae.inside(digits.x[12:13])
    page.get_by_role("button", name="ε = 0").click()
    page.wait_for_timeout(400)
    expect_terms(page, still)
    # By keyboard: a large step of each latent's noise; and back.
    slider = page.get_by_role("slider", name="ε[0]", exact=True)
    slider.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_timeout(400)
    expect_terms(page, vae.inside(digits.x[12:13], noise=[[0.5, 0.0]]))
    page.keyboard.press("Control+z")
    page.wait_for_timeout(400)
    expect_terms(page, still)
    before = told(page)
    page.get_by_role("button", name="Resample").click()
    page.wait_for_timeout(400)
    assert told(page) != before and len(page.evaluate("aevum.state().inside.epsilon")) == 2
    page.wait_for_timeout(300)
    assert re.search(r"&noise=[-\d.]*,[-\d.]+", page.evaluate("location.hash"))
    assert violations(page, "inside", dark=True) == []


def test_noise_is_dragged_in_a_plane(opened, served, vae, digits):
    page = ready(opened(served(vae, digits) + "#v=1&panel=inside&row=12"))
    plane = page.locator(".noise-plane svg")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"], steps=8)
    page.mouse.up()
    page.wait_for_timeout(400)
    np.testing.assert_allclose(page.evaluate("aevum.state().inside.epsilon"), [1.5, 1.5], atol=0.06)
    page.keyboard.press("Control+z")  # the drag is one step
    page.wait_for_timeout(300)
    assert page.evaluate("aevum.state().inside.epsilon") is None


def test_the_row_that_is_pointed_at_goes_through_and_its_posterior_is_on_the_map(opened, served, vae, digits):
    page = ready(opened(served(vae, digits) + "#v=1&panel=inside&view=0,0,9"))
    the_map = page.get_by_role("application", name=re.compile("Map of the latent space"))
    box, frame = the_map.bounding_box(), page.evaluate("aevum.frame()")
    z = vae.transform(digits.x)
    row = int(np.square(z - z.mean(axis=0)).sum(axis=1).argsort()[-8])
    left = box["x"] + box["width"] - frame["width"]
    x, y = (
        left + frame["originX"] + z[row, 0] * frame["pixelsU"],
        box["y"] + frame["originY"] - z[row, 1] * frame["pixelsV"],
    )
    assert "decodes to" in page.locator(".inside-head").inner_text()
    x, y = float(x), float(y)
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.wait_for_timeout(900)
    shown = numbers(page.locator(".inside-head strong").inner_text())[0]
    assert "pointed at" in page.locator(".inside-head").inner_text()
    expect_terms(page, vae.inside(digits.x[int(shown) : int(shown) + 1]))
    around = {"x": x - 14, "y": y - 14, "width": 28, "height": 28}

    def orange():
        """How much of the map there has the posterior's colour."""
        pixels = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=around))).convert("RGB"), np.int64)
        return (np.abs(pixels - [156, 58, 0]).sum(axis=2) < 60).sum()

    with_it = orange()
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] - 5)
    page.wait_for_timeout(900)
    assert with_it > orange() + 10
    the_map.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(900)
    assert re.match(r"Row [\d,]+, \d$", page.locator(".inside-head strong").inner_text())


def test_an_auto_encoder_has_no_noise_and_says_why(opened, served, digits, violations):
    ae = AE(2, hidden=16, epochs=3, random_state=0).fit(digits)
    page = ready(opened(served(ae, digits) + "#v=1&panel=inside&row=5"))
    np.testing.assert_allclose(terms(page), ae.inside(digits.x[5:6]).distortion, atol=0.06)
    assert "σ = 0" in page.locator(".inside").inner_text() and page.locator(".diagram .wire.absent").count() == 2
    assert page.get_by_role("button", name="Resample").count() == 0
    assert violations(page, "of an auto-encoder") == []


def test_y_enters_both_ends(opened, served, cvae, digits, violations):
    page = ready(opened(served(cvae, digits) + "#v=1&panel=inside&row=12&noise=0.5,0,-1"))
    found = cvae.inside(digits.x[12:13], digits.y[12:13], noise=[[0.5, 0.0, -1.0]])
    expect_terms(page, found)
    assert "y enters encoder and decoder" in told(page)
    assert f"y = {digits.y[12]}" in page.locator(".inside-head").inner_text()
    assert violations(page, "under y") == []


@pytest.mark.slow
def test_an_uploaded_picture_goes_through(opened, served, vae, digits, tmp_path):
    picture = np.round(digits.x[3] * 255 / 16).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "three.png")
    page = ready(opened(served(vae, digits) + "#v=1&panel=inside"))
    page.locator(".inside input[type=file]").set_input_files(tmp_path / "three.png")
    page.wait_for_timeout(900)
    assert page.locator(".inside-head strong").inner_text() == "The drawing"
    expect_terms(page, vae.inside(np.round(digits.x[3:4]), noise=None), digits=1.0)
    page.get_by_role("radio", name="Probe or row").check(force=True)
    page.wait_for_timeout(500)
    assert "decodes to" in page.locator(".inside-head").inner_text()


def test_a_table_and_a_phone(opened, served, table, violations):
    model, wine = table
    page = ready(opened(served(model, wine) + "#v=1&panel=inside&row=4", **PHONE))
    expect_terms(page, model.inside(wine.x[4:5]))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("Distortion, rate, nats").click()
    assert page.get_by_text("1 nat = 1.44 bits").is_visible()
    assert violations(page, "a table on a phone", dark=True) == []


@pytest.mark.slow
def test_a_file_says_the_same_without_a_server(opened, vae, digits, violations, tmp_path, one_registry):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    run = Run("digits", "digits", vae, digits.x[:200], digits.y[:200])
    address = page_file([run], tmp_path / "page.html").as_uri()
    page = ready(opened(f"{address}#v=1&panel=inside&row=12&noise={NOISE[0]},{NOISE[1]}"))
    expect_terms(page, vae.inside(digits.x[12:13], noise=[NOISE]), digits=0.2)
    assert violations(page, "in a file") == []
