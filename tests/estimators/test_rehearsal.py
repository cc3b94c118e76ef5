"""What does not fit together is said before the training, in a sentence that names the part."""

import re
import time

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import distributions as d
from torch import nn

from aevum import VAE, FlowVAE, InputError, MixtureVAE, VampVAE, cli
from aevum.conditionals import Conditional, GaussianConditional
from aevum.estimators.budget import held_out_share
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import ELBO, Objective, Opponent, Terms
from aevum.priors import StandardNormal

X = np.random.default_rng(0).normal(size=(90, 4)).astype(np.float32)
# One epoch may well leave a latent unused.
pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
SMALL = {"epochs": 1, "hidden": 8, "likelihood": "gaussian", "random_state": 0}


class Of(Conditional):
    """A posterior that makes a distribution of two numbers a latent."""

    def __init__(self, network, make):
        super().__init__()
        self.network, self.make = network, make

    def forward(self, *context):
        return self.make(*self.network(*context).unbind(-2))


class Fixed(Conditional):
    """A prior that is always the same."""

    def __init__(self, make):
        super().__init__()
        self.make = make
        self.register_buffer("place", torch.zeros(()))

    def forward(self, *context):
        return self.make()


class Wrong(Objective):
    """Terms of another shape."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        return self.change(ELBO()(model, x, y, beta=beta, generator=generator))


class Unchosen(ELBO):
    """An objective that no epoch can be chosen by."""

    def selection(self, terms):
        return terms.loss * torch.nan


class Played(ELBO):
    """An objective that something plays against, by a loss of this shape."""

    def __init__(self, change):
        super().__init__()
        self.critic, self.change = MLP((4,), (1,), hidden=(4,)), change

    def opponents(self):
        return [Opponent(self.critic, lambda model, x, y, generator: self.change(self.critic(x).flatten()))]


def composed(posterior=None, prior=None, objective=None):
    class Own(VAE):
        """VAE of one's own."""

        def _compose(self, parts, encoding):
            q = GaussianConditional(parts.encoder(self.network, 2)) if posterior is None else None
            q = q or Of(parts.encoder(self.network, 2), posterior)
            p = StandardNormal(parts.latent_dim) if prior is None else Fixed(prior)
            model = LatentVariableModel(q, p, parts.decoder(self.network, encoding))
            return model, objective or ELBO()

    return Own(2, **SMALL)


