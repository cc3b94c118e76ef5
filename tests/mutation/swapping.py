"""Mutants without a new import: in a forked process that has the package and the collected tests, code is exchanged.

A change lies within a function. Its code object is put in place of the one that each function has that was made of it:
methods, properties, registered functions, lambdas in tables. What a call made at import (a table of kinds) stays as it
was, and so do defaults: what no test kills here is tried once more with a new import.
"""

from __future__ import annotations

import gc
import os
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.mutation import running
from tests.mutation.covering import OPTIONS
from tests.mutation.making import PACKAGE, ROOT, Mutant

Code = types.CodeType


def codes(code: Code) -> list[Code]:
    """Those that it holds, in their order."""
    return [each for each in code.co_consts if isinstance(each, Code)]


def pairs(old: Code, new: Code) -> Iterator[tuple[Code, Code]]:
    """Codes of functions that differ, and what they become."""
    if old == new:
        return
    yield old, new
    inside, others = codes(old), codes(new)
    if [each.co_name for each in inside] == [each.co_name for each in others]:
        for one, other in zip(inside, others, strict=True):
            yield from pairs(one, other)


class Swapper:
    """A plugin: instead of running what was collected, it calls back with itself."""

    def __init__(self, then: Callable[[Swapper], None]) -> None:
        self.then = then
        self.writer = -1

    def pytest_runtestloop(self, session: Any) -> bool:
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        self.functions: dict[str, list[Any]] = defaultdict(list)
        for each in gc.get_objects():
            if type(each) is types.FunctionType:  # what looks like more may do things when it is looked at
                self.functions[each.__code__.co_filename].append(each)
        gc.freeze()
        self.then(self)
        return True

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and self.writer >= 0:
            os.write(self.writer, (report.nodeid + "\n").encode())
            os._exit(running.RED)

    def tried(self, mutant: Mutant | None, text: str, tests: list[tuple[str, float]], budget: float) -> running.Verdict:
        """As :func:`running.tried`, without the import."""
        chosen = [(test, seconds) for test, seconds in tests if test in self.items]
        return running.tried(mutant, text, chosen, budget, child=self._child)

    def _child(self, mutant: Mutant | None, text: str, tests: list[str], limit: float, writer: int) -> None:
        code = running.ELSE
        try:
            running.confine(limit)
            if mutant is not None:
                self._swap(mutant, text)
            self.writer = writer
            items = [self.items[test] for test in tests]
            for item, following in zip(items, [*items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            code = running.GREEN
        except BaseException as error:
            os.write(writer, f"{type(error).__name__}: {error}"[:200].encode())
        finally:
            os._exit(code)

    def _swap(self, mutant: Mutant, text: str) -> None:
        path = str(PACKAGE / mutant.file)
        before = compile((PACKAGE / mutant.file).read_text(encoding="utf-8"), path, "exec", dont_inherit=True)
        after = compile(text, path, "exec", dont_inherit=True)
        changed = dict(pairs(before, after))
        for function in self.functions[path]:
            new = changed.get(function.__code__)
            if new is not None:
                function.__code__ = new


def collected(files: list[str], then: Callable[[Swapper], None]) -> None:
    """Collect these files, and call back."""
    os.chdir(ROOT)
    pytest.main([*OPTIONS, "-s", *files], plugins=[Swapper(then)])
