"""What an exported page runs its networks with: its own script, four numbers at a time, or ONNX Runtime."""

import base64

import numpy as np
import pytest
import torch
from torch import nn

from aevum import AE, CVAE, VAE, open_data
from aevum.server import Run, graph, wire
from aevum.server.page_file import OWN, written_page
from aevum.server.page_networks import smallest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning"),
    pytest.mark.usefixtures("one_registry"),
]
SHORT = {"epochs": 1, "random_state": 0}


# -------------------------------------------------------------------- which networks are graphs


def made(*nodes, constants=(), version=20, domain="", kind=1):
    """An ONNX model x (N, 4) → y (N, 4) of some nodes."""
    helper = onnx.helper
    ends = [helper.make_tensor_value_info(name, kind, ["N", 4]) for name in ("x", "y")]
    parts = [onnx.numpy_helper.from_array(array, name) for name, array in constants]
    body = helper.make_graph(list(nodes), "g", ends[:1], ends[1:], parts)
    sets = [helper.make_opsetid("", version)] + [helper.make_opsetid(domain, 1)] * bool(domain)
    return helper.make_model(body, opset_imports=sets).SerializeToString()


def node(operator, *inputs, out="y", **attributes):
    return onnx.helper.make_node(operator, list(inputs), [out], **attributes)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (lambda: made(node("Hardmax", "x")), "the operator Hardmax"),
        (lambda: made(node("Relu", "x"), version=12), "version 12"),
        (lambda: made(node("Relu", "x", domain="own"), domain="own"), "operators of its own"),
        (lambda: made(node("Relu", "x"), kind=10), "of a kind that the page lacks"),
        (lambda: made(node("Relu", "x"), kind=11), "other numbers than float32"),
        (lambda: made(node("Gelu", "x", approximate="erf")), "Gelu with approximate erf"),
        (lambda: b"", "version \\?"),
    ],
)
def test_what_the_page_does_not_compute_is_named(model, reason):
    with pytest.raises(graph.UnknownGraphError, match=reason):
        graph.graph_of(model())


def test_products_are_counted_for_a_row():
    w, v = np.ones((7, 4), np.float32), np.ones((7, 4), np.float32)
    model = made(node("Gemm", "x", "w", out="h", transB=1), node("MatMul", "h", "v"), constants=[("w", w), ("v", v)])
    assert graph.graph_of(model).products == 7 * 4 + 4 * 7


# -------------------------------------------------------------------- weights of few bits


def linear(weights):
    return graph.graph_of(made(node("MatMul", "x", "w"), constants=[("w", weights)]))


def bytes_of(weights, x):
    return len(smallest(linear(weights), {"x": x.astype(np.float32)}, 1.0))


def test_weights_have_as_many_bits_as_their_answers_need():
    random = np.random.default_rng(0)
    weights, x = random.normal(size=(4, 400)).astype(np.float32)[:, :4], random.normal(size=(64, 4))
    assert bytes_of(weights, x) > weights.nbytes  # few weights stay as they are
    large = graph.Graph(None, {"w": random.normal(size=(512, 4)).astype(np.float32)}, ("w",), 0)
    steps = {bits: graph.steps_of(large, bits)["w"] for bits in (8, 20)}
    assert steps[8] in (2.0**-9, 2.0**-8) and steps[8] / steps[20] == 2.0**12


FAR = np.where(np.arange(1600).reshape(40, 40) == 0, 1e6, 1e-6)


@pytest.mark.parametrize("weights", [np.zeros((40, 40)), np.full((40, 40), np.nan), np.full((40, 40), np.inf), FAR])
def test_weights_that_can_not_be_rounded_stay(weights):
    assert graph.steps_of(graph.Graph(None, {"w": weights.astype(np.float32)}, ("w",), 0), 22) == {}


# -------------------------------------------------------------------- in a browser


class Page:
    """An exported file, opened from disk."""

    def __init__(self, browser, run, folder, **options):
        self.run, self.complaints = run, []
        self.written = written_page([run], folder / f"{run.id}.html", **options)
        self.page = browser.new_page()
        for event in ("console", "pageerror"):
            self.page.on(event, lambda said: self.complaints.append(str(said)))
        self.page.goto(self.written.path.as_uri())

    def decode(self, z, y=None):
        given = [None if part is None else part.tolist() for part in (z, y)]
        return np.array(self.page.evaluate("([z, y]) => aevum.decode(z, y)", given))

    def policy(self):
        return self.page.get_attribute("meta[http-equiv]", "content")


@pytest.fixture
def opened(browser, tmp_path, started):
    pages = []

    def open_page(run, **options):
        pages.append(Page(browser, run, tmp_path, **options))
        started(pages[-1].page)
        return pages[-1]

    yield open_page
    for page in pages:
        page.page.close()
        assert page.complaints == []


@pytest.fixture(scope="module")
def small(browser, tmp_path_factory, one_registry, started):
    """A VAE of grey digits with the default network, whose weights have as many bits as trained ones need."""
    digits = open_data("digits")
    grey = (digits.x * 15).astype(np.uint8)
    model = VAE(2, **SHORT).fit(grey)
    with torch.no_grad():
        for parameter in model.model_.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter) * parameter.abs().mean())
    page = Page(browser, Run("small", "small", model, grey, digits.y), tmp_path_factory.mktemp("small"))
    started(page.page)
    yield page
    assert page.complaints == []


def levels(x):
    """Grey levels of 8 bits, before they are rounded."""
    return np.clip(x, 0, 255)


def held(page, z, y=None):
    """The page decodes as Python does: by 1e-5 of the scale, and so to the same grey level of 8 bits."""
    want = page.run.estimator.inverse_transform(z, y).reshape(len(z), -1)
    found = page.decode(z, y)
    assert np.abs((found - want) / np.asarray(page.run.estimator.scaling_.scale).ravel()).max() <= 1e-5
    return found, want


