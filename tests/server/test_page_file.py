"""The page in one file: what it holds, and that in a browser it answers as Python does, without asking any network."""

import base64
import gzip
import hashlib
import html
import io
import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

import aevum
from aevum.errors import InputError
from aevum.exploration.steps import finished
from aevum.fitted.scoring import distortion_of_values
from aevum.server import Run, page_rows, wire
from aevum.server.operations import perform
from aevum.server.page_file import _page, page_file
from aevum.server.page_rows import contents_of, even_rows
from aevum.server.page_scores import score_name, scores_at_the_mean, scoring_of
from aevum.server.uploads import example_from

SHOWN = ("ae", "vae", "learned", "flow", "numbers", "table", "first")


@pytest.fixture(scope="module")
def exported(runs, tmp_path_factory, one_registry):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    return page_file([runs[id] for id in SHOWN], tmp_path_factory.mktemp("page") / "new" / "page.html")


@pytest.fixture(scope="module")
def text(exported):
    return exported.read_text(encoding="utf-8")


def block(text, name):
    return re.search(rf'<script type="[^"]+" id="{name}"[^>]*>([^<]*)</script>', text)[1]


def unpacked(text, name):
    return gzip.decompress(from_text(block(text, name)))


def from_text(letters):
    """Bytes from pairs of letters, 13 bits each."""
    alphabet = [chr(code) for code in range(33, 127) if chr(code) not in "&<>"]
    values = np.array([alphabet.index(letter) for letter in letters[1:]]).reshape(-1, 2) @ [91, 1]
    bits = (values[:, None] >> np.arange(13)[::-1] & 1).ravel()
    data = np.packbits(bits[: len(bits) // 8 * 8]).tobytes()
    return data[: len(data) - int(letters[0])]


def asked(run, operation, **given):
    """The operation's values and arrays, as the server would give them."""
    answer = finished(perform(run, operation, given))
    return {**answer.values, **answer.arrays}


# -------------------------------------------------------------------- what it holds


@pytest.mark.usefixtures("exported")
def test_what_is_said_of_a_run_is_the_same_after_it_was_exported(runs):
    about = asked(runs["vae"], "about")
    assert (about["name"], about["score"]["name"]) == ("runs/vae", "−ELBO")


def policy_of(text):
    return html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1])


def test_the_policy_allows_its_own_script_and_style_alone(text):
    policy = policy_of(text)
    assert policy.startswith("default-src 'none'; ") and "wasm" not in policy
    inline = {element: re.findall(rf"<{element}>(.*?)</{element}>", text, re.S) for element in ("script", "style")}
    inline["script"].append(unpacked(text, "script-0").decode())
    for element, contents in inline.items():
        digests = (base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() for content in contents)
        assert " ".join([f"{element}-src", *(f"'sha256-{digest}'" for digest in digests)]) in policy.split("; ")
    # Every other element with a script's name carries data.
    elements = re.findall(r"<script[^>]*>", text)
    assert elements.count("<script>") == 1 and elements.count('<script type="application/json" id="catalogue">') == 1
    assert all(
        element.startswith('<script type="text/plain" id="') for element in elements[1:] if element != "<script>"
    )
    assert "http" not in policy and "'self'" not in policy and "*" not in policy


def test_it_names_no_other_file(text):
    head = text[: text.index('<script type="application/json"')]
    assert not re.search(r'(?:src|href)="(?!data:)', re.sub(r"<!--.*?-->", "", head, flags=re.S))
    assert not re.search(r"@import|url\((?!['\"]?data:)", re.search(r"<style>(.*?)</style>", text, re.S)[1])
    assert "Jason Miller" in text and "Microsoft" not in text and "{{" not in text[:2000]


def test_it_says_of_each_run_what_the_server_says(text, runs):
    catalogue = json.loads(block(text, "catalogue"))
    assert [about["id"] for about in catalogue["runs"]] == list(SHOWN)
    for about in catalogue["runs"]:
        told = asked(runs[about["id"]], "about")
        expected = {**told, "name": told["name"].removeprefix("runs/"), "score": about["score"], "checkpoints": []}
        assert about == json.loads(json.dumps(expected))
    names = {about["id"]: about["score"]["name"] for about in catalogue["runs"]}
    assert names["vae"] == names["learned"] == "−ELBO at the mean" and names["ae"] == "distortion"
    assert names["flow"] == "squared error"  # its rate takes the flow, which is not in the file


