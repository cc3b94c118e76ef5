"""Where bfloat16 matrix products pay: milliseconds a training step in float32 and bfloat16, over network widths.

Each width is fitted to the same 12,800 MNIST images (batch 128) in both precisions, in turn, three times; the figure is
the median over rounds of the pairwise ratio, and the weights are those of the whole model.

    python benchmarks/precision.py
"""

from __future__ import annotations

import statistics

from common import arguments, report

from aevum import VAE, open_data


def milliseconds(x: object, width: int, precision: str) -> tuple[float, int]:
    """The median step of the epochs after the first, and the model's weights."""
    settings = {"network": "mlp", "likelihood": "bernoulli", "binarize": "soft", "validation_fraction": 0.0}
    vae = VAE(hidden=(width,), epochs=4, precision=precision, random_state=0, **settings).fit(x)
    epoch = statistics.median(record["seconds"] for record in vae.history_[1:])
    return 1e3 * epoch / vae.history_[0]["step"], sum(p.numel() for p in vae.model_.parameters())


def main() -> None:
    options = arguments(__doc__)
    x = open_data("mnist", data_dir=options.data / "mnist").x[:12_800]
    for width in (32, 64, 128, 256, 512):
        rounds = [[milliseconds(x, width, precision) for precision in ("float32", "bfloat16")] for _ in range(3)]
        report(
            width=width,
            weights=rounds[0][0][1],
            float32_ms=statistics.median(pair[0][0] for pair in rounds),
            bfloat16_ms=statistics.median(pair[1][0] for pair in rounds),
            speedup=statistics.median(pair[0][0] / pair[1][0] for pair in rounds),
        )


if __name__ == "__main__":
    main()
