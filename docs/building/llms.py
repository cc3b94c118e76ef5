"""The site for programs that read text: llms.txt says what there is, llms-full.txt is all of it."""

from __future__ import annotations

import re
from pathlib import Path

ABOUT = "Auto-encoders and variational auto-encoders with scikit-learn's face, on PyTorch."
# The order of a reader; what is not named comes between the guide and the API.
FIRST = (
    *("index", "choosing", "learn/", "tutorials/", "faq", "glossary"),
    *("exploring", "page", "panels", "tours", "export", "http"),
)
LAST = ("api/", "project/", "project")


def rank(page: str) -> tuple[int, str]:
    """Where a page stands."""
    for number, start in enumerate(FIRST):
        if page == start or (start.endswith("/") and page.startswith(start)):
            return number, page
    return (len(FIRST) + 1 if page.startswith(LAST) else len(FIRST)), page


def titled(text: str) -> tuple[str, str]:
    """The title of a page of plain text and the first sentence after it."""
    lines = text.split("\n")
    title = next((line for line in lines if line.strip()), "")
    rest = re.sub(r"\s+", " ", " ".join(lines[lines.index(title) + 2 :] if title else []))
    found = re.match(r"\s*(.{20,300}?\.)(?:\s|$)", rest)
    return title.strip(), found[1] if found else ""


def write(texts: Path, site: Path) -> None:
    """Both files, from what Sphinx's builder of plain text wrote."""
    pages = sorted(
        (path.relative_to(texts).with_suffix("").as_posix() for path in texts.rglob("*.txt")),
        key=rank,
    )
    entries, whole = [], []
    for page in pages:
        text = (texts / f"{page}.txt").read_text(encoding="utf-8").strip()
        title, sentence = titled(text)
        entries.append(f"- [{title}](en/{page}.html)" + (f": {sentence}" if sentence else ""))
        whole.append(f"<!-- en/{page}.html -->\n\n{text}\n")
    head = f"# aevum\n\n> {ABOUT}\n\n"
    (site / "llms.txt").write_text(head + "\n".join(entries) + "\n", encoding="utf-8")
    (site / "llms-full.txt").write_text(head + "\n".join(whole), encoding="utf-8")