def test_it_says_nothing_of_the_machine_that_made_it(runs, tmp_path):
    """Neither the folders above a run, nor the files that its networks' code lies in."""
    home = str(tmp_path / "home" / "somebody")
    twins = []
    for place in ("one", "two"):
        twin = Run(f"vae-{place}", f"{home}/{place}/vae/model", runs["vae"].estimator, runs["vae"].x, runs["vae"].y)
        twins.append(twin)
    alone = Run("ae", f"{home}/digits ae", runs["ae"].estimator, runs["ae"].x)
    text = page_file([*twins, alone], tmp_path / "page.html").read_text(encoding="utf-8")
    assert [about["name"] for about in json.loads(block(text, "catalogue"))["runs"]] == [
        "vae-one",
        "vae-two",
        "digits ae",
    ]
    parts = [unpacked(text, f"run-{place}-{what}") for place in range(3) for what in ("encoder", "decoder", "rows")]
    for part in (text.encode(), *parts):
        for trace in (home, str(Path.home()), str(Path(sys.prefix)), str(Path(aevum.__file__).parent), "site-packages"):
            assert trace.encode() not in part or trace == "/"


def test_it_holds_the_rows_in_their_own_type(text, runs):
    header, arrays = wire.decode(unpacked(text, f"run-{SHOWN.index('vae')}-rows"))
    assert header["scoring"] == "gaussian" and arrays["x"].dtype == np.uint8
    np.testing.assert_array_equal(arrays["x"], runs["vae"].x)
    np.testing.assert_array_equal(arrays["codes"], asked(runs["vae"], "codes")["codes"])
    np.testing.assert_array_equal(arrays["labels"], asked(runs["vae"], "labels")["labels"])
    assert wire.decode(unpacked(text, f"run-{SHOWN.index('first')}-rows"))[1]["x"].shape == (0, 3, 6, 8)


def test_the_same_rows_are_packed_in_the_same_way(runs):
    assert contents_of([runs["table"]], 50) == contents_of([runs["table"]], 50)


@pytest.mark.parametrize("id", ["ae", "vae", "cvae", "learned", "table", "iwae"])
def test_scores_are_distortion_at_the_mean_plus_rate(runs, id):
    run = runs[id]
    estimator, rows = run.estimator, min(run.rows, 40)
    x, context = estimator._read_for_score(run.x[:rows], None if run.y is None else run.y[:rows])
    found = scores_at_the_mean(run, 0, rows, scoring_of(run))
    distortion = distortion_of_values(estimator.fitted_, x, context, 0).reshape(rows, -1).sum(axis=1)
    _, rate = estimator.distortion_and_rate(x, None if run.y is None else run.y[:rows])
    np.testing.assert_allclose(found, distortion + rate, rtol=1e-4)


def test_of_a_posterior_that_a_mean_and_a_deviation_do_not_tell_a_file_tells_nothing(runs, monkeypatch):
    def told(id):
        return contents_of([runs[id]], 20)[0][0]["posterior"]

    assert told("ae") == {"kind": "point", "noise": 0}
    assert told("table") == {"kind": "gaussian", "noise": 2}
    monkeypatch.setattr(runs["table"], "posterior", ("other", 2))
    assert told("table") is None


@pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")
def test_scores_of_other_likelihoods(digits):
    from aevum import CVAE, VAE

    small = {"hidden": 8, "epochs": 1, "random_state": 0}
    x = digits.x[:60] / 16
    soft = Run("soft", "soft", VAE(2, likelihood="bernoulli", binarize="soft", **small).fit(x), x)
    assert scoring_of(soft) == "bernoulli"
    given = soft.estimator._read_for_score(x, None)[0]
    distortion = distortion_of_values(soft.estimator.fitted_, given, None, 0).reshape(60, -1).sum(axis=1)
    rate = soft.estimator.distortion_and_rate(x)[1]
    np.testing.assert_allclose(scores_at_the_mean(soft, 0, 60, "bernoulli"), distortion + rate, rtol=1e-4)
    other = Run("other", "other", VAE(2, likelihood="continuous_bernoulli", **small).fit(x), x)
    assert scoring_of(other) == "squares" and score_name(other, "squares")["unit"] == "squared units of the data"
    squares = other.estimator.reconstruction_error(x)
    np.testing.assert_allclose(scores_at_the_mean(other, 0, 60, "squares"), squares, rtol=1e-4)
    y = x.reshape(60, -1)[:, :2] + np.arange(60)[:, None] / 7
    learned = Run("l", "l", CVAE(2, prior="learned", **small).fit(x, y), x, y)
    assert scoring_of(learned) == "squares"  # its prior needs a network


