"""The one thread in which models are called."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any

from aevum.exploration.steps import Result, Steps


class EndedError(Exception):
    """The server ends, and the work will not be done."""


class Worker:
    """Works on one request at a time, so that torch is never called by two, and leaves the event loop free.

    A request that takes long does so in steps, and the requests of others come in between them.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="aevum-explore")
        self._ended, self._working = Event(), False
        self._awaited: set[asyncio.Future[Any]] = set()

    @property
    def working(self) -> bool:
        """Whether a step is being done at this moment, which nothing can stop."""
        return self._working

    async def work(self, job: Steps[Result]) -> Result:
        """The job's result, once all its steps are done.

        Raises:
            EndedError: the worker was closed before.
        """
        loop = asyncio.get_running_loop()
        while not self._ended.is_set():
            step = loop.run_in_executor(self._thread, self._step, job)
            self._awaited.add(step)
            try:
                done, result = await step
            except asyncio.CancelledError:
                if not self._ended.is_set():
                    raise
                break
            finally:
                self._awaited.discard(step)
            if done:
                return result  # type: ignore[return-value]
        raise EndedError

    def close(self) -> None:
        """Take no more work, and let nobody wait for what there is; a step that was begun is finished for no one."""
        self._ended.set()
        for step in list(self._awaited):
            with suppress(RuntimeError):  # its event loop has ended before
                step.get_loop().call_soon_threadsafe(step.cancel)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _step(self, job: Steps[Result]) -> tuple[bool, Result | None]:
        """One step: whether it was the last, and then the result. (A future can't hold a StopIteration.)"""
        self._working = True
        try:
            next(job)
        except StopIteration as end:
            return True, end.value
        finally:
            self._working = False
        return False, None
