"""What is taken away from the page: pictures and films as files, links, and code that repeats what it shows."""

import json
import re
import urllib.request

import numpy as np
import pytest
from PIL import Image

from aevum import VAE
from aevum.estimators import Snapshots
from aevum.server import Run, wire

COPYING = {"permissions": ["clipboard-read", "clipboard-write"]}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="session")
def saved(tmp_path_factory, vae, cvae, digits):
    """Models in folders, with their epochs where they have some: name → (folder, model, checkpoints)."""
    root = tmp_path_factory.mktemp("runs")
    shots = Snapshots()
    five = VAE(latent_dim=5, hidden=32, epochs=4, random_state=0, callbacks=[shots]).fit(digits)
    found = {"vae": (vae, {}), "cvae": (cvae, {}), "five": (five, shots.found)}
    for name, (model, earlier) in found.items():
        model.save(root / name / "model")
        for epoch, shot in earlier.items():
            shot.save(root / name / "checkpoints" / f"epoch-{epoch:05d}")
    return {name: (root / name, *models) for name, models in found.items()}


@pytest.fixture
def shown(opened, explored, saved, digits):
    """A page of one of them, and the address of its server's interface with its token."""

    def call(name, hash="", **options):
        folder, model, earlier = saved[name]
        checkpoints = [
            Run(f"{name}@{epoch}", str(folder), shot, digits, digits.y, epoch=epoch) for epoch, shot in earlier.items()
        ]
        url = explored(Run(name, str(folder), model, digits, digits.y, checkpoints=checkpoints))
        page = opened(url, **{**COPYING, **options})
        if hash:
            page.goto(f"{page.url.partition('#')[0]}#v=1&run={name}&{hash}")
        page.get_by_role("definition").first.wait_for()
        page.wait_for_timeout(600)
        return page, url.partition("token=")[2]

    return call


def share(page):
    page.get_by_role("button", name="Share", exact=True).click()
    return page.get_by_role("dialog", name="Share")


def choose(dialog, what):
    dialog.get_by_role("radio", name=what, exact=True).check(force=True)


def copied(page, dialog, what, label="Copy as Python"):
    choose(dialog, what)
    dialog.get_by_role("button", name=label).click()
    dialog.get_by_role("button", name="Copied").wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def executed(code):
    found = {}
    exec(code, found)
    return found


