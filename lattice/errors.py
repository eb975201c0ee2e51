"""Errors that a person can act on: what happened, to which file or value, and what to do."""

from typing import ClassVar


class CellcubeError(Exception):
    """Base of every error that is shown to the user as one readable message, without a traceback."""

    way_on: ClassVar[str] = ""
    """What to type to get on, where the message leaves that to whoever shows it: the window has a button instead."""


class ConfigError(CellcubeError):
    """A setting is unknown or out of bounds."""


class DataError(CellcubeError):
    """A data file or row can't be used."""


class TeacherError(DataError):
    """The teacher can't be loaded, or can't encode."""


class CheckpointError(CellcubeError):
    """A checkpoint can't be read, or does not fit."""


class DataMovedError(CheckpointError):
    """The data of a saved run is no longer where it was."""

    way_on = "say where it is now with --data FILE beside --resume"


class RebuildRefusedError(CheckpointError):
    """Going on with a saved run as requested would throw its weights away."""

    way_on = "leave the change out to go on, or say --restart-student"


class DeviceError(CellcubeError):
    """The requested device is not there, or can't hold what was asked of it."""


class TierMemoryError(DeviceError):
    """A tier engine would need more memory than there is."""


class NonFiniteError(CellcubeError):
    """A loss, a gradient or a state stopped being finite; the weights were left untouched."""


class PluginError(CellcubeError):
    """A plugin can't be loaded, or something that only a plugin could bring is not there."""
