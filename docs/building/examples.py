"""How each example of a gallery begins."""

from __future__ import annotations

from typing import Any


def reset(settings: dict[str, Any], name: str) -> None:
    """The same figures and draws, whatever ran before."""
    import matplotlib.pyplot as plt
    import torch

    plt.close("all")
    plt.rcdefaults()
    plt.rcParams.update(
        {
            "figure.dpi": 110,
            "savefig.dpi": 110,
            "font.family": "DejaVu Sans",  # which matplotlib brings: no other is looked for
            "font.size": 9.5,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "legend.frameon": False,
            "image.interpolation": "nearest",
        }
    )
    torch.manual_seed(0)
    torch.set_num_threads(1)
