"""What stands before every request: whose name it uses, which page sent it, and whether it has the token."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aevum.server.access import Access
from aevum.server.exchange import error_json
from aevum.server.openapi import API

READING = ("GET", "HEAD")
STRANGER = "this request comes from another site's page, which may not ask here"
NOTEBOOKS = "http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:* vscode-webview:"
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Refusal:
    """A status, and a sentence for whoever reads it."""

    status: int
    sentence: str


class Safety:
    """Lets a request through to the app when it may pass, and gives every answer its headers.

    - Its Host must be a name of this server, which keeps out pages that point their own name here (DNS rebinding).
    - Its Origin, where it has one, must be this server; WebSockets need one, and so does all that a browser sends with
      the cookie but reads: no other site can act in the user's name.
    - What lies under /api needs the token: as the cookie, as ``Authorization: Bearer``, or for a WebSocket as the
      subprotocol ``bearer.<token>``.
    - ``/?token=…`` sets the cookie and leads to ``/``, so that the token stays in no history.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._strange(headers) or self._without_token(scope, headers)
        if scope["type"] == "websocket":
            if refusal is not None:
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": refusal.sentence})
                return
            await self.app(scope, receive, send)
            return
        answer = _answer(scope, refusal) if refusal is not None else self._entrance(scope)
        await (answer or self.app)(scope, receive, self._with_headers(scope, headers, send))

    def _strange(self, headers: Headers) -> Refusal | None:
        """A request that uses another name, or that another site's page has sent."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not self.access.knows(hosts[0]):
            return Refusal(
                403,
                f"this server is known as {self.access.base()} and by no other name or port; to reach it from another "
                f"machine, forward that very port: ssh -L {self.access.port}:127.0.0.1:{self.access.port} …",
            )
        if origins and origins != [f"http://{hosts[0].lower()}"]:
            return Refusal(403, STRANGER)
        return None

    def _without_token(self, scope: Scope, headers: Headers) -> Refusal | None:
        """A request for what is the user's own that does not show that it comes from the user."""
        socket, origin = scope["type"] == "websocket", "origin" in headers
        reading = not socket and scope["method"] in READING
        path = scope["path"]
        if reading and not (path == API or path.startswith(f"{API}/")):
            return None
        # A page on another port of this machine is of the same site, and browsers send the cookie along.
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return Refusal(403, STRANGER)
        bearer = self.access.by_bearer(headers)
        if not bearer and ("authorization" in headers or not self.access.by_cookie(headers)):
            return Refusal(401, "this needs the token: open the address that aevum explore printed")
        if not origin and (socket or not (reading or bearer)):
            return Refusal(403, "this needs an Origin header, so that it is known which page asks")
        return None

    def _entrance(self, scope: Scope) -> Response | None:
        """The answer to an address with a token; None for any other."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        offered = [value for name, value in query if name == "token"]
        if scope["path"] != "/" or scope["method"] != "GET" or not offered:
            return None
        if len(offered) > 1 or not self.access.admits(offered[0]):
            return PlainTextResponse(
                "This address has another server's token, or one that was used before. Open the one that aevum explore "
                "printed.",
                403,
            )
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        answer = RedirectResponse("/" + (f"?{rest}" if rest else ""), 303)
        answer.headers.append("set-cookie", self.access.set_cookie())
        return answer

    def _with_headers(self, scope: Scope, headers: Headers, send: Send) -> Send:
        """``send`` for an answer that a browser treats with care."""
        host = headers.get("host", "")
        host = host if self.access.knows(host) else f"127.0.0.1:{self.access.port}"
        framers = NOTEBOOKS if self.access.framed else "'none'"
        policy = (
            # Not every browser counts a WebSocket of the same host as 'self'.
            f"default-src 'self'; connect-src 'self' ws://{host}; img-src 'self' blob: data:; object-src 'none'; "
            f"base-uri 'none'; form-action 'none'; frame-ancestors {framers}"
        )

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                found["content-security-policy"] = policy
                for name, value in HEADERS.items():
                    found[name] = value
                if not self.access.framed:
                    found["x-frame-options"] = "DENY"
                found.setdefault("cache-control", "no-store")
            await send(message)

        return sent


def _answer(scope: Scope, refusal: Refusal) -> Response:
    """A refusal as JSON to those who ask for data, and as text to those who look."""
    more = {"www-authenticate": "Bearer"} if refusal.status == 401 else {}
    if scope["path"].startswith(API):
        return Response(error_json(refusal.sentence), refusal.status, more, "application/json")
    return PlainTextResponse(refusal.sentence, refusal.status, more)
