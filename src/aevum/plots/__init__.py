"""Arrays to figures, and a fitted model to a folder with a report. matplotlib lives in this room only."""

from aevum.plots.animation import save_animation
from aevum.plots.comparison import comparison_page
from aevum.plots.disentanglement import disentanglement_figure
from aevum.plots.evaluated import add_evaluation, read_metrics
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
from aevum.plots.montage import image_grid, save_images
from aevum.plots.run import check_free, write_run

__all__ = [
    "add_evaluation",
    "calibration_figure",
    "check_free",
    "class_rows_figure",
    "comparison_page",
    "disentanglement_figure",
    "evidence_figure",
    "history_figure",
    "image_grid",
    "latent_scatter_figure",
    "latent_usage_figure",
    "manifold_figure",
    "read_metrics",
    "reconstruction_figure",
    "sample_figure",
    "save_animation",
    "save_images",
    "traversal_figure",
    "write_run",
]
