"""ONNX files, and the graphs that pages run themselves, give what the model gives, for every model, network and
likelihood.
"""

import base64
import json
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import Distribution, Independent, Normal

from aevum import AE, CVAE, VAE, InputError, open_data
from aevum.conditionals import Conditional
from aevum.fitted import exporting
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO
from aevum.recipes import ESTIMATORS
from aevum.server import Run
from aevum.server import graph as graphs
from aevum.server.page_file import page_file

onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")
onnx = pytest.importorskip("onnx", reason="onnx is not installed")

TINY = {"latent_dim": 3, "hidden": 8, "epochs": 1, "random_state": 0}
pytestmark = [
    pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning"),
    pytest.mark.usefixtures("one_registry"),
]


def runs(file, **inputs):
    return onnxruntime.InferenceSession(file).run(None, {k: v.astype(np.float32) for k, v in inputs.items()})


@pytest.fixture(scope="module")
def page(browser, digits, tmp_path_factory, one_registry, started):
    """A page from one file, whose script runs graphs."""
    model = VAE(**TINY).fit(digits.x[:50])
    file = page_file([Run("vae", "vae", model, digits.x[:5])], tmp_path_factory.mktemp("page") / "page.html")
    found, complaints = browser.new_page(), []
    for event in ("console", "pageerror"):
        found.on(event, lambda said: complaints.append(str(said)))
    found.goto(file.as_uri())
    started(found)
    yield found
    assert complaints == []


ASK = """async ([bytes, named]) => {
  const graph = Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0));
  const inputs = Object.fromEntries(Object.entries(named).map(([name, { values, shape }]) =>
    [name, { data: Float32Array.from(values, (value) => value ?? NaN), shape }]));
  const found = await aevum.host.engine.network(async () => graph).run(inputs);
  return Object.values(found).map(({ data, shape }) => ({ data: Array.from(data), shape }));
}"""


def interpreted(page, file, **inputs):
    """What the page's own script gives for a network, with its weights as they are."""
    graph = base64.b64encode(graphs.written(graphs.graph_of(file.read_bytes()), {})).decode()
    named = {
        name: {"values": [None if np.isnan(v) else float(v) for v in x.astype(np.float32).ravel()], "shape": x.shape}
        for name, x in inputs.items()
    }
    found = page.evaluate(ASK, [graph, named])
    return [np.array(part["data"], np.float64).reshape(part["shape"]) for part in found]


def same(found, want, spread=1.0):
    """Within 1e-5 of the scale: the exporter's own tolerance."""
    assert [a.shape for a in found] == [b.shape for b in want]
    for a, b in zip(found, want, strict=True):
        np.testing.assert_allclose(a / spread, b / spread, rtol=1e-5, atol=1e-5)


def table():
    return np.random.default_rng(0).normal(size=(50, 6)) * [1, 10, 100, 1e4, 0.1, 1] + [0, 5, 1e5, 0, 0, 1]


CASES = {
    **{name.lower(): (kind, {}, "digits") for name, kind in ESTIMATORS.items()},
    "learned prior": (CVAE, {"prior": "learned"}, "digits"),
    "flow given y": (CVAE, {"prior": "flow"}, "digits"),
    "residual": (VAE, {"network": "residual", "hidden": (8, 8)}, "digits"),
    "convolutional": (VAE, {"network": "convolutional", "hidden": (4, 4)}, "digits"),
    "bernoulli": (VAE, {"likelihood": "bernoulli", "binarize": "dynamic"}, "unit"),
    "continuous bernoulli": (VAE, {"likelihood": "continuous_bernoulli"}, "unit"),
    "logistic": (VAE, {"likelihood": "discretized_logistic"}, "bytes"),
    "table": (VAE, {"likelihood": "gaussian:emitted"}, "table"),
    "numbers": (CVAE, {"likelihood": "gaussian:per-feature"}, "table"),
    "wide": (CVAE, {"network": "wide", "hidden": (8, 8), "latent_dim": 1}, "digits"),
    "colours": (CVAE, {"network": "convolutional", "hidden": (4, 6), "latent_dim": 64}, "colours"),
    "columns": (VAE, {"likelihood": "columns"}, "mixed"),
    "emitted columns": (VAE, {"likelihood": "columns:emitted"}, "mixed"),
    "poisson": (VAE, {"likelihood": "poisson", "size_factors": None}, "counts"),
    "negative binomial": (VAE, {"likelihood": "negative_binomial"}, "counts"),
    "zeros": (VAE, {"likelihood": "zero_inflated_negative_binomial"}, "counts"),
    "student": (VAE, {"likelihood": "student_t"}, "table"),
    "laplace": (AE, {"likelihood": "laplace"}, "table"),
}


