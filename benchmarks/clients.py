"""How many are answered at once: the clients of one page's server, each asking again as soon as it has its answer.

``aevum explore`` serves a fitted model in a process of its own; ``--clients`` connections ask it for ``--seconds`` over
HTTP, in JSON, what the page asks: each begins with the run, its labels and a part of the map, and then decodes one code
(60 of 100 requests), looks for its five neighbours (14), fetches a row (10), encodes a row (6), scores one (6), asks
for the law of the codes (2) and for a lattice of 8 × 8 decoded codes (2). What is printed: answers a second, the times
to an answer (in seconds), the processor time of the server and of the clients for one answer (in milliseconds, which
other work on the machine does not change much), and the server's memory before and at most (in MB). ``--source`` takes
another copy of aevum, for comparisons.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import ROOT, arguments, processor, report

from aevum import VAE, open_data

SHARES = {"decode": 60, "neighbours": 14, "rows": 10, "encode": 6, "score": 6, "law": 2, "manifold": 2}
Asked = tuple[str, dict[str, Any]]
# Of the map at first.
PART = 5000


def main() -> None:
    args = arguments(
        __doc__,
        seconds={"type": float, "default": 60.0},
        clients={"type": int, "default": 200},
        only={"choices": ("digits", "mnist")},
        source={"type": Path, "default": ROOT / "src"},
    )
    for name in ("digits", "mnist") if args.only is None else (args.only,):
        data = open_data(name, **({"data_dir": args.data / "mnist"} if name == "mnist" else {}))
        model = VAE(2, network="mlp", epochs=args.epochs or 2, random_state=args.seed).fit(data.x)
        with served(model, np.asarray(data.x), np.asarray(data.y), args.source) as (url, server):
            before = memory(server)
            asyncio.run(clients(url, data.x, 4, 3.0, args.seed, [("neighbours", {"z": [[0.0, 0.0]]})]))
            used, own, began = spent(server), time.process_time(), time.monotonic()
            found = asyncio.run(clients(url, data.x, args.clients, args.seconds, args.seed + 1))
            seconds, used, own = time.monotonic() - began, spent(server) - used, time.process_time() - own
            figures = answered(found)
            report(
                model=name, rows=len(data.x), clients=args.clients, **figures,
                answers_per_second=figures["answers"] / seconds, server_cores=used / seconds,
                server_ms_per_answer=1000 * used / figures["answers"],
                clients_ms_per_answer=1000 * own / figures["answers"], memory_before=before[0],
                memory_peak=memory(server)[1], load=os.getloadavg()[0], processor=processor(),
            )  # fmt: skip


@contextlib.contextmanager
def served(model: VAE, x: np.ndarray, y: np.ndarray, source: Path) -> Iterator[tuple[str, int]]:
    """The address with its token, and the process, of the server."""
    with tempfile.TemporaryDirectory() as folder:
        run, data = Path(folder) / "run", Path(folder) / "rows.npz"
        model.save(run)
        np.savez(data, x=x, y=y)
        command = [sys.executable, "-m", "aevum", "explore", run, "--data", data, "--no-browser"]
        environment = {**os.environ, "PYTHONPATH": str(source)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().split()[0], process.pid
            finally:
                process.terminate()


async def clients(
    url: str, x: Any, count: int, seconds: float, seed: int, before: Sequence[Asked] = ()
) -> list[tuple[str, float, int]]:
    """Of each request what was asked, the seconds to its answer, and the status; 0 where there was none. What is asked
    ``before`` is waited for, such as all rows' codes, which are encoded once.
    """
    base, _, token = url.partition("/?token=")
    found: list[tuple[str, float, int]] = []
    each = [Client(base.removeprefix("http://"), token) for _ in range(count)]
    _, text = await each[0].ask("GET", "/api/runs")
    run = json.loads(text)["runs"][0]["id"]
    for operation, given in before:
        await each[0].ask("POST", f"/api/runs/{run}/{operation}", given)
    end = time.monotonic() + seconds
    draws = (random.Random(seed + 1000 * k) for k in range(count))
    await asyncio.gather(*(asking(one, run, x, draw, end, found) for one, draw in zip(each, draws, strict=True)))
    return found


class Client:
    """One connection. (Each answer takes httpx longer than the server: it would be what is measured.)"""

    def __init__(self, host: str, token: str) -> None:
        self.host, self.streams = host, None
        self.head = f"host: {host}\r\nauthorization: Bearer {token}\r\naccept: */*\r\n"

    async def ask(self, method: str, path: str, given: dict[str, Any] | None = None) -> tuple[int, bytes]:
        """Status and body of the answer; 0 where the connection was closed before there was one."""
        body = b"" if given is None else json.dumps(given).encode()
        try:
            if self.streams is None:
                name, _, port = self.host.rpartition(":")
                self.streams = await asyncio.open_connection(name, int(port))
            reader, writer = self.streams
            writer.write(f"{method} {path} HTTP/1.1\r\n{self.head}content-length: {len(body)}\r\n\r\n".encode() + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            size = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            return int(head.split()[1]), await reader.readexactly(size)
        except (OSError, asyncio.IncompleteReadError):
            self.streams = None
            return 0, b""


async def asking(client: Client, run: str, x: Any, draw: random.Random, end: float, found: list[Any]) -> None:
    """One of them, until the end."""
    start = draw.randrange(max(1, len(x) - PART))
    asked = [("about", {}), ("labels", {}), ("codes", {"start": start, "stop": min(start + PART, len(x))})]
    while time.monotonic() < end:
        operation, given = asked.pop(0) if asked else drawn(draw, x)
        began = time.monotonic()
        status, _ = await client.ask("POST", f"/api/runs/{run}/{operation}", given)
        found.append((operation, time.monotonic() - began, status))
        if not status:
            await asyncio.sleep(0.1)


def drawn(draw: random.Random, x: Any) -> Asked:
    """An operation and its arguments."""
    (operation,) = draw.choices(list(SHARES), list(SHARES.values()))
    z, row = [[draw.gauss(0, 1), draw.gauss(0, 1)]], draw.randrange(len(x))
    given = {"decode": {"z": z}, "neighbours": {"z": z, "k": 5}, "rows": {"indices": [row]}, "manifold": {"n": 8}}
    if operation in ("encode", "score"):
        return operation, {"x": np.asarray(x[row : row + 1]).tolist()}
    return operation, given.get(operation, {})


def answered(found: list[tuple[str, float, int]]) -> dict[str, Any]:
    """How many answers, how long they took, and what was not answered."""
    times = np.array([seconds for _, seconds, status in found if status == 200])
    errors = Counter(str(status) for _, _, status in found if status != 200)
    return {
        "answers": len(times), "errors": dict(errors), "p50": float(np.median(times)),
        "p99": float(np.quantile(times, 0.99)), "worst": float(times.max()),
    }  # fmt: skip


def memory(process: int) -> tuple[float, float]:
    """Resident now, and at most, in MB."""
    lines = (line.split() for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines())
    sizes = {line[0]: float(line[1]) / 1024 for line in lines if line[0] in ("VmRSS:", "VmHWM:")}
    return sizes["VmRSS:"], sizes["VmHWM:"]


def spent(process: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
