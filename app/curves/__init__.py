"""The run's history as curves: storage, reduction to a screen's width, files. Knows reports, no run."""

from app.curves.history import History, Mark
from app.curves.pyramid import Series

__all__ = ["History", "Mark", "Series"]
