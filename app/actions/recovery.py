"""Offers the autosave that a crash left behind, without holding up the start."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QObject

from app.actions.save_prompt import SavePrompt
from app.run.autosave import Autosave
from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.leftovers import Leftover, LostRun, find_leftovers, find_lost_runs
from app.run.messages import Saved
from app.run.summary import RunSummary
from app.widgets.banner import Banner
from lattice.errors import CellcubeError
from lattice.limits import SHOWN_FAULTS
from lattice.log import logger
from lattice.runs.lock import FileLock
from lattice.units import seconds_text


def offer_recovery(
    controller: RunController, banner: Banner, prompt: SavePrompt, autosave: Autosave, *, trains: Callable[[], bool]
) -> Leftover | None:
    """Say in the banner what programs that ended badly left, and what is lost; return the autosave that is offered.

    Args:
        controller: opens it.
        banner: where the offer is made.
        prompt: offers to save the run that is left for it.
        autosave: saves the recovered run at once, so that the leftover can go.
        trains: says, once an offer is taken, whether that run is trained as soon as it is open.
    """
    leftovers, lost = find_leftovers(), find_lost_runs()

    def offer_again() -> None:
        offer_recovery(controller, banner, prompt, autosave, trains=trains)

    def forget() -> None:
        for run in lost:
            run.forget()

    if not leftovers:
        if lost:
            _say_lost(lost, banner, prompt, trains, forget, offer_again)
        return None
    newest, named = leftovers[0], leftovers[: 1 + SHOWN_FAULTS]
    age = seconds_text(max(time.time() - newest.saved_at, 1.0))

    def recover() -> None:
        try:
            claim = newest.claim()
        except (CellcubeError, OSError) as error:
            banner.say(f"The autosave of '{newest.name}' can't be recovered here: {error}.", ())
            return
        _Recovery(controller, newest, claim, autosave).open(prompt, forget, offer_again, trains=trains())

    def discard_named() -> None:
        forget()
        kept = []
        for leftover in named:
            try:
                claim = leftover.claim()
            except (CellcubeError, OSError) as error:
                kept.append(f"The autosave of '{leftover.name}' is not discarded: {error}.")
                logger.warning("%s", kept[-1])
                continue
            leftover.discard()
            claim.release()
        if kept:
            banner.say("\n".join(kept), ())
        elif more:
            offer_again()

    where = f"at training step {newest.training_step:,}, {age} old."
    offer = f"Cellcube did not end cleanly. There is an autosave of '{newest.name}' {where}"
    if newest.by_signal:
        offer = f"Cellcube was ended by the system or by Ctrl-C; '{newest.name}' is kept as it was {where}"
    older = [f"There is one of '{left.name}' at training step {left.training_step:,} too." for left in named[1:]]
    more = len(leftovers) - len(named)
    if more:
        older.append(f"There {'is' if more == 1 else 'are'} {more} more, offered after these.")
    discard = f"Discard {'these' if more else 'all'} {len(named)}" if older else "Discard"
    banner.say("\n".join((offer, *older, *map(_lost_text, lost))), (("Recover", recover), (discard, discard_named)))
    return newest


def _say_lost(
    lost: Sequence[LostRun],
    banner: Banner,
    prompt: SavePrompt,
    trains: Callable[[], bool],
    forget: Callable[[], None],
    say_again: Callable[[], None],
) -> None:
    """Say which runs programs that ended badly had open, and offer the newest file that holds one of them."""
    file = next((run.checkpoint for run in lost if run.checkpoint is not None), None)

    def open_file(file: Path) -> None:
        request = OpenRun(file.name, checkpoint=file, start=trains())
        reason = f"Opening {file.name} ends this run."
        prompt.open_instead(request, reason, lambda _summary: forget(), lambda _failure: say_again(), say_again)

    answers = [] if file is None else [(f"Open {file.name}", lambda: open_file(file))]
    banner.say("\n".join(map(_lost_text, lost)), (*answers, ("Close", forget)))


def _lost_text(lost: LostRun) -> str:
    said = f"Cellcube did not end cleanly while '{lost.name}' was open, and there is no autosave of it yet."
    if lost.checkpoint is None:
        return f"{said} What was trained is gone."
    return (
        f"{said} What was trained after training step {lost.training_step:,} is gone; "
        f"{lost.checkpoint} holds what came before."
    )


class _Recovery(QObject):
    """Opens a leftover, and deletes it once the run is in another file: until then a second crash would lose it."""

    def __init__(self, controller: RunController, leftover: Leftover, claim: FileLock, autosave: Autosave) -> None:
        super().__init__(autosave)
        self._controller, self._leftover, self._claim, self._autosave = controller, leftover, claim, autosave

    def open(
        self, prompt: SavePrompt, forget: Callable[[], None], offer_again: Callable[[], None], *, trains: bool
    ) -> None:
        leftover = self._leftover

        def give_up() -> None:
            self._claim.release()
            self.deleteLater()
            offer_again()

        def opened(_summary: RunSummary) -> None:
            forget()
            self._on_opened()

        file, kept = leftover.checkpoint, leftover.kept
        request = OpenRun(leftover.name, checkpoint=file, start=trains, recovered=True, kept=kept)
        reason = "Recovering the autosave ends this run."
        prompt.open_instead(request, reason, opened, lambda _failure: give_up(), give_up)

    def _on_opened(self) -> None:
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
