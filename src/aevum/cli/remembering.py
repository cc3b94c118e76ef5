"""What a run remembers of its table's columns, empty cells and text, for another table like it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aevum.cli.opening import columns_in
from aevum.cli.plain import say
from aevum.data.files import listed, quoted

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

_TEXT = ("sep", "decimal", "encoding", "header")


def with_remembered(estimator: LatentVariableEstimator, run: str, data: str, given: dict[str, Any]) -> dict[str, Any]:
    """How to open ``data``: as it is ``given``, else as the run's own table was, as far as that fits this one.

    Columns that were left out stay so where they are there; what the user says of columns or empty cells comes first.
    """
    from aevum.data.kinds import is_parquet, is_text_table
    from aevum.data.layout import TextOptions
    from aevum.runs import remembered

    path, known = Path(data).expanduser(), remembered(run)
    if not known or not (is_text_table(path) or is_parquet(path)):
        return given
    expected, text = set(estimator.feature_names_ or ()), {name: given.get(name) for name in _TEXT}
    if is_text_table(path):
        kept = {name: known.get(name) if value is None else value for name, value in text.items()}
        if expected <= set(columns_in(path, TextOptions(**kept))):  # else it is a table of another form
            text = kept
    names = columns_in(path, TextOptions(**text))
    if not names or not expected or "columns" in given or expected == set(names):
        chosen = {}  # columns without a name are known by their place, which says nothing of another table's
    else:
        chosen = {name: _there(known.get(name), names) for name in ("drop", "columns")}
        chosen["drop"] = [*chosen["drop"], *_listed(given.get("drop"))]
    missing = given.get("missing") or known.get("missing")
    found = {**given, **text, **{name: some for name, some in chosen.items() if some}, "missing": missing}
    found = {name: value for name, value in found.items() if value is not None}
    if said := _told(found, given):
        say(f"{data}: as at the training, {said}")
    return found


def _listed(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def _there(names: Any, known: list[str]) -> list[str]:
    """Those columns of an option that a table has; text that is no name is several with commas between."""
    texts = _listed(names)
    each = [name for text in texts for name in ([text] if text in known else map(str.strip, text.split(",")))]
    return [name for name in each if name in known]


def _told(found: dict[str, Any], given: dict[str, Any]) -> str:
    """What is taken over that changes which rows and columns are read."""
    before = set(_listed(given.get("drop")))
    drop = [quoted(name) for name in found.get("drop", ()) if name not in before]
    said = [f"without {listed(drop, 6)}"] if drop else []
    if "columns" in found and "columns" not in given:
        said.append(f"only {listed([quoted(name) for name in found['columns']], 6)}")
    if "missing" in found and "missing" not in given:
        said.append(f"--missing {found['missing']}")
    return ", ".join(said)
