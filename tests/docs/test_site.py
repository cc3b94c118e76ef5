"""The built site in a real browser: what `make docs` left in build/site; where it wasn't run, these tests skip."""

from __future__ import annotations

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "build" / "site"
PHONE, PROJECTOR = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
CHAPTERS = sorted((SITE / "en" / "learn").glob("plot_*.html"))
PAGES = [
    "en/index.html",
    "en/learn/index.html",
    "en/learn/plot_6_evidence.html",
    "en/choosing.html",
    "en/glossary.html",
    "en/api/generated/aevum.VAE.html",
    "zh/index.html",
    "zh/glossary.html",
]

pytestmark = pytest.mark.skipif(not (SITE / "zh" / "index.html").exists(), reason="the site is not built: make docs")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """A server that says nothing."""


@pytest.fixture(scope="module")
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(browser, address):
    """Open a page of the site; it may ask nothing of the network but this server, and complain of nothing."""
    contexts, complaints = [], []
    own = (f"{address}/", "data:", "blob:")

    def call(path, **options):
        context = browser.new_context(**{"viewport": PROJECTOR, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(own) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        page.goto(f"{address}/{path}")
        page.wait_for_load_state("networkidle")
        return page

    yield call
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def axe():
    reason = "axe-playwright-python is not installed"
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason=reason).Axe()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_for_axe_to_find(opened, axe, path, scheme):
    page = opened(path, color_scheme=scheme)
    page.wait_for_timeout(400)
    found = axe.run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    assert [f"{each['id']} {each['nodes'][0]['html'][:160]}" for each in found] == []


@pytest.mark.parametrize("path", [*PAGES, "en/project/benchmarks.html", "en/tutorials/plot_missing_cells.html"])
def test_a_page_fits_a_phone(opened, path):
    page = opened(path, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("path", [f"en/learn/{page.name}" for page in CHAPTERS])
def test_formulas_are_set_and_pictures_are_there(opened, path):
    page = opened(path)
    page.wait_for_selector("mjx-container")
    assert page.locator("mjx-container").count() == page.locator(".math").count() > 0
    assert page.locator("mjx-merror, .math mjx-utext[variant=error]").count() == 0
    page.evaluate("document.querySelectorAll('img').forEach(each => each.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.images].every(each => each.naturalWidth > 0)")


def test_the_search_finds_without_a_network(opened):
    page = opened("en/search.html?q=reparameterization")
    page.wait_for_selector("#search-results li a")
    assert any("learn/plot_3_noise" in (each.get_attribute("href") or "") for each in page.locator("li a").all())


def test_the_other_language_is_one_click_away(opened):
    page = opened("en/glossary.html")
    page.locator("a.language").locator("visible=true").click()
    page.wait_for_url("**/zh/glossary.html")
    assert page.locator("html").get_attribute("lang").startswith("zh") and "先验" in page.inner_text("article")
    page.locator("a.language").locator("visible=true").click()
    page.wait_for_url("**/en/glossary.html")
    page.goto(page.url.replace("glossary", "choosing"))
    page.locator("a.language").locator("visible=true").click()
    page.wait_for_url("**/zh/index.html")


def test_the_way_in_leads_to_the_reader_s_language(opened):
    opened("index.html", locale="zh-CN").wait_for_url("**/zh/index.html")
    opened("index.html", locale="fr-FR").wait_for_url("**/en/index.html")


def test_each_link_within_the_site_leads_somewhere():
    links = {
        (page, target)
        for page in SITE.rglob("*.html")
        if "_static" not in page.parts
        for target in re.findall(r'(?:href|src)="([^"#?:]+)["#?]', page.read_text(encoding="utf-8"))
    }
    lost = [(page, target) for page, target in links if not (page.parent / target).exists()]
    assert [f"{page.relative_to(SITE)} links to {target}" for page, target in lost] == []
