"""Attributes in the page: directions from labels and from lassoed points, their sliders and histograms."""

import math
import re

import numpy as np
import pytest
from tests.covering import in_turn

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def ready(page):
    """Wait until the first picture is decoded and the points are drawn, and open the panel."""
    page.get_by_role("definition").first.wait_for()
    page.get_by_role("tab", name="Traits").click()
    page.get_by_role("group", name="Add a direction").wait_for()
    page.wait_for_timeout(400)
    return page


def codes(page):
    return [float(text.replace("−", "-")) for text in page.get_by_role("definition").all_inner_texts() if "." in text]


def picture(page):
    return page.get_by_role("img", name="The decoded picture").screenshot()


def add(page, has, lacks=None):
    form = page.get_by_role("group", name="Add a direction")
    form.get_by_role("combobox", name="With", exact=True).select_option(label=has)
    if lacks:
        form.get_by_role("combobox", name="without", exact=True).select_option(label=lacks)
    form.get_by_role("button", name="Add", exact=True).click()


def lasso_new(page):
    page.get_by_role("group", name="Add a direction").get_by_role("button", name="Lasso: with").click()
    return the_pad(page)


def the_pad(page):
    pad = page.get_by_role("application", name=re.compile("^Lasso"))
    pad.wait_for()
    return pad


def circle(page, pad, middle, radius, corners=24):
    """Draw around a part of the map, and let go where it began."""
    box = pad.bounding_box()
    size = radius * min(box["width"], box["height"])
    x, y = box["x"] + middle[0] * box["width"], box["y"] + middle[1] * box["height"]
    around = [2 * math.pi * k / corners for k in range(corners + 1)]
    page.mouse.move(x + size, y)
    page.mouse.down()
    for angle in around[1:]:
        page.mouse.move(x + size * math.cos(angle), y + size * math.sin(angle), steps=2)


def card(page, name):
    return page.get_by_role("group", name=name, exact=True)


def slider(page, name):
    return page.get_by_role("slider", name=f"{name}, amount", exact=True)


def amount(page, name):
    return float(slider(page, name).get_attribute("aria-valuetext"))


def rows(page, name):
    """How many rows are with, without, and in neither group."""
    told = " ".join(card(page, name).get_by_role("listitem").all_inner_texts())
    return [int(text.replace(",", "")) for text in re.findall(r"([\d,]+) rows?", told)]


def along(z, direction, origin):
    return float((np.asarray(z) - origin) @ direction / (direction @ direction))


def test_a_label_gives_a_slider_that_moves_the_probe_and_the_picture(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    assert "A trait is a direction" in page.get_by_role("tabpanel").inner_text()
    add(page, "7")
    mean = {one: vae.transform(digits.x[(digits.y == 7) == one]).astype(float).mean(axis=0) for one in (True, False)}
    direction = mean[True] - mean[False]
    assert rows(page, "7") == [int((digits.y == 7).sum()), int((digits.y != 7).sum())]
    assert amount(page, "7") == pytest.approx(along(codes(page), direction, mean[False]), abs=0.01)

    before, seen = np.array(codes(page)), picture(page)
    slider(page, "7").focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_timeout(500)
    np.testing.assert_allclose(np.array(codes(page)) - before, 2 * direction, atol=2e-3)
    assert picture(page) != seen

    # The mark follows whatever moves the probe.
    box = page.get_by_role("application", name=re.compile("^Map")).bounding_box()
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.7 * box["height"])
    page.wait_for_timeout(300)
    assert amount(page, "7") == pytest.approx(along(codes(page), direction, mean[False]), abs=0.01)


def test_a_dragged_slider_is_one_step_to_undo(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    add(page, "3", "8")
    name = "3 rather than 8"
    assert rows(page, name)[:2] == [int((digits.y == 3).sum()), int((digits.y == 8).sum())]
    before, start = codes(page), amount(page, name)
    box = slider(page, name).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], y, steps=12)
    page.mouse.up()
    page.wait_for_timeout(300)
    assert amount(page, name) > start
    assert codes(page) != before
    page.get_by_role("button", name="Undo").click()
    page.wait_for_timeout(300)
    assert codes(page) == before
    page.get_by_role("button", name="Undo").click()
    assert card(page, name).count() == 0
    page.get_by_role("button", name="Redo").click()
    card(page, name).wait_for()


