"""File dialogs that answer by themselves."""

import pytest
from PyQt6.QtWidgets import QFileDialog


@pytest.fixture
def answer(monkeypatch):
    """Make the next file dialog answer with a path at once; returns the dialogs' titles."""
    titles = []

    def prepare(path):
        def show(dialog):
            titles.append(dialog.windowTitle())
            dialog.fileSelected.emit(str(path))

        monkeypatch.setattr(QFileDialog, "open", show)
        return titles

    return prepare
