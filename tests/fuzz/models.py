"""``load`` of a model that somebody has changed, and then everything that can be done with a model.

Checksums are made to fit, so that the change gets past them. Either ``load`` refuses it as a ModelFileError, or every
method works or raises InputError: never anything else.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import logging
import pickle
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors
from tests.fuzz.runner import Case, FaultError

from aevum import AE, CVAE, DAE, IWAE, VAE, evaluation, load, write_run
from aevum.cli import aevum as commands
from aevum.errors import InputError, ModelFileError
from aevum.exploration import paths as walks
from aevum.exploration.steps import finished
from aevum.server import Run, wire
from aevum.server.exchange import Exchange
from aevum.server.page_file import page_file

TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "batch_size": 16, "random_state": 0}
ROWS = 24
# In a long run, of the models that load, so many have one method called that takes seconds.
SHARE_OF_LONG = 0.1
JSON_NAN, JSON_INF = float("nan"), float("inf")
# Of a geodesic's descent the first steps; hundreds meet nothing else.
SHORT = mock.patch.object(walks, "ITERATIONS", walks.AT_ONCE)
# What stands in place of a value; the dots stand for its removal.
VALUES = [
    None, True, False, "", "text", "\ud800", "a\nb", "x" * 5000, -1, 0, 1, 2, 3, 7, 255, 1.5, -0.0, 1e-320, 1e30, 1e308,
    -1e308, 10**30, 10**400, JSON_NAN, JSON_INF, -JSON_INF, [], {}, [[]], [None], {"a": 1}, [[1, 2], [3]], ...,
]  # fmt: skip
FACTORS = [0.0, -1.0, 1e-38, 1e-6, 1e3, 1e6, 1e12, 1e19, 1e30, 3e38, 1e300]


class Base:
    """One honest model: its files and the rows that it was fitted on."""

    def __init__(self, folder: Path, name: str, estimator: Any, x: Any, y: Any = None) -> None:
        path = estimator.fit(x, y).save(folder / name)
        self.name, self.x, self.y = name, x, y if estimator.conditional else None
        self.config = json.loads((path / "config.json").read_text())
        self.arrays = from_safetensors((path / "model.safetensors").read_bytes())


def bases(folder: Path) -> list[Base]:
    """Every model, every family of likelihood, every source of its scale, every context."""
    draw = np.random.RandomState(0)
    table, y = draw.randn(ROWS, 4).astype(np.float32), np.arange(ROWS) % 3
    grey = draw.rand(ROWS, 8, 8).astype(np.float32)
    pixels = (255 * grey).astype(np.uint8)
    vectors = draw.randn(ROWS, 2)
    words = np.array(["cat", "dog", "owl"])[y]
    import pandas as pd

    frame = pd.DataFrame(table, columns=list("abcd"))
    return [
        Base(folder, "AE", AE(**TINY), table),
        Base(folder, "DAE", DAE(**TINY, likelihood="gaussian:per-feature"), table.astype(np.float64)),
        Base(folder, "VAE", VAE(**TINY, likelihood="gaussian:emitted"), table),
        Base(folder, "IWAE", IWAE(**TINY, likelihood="gaussian:fixed=0.3"), table),
        Base(folder, "frame", VAE(**TINY), frame),
        Base(folder, "pictures", VAE(**{**TINY, "hidden": (4, 4)}, network="convolutional"), grey),
        Base(folder, "pixels", AE(**TINY, likelihood="discretized_logistic"), pixels),
        Base(folder, "bits", VAE(**TINY, binarize="dynamic"), grey),
        Base(folder, "levels", IWAE(**TINY, likelihood="continuous_bernoulli"), grey),
        Base(folder, "CVAE", CVAE(**TINY), table, y),
        Base(folder, "words", CVAE(**TINY, prior="learned"), grey, words),
        Base(folder, "vectors", CVAE(**TINY), table, vectors),
    ]


# -------------------------------------------------------------------- what is changed


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a JSON value, containers included."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*path, key))


def a_place(draw: random.Random, config: dict[str, Any]) -> tuple[Any, ...]:
    """Any field, those that hold few values as often as those that hold many."""
    top = draw.choice(list(config))
    return draw.choice(list(places({top: config[top]})))


def change_field(draw: random.Random, config: dict[str, Any]) -> str:
    """Another value in a field."""
    path = a_place(draw, config)
    parent = config
    for key in path[:-1]:
        parent = parent[key]
    old = parent[path[-1]]
    new = draw.choice([similar(draw, old), draw.choice(VALUES)])
    if new is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = new
    return f"{'.'.join(map(str, path))}={'removed' if new is ... else repr(new)[:60]}"


def similar(draw: random.Random, old: Any) -> Any:
    """A value of the same type, which types alone don't refuse."""
    if isinstance(old, bool):
        return not old
    if isinstance(old, int):
        return draw.choice([old + 1, old - 1, -old, old * 10, 2 * old, old / 1 if abs(old) < 2**53 else 0.5])
    if isinstance(old, float):
        return draw.choice([old * draw.choice(FACTORS), -old, old + 1.0])
    if isinstance(old, str):
        return draw.choice([old + "x", old.upper(), old[:-1], "\ud800" + old, old + "\0", "\u202e" + old])
    if isinstance(old, list):
        return draw.choice([old[:-1], old + old, old[::-1], old * 25_000, [*old, None], [old]])
    if isinstance(old, dict):
        return draw.choice([{**old, "more": 1}, dict(list(old.items())[:-1]), [old], list(old)])
    return draw.choice([0, 1.0, "text", [1.0, 2.0], {"a": 1}])


