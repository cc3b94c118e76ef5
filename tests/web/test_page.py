"""The page over a socket, as people use it: by mouse, keyboard and touch, in both colours, on a phone."""

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.covering import in_turn

from aevum.server import Run

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def ready(page):
    """Wait until the first picture is decoded and the points are drawn."""
    page.get_by_role("definition").first.wait_for()
    page.wait_for_timeout(500)
    return page


def codes(page):
    return [float(text.replace("−", "-")) for text in page.get_by_role("definition").all_inner_texts() if "." in text]


def the_map(page):
    return page.get_by_role("application", name=re.compile("Map of the latent space"))


def picture(page):
    """The pixels of the decoded picture."""
    return page.get_by_role("img", name="The decoded picture").screenshot()


def drag(page, start, *stops, **options):
    box = the_map(page).bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, *stops)]
    page.mouse.move(*points[0])
    page.mouse.down(**options)
    for x, y in points[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up(**options)


def test_dragging_moves_the_probe_and_the_picture_follows(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    before, seen = codes(page), picture(page)
    drag(page, (0.5, 0.5), (0.7, 0.3), (0.8, 0.4))
    page.wait_for_timeout(300)
    after = codes(page)
    assert after[0] > before[0] and after[1] > before[1]
    page.wait_for_timeout(200)
    assert picture(page) != seen


def test_the_keyboard_moves_the_probe_and_undo_takes_it_back(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    start = codes(page)
    the_map(page).focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    page.wait_for_timeout(300)
    moved = codes(page)
    assert moved[0] > start[0] and moved[1] > start[1]
    for _ in range(9):
        page.keyboard.press("Control+z")
    page.wait_for_timeout(300)
    assert codes(page) == start
    page.keyboard.press("Control+Shift+Z")
    page.wait_for_timeout(300)
    assert codes(page) != start


def test_touch_moves_the_probe_on_a_phone(opened, served, vae, digits):
    page = ready(opened(served(vae, digits), **PHONE))
    before = codes(page)
    box = the_map(page).bounding_box()
    page.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + 0.3 * box["height"])
    page.wait_for_timeout(400)
    assert codes(page) != before
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_slider_moves_one_latent_and_the_address_brings_it_back(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    slider = page.get_by_role("slider", name="z[1]")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(700)
    z, shown = codes(page), picture(page)
    assert z[0] == 0 and z[1] > 0
    address = page.url
    assert "#v=1" in address
    page.goto("about:blank")
    page.goto(address)
    ready(page)
    page.wait_for_timeout(300)
    np.testing.assert_allclose(codes(page), z, atol=1e-3)
    assert picture(page) == shown


def test_numbers_that_make_no_sense_are_put_back(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    field = page.get_by_role("spinbutton", name="z[1], value")
    field.fill("0.5")
    field.press("Enter")
    for text in ("", "1e30", "-2e6"):
        field.fill(text)
        field.blur()
        assert (field.input_value(), codes(page)[1]) == ("0.5", 0.5)
    attribute = "attributes=seven/0/label:7/others&panel=attributes"
    page.goto(f"{page.url.partition('#')[0]}#v=1&{attribute}")
    amount = page.get_by_role("spinbutton", name="seven, amount as a number")
    before = amount.input_value()
    for text in ("", "1e300"):
        amount.fill(text)
        amount.blur()
        assert amount.input_value() == before


@pytest.mark.parametrize(
    "hash",
    [
        "z=1e30,1e30&view=0,0,1e-300",
        "z=NaN,0&view=1e300,0,1",
        pytest.param("view=0,0,1e300", marks=pytest.mark.slow),
    ],
)
def test_an_address_that_makes_no_sense_shows_the_usual(opened, served, vae, digits, hash):
    page = ready(opened(served(vae, digits)))
    page.goto(f"{page.url.partition('#')[0]}#v=1&{hash}")
    page.reload()
    ready(page)
    state = page.evaluate("aevum.state()")
    assert (state["z"], state["view"]) == ([0, 0], None)
    the_map(page).focus()
    for _ in range(40):
        page.keyboard.press("-")
    page.wait_for_timeout(200)
    assert 50 < page.evaluate("aevum.state().view.span") < 1000


# Each of the ways is gone by tests/server.
@pytest.mark.parametrize(
    "path", ["Geodesic", *(pytest.param(p, marks=pytest.mark.slow) for p in ("Linear", "Spherical"))]
)
def test_a_morph_between_two_random_rows(opened, served, vae, digits, path):
    page = ready(opened(served(vae, digits)))
    page.get_by_role("tab", name="Morph").click()
    for end in ("A", "B"):
        page.get_by_role("group", name=re.compile(f"^{end}")).get_by_role("button", name="Random").click()
    page.get_by_role("radio", name=path).check(force=True)
    page.get_by_text("Change along the way").wait_for()
    page.wait_for_timeout(800)
    assert "path" in page.url or path == "Linear"


def test_a_drawing_is_encoded_and_scored(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    page.get_by_role("tab", name="Draw").click()
    pad = page.get_by_role("application", name=re.compile("Drawing pad"))
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.85 * box["height"], steps=10)
    page.mouse.up()
    page.get_by_role("button", name="Go there").click()
    page.wait_for_timeout(500)
    assert any(codes(page))


def test_an_uploaded_picture_is_encoded(opened, served, vae, digits, tmp_path):
    page = ready(opened(served(vae, digits)))
    page.get_by_role("tab", name="Draw").click()
    x = digits.x[3]
    Image.fromarray((x * 255 / 16).astype(np.uint8)).save(tmp_path / "three.png")
    page.get_by_role("tabpanel").locator("input[type=file]").set_input_files(tmp_path / "three.png")
    page.get_by_role("button", name="Go there").click()
    page.wait_for_timeout(500)
    np.testing.assert_allclose(codes(page), vae.transform(x[None])[0], atol=0.05)


def test_ink_on_paper_is_inverted(opened, served, vae, digits, tmp_path):
    page = ready(opened(served(vae, digits)))
    page.get_by_role("tab", name="Draw").click()
    invert = page.get_by_role("button", name="Invert")
    assert invert.is_disabled()
    x = digits.x[3]
    Image.fromarray((255 - x * 255 / 16).astype(np.uint8)).save(tmp_path / "three.png")
    page.get_by_role("tabpanel").locator("input[type=file]").set_input_files(tmp_path / "three.png")
    invert.click()
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Go there").click()
    page.wait_for_timeout(500)
    np.testing.assert_allclose(codes(page), vae.transform(x[None])[0], atol=0.05)


def stroke(page, *places):
    """Draw on the pad from place to place, in shares of it."""
    box = page.get_by_role("application", name=re.compile("Drawing pad")).bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=8)
    page.mouse.up()
    page.wait_for_timeout(100)


def test_a_score_that_overflows_is_said(opened, explored, vae, digits, monkeypatch):
    run = Run("vae", "vae", vae, digits)
    monkeypatch.setattr(run, "score", lambda x, y: np.full(len(x), np.nan if len(x) == 1 else 1.0))
    page = ready(opened(explored(run)))
    page.get_by_role("tab", name="Draw").click()
    stroke(page, (0.5, 0.15), (0.5, 0.85))
    page.get_by_text("beyond what can be computed").wait_for()
    assert "of the rows" not in page.locator(".score").inner_text()


PAD = """() => {
    const pad = document.querySelector('.pad-canvas');
    return Array.from(pad.getContext('2d').getImageData(0, 0, pad.width, pad.height).data);
}"""


def test_a_drawing_is_undone_stroke_by_stroke_and_is_in_the_address(opened, served, vae, digits, tmp_path):
    page = ready(opened(served(vae, digits)))
    page.get_by_role("tab", name="Draw").click()
    page.wait_for_timeout(200)
    seen = [page.evaluate(PAD)]
    stroke(page, (0.5, 0.15), (0.5, 0.85))
    seen.append(page.evaluate(PAD))
    stroke(page, (0.2, 0.5), (0.5, 0.4), (0.8, 0.5))
    seen.append(page.evaluate(PAD))
    page.get_by_role("button", name="Clear").click()
    seen.append(page.evaluate(PAD))
    Image.fromarray((digits.x[3] * 255 / 16).astype(np.uint8)).save(tmp_path / "three.png")
    page.get_by_role("tabpanel").locator("input[type=file]").set_input_files(tmp_path / "three.png")
    page.wait_for_function("() => aevum.state().drawn !== null")
    page.wait_for_timeout(100)
    seen.append(page.evaluate(PAD))
    assert seen[0] == seen[3] and len({str(one) for one in seen}) == 4
    for before in seen[3::-1]:
        page.keyboard.press("Control+z")
        page.wait_for_timeout(100)
        assert page.evaluate(PAD) == before
    assert page.get_by_role("button", name="Undo").is_disabled()
    for after in seen[1:3]:
        page.keyboard.press("Control+Shift+z")
        page.wait_for_timeout(100)
        assert page.evaluate(PAD) == after
    page.wait_for_timeout(1200)
    reconstruction = page.get_by_role("img", name="Reconstruction").screenshot()
    score, address = page.locator(".score").inner_text(), page.url
    assert "…" not in score
    page.goto("about:blank")
    page.goto(address)
    ready(page)
    page.wait_for_timeout(1200)
    assert page.evaluate(PAD) == seen[2]
    assert page.get_by_role("img", name="Reconstruction").screenshot() == reconstruction
    assert page.locator(".score").inner_text() == score


def test_every_class_of_a_conditional_model_is_side_by_side(opened, served, cvae, digits):
    page = ready(opened(served(cvae, digits)))
    page.get_by_role("tab", name="Condition").click()
    panel = page.get_by_role("tabpanel")
    before = picture(page)
    panel.get_by_role("button", name=re.compile("^7")).or_(
        panel.get_by_role("radio", name=re.compile("^7"))
    ).first.click()
    page.wait_for_timeout(400)
    assert picture(page) != before


def test_a_table_has_a_chart_instead_of_a_picture(opened, served, table):
    page = ready(opened(served(*table)))
    decoded = page.get_by_role("region", name="Decoded", exact=True)
    assert "alcohol" in decoded.inner_text()
    assert page.get_by_role("tab", name="Draw").count() == 0


def test_a_model_without_its_data_still_decodes(opened, served, vae):
    page = ready(opened(served(vae)))
    before = codes(page)
    drag(page, (0.5, 0.5), (0.8, 0.3))
    page.wait_for_timeout(300)
    assert codes(page) != before


def test_a_server_that_is_gone_is_said_and_tried_again(browser, vae, digits):
    page = browser.new_page()
    with vae.explore(digits, inline=False, open_browser=False) as handle:
        page.goto(handle.url)
        ready(page)
        told = page.get_by_role("status", name="Position").filter(has_text="Nearest class").element_handle()
    page.get_by_role("alert").filter(has_text="The server has stopped answering").wait_for()
    assert page.get_by_role("button", name="Try now").is_visible()
    # The last answer is of another place than the one that is told now.
    drag(page, (0.5, 0.5), (0.8, 0.3))
    page.wait_for_function("status => !status.textContent.includes('Nearest class')", arg=told)
    page.close()


@in_turn(kind=["image", "class", "table"], size=["wide", "phone"])
def test_axe_finds_nothing(opened, served, vae, cvae, table, digits, violations, kind, size):
    model, data = {"image": (vae, digits), "class": (cvae, digits), "table": table}[kind]
    page = ready(opened(served(model, data), **(PHONE if size == "phone" else {})))
    found = []
    for tab in page.get_by_role("tab").all():
        tab.click()
        found += violations(page, tab.inner_text(), dark=size == "wide")
    assert found == []


@pytest.mark.parametrize(
    "options",
    [pytest.param({}, marks=pytest.mark.slow), {"color_scheme": "dark"}, PHONE],  # a phone is light
    ids=["light", "dark", "phone"],
)
def test_labels_that_are_a_quantity_have_a_scale(opened, served, vae, digits, violations, options):
    """From the least to the greatest, with both told; rows without one are grey, and what is near is their mean. A name
    that they have is told in place of "label".
    """
    labels = np.linspace(-2.5, 40, len(digits.x))
    labels[::100] = np.nan
    name = "angle [°]" if options == PHONE else None
    page = ready(opened(served(vae, digits.x, pd.Series(labels, name=name)), **options))
    legend = page.locator(".legend")
    assert legend.inner_text().split("\n")[0].startswith(name or "Label")
    assert page.get_by_label("Colour").locator("option").first.inner_text() == (name or "Label")
    assert name is None or page.get_by_text("angle [°] nearby").is_visible()
    assert "−2.48" in legend.inner_text() and "40.0" in legend.inner_text()
    assert f"{len(labels[::100])} rows without one: grey" in legend.inner_text()
    assert page.get_by_role("group", name="Labels to single out").count() == 0
    status = page.get_by_role("status", name="Position").filter(has_text="Label nearby")
    status.wait_for(state="attached")
    near = np.argsort(np.linalg.norm(vae.transform(digits.x), axis=1))[:5]
    told = float(re.search(r"Label nearby ([−\d.]+)", status.inner_text())[1].replace("−", "-"))
    assert abs(told - np.nanmean(labels[near])) < 0.06
    shown = page.locator(".plot canvas").nth(1).evaluate(COLOURS)
    assert shown > 20
    assert violations(page) == []


# How many colours the points have, of those that cover their pixel.
COLOURS = """canvas => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  const found = new Set();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 250) found.add(data.slice(i, i + 3).join());
  return found.size;
}"""


def test_labels_that_colours_can_not_tell_are_spoken_of(opened, served, vae, digits):
    page = ready(opened(served(vae, digits.x, np.array([f"name {row}" for row in range(len(digits.x))]))))
    assert page.get_by_text("No colour by label: 1,797 different labels are too many").is_visible()
    assert page.get_by_role("combobox", name="Colour").locator("option").all_inner_texts() == ["−ELBO", "One colour"]


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}], ids=["light", "dark"])
def test_points_over_the_lattice_are_fewer_and_rimmed(opened, explored, vae, digits, violations, options):
    """Both are to be seen: the page says how many are drawn, and each lies on the page's own ground."""
    rows = np.tile(digits.x, (12, 1, 1))
    page = ready(opened(explored(Run("vae", "vae", vae, rows, np.tile(digits.y, 12))), **options))
    page.wait_for_timeout(500)
    points = page.locator(".plot canvas").nth(1)
    covered = points.evaluate(SHARE)
    page.get_by_role("button", name="Lattice").click()
    page.get_by_text(re.compile(r"One of (8|16|32) points is drawn, so that the lattice shows")).wait_for()
    page.wait_for_timeout(600)
    ground = [255, 255, 255] if not options else [20, 23, 28]
    rim = points.evaluate(f"canvas => ({SHARE})(canvas, {ground})")
    assert rim > 0.01 and points.evaluate(SHARE) < max(covered, 0.35)
    assert violations(page) == []


# The share of the map that points cover, or that this colour does.
SHARE = """(canvas, colour) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 250 && (!colour || colour.every((part, k) => data[i + k] === part))) count++;
  }
  return (4 * count) / data.length;
}"""
