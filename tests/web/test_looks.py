"""The page where names are long, examples are of odd proportions, windows are small, or colours are forced."""

import re

import numpy as np
import pytest

from aevum import CVAE, VAE
from aevum.server import Run

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOW = {"width": 1280, "height": 720}
SMALL = {"latent_dim": 2, "hidden": 16, "epochs": 10, "beta": 0.01, "random_state": 0}


@pytest.fixture(scope="session")
def named(digits):
    """A conditional model whose classes' names can't be broken at a space."""
    names = np.array(["<b>x</b>", "a&b", "<script>alert(1)</script>"])[digits.y % 3]
    return CVAE(**SMALL).fit(digits.x, names), digits.x, names


@pytest.fixture(scope="session")
def tall():
    x = np.random.default_rng(0).random((60, 40, 6))
    return VAE(**SMALL).fit(x), x


@pytest.fixture(scope="session")
def line():
    """Examples of one line of pixels."""
    x = (np.arange(40) < np.random.default_rng(0).integers(5, 35, (60, 1, 1))).astype(float)
    return VAE(**SMALL).fit(x), x


def ready(page):
    page.get_by_role("definition").first.wait_for()
    page.wait_for_timeout(500)
    return page


def the_map(page):
    return page.get_by_role("application", name=re.compile("Map of the latent space"))


def point_at_a_row(page):
    """Go to a row, since there is a point, and point at it."""
    box = the_map(page).bounding_box()
    for y in np.linspace(0.2, 0.8, 13):
        for x in np.linspace(0.3, 0.8, 11):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            page.wait_for_timeout(20)
            if page.locator("[data-card]").count():
                page.wait_for_timeout(600)
                return page.locator("[data-card]")
    pytest.fail("no point was found")


def within(inner, outer, slack=1):
    """Whether one box lies in the other."""
    across = inner["x"] >= outer["x"] - slack and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + slack
    up = inner["y"] >= outer["y"] - slack and inner["y"] + inner["height"] <= outer["y"] + outer["height"] + slack
    return across and up


def a_morph(page):
    page.get_by_role("tab", name="Morph").click()
    for end in ("A", "B"):
        page.get_by_role("group", name=re.compile(f"^{end}")).get_by_role("button", name="Random").click()
    page.get_by_text("Change along the way").wait_for()


@pytest.mark.slow
def test_a_card_of_long_labels_is_as_large_as_any(opened, served, vae, digits):
    labels = np.array([f"A very long label that somebody wrote for class number {i}, with a note" for i in digits.y])
    card = point_at_a_row(ready(opened(served(vae, digits.x, labels))))
    box = card.bounding_box()
    assert box["height"] < 380
    pictures = card.locator("canvas").all()
    assert len(pictures) == 7 and all(within(picture.bounding_box(), box) for picture in pictures)


@pytest.mark.parametrize("kind", ["tall", "line"])
def test_examples_of_any_proportions_are_seen_whole(opened, served, tall, line, kind):
    page = ready(opened(served(*{"tall": tall, "line": line}[kind])))
    box = point_at_a_row(page).bounding_box()
    assert box["height"] < 380
    a_morph(page)
    canvases = page.locator("canvas.example").all()
    sizes = [canvas.bounding_box() for canvas in canvases]
    assert len(sizes) > 12
    assert all(12 <= size["width"] <= 270 and 20 <= size["height"] <= 270 for size in sizes)