def change_array(draw: random.Random, arrays: dict[str, Any]) -> str:
    """Other numbers, another shape or another type in an array."""
    name = draw.choice(sorted(arrays))
    value = arrays[name]
    kind = draw.choice(["times", "times", "times", "fill", "one", "shape", "type", "gone"])
    if kind == "times":
        factor = draw.choice(FACTORS)
        largest = np.finfo(value.dtype).max if value.dtype.kind == "f" else 1
        with np.errstate(over="ignore", invalid="ignore"):
            arrays[name] = np.clip(value.astype(np.float64) * factor, -largest, largest).astype(value.dtype)
        return f"{name} × {factor}"
    if kind in ("fill", "one"):
        number = draw.choice([0.0, 1.0, -1.0, 1e-45, 1e19, -1e19, 3e38, -3e38, JSON_NAN, JSON_INF])
        found = value.copy()
        if kind == "fill":
            found[...] = number
        else:
            found.flat[draw.randrange(found.size)] = number
        arrays[name] = found
        return f"{name} {kind} {number}"
    if kind == "shape":
        arrays[name] = np.concatenate([np.atleast_1d(value)] * 2)
    elif kind == "type":
        arrays[name] = value.astype(draw.choice(["f2", "f8", "i4", "u1"]))
    else:
        del arrays[name]
    return f"{name} {kind}"


def twice(draw: random.Random, text: str) -> tuple[str, str]:
    """A field of the object that is given twice, where readers choose one without a word."""
    key = draw.choice(["seed", "estimator", "format", "history", "n_features_in", "feature_names"])
    return text.replace("{", f'{{"{key}": {draw.choice(["1", "null", "[]"])}, ', 1), f"{key} twice"


def written(draw: random.Random, base: Base, folder: Path) -> str:
    """A changed model in the folder; what was changed."""
    config, arrays, told = copy.deepcopy(base.config), dict(base.arrays), []
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        with contextlib.suppress(KeyError, TypeError, IndexError):  # what it was in has gone by an earlier change
            told.append(change_array(draw, arrays) if draw.random() < 0.35 else change_field(draw, config))
    text = json.dumps(config)
    if draw.random() < 0.03:
        text, more = twice(draw, text)
        told.append(more)
    tensors = to_safetensors({name: np.array(value) for name, value in arrays.items()})
    files = {"config.json": text.encode(), "model.safetensors": tensors}
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in {**files, "checksums.json": json.dumps(sums).encode()}.items():
        (folder / name).write_bytes(data)
    return f"{base.name}: {'; '.join(told)}"


