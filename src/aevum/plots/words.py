"""The sentences of a report: what was made, what the latents say, what to try next."""

from __future__ import annotations

import math
import shlex
from typing import TYPE_CHECKING, Any

from aevum.data import datasets

if TYPE_CHECKING:
    from aevum.plots.subject import Subject

Record = dict[str, Any]
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
KINDS = {
    "AE": "auto-encoder",
    "DAE": "denoising auto-encoder",
    "VAE": "variational auto-encoder",
    "CVAE": "conditional variational auto-encoder",
    "IWAE": "importance-weighted auto-encoder",
}


def number(value: float | None) -> str:
    """A number as people read it.

    >>> number(1234567), number(0.123456), number(-35.0), number(0.0000197), number(None)
    ('1,234,567', '0.1235', '−35.00', '1.97 × 10⁻⁵', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if not value or isinstance(value, int) or abs(value) >= 10_000:
        text = f"{value:,.0f}"
    elif abs(value) < 1e-3:
        digits, _, power = f"{value:.2e}".partition("e")
        text = f"{digits} × 10{str(int(power)).translate(RAISED)}"
    else:
        text = f"{value:#,.4g}".rstrip(".")
    return text.replace("-", "−")


def rough(value: float) -> str:
    """An error, to two digits.

    >>> rough(0.00012345), rough(12.3), rough(0.0000123), rough(math.nan)
    ('0.00012', '12', '1.2 × 10⁻⁵', '–')
    """
    if not math.isfinite(value):
        return "–"
    digits, exponent, power = f"{value:.2g}".partition("e")
    return f"{digits} × 10{str(int(power)).translate(RAISED)}" if exponent else digits


def duration(seconds: float | None) -> str:
    """Seconds as people say them.

    >>> duration(3.2), duration(75), duration(7300)
    ('3.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def shape_text(shape: list[int]) -> str:
    """``1,797 examples of 8 × 8 values``."""
    event = "\u00a0×\u00a0".join(f"{size:,}" for size in shape[1:])
    return f"{shape[0]:,} examples of {event}\u00a0values"


def data_text(metrics: Record) -> str:
    """The data's name, shape and type."""
    data = metrics["data"]
    return f"{data['name']}: {shape_text(data['shape'])}, {data['dtype']}"


def parameters(metrics: Record) -> list[tuple[str, str]]:
    """The constructor's arguments as one would type them."""
    return [(name, repr(value)) for name, value in metrics["parameters"].items() if name != "callbacks"]


def headline(metrics: Record) -> str:
    """What the run is, in a sentence."""
    latents, epochs = len(metrics["latent"]["variance"]), metrics["epochs"]
    kind = KINDS.get(metrics["model"], metrics["model"])
    return (
        f"A {kind} with {latents} latent dimension{'s' * (latents != 1)}, trained for {epochs:,} "
        f"epoch{'s' * (epochs != 1)} on {shape_text(metrics['data']['shape'])}."
    ).replace("A auto", "An auto")


def verdict(metrics: Record) -> tuple[str, str, str]:
    """The state of the latent space: how it is styled ("good", "note" or "bad"), in a few words, and a sentence."""
    latent = metrics["latent"]
    active, width = latent["active_units"], len(latent["variance"])
    if latent["collapsed"]:
        if latent["rate"] is None:
            return "bad", "The codes do not vary", (
                "No latent dimension is active, so all reconstructions are alike. Try more epochs, a lower "
                "learning_rate, or scaled data."
            )  # fmt: skip
        return "bad", "Posterior collapse", (
            f"None of the {width} latent dimensions is active: the decoder ignores the code, and all samples are "
            f"alike. Try a lower beta (now {metrics['parameters'].get('beta', 1.0):g}), more epochs, a learned σ, or "
            f"a smaller decoder."
        )  # fmt: skip
    title = f"{active} of {width} latent dimensions {'is' if active == 1 else 'are'} active"
    if active == width:
        if width > 2:
            return "good", title, "Every dimension carries something about the data."
        return "good", title, "Every dimension carries something. With more of them, reconstructions could be sharper."
    rest = width - active
    return "note", title, (
        f"The other {rest} carr{'ies' if rest == 1 else 'y'} nothing about the data. That does no harm: the model "
        f"left {'it' if rest == 1 else 'them'} unused because of what {'it' if rest == 1 else 'they'} would cost. "
        f"A lower beta or more epochs may put {'it' if rest == 1 else 'them'} to use."
        if latent["rate"] is not None
        else f"The codes do not vary in the other {rest}: latent_dim={active} would do."
    )  # fmt: skip


def warnings_of(metrics: Record) -> list[str]:
    """What else a reader has to know about the numbers."""
    found = []
    if metrics["interrupted"]:
        found.append("Training was interrupted; the best weights until then were kept.")
    if "soft" in metrics["likelihood"]["name"]:
        found.append('With binarize="soft" the loss is a cross-entropy of grey levels and no density.')
    if not metrics["epochs"]:
        found.append("No epoch was completed: the weights are nearly those of the start.")
    return found


def python_lines(subject: Subject, metrics: Record, folder: str) -> str:
    """Load, sample, encode, as three lines to copy."""
    custom = ", network=(encoder, decoder)" if metrics["network"]["name"] == "custom" else ""
    y, given = "", ""
    if subject.estimator.conditional:
        label = getattr(subject.estimator, "classes_", [None])[0]
        y, given = f", y={'y' if label is None else repr(getattr(label, 'item', lambda: label)())}", ", y"
    mean = ", mean=True" if subject.images else ""
    return "\n".join(
        [
            "import aevum",
            "",
            f"model = aevum.load({folder!r}{custom})",
            f"new = model.sample(64{y}{mean})",
            f"codes = model.transform(X{given})",
        ]
    )


def shell_lines(subject: Subject, folder: str) -> str:
    """The same on the command line."""
    run = shlex.quote(folder)
    known = subject.name in {named.name for named in datasets()}
    data = subject.name if known else "DATA --labels LABELS" if subject.estimator.conditional else "DATA"
    ending = "png" if subject.images else "csv"
    return "\n".join(
        [
            f"aevum info {run}",
            f"aevum sample {run} -n 64 -o samples.{ending}",
            f"aevum encode {run} {data} -o codes.csv",
        ]
    )
