"""What has to be right before Qt starts: a display, and a platform plugin that works with OpenGL."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys

from lattice.log import logger

WITHOUT_DISPLAY = ("offscreen", "minimal", "minimalegl", "vnc", "eglfs", "linuxfb")
"""Qt platforms that need no display server."""

HEADLESS_HINT = (
    "To train without a window: python main.py --headless. "
    "To give the window a virtual display: xvfb-run python main.py"
)


def prepare_platform() -> str:
    """Choose Qt's platform plugin; return why no window can be opened, empty if one can."""
    if not sys.platform.startswith("linux"):
        return ""
    chosen = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if chosen in WITHOUT_DISPLAY:
        return ""
    x11, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if not x11 and not wayland:
        return f"No display: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can be opened. {HEADLESS_HINT}"
    if chosen == "wayland" or not x11:
        return ""
    if not chosen and wayland:
        # Under Wayland the cube's canvas can stay black until it is resized.
        os.environ["QT_QPA_PLATFORM"] = "xcb"
        logger.info("Using X11 (xcb) although Wayland is there; set QT_QPA_PLATFORM=wayland to override")
    problem = _x11_problem(x11)
    if problem and wayland and not chosen:
        os.environ["QT_QPA_PLATFORM"] = "wayland"
        return ""
    return problem


def _x11_problem(display: str) -> str:
    """Return why Qt's xcb plugin would end the process, which it does without an exception; empty if it won't."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return ""  # Qt brings its own or says so itself
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if failed:
        return f"No display: the X server {display!r} can't be reached, so no window can be opened. {HEADLESS_HINT}"
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return (
            "No window can be opened: Qt needs the library libxcb-cursor.so.0, which is missing "
            f"(Debian and Ubuntu: apt install libxcb-cursor0). {HEADLESS_HINT}"
        )
    return ""
