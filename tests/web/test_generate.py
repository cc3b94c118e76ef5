"""Can models generate: the same draws through each, the way to an auto-encoder's own codes, and a box on the map."""

import re
import warnings

import numpy as np
import pytest

from aevum import AE, VAE
from aevum.server import Run
from aevum.server.page_file import page_file

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DRAWN = "#v=1&panel=generate&draws=2"


@pytest.fixture(scope="module")
def ae(digits):
    return AE(2, hidden=32, epochs=15, random_state=0).fit(digits)


@pytest.fixture
def both(explored, vae, ae, digits):
    return explored(Run("vae", "vae", vae, digits, digits.y), Run("ae", "ae", ae, digits, digits.y))


def ready(page):
    """Wait until the points are drawn."""
    page.get_by_role("application", name=re.compile("Map")).first.wait_for()
    page.wait_for_timeout(900)
    return page


def generated(page):
    page.wait_for_function("() => aevum.generated() !== null")
    found = page.evaluate("aevum.generated()")
    return {name: np.array(values) for name, values in found.items()}


def pixels(page, i):
    """What the i-th grid shows, each picture as its grey levels from 0 to 1."""
    grids = page.get_by_role("list", name=re.compile("Decoded codes"))
    found = (
        grids.nth(i)
        .locator("li > canvas")
        .evaluate_all(
            """canvases => canvases.map(canvas => {
          const copy = document.createElement("canvas");
          copy.width = canvas.width; copy.height = canvas.height;
          const context = copy.getContext("2d", { willReadFrequently: true });
          context.drawImage(canvas, 0, 0);
          return [...context.getImageData(0, 0, copy.width, copy.height).data].filter((_, i) => i % 4 === 0);
        })"""
        )
    )
    return np.array(found) / 255


def test_the_same_draws_go_through_both_runs(opened, both, vae, ae, digits, violations):
    page = ready(opened(f"{both}#v=1&run=vae&beside=ae"))
    page.get_by_role("button", name="Can it generate?").click()
    found = generated(page)  # by that one button
    codes = found["codes"]
    assert codes.shape == (24, 2) and abs(codes.mean()) < 0.5 and 0.6 < codes.std() < 1.4
    np.testing.assert_allclose(found["x"].reshape(24, 8, 8), vae.inverse_transform(codes), atol=1e-3)
    for i, model in enumerate((vae, ae)):
        expected = np.clip(model.inverse_transform(codes).reshape(24, -1) / 16, 0, 1)
        np.testing.assert_allclose(pixels(page, i), expected, atol=0.01)
    scores = np.add(*vae.distortion_and_rate(found["x"].reshape(24, 8, 8)))
    np.testing.assert_allclose(found["scores"], scores, rtol=1e-3)
    # Of the nine rows whose codes are nearest to that of the decoded picture the nearest in its values.
    z, rows = vae.transform(digits.x), digits.x.reshape(len(digits.x), -1)
    for code, x, row in zip(vae.transform(found["x"].reshape(24, 8, 8)), found["x"], found["rows"], strict=True):
        near = np.square(z - code).sum(axis=1).argsort()[:9]
        assert row == near[np.square(rows[near] - x).sum(axis=1).argmin()]
    met = len(np.unique(digits.y[found["rows"]]))
    said = page.locator(".findings").first.inner_text()
    assert f"{met} of 10 classes met" in said and "× as far" in said and "median −ELBO" in said
    for i, model in enumerate((vae, ae)):
        share = (np.square(model.transform(digits.x)).sum(axis=1) <= 9.22).mean()
        told = page.locator(".generate > .hint").nth(i).inner_text()
        assert abs(float(re.search(r"([\d.]+) % of the rows", told)[1]) - 100 * share) < 0.6
    # Both maps have one length for one unit, and 0 in the middle.
    views = [page.evaluate("aevum.state().view"), page.evaluate("aevum.state().beside[0].view")]
    assert views[0] == views[1] and views[0]["u"] == 0
    assert violations(page, "two runs", dark=True) == []


