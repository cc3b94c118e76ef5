"""Data sets for aevum: named ones, and readers of arrays, tables, IDX files and folders of images."""

from aevum.data.dataset import Dataset
from aevum.data.named import NamedSet, datasets
from aevum.data.open import open_data

__all__ = ["Dataset", "NamedSet", "datasets", "open_data"]
