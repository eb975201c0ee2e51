"""`--prove-resume K`: the run's end is proved to be a point from which it resumes bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lattice.cli.progress import progress_bar
from lattice.cli.signals import StopSwitch
from lattice.log import logger
from lattice.progress import Cancelled

if TYPE_CHECKING:
    from lattice.training.resume_proof import ResumeProof
    from lattice.training.trainer import EmbeddingTrainer


def prove(trainer: EmbeddingTrainer, steps: int, switch: StopSwitch) -> ResumeProof | None:
    """Prove with a progress bar that the run resumes; None if a signal came before or meanwhile.

    Raises:
        ResumeProofError: the other process can't go on.
    """
    if switch.pressed:
        logger.warning("The proof of resume was left out, because the run was stopped")
        return None
    with progress_bar() as show:

        def progress(what: str, done: int, total: int | None) -> None:
            if switch.pressed:
                raise Cancelled
            show(what, done, total)

        try:
            return trainer.prove_resume(steps, progress)
        except Cancelled:
            logger.warning("The proof of resume was given up, because the run was stopped")
            return None
