"""The page in one file: how large it is, how soon it shows its first picture, and how near its numbers are.

A VAE of MNIST (784-400-20, soft Bernoulli) is trained for an epoch, exported, and opened from disk in headless
Chromium, in a fresh profile each time. The first decoded picture is timed from the start of the page's loading, and a
geodesic between two images from the question on. Needs playwright and Chromium.

    python benchmarks/html_export.py [--chromium /usr/bin/chromium]
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from common import arguments, report
from playwright.sync_api import Browser, sync_playwright

from aevum import VAE, open_data
from aevum.fitted.exporting import to_onnx
from aevum.server import Run
from aevum.server.page_file import page_file

FIRST = "async () => { await aevum.decode([new Array(20).fill(0)], null, 'vae'); return performance.now(); }"
GEODESIC = """async ([a, b]) => {
  const start = performance.now();
  const { length, straight } = await aevum.host.backend("vae").path({ a, b, n: 11, path: "geodesic" }, null);
  return [performance.now() - start, length, straight];
}"""
# A drag: each picture is asked for when the one before has come.
EACH = """async () => {
  const times = [];
  for (let i = 0; i < 200; i++) {
    const start = performance.now();
    await aevum.decode([Array.from({ length: 20 }, (_, d) => Math.sin(i / 20 + d))], null, "vae");
    times.push(performance.now() - start);
  }
  return times;
}"""


def main() -> None:
    options = arguments(
        __doc__,
        chromium={"default": shutil.which("chromium"), "help": "the browser"},
        times={"type": int, "default": 5, "help": "how often the file is opened"},
    )
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
    run = Run("vae", "mnist", vae, train)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = page_file([run], Path(folder) / "mnist.html")
        browser = driver.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        firsts = [opened(browser, file, FIRST) for _ in range(options.times)]
        codes = np.random.default_rng(0).normal(size=(64, 20)).astype(np.float32)
        there = np.array(opened(browser, file, "z => aevum.decode(z, null, 'vae')", codes.tolist()))
        here = vae.inverse_transform(codes).reshape(64, -1)
        ends = vae.transform(train.x[[0, 7]])
        milliseconds, length, straight = opened(browser, file, GEODESIC, ends.astype(float).tolist())
        each = opened(browser, file, EACH)
        shown = opened(browser, file, "async () => (await aevum.host.catalogue()).runs[0].rows")
        browser.close()
        size = file.stat().st_size
    report(
        megabytes=size / 1e6,
        model_megabytes=sum(map(len, to_onnx(vae))) / 1e6,
        rows=shown,
        first_decode_ms=median(firsts),
        slowest_first_decode_ms=max(firsts),
        decode_ms_95th=float(np.quantile(each, 0.95)),
        geodesic_ms=milliseconds,
        geodesic_length=length,
        straight_length=straight,
        difference_of_scale=float(np.abs(there - here).max() / 255),
        goal="megabytes <= 10 + model, first_decode_ms <= 2000, difference <= 1e-5",
    )


def opened(browser: Browser, file: Path, question: str, given: Any = None) -> Any:
    """The page's answer, opened in a fresh profile."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri())
    answer = page.evaluate(question, given)
    context.close()
    return answer


if __name__ == "__main__":
    main()
