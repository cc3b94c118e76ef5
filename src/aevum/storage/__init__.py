"""Model directories, and files that appear whole or not at all."""

from aevum.storage.entries import Staging, recover
from aevum.storage.files import Scratch, spelled, write_bytes, write_json, write_text, written
from aevum.storage.locks import OWN, Lock, Reservation, locked
from aevum.storage.models import (
    CHECKSUMS,
    CONFIG,
    FORMAT,
    MAX_CONFIG_BYTES,
    TENSORS,
    VERSION,
    Arrays,
    check_free,
    finite,
    is_model,
    model_path,
    one_line,
    read_arrays,
    read_config,
    warn_of_recovery,
    write_model,
)

__all__ = [
    "CHECKSUMS",
    "CONFIG",
    "FORMAT",
    "MAX_CONFIG_BYTES",
    "OWN",
    "TENSORS",
    "VERSION",
    "Arrays",
    "Lock",
    "Reservation",
    "Scratch",
    "Staging",
    "check_free",
    "finite",
    "is_model",
    "locked",
    "model_path",
    "one_line",
    "read_arrays",
    "read_config",
    "recover",
    "spelled",
    "warn_of_recovery",
    "write_bytes",
    "write_json",
    "write_model",
    "write_text",
    "written",
]
