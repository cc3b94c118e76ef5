"""Tours: the one of every run and a teacher's own, in both languages, in front of a room, and in a file."""

import json
import re

import pytest
from tests.web.test_page import PHONE, ready, the_map

from aevum import AE
from aevum.runs import read_tour
from aevum.server import Run
from aevum.server.page_file import page_file

FIRST = ["Compress", "Why an auto-encoder can’t be sampled", "A cloud in place of a point"]
LAST = ["Generate and walk", "Condition"]
CHINESE = ["压缩", "为什么不能从自编码器采样", "用一片云代替一个点", "两种力", "生成与行走", "条件"]
# Of what a step shows nothing is to be hidden: not the page, and no part of it.
HIDDEN = """() => [
  document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth,
  ...[...document.querySelectorAll(".panel, .features, .tour, .tour-text, .decoded, .legend, .map")]
    .filter((part) => part.offsetParent !== null)
    .filter((part) => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1)
    .map((part) => `${part.className} ${part.scrollHeight} > ${part.clientHeight}`),
]"""


@pytest.fixture(scope="session")
def ae(digits):
    return AE(latent_dim=2, hidden=32, epochs=5, random_state=0).fit(digits)


@pytest.fixture
def open_run(opened, served, vae, ae, cvae, digits, table):
    """Open one of the models by its name."""
    model, wine = table
    known = {"vae": (vae, digits), "ae": (ae, digits), "cvae": (cvae, digits), "table": (model, wine)}

    def call(name, **options):
        return ready(opened(served(*known[name]), **options))

    return call


def step_title(page):
    return re.sub(r"^\d+ / \d+\s*", "", page.locator(".tour h2").inner_text())


def begin(page, name="Tour"):
    page.get_by_role("button", name=name, exact=True).click()
    page.locator(".tour").wait_for()
    page.wait_for_timeout(400)


def state(page):
    return page.evaluate("aevum.state()")


# What the steps say by the model's kind is tested without a browser.
@pytest.mark.parametrize(
    "name", ["vae", "table", *(pytest.param(each, marks=pytest.mark.slow) for each in ("ae", "cvae"))]
)
def test_the_tour_is_walked_by_keyboard_in_both_languages(open_run, name):
    page = open_run(name)
    begin(page)
    assert page.evaluate("document.activeElement.matches('.tour')")
    wanted = [*FIRST, "One force, and a second" if name == "ae" else "The two forces", *LAST]
    panels = []
    for title in wanted:
        assert step_title(page) == title
        assert title in page.locator(".tour [aria-live=polite]").inner_text()
        panels.append(state(page)["panel"])
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(150)
    condition = "condition" if name == "cvae" else "sliders"
    assert panels == ["sliders", "generate", "inside", "inside", "morph", condition]
    assert step_title(page) == wanted[-1]
    page.get_by_role("button", name="中文").click()
    page.locator(".tour").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.locator(".tour").focus()
    found = [step_title(page)]
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(100)
        found.append(step_title(page))
    assert found[::-1] == [*CHINESE[:3], "一种力，与第二种" if name == "ae" else CHINESE[3], *CHINESE[4:]]
    assert not re.search(r"[A-Za-z]{4,} [a-z]{3,}", page.locator(".tour").inner_text())
    page.keyboard.press("Escape")
    assert page.locator(".tour").count() == 0 and page.evaluate("document.activeElement.id") == "tour-button"
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_words_move_the_page_and_undo_takes_it_back(open_run):
    page = open_run("vae")
    begin(page)
    first = state(page)["row"]
    page.get_by_role("button", name="another’s").click()
    page.wait_for_timeout(300)
    assert state(page)["row"] not in (first, None) and state(page)["tour"] == 1
    page.get_by_role("button", name="every other place").press("Enter")
    assert set(state(page)["layers"]) == {"points", "lattice"}
    for _ in range(2):
        page.keyboard.press("Control+z")
    assert state(page)["row"] == first and state(page)["layers"] == ["points"]
    # On the map the arrows are the probe's.
    the_map(page).focus()
    page.keyboard.press("ArrowRight")
    assert state(page)["tour"] == 1 and state(page)["row"] is None


def test_a_link_opens_at_a_step(open_run, opened):
    page = open_run("cvae")
    run = state(page)["run"]
    page.goto("about:blank")
    page.go_back()
    ready(page)
    page.evaluate(f"location.hash = 'v=1&run={run}&tour=6'")
    page.locator(".tour").wait_for()
    page.wait_for_timeout(400)
    assert step_title(page) == "Condition" and state(page)["panel"] == "condition"
    page.wait_for_timeout(500)
    assert "tour=6" in page.url
    # What was moved since is in the address, and comes back with it.
    page.get_by_role("button", name="as 0", exact=True).click()
    page.wait_for_timeout(500)
    page.reload()
    ready(page)
    assert step_title(page) == "Condition" and state(page)["y"][0] == 1


