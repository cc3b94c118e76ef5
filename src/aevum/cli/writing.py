"""The run that was learned, written where it can be: in its place, or else in another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.plain import explained, say
from aevum.cli.stopping import again, hold, let_go, stop_code, stopped_by
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator, Snapshots


def written(
    estimator: LatentVariableEstimator,
    data: Dataset,
    held_out: Dataset | None,
    folder: Path,
    force: bool,
    seconds: float,
    opening: dict[str, Any],
    snapshots: Snapshots | None,
) -> tuple[Path, dict[str, str]]:
    """Write the run, to another place where it can't be written there: where it is; error → what is missing of it."""
    from aevum.runs import writing
    from aevum.storage import is_model

    left_out: dict[str, str] = {}

    def failed(part: str, error: BaseException) -> None:
        if not isinstance(error, Exception) and again():
            raise error
        text = explained(error)[0] if isinstance(error, Exception) else f"stopped by {stopped_by()}"
        left_out[text] = f"{left_out[text]}, {part}" if text in left_out else part

    def write(place: Path, overwrite: bool) -> None:
        left_out.clear()
        writing.write_run(
            estimator,
            data.x,
            place,
            y=data.y,
            name=data.name,
            feature_names=data.feature_names,
            held_out=None if held_out is None else (held_out.x, held_out.y),
            overwrite=overwrite,
            seconds=seconds,
            opening=opening,
            snapshots=None if snapshots is None else snapshots.found,
            failed=failed,
        )
        hold()

    # What took hours to learn is not dropped because its place turns out to be full, or to be someone else's.
    problem = None
    for place in places(folder, force):
        try:
            try:
                let_go()
                write(place, force and place == folder)
            except KeyboardInterrupt:
                if again() or is_model(place / "model"):
                    raise
                write(place, force and place == folder)  # a first one came before anything was written
        except InputError as error:
            problem = problem or error
        except KeyboardInterrupt:
            if not force and is_model(place / "model"):
                say(f"the model is in {place}, without its report")
                click.get_current_context().exit(stop_code())
            raise
        else:
            if problem is not None:
                say(f"warning: {problem}; the run is in {place} instead")
            return place, left_out
    raise problem or InputError(f"can't write {folder}")


def places(folder: Path, force: bool) -> Iterator[Path]:
    """Where a run may go: where it should, unless something appeared there; else beside, or with temporary files."""
    from aevum.runs import free_folder, numbered

    yield folder if force else free_folder(folder)
    yield free_folder(numbered(folder, 2))
    yield Path(mkdtemp(prefix="aevum-")) / folder.name
