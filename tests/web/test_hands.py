"""What hands do besides what they mean to: a press that slips, a second finger, a second file."""

import re

import numpy as np
import pytest
from PIL import Image

TOUCH = {"viewport": {"width": 1280, "height": 860}, "has_touch": True}


def ready(page):
    """Wait until the first picture is decoded and the points are drawn."""
    page.get_by_role("definition").first.wait_for()
    page.wait_for_timeout(500)
    return page


def codes(page):
    return [float(text.replace("−", "-")) for text in page.get_by_role("definition").all_inner_texts() if "." in text]


def touch(page):
    """Put fingers on these points, or lift them all."""
    session = page.context.new_cdp_session(page)

    def call(kind, *points):
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
        page.wait_for_timeout(50)

    return call


@pytest.mark.slow
def test_only_a_press_beside_a_dialog_closes_it(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    page.get_by_role("button", name="Help").click()
    dialog = page.get_by_role("dialog")
    box = dialog.bounding_box()
    left, top = box["x"], box["y"]
    # Its padding, and a selection of text that ends beside it.
    page.mouse.click(left + 4, top + box["height"] / 2)
    heading = dialog.get_by_role("heading", name="Mouse and touch").bounding_box()
    page.mouse.move(heading["x"] + 40, heading["y"] + 5)
    page.mouse.down()
    page.mouse.move(left - 60, heading["y"] + 5, steps=5)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert dialog.is_visible()
    page.mouse.click(left - 60, top + 20)
    dialog.wait_for(state="hidden")


@pytest.mark.slow
def test_keys_do_nothing_behind_a_dialog(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    page.get_by_role("button", name="Draw from the prior").click()
    page.wait_for_timeout(300)
    moved = codes(page)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Control+z")
    page.keyboard.press("?")
    page.wait_for_timeout(300)
    assert codes(page) == moved
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.wait_for_timeout(300)
    assert codes(page) != moved


def test_a_third_finger_leaves_the_probe_where_it_is(opened, served, vae, digits):
    page = ready(opened(served(vae, digits), **TOUCH))
    box = page.get_by_role("application", name=re.compile("Map of the latent space")).bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + 0.5 * box["height"]) for x in (0.4, 0.6, 0.85)]
    fingers = touch(page)
    fingers("touchStart", points[0])
    page.wait_for_timeout(300)
    start = codes(page)
    fingers("touchStart", *points[:2])
    fingers("touchStart", *points)
    fingers("touchEnd")
    page.wait_for_timeout(300)
    assert codes(page) == start


def test_a_second_finger_does_not_draw(opened, served, vae, digits):
    page = ready(opened(served(vae, digits), **TOUCH))
    page.get_by_role("tab", name="Draw").click()
    box = page.get_by_role("application", name=re.compile("Drawing pad")).bounding_box()
    at = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ((0.2, 0.2), (0.2, 0.6), (0.85, 0.85))
    ]
    fingers = touch(page)
    fingers("touchStart", at[0])
    fingers("touchStart", at[0], at[2])
    fingers("touchMove", at[1], at[2])
    fingers("touchEnd")
    page.wait_for_timeout(200)
    grey = page.evaluate(
        """() => {
          const canvas = document.querySelector(".pad-canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return [...data].filter((_, i) => i % 4 === 0);
        }"""
    )
    drawn = np.array(grey).reshape(8, 8) != grey[-1]
    assert drawn[:, :3].any()
    assert not drawn[:, 5:].any()


@pytest.mark.slow
def test_of_two_pictures_the_later_one_stays(opened, served, vae, digits, tmp_path):
    page = ready(opened(served(vae, digits)))
    for row in (3, 4):
        Image.fromarray((digits.x[row] * 255 / 16).astype(np.uint8)).save(tmp_path / f"{row}.png")
    held = []
    page.route("**/upload", lambda route: route.continue_() if held else held.append(route))
    page.get_by_role("tab", name="Draw").click()
    chosen = page.get_by_role("tabpanel").locator("input[type=file]")
    for row in (3, 4):
        chosen.set_input_files(tmp_path / f"{row}.png")
        page.wait_for_timeout(300)
    held[0].continue_()
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Go there").click()
    page.wait_for_timeout(500)
    np.testing.assert_allclose(codes(page), vae.transform(digits.x[4:5])[0], atol=0.05)


@pytest.mark.slow
def test_a_row_that_comes_late_does_not_take_the_place_of_the_next_one(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    page.evaluate(
        """async () => {
          const [run] = (await aevum.host.catalogue()).runs;
          const backend = Object.getPrototypeOf(aevum.host.backend(run.id));
          const rows = backend.rows;
          let late = true;
          backend.rows = async function (indices) {
            const wait = late ? 1200 : 0;
            late = false;
            const found = await rows.call(this, indices);
            await new Promise((resolve) => setTimeout(resolve, wait));
            return found;
          };
        }"""
    )
    the_map = page.get_by_role("application", name=re.compile("Map of the latent space"))
    the_map.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    first = page.locator("figure.original").inner_text()
    for _ in range(6):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_timeout(2000)
    assert page.locator("figure.original").inner_text() != first
    shown = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    assert page.locator("figure.original canvas").evaluate(shown)


@pytest.mark.slow
def test_the_card_is_of_the_row_under_the_pointer_when_the_map_has_moved_beneath_it(opened, served, vae, digits):
    """By the wheel, by a key, or by a button's way to all: a row that has gone is not told of a place where it was."""
    page = ready(opened(served(vae, digits)))
    box = page.get_by_role("application").bounding_box()
    codes = vae.transform(digits.x)
    right, left = box["x"] + box["width"] / 2 + 26, box["x"] + 52
    card = page.locator("[data-card]")
    places = [(right + dx, box["y"] + dy) for dy in range(120, 400, 20) for dx in range(-150, 60, 15)]
    found = next(place for place in places if _pointed(page, card, *place))

    def told():
        """Whether the row that the card tells of, or none, is the one whose point is nearest."""
        page.wait_for_timeout(400)
        view = page.evaluate("aevum.frame()")
        x, y = found[0] - left, found[1] - box["y"]
        across = view["originX"] + codes[:, 0] * view["pixelsU"]
        up = view["originY"] - codes[:, 1] * view["pixelsV"]
        far = np.hypot(across - x, up - y)
        row = int(far.argmin()) if far.min() <= 14 else None
        shown = re.search(r"row ([\d,]+)", card.inner_text()) if card.count() else None
        return (None if shown is None else int(shown[1].replace(",", ""))) == row

    assert told()
    for _ in range(4):
        page.mouse.wheel(0, -300)
        assert told()
    page.mouse.wheel(0, 5000)
    assert told()
    page.get_by_role("application").focus()
    page.keyboard.press("0")
    assert told()
    page.keyboard.press("Control+ArrowRight")
    assert told()


def _pointed(page, card, x, y):
    page.mouse.move(x, y)
    page.wait_for_timeout(20)
    return card.count() > 0
