"""Large examples: a network that fits them, and a word where they cost gigabytes."""

import numpy as np
import pytest

from aevum import VAE, DataWarning, load
from aevum.estimators.sizes import warn_of_size
from aevum.fitted.parts import Parts

TINY = {"latent_dim": 2, "epochs": 1, "random_state": 0, "validation_fraction": 0.0}


def parts(event, network, hidden):
    return Parts(
        event=event, latent_dim=2, context=0, likelihood=None, network=network, hidden=hidden, low=0.0, high=1.0,
        eight_bit=True, encoded=event,
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_wide_pictures_get_convolutions_and_come_back_from_their_file(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (2, 224, 512, 3), dtype=np.uint8)
    model = VAE(**TINY).fit(x)
    assert model.parts_.network == "convolutional"
    assert sum(weight.numel() for weight in model.model_.parameters()) < 2e6
    again = load(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.transform(x), model.transform(x))


@pytest.mark.parametrize(
    ("event", "network", "hidden", "batch", "words"),
    [
        ((1024, 1024, 3), "convolutional", (8,), 128, r"1024×1024×3: a step of 128 takes about 14 GiB; --image-size"),
        ((7, 100_000), "residual", (512, 512), 128, r"7×100000: .*residual network have 717 million weights"),
    ],
)
def test_what_costs_gigabytes_is_said(event, network, hidden, batch, words):
    with pytest.warns(DataWarning, match=words):
        warn_of_size(parts(event, network, hidden), batch)


@pytest.mark.parametrize(
    ("event", "network", "hidden"),
    [((224, 512, 3), "convolutional", (8,)), ((28, 28), "residual", (512, 512)), ((5,), "mlp", ())],
)
def test_what_does_not_is_not(event, network, hidden):
    warn_of_size(parts(event, network, hidden), 128)
