"""The page docs/scoreboard.md, made of the records."""

from __future__ import annotations

from aevum.protocols.records import PROTOCOLS, Protocol, figure

HEAD = """
# The field's scoreboard

Published experiments, run again: what the paper reports, and what this library gives by the same protocol. Less is
better in every line; when and on which machine a line was measured stands [below](#sources-and-differences).
`aevum reproduce` lists them, `aevum reproduce mnist-vae` runs one and prints its figure beside the paper's, and
`--quick` tries in seconds whether it would run (that is no reproduction). Nothing is downloaded: `--data-dir` names the
folder of the data.

This page is made of the records that the command runs by (`make scoreboard`), and a test holds it in step with them.
What else was measured, and how, is in the [benchmarks](../benchmarks/README.md).
""".strip()
TAIL = """
## What is not here

A figure stands here only where somebody published one of the same protocol on the same data. So scores of
disentanglement on sprites, glasses put on Olivetti faces, learned priors on small tables, tables and counts beside
other libraries, and anomalies on eight sets of ADBench are in the [benchmarks](../benchmarks/README.md) alone. Of all
but the gaps one seed is measured.
""".strip()


def scoreboard() -> str:
    """The page, in Markdown."""
    rows = [
        "| protocol | measure | published | ours | minutes |",
        "| --- | --- | --: | --: | --: |",
        *map(_row, PROTOCOLS.values()),
    ]
    losses = [f"- **`{each.name}`**: {each.loses}" for each in PROTOCOLS.values() if each.loses]
    sources = [_source(each) for each in PROTOCOLS.values()]
    parts = [
        HEAD,
        "\n".join(rows),
        "## Where we lose",
        "\n".join(losses),
        "## Sources and differences",
        "\n".join(sources),
        TAIL,
    ]
    return "\n\n".join(parts) + "\n"


def _row(each: Protocol) -> str:
    better = f"**{figure(each.ours.value)}**" if each.ours.value < each.published else figure(each.ours.value)
    error = "" if each.ours.error is None else f" ± {each.ours.error:g}"
    return (
        f"| `{each.name}`: {each.says} | {each.measure} | {figure(each.published)} | {better}{error}"
        f" | {each.minutes:g} |"
    )


def _source(each: Protocol) -> str:
    parts = [*each.data.files, *([each.data.besides] if each.data.besides else [])]
    data = f"Data: {each.data.name}" + (f" ({', '.join(parts)})." if parts else ".")
    measured = f"Measured on {each.ours.date}: {each.ours.processor}."
    return " ".join(filter(None, [f"- `{each.name}`: {each.paper}; {each.where}.", data, each.differs, measured]))
