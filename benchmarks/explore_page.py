"""How fast the page of ``aevum explore`` is: from the pointer to the picture, and frames of the map.

Chromium without a GPU (software rendering), headless, a window of 1440×900. The latency is measured in the page: from
the time stamp of the pointer's event to the animation frame that shows the picture decoded at that place, over
``--seconds`` of dragging along a figure of eight, with a move of the pointer every 8 ms. The model runs on the same
machine, served by a process of its own, ``aevum explore``, as users do. Frame rates: synthetic points in ten clusters
while the map zooms in and out, for two seconds; median and 95th percentile of the time between frames (a screen of 60
Hz gives no less than 16.7 ms), and the median that drawing the points took of it.

Needs playwright and Chromium: ``pip install playwright``, ``apt-get install chromium``.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from common import arguments, report
from playwright.sync_api import Page, sync_playwright

from aevum import VAE, open_data

BROWSERS = ("chromium-headless-shell", "chromium")
BROWSER = next((path for name in BROWSERS if (path := shutil.which(name))), None)
WINDOW = {"width": 1440, "height": 900}


def main() -> None:
    args = arguments(__doc__, seconds={"type": float, "default": 10.0}, points={"default": "70000,1000000"})
    mnist = open_data("mnist", data_dir=args.data / "mnist")
    with np.load(args.data / "olivetti.npz") as data:
        faces = data["x"]
    epochs = args.epochs or 2
    models = {
        "mnist_mlp": (VAE(2, network="mlp", epochs=epochs, random_state=args.seed).fit(mnist.x), mnist.x),
        "faces": (VAE(32, epochs=20 * epochs, random_state=args.seed).fit(faces), faces),
    }
    found: dict[str, float] = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        for name, (model, rows) in models.items():
            with served(model, rows) as url:
                page = browser.new_page(viewport=WINDOW)
                page.goto(url)
                page.goto(url.split("?")[0] + "?measure")
                page.locator("canvas").first.wait_for()
                time.sleep(8)  # the codes are encoded and their scores not yet asked for
                times = dragged(page, args.seconds)
                found |= {
                    f"{name}_latency_median_ms": float(np.median(times)),
                    f"{name}_latency_p95_ms": float(np.quantile(times, 0.95)),
                    f"{name}_pictures": len(times),
                }
                if name == "mnist_mlp":
                    for count in map(int, args.points.split(",")):
                        frames = page.evaluate("count => window.aevumFrames(count)", count)
                        found |= {
                            f"{count}_points_median_ms": frames["median"],
                            f"{count}_points_p95_ms": frames["percentile95"],
                            f"{count}_points_drawing_ms": frames["drawing"],
                        }
                page.close()
        browser.close()
    report(**found)


@contextmanager
def served(model: VAE, rows: np.ndarray) -> Iterator[str]:
    """The address of the page that ``aevum explore`` serves."""
    with tempfile.TemporaryDirectory() as folder:
        run, data = Path(folder) / "run", Path(folder) / "rows.npy"
        model.save(run)
        np.save(data, rows)
        command = [sys.executable, "-m", "aevum", "explore", run, "--data", data, "--no-browser"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().split()[0]
            finally:
                process.terminate()


def dragged(page: Page, seconds: float) -> list[float]:
    """Milliseconds from move to picture while the pointer is dragged over the map."""
    box = page.get_by_role("application").first.bounding_box()
    assert box is not None
    page.evaluate("() => window.aevumLatencies()")
    start = time.monotonic()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    while (at := time.monotonic() - start) < seconds:
        x, y = 0.5 + 0.3 * math.sin(at), 0.5 + 0.3 * math.sin(2 * at)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        time.sleep(0.008)
    page.mouse.up()
    times: list[float] = page.evaluate("() => window.aevumLatencies()")
    return times


if __name__ == "__main__":
    main()
