"""How long the server waits for the other end of a connection, and for how many at once.

uvicorn waits for a request's head, and for an answer to be read, for as long as it takes. Many connections that say
nothing would stay until the machine has no more, and whoever has a question would not be answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

MOST_CONNECTIONS = 512


def refusal(status: str, error: str) -> bytes:
    """An answer that closes the connection before there is a request to answer."""
    body = json.dumps({"error": error})
    head = f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode("ascii")


TIMEOUT = refusal("408 Request Timeout", "the request did not arrive in time")
BUSY = refusal("503 Service Unavailable", "too many connections at once; try again")


def most_connections() -> int:
    """Connections at once that leave half of what the process may open to its files; at most 512."""
    if sys.platform == "win32":  # which counts no files
        return MOST_CONNECTIONS
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, max(1, files // 2))


@dataclass(frozen=True)
class Limits:
    """Seconds and numbers.

    Args:
        head: in which a request's head must have come, and between two requests of one connection.
        body: in which some of a request's body must have come, each time.
        whole_body: in which all of it must have come.
        stalled: in which some of an answer must have been taken, each time.
        ping: between two questions to a WebSocket whether it is still there, and to answer one; two may be missed.
        connections: at once. With more, the one that has waited longest to ask something goes.
    """

    head: float = 15.0
    body: float = 20.0
    whole_body: float = 600.0
    stalled: float = 60.0
    ping: float = 30.0
    connections: int = field(default_factory=most_connections)

    def protocols(self) -> dict[str, Any]:
        """What uvicorn's configuration is told."""
        return {
            "http": type("Http", (Http,), {"limits": self}),
            "ws": type("WebSocket", (WebSocket,), {"limits": self}),
            "timeout_keep_alive": self.head,
            "ws_ping_interval": self.ping,
            "ws_ping_timeout": self.ping,
        }


LIMITS = Limits()


class Patient(asyncio.Protocol):
    """A connection whose other end may be slow to take what it is sent, but must take some."""

    limits: Limits
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _progress: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_later()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._progress is not None and not self.transport.is_closing():
            self._progress.cancel()

    def end(self) -> None:
        """Close, whether or not what was sent is taken."""
        self.transport.close()
        self._look_later()

    def _look_later(self) -> None:
        if self._progress is not None:
            self._progress.cancel()
        left = self.transport.get_write_buffer_size()
        self._progress = self.loop.call_later(self.limits.stalled, self._look, left)

    def _look(self, left_before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if 0 < left == left_before:
            self.transport.abort()
        elif left:
            self._look_later()


class Http(Patient, H11Protocol):
    """HTTP/1.1 that waits for a request's head for so long and no longer."""

    _deadline: asyncio.TimerHandle | None = None
    _asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self._expect_head()
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._asked = True
            self._expect_nothing()

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._expect_nothing()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        self._expect_head()
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.end()

    @property
    def waiting_since(self) -> float | None:
        """When it began to wait for a request; None while one is worked on."""
        return None if self._deadline is None else self._deadline.when()

    def _expect_head(self) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(self.limits.head, self._give_up, TIMEOUT)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self, answer: bytes) -> None:
        """An answer to whoever began to ask; nothing to whoever said nothing, or has had one."""
        self._expect_nothing()
        if not self.transport.is_closing():
            if not self._asked and (self.conn.trailing_data[0] or answer is BUSY):
                self.transport.write(answer)
            self.end()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request, which may be this one."""
        waiting = [each for each in self.connections if isinstance(each, Http) and each.waiting_since is not None]
        min(waiting, key=lambda each: each.waiting_since or 0.0)._give_up(BUSY)


class WebSocket(Patient, WebSocketsSansIOProtocol):
    """A WebSocket that ends where the other end leaves two pings in a row unanswered.

    One may stay unanswered for this end's sake: its answer lies unread while messages before it wait to be worked on,
    and where reading has only just begun again it has not come yet.
    """

    _unanswered = 0

    def handle_pong(self, event: Frame) -> None:
        self._unanswered = 0
        super().handle_pong(event)

    def keepalive_timeout(self) -> None:
        self._unanswered = 0 if self.read_paused else self._unanswered + 1
        if self._unanswered < 2:
            self.pong_timer = self.pending_ping_payload = None
            self.schedule_ping()
            return
        super().keepalive_timeout()
        self.end()