@pytest.mark.parametrize(
    ("name", "size", "language"),
    [
        ("vae", (1280, 720), "English"),
        pytest.param("vae", (1440, 900), "中文", marks=pytest.mark.slow),
        pytest.param("ae", (1280, 720), "English", marks=pytest.mark.slow),
        ("cvae", (1280, 720), "English"),
        pytest.param("cvae", (1440, 900), "English", marks=pytest.mark.slow),
        pytest.param("table", (1280, 720), "English", marks=pytest.mark.slow),
        ("table", (1440, 900), "中文"),
    ],
)
def test_in_front_of_a_room_nothing_scrolls(open_run, name, size, language):
    page = open_run(name, viewport={"width": size[0], "height": size[1]})
    if language == "中文":
        page.get_by_role("button", name=language).click()
    begin(page, "Tour" if language == "English" else "导览")
    page.keyboard.press("p")
    assert state(page)["presenting"]
    for step in range(1, 7):
        page.wait_for_timeout(400)
        assert page.evaluate(HIDDEN) == [False], step
        assert page.locator(".stage").bounding_box()["height"] > 0.4 * size[1]
        assert page.evaluate("getComputedStyle(document.querySelector('.tour')).fontSize") == "20px"
        assert not page.get_by_role("tablist").is_visible()
        page.keyboard.press("PageDown")
    page.keyboard.press("Escape")
    assert not state(page)["presenting"] and state(page)["tour"] == 6


