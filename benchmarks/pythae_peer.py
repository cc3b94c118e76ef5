"""The peer's side of the comparisons with pythae 0.1.2: its VAE, with the networks of ours; runs in its environment."""

from __future__ import annotations

from typing import Any

WIDTH, LATENT = 400, 20
CHANNELS, CODE = (32, 64, 128, 256), 64


def pythae_vae() -> Any:
    """pythae's VAE with one ReLU layer each way (its own default has 512 in the middle)."""
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from torch import nn

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, WIDTH), nn.ReLU())
            self.mean, self.log_variance = nn.Linear(WIDTH, LATENT), nn.Linear(WIDTH, LATENT)

        def forward(self, x):  # type: ignore[no-untyped-def]
            h = self.body(x)
            return ModelOutput(embedding=self.mean(h), log_covariance=self.log_variance(h))

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(LATENT, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 784), nn.Sigmoid())

        def forward(self, z):  # type: ignore[no-untyped-def]
            return ModelOutput(reconstruction=self.body(z).reshape(-1, 1, 28, 28))

    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENT, reconstruction_loss="bce")
    return VAE(config, encoder=Encoder(), decoder=Decoder())


def convolutions() -> tuple[list[Any], list[Any]]:
    """Layers for images of 64 × 64 in three colours: four strided convolutions to 4 × 4, and back to logits."""
    from torch import nn

    encoder, decoder, before = [], [], 3
    for width in CHANNELS:
        encoder += [nn.Conv2d(before, width, 4, stride=2, padding=1), nn.ReLU()]
        between = [nn.ReLU()] if decoder else []
        decoder = [nn.ConvTranspose2d(width, before, 4, stride=2, padding=1), *between, *decoder]
        before = width
    return [*encoder, nn.Flatten()], decoder


def pythae_convolutional_vae() -> Any:
    """pythae's VAE with those."""
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from torch import nn

    inward, outward = convolutions()
    features = CHANNELS[-1] * 16

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(*inward)
            self.mean, self.log_variance = nn.Linear(features, CODE), nn.Linear(features, CODE)

        def forward(self, x):  # type: ignore[no-untyped-def]
            h = self.body(x)
            return ModelOutput(embedding=self.mean(h), log_covariance=self.log_variance(h))

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(CODE, features), nn.Unflatten(1, (CHANNELS[-1], 4, 4)), *outward)

        def forward(self, z):  # type: ignore[no-untyped-def]
            return ModelOutput(reconstruction=self.body(z).sigmoid())

    config = VAEConfig(input_dim=(3, 64, 64), latent_dim=CODE, reconstruction_loss="bce")
    return VAE(config, encoder=Encoder(), decoder=Decoder())
