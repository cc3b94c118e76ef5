"""Run folders: what a fit leaves on disk, how it is written whole, found, locked and opened again.

What is here takes no library of figures; :mod:`aevum.runs.writing` and :mod:`aevum.runs.evaluated`, which draw, are
imported by those who write.
"""

from aevum.runs.finding import (
    checkpoints_of,
    data_of,
    find_run,
    metrics_of,
    read_metrics,
    report_of,
    run_names,
    trained_on,
)
from aevum.runs.folder import check_free
from aevum.runs.places import default_folder, free_folder, numbered, reserved, run_folder
from aevum.runs.record import opening_record, recorded_opening, remembered
from aevum.runs.tours import TOUR, forget_tour, keep_tour, read_tour, tour_of
from aevum.runs.unfinished import forget_training, has_states, is_finished, is_unfinished, note_command, noted_command

__all__ = [
    "TOUR",
    "check_free",
    "checkpoints_of",
    "data_of",
    "default_folder",
    "find_run",
    "forget_tour",
    "forget_training",
    "free_folder",
    "has_states",
    "is_finished",
    "is_unfinished",
    "keep_tour",
    "metrics_of",
    "note_command",
    "noted_command",
    "numbered",
    "opening_record",
    "read_metrics",
    "read_tour",
    "recorded_opening",
    "remembered",
    "report_of",
    "reserved",
    "run_folder",
    "run_names",
    "tour_of",
    "trained_on",
]
