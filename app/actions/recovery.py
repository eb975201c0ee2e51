"""Offers the autosave that a crash left behind, without holding up the start."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.run.autosave import Leftover, find_leftovers
from app.run.commands import OpenRun
from app.run.messages import RunSummary, Saved
from lattice.units import seconds_text

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


def offer_recovery(window: MainWindow) -> Leftover | None:
    """Say in the banner that there is an autosave of a program that ended badly; return it."""
    leftovers = find_leftovers()
    if not leftovers:
        return None
    newest = leftovers[0]
    age = seconds_text(max(time.time() - newest.saved_at, 1.0))

    def recover() -> None:
        window.offer_to_save("Recovering the autosave ends this run.", go_on, stay)

    def stay() -> None:
        offer_recovery(window)

    def go_on() -> None:
        window.controller.opened.connect(on_opened)
        window.controller.open(OpenRun(newest.name, checkpoint=newest.checkpoint, start=window.trains, recovered=True))

    def on_opened(summary: RunSummary) -> None:
        if summary.recovered and summary.checkpoint == newest.checkpoint:
            window.controller.opened.disconnect(on_opened)
            window.controller.saved.connect(on_saved)
            window.controller.opened.connect(on_left)
            window.autosave.save_now()

    def on_left(_summary: RunSummary) -> None:
        # Files that are saved from now on hold another run.
        window.controller.saved.disconnect(on_saved)
        window.controller.opened.disconnect(on_left)

    def on_saved(message: Saved) -> None:
        # Only now is the run in another file: until then a second crash would lose it.
        if message.kind not in ("checkpoint", "autosave") or message.path == newest.checkpoint:
            return
        window.controller.saved.disconnect(on_saved)
        window.controller.opened.disconnect(on_left)
        newest.discard()

    def discard_all() -> None:
        for leftover in leftovers:
            leftover.discard()

    window.central.banner.say(
        f"Cellcube did not end cleanly. There is an autosave of '{newest.name}' "
        f"at training step {newest.training_step:,}, {age} old.",
        (("Recover", recover), ("Discard", discard_all)),
    )
    return newest
