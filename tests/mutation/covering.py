"""Which lines of the package each test reaches, and the seconds that it takes: once, in one process, under coverage.

What a fixture of more than one test runs is counted for each test that uses it. What tests keep in caches of their own
is counted for the first of them; the runner tries the others of its file after those that are known to reach a line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import coverage
import pytest
from tests.mutation.making import PACKAGE, files

# Rooms whose tests look at these values; of the others each fit goes through them, seconds long.
TESTS = (
    "distributions", "objectives", "priors", "conditionals", "encoding", "evaluation", "fitted",
    "training/test_objectives.py", "test_samplers.py",
    "estimators/test_missingness.py", "estimators/test_counts.py", "estimators/test_columns.py",
    "estimators/test_whole_levels.py",
)  # fmt: skip
OPTIONS = (
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-m",
    "not slow",
    "--hypothesis-seed=0",
    "--tb=short",
)


class Watch:
    """A plugin: the context of what runs is its test, or its fixture."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = defaultdict(float)
        self.used: dict[str, list[str]] = {}
        self.now = ""
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> Any:
        self.now, self.used[item.nodeid] = item.nodeid, list(getattr(item, "fixturenames", ()))
        self.measured.switch_context(item.nodeid)
        started = time.process_time()
        found = yield
        self.seconds[item.nodeid] += time.process_time() - started
        self.measured.switch_context("")
        return found

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        if fixturedef.scope == "function":
            return (yield)
        name = f"fixture:{fixturedef.baseid}:{fixturedef.argname}"
        self.measured.switch_context(name)
        started = time.process_time()
        found = yield
        taken = time.process_time() - started
        self.seconds[name] += taken
        self.seconds[self.now] -= taken
        self.measured.switch_context(self.now)
        return found

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed or report.skipped:
            self.failed.add(report.nodeid)


def cover(kept: Path, only: list[str]) -> None:
    """Run the tests, and keep {tests, lines, modules}: of a line the tests that reach it, by number.

    Args:
        kept: the file of it.
        only: paths of tests that are new or changed, which are put in the place of what is kept of them; all without.
    """
    measured = coverage.Coverage(data_file=None, source=[str(PACKAGE)], branch=False, config_file=False)
    measured.start()
    watch = Watch(measured)
    paths = only or [f"tests/{name}" for name in TESTS] + [f"src/aevum/{file}" for file in files()]
    pytest.main([*OPTIONS, *paths], plugins=[watch])
    measured.stop()
    tests = [name for name in watch.used if name not in watch.failed]
    number = {name: i for i, name in enumerate(tests)}
    users: dict[str, list[int]] = {}
    cost = {name: watch.seconds[name] for name in tests}
    for name in [each for each in watch.seconds if each.startswith("fixture:")]:
        _, base, argument = name.split(":", 2)
        users[name] = [number[t] for t in tests if t.startswith(base) and argument in watch.used[t]]
        for each in users[name]:
            cost[tests[each]] += watch.seconds[name]
    data = measured.get_data()
    lines: dict[str, dict[str, list[int]]] = {}
    for file in files():
        reached = data.contexts_by_lineno(str(PACKAGE / file))
        lines[file] = {
            str(line): sorted({i for c in contexts for i in ([number[c]] if c in number else users.get(c, []))})
            for line, contexts in reached.items()
        }
    own = ("aevum", "tests", "conftest", "__main__", "mutmut", "libcst", "coverage")
    found = {
        "tests": [[test, round(cost[test], 3)] for test in tests],
        "lines": lines,
        "modules": [name for name in sys.modules if name.partition(".")[0] not in own],
    }
    kept.write_text(json.dumps(merged(read(kept), found, only) if only else found))
    sys.stdout.flush()
    os._exit(0)


def merged(old: dict[str, Any], new: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """What was known, but for the tests of these paths."""
    stays = [i for i, (test, _) in enumerate(old["tests"]) if not any(test.startswith(path) for path in paths)]
    place = {i: k for k, i in enumerate(stays)}
    lines: dict[str, dict[str, list[int]]] = {}
    for file in files():
        before, after = old["lines"].get(file, {}), new["lines"].get(file, {})
        lines[file] = {
            line: [place[i] for i in before.get(line, ()) if i in place] + [len(stays) + i for i in after.get(line, ())]
            for line in {**before, **after}
        }
    tests = [old["tests"][i] for i in stays] + new["tests"]
    return {"tests": tests, "lines": lines, "modules": [*dict.fromkeys(old["modules"] + new["modules"])]}


def read(kept: Path) -> dict[str, Any]:
    """What :func:`cover` kept."""
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


if __name__ == "__main__":
    cover(Path(sys.argv[1]), sys.argv[2:])
