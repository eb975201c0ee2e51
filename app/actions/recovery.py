"""Offers the autosave that a crash left behind, without holding up the start."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import QObject

from app.actions.save_prompt import SavePrompt
from app.run.autosave import Autosave
from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.leftovers import Leftover, LostRun, find_leftovers, take_lost_runs
from app.run.messages import Saved
from app.run.summary import RunSummary
from app.widgets.banner import Banner
from lattice.errors import CellcubeError
from lattice.runs.lock import FileLock
from lattice.units import seconds_text


def offer_recovery(
    controller: RunController, banner: Banner, prompt: SavePrompt, autosave: Autosave, *, trains: bool
) -> Leftover | None:
    """Say in the banner that there is an autosave of a program that ended badly; return it.

    Args:
        controller: opens it.
        banner: where the offer is made.
        prompt: offers to save the run that is left for it.
        autosave: saves the recovered run at once, so that the leftover can go.
        trains: whether the recovered run is trained as soon as it is open.
    """
    leftovers, lost = find_leftovers(), take_lost_runs()
    if not leftovers:
        if lost:
            _say_lost(lost[0], banner, prompt, trains=trains)
        return None
    newest = leftovers[0]
    age = seconds_text(max(time.time() - newest.saved_at, 1.0))

    def offer_again() -> None:
        offer_recovery(controller, banner, prompt, autosave, trains=trains)

    def recover() -> None:
        try:
            claim = newest.claim()
        except (CellcubeError, OSError) as error:
            banner.say(f"The autosave of '{newest.name}' can't be recovered here: {error}.", ())
            return
        _Recovery(controller, newest, claim, autosave).open(prompt, trains, offer_again)

    def discard_all() -> None:
        for leftover in leftovers:
            leftover.discard()

    banner.say(
        f"Cellcube did not end cleanly. There is an autosave of '{newest.name}' "
        f"at training step {newest.training_step:,}, {age} old.",
        (("Recover", recover), ("Discard", discard_all)),
    )
    return newest


def _say_lost(lost: LostRun, banner: Banner, prompt: SavePrompt, *, trains: bool) -> None:
    """Say which run a program that ended badly had open, and offer the file that it was opened from."""
    said = f"Cellcube did not end cleanly while '{lost.name}' was open, and there is no autosave of it yet."
    file = lost.checkpoint
    if file is None:
        banner.say(f"{said} What was trained is gone.", (("Close", lambda: None),))
        return
    request = OpenRun(file.name, checkpoint=file, start=trains)

    def say_again() -> None:
        _say_lost(lost, banner, prompt, trains=trains)

    def open_file() -> None:
        reason = f"Opening {file.name} ends this run."
        prompt.open_instead(request, reason, lambda _summary: None, lambda _failure: say_again(), say_again)

    banner.say(
        f"{said} What was trained after training step {lost.training_step:,} is gone; {file} holds what came before.",
        ((f"Open {file.name}", open_file), ("Close", lambda: None)),
    )


class _Recovery(QObject):
    """Opens a leftover, and deletes it once the run is in another file: until then a second crash would lose it."""

    def __init__(self, controller: RunController, leftover: Leftover, claim: FileLock, autosave: Autosave) -> None:
        super().__init__(autosave)
        self._controller, self._leftover, self._claim, self._autosave = controller, leftover, claim, autosave

    def open(self, prompt: SavePrompt, trains: bool, offer_again: Callable[[], None]) -> None:
        leftover = self._leftover

        def give_up() -> None:
            self._claim.release()
            self.deleteLater()
            offer_again()

        request = OpenRun(leftover.name, checkpoint=leftover.checkpoint, start=trains, recovered=True)
        reason = "Recovering the autosave ends this run."
        prompt.open_instead(request, reason, self._on_opened, lambda _failure: give_up(), give_up)

    def _on_opened(self, _summary: RunSummary) -> None:
        self._controller.saved.connect(self._on_saved)
        self._controller.opened.connect(self._on_left)
        self._controller.ended.connect(self._claim.release)
        self._autosave.save_now()

    def _on_left(self, _summary: RunSummary) -> None:
        # Files that are saved from now on hold another run.
        self._let_go()

    def _on_saved(self, message: Saved) -> None:
        if message.path != self._leftover.checkpoint:
            self._leftover.discard()
            self._let_go()

    def _let_go(self) -> None:
        self._controller.saved.disconnect(self._on_saved)
        self._controller.opened.disconnect(self._on_left)
        self._controller.ended.disconnect(self._claim.release)
        self._claim.release()
        self.deleteLater()
