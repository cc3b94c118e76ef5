"""Reports and comparisons as pages: on a phone, in the dark, by keyboard, and for whoever meets their words first."""

import re
import warnings

import pytest

from aevum import AE, VAE, open_data
from aevum.evaluation import compare, evaluate
from aevum.evaluation.comparison import Comparison
from aevum.reports import comparison_page
from aevum.reports.comparison import GLOSSARY
from aevum.runs.evaluated import add_evaluation
from aevum.runs.writing import write_run

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
SMALL = {"hidden": 16, "random_state": 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, digits):
    """A report of pictures with an evaluation, one of a table, and a comparison."""
    folder, iris = tmp_path_factory.mktemp("pages"), open_data("iris")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        vae, ae = VAE(2, epochs=8, **SMALL).fit(digits.x[:400]), AE(2, epochs=2, **SMALL).fit(digits.x[:400])
        write_run(vae, digits.x[:400], folder / "digits", y=digits.y[:400], name="digits")
        add_evaluation(folder / "digits", evaluate(vae, digits.x[400:460], digits.y[400:460], k=10), "digits")
        table = VAE(2, epochs=4, **SMALL).fit(iris)
        write_run(table, iris, folder / "iris", y=iris.y, name="iris")
        found = compare(
            {"a": vae, "b": ae}, digits.x[400:600], digits.y[400:600], k=5, samples=40, pca=2, train=digits.x[:400]
        )
        page = comparison_page(found, "digits")
    (folder / "compare.html").write_text(page, encoding="utf-8")
    return folder, found


@pytest.fixture(params=["digits/report.html", "iris/report.html", "compare.html"])
def address(request, folder):
    return f"file://{folder[0] / request.param}"


@pytest.fixture
def shown(browser):
    contexts = []

    def call(address, size):
        contexts.append(browser.new_context(viewport=size))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield call
    for context in contexts:
        context.close()


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_nothing_is_wrong_with_the_page(shown, violations, address, size):
    page = shown(address, size)
    assert violations(page, address, dark=True) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_on_a_phone_what_is_wider_is_scrolled_by_keyboard_and_said_to_be(shown, address):
    page = shown(address, PHONE)
    wide = page.locator(".card:has(img.wide)")
    for place in range(min(2, wide.count())):
        box = wide.nth(place)
        if box.evaluate("box => box.scrollWidth > box.clientWidth"):
            box.focus()
            page.keyboard.press("ArrowRight")
            page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
    assert page.get_by_text("Wider than this screen").first.is_visible()
    page.set_viewport_size(WIDE)
    assert not page.get_by_text("Wider than this screen").first.is_visible()


def test_every_number_says_what_it_is_where_it_stands(shown, folder):
    for name in ("digits", "iris"):
        page = shown(f"file://{folder[0] / name / 'report.html'}", PHONE)
        tiles = page.locator(".tiles li")
        assert tiles.count() == 6
        for text in tiles.all_inner_texts():
            assert len(text.splitlines()) >= 3, text
    assert "a nat is 1.44 bits" in page.locator(".tiles").inner_text()
    assert "beyond what the prior knows" in page.locator(".tiles").inner_text()


def test_every_column_of_a_comparison_is_explained(shown, folder):
    place, found = folder
    assert isinstance(found, Comparison)
    headings = found.table()[0][1:]
    assert {*headings} <= {*GLOSSARY}, "a column without its words"
    page = shown(f"file://{place / 'compare.html'}", PHONE)
    assert page.locator("dt").all_inner_texts() == list(headings)
    # The models' names stay while the numbers pass.
    box = page.locator(".scroll")
    box.evaluate("box => box.scrollLeft = 200")
    assert page.locator("th[scope=row]").first.bounding_box()["x"] == pytest.approx(box.bounding_box()["x"], abs=1)


def test_a_card_says_its_words(folder):
    card = (folder[0] / "digits" / "model_card.md").read_text(encoding="utf-8")
    assert re.search(r"- \*\*nat\*\*: the unit of information", card) and "- **rate**: KL" in card
