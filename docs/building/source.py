"""The site's source: the pages as GitHub shows them, gathered in one folder, their links led to each other there.

A page of `docs/` keeps links that GitHub follows: to files above `docs/`, to a chapter's Python file, to a folder. Here
each becomes the page that the site has in its place. Where a language has only some of the pages, the others are linked
in English.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Where the site lies at its host, with a slash at the end: the menu of versions leads there.
ADDRESS = os.environ.get("AEVUM_DOCS_ROOT", "/")
# Where on the site the files stand that lie elsewhere in the repository.
MOVED = {
    "benchmarks/README.md": "project/benchmarks.md",
    "CHANGELOG.md": "project/changelog.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "tests/mutation/survivors.md": "project/survivors.md",
    "requirements/LICENCES.md": "project/licences.md",
    "README.md": "index.md",
}
PICTURES = {"docs/images": "images", "benchmarks/images": "images/benchmarks"}
GALLERIES = ("learn", "tutorials")
# A page that has a translation there is part of the Chinese site; the others are linked in English.
LOCALE = ROOT / "docs" / "locale"
LINK = re.compile(r"(?<=\]\()([^)\s#]*)(#[^)\s]*)?(?=\))")


def pages() -> dict[str, str]:
    """The files of the repository that are pages, and what they are called in the source."""
    here = {f"docs/{path.name}": path.name for path in (ROOT / "docs").glob("*.md")}
    rooms = {
        f"docs/{folder}/{path.name}": f"{folder}/{path.name}"
        for folder in ("models", "api")
        for path in written(folder)
    }
    return {**here, **rooms, **{file: page for file, page in MOVED.items() if file != "README.md"}}


def written(folder: str) -> list[Path]:
    return [path for path in sorted((ROOT / "docs" / folder).glob("*")) if path.suffix in (".md", ".rst")]


def site_path(file: str) -> str | None:
    """Where the site has what a file or folder of the repository is; None where it has nothing."""
    if file in MOVED:
        return MOVED[file]
    for folder, place in PICTURES.items():
        if file.startswith(folder + "/"):
            return place + file.removeprefix(folder)
    parts = file.removeprefix("docs/").split("/")
    if not file.startswith("docs/"):
        return None
    if parts[0] in GALLERIES:
        return "/".join([parts[0], Path(parts[1]).stem + ".rst" if len(parts) > 1 and parts[1] else "index.rst"])
    return "/".join(parts) if (ROOT / file).is_file() else None


def linked(text: str, file: str) -> str:
    """The text of a page with its links as the site has them: from the source's root."""

    def place(target: str, anchor: str) -> str:
        if not target or re.match(r"[a-z]+:", target):
            return target + anchor
        there = site_path(posixpath.normpath(posixpath.join(posixpath.dirname(file), target)))
        if there is None:
            raise ValueError(f"{file} links to {target}, which the site has no page for")
        return f"/{there}{anchor}"

    text = LINK.sub(lambda found: place(found[1], found[2] or ""), text)
    return re.sub(r"^:link: (\S+)$", lambda found: card(place(found[1], "")), text, flags=re.MULTILINE)


def abroad(text: str, page: str, only: Iterable[str]) -> str:
    """A text of a page, such links led to the English site where the language lacks their page."""
    up = posixpath.relpath("../en", posixpath.dirname(page) or ".")

    def place(there: str, anchor: str) -> str:
        if there.startswith("images/") or there in only:
            return f"/{there}{anchor}"
        return f"english:{up}/{posixpath.splitext(there)[0]}.html{anchor}"

    text = re.sub(r"(?<=\]\()/([^)\s#]+)(#[^)\s]*)?(?=\))", lambda found: place(found[1], found[2] or ""), text)
    kept = {posixpath.splitext(each)[0] for each in only}
    cards = re.compile(r"^:link: /(\S+)\n:link-type: doc$", re.MULTILINE)
    return cards.sub(lambda found: found[0] if found[1] in kept else f":link: {up}/{found[1]}.html", text)


def card(place: str) -> str:
    """The options of a card that leads to a page of the site."""
    return f":link: {posixpath.splitext(place)[0]}\n:link-type: doc" if place.startswith("/") else f":link: {place}"


def trees(text: str, only: Iterable[str]) -> str:
    """Tables of contents without the pages that a language lacks."""
    kept = {posixpath.splitext(page)[0] for page in only}

    def entries(found: re.Match[str]) -> str:
        lines = found[0].split("\n")
        return "\n".join(line for line in lines if line[:1] in ("`", ":", "") or line in kept)

    return re.sub(r"^```\{toctree\}\n.*?^```$", entries, text, flags=re.MULTILINE | re.DOTALL)


def put(text: str, to: Path) -> None:
    """Write what has changed only: Sphinx reads anew what is newer than its last build."""
    to.parent.mkdir(parents=True, exist_ok=True)
    if not to.exists() or to.read_text(encoding="utf-8") != text:
        to.write_text(text, encoding="utf-8")


def all_pages() -> list[str]:
    """The site's pages."""
    chapters = [f"{gallery}/{path.stem}.rst" for gallery in GALLERIES for path in written_in(gallery)]
    return [*pages().values(), *chapters, *(f"{gallery}/index.rst" for gallery in GALLERIES)]


def written_in(gallery: str) -> list[Path]:
    return sorted((ROOT / "docs" / gallery).glob("plot_*.py"))


def translated(language: str) -> set[str]:
    """The pages, without their endings, that have a translation."""
    folder = LOCALE / language / "LC_MESSAGES"
    return {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.po")}


def kept(language: str) -> list[str]:
    """The pages that a language has."""
    there = translated(language)
    return [page for page in all_pages() if language == "en" or posixpath.splitext(page)[0] in there]


def gather(to: Path, language: str) -> None:
    """Write the source of one language's site."""
    only = set(kept(language))
    for file, page in pages().items():
        if page in only:
            text = linked((ROOT / file).read_text(encoding="utf-8"), file)
            put(text if language == "en" else trees(abroad(text, page, only), only), to / page)
    for folder, place in PICTURES.items():
        shutil.copytree(ROOT / folder, to / place, dirs_exist_ok=True, copy_function=shutil.copy2)
    for old in to.rglob("*.md"):
        if old.relative_to(to).as_posix() not in only:
            old.unlink()
    if language != "en" and any(page.startswith("learn/") for page in only):
        gallery(to.parent / "en" / "learn", to / "learn", only)


def gallery(made: Path, to: Path, only: Iterable[str]) -> None:
    """The chapters that a language has, as their examples left them in English: nothing is executed again."""
    shutil.copytree(made, to, dirs_exist_ok=True)
    for page in [path for path in to.glob("*.rst") if f"learn/{path.name}" not in only]:
        page.unlink()
