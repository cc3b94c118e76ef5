"""The peer's side of the comparisons with pythae 0.1.2: its VAE, with the networks of ours; runs in its environment."""

from __future__ import annotations

from typing import Any

WIDTH, LATENT = 400, 20
CHANNELS, CODE = (32, 64, 128, 256), 64


def mlp() -> tuple[list[Any], list[Any]]:
    """Layers 784-400 and 20-400-784 with one ReLU each way (pythae's own default has 512 in the middle), to logits."""
    from torch import nn

    inward = [nn.Flatten(), nn.Linear(784, WIDTH), nn.ReLU()]
    return inward, [nn.Linear(LATENT, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 784)]


def convolutions() -> tuple[list[Any], list[Any]]:
    """Layers for images of 64 × 64 in three colours: four strided convolutions to 4 × 4, and back to logits."""
    from torch import nn

    features = CHANNELS[-1] * 16
    encoder, decoder, before = [], [], 3
    for width in CHANNELS:
        encoder += [nn.Conv2d(before, width, 4, stride=2, padding=1), nn.ReLU()]
        between = [nn.ReLU()] if decoder else []
        decoder = [nn.ConvTranspose2d(width, before, 4, stride=2, padding=1), *between, *decoder]
        before = width
    start = [nn.Linear(CODE, features), nn.Unflatten(1, (CHANNELS[-1], 4, 4))]
    return [*encoder, nn.Flatten()], [*start, *decoder]


def pythae_vae() -> Any:
    """pythae's VAE with the first."""
    return _vae(*mlp(), features=WIDTH, latent=LATENT, shape=(1, 28, 28))


def pythae_convolutional_vae() -> Any:
    """pythae's VAE with the second."""
    return _vae(*convolutions(), features=CHANNELS[-1] * 16, latent=CODE, shape=(3, 64, 64))


def _vae(inward: list[Any], outward: list[Any], *, features: int, latent: int, shape: tuple[int, int, int]) -> Any:
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from torch import nn

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(*inward)
            self.mean, self.log_variance = nn.Linear(features, latent), nn.Linear(features, latent)

        def forward(self, x):  # type: ignore[no-untyped-def]
            h = self.body(x)
            return ModelOutput(embedding=self.mean(h), log_covariance=self.log_variance(h))

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(*outward)

        def forward(self, z):  # type: ignore[no-untyped-def]
            return ModelOutput(reconstruction=self.body(z).sigmoid().reshape(-1, *shape))

    config = VAEConfig(input_dim=shape, latent_dim=latent, reconstruction_loss="bce")
    return VAE(config, encoder=Encoder(), decoder=Decoder())
