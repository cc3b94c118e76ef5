"""Whose turn it is: short steps are done at once, long ones let others in between."""

import asyncio
import time

from aevum.server import worker as room
from aevum.server.worker import Worker


def steps(name, seconds, log, count=6):
    for _ in range(count):
        time.sleep(seconds)
        log.append(name)
        yield
    return name


def both(seconds):
    """Two jobs of six steps, and the order in which these were done."""
    log = []

    async def run():
        worker = Worker()
        try:
            return await asyncio.gather(*(worker.work(steps(name, seconds, log)) for name in "ab"))
        finally:
            worker.close()

    assert asyncio.run(run()) == ["a", "b"]
    return "".join(log)


def test_short_steps_are_done_at_once():
    assert both(0.0) == "aaaaaabbbbbb"


def test_long_steps_let_others_in():
    assert both(2 * room.SLICE).startswith("abab")
