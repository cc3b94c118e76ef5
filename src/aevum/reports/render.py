"""The templates of pages and cards: what stands in them by itself is markup, and what is put into them never is."""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from aevum.evaluation.wording import text_of, title_of


def rendered(template: str, **values: Any) -> str:
    """A template of this room, filled in: ``.html`` with everything escaped for HTML, ``.md`` for Markdown."""
    return _templates(template.endswith(".md")).get_template(template).render(values)


def inline(text: object) -> str:
    """A user's words in Markdown: one line, no HTML, no marks that start something.

    >>> inline("a_b\\n<i>")
    'a\\\\_b &lt;i&gt;'
    """
    line = escape(" ".join(str(text).split()), quote=False)
    return "".join("\\" + c if c in "\\`*_[]|#" else c for c in line)


@cache
def _templates(markdown: bool) -> Environment:
    """Markdown has no escaping of Jinja's own, so each value goes through :func:`inline`, unless it is marked safe."""
    found = Environment(
        loader=PackageLoader("aevum.reports"),
        autoescape=not markdown,
        finalize=_in_markdown if markdown else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {"base64": _base64, "text_of": text_of, "title_of": title_of}
    return found


def _in_markdown(value: object) -> object:
    return value if hasattr(value, "__html__") else inline(value)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
