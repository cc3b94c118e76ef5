"""Fitted models for programs that speak the Model Context Protocol, over standard input and output.

Only this module imports the protocol's SDK, the extra ``mcp``.
"""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Sequence
from typing import Any

import anyio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.types import CallToolResult, ImageContent, ListToolsResult, TextContent, Tool, ToolAnnotations
from PIL import Image

from aevum.exploration.limits import value_limits
from aevum.networks.pictures import as_pictures, montage, scaled_to
from aevum.server import tools
from aevum.server.exchange import as_json, explained
from aevum.server.subject import Run
from aevum.server.worker import Worker
from aevum.version import VERSION

# Of the one image of an answer: pixels a side, and of each picture in it; pictures in it, and beside each other.
MOST_PIXELS, LARGEST, MOST_PICTURES, ACROSS, GAP = 768, 160, 1600, 12, 2
MOST_TEXT = 4000
HOW = """
Fitted latent-variable models, to be looked at and never changed. Begin with about: it gives the shape of an example
(event), how many latents a code has, the classes or quantities that a model is conditioned on, and how many rows it is
shown with. Rows are named by number, from 0: rows gives their values, codes their codes. decode turns codes into
examples; encode, examples into codes. score tells how unusual examples are, in nats: higher is more unusual.
""".strip()
READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


def serve(runs: Sequence[Run]) -> None:
    """Answer on standard output what is asked on standard input, until that ends.

    Args:
        runs: with distinct ids.
    """
    worker = Worker()
    try:
        anyio.run(_served, server(runs, worker))
    finally:
        worker.close()


async def _served(asked: Server[Any]) -> None:
    async with stdio_server() as (reading, writing):
        await asked.run(reading, writing, asked.create_initialization_options())


def server(runs: Sequence[Run], worker: Worker) -> Server[Any]:
    """A server of some runs for any of the protocol's transports."""
    known = {run.id: run for run in runs}

    async def listed(context: Any, asked: Any) -> ListToolsResult:
        return ListToolsResult(tools=[_described(each) for each in tools.tools(runs)])

    async def called(context: Any, asked: Any) -> CallToolResult:
        try:
            found = await worker.work(tools.call(known, asked.name, asked.arguments or {}))
            return await worker.aside(_answered, found)
        except Exception as error:
            return CallToolResult(content=[TextContent(type="text", text=explained(error)[1])], is_error=True)

    return Server("aevum", version=VERSION, instructions=HOW, on_list_tools=listed, on_call_tool=called)


def _described(tool: tools.Tool) -> Tool:
    return Tool(
        name=tool.name,
        description=tool.says,
        input_schema=tool.takes,
        output_schema=tool.gives,
        annotations=READ_ONLY,
    )


def _answered(result: tools.Result) -> CallToolResult:
    """Numbers for programs, a short text, and one image where the data are pictures."""
    structured = json.loads(as_json(result.answer))
    arrays = result.answer.arrays
    seen = {name for name in arrays if result.pictures is not None and result.operation.arrays[name].examples}
    text = json.dumps(
        _rounded({name: each for name, each in structured.items() if name not in seen}), ensure_ascii=False
    )
    if len(text) > MOST_TEXT:
        seen, text = {*structured}, "{}"
    sizes = [f"{name}: {'×'.join(map(str, arrays[name].shape)) if name in arrays else '…'}" for name in sorted(seen)]
    said = [text] * (text != "{}") + ([f"In the structured content: {', '.join(sizes)}."] if sizes else [])
    content: list[TextContent | ImageContent] = []
    if result.pictures is not None:
        shown, image = _sheet(result.run, result.pictures)
        content.append(ImageContent(type="image", data=image, mime_type="image/png"))
        said.append(f"The image shows {result.shown}: {shown}.")
    if result.left_out:
        said.append(f"{', '.join(result.left_out)}: too many numbers for one answer, and left to the image.")
    return CallToolResult(
        content=[TextContent(type="text", text=" ".join(said)), *content], structured_content=structured
    )


def _rounded(value: Any) -> Any:
    """Nested values with four digits of each number."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _sheet(run: Run, x: Any) -> tuple[str, str]:
    """What an image of some examples shows, in words, and its PNG in base64."""
    before = x.shape[: x.ndim - len(run.event)]
    count = math.prod(before)
    columns = before[1] if len(before) == 2 else max(min(count, ACROSS), math.isqrt(max(count - 1, 0)) + 1)
    columns = min(columns, MOST_PICTURES)
    some = x.reshape(-1, *run.event)[: MOST_PICTURES // columns * columns]
    pictures = scaled_to(as_pictures(some, value_limits(run.estimator)), columns, MOST_PIXELS - GAP * columns, LARGEST)
    image = Image.fromarray(montage(pictures, columns, GAP))
    image.thumbnail((MOST_PIXELS, MOST_PIXELS), Image.Resampling.BOX)
    stream = io.BytesIO()
    image.save(stream, format="PNG", optimize=True)
    words = f"{len(some):,} of {count:,} pictures" if len(some) < count else f"{count:,} picture{'s' * (count != 1)}"
    return f"{words}, {columns} to a row", base64.b64encode(stream.getvalue()).decode("ascii")