# -------------------------------------------------------------------- what is done with it


def methods(model: Any, base: Base, folder: Path) -> dict[str, Callable[[], Any]]:
    """Everything that can be done with a model of these rows, by name."""
    x, y = base.x, base.y
    plain = np.asarray(x)
    y = () if y is None else (y,)
    one = {} if not y else {"y": base.y[:1] if base.y.ndim > 1 else base.y[0]}
    three = {} if not y else {"y": base.y[:3]}
    pair = {} if not y else {"y": (base.y[:4], base.y[4:])}
    z = np.array([[0.0, 0.5], [1.0, -1.0], [-0.5, 0.25]])
    found = {
        "transform": lambda: model.transform(x, *y),
        "encode": lambda: model.encode(x, *y),
        "reconstruct": lambda: model.reconstruct(x, *y),
        "inverse_transform": lambda: model.inverse_transform(z, **three),
        "sample": lambda: model.sample(3, random_state=0, **one),
        "sample mean": lambda: model.sample(3, random_state=0, mean=True, **one),
        "predict_interval": lambda: model.predict_interval(x, *y),
        "decode_interval": lambda: model.decode_interval(z, **three),
        "curve_energy": lambda: model.curve_energy(z, **three),
        "curve_length": lambda: model.curve_length(z, **three),
        "traverse": lambda: model.traverse(0, n=3, **one),
        "interpolate": lambda: model.interpolate(z[0], z[1], n=3, **one),
        "spherical": lambda: model.interpolate(z[0], z[1], n=3, path="spherical", **one),
        "geodesic": lambda: model.interpolate(z[0], z[1], n=3, path="geodesic", **one),
        "manifold": lambda: model.manifold(2, **one),
        "settle": lambda: model.settle(x[:3], steps=2, **three),
        "attribute_vector": lambda: model.attribute_vector(x[:4], x[4:], **pair),
        "add_attribute": lambda: model.add_attribute(x[:3], [0.5, 0.5], 1.0, **three),
        "neighbours": lambda: model.neighbours(z, model.transform(x, *y), k=2),
        "neighbours of rows": lambda: model.neighbours(x[:3], x, k=2, **three, **({"y_among": base.y} if y else {})),
        "distortion_and_rate": lambda: model.distortion_and_rate(x, *y),
        "reconstruction_error": lambda: model.reconstruction_error(x, *y),
        "score": lambda: model.score(x, *y),
        "names": lambda: model.get_feature_names_out(),
        "repr": lambda: (repr(model), str(model.latent_summary_), str(model.likelihood_)),
        "pickle": lambda: pickle.loads(pickle.dumps(model)).transform(x, *y),
        "save": lambda: saved_again(model, folder / "again"),
        "info": lambda: command("info", folder / "changed"),
        "info --json": lambda: command("info", folder / "changed", "--json"),
    }
    if model.has_density:
        found["prior_moments"] = lambda: model.prior_moments(**one)
        found["score_samples"] = lambda: model.score_samples(x, *y, k=3)
        found["importance_sample"] = lambda: model.importance_sample(x, *y, k=3)
    asked = requests(model, plain, z)
    return found | {f"server {name}": lambda given=given: ask(model, base, *given) for name, given in asked.items()}


def long_methods(model: Any, base: Base, folder: Path) -> dict[str, Callable[[], Any]]:
    """What takes seconds: figures, files, and everything that is measured."""
    x, y = base.x, () if base.y is None else (base.y,)
    return {
        "write_run": lambda: write_run(model, x, folder / "run", *y, overwrite=True, opening={"data": "iris"}),
        "export_onnx": lambda: model.export_onnx(folder / "model.onnx", overwrite=True),
        "page_file": lambda: page_file([Run("run", "run", model, x, *y)], folder / "page.html", overwrite=True),
        "evaluate": lambda: str(evaluation.evaluate(model, x, *y, k=20)),
        "detect": lambda: evaluation.detect(model, x, *y, contamination=0.1, k=3),
        "contributions": lambda: evaluation.contributions(model, x, *y),
    }