POSTERIORS = {
    "Beta": (lambda a, b: d.Beta(a.exp(), b.exp()), "a draw from Beta is no known function of standard normal noise"),
    "Dirichlet": (lambda a, b: d.Dirichlet(a.exp()), "a draw from Dirichlet is no known function"),
    "Categorical": (lambda a, b: d.Categorical(logits=a), "Categorical draws indices"),
    "mixture": (
        lambda a, b: d.MixtureSameFamily(d.Categorical(logits=torch.zeros(len(a), 2)), d.Independent(d.Normal(
            torch.stack([a, b], 1), 1.0), 1)), "a draw from MixtureSameFamily is no known function"),
    "no law": (lambda a, b: a, "a Tensor is no distribution"),
    "one for all": (
        lambda a, b: d.Independent(d.Normal(a.sum(0), 1.0), 1),
        r"the posterior of a few rows is a Independent with batch \(\)",
    ),
}  # fmt: skip
TERMS = {
    "scalar loss": (lambda t: t._replace(loss=t.loss.mean()), r"loss of 3 rows is a tensor \(\); expected a tensor"),
    "scalar distortion": (lambda t: t._replace(distortion=t.distortion.mean()), "distortion of 3 rows is a tensor"),
    "column": (lambda t: t._replace(loss=t.loss[:, None]), r"loss of 3 rows is a tensor \(3, 1\)"),
    "number": (lambda t: t._replace(extras={"penalty": 1.0}), "penalty of 3 rows is a float"),
    "a tensor": (lambda t: t.loss, "the objective returns a Tensor; expected Terms"),
    "detached": (lambda t: t._replace(loss=t.loss.detach()), "the objective's loss reaches no parameter of the model"),
    "taken name": (lambda t: t._replace(extras={"held": t.loss}), "an objective's extra can't be called 'held'"),
}
OPPONENTS = {
    "a mean": (lambda loss: loss.mean(), r"an opponent's loss of 3 rows is a tensor \(\); expected a tensor \(3,\)"),
    "no tensor": (lambda loss: 0.0, "an opponent's loss of 3 rows is a float"),
    "without gradient": (lambda loss: loss.detach(), "an opponent's loss reaches none of its parameters"),
}
SPACES = {
    "points": (
        {"posterior": lambda a, b: d.OneHotCategoricalStraightThrough(logits=a)},
        "the posterior OneHotCategoricalStraightThrough lives on points, the prior Gaussian on real numbers",
    ),
    "shares": (
        {
            "posterior": lambda a, b: d.RelaxedOneHotCategorical(torch.tensor(1.0), logits=a),
            "prior": lambda: d.Independent(d.Normal(torch.zeros(2), 1.0), 1),
        },
        "RelaxedOneHotCategorical lives on shares that sum to one, the prior Normal on real numbers",
    ),
}
PRIORS = {
    "of other width": (lambda: d.Independent(d.Normal(torch.zeros(3), 1.0), 1), "over 3 latents, the posterior over 2"),
    "of several rows": (lambda: d.Independent(d.Normal(torch.zeros(5, 2), 1.0), 1), r"the prior of .* batch \(5,\)"),
}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        *(({"posterior": make}, words) for make, words in POSTERIORS.values()),
        *(({"prior": make}, words) for make, words in PRIORS.values()),
        *(({"objective": Wrong(make)}, words) for make, words in TERMS.values()),
        *(({"objective": Played(make)}, words) for make, words in OPPONENTS.values()),
        ({"objective": Unchosen()}, "the objective's selection, which chooses the best epoch, is not a number"),
        *SPACES.values(),
    ],
    ids=[*POSTERIORS, *PRIORS, *TERMS, *OPPONENTS, "unchosen", *SPACES],
)
def test_what_does_not_fit_is_said_before_the_training(parts, words):
    model = composed(**parts).set_params(epochs=1000)
    started = time.perf_counter()
    with pytest.raises(InputError, match=words) as caught:
        model.fit(X)
    assert time.perf_counter() - started < 5.0
    assert "\n" not in str(caught.value) and str(caught.value).startswith("Own")
    assert not hasattr(model, "fitted_")


def test_an_error_in_a_part_names_its_place():
    def fails(a, b):
        raise RuntimeError("no such thing")

    words = r"Own can't be trained as it is composed: RuntimeError in .*fails \(test_rehearsal.py, line \d+\): no such"
    with pytest.raises(InputError, match=words):
        composed(posterior=fails).fit(X)


def test_points_have_points_for_a_prior():
    """Over the two codes that there are, log p(x) is a sum that can be had exactly."""
    one_hot = d.OneHotCategorical(logits=torch.zeros(2))
    model = composed(lambda a, b: d.OneHotCategoricalStraightThrough(logits=a), lambda: one_hot).fit(X)
    rows = torch.from_numpy(X[:5])
    each = torch.stack([model.model_.log_likelihood(model.encoding_(rows), code.expand(5, 2)) for code in torch.eye(2)])
    exact = each.logsumexp(0) - np.log(2) + model.encoding_.log_abs_det(model.encoding_(rows))
    np.testing.assert_allclose(model.score_samples(X[:5], k=2000), exact.detach().numpy(), atol=0.05)


@pytest.mark.parametrize("place", ["__init__", "prepare", "_compose"])
def test_an_error_before_the_first_row_names_its_place_too(place):
    class Prior(StandardNormal):
        def __init__(self, latent_dim):
            super().__init__(latent_dim)
            assert place != "__init__", "no such thing"

        def prepare(self, x, y, rows):
            assert place != "prepare", "no such thing"

    class Own(VAE):
        """VAE of one's own."""

        def _compose(self, parts, encoding):
            q, p = GaussianConditional(parts.encoder(self.network, 2)), Prior(parts.latent_dim)
            model = LatentVariableModel(q, p, parts.decoder(self.network, encoding))
            return model if place == "_compose" else (model, ELBO())

    words = {
        "__init__": r"Own can't be composed: AssertionError in .*Prior.__init__ \(test_rehearsal.py, line \d+\): no",
        "prepare": r"Own can't be prepared: AssertionError in .*Prior.prepare \(test_rehearsal.py",
        "_compose": "Own can't be composed: TypeError: _compose gives a LatentVariableModel; expected a pair",
    }
    with pytest.raises(InputError, match=words[place]):
        Own(2, **SMALL).fit(X)


