"""Arrays to figures, and nothing else; matplotlib lives in this room only."""

from aevum.networks.pictures import image_grid
from aevum.plots.animation import save_animation
from aevum.plots.disentanglement import disentanglement_figure
from aevum.plots.evaluation import calibration_figure, evidence_figure
from aevum.plots.figures import (
    class_rows_figure,
    manifold_figure,
    reconstruction_figure,
    sample_figure,
    traversal_figure,
)
from aevum.plots.history import history_figure
from aevum.plots.latents import latent_scatter_figure, latent_usage_figure
from aevum.plots.montage import save_images

__all__ = [
    "calibration_figure",
    "class_rows_figure",
    "disentanglement_figure",
    "evidence_figure",
    "history_figure",
    "image_grid",
    "latent_scatter_figure",
    "latent_usage_figure",
    "manifold_figure",
    "reconstruction_figure",
    "sample_figure",
    "save_animation",
    "save_images",
    "traversal_figure",
]