def requests(model: Any, x: Any, z: Any) -> dict[str, Any]:
    """Every operation of the server with honest arguments."""
    given: dict[str, Any] = {
        "about": {}, "codes": {}, "labels": {}, "scores": {}, "rows": {"indices": [0, 1]}, "decode": {"z": z},
        "interval": {"z": z}, "encode": {"x": x[:2]}, "score": {"x": x[:2]}, "path": {"a": z[0], "b": z[1], "n": 3},
        "neighbours": {"z": z, "k": 2}, "attribute": {"with": [0, 1]}, "manifold": {"n": 2},
        "settle": {"x": x[:2], "steps": 2},
    }  # fmt: skip
    if model.conditional:
        y = np.zeros((1, model.parts_.context))
        y[:, 0] = 1.0
        for name in ("decode", "interval", "encode", "score", "path", "manifold", "settle"):
            given[name]["y"] = y
    return {name: (name, arguments) for name, arguments in given.items()}


def ask(model: Any, base: Base, operation: str, given: dict[str, Any]) -> None:
    """One operation over the WebSocket's exchange; what it calls a bug is one."""
    arrays = {name: value for name, value in given.items() if isinstance(value, np.ndarray)}
    args = {name: value for name, value in given.items() if name not in arrays}
    exchange = Exchange([Run("run", "run", model, base.x, base.y)])
    message = wire.encode({"id": 1, "run": "run", "op": operation, "args": args}, arrays)
    header, _ = wire.decode(finished(exchange.message(message)))
    if header["id"] != 1 or not (header["ok"] or speakable(header["error"])):
        raise RuntimeError(header.get("error", "no id"))


def command(*words: object) -> None:
    """A command within this process; what it calls a bug is one."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            commands.main([str(word) for word in words], prog_name="aevum")
        except SystemExit as end:
            if end.code not in (0, 2):
                raise RuntimeError(err.getvalue()) from end
    out.getvalue().encode()
    if words[-1] == "--json" and not err.getvalue():
        json.loads(out.getvalue())


def saved_again(model: Any, path: Path) -> None:
    """What was loaded can be saved, and what was saved can be loaded."""
    load(model.save(path, overwrite=True))


def speakable(sentence: str) -> bool:
    """Whether a message is one line that any terminal can be sent, and no report of a bug."""
    sentence.encode()
    return bool(sentence) and "\n" not in sentence and "a bug in aevum" not in sentence and len(sentence) < 2000


def prepare(folder: Path, long: bool) -> Case:
    """Models to change, and a case of it."""
    logging.getLogger("aevum").setLevel(logging.CRITICAL)
    known = bases(folder)

    def case(draw: random.Random) -> None:
        base = draw.choice(known)
        told = written(draw, base, folder / "changed")
        try:
            model = load(folder / "changed")
        except ModelFileError as error:
            if not speakable(str(error)):
                raise FaultError(f"{told} → load said {str(error)[:200]!r}") from error
            return
        except Exception as error:
            raise FaultError(f"{told} → load raised {type(error).__name__}: {str(error)[:200]}") from error
        calls = methods(model, base, folder)
        if long and draw.random() < SHARE_OF_LONG:
            longer = long_methods(model, base, folder)
            calls |= {name: longer[name] for name in (draw.choice(sorted(longer)),)}
        for name, call in calls.items():
            try:
                with SHORT if not long else contextlib.nullcontext():
                    call()
            except InputError as error:
                if not speakable(str(error)):
                    raise FaultError(f"{told} → {name} said {str(error)[:200]!r}") from error
            except Exception as error:
                raise FaultError(f"{told} → {name} raised {type(error).__name__}: {str(error)[:200]}") from error

    return case
