"""The page in one file: how large it is, how soon it shows its first picture, how long each takes, and how near it is.

Three VAEs are trained for a moment (digits with the defaults, MNIST by an MLP 784-400-20, pictures of 64×64×3 by a
convolutional network), exported twice, with the page's own kernels and with ONNX Runtime, and opened from disk in
headless Chromium, in a fresh profile each time. The first decoded picture is timed from the start of the page's
loading; pictures of a drag are decoded one after the other, in turns by the one file and the other, so that what else
the machine does falls on both. Needs playwright and Chromium.

    python benchmarks/html_export.py [--chromium /usr/bin/chromium] [--only digits]
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from common import arguments, report
from playwright.sync_api import Browser, Page, sync_playwright

from aevum import VAE, open_data
from aevum.server import Run
from aevum.server.page_file import written_page

# As soon as the page's script has run: the driver's own question comes when the page has drawn itself.
FIRST = """window.first = new Promise((resolve) => {
  let hook;
  Object.defineProperty(window, "aevum", {
    get: () => hook,
    set: (value) => {
      hook = value;
      value.decode([new Array(WIDTH).fill(0)]).then(() => resolve(performance.now()));
    },
  });
});"""
# When the page has unpacked its script. The driver's own waiting evaluates strings, which the page's policy forbids.
STARTED = "new Promise((done) => { const look = () => (window.aevum ? done() : setTimeout(look, 5)); look(); })"
# Pictures of a drag: each is asked for when the one before has come.
EACH = """async ([width, count, rows]) => {
  const times = [];
  for (let i = 0; i < count; i++) {
    const code = (r) => Array.from({ length: width }, (_, d) => Math.sin((i + r) / 20 + d));
    const z = Array.from({ length: rows }, (_, r) => code(r));
    const start = performance.now();
    await aevum.decode(z);
    times.push(performance.now() - start);
  }
  return times;
}"""
# Of codes at once: what a map of pictures asks.
LATTICE, TURNS = 400, 10


def digits(options: Any) -> Run:
    data = open_data("digits")
    model = VAE(2, epochs=options.epochs or 30, random_state=options.seed).fit(data)
    return Run("digits", "digits", model, data.x, data.y)


def mnist(options: Any) -> Run:
    train = open_data("mnist", data_dir=options.data / "mnist")
    vae = VAE(
        latent_dim=20,
        hidden=400,
        network="mlp",
        likelihood="bernoulli",
        binarize="soft",
        epochs=options.epochs or 1,
        learning_rate=4e-3,
        validation_fraction=0.0,
        random_state=options.seed,
    ).fit(train)
    return Run("mnist", "mnist", vae, train)


def convolutional(options: Any) -> Run:
    """Slopes of three colours, each of its own steepness, and noise."""
    random = np.random.default_rng(options.seed)
    slopes = random.uniform(-1, 1, (300, 1, 1, 3)) * np.linspace(-90, 90, 64)[:, None, None]
    x = np.clip(128 + slopes + random.normal(0, 9, (300, 64, 64, 3)), 0, 255).astype(np.uint8)
    vae = VAE(16, network="convolutional", epochs=options.epochs or 2, random_state=options.seed).fit(x)
    return Run("convolutional", "convolutional", vae, x)


MODELS: dict[str, Callable[[Any], Run]] = {"digits": digits, "mnist": mnist, "convolutional": convolutional}


def main() -> None:
    options = arguments(
        __doc__,
        chromium={"default": shutil.which("chromium"), "help": "the browser"},
        times={"type": int, "default": 5, "help": "how often each file is opened"},
        only={"choices": list(MODELS), "help": "one of the models"},
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        for name in MODELS if options.only is None else [options.only]:
            run = MODELS[name](options)
            files = {
                runtime: written_page([run], Path(folder) / f"{name}-{runtime}.html", runtime=runtime).path
                for runtime in ("auto", "onnx")
            }
            report(model=name, **compared(browser, run, files, options.times))
        browser.close()


def compared(browser: Browser, run: Run, files: dict[str, Path], times: int) -> dict[str, Any]:
    """Figures of the file with kernels of its own, and of the one with ONNX Runtime."""
    found: dict[str, Any] = {}
    width, pages = run.latent_dim, {runtime: opened(browser, file) for runtime, file in files.items()}
    for page in pages.values():
        page.evaluate(STARTED)
    codes = np.random.default_rng(0).normal(size=(64, width)).astype(np.float32)
    want = run.estimator.inverse_transform(codes).reshape(64, -1)
    drags: dict[str, list[float]] = {runtime: [] for runtime in files}
    lattices: dict[str, list[float]] = {runtime: [] for runtime in files}
    for _ in range(TURNS):
        for runtime, page in pages.items():
            drags[runtime] += page.evaluate(EACH, [width, 40, 1])
            lattices[runtime] += page.evaluate(EACH, [width, 1, LATTICE])
    for runtime, file in files.items():
        firsts = [first(browser, file, width) for _ in range(times)]
        there = np.array(pages[runtime].evaluate("z => aevum.decode(z)", codes.tolist()))
        scale = np.asarray(run.estimator.scaling_.scale).reshape(-1)
        figures = {
            "megabytes": file.stat().st_size / 1e6,
            "first_decode_ms": median(firsts),
            "slowest_first_decode_ms": max(firsts),
            "decode_ms": median(drags[runtime][40:]),
            "decode_ms_95th": float(np.quantile(drags[runtime][40:], 0.95)),
            "lattice_ms": median(lattices[runtime][1:]),
            "difference_of_scale": float((np.abs(there - want) / scale).max()),
        }
        found |= {f"{'own' if runtime == 'auto' else runtime}_{key}": value for key, value in figures.items()}
    for page in pages.values():
        page.context.close()
    return found | {"goal": "own_megabytes <= 4, own_first_decode_ms <= 200, own_difference_of_scale <= 1e-5"}


def opened(browser: Browser, file: Path, script: str = "") -> Page:
    """The page, in a fresh profile, with a script that runs before its own."""
    page = browser.new_context().new_page()
    page.add_init_script(script)
    page.goto(file.as_uri())
    return page


def first(browser: Browser, file: Path, width: int) -> float:
    page = opened(browser, file, FIRST.replace("WIDTH", str(width)))
    took: float = page.evaluate("first")
    page.context.close()
    return took


if __name__ == "__main__":
    main()
