"""Which training steps the plots show."""

from __future__ import annotations

from typing import Literal

ViewMode = Literal["all", "follow", "free"]


class StepView:
    """The whole run, its newest part at a constant zoom, or a range that the user chose."""

    def __init__(self) -> None:
        """Show the whole run."""
        self.mode: ViewMode = "all"
        self._chosen: tuple[float, float] | None = None

    @property
    def following(self) -> bool:
        """Whether new training steps come into view by themselves."""
        return self.mode != "free"

    def choose(self, first: float, last: float) -> None:
        """Show a range and stay there."""
        self.mode, self._chosen = "free", (first, last)

    def choose_within(self, first: float, last: float, first_step: float, last_step: float) -> None:
        """Show what wheel or mouse chose, without what lies before and after the run."""
        last_step = max(last_step, 1.0)
        if last - first >= last_step - first_step:
            self.fit()
            return
        shift = max(first_step - first, 0.0) + min(last_step - last, 0.0)
        self.choose(first + shift, last + shift)

    def fit(self) -> None:
        """Show the whole run and go on doing so."""
        self.mode, self._chosen = "all", None

    def follow(self, following: bool, first_step: float, last_step: float) -> None:
        """Keep the newest training step at the right edge, at the present zoom; or stay where the view is."""
        if following:
            self.mode = "all" if self._chosen is None else "follow"
        else:
            self.choose(*self.span(first_step, last_step))

    def span(self, first_step: float, last_step: float) -> tuple[float, float]:
        """Return the training steps at both edges, for a run from `first_step` to `last_step`."""
        last = max(last_step, 1.0)
        if self._chosen is None:
            return min(first_step, last - 1.0), last
        if self.mode == "follow":
            return last - (self._chosen[1] - self._chosen[0]), last
        return self._chosen
