"""The page's files, as its build left them beside this one."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path, PurePath

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

FOLDER = Path(__file__).parent / "static"
# Said here, because what a machine's own list of types says of these decides whether browsers run them.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# What exported files are made of; no page by itself.
PIECES = "file"
NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>aevum explore</title>
<h1>The page is not built</h1>
<p>The server runs, and answers under <code>/api/runs</code>, but this copy of aevum lacks the page's files.
They come with every installed aevum. In a clone, build them:
<pre>cd web
npm ci
npm run build</pre>
</html>
"""


class Pages(StaticFiles):
    """Files of a folder, with the right types; browsers keep them, and ask each time whether their hash is the same."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # files are not spoken with
            await WebSocketClose()(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if PurePath(path).parts[:1] == (PIECES,):
            raise HTTPException(404)
        try:
            return await super().get_response(path, scope)
        except ValueError:  # a name that no file can have
            raise HTTPException(404) from None

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path = os.fspath(full_path)
        headers = {"etag": f'"{content_hash(path, stat_result.st_mtime_ns)}"', "cache-control": "no-cache"}
        kind = TYPES.get(PurePath(path).suffix.lower())
        answer = FileResponse(path, status_code, headers, kind, stat_result=stat_result)
        if self.is_not_modified(answer.headers, Headers(scope=scope)):
            return NotModifiedResponse(answer.headers)
        return answer


@lru_cache(maxsize=64)
def content_hash(path: str, changed: int) -> str:
    """The hash of a file's content, found once for each time that it was changed."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:32]


def pages(folder: Path = FOLDER) -> Pages | HTMLResponse:
    """The page's files as an app, or where they are missing a page that says so."""
    if not (folder / "index.html").is_file():
        return HTMLResponse(NOT_BUILT, 503)
    return Pages(directory=folder, html=True)
