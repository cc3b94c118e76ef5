"""What every room's tests share: the digits, the real data, and one thread, so that timings and sums are steady."""

import base64
import copy
import functools
import gc
import hashlib
import importlib
import io
import os
import pickle
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from tests import seconds

import aevum
from aevum import open_data
from aevum.distributions import summaries
from aevum.estimators import starting
from aevum.evaluation import outliers, trimmed
from aevum.fitted import choosing, exporting, law
from aevum.recipes import ESTIMATORS

torch.set_num_threads(1)
# A shell's background jobs ignore Ctrl-C, and so would the processes that tests start and interrupt.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Parametrisations that are dear.
SLOW = Path(__file__).with_name("slow.txt")
# Read as a user's own files are, by the tests of them: importing one registers its class. Mutants need mutmut.
collect_ignore = ["compositions", "mutation"]


# Before other plugins', which leave out what is slow.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """What is listed as slow is; and the longest files are first, so that no worker is left alone with one."""
    lines = SLOW.read_text(encoding="utf-8").splitlines()
    listed = {line for line in lines if line and not line.startswith("#")}
    for item in items:
        if item.nodeid in listed:
            item.add_marker(pytest.mark.slow)
    known = {item.nodeid for item in items}
    gone = sorted(line for line in listed - known if file_of(line) in {file_of(each) for each in known})
    if gone and not any("::" in each for each in config.args):
        raise pytest.UsageError(f"{SLOW.name} names what is no test: {', '.join(gone)}")
    files, stored = {}, seconds.known()
    for item in items:
        files.setdefault(file_of(item.nodeid), []).append(item)
    waiting = {file for file in files if "/web/" in file}
    ordered = seconds.in_order({file: stored.get(file, 0.1) for file in files}, waiting)
    items[:] = [item for file in ordered for item in files[file]]


def pytest_collection_finish():
    """What was imported and collected stays: a million objects that the garbage collector need not visit again."""
    gc.collect()
    gc.freeze()


def file_of(nodeid):
    return nodeid.partition("::")[0]


def pytest_terminal_summary(terminalreporter):
    """After a run of minutes: which files took most of it, and which have grown."""
    found = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                found[file_of(report.nodeid)] += report.duration
    if sum(found.values()) > 60.0:
        terminalreporter.section("seconds")
        for line in seconds.told(found, seconds.known()):
            terminalreporter.line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """The traceback of what is known to fail is not read: to lay it out takes longer than the test."""
    option, style = item.config.option, item.config.option.tbstyle
    if item.get_closest_marker("xfail"):
        option.tbstyle = "native"
    try:
        return (yield)
    finally:
        option.tbstyle = style


@pytest.fixture(autouse=True)
def one_generator():
    """A network that a test builds begins with the same weights, whatever was drawn by tests before it."""
    torch.manual_seed(0)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """What is cached (classifiers of sample metrics) is kept apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AEVUM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def remembered(function):
    """A function of numbers alone, which is asked once for the same."""
    known = {}

    def key(given):
        if not isinstance(given, np.ndarray):
            return given
        return given.dtype.str, given.shape, hashlib.blake2b(np.ascontiguousarray(given)).digest()

    @functools.wraps(function)
    def answer(*given, **named):
        asked = tuple(map(key, given)), tuple((name, key(value)) for name, value in sorted(named.items()))
        if asked not in known:
            known[asked] = function(*given, **named)
        return copy.deepcopy(known[asked])

    return answer


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_disks():
    """What is written need not survive the loss of power; processes that tests start wait as a user's do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


# What a fit asks of its rows alone.
OF_ROWS = ((starting, "choose_factors"), (starting, "factor_analysis"), (choosing, "of_values"))


