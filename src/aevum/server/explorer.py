"""A server from its start to its end: in the terminal, or beside a Python session."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from aevum.errors import InputError
from aevum.server.access import Access
from aevum.server.app import MOST_MESSAGE, create_app
from aevum.server.connections import LIMITS, Limits
from aevum.server.exchange import Exchange
from aevum.server.subject import Run
from aevum.server.worker import Worker

SECONDS_TO_END = 2
FIRST_PORT, PORTS, TRIED = 21_000, 10_000, 16


class _Server(uvicorn.Server):
    """A server that at its end lets nobody wait for work that will not be done."""

    def __init__(self, config: uvicorn.Config, worker: Worker) -> None:
        super().__init__(config)
        self.worker = worker

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.worker.close()
        await super().shutdown(sockets)


class Explorer:
    """A page of some runs: bound to its address from the start, served by ``run`` or ``start``.

    Args:
        runs: what it shows, with distinct ids.
        host: the address to bind; "127.0.0.1" can be reached from this machine alone.
        port: 0 for any that is free; of several the first that is.
        framed: whether a notebook may show it inside of its own page.
        limits: how long it waits for the other end of a connection, and for how many at once.

    Raises:
        InputError: no such address, or a port that is taken.

    ``url`` is the address to open, with the token that it needs; :meth:`close` ends it.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        *,
        host: str = "127.0.0.1",
        port: int | Sequence[int] = 0,
        framed: bool = False,
        limits: Limits = LIMITS,
    ) -> None:
        self.runs = list(runs)
        self._socket = _first_bound(host, [port] if isinstance(port, int) else port)
        bound, at = self._socket.getsockname()[:2]
        self._access = Access(host, at, framed, bound)
        self._worker, self._exchange = Worker(), Exchange(runs)
        config = uvicorn.Config(
            create_app(self._exchange, self._access, self._worker, limits=limits),
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            **limits.protocols(),
            ws_max_size=MOST_MESSAGE,
            ws_per_message_deflate=False,  # packing a picture would take longer than sending it within a machine
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=SECONDS_TO_END,
        )
        self._server = _Server(config, self._worker)
        self._thread: threading.Thread | None = None

    @property
    def working(self) -> bool:
        """Whether something is being worked out at this moment; after :meth:`close` it is for no one."""
        return self._worker.working

    @property
    def url(self) -> str:
        """The address to open, with its token."""
        return self._access.url()

    @property
    def token(self) -> str:
        """What opens it, for programs: ``Authorization: Bearer …``."""
        return self._access.token

    @property
    def host(self) -> str:
        return self._access.host

    @property
    def port(self) -> int:
        return self._access.port

    @property
    def loopback(self) -> bool:
        """Whether no other machine can reach it."""
        return self._access.loopback

    @property
    def base(self) -> str:
        """The address without its token."""
        return self._access.base()

    @property
    def frame_url(self) -> str:
        """The address for a frame in another page, where browsers keep no cookie: the token never leaves the frame."""
        return f"{self._access.base()}/#token={self._access.token}"

    def show(self, run: Run) -> None:
        """Show this run instead of the one of its id, or beside the others."""
        self._exchange.show(run)

    def open_browser(self) -> bool:
        """Show the page in the user's browser; whether there is one."""
        if not _has_screen():
            return False
        with suppress(webbrowser.Error, OSError):
            return webbrowser.open(f"{self._access.base()}/?token={self._access.code()}")
        return False

    def run(self) -> None:
        """Serve until Ctrl-C."""
        try:
            self._server.run(sockets=[self._socket])
        except KeyboardInterrupt:
            pass  # how it ends
        finally:
            self.close()

    def start(self) -> Self:
        """Serve in a thread of its own, and go on."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._server.run, kwargs={"sockets": [self._socket]}, name="aevum-explore-server", daemon=True
            )
            self._thread.start()
        return self

    def wait(self) -> None:
        """Wait for Ctrl-C, which closes it: for scripts, which would end otherwise."""
        try:
            while self._thread is not None and self._thread.is_alive():
                self._thread.join(1.0)
        except KeyboardInterrupt:
            pass
        finally:
            self.close()

    def close(self) -> None:
        """End it; a second call does nothing."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(SECONDS_TO_END + 3)
            self._thread = None
        self._worker.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Explorer({self.url!r}); close() ends it"


def serve(
    runs: Sequence[Run],
    *,
    host: str = "127.0.0.1",
    port: int | Sequence[int] = 0,
    open_browser: bool = True,
    tell: Callable[[Explorer], None] = lambda explorer: None,
) -> bool:
    """Serve the page of some runs until Ctrl-C.

    Args:
        runs: what to show.
        host, port: as for :class:`Explorer`.
        open_browser: whether to show the page at once.
        tell: called with the server when its address is known.

    Returns:
        Whether all work has ended. What can't be stopped, such as the search for a long geodesic, is for no one then,
        but the interpreter would wait for it.

    Raises:
        InputError: no such address, or a port that is taken.
    """
    with Explorer(runs, host=host, port=port) as explorer:
        try:
            tell(explorer)
            if open_browser:
                explorer.open_browser()
        except KeyboardInterrupt:
            return True
        explorer.run()
        return not explorer.working


def ports_for(run: str) -> tuple[int, ...]:
    """The ports to try for a run's page: the same ones each time, so that a link to it works again.

    They lie below those that systems hand out to whoever asks for any; where all are taken, any will do.

    >>> ports_for("runs/digits-vae") == ports_for("runs/../runs/digits-vae/model")
    True
    """
    folder = Path(run).expanduser().resolve()
    folder = folder.parent if folder.name == "model" else folder
    first = int.from_bytes(hashlib.sha256(os.fsencode(folder)).digest()[:8], "big") % PORTS
    return (*(FIRST_PORT + (first + step) % PORTS for step in range(TRIED)), 0)


def _first_bound(host: str, ports: Sequence[int]) -> socket.socket:
    """A socket on the first of these ports that is free."""
    for port in ports[:-1]:
        with suppress(InputError):
            return _bound(host, port)
    return _bound(host, ports[-1])


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens: whoever connects before the server runs waits for it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        # The protocol is told: asyncio sets TCP_NODELAY only where it is TCP by name, and without it a picture waits
        # up to 40 ms for the acknowledgement of the answer before.
        found = socket.socket(family, kind, protocol)
    except (OSError, OverflowError, UnicodeError) as error:
        raise InputError(f"there is no address {host!r} on this machine; use 127.0.0.1, or 0.0.0.0 for all") from error
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(128)
    except OSError as error:
        found.close()
        raise InputError(
            f"can't listen on {host}, port {port}: {error.strerror or error}; try another --port"
        ) from error
    return found


def _has_screen() -> bool:
    """Whether a browser would open in a window, and not inside the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"))
