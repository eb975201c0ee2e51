"""How a run is shown when it is opened: what travels through a `through` cube is played, in colours that show it."""

from __future__ import annotations

from app.cube.color.built_in import BUILT_IN_MODES
from app.run.summary import RunSummary
from app.window.main_window import MainWindow

MESSAGE = "message"
USUAL = BUILT_IN_MODES[0].name


def connect_opening_view(window: MainWindow) -> None:
    """Choose colour mode and playing with every run that is opened, as long as the user leaves them alone."""
    display, timeline = window.display, window.timeline
    chosen = {"mode": USUAL, "playing": False}

    def on_opened(summary: RunSummary) -> None:
        through = summary.config.embedding_mapping.placement == "through"
        if window.options.color_mode is None and display.mode == chosen["mode"]:
            chosen["mode"] = MESSAGE if through else USUAL
            display.set_mode(str(chosen["mode"]))
        if timeline.playing != chosen["playing"]:
            return
        if window.options.screenshot is None:
            chosen["playing"] = through
            timeline.set_playing(through)
        elif through:  # a picture: the front on its way
            timeline.set_step(summary.config.lattice.lattice_steps // 2)

    turns = window.controller.turns
    window.controller.opened.connect(lambda summary: turns.do(lambda: on_opened(summary)))
