"""Calls OpenGL's quick functions without giving up Python's lock.

`ctypes` gives the lock up around every foreign call. A picture takes some hundred of them, most of which only note a
value and return within a microsecond. While another thread runs Python, as the worker does for seconds when it imports
torch, each of them would wait for the lock again: half a millisecond by `sys.setswitchinterval`, and the rest of that
thread's turn where the processor is shared. What draws, compiles, waits or moves a picture still gives the lock up, so
that training goes on meanwhile.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from vispy.gloo.gl import gl2

_NUMBERS = tuple(f"glUniform{count}{kind}" for count in "1234" for kind in ("f", "i", "fv", "iv"))
QUICK = frozenset(
    (
        *_NUMBERS,
        *(f"glUniformMatrix{side}fv" for side in "234"),
        "glActiveTexture",
        "glBindBuffer",
        "glBindFramebuffer",
        "glBindTexture",
        "glBlendColor",
        "glBlendEquationSeparate",
        "glBlendFuncSeparate",
        "glClearColor",
        "glColorMask",
        "glCullFace",
        "glDepthFunc",
        "glDepthMask",
        "glDisable",
        "glDisableVertexAttribArray",
        "glEnable",
        "glEnableVertexAttribArray",
        "glFrontFace",
        "glGetAttribLocation",
        "glGetError",
        "glGetUniformLocation",
        "glPixelStorei",
        "glScissor",
        "glTexParameteri",
        "glUseProgram",
        "glVertexAttribPointer",
        "glViewport",
    )
)
"""Functions that neither draw nor wait for anything that is drawn."""


class QuickLibrary:
    """A library whose quick functions keep Python's lock; all others give it up."""

    def __init__(self, library: ctypes.CDLL) -> None:
        """Share the loaded library."""
        self.patient = library
        self.quick = ctypes.PyDLL(library._name, handle=library._handle)

    def __getattr__(self, name: str) -> Any:
        """Return a function; raise AttributeError if the library has none of that name."""
        return getattr(self.quick if name in QUICK else self.patient, name)


def keep_lock() -> None:
    """Let VisPy look its functions up there from now on; a function that was called before stays as it was.

    On Windows, where functions of a newer OpenGL come from elsewhere, nothing changes.
    """
    if sys.platform != "win32" and isinstance(gl2._lib, ctypes.CDLL):
        gl2._lib = QuickLibrary(gl2._lib)
