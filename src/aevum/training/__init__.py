"""The loop, its schedules, its devices and its precision. It knows no model."""

from aevum.training.checkpoints import Checkpoints
from aevum.training.device import PRECISIONS, autocast_dtype, choose_device
from aevum.training.loop import learn, train
from aevum.training.schedules import constant
from aevum.training.settings import Settings

__all__ = ["PRECISIONS", "Checkpoints", "Settings", "autocast_dtype", "choose_device", "constant", "learn", "train"]
