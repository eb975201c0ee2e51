"""Errors that a person can act on: what happened, to which file or value, and what to do."""

from errno import ENOMEM
from typing import ClassVar

LONGEST_MESSAGE = 3000
"""Characters of a message that is shown whole."""
QUOTED_CHARACTERS = 60
"""Characters of a text of somebody's data that an error quotes."""


class CellcubeError(Exception):
    """Base of every error that is shown to the user as one readable message, without a traceback."""

    way_on: ClassVar[str] = ""
    """What to type to get on, where the message leaves that to whoever shows it: the window has a button instead."""

    def __str__(self) -> str:
        """Return the message; of a very long one, in which a file's own words are quoted, its beginning and end."""
        text = super().__str__()
        if len(text) <= LONGEST_MESSAGE:
            return text
        return f"{text[: LONGEST_MESSAGE * 2 // 3]} ... {text[-LONGEST_MESSAGE // 3 :]}"


_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")
"""How torch, CUDA and the C library say it, in lower case."""


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an exception means that memory ran out, on the host or on a card."""
    if isinstance(error, MemoryError | MemoryRanOutError) or (isinstance(error, OSError) and error.errno == ENOMEM):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _OUT_OF_MEMORY)


def first_line(error: BaseException) -> str:
    """Return the first line of a library's own words, cut to 200 characters; the exception's name where it has none."""
    words = str(error).strip() or type(error).__name__
    return words.splitlines()[0][:200]


def quoted(text: str) -> str:
    """Return a text of somebody's data as an error quotes it, cut to `QUOTED_CHARACTERS`."""
    return text if len(text) <= QUOTED_CHARACTERS else f"{text[:QUOTED_CHARACTERS]}..."


def one_line(error: BaseException) -> str:
    """Return all of a library's own words as one line of up to 300 characters; the exception's name if it has none."""
    return " ".join(str(error).split())[:300] or type(error).__name__


class ConfigError(CellcubeError):
    """A setting is unknown or out of bounds."""


class DataError(CellcubeError):
    """A data file or row can't be used."""


class TeacherError(DataError):
    """The teacher can't be loaded, or can't encode."""


class CheckpointError(CellcubeError):
    """A checkpoint can't be read, or does not fit."""


class ResumeProofError(CellcubeError):
    """A proof of resume could not be carried out: the other process can't go on from a save of the run."""


class DataMovedError(CheckpointError):
    """The data of a saved run is no longer where it was."""

    way_on = "say where it is now with --data FILE beside --resume"


class ExtraDataMovedError(DataMovedError):
    """A further source of a saved run's data is no longer where it was."""

    way_on = "say where all further sources are now with --set 'data.extra_data=[\"FILE\", ...]' beside --resume"


class OtherSamplesError(DataMovedError):
    """The data that a saved run should go on with holds other samples than it was trained on."""

    way_on = (
        "name the data that it was trained on with --data FILE, begin a new run from its weights with --weights in "
        "place of --resume, or say --restart-student"
    )


class RebuildRefusedError(CheckpointError):
    """Going on with a saved run as requested would throw its weights away."""

    way_on = "leave the change out to go on, or say --restart-student"


class DeviceError(CellcubeError):
    """The requested device is not there, or can't hold what was asked of it."""


class MemoryRanOutError(DeviceError):
    """Memory ran out during a training step; what it held was given back, and the run can go on."""


class TierMemoryError(DeviceError):
    """A tier engine would need more memory than there is."""


class NonFiniteError(CellcubeError):
    """A loss, a gradient or a state stopped being finite; the weights were left untouched."""

    cell: tuple[int, int, int] | None = None
    """The cell whose state it was; None where it was none."""
    lattice_step: int | None = None
    """Index of that state: 0 is the painted one."""


class PluginError(CellcubeError):
    """A plugin can't be loaded or failed, or something that only a plugin could bring is not there."""


class DeclarationError(PluginError):
    """A settings class declares a field that no form, message or cost could follow from; begins with file and line."""


class ExportError(CellcubeError):
    """A student can't be written as a program, or the program answers otherwise than the student."""
