"""What a translation lacks: each text has one, with the same formulas and the same code."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

# Formulas, code, substitutions and names of links' targets: what no language changes.
FIXED = re.compile(r":math:`[^`]+`|``[^`]+``|(?<![`:])`[^`<]+`(?!_)|\$[^$]+\$|:\w+:`(?:[^`<]*<)?([^`>]+)>?`")
# How long an example took differs from run to run, and is left as it is.
UNSTABLE = re.compile(r"\*\*Total running time")
# What sphinx-gallery writes below every example.
USUAL = {
    ":download:`Download Jupyter notebook: {0}.ipynb <{0}.ipynb>`": "",
}


def spans(text: str) -> Counter[str]:
    """The formulas and code of a text."""
    return Counter(found[0] for found in FIXED.finditer(text) if not found[0].startswith((":ref:", ":term:", ":doc:")))


def faults(template: Path, translation: Path) -> list[str]:
    """Texts of a page that its translation lacks, leaves in doubt, or says with other formulas or code."""
    with template.open("rb") as file:
        wanted = [message.id for message in read_po(file) if message.id and not UNSTABLE.search(message.id)]
    with translation.open("rb") as file:
        known = {message.id: message for message in read_po(file) if message.id}
    found = []
    for text in wanted:
        short = re.sub(r"\s+", " ", text)[:70]
        message = known.get(text)
        if message is None or not message.string:
            found.append(f"not translated: {short}")
        elif message.fuzzy:
            found.append(f"in doubt: {short}")
        elif spans(text) != spans(message.string):
            differing = (spans(text) - spans(message.string)) + (spans(message.string) - spans(text))
            found.append(f"other formulas or code ({', '.join(differing)}): {short}")
    return found


def incomplete(templates: Path, translations: Path) -> list[str]:
    """What is wrong with the translations that there are, a line each."""
    pages = sorted(path.relative_to(translations).with_suffix("") for path in translations.rglob("*.po"))
    return [
        f"{page}: {fault}"
        for page in pages
        for fault in faults(templates / page.with_suffix(".pot"), translations / page.with_suffix(".po"))
    ]


def update(templates: Path, translations: Path, more: list[str]) -> None:
    """Bring translations up to date with their pages, and begin those of more pages."""
    known = [path.relative_to(translations).with_suffix("").as_posix() for path in translations.rglob("*.po")]
    for page in sorted({*known, *more}):
        with (templates / f"{page}.pot").open("rb") as file:
            template = read_po(file)
        place = translations / f"{page}.po"
        catalog = Catalog(locale="zh_CN", fuzzy=False)
        if place.exists():
            with place.open("rb") as file:
                catalog = read_po(file, locale="zh_CN")
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalog.fuzzy = False
        for message in catalog:
            message.locations = []
            if not message.string and message.id in USUAL:
                message.string = USUAL[message.id]
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            write_po(file, catalog, width=0, omit_header=False, ignore_obsolete=True, sort_by_file=False)


def compiled(translations: Path, to: Path) -> None:
    """Translations as Sphinx reads them."""
    for path in sorted(translations.rglob("*.po")):
        place = (to / path.relative_to(translations)).with_suffix(".mo")
        place.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as file, place.open("wb") as made:
            write_mo(made, read_po(file, locale="zh_CN"))
