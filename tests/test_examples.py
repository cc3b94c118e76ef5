"""Each example runs, and so does each block of Python in the documentation."""

from __future__ import annotations

import inspect
import re
import runpy
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aevum.errors import CollapseWarning, EstimateWarning
from aevum.estimators import LatentVariableEstimator
from aevum.evaluation import outliers, trimmed

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.fixture(params=["short", pytest.param("whole", marks=pytest.mark.slow)])
def length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every fit ends after three epochs, of networks of sixteen units where their size is left to us: what is tested is
    that the words run, not what they reach.
    """
    whole = LatentVariableEstimator.fit

    def short(self: LatentVariableEstimator, X: Any, y: Any = None, **more: Any) -> LatentVariableEstimator:
        wished = {"epochs": self.epochs, "hidden": self.hidden}
        left = self.hidden == inspect.signature(type(self)).parameters["hidden"].default
        small = 16 if left and self.network in ("auto", "mlp", "residual") else self.hidden
        self.set_params(epochs=3 if self.epochs == "auto" else min(3, self.epochs), hidden=small)
        try:
            return whole(self, X, y, **more)
        finally:
            self.set_params(**wished)

    with warnings.catch_warnings():
        if request.param == "short":
            monkeypatch.setattr(LatentVariableEstimator, "fit", short)
            monkeypatch.setattr(outliers, "STEPS", 200)
            monkeypatch.setattr(trimmed, "STEPS", 60)
            for expected in (CollapseWarning, EstimateWarning):
                warnings.simplefilter("ignore", expected)
        yield


@pytest.mark.usefixtures("length", "without_layout")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")


@pytest.mark.usefixtures("length", "own_registry", "without_layout")
@pytest.mark.parametrize("block", BLOCKS)
def test_block_in_the_documentation(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "documentation", "exec"), {})


def test_links_in_the_documentation_lead_somewhere() -> None:
    pages = [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md"]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"
