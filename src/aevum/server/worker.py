"""The one thread in which models are called, and another for what calls none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, get_ident
from typing import Any

from aevum.exploration.steps import Result, Steps

# Seconds of steps that are done at once; whoever drags on the page waits for no longer than that and one step.
SLICE = 0.01


class EndedError(Exception):
    """The server ends, and the work will not be done."""


class Worker:
    """Works on one request at a time, so that torch is never called by two, and leaves the event loop free.

    A request that takes long does so in steps, and the requests of others come in between them. What calls no model,
    such as unpacking a picture, is done aside.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="aevum-explore")
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="aevum-explore-aside")
        self._ended, self._working = Event(), set[int]()
        self._awaited: set[asyncio.Future[Any]] = set()

    @property
    def working(self) -> bool:
        """Whether something is being done at this moment, which nothing can stop."""
        return bool(self._working)

    async def work(self, job: Steps[Result]) -> Result:
        """The job's result, once all its steps are done.

        Raises:
            EndedError: the worker was closed before.
        """
        while True:
            done, result = await self._done(self._thread, _step, job)
            if done:
                return result  # type: ignore[return-value]

    async def aside(self, function: Callable[..., Result], *given: object) -> Result:
        """What a function that calls no model gives; others are answered meanwhile.

        Raises:
            EndedError: the worker was closed before.
        """
        return await self._done(self._aside, function, *given)

    def close(self) -> None:
        """Take no more work, and let nobody wait for what there is; a step that was begun is finished for no one."""
        self._ended.set()
        for step in list(self._awaited):
            with suppress(RuntimeError):  # its event loop has ended before
                step.get_loop().call_soon_threadsafe(step.cancel)
        for thread in (self._thread, self._aside):
            thread.shutdown(wait=False, cancel_futures=True)

    async def _done(self, thread: ThreadPoolExecutor, function: Callable[..., Result], *given: object) -> Result:
        if self._ended.is_set():
            raise EndedError
        step = asyncio.get_running_loop().run_in_executor(thread, self._counted, function, *given)
        self._awaited.add(step)
        try:
            return await step
        except asyncio.CancelledError:
            if not self._ended.is_set():
                raise
            raise EndedError from None
        finally:
            self._awaited.discard(step)

    def _counted(self, function: Callable[..., Result], *given: object) -> Result:
        self._working.add(get_ident())
        try:
            return function(*given)
        finally:
            self._working.discard(get_ident())


def _step(job: Steps[Result]) -> tuple[bool, Result | None]:
    """Steps of a moment: whether the last was among them, and then the result. (A future can't hold a StopIteration.)

    Each that ends one waits behind everyone else, so that short ones are done at once.
    """
    until = time.monotonic() + SLICE
    try:
        while True:
            next(job)
            if time.monotonic() >= until:
                return False, None
    except StopIteration as end:
        return True, end.value
