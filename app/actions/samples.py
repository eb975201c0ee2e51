"""Choosing what is watched: another sample, a search, a sentence of one's own."""

from __future__ import annotations

from collections.abc import Callable

from app.panels.data.panel import DataPanel
from app.panels.sample.panel import SamplePanel


class SampleActions:
    """Leads to the panels that choose the watched sample."""

    def __init__(
        self,
        data: DataPanel,
        sample: SamplePanel,
        raise_panel: Callable[[str], None],
        notify: Callable[[str], None],
    ) -> None:
        """Prepare.

        Args:
            data: panel with the search.
            sample: panel with the box for a sentence.
            raise_panel: shows a panel by name, in front of those it shares its place with.
            notify: says a sentence in the status bar.
        """
        self._data, self._sample, self._raise_panel, self._notify = data, sample, raise_panel, notify

    def watch_another(self) -> None:
        """Watch another held-out sample, drawn by chance."""
        self._sample.random_sample()

    def search(self) -> None:
        """Go to the field that searches the samples."""
        self._raise_panel("data")
        self._data.search_field.setFocus()

    def type_sentence(self) -> None:
        """Go to the box for a sentence of one's own."""
        self._raise_panel("sample")
        box = self._sample.probe
        if box.field.isEnabled():
            box.field.setFocus()
            box.field.selectAll()
        else:
            box.teacher_button.setFocus()
            self._notify(f"No sentence can be typed now. {box.words}")
