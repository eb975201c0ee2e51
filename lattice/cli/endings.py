"""How a run that fails is told of: one readable line, and an exit code that says of what kind it was."""

from __future__ import annotations

import traceback
from pathlib import Path

from lattice.errors import CellcubeError, CheckpointError, NonFiniteError, ResumeProofError, is_out_of_memory
from lattice.log import logger

UNEXPECTED = 1
BAD_INPUT = 2
NON_FINITE = 3
OUT_OF_MEMORY = 4
NOT_SAVED = 5
NOT_PROVEN = 6
DIVERGED = 7

EXIT_CODES = """\
exit codes:
  0    done
  1    an error that nobody expected; what was trained is saved
  2    wrong input; nothing was trained
  3    a loss or gradient was not finite; the state before it is saved
  4    not enough memory; what was trained is saved
  5    trained, but not saved where requested; the last lines say where instead
  6    the proof of resume found other bits, or could not be carried out; what was trained is saved
  7    the loss diverged, and training_embedding.on_divergence is pause; what was trained is saved
  129, 130, 143    ended by SIGHUP, Ctrl-C or SIGTERM; what was trained is saved
"""


def exit_code(error: BaseException) -> int:
    """Return the exit code of a run that was ended by `error`."""
    if isinstance(error, NonFiniteError):
        return NON_FINITE
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    if isinstance(error, ResumeProofError):
        return NOT_PROVEN
    if isinstance(error, CheckpointError):
        return NOT_SAVED
    return UNEXPECTED


def ending_line(error: BaseException) -> str:
    """Say in one line what ended a run."""
    if isinstance(error, CellcubeError):
        return str(error)
    if is_out_of_memory(error):
        return (
            "there is not enough memory for this run: lower training_embedding.batch_size, lattice.dimensions or "
            "lattice.lattice_steps"
        )
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def keep_traceback(error: BaseException, folder: Path | None) -> Path | None:
    """Write the traceback of an error that nobody expected beside the run, for a report; return where, if anywhere."""
    if folder is None or isinstance(error, CellcubeError) or is_out_of_memory(error):
        return None
    path = folder / "error.txt"
    try:
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError as problem:
        logger.debug("the traceback can't be written: %s", problem)
        return None
    return path
