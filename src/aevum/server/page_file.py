"""The page in one file that needs no server: some runs' models as ONNX, a sample of their rows, and what runs them."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from aevum import storage
from aevum.errors import InputError
from aevum.fitted.exporting import to_onnx
from aevum.server.page_rows import contents_of, packed
from aevum.server.subject import Run
from aevum.version import VERSION

FOLDER = Path(__file__).parent / "static" / "file"
# Nothing may be loaded, from wherever: the script is the one that is written here, and may run WebAssembly.
POLICY = (
    "default-src 'none'; script-src '{script}' 'wasm-unsafe-eval'; style-src '{style}'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


def page_file(runs: Sequence[Run], path: str | Path, *, rows: int | None = None, overwrite: bool = False) -> Path:
    """Write the page of some runs as one HTML file, which opens from disk and asks no network for anything.

    It holds each run's encoder and decoder as ONNX, the runtime for them, and rows evenly drawn over the run's data.
    Scores in it are those at the posterior mean, told from what the two networks give.

    Args:
        runs: with distinct ids.
        path: the file.
        rows: how many rows of each run it shows; None for as many as take 1.5 MB, at most 20,000.
        overwrite: replace a file that is there.

    Returns:
        The file.

    Raises:
        InputError: a model can't be translated to ONNX, a package for that is missing, or the file can't be written.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise InputError(f"{path} exists; pass overwrite=True to replace it, or choose another name")
    parts = _parts()
    blocks: dict[str, bytes] = {"runtime": parts.pop("runtime.wasm.gz")}
    for place, run in enumerate(runs):
        encoder, decoder = to_onnx(run.estimator.fitted_, type(run.estimator).__name__)
        blocks |= {f"run-{place}-encoder": packed(encoder), f"run-{place}-decoder": packed(decoder)}
    abouts, messages = contents_of(runs, rows)
    blocks |= {f"run-{place}-rows": message for place, message in enumerate(messages)}
    catalogue = {"runs": abouts, "version": VERSION}
    text = {name: data.decode("utf-8").replace("\r\n", "\n") for name, data in parts.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"can't write {path}: {error.strerror or error}") from error
    storage.write_text(path, _page(text, catalogue, blocks))
    return path


# -------------------------------------------------------------------- the page around it all


def _parts() -> dict[str, bytes]:
    """What the build of the page made for such files.

    Raises:
        InputError: this copy of aevum lacks it.
    """
    names = ("page.html", "page.js", "page.css", "notices.txt", "runtime.wasm.gz")
    try:
        return {name: (FOLDER / name).read_bytes() for name in names}
    except OSError as error:
        raise InputError(
            "this copy of aevum lacks the page's files, which come with every installed one; in a clone, build them: "
            "cd web && npm ci && npm run build"
        ) from error


def _page(text: Mapping[str, str], catalogue: Mapping[str, Any], blocks: Mapping[str, bytes]) -> str:
    """The page's text: what it says, what it carries, and a policy that allows its own script and style alone."""
    # What would end the element, or begin a comment in it, is spelt in another way that means the same.
    script = text["page.js"].replace("</script", "<\\/script").replace("<!--", "<\\!--")
    style = text["page.css"]
    policy = POLICY.format(script=_hash(script), style=_hash(style))
    listed = json.dumps(catalogue, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    carried = [("application/json", "catalogue", listed)]
    carried += [("text/plain", name, b64encode(data).decode()) for name, data in blocks.items()]
    elements = [f'<script type="{kind}" id="{name}">{data}</script>' for kind, name, data in carried]
    values = {
        "policy": html.escape(policy),
        "title": html.escape(", ".join(about["name"] for about in catalogue["runs"]) + " · aevum explore"),
        "style": style,
        "blocks": "\n".join([f"<!--\n{text['notices.txt']}-->", *elements]),
        "script": script,
    }
    # At once, so that nothing is looked for in what was put in.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], text["page.html"])


def _hash(text: str) -> str:
    """A script's or style's hash as a policy names it."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