@pytest.mark.slow
def test_an_operator_that_the_page_lacks_brings_the_runtime(opened, digits):
    pair = (
        nn.Sequential(nn.Flatten(), nn.Linear(64, 4)),
        nn.Sequential(nn.Linear(2, 64), nn.Unflatten(1, (1, 8, 8)), nn.MaxPool2d(3, 1, 1), nn.Flatten(1)),
    )
    page = opened(Run("own", "own", VAE(2, network=pair, **SHORT).fit(digits.x[:60]), digits.x[:60]))
    assert page.written.runtime == "onnx" and page.written.reason == "the decoder has the operator MaxPool"
    assert "'wasm-unsafe-eval'" in page.policy() and "Microsoft" in page.written.path.read_text()
    held(page, np.random.default_rng(0).normal(size=(7, 2)).astype(np.float32))


@pytest.mark.slow
def test_networks_of_ones_own_are_run_too(opened, digits):
    encoder = nn.Sequential(
        nn.Unflatten(1, (1, 8)), nn.Conv2d(1, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.GELU(), nn.Flatten(1), nn.Linear(64, 4)
    )
    decoder = nn.Sequential(
        *(nn.Linear(2, 36), nn.SiLU(), nn.Unflatten(1, (4, 3, 3)), nn.ConvTranspose2d(4, 3, 4, 2, 1, output_padding=1)),
        *(nn.ELU(), nn.ConvTranspose2d(3, 1, 2), nn.Hardtanh(-9.0, 9.0), nn.Flatten(1)),
    )
    page = opened(Run("own", "own", AE(2, network=(encoder, decoder), **SHORT).fit(digits.x[:60]), digits.x[:60]))
    assert page.written == type(page.written)(page.written.path, OWN, None) and "wasm" not in page.policy()
    held(page, np.random.default_rng(0).normal(size=(7, 2)).astype(np.float32))


@pytest.mark.slow
def test_a_large_network_multiplies_four_numbers_at_a_time(opened):
    random = np.random.default_rng(0)
    slopes = random.uniform(-1, 1, (40, 1, 1, 3)) * np.linspace(-90, 90, 23)[:, None, None]
    x = np.clip(128 + slopes + random.normal(0, 9, (40, 23, 20, 3)), 0, 255).astype(np.uint8)
    run = Run("large", "large", VAE(16, network="convolutional", hidden=(9, 12), **SHORT).fit(x), x)
    page = opened(run, rows=20)
    assert page.written.runtime == OWN and "'wasm-unsafe-eval'" in page.policy()
    assert "Microsoft" not in page.written.path.read_text()
    found, want = held(page, random.normal(size=(5, 16)).astype(np.float32))
    # To the level: but for values that lie at its very edge.
    edge = np.abs(levels(want) % 1 - 0.5) < 0.01
    assert (np.rint(levels(found)) == np.rint(levels(want)))[~edge].all() and edge.mean() < 0.05


def test_digits_decode_to_the_same_grey_level(small):
    found, want = held(small, np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32))
    edge = np.abs(levels(want) % 1 - 0.5) < 0.01
    assert (np.rint(levels(found)) == np.rint(levels(want)))[~edge].all() and edge.mean() < 0.05


def test_a_small_models_file_takes_at_most_4_megabytes(small):
    assert small.written.runtime == OWN and "Microsoft" not in small.written.path.read_text()
    assert small.written.path.stat().st_size < 4e6


def test_one_row_and_many_one_after_the_other(opened, digits):
    page = opened(
        Run("cvae", "cvae", CVAE(3, hidden=9, **SHORT).fit(digits.x[:90], digits.y[:90]), digits.x[:90], digits.y[:90])
    )
    random = np.random.default_rng(1)
    for rows in (1, 600, 1, 3, 3):
        held(page, random.normal(size=(rows, 3)).astype(np.float32), np.eye(10)[random.integers(0, 10, rows)])


def test_every_operator_that_is_listed_is_known_to_the_page(small):
    graphs = {}
    for operator in (*graph.OPERATORS, "Loop"):
        told = {"graph": 1, "fast": False, "nodes": [{"op": operator, "in": [], "out": [], "attributes": {}}]}
        message = wire.encode(told | {"inputs": ["x"], "outputs": [], "constants": []}, {})
        graphs[operator] = base64.b64encode(message).decode()
    unknown = small.page.evaluate(
        """async (graphs) => {
          const unknown = [];
          for (const [operator, text] of Object.entries(graphs)) {
            const bytes = Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));
            const opened = aevum.host.engine.network(async () => bytes).prepare();
            await opened.catch((error) => unknown.push([operator, error.message]));
          }
          return unknown;
        }""",
        graphs,
    )
    assert unknown == [["Loop", "this page knows no operator Loop: export the file again"]]


# -------------------------------------------------------------------- how much it holds

SIZES = {
    "32 latents": lambda d: (VAE(32, **SHORT).fit(d.x), d),
    "auto-encoder": lambda d: (AE(2, **SHORT).fit(d.x), d),
    "classes": lambda d: (CVAE(2, **SHORT).fit(d.x, d.y), d),
    "table": lambda d: (VAE(2, **SHORT).fit(open_data("wine").x), open_data("wine")),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", SIZES)
def test_files_of_other_small_models_take_no_more(case, digits, tmp_path):
    model, data = SIZES[case](digits)
    made = written_page([Run("run", "run", model, data.x, data.y)], tmp_path / "page.html")
    assert made.runtime == OWN and made.path.stat().st_size < 4e6