def test_a_lasso_gives_an_attribute_with_its_counts(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    pad = lasso_new(page)
    circle(page, pad, (0.4, 0.5), 0.2)
    page.wait_for_timeout(200)
    counted = page.get_by_role("group", name="Lasso", exact=True).locator("p").inner_text()
    page.mouse.up()
    card(page, "Lasso 1").wait_for()
    inside, outside = rows(page, "Lasso 1")
    assert 0 < inside < len(digits.x) and inside + outside == len(digits.x)
    # The kept outline may differ from the drawn one by a pixel.
    assert int(re.sub(r"\D", "", counted)) == pytest.approx(inside, abs=0.03 * len(digits.x))
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Lasso 1, amount"
    assert page.get_by_role("button", name="Show Lasso 1 on the map").get_attribute("aria-pressed") == "true"

    card(page, "Lasso 1").get_by_role("button", name="Lasso: without for Lasso 1").click()
    circle(page, the_pad(page), (0.75, 0.4), 0.15)
    page.mouse.up()
    page.wait_for_timeout(300)
    with_, without, neither = rows(page, "Lasso 1")
    assert with_ == inside and 0 < without < outside and with_ + without + neither >= len(digits.x)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_timeout(200)
    assert rows(page, "Lasso 1") == [inside, outside]


def test_a_lasso_by_keyboard_and_how_to_leave_it(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    start = page.get_by_role("group", name="Add a direction").get_by_role("button", name="Lasso: with")
    start.focus()
    page.keyboard.press("Enter")
    the_pad(page)
    page.keyboard.press("Escape")
    assert page.get_by_role("application", name=re.compile("^Lasso")).count() == 0
    assert page.evaluate("document.activeElement.innerText") == "Lasso: with"

    before = codes(page)
    page.keyboard.press("Enter")
    the_pad(page)
    bar = page.get_by_role("group", name="Lasso", exact=True)
    counts = []
    for keys in ("ArrowRight", "ArrowRight " * 5, "Shift+ArrowRight Shift+ArrowUp " * 4, "Shift+ArrowLeft " * 6):
        for key in keys.split():
            page.keyboard.press(key)
        page.wait_for_timeout(100)
        counts.append(int(re.sub(r"\D", "", bar.inner_text())))
    assert counts[2] > counts[1] > 0 and counts[3] < counts[2]
    page.keyboard.press("Enter")
    card(page, "Lasso 1").wait_for()
    assert rows(page, "Lasso 1")[0] == counts[-1]
    assert codes(page) == before
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert codes(page) != before


@pytest.mark.slow
def test_a_lasso_around_no_points_says_so(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    pad = lasso_new(page)
    for _ in range(3):
        page.keyboard.press("-")
    circle(page, pad, (0.08, 0.08), 0.05)
    page.mouse.up()
    bar = page.get_by_role("group", name="Lasso", exact=True)
    bar.get_by_text("No points inside. Draw around").wait_for()
    page.get_by_role("status").filter(has_text="No points inside").wait_for()
    circle(page, pad, (0.5, 0.5), 0.3)
    page.mouse.up()
    card(page, "Lasso 1").wait_for()


def test_a_lasso_by_touch_on_a_phone(opened, served, vae, digits):
    page = ready(opened(served(vae, digits), **PHONE))
    pad = lasso_new(page)
    box = pad.bounding_box()
    touch = page.context.new_cdp_session(page)
    for k in range(21):
        angle = 2 * math.pi * k / 20
        x = box["x"] + box["width"] * (0.5 + 0.3 * math.cos(angle))
        y = box["y"] + box["height"] * (0.5 + 0.3 * math.sin(angle))
        kind = "touchMove" if k else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    card(page, "Lasso 1").wait_for()
    assert 0 < rows(page, "Lasso 1")[0] < len(digits.x)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_directions_at_right_angles_leave_each_other_where_they_are(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    add(page, "0")
    add(page, "1")
    switch = page.get_by_role("switch", name="Orthogonalise")

    def change_of_the_other():
        before = amount(page, "1")
        slider(page, "0").focus()
        for _ in range(4):
            page.keyboard.press("Shift+ArrowRight")
        page.wait_for_timeout(200)
        return abs(amount(page, "1") - before)

    assert change_of_the_other() > 0.05
    switch.click()
    assert switch.get_attribute("aria-checked") == "true"
    assert change_of_the_other() <= 0.011
    add(page, "2")
    page.get_by_text("3 directions can’t all be at right angles in 2 latents: delete 1.").wait_for()
    page.get_by_role("button", name="Delete 2").click()
    page.wait_for_timeout(200)
    assert page.get_by_text("at right angles in 2 latents").count() == 0


@pytest.mark.slow
def test_the_address_brings_the_same_groups_back(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    add(page, "4")
    card(page, "4").get_by_role("textbox", name="Name").fill("four, or so")
    page.keyboard.press("Enter")
    circle(page, lasso_new(page), (0.5, 0.4), 0.2)
    page.mouse.up()
    card(page, "Lasso 1").wait_for()
    page.get_by_role("switch", name="Orthogonalise").click()
    page.wait_for_timeout(700)
    seen = [(rows(page, name), amount(page, name)) for name in ("four, or so", "Lasso 1")]
    address = page.url
    assert len(address) < 2000
    page.goto("about:blank")
    page.goto(address)
    card(page, "Lasso 1").wait_for()
    page.wait_for_timeout(300)
    assert [(rows(page, name), amount(page, name)) for name in ("four, or so", "Lasso 1")] == seen
    assert page.get_by_role("switch", name="Orthogonalise").get_attribute("aria-checked") == "true"
    assert page.get_by_role("button", name="Show Lasso 1 on the map").get_attribute("aria-pressed") == "true"


def test_a_name_is_changed_and_an_attribute_deleted_with_undo(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    add(page, "5")
    name = card(page, "5").get_by_role("textbox", name="Name")
    name.fill("five")
    name.press("Enter")
    page.get_by_role("button", name="Delete five").click()
    assert page.get_by_role("slider", name=re.compile("amount")).count() == 0
    page.keyboard.press("Control+z")
    card(page, "five").wait_for()
    page.keyboard.press("Control+z")
    card(page, "5").wait_for()


@pytest.mark.slow
def test_rows_without_labels_are_lassoed_and_without_rows_there_is_no_panel(opened, served, vae, digits):
    page = ready(opened(served(vae, digits.x)))
    assert page.get_by_role("combobox", name="With", exact=True).count() == 0
    circle(page, lasso_new(page), (0.5, 0.5), 0.2)
    page.mouse.up()
    card(page, "Lasso 1").wait_for()
    page = opened(served(vae))
    page.get_by_role("definition").first.wait_for()
    assert page.get_by_role("tab", name="Traits").count() == 0


@pytest.mark.slow
def test_everything_in_a_group_says_why_there_is_no_direction(opened, served, vae, digits):
    page = ready(opened(served(vae, digits)))
    for _ in range(4):
        page.get_by_role("button", name="Zoom out").click()
    circle(page, lasso_new(page), (0.5, 0.5), 0.49, corners=60)
    page.mouse.up()
    card(page, "Lasso 1").wait_for()
    assert rows(page, "Lasso 1") == [len(digits.x), 0]
    assert "No row is without it" in card(page, "Lasso 1").inner_text()
    assert page.get_by_role("slider", name=re.compile("amount")).count() == 0
    # Without a slider the focus goes to the name, and no slider that comes later takes it.
    assert page.evaluate("document.activeElement.value") == "Lasso 1"


@in_turn(kind=["image", "table"], size=["wide", "phone"])
def test_axe_finds_nothing(opened, served, vae, table, digits, violations, kind, size):
    model, data, label = (vae, digits, "7") if kind == "image" else (*table, "class_1")
    page = ready(opened(served(model, data), **(PHONE if size == "phone" else {})))
    found = []

    def look(where):
        found.extend(violations(page, where, dark=size == "wide"))

    look("empty")
    add(page, label)
    look("label")
    lasso_new(page)
    look("lasso")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    look("rectangle")
    page.keyboard.press("Enter")
    card(page, "Lasso 1").wait_for()
    page.get_by_role("switch", name="Orthogonalise").click()
    look("lassoed")
    assert found == []
