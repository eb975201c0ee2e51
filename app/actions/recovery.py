"""Offers the autosave that a crash left behind, without holding up the start."""

from __future__ import annotations

import time

from app.actions.save_prompt import SavePrompt
from app.run.autosave import Autosave
from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.leftovers import Leftover, find_leftovers
from app.run.messages import Saved
from app.run.summary import RunSummary
from app.widgets.banner import Banner
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
    leftovers = find_leftovers()
    if not leftovers:
        return None
    newest = leftovers[0]
    age = seconds_text(max(time.time() - newest.saved_at, 1.0))

    def recover() -> None:
        prompt.offer("Recovering the autosave ends this run.", go_on, offer_again)

    def offer_again() -> None:
        offer_recovery(controller, banner, prompt, autosave, trains=trains)

    def go_on() -> None:
        request = OpenRun(newest.name, checkpoint=newest.checkpoint, start=trains, recovered=True)
        controller.open(request, on_opened, lambda _failure: offer_again())

    def on_opened(_summary: RunSummary) -> None:
        controller.saved.connect(on_saved)
        controller.opened.connect(on_left)
        autosave.save_now()

    def on_left(_summary: RunSummary) -> None:
        # Files that are saved from now on hold another run.
        controller.saved.disconnect(on_saved)
        controller.opened.disconnect(on_left)

    def on_saved(message: Saved) -> None:
        # Only now is the run in another file: until then a second crash would lose it.
        if message.kind not in ("checkpoint", "autosave") or message.path == newest.checkpoint:
            return
        controller.saved.disconnect(on_saved)
        controller.opened.disconnect(on_left)
        newest.discard()

    def discard_all() -> None:
        for leftover in leftovers:
            leftover.discard()

    banner.say(
        f"Cellcube did not end cleanly. There is an autosave of '{newest.name}' "
        f"at training step {newest.training_step:,}, {age} old.",
        (("Recover", recover), ("Discard", discard_all)),
    )
    return newest
