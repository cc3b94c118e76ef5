"""The page of a fitted model, over HTTP and WebSocket. starlette, uvicorn and websockets live in this room only."""

from aevum.server.explorer import Explorer, ports_for, serve
from aevum.server.notebook import explore
from aevum.server.subject import Run, run_ids
from aevum.server.watching import Watch

__all__ = ["Explorer", "Run", "Watch", "explore", "ports_for", "run_ids", "serve"]
