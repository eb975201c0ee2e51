"""Loads torch, and what trains with it, beside a living window.

`import torch` maps some hundred megabytes of libraries, and Python holds its lock meanwhile: the window would stand
still for a fifth of a second or more. Loading the libraries first, by a foreign call that gives the lock up, leaves
only short stretches (measured: longest 60 ms in place of 200 to 330 ms). The objects that the imports make are left
out of collections, each of which would stop the window for 130 to 300 ms.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from lattice.collector import lasting
from lattice.log import logger

_TRAINING = ("lattice.training.trainer", "lattice.data.load")


def load_training() -> None:
    """Import torch and what opening a run needs; call it in a thread that may take its time."""
    if all(name in sys.modules for name in _TRAINING):
        return
    with lasting(kept=True):
        if "torch" not in sys.modules:
            _load_libraries()
        for name in _TRAINING:
            importlib.import_module(name)


def _load_libraries() -> None:
    name = {"linux": "libtorch_python.so", "darwin": "libtorch_python.dylib"}.get(sys.platform)
    spec = importlib.util.find_spec("torch")
    if name is None or spec is None or spec.origin is None:
        return  # on Windows torch is there before the window is
    path = Path(spec.origin).parent / "lib" / name
    try:
        dlopen = ctypes.CDLL(None).dlopen
        dlopen.restype, dlopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int]
        if not dlopen(os.fsencode(path), os.RTLD_NOW):
            logger.debug("torch's libraries could not be loaded beforehand: %s", path)
    except (OSError, AttributeError) as error:
        logger.debug("torch's libraries could not be loaded beforehand: %s", error)
