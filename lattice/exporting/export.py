"""Exporting a run for use elsewhere: weights or a program, with a model card beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.atomic import atomic_path
from lattice.errors import ExportError
from lattice.exporting.card import model_card, trained_on
from lattice.exporting.forms import Exported, card_path, check_ending, check_portable, is_program
from lattice.exporting.programs import write_program
from lattice.progress import Progress, no_progress

if TYPE_CHECKING:
    from lattice.training.reports import EvalReport
    from lattice.training.run import Run


def export_run(
    run: Run,
    path: Path,
    write_weights: Callable[[Path], None],
    evaluate: Callable[[Progress], EvalReport],
    progress: Progress = no_progress,
) -> Exported | None:
    """Write a run's student to `path`, in the form that its ending says, and its model card beside it.

    Args:
        run: stays as it is.
        path: ends in `.safetensors`, `.pt2` or `.onnx`; the card gets `.md` added to its name.
        write_weights: writes weights and config to a path.
        evaluate: scores the run, for the card.
        progress: told before each part; may cancel.

    Returns:
        How a program was checked; None for weights.

    Raises:
        ExportError: see `write_program`; or the ending says nothing, or this system does not allow the name.
        CheckpointError: the weights can't be written.
    """
    check_ending(path)
    check_portable(path)
    report = evaluate(progress)
    exported = None
    if is_program(path):
        held_out_SD = run.dataset.batch(run.dataset.validation_indices[:64])
        exported = write_program(path, run.config, run.student, held_out_SD, progress)
    else:
        write_weights(path)
    data = trained_on(run.dataset)
    card = model_card(path.name, run.config, data, report, exported, run.resume_proof)
    try:
        with atomic_path(card_path(path)) as temporary:
            temporary.write_text(card, encoding="utf-8", errors="backslashreplace")  # names that are no text
    except OSError as error:
        raise ExportError(f"wrote {path}, but not its model card {card_path(path)}: {error}") from error
    return exported
