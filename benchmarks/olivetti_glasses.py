"""Glasses on, glasses off: a direction learned on half of the people, tried on the faces of the other half.

The Olivetti faces: 400 pictures of 40 people, 119 with glasses. A VAE learns all faces without any label (with
``--half``: those of the first half of the people only). For each of ``--splits`` random halves of the people, the
direction is the mean code with glasses minus that without, on the first half; the amount is the least (in steps of ¼)
at which at least 95 % of the first half's faces change both ways, or the one at which most do. Both are applied to the
second half: glasses are put on faces without and taken off faces with them, and a judge says what it sees that was
trained on the real faces of the first half alone, and has seen nobody of those shown: a logistic regression of
histograms of oriented gradients at the eyes. The control is a random direction of the same length.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from common import arguments, report
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from aevum import VAE
from aevum.plots import class_rows_figure

Mask = NDArray[np.bool_]
CELL, ANGLES, EYES = 4, 8, slice(3, 9)
AMOUNTS, ENOUGH, SHOWN = np.arange(0.5, 3.01, 0.25), 0.95, 10


def main() -> None:
    args = arguments(
        __doc__,
        splits={"type": int, "default": 10},
        half={"action": "store_true", "help": "train the VAE on the first half of the people only"},
        picture={"type": Path, "default": None, "help": "write the faces before and after to this .png"},
    )
    with np.load(args.data / "olivetti.npz") as data:
        x, person, glasses = data["x"], data["subject"], data["glasses"].astype(bool)
    judge = make_pipeline(FunctionTransformer(edges), LogisticRegression(class_weight="balanced", max_iter=2000))
    said = cross_val_predict(judge, rows(x), glasses, groups=person, cv=StratifiedGroupKFold(10))
    options = {"latent_dim": 32, "random_state": args.seed, "epochs": args.epochs or "auto"}
    vae = None if args.half else VAE(**options).fit(x)
    found = []
    for split in range(args.splits):
        first = half_of(person, glasses, split)
        model = vae or VAE(**options).fit(x[first])
        judge.fit(rows(x[first]), glasses[first])
        found.append(one_split(model, judge, x, glasses, first, split))
        if args.picture is not None and split == 0:
            faces_figure(model, x, glasses, first, found[0]).savefig(args.picture)
    columns = {name: [split[name] for split in found] for name in found[0] if name != "direction"}
    report(
        judge_on_people_it_has_not_seen=float((said == glasses).mean()),
        **{name: float(np.median(values)) for name, values in columns.items()},
        **{f"{name}_worst_split": min(columns[name]) for name in ("put_on", "taken_off")},
        splits=args.splits,
    )


def one_split(vae: VAE, judge: Pipeline, x: NDArray[np.uint8], glasses: Mask, first: Mask, seed: int) -> dict:
    """Learn on the first half of the people, try on the second."""

    def judged(who: Mask, v: NDArray[np.float64], amount: float) -> tuple[float, float]:
        on = judge.predict(rows(vae.add_attribute(x[who & ~glasses], v, amount)))
        off = judge.predict(rows(vae.add_attribute(x[who & glasses], v, -amount)))
        return float(on.mean()), 1.0 - float(off.mean())

    v = vae.attribute_vector(x[first], labels=glasses[first])
    worse = [min(judged(first, v, amount)) for amount in AMOUNTS]
    enough = np.flatnonzero(np.array(worse) >= ENOUGH)
    amount = float(AMOUNTS[enough[0] if len(enough) else int(np.argmax(worse))])
    random = np.random.default_rng(seed).normal(size=len(v))
    random *= np.linalg.norm(v) / np.linalg.norm(random)
    (on, off), (control_on, control_off) = (judged(~first, d, amount) for d in (v, random))
    before_on, before_off = judged(~first, v, 0.0)
    real = judge.predict(rows(x[~first])) == glasses[~first]
    return {
        "put_on": on,
        "taken_off": off,
        "amount": amount,
        "judge_on_the_same_people": float(real.mean()),
        "put_on_by_mere_reconstruction": before_on,
        "taken_off_by_mere_reconstruction": before_off,
        "put_on_by_random_direction": control_on,
        "taken_off_by_random_direction": control_off,
        "direction": v,
    }


def half_of(person: NDArray[np.int64], glasses: Mask, seed: int) -> Mask:
    """The pictures of half of the people, half of those who wear glasses among them."""
    rng = np.random.default_rng(seed)
    people = np.unique(person)
    wearers = np.array([p for p in people if glasses[person == p].any()])
    others = np.setdiff1d(people, wearers)
    chosen = [rng.permutation(wearers)[: len(wearers) // 2], rng.permutation(others)[: 20 - len(wearers) // 2]]
    return np.isin(person, np.concatenate(chosen))


def faces_figure(vae: VAE, x: NDArray[np.uint8], glasses: Mask, first: Mask, found: dict):
    """Decoded faces of the second half, before and after: each of another person where there are enough."""
    without, with_ = (x[~first & mask] for mask in (~glasses, glasses))
    without, with_ = (group[np.linspace(0, len(group) - 1, SHOWN).astype(int)] for group in (without, with_))
    v, amount = found["direction"], found["amount"]
    shown = {
        "no glasses": vae.reconstruct(without),
        "put on": vae.add_attribute(without, v, amount),
        "glasses": vae.reconstruct(with_),
        "taken off": vae.add_attribute(with_, v, -amount),
    }
    return class_rows_figure(shown, limits=(0.0, 255.0))


def edges(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Histograms of oriented gradients (Dalal, Triggs 2005) at the eyes: frames are edges, whatever the face's grey."""
    down, right = np.gradient(x.reshape(-1, 64, 64), axis=(1, 2))
    length, angle = np.hypot(down, right), np.arctan2(down, right) % np.pi
    bins = np.minimum((angle / np.pi * ANGLES).astype(int), ANGLES - 1)
    parts = [
        (length * (bins == b)).reshape(-1, 64 // CELL, CELL, 64 // CELL, CELL).sum(axis=(2, 4)) for b in range(ANGLES)
    ]
    found = np.sqrt(np.stack(parts, axis=-1)[:, EYES]).reshape(len(x), -1)
    return 10.0 * found / np.linalg.norm(found, axis=1, keepdims=True)


def rows(x: NDArray) -> NDArray[np.float64]:
    return np.asarray(x, dtype=np.float64).reshape(len(x), -1) / 255.0


if __name__ == "__main__":
    main()
