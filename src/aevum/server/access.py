"""Who may ask: which names of this machine are known, and which token opens the door."""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
BEARER, SUBPROTOCOL = "bearer.", "aevum"
_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?")


class Access:
    """The secret of one server, and the addresses under which it is known.

    Args:
        host: the name or address that was asked for.
        port: what it is bound to.
        framed: whether a notebook may show the page inside of its own.
        bound: the address that it is bound to, where that is another than the host.
    """

    def __init__(self, host: str, port: int, framed: bool = False, bound: str | None = None) -> None:
        # Many spellings lead to one address (127.1, 0, *): what is neither a name nor an address in full is not kept.
        known = is_address(host) or _NAME.fullmatch(host.lower()) is not None
        self.host, self.port, self.framed = (host if known else bound or host), port, framed
        self.bound = bound or host
        self.token = secrets.token_urlsafe(32)
        # Another server on another port must not take this one's cookie away: cookies know no ports.
        self.cookie = f"aevum-{port}"
        self._codes: set[str] = set()

    # ------------------------------------------------------------ names

    @property
    def loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        return is_loopback(self.bound)

    def knows(self, host: str) -> bool:
        """Whether a Host header is one of this server's names.

        A page elsewhere can let its own name lead to this machine, and then ask in that name: so names count, with
        their port. It can't do so with an address in numbers.
        """
        found = _HOST.fullmatch(host.lower())
        if found is None or int(found[2] or 80) != self.port:
            return False
        name = found[1]
        if name in LOOPBACK or name == bracketed(self.host).lower():
            return True
        return not self.loopback and (is_address(name) or name == socket.gethostname().lower())

    # ------------------------------------------------------------ the token

    def code(self) -> str:
        """A code that opens the page once.

        The command that starts a browser can be seen by others on the machine: the code in it is worthless by then.
        """
        code = secrets.token_urlsafe(32)
        self._codes.add(code)
        return code

    def admits(self, offered: str) -> bool:
        """Whether it is the token, or a code that was not used before."""
        used = next((code for code in self._codes if same(offered, code)), None)
        if used is not None:
            self._codes.discard(used)
        return same(offered, self.token) or used is not None

    def by_bearer(self, headers: Headers) -> bool:
        """Whether the token came in a header, which no other site can make a browser send."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return same(token.strip(), self.token)
        return any(
            same(protocol.removeprefix(BEARER), self.token)
            for protocol in subprotocols(headers)
            if protocol.startswith(BEARER)
        )

    def by_cookie(self, headers: Headers) -> bool:
        """Whether the token came in the cookie."""
        return same(cookie_parser(headers.get("cookie", "")).get(self.cookie, ""), self.token)

    def set_cookie(self) -> str:
        """The Set-Cookie header: not for scripts, and sent by this very site only."""
        return f"{self.cookie}={self.token}; HttpOnly; SameSite=Strict; Path=/"

    # ------------------------------------------------------------ addresses

    def url(self, name: str | None = None) -> str:
        """The address to open, with the token."""
        return f"{self.base(name)}/?token={self.token}"

    def base(self, name: str | None = None) -> str:
        """The address of the page without its token."""
        return f"http://{bracketed(name or reachable(self.host))}:{self.port}"


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())


def subprotocols(headers: Headers) -> Sequence[str]:
    """What a WebSocket offers to speak."""
    return [part.strip() for part in ",".join(headers.getlist("sec-websocket-protocol")).split(",")]


def bracketed(host: str) -> str:
    """A host as it stands in addresses."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def is_address(name: str) -> bool:
    """Whether a host is an address in numbers.

    >>> is_address("192.168.1.5"), is_address("[::1]"), is_address("localhost")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine to itself.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    return host.lower() == "localhost" or (is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback)


def reachable(host: str) -> str:
    """The host itself; for one that stands for all of this machine's addresses, the one that others would use."""
    if not (is_address(host) and ipaddress.ip_address(host.strip("[]")).is_unspecified):
        return host
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # sends nothing: the system only chooses the address it would send from
            return str(probe.getsockname()[0])
    except OSError:
        return LOOPBACK[0]
