"""What a model is trained on: DATA, the rows that choose its epoch, and those that it is measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aevum.cli.describe import shape_text
from aevum.cli.opening import refuse_data_dir
from aevum.cli.plain import say

if TYPE_CHECKING:
    from aevum.data import Dataset


def training_data(data: str, given: dict[str, Any], label_gaps: bool = False) -> tuple[Dataset, Dataset | None]:
    """The data, and its test split where it has one; with ``label_gaps`` rows of both may lack their label."""
    from aevum.data import open_data
    from aevum.data.open import splits

    refuse_data_dir(data, given.get("data_dir"))
    found = open_data(data, **given, label_gaps=label_gaps)
    if "test" not in splits(data):
        return found, None
    held_out = open_data(data, **given, split="test", label_gaps=label_gaps)
    return found, held_out if _is_alike(held_out, found) else None


def validation_data(validation: str, given: dict[str, Any], label_gaps: bool = False) -> Dataset:
    """The rows that choose the epoch, opened as the data are."""
    from aevum.data import open_data

    return open_data(validation, **given, label_gaps=label_gaps)


def _is_alike(held_out: Dataset, found: Dataset) -> bool:
    """Whether a model of these data can be measured on the test split; said where it can't."""
    new = set(held_out.classes.tolist()) - set(found.classes.tolist())
    fault = ""
    if held_out.shape[1:] != found.shape[1:]:
        fault = f"its examples are {shape_text(held_out.shape[1:])}"
    elif (held_out.y is None) != (found.y is None):
        fault = "only one of the two has labels"
    elif new:
        fault = f"it has classes that the training data lack ({next(iter(new))})"
    if fault:
        say(f"{found.name}: the test split isn't measured: {fault}")
    return not fault
