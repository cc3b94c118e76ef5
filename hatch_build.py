"""The README as PyPI shows it: its links lead into the repository, by the address in pyproject.toml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# A link or an image whose target is neither an address nor a place on the same page.
RELATIVE = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|#)([^)\s]+)\)")


class CustomMetadataHook(MetadataHookInterface):
    """Sets the readme, which pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": absolute(text, metadata["urls"]["Repository"].rstrip("/")),
        }


def absolute(text: str, repository: str) -> str:
    """Markdown whose links lead into a repository; pictures are its raw files.

    >>> absolute("![A map](docs/map.png) of [all](docs/a.md#b), [here](#c)", "https://a.b")
    '![A map](https://a.b/raw/HEAD/docs/map.png) of [all](https://a.b/blob/HEAD/docs/a.md#b), [here](#c)'
    """
    return RELATIVE.sub(
        lambda found: f"{found[1]}[{found[2]}]({repository}/{'raw' if found[1] else 'blob'}/HEAD/{found[3]})", text
    )
