"""Run > Prove that this run resumes: requests the proof and says what it found."""

from __future__ import annotations

from collections.abc import Callable

from app.run.commands import ProveResume
from app.run.controller import RunController
from app.widgets.banner import Banner
from lattice.training.resume_proof import ResumeProof

STEPS = 10
"""Training steps that go on on either side."""


class ResumeProofActions:
    """Proves that the run resumes bit for bit, and offers to save it with the proof."""

    def __init__(self, controller: RunController, banner: Banner, save: Callable[[], object]) -> None:
        """Serve a run.

        Args:
            controller: of the run.
            banner: where the answer is shown.
            save: saves the run.
        """
        self._controller, self._banner, self._save = controller, banner, save

    def prove(self) -> None:
        """Request the proof; the status bar shows how far it is, and Cancel."""
        self._controller.request(ProveResume(STEPS), self._show)

    def _show(self, proof: ResumeProof) -> None:
        if proof.equal:
            self._banner.say(f"{proof.summary()}. The run keeps this when it is saved.", (("Save", self._save_run),))
        else:
            self._banner.say(f"{proof.summary()}. A save still holds every weight; what follows may differ.")

    def _save_run(self) -> None:
        self._save()