def mixed():
    """Columns of many kinds, and cells without a value."""
    random = np.random.default_rng(1)
    n = 200
    share, zero = random.beta(2, 3, n), random.random(n) < 0.3
    found = np.stack(
        [
            *(random.normal(size=n), random.integers(0, 2, n), random.poisson(3, n), random.standard_cauchy(n)),
            *(np.exp(random.normal(size=n)), np.where(zero, 0.0, random.exponential(3, n)), share),
            *(
                np.where(zero, 1.0, share),
                np.round(random.normal(50, 20, n) / 5) * 5,
                random.choice([0.1, 0.2, 0.5], n),
            ),
            random.integers(0, 1000, n),
        ],
        axis=1,
    )
    found[::7, [0, 4]] = np.nan
    return found


DATA = {
    "digits": lambda digits: digits.x[:50],
    "unit": lambda digits: digits.x[:50] / 16,
    "bytes": lambda digits: (digits.x[:50] * 15).astype(np.uint8),
    "table": lambda digits: table(),
    "mixed": lambda digits: mixed(),
    "counts": lambda digits: np.random.default_rng(2).poisson(4, (50, 5)).astype(float),
    "colours": lambda digits: np.random.default_rng(3).integers(0, 256, (50, 9, 11, 3)).astype(np.uint8),
}


# They have the networks of the other cases, or their likelihoods (priors are in no file): for the slow tests.
SLOW = (
    *("dae", "iwae", "mixturevae", "vampvae", "residual", "bernoulli", "learned prior", "flow given y"),
    *("convolutional", "flowvae", "columns", "negative binomial", "laplace"),
)


@pytest.mark.parametrize("case", [pytest.param(case, marks=[pytest.mark.slow] * (case in SLOW)) for case in CASES])
def test_encoder_and_decoder(case, page, digits, tmp_path):
    kind, options, data = CASES[case]
    x = DATA[data](digits)
    y = None if not kind.conditional else table()[:, 0] if data == "table" else digits.y[:50]
    model = kind(**{**TINY, **options}).fit(x, y)
    encoder, decoder = model.export_onnx(tmp_path / "model.onnx")
    assert [file.name for file in (encoder, decoder)] == ["model.encoder.onnx", "model.decoder.onnx"]
    context = {} if y is None else {"y": model.context_.encode(y, 50)}
    mean, deviation = model.encode(x.astype(np.float32), y)
    found = runs(encoder, x=x, **context)
    same(interpreted(page, encoder, x=x, **context), found)
    np.testing.assert_allclose(found[0], mean, atol=1e-5)
    np.testing.assert_allclose(found[1], deviation, atol=1e-5)
    scale = model.scaling_.scale.numpy()
    found = runs(decoder, z=mean, **context)
    same(interpreted(page, decoder, z=mean, **context), found, scale)
    np.testing.assert_allclose(found[0] / scale, model.inverse_transform(mean, y) / scale, atol=1e-5)
    assert len(found) == 1 + bool(model.fitted_.interval)
    if len(found) == 2 and options.get("likelihood") not in ("student_t", "laplace"):
        low, high = model.decode_interval(mean, y, level=0.682689492137)
        np.testing.assert_allclose(found[1] / scale, (high - low) / 2 / scale, rtol=1e-4, atol=1e-5)
    about = {p.key: json.loads(p.value) for p in onnx.load(decoder).metadata_props}
    assert about["aevum.model"] == kind.__name__ and about["aevum.event"] == list(x.shape[1:])


class AsWritten(Conditional):
    """Gaussians as PyTorch's users write them, which look at their arguments."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, *context):
        mean, log_scale = self.network(*context).unbind(-2)
        return Normal(mean, log_scale.exp())


class FarPrior(Conditional):
    """N(5, I)."""

    def forward(self, *context):
        return Independent(Normal(torch.full((3,), 5.0), 1.0), 1)


class Own(VAE):
    """VAE of one's own parts."""

    def _compose(self, parts, encoding):
        posterior = AsWritten(parts.encoder(self.network, 2))
        return LatentVariableModel(posterior, FarPrior(), parts.decoder(self.network, encoding)), ELBO()


@pytest.fixture(scope="module")
def own(digits):
    return Own(**TINY).fit(digits.x[:50])


def test_distributions_that_look_at_their_arguments_are_translated(own, digits, tmp_path, monkeypatch):
    monkeypatch.setattr(Distribution, "_validate_args", True)  # zuko switches it off where it is imported
    encoder, _ = own.export_onnx(tmp_path / "model.onnx")
    found = runs(encoder, x=digits.x[:50])
    np.testing.assert_allclose(found[0], own.transform(digits.x[:50]), atol=1e-5)
    assert Distribution._validate_args


