"""What is to be said of a run, read back from its metrics.json; :mod:`aevum.evaluation.wording` says it in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aevum.evaluation.findings import Figures, findings
from aevum.evaluation.wording import Finding

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
    figures = Figures(
        latent_dim=len(latent["variance"]), active=latent["active_units"],
        beta=metrics["parameters"].get("beta", 1.0), rate=total_rate_of(latent),
    )  # fmt: skip
    return list(findings(figures))


def total_rate_of(latent: Mapping[str, Any]) -> float | None:
    """The rate that a metrics.json tells of its latents, in nats: of all together, or of earlier versions of each.

    >>> total_rate_of({"rate": None, "total_rate": 3.5}), total_rate_of({"rate": [1.0, 2.0]})
    (3.5, 3.0)
    """
    if latent.get("total_rate") is not None:
        return float(latent["total_rate"])
    return None if latent["rate"] is None else float(sum(rate for rate in latent["rate"] if rate is not None))


def caveats(metrics: Record) -> list[Finding]:
    """What a reader has to know of the numbers themselves, whatever they say of the model.

    >>> [found.kind for found in caveats({"likelihood": {"name": "bernoulli (binarize='soft')"}})]
    ['no_density']
    """
    return [Finding("no_density", "note")] if "soft" in metrics["likelihood"]["name"] else []
