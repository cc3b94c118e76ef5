"""What the recipes declare, as a file that can be read without loading PyTorch.

``aevum train --help`` shows every parameter of every recipe, and answers at once. A recipe's module loads PyTorch, so
what it declares is also kept as plain values in ``declarations.json``, which ``python -m aevum.recipes.declarations``
(``make options``) writes; a test compares it with the recipes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aevum.domains import to_plain
from aevum.estimators.declaring import Parameter, declared
from aevum.estimators.registry import ESTIMATORS

FILE = Path(__file__).with_name("declarations.json")


def declarations() -> dict[str, Any]:
    """The recipes of this package by name, and of each parameter that a text can say what is declared, and by whom.

    Recipes that declare the same of a parameter share one declaration; a parameter may have several.
    """
    ours = {name.lower(): kind for name, kind in ESTIMATORS.items() if kind.__module__.startswith(f"{__package__}.")}
    parameters: dict[str, list[dict[str, Any]]] = {}
    for name, kind in ours.items():
        for each in declared(kind):
            if (plain := plainly(each)) is None:
                continue
            known = parameters.setdefault(each.name, [])
            same = next((other for other in known if {**other, "models": None} == plain), None)
            if same is None:
                known.append(same := {**plain, "models": []})
            same["models"].append(name)
    return {"models": list(ours), "parameters": parameters}


def plainly(each: Parameter) -> dict[str, Any] | None:
    """What is declared of a parameter; None where no text can say a value of it."""
    domain = to_plain(each.domain)
    if domain is None:
        return None
    default = f"{each.default:g}" if isinstance(each.default, float) else each.default
    return {"text": each.text, "default": None if default is None else str(default), "domain": domain, "models": None}


def as_text() -> str:
    """What the file holds."""
    return json.dumps(declarations(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