def test_values_that_a_likelihood_cannot_give_are_bad_input():
    class Counted(Conditional):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, *context):
            return d.Poisson(self.network(*context).squeeze(-2).exp(), validate_args=True)  # zuko switches it off

    posterior = GaussianConditional(MLP((4,), (2,), parameters=2, hidden=(4,)))
    model = LatentVariableModel(posterior, StandardNormal(2), Counted(MLP((2,), (4,), hidden=(4,))))
    counts = torch.arange(20.0).view(5, 4)
    assert model.log_likelihood(counts, torch.zeros(5, 2)).shape == (5,)
    counts[3, 2] = 0.5
    words = "some of these values are none that the likelihood can give: Poisson is for IntegerGreaterThan"
    with pytest.raises(InputError, match=words) as caught:
        model.log_likelihood(counts, torch.zeros(5, 2))
    assert "\n" not in str(caught.value)


def test_a_class_is_conditional_or_not():
    with pytest.raises(TypeError, match="Own.conditional is 'maybe'; it is False, True or 'optional'"):
        type("Own", (VAE,), {"conditional": "maybe"})


def test_a_law_that_is_drawn_by_its_quantiles_has_moments():
    """The logistic distribution, as PyTorch's documentation builds it: mean μ, deviation sπ/√3."""
    uniform = d.Uniform(torch.zeros(2), torch.ones(2))
    stretch = [d.SigmoidTransform().inv, d.AffineTransform(torch.tensor([0.0, 3.0]), torch.tensor([1.0, 2.0]))]
    model = composed(prior=lambda: d.TransformedDistribution(uniform, stretch)).fit(X)
    mean, deviation = model.law_of_codes().moments()
    np.testing.assert_allclose(mean, [[0.0, 3.0]], atol=1e-3)
    np.testing.assert_allclose(deviation, np.array([[1.0, 2.0]]) * np.pi / np.sqrt(3), rtol=0.02)
    assert model.traverse(0, n=3)[0].shape[0] == 3


@pytest.mark.parametrize("shape", [(2,), (1, 2)])
def test_a_prior_for_all_rows_may_have_a_batch_of_one(shape):
    model = composed(prior=lambda: d.Independent(d.Normal(torch.full(shape, 3.0), 1.0), 1)).fit(X)
    assert model.sample(5).shape == (5, 4) and model.draw_prior(7).shape == (7, 2)
    law = model.law_of_codes()
    assert law.sample(1000, torch.Generator().manual_seed(0), 0).mean() == pytest.approx(3.0, abs=0.1)
    assert law.log_density(np.full((4, 2), 3.0)) == pytest.approx([-np.log(2 * np.pi)] * 4, rel=1e-5)


def test_a_law_without_moments_is_told_by_quantiles():
    model = composed(prior=lambda: d.Independent(d.Cauchy(torch.tensor([0.0, 4.0]), 2.0), 1)).fit(X)
    mean, deviation = model.law_of_codes().moments()
    np.testing.assert_allclose(mean, [[0.0, 4.0]], atol=1e-6)
    np.testing.assert_allclose(deviation, 2.0 * np.tan(np.pi * 0.6826894921370859 / 2), rtol=1e-5)
    assert np.isfinite(model.traverse(0, n=5).x).all()


def test_outside_of_its_support_a_law_has_no_density():
    model = composed(prior=lambda: d.Independent(d.Uniform(torch.full((2,), -1e3), 1e3), 1)).fit(X)
    found = model.law_of_codes().log_density(np.array([[0.0, 0.0], [0.0, 2e3]]))
    assert found.tolist() == [pytest.approx(-2 * np.log(2e3)), -np.inf]


