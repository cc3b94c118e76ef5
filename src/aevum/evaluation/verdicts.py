"""What is to be said of a run, read back from its metrics.json; :mod:`aevum.evaluation.wording` says it in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aevum.evaluation.findings import Figures, Finding, findings

Record = Mapping[str, Any]


def verdicts(metrics: Record) -> list[Finding]:
    """What was found of the run, worst first; of a metrics.json that has no findings, what its latents tell.

    >>> latent = {"active_units": 2, "variance": [0.9, 0.8], "rate": [1.0, 2.0]}
    >>> [found.kind for found in verdicts({"latent": latent, "parameters": {}})]
    ['sound']
    """
    if "findings" in metrics:
        return [Finding.from_dict(found) for found in metrics["findings"]]
    latent = metrics["latent"]
    rate, beta = latent["rate"], metrics["parameters"].get("beta", 1.0)
    figures = Figures(latent_dim=len(latent["variance"]), active=latent["active_units"], beta=beta,
                      rate=None if rate is None else sum(rate))  # fmt: skip
    return list(findings(figures))


def caveats(metrics: Record) -> list[Finding]:
    """What a reader has to know of the numbers themselves, whatever they say of the model.

    >>> [found.kind for found in caveats({"likelihood": {"name": "bernoulli (binarize='soft')"}})]
    ['no_density']
    """
    return [Finding("no_density", "note")] if "soft" in metrics["likelihood"]["name"] else []