def asked(command, token):
    """What a copied request gets; it is for a shell, so its parts are taken out of it."""
    address, body = (re.search(pattern, command)[1] for pattern in (r"curl '([^']*)'", r"-d '([^']*)'"))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(address, body.encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def on_page(page, z, y=None):
    z, y = (None if values is None else np.asarray(values, np.float64).tolist() for values in (z, y))
    return np.array(page.evaluate("([z, y]) => aevum.decode(z, y)", [z, y]), np.float32)


# -------------------------------------------------------------------- code


@pytest.mark.parametrize(
    ("name", "hash"),
    [
        pytest.param("vae", "z=0.4137,-1.2", marks=pytest.mark.slow),
        pytest.param("cvae", "z=0.1,0.7,-0.3333&y=7", marks=pytest.mark.slow),
        ("cvae", "z=0.1,0.7,-0.3333&y=3:0.37,8:0.63"),
        ("five", "z=1,,0.25,,-2.5&epoch=2"),
    ],
    ids=["code", "class", "mix", "epoch"],
)
def test_copied_code_gives_the_picture_on_the_page(shown, name, hash):
    page, token = shown(name, hash)
    state = page.evaluate("aevum.state()")
    dialog = share(page)
    code = copied(page, dialog, "Picture")
    x = executed(code)["x"]
    seen = on_page(page, [state["z"]], state["y"] and [state["y"]])
    np.testing.assert_array_equal(x.reshape(1, -1), seen)
    choose(dialog, "JSON request")
    answer = asked(copied(page, dialog, "Picture", "Copy as JSON request"), token)
    np.testing.assert_array_equal(np.array(answer["x"], np.float32), x)


# Each of the ways is gone by tests/server.
@pytest.mark.parametrize(
    "path", ["spherical", *(pytest.param(p, marks=pytest.mark.slow) for p in ("linear", "geodesic"))]
)
def test_copied_code_gives_the_morph(shown, path):
    page, token = shown("cvae", f"a=row3&b=0.5,1,-1&n=7&path={path}&panel=morph&y=4")
    page.get_by_text("Change along the way").wait_for()
    dialog = share(page)
    found = executed(copied(page, dialog, "Morph"))
    assert found["x"].shape == (7, 8, 8)
    choose(dialog, "JSON request")
    answer = asked(copied(page, dialog, "Morph", "Copy as JSON request"), token)
    np.testing.assert_array_equal(np.array(answer["x"], np.float32), found["x"])
    assert len(answer["z"]) == 7


@pytest.mark.parametrize(
    ("name", "hash"),
    [
        pytest.param("vae", "", marks=pytest.mark.slow),
        ("vae", "view=0.4137,-0.2,1.7"),
        ("cvae", "axes=2,0&z=0.3,1,0&y=3:0.37,8:0.63"),
        ("five", "z=0,1,,0.7071&view=0.3,0.1,4"),
        ("five", "axes=4,1&z=1,2,3&epoch=2"),
    ],
    ids=["whole", "closer", "axes", "principal axes", "epoch"],
)
def test_copied_code_gives_the_lattice_that_the_map_shows(shown, name, hash):
    """The very values that the server sent for it, whichever part of the plane is in sight."""
    page, token = shown(name)
    sent, got = [], {}

    def listen(socket):
        mine = {}
        socket.on("framesent", lambda data: mine.update({(head := wire.decode(data)[0])["id"]: head}))
        socket.on("framereceived", lambda data: sent.append((mine, wire.decode(data))))

    page.on("websocket", listen)
    page.goto(f"{page.url.partition('#')[0]}?again#v=1&run={name}&layers=lattice&{hash}")
    page.get_by_role("definition").first.wait_for()
    page.wait_for_timeout(1500)
    for mine, (head, arrays) in sent:
        if mine[head["id"]]["op"] == "decode" and len(arrays["x"]) > 20:
            got = arrays
    dialog = share(page)
    found = executed(copied(page, dialog, "Lattice"))
    assert len(got["x"]) == len(found["u"]) > 100
    np.testing.assert_array_equal(found["x"].reshape(len(found["u"]), -1), got["x"].reshape(len(found["u"]), -1))
    choose(dialog, "JSON request")
    answer = asked(copied(page, dialog, "Lattice", "Copy as JSON request"), token)
    np.testing.assert_array_equal(np.array(answer["x"], np.float32), found["x"])


@pytest.mark.slow
def test_copied_code_adds_the_attribute(shown, saved, digits):
    page, token = shown("vae", "z=0.2,0.1&attributes=seven/0/label:7/others&panel=attributes")
    dialog = share(page)
    code = copied(page, dialog, "Attribute")
    found = executed(code)
    model = saved["vae"][1]
    np.testing.assert_allclose(found["v"], model.attribute_vector(digits.x, labels=digits.y == 7), atol=1e-5)
    seen = on_page(page, found["z"].astype(np.float64) + found["v"])
    np.testing.assert_array_equal(found["x"].reshape(1, -1), seen)
    choose(dialog, "JSON request")
    answer = asked(copied(page, dialog, "Attribute", "Copy as JSON request"), token)
    np.testing.assert_allclose(answer["vector"], found["v"], atol=1e-5)


@pytest.mark.slow
def test_copied_code_gives_every_class(shown):
    page, token = shown("cvae", "z=0.1,0.7,-0.3333&y=7&panel=condition")
    state = page.evaluate("aevum.state()")
    dialog = share(page)
    assert dialog.get_by_role("radio", name="Every class").is_checked()
    x = executed(copied(page, dialog, "Every class"))["x"]
    seen = on_page(page, [state["z"]] * 10, np.eye(10))
    np.testing.assert_array_equal(x.reshape(10, -1), seen)
    choose(dialog, "JSON request")
    answer = asked(copied(page, dialog, "Every class", "Copy as JSON request"), token)
    np.testing.assert_array_equal(np.array(answer["x"], np.float32), x)


# A stroke over the middle of a digit's 8 × 8 pixels, with soft edges: as the page writes it in its address.
STROKE = "lgABIICBoASAIAAAIIJAACCXAA"


@pytest.mark.parametrize(
    ("name", "hash"),
    [("vae", ""), ("cvae", "&y=7"), ("cvae", "&y=3:0.37,8:0.63"), ("five", "&epoch=2")],
    ids=["picture", "class", "mix", "epoch"],
)
def test_copied_code_gives_what_was_made_of_a_drawing(shown, name, hash):
    page, token = shown(name, f"panel=draw&drawn={STROKE}{hash}")
    page.wait_for_function("() => aevum.drawing() !== null")
    seen = page.evaluate("aevum.drawing()")
    assert any(seen["x"])
    dialog = share(page)
    found = executed(copied(page, dialog, "Drawing"))
    for part in ("x", "mean", "deviation", "reconstruction"):
        assert found[part].dtype == np.float32
        np.testing.assert_array_equal(found[part].ravel(), np.array(seen[part], np.float32))
    assert np.float32(found["score"][0]) == np.float32(seen["score"])
    choose(dialog, "JSON request")
    encode, score = copied(page, dialog, "Drawing", "Copy as JSON request").split("\n\n")
    answer = asked(encode, token)
    for part in ("mean", "deviation"):
        np.testing.assert_array_equal(np.array(answer[part], np.float32), found[part])
    np.testing.assert_array_equal(asked(score, token)["score"], found["score"])


def test_code_is_there_for_each_run_side_by_side(opened, explored, saved, digits):
    runs = [Run(name, str(saved[name][0]), saved[name][1], digits, digits.y) for name in ("vae", "five")]
    url = explored(*runs)
    page = opened(url, **COPYING)
    page.goto(f"{page.url.partition('#')[0]}#v=1&run=vae&beside=five&row=3")
    page.get_by_role("region", name="All runs").wait_for()
    page.wait_for_timeout(1000)
    dialog = share(page)
    for name in ("vae", "five"):
        dialog.get_by_role("combobox", name="Run").select_option(name)
        found = executed(copied(page, dialog, "Picture"))
        np.testing.assert_allclose(found["z"], saved[name][1].transform(digits.x[3:4]), atol=1e-3)
        decoded = page.evaluate("([z, run]) => aevum.decode(z, null, run)", [found["z"].astype(float).tolist(), name])
        np.testing.assert_array_equal(found["x"].reshape(1, -1), np.array(decoded, np.float32))


def test_code_of_a_model_that_is_in_no_folder_says_what_to_fill_in(opened, served, vae, digits):
    page = opened(served(vae, digits), **COPYING)
    page.get_by_role("definition").first.wait_for()
    dialog = share(page)
    assert "put its folder in the place of runs/…" in dialog.inner_text()


def test_the_link_brings_the_state_back(shown):
    page, _ = shown("five", "z=1,2&epoch=3&colour=score")
    before = page.evaluate("aevum.state()")
    dialog = share(page)
    dialog.get_by_role("button", name="Copy link").click()
    dialog.get_by_role("button", name="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "token" not in link
    page.goto("about:blank")
    page.goto(link)
    page.get_by_role("definition").first.wait_for()
    assert page.evaluate("aevum.state()") == before


def test_a_link_from_another_time_is_opened_by_the_page_that_is_there(shown):
    page, _ = shown("five")
    dialog = share(page)
    field = dialog.get_by_role("textbox", name="A link from another time")
    field.fill("http://127.0.0.1:1/?token=abc")
    field.press("Enter")
    dialog.get_by_role("alert").get_by_text("This is no link to a page").wait_for()
    field.fill("http://127.0.0.1:1/?token=abc#v=1&run=five&z=1,2&epoch=3")
    dialog.get_by_role("button", name="Open", exact=True).click()
    dialog.wait_for(state="hidden")
    page.wait_for_function("() => aevum.state().epoch === 3")
    assert page.evaluate("aevum.state().z.slice(0, 2)") == [1, 2]
    share(page).get_by_role("textbox", name="A link from another time").fill("#v=1&run=six&z=5")
    page.keyboard.press("Enter")
    page.get_by_text("This link shows the run six, which is not open here.").wait_for()
    assert page.evaluate("aevum.state().z.slice(0, 2)") == [1, 2]


def test_a_link_to_a_run_that_is_not_here_is_not_answered_with_another(shown):
    page, _ = shown("vae")
    page.goto("about:blank")
    page.go_back()
    page.goto(f"{page.url.partition('#')[0]}?again#v=1&run=gone&z=1.5,-1")
    page.get_by_text("This link shows the run gone, which is not open here.").wait_for()
    assert page.evaluate("aevum.state().z") == [0, 0]


# -------------------------------------------------------------------- pictures and films


def downloaded(page, dialog, name, folder):
    with page.expect_download() as expected:
        dialog.get_by_role("button", name=name, exact=True).click()
    path = folder / expected.value.suggested_filename
    expected.value.save_as(path)
    dialog.get_by_role("img", name=f"What {path.name} shows").wait_for()
    return path


def pixels(path, mode):
    with Image.open(path) as picture:
        return np.array(picture.convert(mode))


def frames(path, mode):
    """Each frame of a film, and the milliseconds that it is shown."""
    found, times = [], []
    with Image.open(path) as film:
        assert (film.format, film.info["loop"]) == ("GIF", 0)
        for frame in range(film.n_frames):
            film.seek(frame)
            found.append(np.array(film.convert(mode)))
            times.append(film.info["duration"])
    return np.stack(found).astype(int), times


def bytes_of(x):
    """Digits, which go from 0 to 16, as the page draws them."""
    return np.rint(np.clip(np.float64(x) * (255 / 16), 0, 255)).astype(np.uint8)


def test_pictures_are_the_pixels_that_were_decoded(shown, saved, tmp_path):
    page, _ = shown("vae", "z=0.4,-0.3&a=row1&b=row2&n=5&panel=morph")
    page.get_by_text("Change along the way").wait_for()
    dialog = share(page)
    decoded = pixels(downloaded(page, dialog, "Decoded picture", tmp_path), "L")
    assert decoded.shape == (512, 512)
    x = saved["vae"][1].inverse_transform(np.array([[0.4, -0.3]], np.float32))[0]
    np.testing.assert_array_equal(decoded, bytes_of(x).repeat(64, 0).repeat(64, 1))
    height, width = pixels(downloaded(page, dialog, "Filmstrip", tmp_path), "L").shape
    assert width > 5 * 112 and height > 112
    chart = pixels(downloaded(page, dialog, "Map", tmp_path), "RGB")
    assert chart.shape[1] >= 2 * page.locator(".plot").bounding_box()["width"]
    assert len(np.unique(chart.reshape(-1, 3), axis=0)) > 50


@pytest.mark.slow
def test_the_picture_of_the_map_has_the_trail(shown, tmp_path):
    page, _ = shown("vae", "z=0.4,-0.3")
    box = page.locator(".plot").bounding_box()
    at = [(box["x"] + box["width"] * part, box["y"] + box["height"] / 3) for part in (0.3, 0.7)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=8)
    page.mouse.up()
    accent = page.evaluate("getComputedStyle(document.querySelector('.live .trail')).stroke")
    with_it = pixels(downloaded(page, share(page), "Map", tmp_path), "RGB")
    page.keyboard.press("Escape")  # the dialog
    page.locator(".plot").focus()
    page.keyboard.press("Escape")  # the trail
    without = pixels(downloaded(page, share(page), "Map", tmp_path), "RGB")
    ink = [int(number) for number in re.findall(r"\d+", accent)[:3]]
    inked, blank = ((picture == ink).all(axis=-1).any(axis=0).sum() for picture in (with_it, without))
    assert inked > blank + 0.7 * box["width"]  # a line over two fifths of the map, two device pixels to one


def test_the_morph_is_a_film_there_and_back(shown, saved, tmp_path):
    page, _ = shown("vae", "a=row1&b=row2&n=5&panel=morph")
    page.get_by_text("Change along the way").wait_for()
    dialog = share(page)
    found = executed(copied(page, dialog, "Morph"))
    film, times = frames(downloaded(page, dialog, "Morph", tmp_path), "L")
    order = [0, 1, 2, 3, 4, 3, 2, 1]
    assert times == [600 if i in (0, 4) else 90 for i in order]
    wanted = bytes_of(found["x"][order]).repeat(32, 1).repeat(32, 2)
    np.testing.assert_array_equal(film, wanted)


def test_the_epochs_are_films_of_the_map_and_of_the_picture(shown, saved, tmp_path):
    page, _ = shown("five", "z=1")
    dialog = share(page)
    film, _ = frames(downloaded(page, dialog, "Epochs, the picture", tmp_path), "L")
    z = np.array([[1, 0, 0, 0, 0]], np.float32)
    earlier = [shot for epoch, shot in saved["five"][2].items() if epoch < 4]
    there = [bytes_of(model.inverse_transform(z)[0]) for model in (*earlier, saved["five"][1])]
    np.testing.assert_array_equal(film[:, 16::32, 16::32], np.stack(there + there[2:0:-1]))
    chart, times = frames(downloaded(page, dialog, "Epochs, the map", tmp_path), "RGB")
    assert len(times) == 30  # five steps between two of four epochs, there and back
    assert (chart[0] != chart[7]).any() and (chart[7] != chart[15]).any()
    assert len(np.unique(chart[0].reshape(-1, 3), axis=0)) > 20


def test_tables_are_charts_with_names(opened, served, table, tmp_path):
    page = opened(served(*table), **COPYING)
    page.get_by_role("definition").first.wait_for()
    page.wait_for_timeout(600)
    height, width = pixels(downloaded(page, share(page), "Decoded values", tmp_path), "L").shape
    assert width >= 512 and height > 300


# -------------------------------------------------------------------- for everyone


def test_a_browser_that_refuses_to_copy_is_told(shown):
    page, _ = shown("vae", permissions=[])
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    dialog = share(page)
    dialog.get_by_role("button", name="Copy as Python").click()
    dialog.get_by_text("select the text instead").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_a_morph_without_ends_says_what_it_needs(shown):
    page, _ = shown("vae")
    dialog = share(page)
    assert dialog.get_by_role("button", name="Filmstrip").is_disabled()
    assert dialog.get_by_text("choose A and B in Morph").is_visible()
    assert dialog.get_by_role("radio", name="Morph", exact=True).count() == 0


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(shown, violations, options, tmp_path):
    page, _ = shown("five", "a=row1&b=row2&n=5&panel=morph", **options)
    page.get_by_text("Change along the way").wait_for()
    dialog = share(page)
    downloaded(page, dialog, "Morph", tmp_path)
    assert violations(page, dark=options is not PHONE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
