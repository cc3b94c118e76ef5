"""A written run as a reader finds it: its files, its numbers, its page."""

import json
import re
from html.parser import HTMLParser

from PIL import Image

FILES = {"figures", "history.jsonl", "metrics.json", "model", "model_card.md", "report.html"}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


def checked(run):
    """The run's metrics and page, after a look at everything that each run must have."""
    assert {path.name for path in run.iterdir()} == FILES
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    text = (run / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    figures = sorted(path.name for path in (run / "figures").iterdir())
    images = page.all("img")
    assert len(images) == len(figures) >= 4
    assert all(image["alt"] and image["src"].startswith("data:image/png;base64,") for image in images)
    assert not re.search(r"https?://|//\w|@import|url\(", re.sub(r"base64,[\w+/=]+", "", text))
    assert not page.all("script") and not page.all("link")
    policy = next(meta for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'")
    for name in figures:
        Image.open(run / "figures" / name).verify()
    lines = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == list(range(1, len(lines) + 1))
    assert "aevum.load(" in (run / "model_card.md").read_text(encoding="utf-8")
    return metrics, page, figures
