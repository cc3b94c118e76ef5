"""Defaults on four kinds of data: digits, Olivetti faces, sprites and a table, each to a run folder with its report.

python benchmarks/gallery.py [--out runs/gallery]
"""

from __future__ import annotations

import time
from pathlib import Path

from common import arguments, report

from aevum import VAE, open_data, write_run


def main() -> None:
    options = arguments(__doc__, out={"type": Path, "default": Path("runs/gallery")})
    paths = {
        "digits": "digits",
        "olivetti": options.data / "olivetti.npz",
        "sprites": options.data / "sprites_static.npz",
        "cardio": options.data / "adbench" / "cardio.npz",
    }
    for name, path in paths.items():
        data = open_data(path)
        started = time.perf_counter()
        vae = VAE(random_state=options.seed, **({"epochs": options.epochs} if options.epochs else {})).fit(data)
        seconds = time.perf_counter() - started
        error = (
            vae.reconstruction_error(data.x[:1000]).mean() / data.x[:1000].reshape(len(data.x[:1000]), -1).var(0).sum()
        )
        write_run(vae, data, options.out / name, data.y, name=name, overwrite=True, seconds=seconds)
        report(
            data=name,
            rows=len(data),
            network=vae.parts_.network,
            unexplained_variance=error,
            active=len(vae.latent_summary_.active),
            epochs=len(vae.history_),
            seconds=seconds,
            report=str(options.out / name / "report.html"),
        )


if __name__ == "__main__":
    main()
