"""The figures of one run, each with the words that go with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from aevum.evaluation.given import rows_of
from aevum.evaluation.training import extras_of
from aevum.fitted.corrupting import corrupted
from aevum.plots import grids
from aevum.plots.figures import (
    class_rows_figure,
    manifold_figure,
    reconstruction_figure,
    repair_figure,
    sample_figure,
)
from aevum.plots.history import history_figure
from aevum.plots.latents import latent_scatter_figure, latent_usage_figure
from aevum.plots.style import picture
from aevum.reports.metrics import units_of
from aevum.reports.panel import Panel, held_y, ranked
from aevum.reports.subject import Subject, conditions
from aevum.reports.walks import traversals

PAIRS, TABLE_PAIRS, SAMPLES, TABLE_SAMPLES, DRAWS, IN_A_ROW = 16, 500, 60, 2000, 8, 10
ONE_SIGMA = 0.682689492137


def panels_of(subject: Subject) -> list[Panel]:
    """All figures that make sense for this model and these data, in the order of the report."""
    makers = (history, reconstructions, repairs, classes, samples, draws, usage, scatter, manifold, traversals)
    found = (make(subject) for make in makers)
    return [panel for panel in found if panel is not None]


def history(subject: Subject) -> Panel:
    records = subject.estimator.history_
    validated = any("validation_loss" in record for record in records)
    caption = "Lower is better. Blue: mean over the training rows while the weights were still changing. "
    caption += (
        "Orange: mean over rows held out from training, of the averaged weights; they choose the epoch that is kept. "
        if validated
        else "No rows were held out, so the weights of the last epoch are kept. "
    )
    caption += f"In {units_of(subject.estimator)}."
    drawn = picture(history_figure(records, extras=extras_of(records)))
    return Panel("history", "Training", caption, drawn, "Curves of the loss over the epochs")


def reconstructions(subject: Subject) -> Panel:
    whose = "rows that you held out" if subject.held_out else "rows of the data, most of which it was trained on"
    rows = subject.picked(PAIRS if subject.images else TABLE_PAIRS)
    sigma, extra = None, ""
    if not subject.images and subject.estimator.fitted_.interval:
        condition = None if subject.condition is None else subject.condition[rows]
        codes = subject.estimator.transform(rows_of(subject.given, rows), condition)
        low, high = subject.estimator.decode_interval(codes, condition, level=ONE_SIGMA)
        sigma = (high - low) / 2
        extra = " Bars: ± one σ of the likelihood, the spread that the model expects around its reconstruction."
    figure = reconstruction_figure(
        subject.x[rows], subject.found[rows], sigma=sigma, limits=subject.limits, feature_names=subject.feature_names,
        classes=subject.classes,
    )  # fmt: skip
    if subject.images:
        text = f"The decoder sees only the code of each original ({whose}); below it is what it makes of that."
    else:
        text = f"A dot a row ({whose}); on the dashed line the reconstruction is the original.{extra}"
        if subject.classes:
            text += " Of columns of classes, a bar is the share of a class's rows that come back as what they were."
    return Panel("reconstructions", "Reconstructions", text, picture(figure), "Originals and their reconstructions")


def repairs(subject: Subject) -> Panel | None:
    """Clean, corrupted and repaired rows of a model whose training corrupts them."""
    if subject.estimator.conditional:
        return None
    rows = subject.picked(IN_A_ROW if subject.images else TABLE_PAIRS)
    clean = subject.x[rows]
    found = corrupted(subject.estimator.fitted_, clean, 0)
    if found is None:
        return None
    figure = repair_figure(clean, *found, limits=subject.limits, feature_names=subject.feature_names)
    text = "What training does: the rows are corrupted, and the model has to give back the clean ones. "
    if not subject.images:
        text += "Across the clean value; grey: corrupted, blue: repaired. On the dashed line all is as it was."
    return Panel("repairs", "Clean, corrupted, repaired", text, picture(figure), "Clean, corrupted and repaired rows")


def classes(subject: Subject) -> Panel | None:
    if not subject.estimator.conditional:
        return None
    asked = conditions(subject)
    count = IN_A_ROW if subject.images else 300
    rows = {text: subject.estimator.sample(count, y=y, random_state=0, mean=subject.images) for text, y in asked}
    figure = class_rows_figure(
        rows, limits=subject.limits, feature_names=subject.feature_names, classes=subject.classes
    )
    known = getattr(subject.estimator, "classes_", asked)
    text = "Asked for what stands at the left of each row: y is given, the code is drawn from the prior. "
    text += "Shown is the likelihood's mean (sample(…, mean=True)). "
    codes = [subject.estimator.draw_prior(count, y, random_state=0) for _, y in asked]
    if all(np.array_equal(each, codes[0]) for each in codes):
        text += "All rows use the same codes, so that a column differs in y alone."
    else:
        text += "Each y has a prior of its own."
    if not subject.images:
        text = "Full draws (sample) for each y: what the model believes each feature looks like, given y."
    if len(known) > len(asked):
        text += f" {len(asked)} of {len(known)} classes are shown."
    return Panel("classes", "Samples of each class", text, picture(figure), "Rows of samples, one for each class")


def samples(subject: Subject) -> Panel | None:
    estimator = subject.estimator
    if subject.images and estimator.conditional:
        return None
    source = (
        "codes drawn from the prior"
        if estimator.can_sample
        else "codes drawn from a Gaussian mixture that was fitted to those of the training data, because an "
        "auto-encoder has no prior"
    )
    if subject.images:
        x = estimator.sample(SAMPLES, random_state=0, mean=True)
        text = f"Nobody drew these: {source}, decoded. Shown is the likelihood's mean (sample({SAMPLES}, mean=True)), "
        text += "which is smoother than a full draw."
        figure = sample_figure(x, limits=subject.limits)
        return Panel("samples", "Samples", text, picture(figure), "A grid of samples", True)
    x = estimator.sample(TABLE_SAMPLES, y=_data_conditions(subject, TABLE_SAMPLES), random_state=0)
    text = f"Grey: the data. Orange: {TABLE_SAMPLES:,} full draws, {source}. The closer the two, the better the model "
    text += "knows each feature's distribution (their dependence on each other is not shown)."
    figure = sample_figure(x, subject.x, feature_names=subject.feature_names, classes=subject.classes)
    return Panel("samples", "Samples", text, picture(figure), "Distributions of data and samples for each feature")


def draws(subject: Subject) -> Panel | None:
    if not (subject.images and subject.estimator.can_sample):
        return None
    y = _data_conditions(subject, DRAWS)
    mean = subject.estimator.sample(DRAWS, y=y, random_state=1, mean=True)
    drawn = subject.estimator.sample(DRAWS, y=y, random_state=1)
    figure = grids.image_pairs(mean, drawn, subject.limits, labels=("mean", "full draw"))
    text = "Above: the likelihood's mean at a code. Below: a full draw at the same code, with each pixel drawn from "
    text += f"its own distribution ({subject.estimator.likelihood_}). Pixels are independent given the code, so a full "
    text += "draw is grainy; its grain is what the model could not explain."
    return Panel("draws", "Mean and full draw", text, picture(figure), "Means and full draws at the same codes")


def usage(subject: Subject) -> Panel | None:
    summary = subject.estimator.latent_summary_
    if len(summary.variance) < 3:
        return None
    rate = None if summary.rate is None else np.array(summary.rate)
    text = "How much each latent dimension says about an example. A dimension is active when its code varies over the "
    text += "data (variance of the posterior mean above 0.01)."
    figure = latent_usage_figure(np.array(summary.variance), rate)
    return Panel(
        "latent_usage", "Use of the latent dimensions", text, picture(figure), "A bar for each latent dimension"
    )


def scatter(subject: Subject) -> Panel | None:
    if subject.codes.shape[1] < 2:
        return None
    first, second = sorted(ranked(subject)[:2])
    names = (f"z[{first}]", f"z[{second}]")
    figure = latent_scatter_figure(
        subject.codes[:, [first, second]], subject.y, names=names, prior=subject.standard_prior
    )
    text = f"The codes (posterior means) of {len(subject.x):,} rows"
    if subject.codes.shape[1] > 2:
        text += f", in the two most used of {subject.codes.shape[1]} dimensions"
    text += ", coloured by label; the model " if subject.y is not None else "."
    if subject.y is not None:
        text += (
            "was given the labels, so codes need not tell them apart."
            if subject.estimator.conditional
            else ("was not shown the labels.")
        )
    return Panel("latents", "Codes", text, picture(figure), f"Scatter of the codes in {names[0]} and {names[1]}")


def manifold(subject: Subject) -> Panel | None:
    if subject.codes.shape[1] != 2:
        return None
    # An odd number, so that the middle of the prior is among them.
    steps = 2 * int(np.clip(600 // max(subject.event[:2]), 4, 10)) + 1 if subject.images else 25
    held, y = held_y(subject)
    z, grid = subject.estimator.manifold(steps, y=y)
    across, up = z[0, :, 0], z[:, 0, 1]
    figure = manifold_figure(
        grid, (across, up), limits=subject.limits, feature_names=subject.feature_names, classes=subject.classes
    )
    whose = "the prior" if subject.estimator.can_sample else "the training codes"
    text = f"The decoder's mean over a grid of codes whose cells hold equal shares of {whose}"
    text += f", for {held}." if held else "."
    return Panel("manifold", "Map of the latent space", text, picture(figure), "Decoded examples over a grid of codes",
                 subject.images)  # fmt: skip


def _data_conditions(subject: Subject, count: int) -> Any:
    """For a conditional model y as they occur in the data, ``count`` of them."""
    if subject.condition is None:
        return None
    rows = subject.picked(count)
    return subject.condition[rows[np.arange(count) % len(rows)]]
