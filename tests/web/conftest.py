"""A real browser on a page that is served, or on a file; where there is no Chromium, these tests skip and say so."""

import pytest

from aevum import CVAE, VAE, open_data
from aevum.server import Explorer, explore


@pytest.fixture
def opened(browser, served, explored):
    """Open an address in a fresh profile; at the end nothing may have been said on the console.

    It needs ``served`` and ``explored`` so that pages close before their servers do.
    """
    contexts, complaints = [], []

    def call(address, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    call.complaints = complaints
    yield call
    for context in contexts:
        context.close()
    assert complaints == []


WRONG = """async (options) => {
  const { violations } = await axe.run(document, options);
  return violations.map((each) => [each.id, each.nodes[0].html]);
}"""


@pytest.fixture
def violations():
    """What axe finds wrong with a page as it is, and with ``dark`` also with its colours in the dark."""
    reason = "axe-playwright-python is not installed"
    base = pytest.importorskip("axe_playwright_python.base", reason=reason)

    def look(page, where="", **options):
        """All rules are asked; of the answer, which lists every part of the page, only what is wrong leaves it."""
        if not page.evaluate("'axe' in window"):
            page.evaluate(base.AXE_SCRIPT)
        found = page.evaluate(WRONG, {"resultTypes": ["violations"], **options})
        return [f"{where}: {id} {html[:120]}" for id, html in found]

    def call(page, where="", dark=False):
        page.wait_for_timeout(200)
        found = look(page, where)
        if dark:
            page.emulate_media(color_scheme="dark")
            page.wait_for_timeout(200)
            # The other rules do not look at colours, and take twice as long.
            found += look(page, f"{where} (dark)", runOnly=["color-contrast", "link-in-text-block"])
            page.emulate_media(color_scheme="light")
        return found

    return call


@pytest.fixture(scope="session")
def vae(digits):
    return VAE(latent_dim=2, hidden=32, epochs=15, beta=0.2, random_state=0).fit(digits)


@pytest.fixture(scope="session")
def cvae(digits):
    return CVAE(latent_dim=3, hidden=32, epochs=15, beta=0.2, random_state=0).fit(digits)


@pytest.fixture(scope="session")
def table():
    wine = open_data("wine")
    return VAE(latent_dim=3, hidden=16, epochs=30, random_state=0).fit(wine), wine


@pytest.fixture
def served():
    """Serve a model with its data, and stop at the end of the test."""
    handles = []

    def call(model, data=None, y=None):
        handles.append(explore(model, data, y, inline=False, open_browser=False))
        return handles[-1].url

    yield call
    for handle in handles:
        handle.close()


@pytest.fixture
def explored():
    """Serve some runs, and stop at the end of the test."""
    explorers = []

    def call(*runs):
        explorers.append(Explorer(runs).start())
        return explorers[-1].url

    call.last = lambda: explorers[-1]
    yield call
    for explorer in explorers:
        explorer.close()