def test_the_slider_leads_an_auto_encoder_to_its_own_codes_and_back(opened, served, ae, digits):
    page = ready(opened(served(ae, digits) + DRAWN))
    start = generated(page)["codes"]
    slider = page.get_by_role("slider", name=re.compile("From N"))
    slider.fill("1")
    page.wait_for_timeout(700)
    end = generated(page)["codes"]
    assert np.abs(end - start).max() > 0.5

    def away(codes):
        """Mean distance to the nearest code of a row."""
        z = ae.transform(digits.x)
        return np.linalg.norm(z[:, None] - codes[None], axis=2).min(axis=0).mean()

    assert away(end) < 0.3 and end.std() > 1.5 * start.std()
    # No pairing of the two sets moves less.
    cost = np.square(start[:, None] - end[None]).sum(axis=2)
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(cost)
    np.testing.assert_allclose(np.trace(cost), cost[rows, columns].sum(), rtol=1e-4)
    slider.fill("0.5")
    page.wait_for_timeout(700)
    np.testing.assert_allclose(generated(page)["codes"], (start + end) / 2, atol=1e-4)
    page.wait_for_timeout(300)
    assert "blend=0.5" in page.evaluate("location.hash")
    page.keyboard.press("Control+z")
    page.wait_for_timeout(700)
    np.testing.assert_allclose(generated(page)["codes"], start, atol=1e-4)  # the slider was not left between


def test_a_box_is_dragged_on_either_map_and_typed(opened, both, ae, vae, violations):
    page = ready(opened(f"{both}#v=1&run=vae&beside=ae&panel=generate&draws=1"))
    page.get_by_role("button", name="Box", exact=True).click()
    the_map = page.get_by_role("application", name=re.compile("Map of ae"))
    box = the_map.bounding_box()
    before = page.evaluate("aevum.state().z")
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.6 * box["height"], steps=6)
    page.mouse.up()
    page.wait_for_timeout(700)
    dragged = page.evaluate("aevum.state().generate.box")
    assert dragged["left"] < dragged["right"] and dragged["bottom"] < dragged["top"]
    assert page.evaluate("aevum.state().z") == before  # the probe stays
    codes = generated(page)["codes"]
    low, high = [dragged["left"], dragged["bottom"]], [dragged["right"], dragged["top"]]
    assert (codes >= low).all() and (codes <= high).all()
    for i, model in enumerate((vae, ae)):
        expected = np.clip(model.inverse_transform(codes).reshape(24, -1) / 16, 0, 1)
        np.testing.assert_allclose(pixels(page, i), expected, atol=0.01)
    side = page.get_by_role("spinbutton", name="to", exact=True)
    side.fill(str(dragged["right"] + 2))
    side.press("Enter")
    page.wait_for_timeout(700)
    assert page.evaluate("aevum.state().generate.box.right") == pytest.approx(dragged["right"] + 2, abs=0.02)
    assert generated(page)["codes"][:, 0].max() > dragged["right"]
    assert violations(page, "a box") == []
    page.get_by_role("button", name="No box").click()
    page.wait_for_timeout(300)
    assert page.evaluate("aevum.state().generate.box") is None


def test_one_run_alone_on_a_phone(opened, served, vae, digits, violations):
    page = ready(opened(served(vae, digits) + DRAWN, **PHONE))
    generated(page)
    assert page.get_by_text("N(0, I) is this model’s prior").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page, "on a phone") == []


def test_under_a_class_and_of_a_table(opened, served, cvae, digits, table, violations):
    page = ready(opened(served(cvae, digits) + DRAWN + "&y=7"))
    found = generated(page)
    expected = cvae.inverse_transform(found["codes"], np.full(24, digits.y.dtype.type(7)))
    np.testing.assert_allclose(found["x"].reshape(24, 8, 8), expected, atol=1e-3)
    assert "Decoded as 7." in page.locator(".generate").inner_text()
    model, wine = table
    page = ready(opened(served(model, wine) + DRAWN))
    assert generated(page)["x"].shape == (24, 13)
    assert violations(page, "a table", dark=True) == []
    assert "No scores" not in page.locator(".generate").inner_text()


def test_why_means_have_no_score_is_told_once(opened, served):
    """Heaps of whole steps, between which the decoder's means lie: log p(x) of such a row is −∞."""
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=(300, 2)), np.where(rng.random(300) < 0.4, 0, rng.integers(0, 4, 300))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = VAE(2, hidden=8, epochs=2, random_state=0).fit(x)
        page = ready(opened(served(model, x) + DRAWN))
        generated(page)
        page.locator(".findings").wait_for()
        text = page.locator(".generate").inner_text()
    assert "No scores: the decoder gives means" in text and "–" not in page.locator(".generate .grid").inner_text()


@pytest.mark.slow
def test_a_file_does_the_same_without_a_server(opened, ae, digits, tmp_path, one_registry):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    run = Run("digits", "digits", ae, digits.x[:300], digits.y[:300])
    page = ready(opened(page_file([run], tmp_path / "page.html").as_uri() + DRAWN + "&blend=1"))
    found = generated(page)
    np.testing.assert_allclose(found["x"].reshape(24, 8, 8), ae.inverse_transform(found["codes"]), atol=0.02)
    assert "classes met" in page.locator(".findings").inner_text()
