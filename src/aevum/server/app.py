"""The addresses: which of them asks for what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from aevum.exploration.steps import Result, Steps
from aevum.server.access import SUBPROTOCOL, Access, subprotocols
from aevum.server.connections import LIMITS, Limits
from aevum.server.exchange import FULL, Exchange, error_json
from aevum.server.openapi import ADDRESSES, API, JSON, MOST_BODY
from aevum.server.pages import FOLDER, pages
from aevum.server.safety import Safety
from aevum.server.uploads import MOST_BYTES
from aevum.server.worker import EndedError, Worker

MOST_MESSAGE = 64 * 2**20
# Messages of one page that are taken in while one is worked on: the page may be closed meanwhile, which is told last.
MOST_WAITING = 8
# Bytes of a request that are read at once, in less time than it takes to hand them on.
SMALL = 2**16
# Nobody reads it.
GONE = 499


def create_app(
    exchange: Exchange, access: Access, worker: Worker, folder: Path = FOLDER, limits: Limits = LIMITS
) -> ASGIApp:
    """The whole server as an ASGI application.

    Args:
        exchange: what it answers.
        access: who may ask.
        worker: where models are called.
        folder: of the page's files.
        limits: how long a request's body is waited for.
    """
    app = Starlette(
        routes=[Mount(API, routes=ROUTES), Mount("/", pages(folder))],
        exception_handlers={HTTPException: refused, EndedError: ended},
    )
    app.state.exchange, app.state.worker, app.state.limits, app.state.access = exchange, worker, limits, access
    return Safety(app, access)


async def openapi(request: Request) -> Response:
    return await _worked(request, request.app.state.exchange.openapi(request.app.state.access.cookie))


async def everything(request: Request) -> Response:
    return await _worked(request, request.app.state.exchange.everything())


async def about(request: Request) -> Response:
    return await _worked(request, request.app.state.exchange.about(request.path_params["run"]))


async def operation(request: Request) -> Response:
    names = request.path_params
    body, exchange = await _body(request, MOST_BODY), request.app.state.exchange
    job = await _read(request.app.state.worker, len(body), exchange.json, names["run"], names["operation"], body)
    return await _worked(request, job)


async def upload(request: Request) -> Response:
    body, exchange, worker = await _body(request, MOST_BYTES), request.app.state.exchange, request.app.state.worker
    return await _unless_gone(request, worker.aside(exchange.upload, request.path_params["run"], body))


async def conversation(socket: WebSocket) -> None:
    """Messages and their answers, one after the other."""
    offered = subprotocols(socket.headers)
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
    with suppress(WebSocketDisconnect, EndedError):  # the page was closed before its answer was there, or the server
        await _while(_received(socket, waiting), _answered(socket, waiting))


async def _received(socket: WebSocket, waiting: asyncio.Queue[bytes]) -> None:
    """Takes in messages until the page is closed."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        await waiting.put(message.get("bytes") or b"")


async def _answered(socket: WebSocket, waiting: asyncio.Queue[bytes]) -> None:
    exchange, worker = socket.app.state.exchange, socket.app.state.worker
    while True:
        message = await waiting.get()
        job = await _read(worker, len(message), exchange.message, message)
        await socket.send_bytes(await worker.work(job))


async def _read(worker: Worker, size: int, read: Callable[..., Steps[Result]], *given: object) -> Steps[Result]:
    """The work that a request asks for; a large one is read where nobody waits for it."""
    return read(*given) if size <= SMALL else await worker.aside(read, *given)


async def _worked(request: Request, job: Steps[tuple[int, bytes]]) -> Response:
    """The answer to a request once it is worked out."""
    return await _unless_gone(request, request.app.state.worker.work(job))


async def _unless_gone(request: Request, work: Coroutine[Any, Any, tuple[int, bytes]]) -> Response:
    """The answer to a request; for nobody where its sender has gone meanwhile."""
    found = await _while(_gone(request), work)
    return Response(status_code=GONE) if found is None else Response(found[1], found[0], media_type=JSON)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _while(open: Coroutine[Any, Any, None], work: Coroutine[Any, Any, Result]) -> Result | None:
    """The result of work, which goes on only while somebody is there; None where nobody is any more."""
    tasks = presence, result = asyncio.ensure_future(open), asyncio.ensure_future(work)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if result.done():
            return result.result()
        return presence.result()
    finally:
        for task in tasks:
            task.cancel()


async def refused(request: Request, error: Exception) -> Response:
    """An address that leads nowhere, or a method that it does not know."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    if path.startswith(API):
        where = f": {request.method} {path}" if error.status_code in (404, 405) else ""
        return Response(error_json(f"{error.detail}{where}"), error.status_code, error.headers, JSON)
    return PlainTextResponse(error.detail, error.status_code, error.headers)


async def ended(request: Request, error: Exception) -> Response:
    """What was still to be worked out when the server ended."""
    return Response(error_json("aevum explore was ended"), FULL, media_type=JSON)


async def _body(request: Request, most: int) -> bytes:
    """The request's body; one that is too large is not read to its end."""
    too_large = HTTPException(413, f"this has more than {most // 2**20} MB; make it smaller")
    claimed = request.headers.get("content-length", "")
    if claimed.isdecimal() and int(claimed) > most:
        raise too_large
    parts, size, limits, now = [], 0, request.app.state.limits, asyncio.get_running_loop().time
    latest = now() + limits.whole_body
    try:
        # One clock, which is set again for each part.
        async with asyncio.timeout(limits.body) as clock:
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise too_large
                parts.append(part)
                clock.reschedule(min(latest, now() + limits.body))
    except TimeoutError:
        raise HTTPException(408, "The request's body did not come in time", {"connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400, "The request ended too early") from None
    return b"".join(parts)


ENDPOINTS = {each.__name__: each for each in (openapi, everything, about, upload, operation)}
# What is asked, how, and what is answered, is said where the server's description is made of it.
ROUTES = [
    *(Route(each.path, ENDPOINTS[each.name], methods=[each.method]) for each in ADDRESSES),
    WebSocketRoute("/ws", conversation),
]