@pytest.mark.parametrize("base", [VAE, MixtureVAE, VampVAE, FlowVAE], ids=lambda kind: kind.__name__)
def test_every_prior_can_be_given_a_condition(base):
    if base is FlowVAE:
        pytest.importorskip("zuko")
    labels = np.arange(90) % 3
    kind = type("Given", (base,), {"conditional": True, "__doc__": "Given y."})
    model = kind(2, **SMALL).fit(X + 3 * labels[:, None], labels)
    assert model.sample(6, 1, random_state=0).shape == (6, 4)
    assert np.isfinite(model.score_samples(X[:5], labels[:5], k=5)).all()


def test_half_a_vector_is_no_condition():
    kind = type("Optional", (VAE,), {"conditional": "optional", "__doc__": "Given y, or not."})
    y = np.random.default_rng(1).normal(size=(90, 2))
    y[4] = np.nan
    model = kind(2, **SMALL).fit(X, y)
    y[7, 1] = np.nan
    for use in (kind(2, **SMALL).fit, model.transform):
        with pytest.raises(InputError, match=r"y has some numbers of row 7 and lacks others \(1 such rows\)"):
            use(X, y)


def test_on_the_command_line_it_is_no_bug_of_ours(tmp_path, own_registry):
    file = tmp_path / "late.py"
    file.write_text(
        "import torch\nimport aevum\nfrom torch import distributions as d\nfrom aevum.conditionals import Conditional\n"
        "from aevum.model import LatentVariableModel\nfrom aevum.objectives import ELBO\n"
        "from aevum.priors import StandardNormal\n\n\n"
        "class Q(Conditional):\n    def __init__(self, network):\n        super().__init__()\n"
        "        self.network = network\n\n    def forward(self, *c):\n"
        "        a, b = self.network(*c).unbind(-2)\n        return d.Beta(a.exp(), b.exp())\n\n\n"
        "@aevum.register\nclass Late(aevum.VAE):\n    '''Late.'''\n\n    def _compose(self, parts, encoding):\n"
        "        return LatentVariableModel(Q(parts.encoder(self.network, 2)), StandardNormal(parts.latent_dim),\n"
        "                                   parts.decoder(self.network, encoding)), ELBO()\n",
        encoding="utf-8",
    )
    found = CliRunner().invoke(cli.aevum, ["train", "iris", "--model", f"{file}:Late", "--out", str(tmp_path / "run")])
    assert found.exit_code == 2 and re.search("a draw from Beta", found.stderr) and "bug" not in found.stderr


def test_a_constructor_that_was_written_passes_on_what_it_will_again(tmp_path, own_registry):
    import aevum

    @aevum.register
    class OwnInit(VAE):
        """A constructor of its own."""

        def __init__(self, latent_dim=3, *, scale=1.0):
            super().__init__(latent_dim, epochs=1, hidden=8, likelihood="gaussian:fixed=0.5", random_state=0)
            self.scale = scale

    model = OwnInit(2, scale=3.0).fit(X)
    again = aevum.load(model.save(tmp_path / "model"))
    assert again.likelihood == "gaussian:fixed=0.5" and again.scale == 3.0
    np.testing.assert_array_equal(again.transform(X), model.transform(X))


def test_running_means_see_nothing_of_the_rehearsal():
    class Counting(Objective):
        """How many rows it was shown in training."""

        def __init__(self):
            super().__init__()
            self.register_buffer("rows", torch.zeros(()))
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, model, x, y=None, *, beta=1.0, generator=None):
            if self.training:
                self.rows += len(x)
            found: Terms = ELBO()(model, x, y, beta=beta, generator=generator)
            return found._replace(loss=found.loss + (self.scale - 1.0) ** 2)

    model = composed(objective=Counting()).fit(X)
    assert float(model.objective_.rows) == len(X) - round(held_out_share("auto", len(X), True) * len(X))


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_a_fit_learns_where_gradients_are_switched_off_and_leaves_them_so(off):
    with off():
        model = composed().fit(torch.from_numpy(X) + 0.0)
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    torch.testing.assert_close(
        dict(model.model_.named_parameters()), dict(composed().fit(X).model_.named_parameters()), rtol=0, atol=0
    )
    with pytest.raises(InputError):
        composed(objective=Wrong(lambda t: t.loss)).fit(X)
    assert torch.is_grad_enabled()