# -------------------------------------------------------------------- how much it holds


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")
def test_scores_of_tables_whose_columns_have_units_of_their_own(ask_of):
    """Millimetres beside classes and counts: each in its deviations, whatever its unit is; gaps count for nothing."""
    from aevum import VAE

    random = np.random.default_rng(0)
    x = np.stack([random.normal(5000, 800, 80), random.poisson(3, 80), random.integers(0, 2, 80)], axis=1)
    x[::9, 0] = np.nan
    model = VAE(2, likelihood="columns", hidden=8, epochs=1, random_state=0).fit(x)
    run = Run("mixed", "mixed", model, x)
    assert scoring_of(run) == "standard" and score_name(run, "standard")["unit"] == "squared deviations of the columns"
    found = scores_at_the_mean(run, 0, 80, "standard")
    off = (x - model.inverse_transform(model.transform(x))) / model.fitted_.units()[1]
    np.testing.assert_allclose(found, np.nansum(off**2, axis=1), rtol=1e-4)
    assert np.isfinite(found).all() and np.median(found) < 30
    np.testing.assert_allclose(ask_of(run, "score", x[1:7]), found[1:7], rtol=1e-3)


def test_rows_are_drawn_evenly():
    rows = even_rows(60_000, 6_000)
    assert (rows[0], rows[-1], len(rows)) == (0, 59_999, 6_000) and set(np.diff(rows).tolist()) <= {10, 11}
    assert even_rows(0, 5).tolist() == [] and even_rows(7, 1).tolist() == [0]


def test_the_rows_fit_into_their_budget(runs, monkeypatch):
    monkeypatch.setattr(page_rows, "PROBE", 16)
    monkeypatch.setattr(page_rows, "MOST_BYTES", 12_000)
    abouts, messages = contents_of([runs["vae"], runs["ae"]], None)
    assert 6_000 < sum(map(len, messages)) <= 12_000
    shown = abouts[0]["rows"]
    assert shown == abouts[1]["rows"] and 16 < shown < 120
    _, arrays = wire.decode(gzip.decompress(messages[0]))
    chosen = even_rows(120, shown)
    np.testing.assert_array_equal(arrays["x"], runs["vae"].x[chosen])
    np.testing.assert_array_equal(arrays["labels"], runs["vae"].labelled[1][chosen])
    np.testing.assert_allclose(arrays["codes"], runs["vae"].estimator.transform(runs["vae"].x[chosen]), atol=1e-6)


def test_as_many_rows_as_are_asked_for(runs):
    abouts, _ = contents_of([runs["table"], runs["first"]], 20)
    assert [about["rows"] for about in abouts] == [20, 0]
    assert abouts[0]["features"] == asked(runs["table"], "about")["features"] and abouts[0]["data"] == "iris"


# -------------------------------------------------------------------- what can go wrong


def test_names_can_end_no_element():
    parts = {
        "page.html": "{{title}}{{first}}{{style}}<script>{{start}}</script>{{rest}}{{policy}}",
        "page.js": "c='</script>'<!--d",
        "start.js": "a='</script>'<!--b",
        "page.css": "{{x}}",
    }
    about = {"name": "</script><b>{{start}} & \u2028"}
    page = _page({**parts, "notices.txt": "n", "runtime.txt": "r"}, {"runs": [about]}, {"run-0-rows": b"1"})
    assert page.count("</script>") == 4 and json.loads(block(page, "catalogue")) == {"runs": [about]}
    assert "a='<\\/script>'<\\!--b" in page and "&lt;/script&gt;&lt;b&gt;{{start}} &amp;" in page
    assert unpacked(page, "script-0").decode() == parts["page.js"]