def test_the_probe_is_in_sight_or_pointed_to(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    probe, arrow = page.locator(".live .probe"), page.locator(".live .arrow")
    assert not arrow.is_visible()
    page.get_by_role("spinbutton", name="z[0], value").fill("9")
    page.keyboard.press("Enter")
    arrow.wait_for()
    assert within(arrow.bounding_box(), the_map(page).bounding_box())
    page.get_by_role("button", name="Show all").click()
    page.wait_for_timeout(300)
    assert not arrow.is_visible() and within(probe.bounding_box(), the_map(page).bounding_box())
    # A link to such a place opens on a map that shows it.
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    ready(page)
    assert not arrow.is_visible() and within(probe.bounding_box(), the_map(page).bounding_box())


def test_names_of_classes_stay_in_their_cards(opened, served, named):
    page = ready(opened(served(*named)))
    page.get_by_role("tab", name="Condition").click()
    panel = page.get_by_role("tabpanel")
    page.wait_for_timeout(300)
    cards = panel.locator(".class").all()
    assert len(cards) == 3
    for card in cards:
        assert within(card.locator(".class-name").bounding_box(), card.bounding_box())
    decoded = page.get_by_role("region", name="Decoded", exact=True)
    for told in decoded.locator("dd").all():
        assert within(told.bounding_box(), decoded.bounding_box())


def test_a_mix_says_which_class_has_which_share(opened, served, cvae, digits):
    page = ready(opened(served(cvae, digits)))
    page.get_by_role("tab", name="Condition").click()
    panel, decoded = page.get_by_role("tabpanel"), page.get_by_role("region", name="Decoded", exact=True)
    assert "0: 100 %, 1: 0 %" in panel.inner_text()
    assert re.search(r"Decoded as\s+0\b", decoded.inner_text())
    panel.get_by_label("From").select_option(label="1")
    assert [panel.get_by_label(end).input_value() for end in ("From", "to")] == ["1", "0"]
    assert "1: 100 %, 0: 0 %" in panel.inner_text()
    status = page.get_by_role("status", name="Position")
    status.filter(has_text=re.compile(r"is [−\d.]+\. Decoded as 1\.")).wait_for()


def test_a_notice_covers_nothing_and_goes_away(browser, served, vae, digits, tmp_path):
    (tmp_path / "none.png").write_bytes(b"no picture")
    # Chromium puts the server's refusal on the console, which other tests must find empty.
    page = browser.new_page()
    page.goto(served(vae, digits))
    ready(page)
    page.get_by_role("tab", name="Draw").click()
    notice = page.get_by_role("alert").filter(has_text="could not be read")
    for _ in range(2):
        page.get_by_role("tabpanel").locator("input[type=file]").set_input_files(tmp_path / "none.png")
        notice.wait_for()
        box, below = notice.bounding_box(), page.get_by_role("main").bounding_box()
        assert box["y"] + box["height"] <= below["y"]
        page.keyboard.press("Escape")
        notice.wait_for(state="detached")
    page.close()


def test_three_columns_have_heads_of_one_line(opened, explored, vae, cvae, digits):
    models = {"vae": vae, "cvae": cvae, "another-with-a-long-name": cvae}
    address = explored(*(Run(id, f"runs/{id}", model, digits, digits.y) for id, model in models.items()))
    page = ready(opened(f"{address}#v=1&run=cvae&beside=vae,another-with-a-long-name"))
    page.get_by_role("application").nth(2).wait_for()
    for axes in page.get_by_role("combobox", name="Axes").all():
        axes.select_option(label="Latents")
    page.wait_for_timeout(300)
    maps = [plot.bounding_box() for plot in page.get_by_role("application").all()]
    assert len({box["y"] for box in maps}) == 1 and len({round(box["width"]) for box in maps}) == 1
    for name, box in zip(("vae", "another-with-a-long-name"), sorted(maps[1:], key=lambda box: box["x"]), strict=True):
        close = page.get_by_role("button", name=f"Close runs/{name}").bounding_box()
        assert box["x"] + box["width"] - close["x"] - close["width"] < 12
        assert close["y"] + close["height"] <= box["y"]


@pytest.mark.parametrize("size", [(900, 420), (1024, 500)])
def test_on_a_low_screen_the_page_scrolls(opened, served, vae, digits, size):
    width, height = size
    page = ready(opened(served(vae, digits), viewport={"width": width, "height": height}))
    assert page.get_by_role("tabpanel").bounding_box()["height"] > 150
    assert the_map(page).bounding_box()["height"] > 300
    page.keyboard.press("Control+End")
    page.mouse.move(width - 20, 30)
    page.mouse.wheel(0, 900)
    page.wait_for_timeout(300)
    panel = page.get_by_role("tabpanel").bounding_box()
    assert panel["y"] + panel["height"] <= height


def test_the_player_of_a_morph_lies_over_no_frame(opened, served, vae, digits):
    page = ready(opened(served(vae, digits), viewport=LOW))
    a_morph(page)
    page.get_by_role("spinbutton", name="Frames").fill("60")
    page.keyboard.press("Enter")
    frames = page.get_by_role("list", name="Frames")
    frames.get_by_role("button", name="Frame 60 of 60").wait_for()
    panel = page.get_by_role("tabpanel")
    play, first = page.get_by_role("button", name="Play"), frames.get_by_role("button").first
    box = play.bounding_box()
    assert within(box, panel.bounding_box()) and within(first.bounding_box(), panel.bounding_box())
    assert box["y"] + box["height"] <= first.bounding_box()["y"]
    # Nor does it when the panel has moved.
    panel.evaluate("element => element.scrollTo(0, 9999)")
    assert play.bounding_box()["y"] + box["height"] <= frames.bounding_box()["y"]


def test_on_a_low_screen_runs_side_by_side_are_seen_whole(opened, explored, vae, cvae, digits):
    runs = [Run(id, f"runs/{id}", model, digits, digits.y) for id, model in (("a", vae), ("b", vae), ("c", cvae))]
    page = ready(opened(f"{explored(*runs)}#v=1&run=a&beside=b", viewport=LOW))
    page.get_by_role("application").nth(1).wait_for()
    page.get_by_role("button", name="Random A and B").click()
    page.get_by_role("list", name="Way of runs/b").wait_for()
    maps = page.get_by_role("application").all()
    parts = [*maps, *page.get_by_role("img", name="The decoded picture").all(), *page.locator(".way-strip").all()]
    screen = {"x": 0, "y": 0, **LOW}
    assert len(parts) == 6 and all(within(part.bounding_box(), screen) for part in parts)
    assert all(plot.bounding_box()["height"] > 340 and plot.bounding_box()["width"] > 340 for plot in maps)
    page.get_by_role("combobox", name="Add a run").select_option(label="runs/c")
    page.get_by_role("application").nth(2).wait_for()
    page.wait_for_timeout(300)
    parts = [*page.get_by_role("application").all(), *page.get_by_role("img", name="The decoded picture").all()]
    assert len(parts) == 6 and all(within(part.bounding_box(), screen) for part in parts)


@pytest.mark.slow
def test_a_filmstrip_is_one_stop_of_the_keyboard(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    a_morph(page)
    frames = page.get_by_role("spinbutton", name="Frames")
    frames.fill("60")
    frames.press("Enter")
    strip = page.get_by_role("list", name="Frames")
    strip.get_by_role("button", name="Frame 60 of 60").wait_for()
    assert strip.locator("button[tabindex='0']").count() == 1
    strip.locator("button[tabindex='0']").focus()
    at = page.locator(":focus")
    for key, frame in (("End", 60), ("ArrowLeft", 59), ("Home", 1), ("ArrowRight", 2)):
        page.keyboard.press(key)
        assert at.get_attribute("aria-label") == f"Frame {frame} of 60"
        page.wait_for_timeout(200)
        assert within(at.bounding_box(), page.get_by_role("tabpanel").bounding_box())
    play = page.get_by_role("button", name="Play").bounding_box()
    assert within(play, page.get_by_role("tabpanel").bounding_box())
    for name in ("Frame", "Play"):  # above the frames, over which it would hide some
        page.keyboard.press("Shift+Tab")
        assert at.get_attribute("aria-label") == name


def test_a_phone_shows_every_choice_of_the_map(opened, served, cvae, digits):
    page = ready(opened(served(cvae, digits), **PHONE))
    bar = page.get_by_role("toolbar", name="Map options")
    choices = [*bar.get_by_role("button").all(), *bar.get_by_role("radio").all(), *bar.get_by_role("combobox").all()]
    labels = page.get_by_role("group", name="Labels to single out").get_by_role("button").all()
    assert len(choices) >= 5 and len(labels) == 10
    for box in (element.bounding_box() for element in (*choices, *labels)):
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_with_forced_colours_what_is_chosen_is_seen(opened, served, vae, digits):
    page = ready(opened(served(vae, digits), forced_colors="active"))
    ground = "element => getComputedStyle(element).backgroundColor"
    chosen, other = (page.get_by_role("tab", name=name).evaluate(ground) for name in ("Sliders", "Morph"))
    assert chosen != other
    on, off = (page.get_by_role("button", name=name, exact=True).evaluate(ground) for name in ("Points", "Lattice"))
    assert on != off
