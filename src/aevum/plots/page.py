"""A run as one HTML file that opens anywhere: images inside, no script, no request to anyone."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from typing import Any

from aevum.evaluation.wording import text_of, title_of
from aevum.plots import words
from aevum.plots.panels import Panel
from aevum.plots.style import DPI
from aevum.plots.subject import Subject

Record = dict[str, Any]
STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1f2328; --soft: #57606a; --rule: #d8dee4; --card: #f6f8fa;
  --good: #1a7f37; --note: #0969da; --warning: #8a5a00; --bad: #b42318; --goodbg: #ecf8ef; --notebg: #eaf3fd;
  --warningbg: #fff6e0; --badbg: #fdeeec; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --ink: #e6e9ee; --soft: #9aa4b0; --rule: #30363d;
  --card: #1d2229; --good: #56d364; --note: #6cb6ff; --warning: #e3b341; --bad: #ff8a80; --goodbg: #12261a;
  --notebg: #13233a; --warningbg: #2b2412; --badbg: #331a18; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.75rem 0 .5rem; }
p { margin: .5rem 0; }
.lead { font-size: 1.08rem; color: var(--soft); margin-top: 0; }
.callout { border-left: 4px solid var(--tone); background: var(--back); border-radius: 6px; padding: .8rem 1rem;
  margin: 1.25rem 0; }
.callout strong { color: var(--tone); }
.callout p { margin: .15rem 0 0; }
.good { --tone: var(--good); --back: var(--goodbg); } .note { --tone: var(--note); --back: var(--notebg); }
.warning { --tone: var(--warning); --back: var(--warningbg); }
.bad { --tone: var(--bad); --back: var(--badbg); }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin: 1.25rem 0;
  padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: .7rem .9rem; }
.tiles b { display: block; font-size: 1.35rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: .85rem; line-height: 1.35; display: block; }
figure { margin: .75rem 0 0; }
.card { background: #fff; border: 1px solid var(--rule); border-radius: 8px; padding: .9rem; overflow-x: auto; }
.card img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
figcaption { color: var(--soft); font-size: .93rem; margin-bottom: .6rem; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .38rem .75rem .38rem 0; border-top: 1px solid var(--rule); }
th { font-weight: 500; color: var(--soft); width: 36%; }
td { font-variant-numeric: tabular-nums; }
code, pre { font: .88rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: .8rem 1rem; margin: .6rem 0;
  overflow-x: auto; white-space: pre; overflow-wrap: normal; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--soft);
  font-size: .85rem; }
@media (max-width: 40rem) { main { padding: 1.25rem 1rem 3rem; } h1 { font-size: 1.45rem; } .card { padding: .5rem; }
  .card img.wide { max-width: none; width: max(100%, 34rem); } .tiles { grid-template-columns: 1fr 1fr; } }
@media print { .card { break-inside: avoid; } main { max-width: none; padding: 0; } }
"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(subject: Subject, metrics: Record, panels: list[Panel], images: Mapping[str, bytes], folder: str) -> str:
    """The report as a whole HTML document; every word from the user is escaped."""
    title = f"{metrics['model']} of {subject.name}"
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="lead">{escape(words.headline(metrics))}</p>',
        *[callout(found.severity, title_of(found), text_of(found)) for found in words.verdicts(metrics)],
        *[callout("note", "Note", text) for text in words.warnings_of(metrics)],
        tiles(metrics),
        *[section(panel, images[panel.key]) for panel in panels],
        "<!-- evaluations -->",
        "<!-- /evaluations -->",
        "<h2>What to try next</h2>",
        "<p>In Python:</p>",
        f"<pre><code>{escape(words.python_lines(subject, metrics, folder))}</code></pre>",
        "<p>On the command line:</p>",
        f"<pre><code>{escape(words.shell_lines(subject, folder))}</code></pre>",
        "<h2>Numbers</h2>",
        table(measured(metrics)),
        f"<p>Losses and their parts are in {escape(metrics['units'])}.</p>",
        "<h2>Settings</h2>",
        table(settings(metrics)),
        footer(metrics),
    ]
    return document(title, body)


def document(title: str, body: list[str]) -> str:
    """A whole document around the body, which may show its own images and styles and nothing else."""
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        *body,
        "</main>",
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines)


def callout(kind: str, title: str, text: str) -> str:
    role = ' role="alert"' if kind == "bad" else ""
    return f'<div class="callout {kind}"{role}><strong>{escape(title)}</strong><p>{escape(text)}</p></div>'


def tiles(metrics: Record) -> str:
    """The few numbers that one looks for first."""
    which = "validation" if metrics["validation"] else "training"
    terms, latent, evaluated = metrics[which], metrics["latent"], metrics["evaluation"]
    entries = [(words.number(terms["loss"]), f"{which} loss, nats per example")]
    if latent["rate"] is not None:
        entries.append((words.number(terms["rate"]), f"{which} rate, nats per example"))
    entries += [
        (words.number(evaluated["mean_squared_error"]), "squared error per value, in squared units of the data"),
        (f"{latent['active_units']} / {len(latent['variance'])}", "active latent dimensions"),
        (words.number(metrics["weights"]), "weights"),
        (words.duration(metrics["seconds"]), "training time"),
    ]
    items = [f"<li><b>{escape(value)}</b><span>{escape(label)}</span></li>" for value, label in entries]
    return f'<ul class="tiles">{"".join(items)}</ul>'


def section(panel: Panel, png: bytes) -> str:
    width, height = (round(size * DPI / 2) for size in panel.figure.get_size_inches())
    source = base64.b64encode(png).decode()
    return (
        f"<section><h2>{escape(panel.title)}</h2><figure><figcaption>{escape(panel.caption)}</figcaption>"
        f'<div class="card"><img class="{"small" if panel.small else "wide"}" width="{width}" height="{height}" '
        f'alt="{escape(panel.alt)}" src="data:image/png;base64,{source}"></div></figure></section>'
    )


def measured(metrics: Record) -> list[tuple[str, str]]:
    rows = []
    for which in ("training", "validation"):
        if metrics[which]:
            # Without a rate the loss is the distortion: one number says it.
            terms = metrics[which] if metrics["latent"]["rate"] is not None else {"loss": metrics[which]["loss"]}
            found = " · ".join(f"{name} {words.number(value)}" for name, value in terms.items())
            rows.append((f"{which.capitalize()}, epoch {metrics['best_epoch']}", found))
    evaluated = metrics["evaluation"]
    found = f"distortion {words.number(evaluated['distortion'])}"
    if evaluated["elbo"] is not None:
        found += f" · rate {words.number(evaluated['rate'])} · ELBO {words.number(evaluated['elbo'])}"
    rows += [
        (f"Finished model, {evaluated['rows']:,} rows of {evaluated['of']}", found),
        ("Squared error of a reconstruction", f"{words.number(evaluated['squared_error'])} summed over an example, "
         f"{words.number(evaluated['mean_squared_error'])} per value"),
        ("Epochs", f"{metrics['epochs']:,}, the best being {metrics['best_epoch'] or '–'}"),
        ("Training time", words.duration(metrics["seconds"])),
    ]  # fmt: skip
    return [*beside_baselines(metrics), *rows]


def beside_baselines(metrics: Record) -> list[tuple[str, str]]:
    """How well data are given back beside the mean and PCA, how long it was trained, and the likelihood's σ."""
    figures, rows = metrics["figures"], []
    if figures["unexplained"] is not None:
        text = f"{words.percent(figures['unexplained'])}; the mean of the training rows leaves 100 %"
        if figures["pca_unexplained"] is not None:
            text += f", PCA of {figures['pca_components']} {words.percent(figures['pca_unexplained'])}"
        rows.append((f"Variance unexplained, {figures['judged_rows']:,} rows of {figures['judged_on']}", text))
    if metrics["sigma"] is not None:
        rows.append(("Spread of the likelihood", words.sigma_text(metrics["sigma"])))
    rows.append(("Steps of the optimizer", words.number(figures["steps"])))
    return rows


def settings(metrics: Record) -> list[tuple[str, str]]:
    network = metrics["network"]
    hidden = "" if network["hidden"] is None else f", hidden {network['hidden']}"
    rows = [
        ("Data", words.data_text(metrics)),
        ("Likelihood", f"{metrics['likelihood']['name']} ({metrics['likelihood']['reason']})"),
        ("Network", f"{network['name']}{hidden}; {metrics['weights']:,} weights"),
    ]
    return rows + words.parameters(metrics)


def table(rows: list[tuple[str, str]]) -> str:
    cells = [f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows]
    return f"<table>{''.join(cells)}</table>"


def footer(metrics: Record) -> str:
    versions = " · ".join(f"{name} {version}" for name, version in metrics["versions"].items())
    text = "Beside this file: model/ (the weights), metrics.json, history.jsonl, figures/ and model_card.md."
    return f"<footer><p>{escape(text)}</p><p>{escape(versions)}</p></footer>"
