"""The page of a fitted model, over HTTP and WebSocket. starlette, uvicorn and websockets live in this room only."""

from aevum.server.explorer import Explorer, serve
from aevum.server.notebook import explore
from aevum.server.subject import Run, run_ids
from aevum.server.watching import Watch

__all__ = ["Explorer", "Run", "Watch", "explore", "run_ids", "serve"]
