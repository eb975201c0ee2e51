"""OpenGL's quick functions keep Python's lock, and all others give it up."""

import ctypes
import sys

import pytest
from vispy.gloo.gl import _gl2, gl2

from app.cube.gl import quick_calls
from app.cube.gl.quick_calls import QUICK, QuickLibrary, keep_lock

KEEPS_LOCK = 0x4
"""`FUNCFLAG_PYTHONAPI` of ctypes."""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing changes there")
def test_only_quick_functions_keep_the_lock(monkeypatch):
    library = ctypes.CDLL(None)
    monkeypatch.setattr(quick_calls, "QUICK", frozenset({"getpid"}))
    mixed = QuickLibrary(library)
    assert mixed.getpid._flags_ & KEEPS_LOCK
    assert mixed.getpid() == library.getpid()
    assert not mixed.getppid._flags_ & KEEPS_LOCK
    with pytest.raises(AttributeError, match="no_such_function"):
        _ = mixed.no_such_function


@pytest.mark.skipif(sys.platform == "win32", reason="nothing changes there")
def test_vispy_looks_its_functions_up_there(monkeypatch):
    library = gl2._lib.patient if isinstance(gl2._lib, QuickLibrary) else gl2._lib
    monkeypatch.setattr(gl2, "_lib", library)
    keep_lock()
    assert isinstance(gl2._lib, QuickLibrary)
    mixed = gl2._lib
    keep_lock()
    assert gl2._lib is mixed
    found = gl2._get_gl_func("glUniform1f", None, (ctypes.c_int, ctypes.c_float))
    assert found._flags_ & KEEPS_LOCK


def test_every_quick_function_is_one_of_vispys():
    assert [name for name in sorted(QUICK) if not callable(getattr(_gl2, name, None))] == []


@pytest.mark.parametrize("kind", ["Draw", "Finish", "Flush", "Link", "Compile", "Image", "Data", "ReadPixels", "Blit"])
def test_what_draws_waits_or_moves_pictures_gives_the_lock_up(kind):
    assert not [name for name in QUICK if kind in name]