def test_what_is_refused(exported, runs, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="exists; pass overwrite=True"):
        page_file([runs["vae"]], exported)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can't write"):
        page_file([runs["table"]], tmp_path / "file" / "page.html")
    monkeypatch.setattr("aevum.server.page_file.FOLDER", tmp_path / "nowhere")
    with pytest.raises(InputError, match="npm run build"):
        page_file([runs["vae"]], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


# -------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def page(browser, exported, started):
    """The file opened from disk; at the end nothing else may have been asked for, and nothing said on the console."""
    requests, complaints = [], []
    found = browser.new_page()
    found.on("request", lambda request: requests.append(request.url))
    found.on("console", lambda message: complaints.append(message.text))
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.goto(exported.as_uri())
    started(found)
    yield found
    found.wait_for_timeout(200)
    assert complaints == []
    # What the page makes itself (blob:, data:) is no request to anyone.
    assert {url for url in requests if urlsplit(url).scheme not in ("blob", "data")} == {exported.as_uri()}


ASK = """async ([run, operation, given]) => {
  const tensor = (rows) => {
    const shape = [];
    for (let level = rows; Array.isArray(level); level = level[0]) shape.push(level.length);
    return { data: Float32Array.from(rows.flat(shape.length - 1)), shape };
  };
  const plain = (value) => ArrayBuffer.isView(value) ? { data: Array.from(value), shape: [value.length] }
    : value?.data ? { data: Array.from(value.data), shape: value.shape } : value;
  const read = (value) => value?.rows ? tensor(value.rows)
    : value?.picture ? new Blob([Uint8Array.from(atob(value.picture), (byte) => byte.charCodeAt(0))]) : value;
  const answer = await aevum.host.backend(run)[operation](...given.map(read));
  return answer.data || ArrayBuffer.isView(answer) ? plain(answer)
    : Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, plain(value)]));
}"""


@pytest.fixture
def ask_of(browser, started, tmp_path):
    """Rows are given to the page of a run of its own."""
    pages = []

    def asked_of(run, operation, x):
        pages.append(browser.new_page())
        pages[0].goto(page_file([run], tmp_path / "page.html").as_uri())
        started(pages[0])
        return pages[0].evaluate(
            "async ([run, operation, x, shape]) =>"
            " Array.from(await aevum.host.backend(run)[operation]({ data: Float32Array.from(x), shape }, null))",
            [run.id, operation, x.ravel().tolist(), x.shape],
        )

    yield asked_of
    for page in pages:
        page.close()


@pytest.fixture
def ask(page):
    """An operation of the page's own backend: arrays and a picture's bytes go there, and arrays come back."""

    def sent(value):
        if isinstance(value, np.ndarray):
            return {"rows": value.tolist()}
        return {"picture": base64.b64encode(value).decode()} if isinstance(value, bytes) else value

    return lambda run, operation, *given: arrays(page.evaluate(ASK, [run, operation, [sent(value) for value in given]]))


def arrays(answer):
    if isinstance(answer, dict) and set(answer) == {"data", "shape"}:
        return np.array(answer["data"]).reshape(answer["shape"])
    return {name: arrays(value) for name, value in answer.items()} if isinstance(answer, dict) else answer


def context(run):
    """What a conditional run is asked with: one row for all."""
    if run.classes is not None:
        return np.array([[0.0, 1.0] + [0.0] * (len(run.classes) - 2)])
    return run.estimator.context_.mean[None] * 1.1 if run.estimator.conditional else None


def given_y(run):
    y = context(run)
    return {} if y is None else {"y": y}


def off_by(run, found, expected):
    """The largest difference in the scale of the data."""
    difference = np.abs(np.asarray(found) - expected) / np.asarray(run.estimator.scaling_.scale)
    return difference.max()


@pytest.mark.parametrize("id", SHOWN)
def test_it_decodes_as_python_does(page, runs, id):
    run = runs[id]
    z = np.random.default_rng(0).normal(size=(40, run.latent_dim)).astype(np.float32)
    y = context(run)
    there = page.evaluate(
        "([z, y, run]) => aevum.decode(z, y, run)", [z.tolist(), None if y is None else y.tolist(), id]
    )
    assert off_by(run, np.reshape(there, (40, *run.event)), run.estimator.inverse_transform(z, y)) <= 1e-5


def test_it_asks_its_first_run_where_none_is_named(page, runs):
    there = page.evaluate("aevum.decode([[0.5, -0.5]])")
    assert (
        off_by(runs["ae"], np.reshape(there, (1, 8, 8)), runs["ae"].estimator.inverse_transform([[0.5, -0.5]])) <= 1e-5
    )


def test_a_mix_of_classes(ask, runs):
    y = np.eye(10)[[3, 5]].mean(axis=0, keepdims=True)
    z = np.array([[0.5, -1.0]], np.float32)
    assert (
        off_by(runs["learned"], ask("learned", "decode", z, y), asked(runs["learned"], "decode", z=z, y=y)["x"]) <= 1e-5
    )


@pytest.mark.parametrize("id", SHOWN[:-1])
def test_it_reads_rows_as_python_does(ask, runs, id):
    run, y = runs[id], context(runs[id])
    x = run.x[[3, 50]]
    np.testing.assert_array_equal(ask(id, "rows", [3, 50]).astype(x.dtype), x)
    np.testing.assert_allclose(ask(id, "codes", 0, 9), asked(run, "codes", stop=9)["codes"], atol=1e-6)
    np.testing.assert_array_equal(ask(id, "labels"), asked(run, "labels")["labels"])
    encoded = asked(run, "encode", x=x, **given_y(run))
    for name, found in ask(id, "encode", x, y).items():
        np.testing.assert_allclose(found, encoded[name], atol=1e-4)
    settled = asked(run, "settle", x=x, steps=3, **given_y(run))
    found = ask(id, "settle", x, 3, y)
    assert off_by(run, found["x"], settled["x"]) < 1e-3
    np.testing.assert_allclose(found["z"], settled["z"], atol=1e-3)


@pytest.mark.parametrize("id", ["ae", "vae", "table"])
def test_it_scores_as_the_rows_in_it_are_scored(ask, runs, id):
    found = ask(id, "score", runs[id].x[:9].astype(np.float64), None)
    np.testing.assert_allclose(found, ask(id, "scores")[:9], rtol=1e-4)


def test_it_tells_the_interval(ask, runs):
    z = np.array([[0.5, -1.0], [2.0, 0.0]])
    expected = asked(runs["table"], "interval", z=z)
    for name, found in ask("table", "interval", z, None).items():
        assert off_by(runs["table"], found, expected[name]) <= 1e-5


@pytest.mark.parametrize("id", SHOWN)
@pytest.mark.parametrize("path", ["linear", "spherical", "geodesic"])
def test_it_walks_as_python_does(ask, runs, id, path):
    run = runs[id]
    a, b = ([2.0, 0.4, -1.0][: run.latent_dim], [-0.2, 1.5, 0.3][: run.latent_dim])
    question = {"a": a, "b": b, "n": 9, "path": path}
    found = ask(id, "path", question, context(run))
    expected = asked(run, "path", **question, **given_y(run))
    assert found["straight"] == pytest.approx(expected["straight"], rel=1e-4)
    if path == "geodesic":  # both search, and may end a little apart
        assert found["length"] <= 1.01 * expected["length"]
    else:
        np.testing.assert_allclose(found["z"], expected["z"], atol=1e-5)
        assert off_by(run, found["x"], expected["x"]) <= 1e-4


@pytest.mark.parametrize("id", ["ae", "vae", "learned", "flow", "numbers"])
def test_it_lays_the_same_lattice(ask, runs, id):
    run = runs[id]
    found = ask(id, "manifold", {"n": 5, "dims": [1, 0], "at": None}, context(run))
    expected = asked(run, "manifold", n=5, dims=[1, 0], **given_y(run))
    # An auto-encoder's quantiles are read off a table, as a flow's are.
    np.testing.assert_allclose(found["z"], expected["z"], atol=2e-2 if id in ("ae", "flow") else 1e-5)
    assert found["x"].shape == expected["x"].shape


def test_it_finds_neighbours_and_directions(ask, runs):
    run = runs["vae"]
    z = asked(run, "codes", stop=3)["codes"].astype(np.float64) + 0.01
    found, expected = ask("vae", "neighbours", z, 4), asked(run, "neighbours", z=z, k=4)
    np.testing.assert_array_equal(found["indices"], expected["indices"])
    np.testing.assert_allclose(found["distances"], expected["distances"], atol=1e-5)
    for question in ({"label": "b"}, {"with": [0, 5, 7]}, {"with": [0, 5], "without": [9]}):
        direction, expected = ask("vae", "attribute", question), asked(run, "attribute", **question)
        np.testing.assert_allclose(direction["vector"], expected["vector"], atol=1e-5)
        assert (direction["n_with"], direction["n_without"]) == (expected["n_with"], expected["n_without"])


@pytest.mark.parametrize(
    ("id", "size", "mode"), [("vae", (61, 47), "RGB"), ("first", (30, 90), "RGBA"), ("ae", (5, 4), "L")]
)
def test_it_takes_pictures_as_the_server_does(ask, runs, id, size, mode):
    run = runs[id]
    channels = {"RGB": 3, "RGBA": 4, "L": 1}[mode]
    across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    values = np.stack([128 + 127 * np.sin(across / (3 + c) + down / 7) for c in range(channels)], axis=-1).astype(
        np.uint8
    )
    if mode == "RGBA":
        values[..., 3] = np.where(values[..., 3] < 128, 0, 255)
    file = io.BytesIO()
    Image.fromarray(values.squeeze(), mode).save(file, "PNG")
    found, (expected, shape) = ask(id, "upload", file.getvalue()), example_from(run, file.getvalue())
    assert (found["width"], found["height"]) == shape == size
    # In 8 bits, a level up or down.
    limits = asked(run, "about")["limits"]
    assert np.abs(found["x"] - expected.astype(np.float64)).max() <= 2 * (limits[1] - limits[0]) / 255 + 1e-6


def test_it_refuses_in_a_sentence(page):
    for question, sentence in {
        "aevum.decode([[1, 2, 3]])": "codes have shape (1, 3); expected (n, 2)",
        "aevum.decode([[0, 0]], null, 'learned')": "this model is conditioned on y and needs it",
        "aevum.host.backend('vae').upload(new Blob(['x']))": "this is no PNG, JPEG or WebP picture, or a damaged one",
        "aevum.host.backend('table').upload(new Blob(['x']))": "pictures can be given to models of images",
        "aevum.host.backend('first').codes(0, 1)": "this file has no rows to show",
    }.items():
        told = page.evaluate(f"Promise.resolve({question}).then(() => '', (error) => error.message)")
        assert told.startswith(sentence), question


def test_the_page_shows_a_map_and_a_picture(page):
    page.wait_for_selector("canvas")
    assert page.title() == "ae · aevum explore"
    assert page.locator("canvas").count() >= 2


def test_it_can_ask_no_network(browser, exported):
    """What the policy is for: the page could not call anyone if it wanted to."""
    page = browser.new_page()
    page.goto(exported.as_uri())
    told = page.evaluate(
        "Promise.allSettled([fetch('http://127.0.0.1:9/'), fetch('https://example.com/')])"
        ".then((answers) => answers.map(({ status }) => status))"
    )
    assert told == ["rejected", "rejected"]


# -------------------------------------------------------------------- a file that is read slowly, or not at all


ENCODED = """async (x) => {
  const row = { data: Float32Array.from(x), shape: [1, 8, 8] };
  return Array.from((await aevum.host.backend("vae").encode(row, null)).mean.data);
}"""


def test_it_decodes_while_the_rest_is_still_read_and_takes_no_half_of_a_network(browser, runs, tmp_path, started):
    """What is sent in two parts, the second when the first picture is there: from the middle of the encoder on."""
    run = runs["vae"]
    whole = page_file([run], tmp_path / "page.html").read_bytes()
    middle = whole.index(b'id="run-0-encoder"') + 20_000
    more = threading.Event()

    class Parts(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(whole[:middle])
            self.wfile.flush()
            assert more.wait(60)
            self.wfile.write(whole[middle:])

        def log_message(self, *_):
            pass

    x = run.x[:1].astype(np.float32)
    with ThreadingHTTPServer(("127.0.0.1", 0), Parts) as server:
        threading.Thread(target=server.serve_forever).start()
        page = browser.new_page()
        try:
            page.goto(f"http://127.0.0.1:{server.server_port}/", wait_until="commit")
            started(page)
            decoded = page.evaluate("aevum.decode([[0.5, -1, 1]])")
            state = page.evaluate("document.readyState")
            page.evaluate(f"(x) => {{ window.encoded = ({ENCODED})(x); }}", x.ravel().tolist())
            more.set()
            encoded = page.evaluate("window.encoded")
        finally:
            more.set()
            page.close()
            server.shutdown()
    assert state == "loading"
    expected = run.estimator.inverse_transform(np.array([[0.5, -1, 1]], np.float32))
    assert off_by(run, decoded, expected.reshape(1, -1)) < 1e-5
    np.testing.assert_allclose(encoded, run.estimator.transform(run.x[:1])[0], atol=1e-4)


@pytest.mark.parametrize("fault", ["no gzip", "half of the script"])
def test_what_cannot_be_read_is_said(browser, exported, tmp_path, fault):
    text, page = exported.read_text(encoding="utf-8"), browser.new_page()
    if fault == "no gzip":
        page.add_init_script("delete window.DecompressionStream")
    else:
        text = text.replace(block(text, "script-0"), block(text, "script-0")[:50_001])
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")
    page.goto(file.as_uri())
    told = page.get_by_role("alert")
    told.wait_for()
    assert "can't read the file" in told.inner_text() and "重新导出" in told.inner_text()
    page.close()
