"""What every room's tests share: the digits, the real data, and one thread, so that timings and sums are steady."""

import functools
import os
import shutil
from pathlib import Path

import pytest
import torch

from aevum import open_data

torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """What is cached (classifiers of sample metrics) is kept apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AEVUM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def digits():
    """The handwritten digits that scikit-learn bundles: x (1797, 8, 8) float32 from 0 to 16, y from 0 to 9."""
    return open_data("digits")


@pytest.fixture(scope="session")
def data_folder():
    """The folder of real data sets."""
    named = os.environ.get("AEVUM_TEST_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; AEVUM_TEST_DATA may name their folder")
    return folder


@pytest.fixture(scope="session")
def one_registry():
    """PyTorch's exporter reads all of its operators' source for every file, half of what a translation takes: once."""
    exporter = pytest.importorskip("torch.onnx._internal.exporter._registration")
    with pytest.MonkeyPatch.context() as patch:
        kept = functools.cache(exporter.ONNXRegistry.from_torchlib)
        patch.setattr(exporter.ONNXRegistry, "from_torchlib", staticmethod(kept))
        yield


CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


@pytest.fixture(scope="session")
def browser():
    """Chromium, once for all tests of a worker; where there is none, they skip and say so."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium is installed: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()
