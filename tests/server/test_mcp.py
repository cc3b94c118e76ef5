"""Twenty tasks as a program does them that asks `aevum mcp` over its standard input, with the SDK's own client."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from aevum import AE, CVAE, VAE, load, open_data
from aevum.errors import InputError
from aevum.exploration.steps import finished
from aevum.runs.record import opening_record
from aevum.runs.writing import write_run
from aevum.server import Run, tools

mcp = pytest.importorskip("mcp")
from anyio.from_thread import start_blocking_portal  # noqa: E402
from mcp.client.client import Client  # noqa: E402
from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: E402

DIGITS = {"hidden": 32, "epochs": 4, "random_state": 0}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Runs of two kinds of data: an auto-encoder, a VAE and a CVAE of digits, a VAE of a table."""
    digits, iris, folder = open_data("digits"), open_data("iris"), tmp_path_factory.mktemp("runs")
    models = {
        "digits-ae": (AE(2, **DIGITS), digits, digits.y),
        "digits-vae": (VAE(2, **DIGITS), digits, digits.y),
        "digits-cvae": (CVAE(2, **DIGITS), digits, digits.y),
        "iris": (VAE(2, likelihood="gaussian", **DIGITS), iris, iris.y),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aevum.runs.writing.panels_of", lambda subject: [])
        for name, (model, data, y) in models.items():
            model.fit(data.x, y if model.conditional else None)
            named = opening_record(data.name, None, None, None)
            write_run(model, data.x, folder / name, y=y, opening=named)
    return folder


@pytest.fixture(scope="module")
def started(folders):
    """How the server is started, as a client's settings say it."""
    words = ["-m", "aevum", "mcp", *(str(each) for each in sorted(folders.iterdir()))]
    environment = {name: os.environ[name] for name in os.environ if name.startswith(("PYTHON", "AEVUM", "OMP", "HOME"))}
    return StdioServerParameters(command=sys.executable, args=words, env=environment)


@pytest.fixture(scope="module")
def client(started):
    """One server and its client for all tasks."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(started))) as client,
    ):
        yield SimpleNamespace(portal=portal, client=client)


@pytest.fixture(scope="module")
def asked(client):
    """Call a tool: its numbers; the client holds them against the tool's own schema."""

    def call(tool, run, **given):
        found = result(tool, run, **given)
        assert not found.is_error, found.content[0].text
        assert 0 < len(found.content[0].text) < 5000
        return SimpleNamespace(
            text=found.content[0].text,
            images=[Image.open(io.BytesIO(base64.b64decode(each.data))) for each in found.content[1:]],
            **{
                name: value if isinstance(value, str) else _array(value)
                for name, value in found.structured_content.items()
            },
        )

    def result(tool, run, **given):
        return client.portal.call(client.client.call_tool, tool, {"run": run, **given})

    call.result = result
    return call


def _array(value):
    return np.array(value) if isinstance(value, list) else value


@pytest.fixture(scope="module")
def refused(asked):
    """Call a tool in vain: one sentence, and no traceback."""

    def call(tool, run, **given):
        found = asked.result(tool, run, **given)
        assert found.is_error and found.structured_content is None and len(found.content) == 1
        sentence = found.content[0].text
        assert "\n" not in sentence and "Traceback" not in sentence and "bug" not in sentence, sentence
        return sentence

    return call


@pytest.fixture(scope="module")
def models(folders):
    return {folder.name: load(folder) for folder in folders.iterdir()}


def code(asked, run, row):
    return asked("codes", run, start=row, stop=row + 1).codes[0].tolist()


# -------------------------------------------------------------------- what there is


def test_which_models_are_there(client, asked):
    listed = client.portal.call(client.client.list_tools).tools
    assert {tool.name for tool in listed} == {*tools.TOOLS}
    for tool in listed:
        assert tool.annotations.read_only_hint and tool.description
        schema = tool.input_schema
        assert not {"oneOf", "anyOf", "allOf"} & {*schema} and schema["required"][0] == "run"
        assert set(schema["properties"]["run"]["enum"]) <= {"digits-ae", "digits-cvae", "digits-vae", "iris"}
        assert all(each["description"] for each in schema["properties"].values())
    about = asked("about", "digits-cvae")
    assert (about.model, about.event.tolist(), about.rows, about.classes[7]) == ("CVAE", [8, 8], 1797, "7")
    assert asked("about", "iris").features.tolist()[0].startswith("sepal length")


def test_what_is_stored_in_a_row(asked):
    found = asked("rows", "digits-vae", indices=[3, 1796])
    np.testing.assert_array_equal(found.x, open_data("digits").x[[3, 1796]])
    (image,) = found.images
    assert image.format == "PNG" and image.size == (2 * 160 + 2, 160)
    assert "The image shows x: 2 pictures, 2 to a row" in found.text
    table = asked("rows", "iris", indices=[0])
    assert table.images == [] and table.x.tolist() == [[5.1, 3.5, 1.4, 0.2]]


# -------------------------------------------------------------------- the tasks


def test_which_rows_are_nearest_to_row_3(asked, models):
    found = asked("neighbours", "digits-vae", z=[code(asked, "digits-vae", 3)], k=4)
    codes = models["digits-vae"].transform(open_data("digits").x)
    distances = np.linalg.norm(codes - codes[3], axis=1)
    assert found.indices[0, 0] == 3 and found.distances[0, 0] < 1e-4
    np.testing.assert_allclose(found.distances[0], np.sort(distances)[:4], atol=1e-4)


def test_decode_the_priors_middle(asked, models):
    middle = asked("law", "digits-vae").mean
    assert middle.tolist() == [0, 0]
    found = asked("decode", "digits-vae", z=[middle.tolist()])
    np.testing.assert_allclose(found.x, models["digits-vae"].inverse_transform(np.zeros((1, 2))), atol=1e-4)
    shown = np.asarray(found.images[0].convert("L"), float)[::20, ::20] / 255 * 16
    np.testing.assert_allclose(shown, found.x[0].clip(0, 16), atol=0.1)


def test_walk_from_row_1_to_row_5(asked):
    ends = [code(asked, "digits-vae", row) for row in (1, 5)]
    found = asked("path", "digits-vae", a=ends[0], b=ends[1], n=7)
    np.testing.assert_allclose(found.z, np.linspace(*ends, 7), atol=1e-5)
    assert found.x.shape == (7, 8, 8) and found.length == pytest.approx(found.straight)
    assert found.images[0].width > 6 * found.images[0].height


def test_a_bent_walk_is_longer_in_codes_than_the_straight_one(asked):
    a, b = ([2.0, 0.0], [0.0, 2.0])
    found = asked("path", "digits-vae", a=a, b=b, n=5, path="spherical")
    np.testing.assert_allclose(np.linalg.norm(found.z, axis=1), 2.0, atol=1e-5)


def test_a_spoiled_row_scores_worse(asked):
    whole = asked("rows", "digits-ae", indices=[10]).x
    spoiled = whole.copy()
    spoiled[0, ::2] = 16 - spoiled[0, ::2]
    found = asked("score", "digits-ae", x=np.concatenate([whole, spoiled]).tolist())
    assert found.score[1] > found.score[0] + 20 > 0
    every = asked("scores", "digits-ae").scores
    assert found.score[0] == pytest.approx(every[10], rel=1e-3)


def test_encode_a_row(asked):
    x = asked("rows", "iris", indices=[7]).x
    found = asked("encode", "iris", x=x.tolist())
    np.testing.assert_allclose(found.mean[0], code(asked, "iris", 7), atol=1e-5)
    assert (found.deviation > 0).all() and (found.deviation < 1).all()


def test_an_auto_encoder_says_that_its_codes_have_no_spread(asked):
    x = asked("rows", "digits-ae", indices=[0]).x
    assert (asked("encode", "digits-ae", x=x.tolist()).deviation == 0).all()


def test_look_at_the_whole_plane(asked):
    found = asked("manifold", "digits-vae", n=5)
    assert found.z.shape == (5, 5, 2) and found.x.shape == (5, 5, 8, 8)
    assert (np.diff(found.z[:, :, 0], axis=1) > 0).all() and (np.diff(found.z[:, :, 1], axis=0) < 0).all()
    large = asked("manifold", "digits-vae")  # 20 × 20 digits are too many numbers, and one image
    assert not hasattr(large, "x") and large.z.shape == (20, 20, 2) and "left to the image" in large.text
    assert max(large.images[0].size) <= 768


def test_add_a_sevens_direction(asked):
    found = asked("attribute", "digits-vae", label="7")
    assert found.share["with"] == {"7": 1.0} and found.n_with == 179 and "7" not in found.share["without"]
    codes, y = asked("codes", "digits-vae").codes, open_data("digits").y
    np.testing.assert_allclose(found.vector, codes[y == 7].mean(axis=0) - codes[y != 7].mean(axis=0), atol=1e-4)


def test_what_two_rows_have_that_two_others_lack(asked, refused):
    found = asked("attribute", "iris", **{"with": [0, 1], "without": [100, 101]})
    codes = asked("codes", "iris").codes
    np.testing.assert_allclose(found.vector, codes[:2].mean(axis=0) - codes[100:102].mean(axis=0), atol=1e-4)
    assert "either with" in refused("attribute", "iris", **{"with": [0], "label": "setosa"})


def test_what_the_second_latent_means(asked, models):
    found = asked("traverse", "iris", dim=1, n=5)
    np.testing.assert_allclose(found.z, [[0, z] for z in (-3, -1.5, 0, 1.5, 3)], atol=1e-6)
    np.testing.assert_allclose(found.x, models["iris"].inverse_transform(found.z), rtol=1e-4)


@pytest.mark.parametrize("run", ["iris", "digits-ae"])
def test_is_the_model_good(asked, run):
    found = asked("evaluate", run, k=20, rows=60)
    assert found.rows == 60 and "reconstruction: squared error" in found.summary
    if run == "iris":
        assert found.log_evidence >= found.elbo == pytest.approx(-found.distortion - found.rate)
    else:
        assert found.log_evidence is None and found.squared_error > 0


def test_ask_for_a_three(asked, refused, models):
    three = np.eye(10)[[3]].tolist()
    found = asked("decode", "digits-cvae", z=[[0, 0]], y=three)
    np.testing.assert_allclose(found.x, models["digits-cvae"].inverse_transform(np.zeros((1, 2)), y=3), atol=1e-4)
    assert "conditioned on y and needs it" in refused("decode", "digits-cvae", z=[[0, 0]])
    assert "leave y out" in refused("decode", "digits-vae", z=[[0, 0]], y=three)


def test_between_which_values_a_flower_lies(asked):
    found = asked("interval", "iris", z=[[0.5, 0]], level=0.9)
    middle = asked("decode", "iris", z=[[0.5, 0]]).x
    assert (found.low < middle).all() and (middle < found.high).all() and found.images == []


def test_which_row_is_the_most_unusual(asked, models):
    every = asked("scores", "iris").scores
    distortion, rate = models["iris"].distortion_and_rate(open_data("iris").x)
    assert every.argmax() == (distortion + rate).argmax()


def test_where_a_picture_is_pulled_to(asked):
    x = asked("rows", "digits-ae", indices=[0, 1]).x
    found = asked("settle", "digits-ae", x=x.tolist(), steps=3)
    assert found.x.shape == (4, 2, 8, 8)
    np.testing.assert_array_equal(found.x[0], x)
    assert "8 pictures, 2 to a row" in found.text


# -------------------------------------------------------------------- what is refused


def test_a_run_that_is_not_there(refused):
    assert refused("about", "../iris") == (
        "there is no run '../iris'; there are digits-ae, digits-cvae, digits-vae, iris"
    )
    assert "there is no run 3" in refused("rows", 3, indices=[0])


def test_no_word_leads_to_a_file(refused, folders):
    for word in (str(folders / "iris"), "iris/model", "/etc/passwd", "", None):
        assert "there is no run" in refused("about", word)
    assert "rectangular array of numbers" in refused("rows", "iris", indices="/etc/passwd")
    assert "there is no argument 'file'" in refused("rows", "iris", indices=[0], file="/etc/passwd")
    assert "there is no tool 'open'; there are about," in refused("open", "iris")


def test_too_many_codes(refused):
    assert "n from 1 to 4096" in refused("decode", "digits-vae", z=[[0, 0]] * 5000)
    assert "from 2 to 200" in refused("path", "digits-vae", a=[0, 0], b=[1, 1], n=10**6)
    assert "at most 256 at once" in refused("rows", "iris", indices=[0] * 300)
    assert "one tool call has room for 16,384" in refused("interval", "iris", z=[[0, 0]] * 4096)
    assert "from 1 to 1000" in refused("evaluate", "iris", k=10**6)


@pytest.mark.parametrize("value", [None, "a", [], 1e60, True])
def test_codes_that_are_no_numbers(refused, value):
    assert refused("decode", "digits-vae", z=[[0, value]]).startswith("z ")


# -------------------------------------------------------------------- the server itself


def test_an_answer_of_a_table_that_is_too_long_is_refused():
    x = np.random.default_rng(0).normal(size=(60, 1)) * np.ones(90) + np.random.default_rng(1).normal(size=(60, 90))
    wide = Run("wide", "wide", VAE(1, hidden=8, epochs=1, random_state=0).fit(x))
    many = {"z": [[0.0]] * 200}
    with pytest.raises(InputError, match=r"18,000 numbers, and one tool call has room for 16,384; ask for less"):
        finished(tools.call({"wide": wide}, "decode", many))
    assert finished(tools.call({"wide": wide}, "decode", {"z": [[0.0]] * 20})).answer.arrays["x"].shape == (20, 90)
    (decode,) = (each for each in tools.tools([wide]) if each.name == "decode")
    assert decode.takes["required"] == ["z"]  # of one run only, nobody has to say which
    assert "rows" not in {each.name for each in tools.tools([wide])}


def test_output_holds_the_protocol_only_and_nan_is_refused_in_words(started):
    """Lines as they are: what a client of another make might send."""
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize",
         "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call",
         "params": {"name": "decode", "arguments": {"run": "iris", "z": [[float("nan"), 0]]}}},
    ]  # fmt: skip
    with subprocess.Popen(
        [started.command, *started.args], env={**os.environ, **started.env}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as server:  # fmt: skip
        server.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(2)]
        assert [each["id"] for each in answers] == [1, 2]
        assert answers[1]["result"]["isError"] and "z contains NaN" in answers[1]["result"]["content"][0]["text"]
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0 and server.stdout.read() == "" and server.stderr.read() == ""


def test_without_the_sdk_a_sentence_says_what_to_install(monkeypatch):
    from click.testing import CliRunner

    from aevum.cli import aevum

    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
    monkeypatch.delitem(sys.modules, "aevum.server.mcp", raising=False)
    found = CliRunner().invoke(aevum, ["mcp", "runs/any"])
    assert found.exit_code == 2 and found.stdout == ""
    assert found.stderr.startswith("error: aevum mcp needs") and "pip install 'aevum[mcp]'" in found.stderr