def test_a_translation_is_tried_where_codes_lie(own, monkeypatch):
    """On draws of the model's own prior, and on what it makes of them."""
    tried = {}

    def record(module, name, values, *rest):
        tried[name] = values
        return b""

    monkeypatch.setattr(exporting, "_translated", record)
    exporting.to_onnx(own.fitted_, "own")
    assert all(abs(z.mean() - 5.0) < 1.0 for z in tried["z"])
    np.testing.assert_allclose(tried["x"][1], own.inverse_transform(tried["z"][1]), rtol=1e-4, atol=1e-4)


def test_files_that_are_there_stay(digits, tmp_path):
    model = VAE(**TINY).fit(digits.x[:50])
    model.export_onnx(tmp_path / "deep" / "a.onnx")
    with pytest.raises(InputError, match=r"a.encoder.onnx exists"):
        model.export_onnx(tmp_path / "deep" / "a.onnx")
    model.export_onnx(tmp_path / "deep" / "a.onnx", overwrite=True)
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["a.decoder.onnx", "a.encoder.onnx"]
    with pytest.raises(InputError, match=r"ends in .onnx"):
        model.export_onnx(tmp_path / "a.bin")


def test_a_network_that_can_not_be_translated_is_one_line(digits, tmp_path):
    class Looping(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 64)

        def forward(self, z):
            h = self.layer(z)
            while float(h.detach().abs().max()) > 1e3:
                h = h / 2
            return h

    pair = (nn.Sequential(nn.Flatten(), nn.Linear(64, 8)), Looping())
    model = VAE(3, network=pair, epochs=1, random_state=0).fit(digits.x[:50])
    with pytest.raises(InputError, match="can't be translated to ONNX") as raised:
        model.export_onnx(tmp_path / "a.onnx")
    words = str(raised.value)
    assert "\n" not in words and not list(tmp_path.glob("*.onnx"))
    assert "step 1/3" not in words and "data-dependent" in words.lower()


def test_a_translation_that_differs_is_refused(digits, tmp_path, monkeypatch):
    monkeypatch.setattr("aevum.fitted.exporting.TOLERANCE", -1.0)
    with pytest.raises(InputError, match="differs from the model by"):
        VAE(**TINY).fit(digits.x[:50]).export_onnx(tmp_path / "a.onnx")


def test_data_that_float32_can_not_hold_are_refused(tmp_path):
    random = np.random.default_rng(0)
    x = np.stack([1.7e9 + random.uniform(0, 3600, 200), random.normal(size=200)], axis=1)  # times within an hour
    model = VAE(latent_dim=1, epochs=5, random_state=0).fit(x)
    with pytest.raises(InputError, match="ONNX's float32 can't hold these data"):
        model.export_onnx(tmp_path / "a.onnx")


def test_codes_without_a_unit_are_compared_by_their_own_spread(digits, tmp_path):
    class Large(nn.Module):
        def forward(self, x):
            return 1e3 * x.flatten(1)

    model = AE(3, network=(Large(), nn.Linear(3, 64)), epochs=1, random_state=0).fit(digits.x[:50])
    assert model.codes_.std() > 30
    model.export_onnx(tmp_path / "a.onnx")


def test_a_missing_package_is_named(digits, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(InputError, match=r"needs the package onnxscript: pip install 'aevum\[onnx\]'"):
        VAE(**TINY).fit(digits.x[:50]).export_onnx(tmp_path / "a.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("latent_dim", [2, 8])
def test_mnist_with_the_defaults(latent_dim, data_folder, tmp_path):
    """Trained for longer than the cases above: their posteriors are still as wide as the prior, even in noise."""
    mnist = open_data("mnist", data_dir=data_folder / "mnist")
    model = VAE(latent_dim, epochs=2, random_state=0).fit(mnist.x[:10_000])
    encoder, _ = model.export_onnx(tmp_path / "model.onnx")
    for found, want in zip(runs(encoder, x=mnist.x[-500:]), model.encode(mnist.x[-500:]), strict=True):
        np.testing.assert_allclose(found, want, atol=1e-5 * max(1.0, np.abs(want).max()))


def test_numbers_far_from_all_data_need_no_digits_and_hide_none_that_count():
    """The mean of a log-normal whose σ a code makes large; and a year, which lies far from 0 beside its scale."""
    want = np.array([[1.0, 9.7071e16], [2.0, 5.0], [3.0, 6.0]])
    assert exporting.off_by(want * [1, 0.998], want, np.array([1.0, 112.0])) < 1e-8
    years = np.array([[2e9, 1.0], [2e9 + 3, 2.0]])
    assert exporting.off_by(years + np.array([[3.0, 0.0], [0.0, 0.0]]), years, np.array([1.0, 1.0])) > 0
    assert np.isnan(exporting.off_by(np.array([[np.nan]]), np.array([[1.0]]), np.array([1.0])))
