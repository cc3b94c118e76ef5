"""One mutant, one forked process: what is slow to import is there already, the package is imported with the change.

A process that has PyTorch and the rest loaded, but nothing of aevum, forks; the child puts the changed text in the
file's place among what Python imports, and pytest runs the tests that reach its lines, the room's own and the quickest
first, until one fails. So a mutant costs about a second and its tests, and what is made at import is changed too.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import os
import resource
import select
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from tests.mutation.covering import OPTIONS
from tests.mutation.making import ROOT, Mutant

GREEN, RED, ELSE = 0, 1, 3


class Verdict(NamedTuple):
    """killed, survived, timeout or error; the test that failed; seconds."""

    status: str
    by: str
    seconds: float


def load(modules: Sequence[str]) -> None:
    """Import what the tests need, but for the package and the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in modules:
            if name in sys.modules or name == "__mp_main__" or "pytest" in name or name.startswith("xdist"):
                continue  # pytest's plugins it loads itself
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    if any(name.partition(".")[0] == "aevum" for name in sys.modules):
        raise SystemExit("aevum is loaded already: mutants would not be seen")


def reaching(mutant: Mutant, covered: dict[str, Any]) -> list[tuple[str, float]]:
    """The tests that reach the mutant's statement, and their seconds: its room's own first, then by seconds."""
    lines = covered["lines"].get(mutant.file, {})
    found = {test for line in range(mutant.first, mutant.last + 1) for test in lines.get(str(line), ())}
    own = mutant.file.partition("/")[0]
    tests = [tuple(covered["tests"][i]) for i in found if covered["tests"][i][0] not in covered.get("left", ())]
    return sorted(tests, key=lambda each: (0 if _room(each[0]) == own else 1, each[1], each[0]))


def beside(tests: list[tuple[str, float]], covered: dict[str, Any]) -> list[tuple[str, float]]:
    """The other tests of their files: what a file's tests share in a cache was counted for the first of them."""
    known = {test for test, _ in tests}
    places = {test.partition("::")[0] for test in known}
    known |= set(covered.get("left", ()))
    others = [(t, s) for t, s in covered["tests"] if t not in known and t.partition("::")[0] in places]
    return sorted(others, key=lambda each: each[1])


def _room(test: str) -> str:
    parts = test.partition("::")[0].split("/")
    return parts[2] if parts[0] == "src" else parts[1]


def tried(
    mutant: Mutant | None, text: str, tests: list[tuple[str, float]], budget: float, child: Any = None
) -> Verdict:
    """Run the tests under the change, as many as the seconds allow, the first few apart.

    Args:
        mutant, text: what is changed, and the file's text under it.
        tests: by name, with their seconds.
        budget: the seconds.
        child: what the forked process does; None for a new import.
    """
    started, kept, total = time.perf_counter(), [], 0.0
    for test, seconds in tests:
        if total + seconds > budget and kept:
            continue
        kept.append((test, seconds))
        total += seconds
    head = 0
    spent = 0.0
    while head < len(kept) and spent < 2.0 and head < 25:
        spent += kept[head][1]
        head += 1
    status, by = "survived", ""
    for stage in (kept[:head], kept[head:]):
        if not stage:
            continue
        status, by = _forked(mutant, text, stage, child or _child)
        if status != "survived":
            break
    return Verdict(status, by, round(time.perf_counter() - started, 2))


def _forked(mutant: Mutant | None, text: str, tests: list[tuple[str, float]], run: Any) -> tuple[str, str]:
    limit = 10.0 + 4.0 * sum(seconds for _, seconds in tests)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        run(mutant, text, [test for test, _ in tests], limit, writer)
    os.close(writer)
    until, said = time.monotonic() + 10.0 * limit, b""
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            os.killpg(child, signal.SIGKILL)
            break
        more = os.read(reader, 65536)
        if not more:
            break
        said += more
    os.close(reader)
    _, status = os.waitpid(child, 0)
    by = said.decode(errors="replace")
    if os.WIFSIGNALED(status):
        return ("timeout" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else "killed"), by
    code = os.WEXITSTATUS(status)
    return {GREEN: "survived", RED: "killed"}.get(code, "error"), by


def confine(limit: float) -> None:
    """A group of its own, so many seconds of a processor, nothing said."""
    os.setpgrp()
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)


def _child(mutant: Mutant | None, text: str, tests: list[str], limit: float, writer: int) -> None:
    code = ELSE
    try:
        confine(limit)
        if mutant is not None:
            name = "aevum." + mutant.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            sys.meta_path.insert(0, Changed(name, text))
        os.chdir(ROOT)
        done = pytest.main([*OPTIONS, "-x", *tests], plugins=[Told(writer, tests)])
        code = GREEN if done == pytest.ExitCode.OK else RED if done == pytest.ExitCode.TESTS_FAILED else ELSE
        if code == ELSE and mutant is not None and done != pytest.ExitCode.NO_TESTS_COLLECTED:
            code = RED  # the package can't be imported
    except BaseException as error:
        os.write(writer, f"{type(error).__name__}: {error}"[:200].encode())
    finally:
        os._exit(code)


class Told:
    """A plugin: tests run in the order given, and the first that fails is told."""

    def __init__(self, writer: int, tests: list[str]) -> None:
        self.writer, self.place = writer, {test: i for i, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items.sort(key=lambda item: self.place.get(item.nodeid, len(self.place)))

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            os.write(self.writer, (report.nodeid + "\n").encode())

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            os.write(self.writer, f"import: {report.nodeid}\n".encode())


class Changed(importlib.abc.MetaPathFinder):
    """Finds one module by its changed text."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None:
            return None
        spec.loader = Text(fullname, spec.origin, self.text)
        return spec


class Text(importlib.machinery.SourceFileLoader):
    """A source file with another text."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self.text = text

    def get_code(self, fullname: str) -> Any:
        return compile(self.text, self.path, "exec", dont_inherit=True)