@pytest.fixture(scope="session", autouse=True)
def known_tables():
    """Tests fit many models to the same table. What kind each column is, how many factors there are and which is a
    function of the rows, four fifths of a short fit, and so found once; what is tested of it is called by its own name.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in OF_ROWS:
            patch.setattr(module, name, remembered(getattr(module, name)))
        yield


@pytest.fixture(scope="session", autouse=True)
def known_laws():
    """Moments and quantiles of a flow are counted from 20,000 draws, half a second: of the same law once, by the values
    of its weights. What is tested of them is of a law that no other test has.
    """

    def once(count):
        known = {}

        @functools.wraps(count)
        def answer(p, *given):
            if p.__class__.__name__ != "NormalizingFlow":
                return count(p, *given)
            key = by_value(p, *(each.get_state() if isinstance(each, torch.Generator) else each for each in given))
            if key not in known:
                known[key] = count(p, *given)
            return copy.deepcopy(known[key])

        return answer

    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((law, "moments"), (summaries, "draw")):
            patch.setattr(module, name, once(getattr(module, name)))
        yield


@pytest.fixture(scope="module", autouse=True)
def registry():
    """What compositions register ends with the tests of one file."""
    known = dict(ESTIMATORS)
    yield
    ESTIMATORS.clear()
    ESTIMATORS.update(known)


@pytest.fixture
def asked_anew(monkeypatch):
    """Each fit finds them itself, where it is looked at whether two fits are alike."""
    for module, name in OF_ROWS:
        monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)


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


@pytest.fixture
def without_layout(monkeypatch):
    """Figures are drawn as their axes stand, and coarsely: to find room for their words takes half of the time, and
    pixels a third; tests/plots looks at both.
    """
    style = importlib.import_module("aevum.plots.style")
    drawn = style.png_bytes

    def quick(figure):
        figure.set_layout_engine("none")
        figure.set_dpi(30)
        return drawn(figure)

    monkeypatch.setattr(style, "png_bytes", quick)


@pytest.fixture
def undrawn(monkeypatch):
    """Figures are made but not drawn: what of a page or a command is not about them."""
    style = importlib.import_module("aevum.plots.style")
    pixel = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
    )
    monkeypatch.setattr(style, "png_bytes", lambda figure: pixel)


@pytest.fixture(scope="module")
def quick_detectors():
    """Detectors of outliers train for a fifteenth of their steps: enough for what lies far off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outliers, "STEPS", 200)
        patch.setattr(trimmed, "STEPS", 60)
        yield


class ByValue(pickle.Pickler):
    """Tensors by their values, which PyTorch pickles with their place in memory."""

    def reducer_override(self, value):
        if isinstance(value, torch.Tensor):
            return tuple, ((str(value.dtype), tuple(value.shape), value.detach().cpu().numpy().tobytes()),)
        return NotImplemented


def by_value(*given):
    """What is the same for objects of the same values; nothing else has it where they can't be told apart."""
    try:
        stream = io.BytesIO()
        ByValue(stream).dump(given)
        return hashlib.blake2b(stream.getvalue()).digest()
    except (pickle.PicklingError, AttributeError, TypeError):  # a class within a test
        return object()


@pytest.fixture(scope="session")
def one_registry():
    """What translations to ONNX have in common is found once: PyTorch's exporter reads all of its operators' source for
    every file, half of what one takes, and lists them four times; the same module on the same numbers gives the same
    file.
    """
    registration = pytest.importorskip("torch.onnx._internal.exporter._registration")
    operators = importlib.import_module("torch._export.utils")
    listed, known = operators._collect_all_valid_cia_ops_for_namespace, {}

    def translated(*given):
        key = by_value(*given, exporting.TOLERANCE)
        found = known[key] if key in known else translate(*given)
        return known.setdefault(key, found)

    with pytest.MonkeyPatch.context() as patch:
        kept = functools.cache(registration.ONNXRegistry.from_torchlib)
        patch.setattr(registration.ONNXRegistry, "from_torchlib", staticmethod(kept))
        patch.setattr(operators, "_collect_all_valid_cia_ops_for_namespace", functools.cache(listed))
        translate = exporting._translated
        patch.setattr(exporting, "_translated", translated)
        yield


# The first draws no window's frame, which takes a third less; the page is drawn by the same engine.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser():
    """Chromium, once for all tests of a file; where there is none, they skip and say so.

    Not for the whole session: tests that fork or count threads and descriptors of their process are in other files.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium is installed: apt-get install chromium-headless-shell")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def started():
    """Waits until an exported file has unpacked its script, which takes longer than loading it.

    Not by the browser's driver, whose waiting evaluates strings: the file's policy forbids that.
    """
    return lambda page: page.evaluate(
        "new Promise((done) => { const look = () => (window.aevum ? done(true) : setTimeout(look, 5)); look(); })"
    )


@pytest.fixture
def own_registry(monkeypatch):
    """Classes that a test registers, and modules of the user's own that it imports, end with it."""
    known, modules = dict(ESTIMATORS), set(sys.modules)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield ESTIMATORS
    ESTIMATORS.clear()
    ESTIMATORS.update(known)
    for name in set(sys.modules) - modules:
        if not name.startswith("aevum.") and "." not in name and getattr(sys.modules[name], "aevum", None) is aevum:
            del sys.modules[name]