# Those with most in them; the tour's own steps show the others.
@pytest.mark.parametrize(
    "panel",
    ["Training", "Traits", *(pytest.param(each, marks=pytest.mark.slow) for each in ("Draw", "Inside", "Morph"))],
)
def test_in_front_of_a_room_a_panel_is_seen_whole(open_run, panel):
    """With the tour's words below it and without; a trait that was found, and a copy that has learned on."""

    def whole():
        for width, height in ((1440, 900), (1280, 720)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(200)
            assert page.evaluate(HIDDEN) == [False], (width, height)
        return True

    page = open_run("vae")
    page.get_by_role("tab", name=panel, exact=True).click()
    if panel == "Traits":
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("group", name=re.compile("is read off the codes")).wait_for()
    if panel == "Training":
        page.get_by_role("button", name="Step", exact=True).click()
        page.get_by_text(re.compile("^Epoch 1,")).wait_for()
    page.keyboard.press("p")
    assert whole()
    if panel == "Training":
        assert min(chart.bounding_box()["height"] for chart in page.locator(".chart > svg").all()) > 100
    # The panel stays as it is where a tour is begun by its link.
    page.goto(page.url + "&tour=1")
    page.reload()
    page.locator(".tour").wait_for()
    page.locator(".panel > :not([aria-busy])").first.wait_for(state="attached")
    page.wait_for_timeout(500)
    assert state(page)["tour"] == 1 and state(page)["panel"] == panel.lower() and whole()


def test_the_pointer_meets_what_is_drawn_large(open_run):
    page = open_run("vae", viewport={"width": 1280, "height": 720})
    page.keyboard.press("p")
    page.wait_for_timeout(400)
    box = the_map(page).bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_timeout(200)
    probe = page.locator(".live .probe").bounding_box()
    middle = (probe["x"] + probe["width"] / 2, probe["y"] + probe["height"] / 2)
    assert abs(middle[0] - box["x"] - 0.6 * box["width"]) < 2 and abs(middle[1] - box["y"] - 0.4 * box["height"]) < 2


def test_a_teachers_tour_is_written_saved_opened_and_exported(
    open_run, opened, explored, vae, digits, tmp_path, one_registry
):
    page = open_run("vae")
    begin(page)
    page.get_by_role("button", name="Write a tour").click()
    page.wait_for_function("document.activeElement === document.querySelector('.writer input')")
    page.get_by_role("button", name="Stop writing").click()
    page.wait_for_function("document.activeElement.matches('.tour')")  # from where the keyboard goes on
    page.get_by_role("button", name="Write a tour").click()
    page.get_by_label("Title of the tour").fill("Digits in two numbers")
    page.get_by_label("Title of the step").fill("Where <b>fours</b> are")
    text = page.get_by_label("Text", exact=True)
    text.fill("Look here, and at the walk.")
    page.get_by_role("tab", name="Morph").click()
    text.evaluate("(area) => area.setSelectionRange(22, 26)")
    page.get_by_role("button", name=re.compile("^Link the marked words")).click()
    assert re.search(r"at the \[walk\]\(#[^)]*panel=morph[^)]*\)\.$", text.input_value())
    page.get_by_role("button", name=re.compile("^Add a step")).click()
    page.get_by_label("Title of the step").fill("")
    page.get_by_role("button", name="Save file").click()
    assert "step 2: its title is no text" in page.get_by_role("alert").last.inner_text()
    page.get_by_label("Title of the step").fill("The way")
    page.get_by_role("button", name="Move the step earlier").click()
    page.get_by_role("button", name="Move the step later").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save file").click()
    download.value.save_as(tmp_path / "tour.json")
    page.reload()  # what was written is still there
    ready(page)
    page.get_by_role("button", name="Write a tour").click()
    page.get_by_role("button", name=re.compile("2 The way")).click()
    page.get_by_role("button", name="Try it").click()
    assert step_title(page) == "The way" and state(page)["panel"] == "morph"
    tour = read_tour(tmp_path / "tour.json")
    assert [step["title"] for step in json.loads(tour)["steps"]] == ["Where <b>fours</b> are", "The way"]
    run = Run("vae", "vae", vae, digits, tour=tour)
    for address in (explored(run), page_file([run], tmp_path / "a.html", rows=200).as_uri()):
        page = ready(opened(address))
        begin(page)
        assert step_title(page) == "Where <b>fours</b> are" and state(page)["panel"] != "morph"
        page.get_by_role("button", name="walk").click()
        assert state(page)["panel"] == "morph"
        page.locator(".tour select").select_option("usual")
        assert step_title(page) == "Compress"
        page.keyboard.press("p")
        assert page.locator(".page.presenting").count() == 1
        page.get_by_role("button", name="中文").click()
        page.keyboard.press("Escape")
        assert page.get_by_role("tab", name="滑块").count() == 1


def test_a_file_that_is_no_tour_is_refused_in_a_sentence(open_run, tmp_path):
    page = open_run("vae")
    begin(page)
    page.get_by_role("button", name="Write a tour").click()
    bad = {"aevum": "tour", "version": 1, "title": "A", "steps": [{"title": "B", "text": "[c](https://example.org)"}]}
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(bad))
    page.locator(".writer input[type=file]").set_input_files(file)
    alert = page.locator(".writer [role=alert]")
    alert.wait_for()
    assert alert.inner_text().startswith("bad.json can’t be used: step 1: “c” links to “https://example.org”")
    page.get_by_role("button", name="Begin with the tour that was shown").click()
    assert page.locator(".writer-steps [aria-current]").inner_text() == "1 Compress"
    page.get_by_role("button", name="Stop writing").click()
    assert step_title(page) == "Compress"


def test_words_are_explained_where_they_stand(open_run):
    page = open_run("vae")
    page.get_by_role("button", name="ranked by rate, nats").press("Enter")
    meaning = page.locator(".meaning:popover-open")
    assert meaning.inner_text().startswith("Rate\n")
    box, size = meaning.bounding_box(), page.viewport_size
    assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    page.keyboard.press("Escape")
    assert meaning.count() == 0


def test_on_a_phone_words_and_buttons_stand_below_each_other_when_presenting(open_run):
    page = open_run("vae", **PHONE)
    begin(page)
    page.keyboard.press("p")
    page.locator(".presenting .tour").wait_for()
    words = page.locator(".tour-step").bounding_box()
    for button in page.locator(".tour > .icon-button, .tour > .button, .tour-tools .toggle").all():
        box = button.bounding_box()
        assert box["y"] >= words["y"] + words["height"] and box["x"] >= words["x"]


@pytest.mark.parametrize("where", ["desk", "room", "phone"])
def test_nothing_is_wrong_with_it_for_those_who_do_not_see(open_run, violations, where):
    page = open_run("cvae", **(PHONE if where == "phone" else {}))
    begin(page)
    if where == "room":
        page.keyboard.press("p")
    wrong = []
    for step in range(1, 7):
        wrong += violations(page, f"{where} {step}", dark=step in (1, 6))
        page.get_by_role("button", name="Next" if step < 6 else "Previous step").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if where != "room":
        page.get_by_role("button", name="Write a tour").click()
        wrong += violations(page, f"{where} writing", dark=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wrong == []
