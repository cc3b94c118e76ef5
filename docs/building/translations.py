"""What a translation lacks: each text has one, with the same formulas and the same code."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from building import source

# A translation's file says what is translated, and not when.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

# What no language changes: formulas, code, and where roles and links lead.
ROLE = re.compile(r"(?::\w+:|\{\w+\})`([^`]+)`")
CODE = re.compile(r"``([^`]+)``|`([^`]+)`(?!_)")
FORMULA = re.compile(r"\$([^$]+)\$")
LINK = re.compile(r"\]\(([^)]+)\)")
# How long an example took differs from run to run, and is left as it is.
UNSTABLE = re.compile(r"\*\*Total running time")
# What sphinx-gallery writes on every page of an example.
USUAL = [
    (r":doc:`[^`]+`", "{0}"),
    (r":download:`Download Jupyter notebook: (.*)`", ":download:`下载 Jupyter 笔记本：{1}`"),
    (r":download:`Download Python source code: (.*)`", ":download:`下载 Python 源代码：{1}`"),
    (r":download:`Download zipped: (.*)`", ":download:`下载压缩包：{1}`"),
    (r":ref:`Go to the end <(.*)>` to download the full example code\.", ":ref:`转到页末 <{1}>` 下载完整的示例代码。"),
]
# What the theme and the examples' sidebar say through a catalogue that lacks it.
THEME = {
    "Breadcrumb": "当前位置",
    "Collapse Sidebar": "收起侧栏",
    "Color mode": "颜色模式",
    "Download Jupyter notebook": "下载 Jupyter 笔记本",
    "Download source code": "下载源代码",
    "Download zipped": "下载压缩包",
    "Expand Sidebar": "展开侧栏",
    "System Settings": "跟随系统",
    "© Copyright %(copyright)s.": "© %(copyright)s。",
}
# What pages say through none.
LEFT = [
    (
        r"<strong>Total running time of the script:</strong> \((\d+) minutes ([\d.]+) seconds\)",
        r"<strong>脚本运行用时：</strong>\1 分 \2 秒",
    ),
    (r'aria-label="Version switcher list"', 'aria-label="版本列表"'),
    (r"\bChoose version\b", "选择版本"),
    # A card that leads to the English site is named as it is titled, and not as its address.
    (
        r'(class="sd-card-title[^>]*>\s*([^<]+?)\s*</div>(?:(?!sd-card-title).)*?<a class="sd-stretched-link[^>]*>'
        r"<span>)\.\./[^<]*",
        r"\1\2",
    ),
]


def said(page: str) -> str:
    """A page of HTML without English that is left."""
    for pattern, words in LEFT:
        page = re.sub(pattern, words, page, flags=re.DOTALL)
    return page


def spans(text: str) -> Counter[str]:
    """The formulas, code and targets of a text."""
    found: Counter[str] = Counter()

    def target(role: re.Match[str]) -> str:
        inside = re.fullmatch(r".*<([^>]+)>", role[1], re.DOTALL)
        found[inside[1] if inside else role[1]] += 1
        return " "

    text = ROLE.sub(target, text)
    for pattern in (LINK, CODE, FORMULA):
        found.update(next(filter(None, each.groups())) for each in pattern.finditer(text))
        text = pattern.sub(" ", text)
    return found


def is_formula(text: str) -> bool:
    """Whether a text is a displayed formula, which no language changes."""
    return "`" not in text and re.search(r"\\[a-zA-Z]+", text) is not None


def usual(text: str) -> str:
    """The translation of a formula, and of what stands on every page; nothing for the rest."""
    if is_formula(text):
        return text
    for pattern, words in USUAL:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return words.format(found[0], *found.groups())
    return ""


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
        elif is_formula(text) and text != message.string:
            found.append(f"another formula: {short}")
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
        catalog.fuzzy, catalog.header_comment = False, ""
        catalog.project, catalog.version, catalog.creation_date, catalog.revision_date = "aevum", "", EPOCH, EPOCH
        catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
        for message in catalog:
            message.locations = []
            if message.id and not message.string:
                message.string = usual(str(message.id))
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            write_po(file, catalog, width=0, omit_header=False, ignore_obsolete=True, sort_by_file=False)


def compiled(translations: Path, to: Path, language: str) -> None:
    """Translations as Sphinx reads them, their links led to the pages that the language has."""
    only = set(source.kept(language))
    for path in sorted(translations.rglob("*.po")):
        page = path.relative_to(translations).with_suffix("").as_posix()
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        led = Catalog(locale=language)
        for message in catalog:
            if message.id:
                led.add(source.abroad(str(message.id), page, only), source.abroad(str(message.string), page, only))
        _write(led, to / language / "LC_MESSAGES" / f"{page}.mo")
    theme = Catalog(locale=language)
    for text, words in THEME.items():
        theme.add(text, words)
    _write(theme, to / language / "LC_MESSAGES" / "sphinx.mo")


def _write(catalog: Catalog, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as file:
        write_mo(file, catalog)


def titled(text: str, translations: Path) -> str:
    """A gallery's page with the titles of its examples as their translations have them."""

    def title(found: re.Match[str]) -> str:
        with (translations / f"{found[1]}.po").open("rb") as file:
            first = next(each for each in read_po(file) if each.id and not usual(str(each.id)))
        return found[0].removesuffix(f"{found[2]}</div>") + html.escape(str(first.string)) + "</div>"

    text = re.sub(r' tooltip="[^"]*"', "", text)
    pattern = r':doc:`/([\w/]+)`(?:(?!:doc:).)*?<div class="sphx-glr-thumbnail-title">(.*?)</div>'
    return re.sub(pattern, title, text, flags=re.DOTALL)
