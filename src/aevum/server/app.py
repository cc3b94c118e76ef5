"""The addresses: which of them asks for what."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from aevum.server.access import SUBPROTOCOL, Access, subprotocols
from aevum.server.exchange import FULL, Exchange, error_json
from aevum.server.pages import FOLDER, pages
from aevum.server.safety import API, Safety
from aevum.server.uploads import MOST_BYTES
from aevum.server.worker import EndedError, Worker

JSON = "application/json"
MOST_BODY, MOST_MESSAGE = 16 * 2**20, 64 * 2**20


def create_app(exchange: Exchange, access: Access, worker: Worker, folder: Path = FOLDER) -> ASGIApp:
    """The whole server as an ASGI application.

    Args:
        exchange: what it answers.
        access: who may ask.
        worker: where models are called.
        folder: of the page's files.
    """
    app = Starlette(
        routes=[Mount(API, routes=ROUTES), Mount("/", pages(folder))],
        exception_handlers={HTTPException: refused, EndedError: ended},
    )
    app.state.exchange, app.state.worker = exchange, worker
    return Safety(app, access)


async def everything(request: Request) -> Response:
    return _json(*await request.app.state.worker.work(request.app.state.exchange.everything()))


async def about(request: Request) -> Response:
    job = request.app.state.exchange.about(request.path_params["run"])
    return _json(*await request.app.state.worker.work(job))


async def operation(request: Request) -> Response:
    names = request.path_params
    body = await _body(request, MOST_BODY)
    job = request.app.state.exchange.json(names["run"], names["operation"], body)
    return _json(*await request.app.state.worker.work(job))


async def upload(request: Request) -> Response:
    body = await _body(request, MOST_BYTES)
    job = request.app.state.exchange.upload(request.path_params["run"], body)
    return _json(*await request.app.state.worker.work(job))


async def conversation(socket: WebSocket) -> None:
    """Messages and their answers, one after the other."""
    offered = subprotocols(socket.headers)
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    exchange, worker = socket.app.state.exchange, socket.app.state.worker
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await socket.send_bytes(await worker.work(exchange.message(message.get("bytes") or b"")))
    except (WebSocketDisconnect, EndedError):  # the page was closed before its answer was there, or the server
        return


async def refused(request: Request, error: Exception) -> Response:
    """An address that leads nowhere, or a method that it does not know."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    if path.startswith(API):
        return Response(error_json(f"{error.detail}: {request.method} {path}"), error.status_code, error.headers, JSON)
    return PlainTextResponse(error.detail, error.status_code, error.headers)


async def ended(request: Request, error: Exception) -> Response:
    """What was still to be worked out when the server ended."""
    return Response(error_json("aevum explore was ended"), FULL, media_type=JSON)


def _json(status: int, body: bytes) -> Response:
    return Response(body, status, media_type=JSON)


async def _body(request: Request, most: int) -> bytes:
    """The request's body; one that is too large is not read to its end."""
    too_large = HTTPException(413, f"The request has more than {most // 2**20} MB")
    claimed = request.headers.get("content-length", "")
    if claimed.isdecimal() and int(claimed) > most:
        raise too_large
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise too_large
            parts.append(part)
    except ClientDisconnect:
        raise HTTPException(400, "The request ended too early") from None
    return b"".join(parts)


ROUTES = [
    Route("/runs", everything, methods=["GET"]),
    Route("/runs/{run}", about, methods=["GET"]),
    Route("/runs/{run}/upload", upload, methods=["POST"]),
    Route("/runs/{run}/{operation}", operation, methods=["POST"]),
    WebSocketRoute("/ws", conversation),
]
