"""The run's history as curves: storage, reduction to what a screen can show, and files."""

from app.curves.history import History, Mark
from app.curves.pyramid import Series

__all__ = ["History", "Mark", "Series"]
