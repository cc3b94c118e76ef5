"""The page in one file that needs no server: some runs' networks, a sample of their rows, and what runs them."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from aevum import storage
from aevum.errors import InputError
from aevum.server.page_networks import Networks, networks_of
from aevum.server.page_rows import contents_of, packed
from aevum.server.page_text import to_text
from aevum.server.subject import Run
from aevum.version import VERSION

FOLDER = Path(__file__).parent / "static" / "file"
# Nothing may be loaded, from wherever: the scripts are those that are written here. They may run WebAssembly where a
# network takes it: ONNX Runtime, or a large one's products.
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src '{style}'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
WEBASSEMBLY = "'wasm-unsafe-eval'"
OWN, ONNX = "own", "onnx"
# What the build of the page made for such files, and what of it a file has for ONNX Runtime.
PARTS = ("page.html", "start.js", "page.js", "page.css", "notices.txt")
RUNTIME = ("runtime.js", "runtime.txt", "runtime.wasm.gz")


@dataclass(frozen=True)
class Written:
    """A file of the page.

    Attributes:
        path: where it is.
        runtime: "own" where the page's own script runs the networks, "onnx" where ONNX Runtime does, of 4.5 MB.
        reason: why it is ONNX Runtime, in words; else None.
    """

    path: Path
    runtime: str
    reason: str | None


def page_file(runs: Sequence[Run], path: str | Path, *, rows: int | None = None, overwrite: bool = False) -> Path:
    """Write the page of some runs as one HTML file: the path of :func:`written_page`."""
    return written_page(runs, path, rows=rows, overwrite=overwrite).path


def written_page(
    runs: Sequence[Run], path: str | Path, *, rows: int | None = None, overwrite: bool = False, runtime: str = "auto"
) -> Written:
    """Write the page of some runs as one HTML file, which opens from disk and asks no network for anything.

    It holds each run's encoder and decoder, what runs them, and rows evenly drawn over the run's data. Networks of
    operators that the page computes itself need no runtime; their weights are rounded as far as that changes what they
    give by 5e-6 of its scale. Of others the file holds ONNX and ONNX Runtime. Scores in it are those at the posterior
    mean, told from what the two networks give.

    Args:
        runs: with distinct ids.
        path: the file.
        rows: how many rows of each run it shows; None for as many as take 1.2 MB, at most 20,000.
        overwrite: replace a file that is there.
        runtime: "auto", or "onnx" for ONNX Runtime in any case.

    Returns:
        The file, and what runs the networks in it.

    Raises:
        InputError: a model can't be translated to ONNX, a package for that is missing, or the file can't be written.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise InputError(f"{path} exists; pass overwrite=True to replace it, or choose another name")
    parts = _parts()
    networks = [networks_of(run, own=runtime != ONNX) for run in runs]
    reasons = [_reason(run, found, runs) for run, found in zip(runs, networks, strict=True) if found.reason]
    reason = "it was asked for" if runtime == ONNX else next(iter(reasons), None)
    blocks = {} if reason is None else {"runtime": parts["runtime.wasm.gz"]}
    for place, found in enumerate(networks):
        blocks |= {f"run-{place}-encoder": packed(found.encoder), f"run-{place}-decoder": packed(found.decoder)}
    abouts, messages = contents_of(runs, rows)
    blocks |= {f"run-{place}-rows": message for place, message in enumerate(messages)}
    catalogue = {"runs": abouts, "version": VERSION}
    text = {name: parts[name].decode("utf-8").replace("\r\n", "\n") for name in (*PARTS, *RUNTIME[:2])}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"can't write {path}: {error.strerror or error}") from error
    fast = any(found.fast for found in networks)
    storage.write_text(path, _page(text, catalogue, blocks, webassembly=fast or reason is not None))
    return Written(path, OWN if reason is None else ONNX, reason)


def _reason(run: Run, networks: Networks, runs: Sequence[Run]) -> str:
    return f"{networks.reason}" if len(runs) == 1 else f"of {run.id}, {networks.reason}"


# -------------------------------------------------------------------- the page around it all


def _parts() -> dict[str, bytes]:
    """What the build of the page made for such files.

    Raises:
        InputError: this copy of aevum lacks it.
    """
    try:
        return {name: (FOLDER / name).read_bytes() for name in (*PARTS, *RUNTIME)}
    except OSError as error:
        raise InputError(
            "this copy of aevum lacks the page's files, which come with every installed one; in a clone, build them: "
            "cd web && npm ci && npm run build"
        ) from error


def _page(
    text: Mapping[str, str], catalogue: Mapping[str, Any], blocks: Mapping[str, bytes], *, webassembly: bool = False
) -> str:
    """The page's text: what it says, what it carries, and a policy that allows its own scripts and style alone."""
    with_runtime = "runtime" in blocks
    # What would end the element, or begin a comment in it, is spelt in another way that means the same.
    start = text["start.js"].replace("</script", "<\\/script").replace("<!--", "<\\!--")
    scripts = [text[name] for name in (("runtime.js", "page.js") if with_runtime else ("page.js",))]
    allowed = [f"'{_hash(script)}'" for script in (start, *scripts)] + [WEBASSEMBLY] * webassembly
    policy = POLICY.format(scripts=" ".join(allowed), style=_hash(text["page.css"]))
    listed = json.dumps(catalogue, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    first = [_element("catalogue", listed, kind="application/json")]
    # Packed, since the page's script is a tenth of a small model's file.
    for place, script in enumerate(scripts):
        first.append(_element(f"script-{place}", to_text(packed(script.encode())), more=" data-packed"))
    # What the page can't draw itself without comes first: it starts while the rest is still read.
    urgent = sorted(blocks, key=lambda name: not name.endswith(("-decoder", "-rows")))
    rest = [_element(name, to_text(blocks[name])) for name in urgent]
    notices = text["notices.txt"].replace("{{runtime}}", text["runtime.txt"] if with_runtime else "")
    values = {
        "policy": html.escape(policy),
        "title": html.escape(", ".join(about["name"] for about in catalogue["runs"]) + " · aevum explore"),
        "style": text["page.css"],
        "first": "\n".join([f"<!--\n{notices}-->", *first]),
        "start": start,
        "rest": "\n".join(rest),
    }
    # At once, so that nothing is looked for in what was put in.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], text["page.html"])


def _element(name: str, data: str, *, kind: str = "text/plain", more: str = "") -> str:
    return f'<script type="{kind}" id="{name}"{more}>{data}</script>'


def _hash(text: str) -> str:
    """A script's or style's hash as a policy names it."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
